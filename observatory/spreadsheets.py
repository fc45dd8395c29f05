"""Writes rows of the database for a spreadsheet: XLSX with typed cells, or CSV as French spreadsheets open it.

A text stays a text: codes keep their zeros, and what begins with = + - @ is never a formula.
"""

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from observatory.languages import gettext as _
from observatory.sheets import letters

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
LONGEST = 32_767  # characters that a cell of a spreadsheet can hold
EXACT = 10**15  # whole numbers from there on lose digits in a spreadsheet
FIRST_DAY = dt.date(1900, 3, 1)  # before, spreadsheets count days from a February 29th that never was
MOST_CELLS, MOST_CHARACTERS = 100_000, 20_000_000  # of a file: a second of work, whatever the query
NARROWEST, WIDEST, LOOKED_AT = 8, 60, 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TEXT, DATE = "@", "yyyy-mm-dd"


@dataclass(frozen=True)
class Sheet:
    """What a download holds: its columns, its rows, the columns that are dates, and what its reader must know.

    `heads` are the titles of the columns where a reader sees those rather than their names, one for each.
    `notes` are the pairs (what, text) of the sheet « À lire », `dictionary` the columns one by one.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    dates: frozenset[str] = frozenset()
    notes: Sequence[tuple[str, str]] = ()
    heads: Sequence[str] = ()
    dictionary: Sequence[Mapping[str, str]] = field(default_factory=list)


def bounded(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """The first rows that one file may hold: those of any table do, those of a hostile query may not."""
    cells = characters = 0
    for place, row in enumerate(rows):
        cells += len(row)
        characters += sum(min(len(value), LONGEST) for value in row if isinstance(value, str | bytes))
        if cells > MOST_CELLS or characters > MOST_CHARACTERS:
            return rows[:place]
    return rows


def xlsx(sheet: Sheet) -> bytes:
    """The workbook: the rows on a first sheet, what must be known of them on a second."""
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = sheet.title[:250], "Observatoire"
    _write_rows(book.create_sheet(_("Données")), sheet)
    _write_notes(book.create_sheet(_("À lire")), sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def tableur(sheet: Sheet) -> bytes:
    """The rows as CSV with semicolons, a byte order mark and decimal commas.

    It is for spreadsheets set in French, which read « 88.6 » as a text and « 1.2 » as the first of February: whoever
    wants the bytes of the database takes the ordinary CSV. A text that would be a formula is led by an apostrophe.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([_harmless(name) for name in sheet.columns])
    writer.writerows([_french(value) for value in row] for row in sheet.rows)
    return target.getvalue().encode("utf-8-sig")


def _french(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    return str(value) if isinstance(value, int) else _harmless(_plain(value))


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(FORMULA) else text


def _plain(value: Any) -> str:
    """A text, or what stands for a value that is none."""
    return _("(binaire, {size} octets)").format(size=len(value)) if isinstance(value, bytes) else str(value)


def _write_rows(page: Any, sheet: Sheet) -> None:
    page.freeze_panes = "A2"
    for place, width in enumerate(_widths(sheet), start=1):
        page.column_dimensions[letters(place)].width = width
    page.append([_text(page, name, bold=True) for name in sheet.heads or sheet.columns])
    dates = [name in sheet.dates for name in sheet.columns]
    for row in sheet.rows:
        page.append([_cell(page, value, dated) for value, dated in zip(row, dates, strict=True)])
    if sheet.columns:
        page.auto_filter.ref = f"A1:{letters(len(sheet.columns))}{len(sheet.rows) + 1}"


def _widths(sheet: Sheet) -> Iterator[int]:
    for place, name in enumerate(sheet.heads or sheet.columns):
        longest = max([len(str(row[place])[:WIDEST]) for row in sheet.rows[:LOOKED_AT]], default=0)
        yield min(WIDEST, max(NARROWEST, len(name) + 3, longest + 2))


def _cell(page: Any, value: Any, dated: bool) -> Any:
    """A number as a number, a whole date of a column of dates as a date, all else as a text."""
    if value is None:
        return None
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int) and abs(value) < EXACT:
        return int(value)
    day = _day(value) if dated else None
    if day is None:
        return _text(page, _plain(value))
    cell = WriteOnlyCell(page, day)
    cell.number_format = DATE
    return cell


def _day(value: Any) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return day if day >= FIRST_DAY else None


def _text(page: Any, text: str, bold: bool = False, wrapped: bool = False) -> Any:
    cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:LONGEST])
    cell.data_type, cell.number_format = "s", TEXT  # neither a formula nor an error, whatever it begins with
    if bold:
        cell.font = Font(bold=True)
    if wrapped:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _write_notes(page: Any, sheet: Sheet) -> None:
    for place, width in enumerate((28, 60, 18, 70), start=1):
        page.column_dimensions[letters(place)].width = width
    page.append([_text(page, sheet.title, bold=True)])
    for what, said in sheet.notes:
        page.append([_text(page, what, bold=True), _text(page, said, wrapped=True)])
    if sheet.dictionary:
        page.append([])
        heads = (_("Colonne"), _("Titre"), _("Type"), _("Description"))
        page.append([_text(page, head, bold=True) for head in heads])
    for column in sheet.dictionary:
        page.append([_text(page, column[key], wrapped=True) for key in ("name", "title", "type", "description")])
