"""Frictionless' verdict on a large CSV file at the speed of columns.

The file is screened in columns, each distinct value judged once by Frictionless' own readers; then Frictionless
itself validates an excerpt: the flagged rows, under their numbers, and the rows they double. What the screen passes
has no error; of the rest, Frictionless writes every word. Whatever the screen cannot prove, Frictionless judges alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frictionless import Dialect
from frictionless.resources import TableResource

if TYPE_CHECKING:
    from observatory.screen_rows import Sifted

SMALL = 300_000  # bytes: below, Frictionless is done before the engine of columns is even imported


class Unprovable(Exception):
    """The screen cannot answer for this file; the message says why."""


def screen(resource: Any, limit_errors: int = 0, small: int = SMALL) -> Any:
    """The report that `resource.validate(limit_errors=…)` gives, sooner; 0 (the default) sets no limit."""
    return screened(resource, limit_errors, small)[0]


def screened(resource: Any, limit_errors: int = 0, small: int = SMALL, brief: bool = False) -> tuple[Any, str]:
    """The report, and why Frictionless had to judge the whole file alone (empty: the screen did its part).

    A `brief` report that stops at the limit gives the first errors, without Frictionless' statistics.
    """
    try:
        _refuse(resource, small)
        excerpt = _excerpt(resource)
        report = excerpt.validate(limit_errors=limit_errors)
        if excerpt.sifted is None:
            raise Unprovable("the table could not be opened")
        if not excerpt.finished and not brief:
            # Its statistics stop where it stopped reading: it stops as early by itself.
            raise Unprovable("more errors than the limit")
    except Exception as reason:  # any doubt is settled by Frictionless, which raises again what it must
        return resource.validate(limit_errors=limit_errors), str(reason) or type(reason).__name__
    return report, ""


def _refuse(resource: Any, small: int) -> None:
    """Unprovable when the resource is not a closed local CSV file worth the trouble."""
    plain = isinstance(resource, TableResource) and resource.closed and not resource.compression
    if not plain or resource.format != "csv" or resource.scheme != "file" or resource.extrapaths or not resource.path:
        raise Unprovable("not one plain CSV file")
    if Path(resource.normpath).stat().st_size < small:
        raise Unprovable("a small file")


def _excerpt(resource: Any) -> "Excerpt":
    """A copy of the resource that reads only the rows that the screen flags."""
    excerpt = resource.to_copy()
    # Frictionless copies through a descriptor, which cannot name a class of ours.
    excerpt.__class__ = Excerpt
    excerpt.dialect.__class__ = NumberedDialect
    return excerpt  # type: ignore[no-any-return]


class NumberedCells(list[str]):
    """The cells of a row that knows its number in the file."""

    number = 1


class NumberedDialect(Dialect):  # type: ignore[misc]
    """Numbers rows as the file does, although only some of them are read."""

    def read_enumerated_content_stream(self, cell_stream: Any) -> Iterator[tuple[int, list[str]]]:
        """Each row after the header, with its number."""
        for number, cells in super().read_enumerated_content_stream(cell_stream):
            yield getattr(cells, "number", number), cells


class Excerpt(TableResource):  # type: ignore[misc]
    """A table of which Frictionless reads the flagged rows only, and still knows the statistics of the whole."""

    sifted: "Sifted | None" = None
    finished = False

    @property
    def cell_stream(self) -> Iterator[list[str]]:
        """The header, then the flagged rows; the file is screened when the first row is asked for."""
        return self._flagged()

    def _flagged(self) -> Iterator[list[str]]:
        from observatory.screen_rows import chosen, sift

        if not isinstance(self.dialect, NumberedDialect):
            raise Unprovable("another dialect")
        self.sifted = sift(self)
        yield NumberedCells()  # the header's place
        for number, cells in chosen(self, self.sifted):
            row = NumberedCells(cells)
            row.number = number
            yield row
        self.stats.rows = self.sifted.rows
        self.stats.bytes, self.stats.md5, self.stats.sha256 = self.sifted.file.statistics()
        self.finished = True
