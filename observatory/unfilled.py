"""Rows of a template that nobody filled in: they hold their key and nothing else, and are not given."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

import numpy as np

from observatory.columns import TableRows, flagged
from observatory.french import count
from observatory.sheets import Sheet

NAMED = 20  # runs of lines named in the message


def leave_out_unfilled(sheet: Sheet, key: Collection[int]) -> bool:
    """Takes out of the table the rows that are empty but for the columns of these positions; whether there are any."""
    others = [position for position in range(len(sheet.header)) if position not in key]
    rows = sheet.rows
    if not key or not others or not isinstance(rows, TableRows):
        return False
    empty = np.ones(len(rows), dtype=np.bool_)
    for position in others:
        column = rows.columns[position]
        empty &= flagged(column, [code for code, text in enumerate(column.values) if not text.strip()])
    if not empty.any():
        return False
    lines = np.asarray(sheet.lines, dtype=np.int64)
    given = np.flatnonzero(~empty)
    left = lines[empty].tolist()
    sheet.rows = TableRows([column.taken(given) for column in rows.columns], len(given))
    sheet.lines = lines[given].tolist()
    value = count(len(left), "ligne n'a que sa clé", "lignes n'ont que leur clé")
    sheet.report("row-unfilled", left[0], value=value, rows=_named(left))
    if not len(given):
        sheet.report("no-data-row", sheet.header_line)
    return True


def _named(lines: Sequence[int]) -> str:
    """« 3, 5-9, 12 »: the first runs of lines."""
    runs = list(islice(_runs(lines), NAMED + 1))
    texts = [f"{first}-{last}" if last > first else f"{first}" for first, last in runs[:NAMED]]
    return ", ".join(texts) + (", …" if len(runs) > NAMED else "")


def _runs(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of lines that follow one another."""
    first = last = lines[0]
    for line in lines[1:]:
        if line > last + 1:
            yield first, last
            first = line
        last = line
    yield first, last
