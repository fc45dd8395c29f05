"""How a table that bears none of our names is laid out, as the widths of its lines tell."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from observatory import figures

MOSTLY = 0.6  # share of the lines that must have one width for a delimiter to be told by it


class Cut(NamedTuple):
    """What a delimiter makes of some lines: the share of them that have the commonest width, and that width."""

    share: float = 0.0
    width: int = 1


def cut(lines: Iterable[str], delimiter: str) -> Cut:
    """How evenly the delimiter cuts the lines that are not blank; a width of one cuts nothing."""
    widths = [len(cells(line, delimiter)) for line in lines if line.strip()]
    width = _commonest(widths)
    return Cut(widths.count(width) / len(widths), width) if width > 1 else Cut()


def likeliest_delimiter(lines: Sequence[str], declared: str, others: Iterable[str]) -> str:
    """The sign that cuts most lines into one width, the greater one when several do; the declared one in doubt."""
    best = max([declared, *others], key=lambda sign: cut(lines, sign))
    return best if cut(lines, best).share >= MOSTLY else declared


def header_place(records: Sequence[Sequence[str]]) -> int:
    """Place of the first record as wide as most are, when it reads as a header and only titles and notes precede it.

    0 when the first record may be the header, or when nothing is clear.
    """
    width = _commonest([_reach(record) for record in records])
    for place, record in enumerate(records if width > 1 else ()):
        filled = [cell for cell in record if cell.strip()]
        if _reach(record) >= width:
            is_header = 2 * len(filled) > width and not any(map(is_figure, filled))
            return place if is_header else 0
        if len(filled) > max(1, width // 2):
            return 0
    return 0


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line, however its quotes are."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _commonest(widths: Iterable[int]) -> int:
    """The commonest width above one, the greatest of several; 1 when there is none."""
    counts = Counter(width for width in widths if width > 1)
    return max(counts, key=lambda width: (counts[width], width), default=1)


def _reach(record: Sequence[str]) -> int:
    """The width of a record without the empty cells at its end, which spreadsheets add."""
    return max((place for place, cell in enumerate(record, start=1) if cell.strip()), default=0)


def is_figure(cell: str) -> bool:
    """Whether the cell is a number, however it is written."""
    return figures.plain(cell.strip(), "number") is not None
