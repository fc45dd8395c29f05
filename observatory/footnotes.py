"""What spreadsheets put under a table: its source, notes for the reader, a row of totals."""

import re
from collections.abc import Sequence

from observatory.columns import TableRows
from observatory.french import key
from observatory.problems import shown
from observatory.sheets import Sheet

NOTE = re.compile(
    r"\s*(?:(?:sources?|notes?|n\.?b\.?|lecture|champ|remarques?|avertissements?|l[ée]gende|mise à jour|[ée]dit[ée])"
    r"(?: de lecture)?\s?(?::|[(–—-]|$)|\*+\s?\w|\([1-9]\)\s|[¹²³]|©)",
    re.I,
)
TOTAL = re.compile(r"(?:sous )?total(?: general| france| national)?|ensemble")


def kind(cells: Sequence[str], width: int) -> str:
    """footnote or total-row when the record is plainly that; else nothing."""
    filled = [cell for cell in cells if cell.strip()]
    first = filled[0] if filled else ""
    if TOTAL.fullmatch(key(first)):
        return "total-row"
    # A note that commas cut is no row; one in a row of the right width leaves most of it empty.
    apart = len(cells) != width or 2 * len(filled) <= max(2, width)
    return "footnote" if apart and NOTE.match(first) else ""


def text(cells: Sequence[str]) -> str:
    """The record as one text."""
    return shown(" ".join(cell.strip() for cell in cells if cell.strip()))


def leave_out_ending(sheet: Sheet) -> None:
    """Reports the last rows that are notes or totals, and takes them out of the table."""
    rows, width = sheet.rows, len(sheet.header)
    height = len(rows)
    while isinstance(rows, TableRows) and height and (code := kind(rows[height - 1], width)):
        height -= 1
        sheet.report(code, sheet.lines[height], value=text(rows[height]))
    if height < len(rows):
        sheet.rows, sheet.lines = rows[:height], sheet.lines[:height]
