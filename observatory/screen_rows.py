"""Sifts the rows of an open Frictionless table: those of which Frictionless may have something to say."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from frictionless.formats import CsvControl
from frictionless.vendors import stringcase

from observatory.screen import Unprovable
from observatory.screen_columns import Column, Mask
from observatory.screen_files import Pages, Ragged, batches
from observatory.screen_keys import Repeats

Numbers = npt.NDArray[np.int64]
# For each error Frictionless spells the names of its properties anew, with regular expressions: a third of its time.
stringcase.snakecase = cache(stringcase.snakecase)


@dataclass
class Sifted:
    """Numbers (the header is 1) of the rows to look at, among how many, in what file."""

    numbers: Numbers
    rows: int
    file: Pages
    one_line_each: bool


@dataclass
class Keys:
    """What the table's keys ask: columns that must be unique together, and keys of several columns to look up."""

    repeats: list[tuple[list[int], Repeats]] = field(default_factory=list)
    foreign: list[tuple[list[int], Any]] = field(default_factory=list)


def sift(table: Any) -> Sifted:
    """The rows of an open table that may be at fault, and those that they may double; Unprovable if in doubt."""
    dialect = _dialect(table)
    keys, columns = _keys(table)
    try:
        return _sift(Path(table.normpath), dialect, keys, columns)
    finally:
        for _, repeats in keys.repeats:
            repeats.close()


def _sift(path: Path, dialect: Any, keys: Keys, columns: Sequence[Column]) -> Sifted:
    pages, ragged = Pages(path), Ragged()
    flagged: list[Numbers] = []
    count = 0
    for batch in batches(path, len(columns), dialect.delimiter, ragged):
        mask = _judge(batch, columns, keys)
        if mask is not None:
            flagged.append(count + np.flatnonzero(mask))
        count += batch.num_rows
    pages.wait()
    _judge_ragged(ragged, columns, keys, dialect)
    shared = [repeats.rows() for _, repeats in keys.repeats]
    places = np.unique(np.concatenate([np.zeros(0, np.int64), *flagged, *shared]))
    torn = np.array(sorted(number for number, _ in ragged.rows), np.int64)
    rows = count + len(torn)
    one_line_each = pages.lines == rows + 1
    _refuse(pages, one_line_each)
    numbers = np.sort(np.concatenate([_numbers(places, torn), torn]))
    return Sifted(numbers, rows, pages, one_line_each)


def chosen(table: Any, sifted: Sifted) -> Iterator[tuple[int, list[str]]]:
    """The flagged rows and their numbers, cut by the reader that Frictionless itself uses."""
    if not len(sifted.numbers):
        return
    mask = np.zeros(int(sifted.numbers[-1]), np.uint8)
    mask[sifted.numbers - 1] = 1
    with Path(table.normpath).open(encoding=table.encoding, newline="") as stream:
        dialect = _dialect(table)
        if sifted.one_line_each:
            rows: Iterator[list[str]] = csv.reader(compress(stream, mask.tobytes()), dialect)
        else:
            rows = compress(csv.reader(stream, dialect), mask.tobytes())
        yield from zip(sifted.numbers.tolist(), rows, strict=True)


def _dialect(table: Any) -> Any:
    """How Frictionless cuts the file; Unprovable when pyarrow might cut it otherwise."""
    dialect = CsvControl.from_dialect(table.dialect).to_python()
    usual = dialect.quotechar == '"' and dialect.doublequote and not dialect.escapechar and not dialect.skipinitialspace
    if not usual or len(dialect.delimiter) != 1 or not dialect.delimiter.isascii() or dialect.delimiter in '\r\n"':
        raise Unprovable("a dialect of its own")
    if table.encoding not in ("utf-8", "utf-8-sig"):
        raise Unprovable("not UTF-8")
    layout = table.dialect
    if layout.comment_char or layout.comment_rows or layout.skip_blank_rows:
        raise Unprovable("rows that do not count")
    if not layout.header or layout.header_rows != [1] or not layout.header_case:
        raise Unprovable("a header of its own")
    return dialect


