"""XLSX with typed cells: the rows on the first sheets, what must be known of them on the last.

A text stays a text: codes keep their zeros, and what begins with = + - @ is never a formula.
"""

import datetime as dt
import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.outputs import Download
from observatory.outputs.as_tableur import plain
from observatory.sheets import letters

TITLE = "Excel (XLSX)"
FILE_TYPE = "XLSX"
ENDING, NEEDS = ".xlsx", ()
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767  # characters that a cell of a spreadsheet can hold
MOST_ROWS = 1_048_575  # rows that a sheet can hold under its headings
EXACT = 10**15  # whole numbers from there on lose digits in a spreadsheet
FIRST_DAY = dt.date(1900, 3, 1)  # before, spreadsheets count days from a February 29th that never was
NARROWEST, WIDEST, LOOKED_AT = 8, 60, 200
TEXT, DATE = "@", "yyyy-mm-dd"
EPOCH = dt.date(1899, 12, 30)  # the day from which spreadsheets count, once their February 29th is past
TOGETHER, KEPT = 500, 5_000  # rows written at once; texts of a column kept as they are written
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
)
FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
    'state="frozen"/></sheetView></sheetViews>'
)


def write(download: Download, target: BinaryIO) -> None:
    """The workbook; rows beyond what a sheet can hold go on in the next one.

    openpyxl makes all but the sheets of rows: these are written row by row, several times faster than it would.
    """
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = download.title[:250], "Observatoire"
    widths, rows, ranges, losses = _widths(download), download.rows(), list[str](), Losses()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        sheet = _Sheet(_Styles(book), losses, download, widths)
        first = next(rows, None)
        while first is not None or not ranges:
            held = chain([] if first is None else [first], islice(rows, MOST_ROWS - 1))
            with archive.open(_part(len(ranges) + 1), "w", force_zip64=True) as part:
                ranges.append(sheet.write(held, part))
            first = next(rows, None)
        for number, told in enumerate(ranges, start=1):
            page = book.create_sheet(_("Données") if number == 1 else f"{_('Données')} {number}")
            page.auto_filter.ref = told or None
        _notes(book.create_sheet(_("À lire")), download, losses)
        _others(book, archive, len(ranges))


def legible(text: str) -> str:
    """The text as a cell of a spreadsheet can hold it."""
    return str(ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))[:LONGEST]


@dataclass
class Losses:
    """How many cells lost something of their text, because a spreadsheet cannot hold it."""

    cut: int = 0
    replaced: int = 0

    def legible(self, text: str) -> str:
        """The text of a cell as a spreadsheet can hold it, what it loses being counted."""
        held = legible(text)
        if held != text:
            self.cut += len(text) > LONGEST
            self.replaced += held != text[:LONGEST]
        return held

    def notes(self) -> list[tuple[str, str]]:
        """What a reader must know of it, once the rows are written; nothing when nothing is lost."""
        words, found = spoken(), list[tuple[str, str]]()
        if self.cut:
            said = _("{n}. La fin de leur texte, au-delà de {most} caractères, manque ici ; elle est dans le CSV.")
            found.append((_("Cellules coupées"), said.format(n=words.number(self.cut), most=words.number(LONGEST))))
        if self.replaced:
            said = _("{n}. Ce qu’une feuille de calcul ne peut pas contenir y est remplacé par � ; le CSV le garde.")
            found.append((_("Cellules aux caractères remplacés"), said.format(n=words.number(self.replaced))))
        return found


