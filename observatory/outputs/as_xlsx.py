"""XLSX with typed cells: the rows on the first sheets, what must be known of them on the last.

A text stays a text: codes keep their zeros, and what begins with = + - @ is never a formula.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import IllegalCharacterError

from observatory.languages import gettext as _
from observatory.outputs import Download
from observatory.outputs.as_tableur import plain
from observatory.sheets import letters

TITLE = "Excel (XLSX)"
ENDING, NEEDS = ".xlsx", ()
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767  # characters that a cell of a spreadsheet can hold
MOST_ROWS = 1_048_575  # rows that a sheet can hold under its headings
EXACT = 10**15  # whole numbers from there on lose digits in a spreadsheet
FIRST_DAY = dt.date(1900, 3, 1)  # before, spreadsheets count days from a February 29th that never was
NARROWEST, WIDEST, LOOKED_AT = 8, 60, 200
TEXT, DATE = "@", "yyyy-mm-dd"


def write(download: Download, target: BinaryIO) -> None:
    """The workbook; rows beyond what a sheet can hold go on in the next one."""
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = download.title[:250], "Observatoire"
    widths, rows, number = _widths(download), download.rows(), 1
    first = next(rows, None)
    while first is not None or number == 1:
        held = chain([] if first is None else [first], islice(rows, MOST_ROWS - 1))
        _rows(book, download, widths, held, number)
        first, number = next(rows, None), number + 1
    _notes(book.create_sheet(_("À lire")), download)
    book.save(target)


def _rows(book: Any, download: Download, widths: list[int], rows: Iterable[Sequence[Any]], number: int) -> None:
    """Write the rows that a sheet can hold."""
    page = book.create_sheet(_("Données") if number == 1 else f"{_('Données')} {number}")
    page.freeze_panes = "A2"
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[letters(place)].width = width
    page.append([_text(page, name, bold=True) for name in download.heads or download.columns])
    columns = [_Column(page, download.kinds.get(name) == "date") for name in download.columns]
    held = 0
    for held, row in enumerate(rows, start=1):  # noqa: B007 (how many there were)
        page.append([column.cell(value) for column, value in zip(columns, row, strict=True)])
    if download.columns:
        page.auto_filter.ref = f"A1:{letters(len(download.columns))}{held + 1}"


def _widths(download: Download) -> list[int]:
    first = [[len(str(value)[:WIDEST]) for value in row] for row in islice(download.rows(), LOOKED_AT)]
    heads = [len(name) + 1 for name in download.heads or download.columns]
    longest = map(max, zip(heads, *first, strict=True))
    return [min(WIDEST, max(NARROWEST, length + 2)) for length in longest]


class _Column:
    """Cells of one column. A row is written at once, so that the same two, styled once, serve for every row."""

    def __init__(self, page: Any, dated: bool) -> None:
        self._dated = dated
        self._words, self._date = _text(page, ""), WriteOnlyCell(page)
        self._date.number_format = DATE

    def cell(self, value: Any) -> Any:
        """A number as a number, a whole date of a column of dates as a date, all else as a text."""
        if value is None:
            return None
        if isinstance(value, float) and math.isfinite(value):
            return value
        if isinstance(value, int) and abs(value) < EXACT:
            return int(value)
        if self._dated and (day := day_of(value)):
            self._date.value = day
            return self._date
        text = value if isinstance(value, str) else plain(value)
        try:
            self._words.value = text
        except IllegalCharacterError:
            self._words.value = legible(text)
        self._words.data_type = "s"
        return self._words


def day_of(value: Any) -> dt.date | None:
    """The day that a text is, where spreadsheets count it right."""
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return day if day >= FIRST_DAY else None


def legible(text: str) -> str:
    """The text as a cell of a spreadsheet can hold it."""
    return str(ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))[:LONGEST]


def _text(page: Any, text: str, bold: bool = False, wrapped: bool = False) -> Any:
    cell = WriteOnlyCell(page, legible(text))
    cell.data_type, cell.number_format = "s", TEXT  # neither a formula nor an error, whatever it begins with
    if bold:
        cell.font = Font(bold=True)
    if wrapped:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _notes(page: Any, download: Download) -> None:
    for place, width in enumerate((28, 60, 18, 70), start=1):
        page.column_dimensions[letters(place)].width = width
    page.append([_text(page, download.title, bold=True)])
    for what, said in download.notes:
        page.append([_text(page, what, bold=True), _text(page, said, wrapped=True)])
    if download.dictionary:
        page.append([])
        page.append([_text(page, head, bold=True) for head in dictionary_heads()])
    for column in download.dictionary:
        page.append([_text(page, column[key], wrapped=True) for key in ("name", "title", "type", "description")])


def dictionary_heads() -> tuple[str, str, str, str]:
    """Headings of the dictionary of columns."""
    return _("Colonne"), _("Titre"), _("Type"), _("Description")