def _keys(table: Any) -> tuple[Keys, list[Column]]:
    """The keys that Frictionless checks of this table, and the judges of its columns."""
    fields = table.header.get_expected_fields()
    names = [entry.name for entry in fields]
    labels = table.labels
    if not labels or len(labels) != len(names) or len(set(names)) != len(names):
        raise Unprovable("labels and fields do not pair")
    if any(sign in label for label in labels for sign in "\r\n"):
        raise Unprovable("a header of several lines")
    groups = [[place] for place, entry in enumerate(fields) if entry.constraints.get("unique")]
    if table.schema.primary_key and set(table.schema.primary_key) <= set(names):
        groups.append([names.index(name) for name in table.schema.primary_key])
    single: dict[int, list[Any]] = {}
    keys = Keys()
    for key in table.schema.foreign_keys:
        known = table.lookup.get(key["reference"]["resource"], {}).get(tuple(key["reference"]["fields"]))
        if known is None or not set(key["fields"]) <= set(names):
            continue
        places = [names.index(name) for name in key["fields"]]
        if len(places) == 1:
            single.setdefault(places[0], []).append(known)
        else:
            keys.foreign.append((places, known))
    keyed, kept = {place for group in groups for place in group}, {p for places, _ in keys.foreign for p in places}
    columns = [
        Column(entry, single.get(place, ()), place in keyed, place in kept) for place, entry in enumerate(fields)
    ]
    keys.repeats = [(group, Repeats(len(group))) for group in groups]
    return keys, columns


def _judge(batch: Any, columns: Sequence[Column], keys: Keys) -> Mask | None:
    """Which rows of the batch are to be looked at."""
    judged = [column.judge(cells) for column, cells in zip(columns, batch.columns, strict=True)]
    masks = [flagged for flagged, _ in judged if flagged is not None]
    for places, repeats in keys.repeats:
        empty = repeats.add([codes for place in places if (codes := judged[place][1]) is not None])
        if empty is not None:
            masks.append(empty)
    masks += [_strangers(batch, columns, places, known) for places, known in keys.foreign]
    if not any(column.filled for column in columns):
        masks += _blank(batch, columns)
    return np.logical_or.reduce(masks) if masks else None


def _blank(batch: Any, columns: Sequence[Column]) -> list[Mask]:
    """Rows of which every cell may be empty, if there are any."""
    blank = np.ones(batch.num_rows, np.bool_)
    for column, cells in zip(columns, batch.columns, strict=True):
        blank &= column.blank(cells)
        if not blank.any():
            return []
    return [blank]


def _strangers(batch: Any, columns: Sequence[Column], places: Sequence[int], known: Any) -> Mask:
    """Rows whose key of several columns the other table lacks."""
    typed = [columns[place].typed(batch.column(place)) for place in places]
    if math.prod(len(values) for values, _ in typed) > 1 << 62:
        raise Unprovable("a key of too many columns")
    combined = np.zeros(batch.num_rows, np.int64)
    for values, where in typed:
        combined = combined * len(values) + where
    distinct, first, back = np.unique(combined, return_index=True, return_inverse=True)
    lacking = np.zeros(len(distinct), np.bool_)
    for index, row in enumerate(first.tolist()):
        cells = tuple(values[where[row]] for values, where in typed)
        lacking[index] = set(cells) != {None} and cells not in known
    return lacking[back]


def _judge_ragged(ragged: Ragged, columns: Sequence[Column], keys: Keys, dialect: Any) -> None:
    """Rows of the wrong width are looked at anyway; their keys may be those of others."""
    for _, text in ragged.rows if keys.repeats else ():
        if text.count('"') % 2:
            raise Unprovable("a quote that does not close")
        cells = next(csv.reader(io.StringIO(text, newline=""), dialect), [])
        for places, repeats in keys.repeats:
            repeats.add_other([columns[p].read(cells[p] if p < len(cells) else None) for p in places])


def _refuse(pages: Pages, one_line_each: bool) -> None:
    if pages.quotes % 2:
        raise Unprovable("a quote that does not close")
    if pages.torn and not one_line_each:
        raise Unprovable("a line end that pyarrow would tear")


def _numbers(places: Numbers, torn: Numbers) -> Numbers:
    """Numbers in the file of rows given by their place among those of the right width."""
    gaps = torn - 2 - np.arange(len(torn))
    return places + np.searchsorted(gaps, places, side="right") + 2
