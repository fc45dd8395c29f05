"""Writes a template as an XLSX: headings that explain themselves, drop-down lists, codes kept as text."""

import datetime as dt
import io
import re
import zipfile
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from observatory.blanks import DATA, GUIDE_HEADER, GUIDE_SHEET, LISTS, ROOM, STILL, Blank, Column
from observatory.sheets import letters

TEXT, DATE = "@", "yyyy-mm-dd"
GUIDE_WIDTHS = (24, 30, 12, 40, 28, 80)
FIRST_DAY, LAST_DAY = "2", "2958465"  # 1900-01-01 and 9999-12-31 as spreadsheets count days
MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def render_xlsx(template: Blank) -> bytes:
    """The template as an XLSX; the same template gives the same bytes."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = DATA
    book.properties.creator = "Observatoire"
    book.properties.title = template.title
    sheet.append([column.name for column in template.columns])
    for row in template.rows:
        sheet.append([_value(column, text) for column, text in zip(template.columns, row, strict=True)])
    _write_guide(book.create_sheet(GUIDE_SHEET), template)
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    last = len(template.rows) + 1 + ROOM
    for place, column in enumerate(template.columns, start=1):
        _dress(sheet, place, column, len(template.rows) + 1)
        _hold(sheet, lists, place, column, last)
    sheet.freeze_panes = "A2"
    target = io.BytesIO()
    book.save(target)
    return _stilled(target.getvalue(), template.date)


def _value(column: Column, text: str) -> str | float | dt.date | None:
    """The cell as a spreadsheet types it, when that loses nothing of the text."""
    kind = column.kind_of(text)
    if kind == "number":
        return float(text) if "." in text else int(text)
    if kind == "date":
        return dt.date.fromisoformat(text)
    return text or None


def _dress(sheet: Any, place: int, column: Column, last: int) -> None:
    """Heading with its note, width, and format of every cell of the column."""
    heading = sheet.cell(1, place)
    heading.font = Font(bold=True, color="FFFFFF")
    heading.fill = PatternFill("solid", fgColor="1D4ED8" if column.required else "475569")
    heading.comment = Comment(column.note, "Observatoire", width=360, height=160)
    width = sheet.column_dimensions[letters(place)]
    width.width = min(60, max(12, len(column.name) + 4, len(column.example) + 2))
    form = DATE if column.type == "date" else "General" if column.is_number else TEXT
    width.number_format = form
    for row in range(2, last + 1):
        cell = sheet.cell(row, place)
        cell.number_format = form
        if form == TEXT and cell.value is not None:
            cell.data_type = "s"  # a text that begins with = is no formula


def _hold(sheet: Any, lists: Any, place: int, column: Column, last: int) -> None:
    """Holds the cells of a column to its closed list, its bounds or its type."""
    rule = _validation(lists, place, column)
    if rule is None:
        return
    rule.errorTitle, rule.error = column.title[:32], (f"Attendu : {column.rules}."[:220])
    rule.showErrorMessage, rule.errorStyle = True, "warning" if column.open else "stop"
    rule.add(f"{letters(place)}2:{letters(place)}{last}")
    sheet.add_data_validation(rule)


def _validation(lists: Any, place: int, column: Column) -> DataValidation | None:
    if column.choices:
        for row, choice in enumerate(column.choices, start=1):
            cell = lists.cell(row, place, choice)
            cell.number_format, cell.data_type = TEXT, "s"
        area = f"{LISTS}!${letters(place)}$1:${letters(place)}${len(column.choices)}"
        return DataValidation(type="list", formula1=area, allow_blank=True)
    if column.type == "date":
        return DataValidation(type="date", operator="between", formula1=FIRST_DAY, formula2=LAST_DAY, allow_blank=True)
    if not column.is_number:
        return None
    kind = "whole" if column.type == "integer" else "decimal"
    low, high = column.bounds
    return DataValidation(type=kind, operator="between", formula1=low, formula2=high, allow_blank=True)


def _write_guide(sheet: Any, template: Blank) -> None:
    sheet.append([template.title])
    for line in template.guide:
        sheet.append([line])
    sheet.append([])
    sheet.append(GUIDE_HEADER)
    top = sheet.max_row
    for column in template.columns:
        sheet.append(column.guide)
    sheet["A1"].font = Font(bold=True, size=14)
    for place, width in enumerate(GUIDE_WIDTHS, start=1):
        sheet.cell(top, place).font = Font(bold=True)
        sheet.column_dimensions[letters(place)].width = width
    for row in sheet.iter_rows(min_row=top + 1):
        for cell in row:
            cell.number_format = TEXT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.value is not None:
                cell.data_type = "s"


def _stilled(data: bytes, date: str) -> bytes:
    """The same workbook without the hour at which it was written."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as still:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                content = MOMENT.sub(rb"\g<1>" + f"{date}T00:00:00Z".encode(), content)
            still.writestr(zipfile.ZipInfo(info.filename, STILL), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
