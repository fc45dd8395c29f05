"""ODS with typed cells: the rows on the first sheets, what must be known of them on the last."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from observatory import ods_parts
from observatory.languages import gettext as _
from observatory.outputs import Download
from observatory.outputs.as_tableur import plain
from observatory.outputs.as_xlsx import EXACT, MOST_ROWS, Losses, day_of, dictionary_heads, legible

TITLE = "LibreOffice (ODS)"
FILE_TYPE = "ODS"
ENDING, TYPE, NEEDS = ".ods", ods_parts.MIME, ()
STYLES = (
    '<office:automatic-styles><number:date-style style:name="iso"><number:year number:style="long"/>'
    '<number:text>-</number:text><number:month number:style="long"/><number:text>-</number:text>'
    '<number:day number:style="long"/></number:date-style>'
    '<number:text-style style:name="asis"><number:text-content/></number:text-style>'
    '<style:style style:name="text" style:family="table-cell" style:data-style-name="asis"/>'
    '<style:style style:name="date" style:family="table-cell" style:data-style-name="iso"/>'
    '<style:style style:name="head" style:family="table-cell" style:data-style-name="asis">'
    '<style:text-properties fo:font-weight="bold"/></style:style></office:automatic-styles>'
)
TEXT, HEAD = ' table:style-name="text"', ' table:style-name="head"'


def write(download: Download, target: BinaryIO) -> None:
    """The workbook; rows beyond what a sheet can hold go on in the next one."""
    ods_parts.save(target, {"content.xml": _content(download), "meta.xml": [ods_parts.title(download.title)]})


def _content(download: Download) -> Iterator[str]:
    yield f"{ods_parts.opened('content')}{STYLES}<office:body><office:spreadsheet>"
    rows, number, losses = download.rows(), 1, Losses()
    first = next(rows, None)
    while first is not None or number == 1:
        name = _("Données") if number == 1 else f"{_('Données')} {number}"
        held = chain([] if first is None else [first], islice(rows, MOST_ROWS - 1))
        yield from _sheet(name, [list(download.heads or download.columns)], _rows(download, held, losses))
        first, number = next(rows, None), number + 1
    yield from _sheet(_("À lire"), [[download.title]], _notes(download, losses))
    yield f"</office:spreadsheet></office:body>{ods_parts.closed('content')}"


def _sheet(name: str, heads: Sequence[Sequence[str]], rows: Iterator[str]) -> Iterator[str]:
    yield f'<table:table table:name="{name}">'
    yield from (ods_parts.row(ods_parts.cell(legible(text), HEAD) for text in head) for head in heads)
    yield from rows
    yield "</table:table>"


def _rows(download: Download, rows: Iterator[Sequence[Any]], losses: Losses) -> Iterator[str]:
    dates = [download.kinds.get(name) == "date" for name in download.columns]
    for row in rows:
        yield ods_parts.row(_cell(value, dated, losses) for value, dated in zip(row, dates, strict=True))


def _cell(value: Any, dated: bool, losses: Losses) -> str:
    """A number as a number, a whole date of a column of dates as a date, all else as a text."""
    if value is None:
        return ods_parts.EMPTY
    if isinstance(value, float) and math.isfinite(value) or isinstance(value, int) and abs(value) < EXACT:
        return _typed("float", "value", value)
    if dated and day_of(value):
        return _typed("date", "date-value", value, ' table:style-name="date"')
    return ods_parts.cell(losses.legible(plain(value)), TEXT)


def _typed(kind: str, attribute: str, value: Any, style: str = "") -> str:
    head = f'<table:table-cell{style} office:value-type="{kind}" office:{attribute}="{value}">'
    return f"{head}<text:p>{value}</text:p></table:table-cell>"


def _notes(download: Download, losses: Losses) -> Iterator[str]:
    for what, said in (*download.notes, *losses.notes()):
        yield ods_parts.row((ods_parts.cell(legible(what), HEAD), ods_parts.cell(legible(said), TEXT)))
    if download.dictionary:
        yield ods_parts.row([ods_parts.EMPTY])
        yield ods_parts.row(ods_parts.cell(text, HEAD) for text in dictionary_heads())
    for column in download.dictionary:
        keys = ("name", "title", "type", "description")
        yield ods_parts.row(ods_parts.cell(legible(column[key]), TEXT) for key in keys)