def _part(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _others(book: Workbook, archive: zipfile.ZipFile, written: int) -> None:
    """Every part of the workbook but the sheets that are written already."""
    whole = io.BytesIO()
    book.save(whole)
    done = {_part(number) for number in range(1, written + 1)}
    with zipfile.ZipFile(whole) as made:
        for name in made.namelist():
            if name not in done:
                archive.writestr(name, made.read(name))


class _Styles:
    """Numbers of the styles of cells: a text, a heading, a date."""

    def __init__(self, book: Workbook) -> None:
        page = book.create_sheet()
        date = WriteOnlyCell(page)
        date.number_format = DATE
        self.text, self.head, self.date = _text(page, "").style_id, _text(page, "", bold=True).style_id, date.style_id
        book.remove(page)


class _Sheet:
    """Writes sheets of rows under the same headings."""

    def __init__(self, styles: _Styles, losses: Losses, download: Download, widths: Sequence[int]) -> None:
        names = download.columns
        self._letters = [letters(place) for place in range(1, len(names) + 1)]
        cells = zip(self._letters, download.heads or names, strict=True)
        heads = "".join(f'<c r="{letter}1" s="{styles.head}" {_inline(legible(head))}' for letter, head in cells)
        wide = enumerate(widths, start=1)
        shown = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in wide)
        columns = f"<cols>{shown}</cols>" if shown else ""
        self._begin = f'{HEAD}{FROZEN}{columns}<sheetData><row r="1">{heads}</row>'
        self._columns = [_Column(styles, losses, download.kinds.get(name) == "date") for name in names]

    def write(self, rows: Iterable[Sequence[Any]], target: IO[bytes]) -> str:
        """Write the rows that a sheet can hold; the range of its filter."""
        waiting, number = [self._begin], 1
        columns = list(zip(self._letters, [column.cell for column in self._columns], strict=True))
        for number, row in enumerate(rows, start=2):
            cells = [
                f'<c r="{letter}{number}"{cell(value)}'
                for (letter, cell), value in zip(columns, row, strict=True)
                if value is not None
            ]
            waiting.append(f'<row r="{number}">{"".join(cells)}</row>')
            if len(waiting) >= TOGETHER:
                target.write("".join(waiting).encode())
                waiting.clear()
        told = f"A1:{self._letters[-1]}{number}" if self._letters else ""
        waiting.append(f"</sheetData>{f'<autoFilter ref={quoteattr(told)}/>' if told else ''}</worksheet>")
        target.write("".join(waiting).encode())
        return told


def _widths(download: Download) -> list[int]:
    first = [[len(str(value)[:WIDEST]) for value in row] for row in islice(download.rows(), LOOKED_AT)]
    heads = [len(name) + 1 for name in download.heads or download.columns]
    longest = map(max, zip(heads, *first, strict=True))
    return [min(WIDEST, max(NARROWEST, length + 2)) for length in longest]


class _Column:
    """Cells of one column, from their style on; those of the same text are written once."""

    def __init__(self, styles: _Styles, losses: Losses, dated: bool) -> None:
        self._styles, self._losses, self._dated = styles, losses, dated
        self._known: dict[str, str] = {}

    def cell(self, value: Any) -> str:
        """A number as a number, a whole date of a column of dates as a date, all else as a text."""
        if isinstance(value, str):
            return self._known.get(value) or self._words(value)
        if isinstance(value, float) and math.isfinite(value):
            return f"><v>{value!r}</v></c>"
        if isinstance(value, int) and abs(value) < EXACT:
            return f"><v>{int(value)}</v></c>"
        return self._words(plain(value))

    def _words(self, text: str) -> str:
        if self._dated and (day := day_of(text)):
            written = f' s="{self._styles.date}"><v>{(day - EPOCH).days}</v></c>'
        else:
            held = self._losses.legible(text)
            written = f' s="{self._styles.text}" {_inline(held)}'
            if held != text:
                return written  # counted each time
        if len(self._known) < KEPT and len(text) < 200:
            self._known[text] = written
        return written


def _inline(text: str) -> str:
    said = escape(text, {"\r": "&#13;"})
    return f't="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


def day_of(value: Any) -> dt.date | None:
    """The day that a text is, where spreadsheets count it right."""
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return day if day >= FIRST_DAY else None


def _text(page: Any, text: str, bold: bool = False, wrapped: bool = False) -> Any:
    cell = WriteOnlyCell(page, legible(text))
    cell.data_type, cell.number_format = "s", TEXT  # neither a formula nor an error, whatever it begins with
    if bold:
        cell.font = Font(bold=True)
    if wrapped:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _notes(page: Any, download: Download, losses: Losses) -> None:
    for place, width in enumerate((28, 60, 18, 70), start=1):
        page.column_dimensions[letters(place)].width = width
    page.append([_text(page, download.title, bold=True)])
    for what, said in (*download.notes, *losses.notes()):
        page.append([_text(page, what, bold=True), _text(page, said, wrapped=True)])
    if download.dictionary:
        page.append([])
        page.append([_text(page, head, bold=True) for head in dictionary_heads()])
    for column in download.dictionary:
        page.append([_text(page, column[key], wrapped=True) for key in ("name", "title", "type", "description")])


def dictionary_heads() -> tuple[str, str, str, str]:
    """Headings of the dictionary of columns."""
    return _("Colonne"), _("Titre"), _("Type"), _("Description")
