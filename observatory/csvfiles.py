"""Reads a CSV file once, strictly: bytes → records and their physical line, and all that is wrong with its form.

Frictionless calls a file with an unclosed quote valid and counts records, not lines: hence this reader.
It goes on after each fault, so that one reading tells them all.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from observatory.decoding import opened
from observatory.problems import shown
from observatory.sheets import Dialect, Record, Sheet

MAX_CELL = 10_000
MAX_SPAN = 200  # lines that a quoted cell may span before its quote is held to be unclosed
HEADER_WITHIN = 20  # lines
DELIMITERS = {",": "une virgule", ";": "un point-virgule", "\t": "une tabulation", "|": "une barre verticale"}


def read_sheet(path: Path, file: str, dialect: Dialect, names: Sequence[str]) -> Sheet:
    """The records of the CSV file and the problems of its form; `names` are the columns of its schema."""
    sheet = Sheet(file)
    content = opened(path, sheet, dialect)
    if content is None:
        return sheet
    if not (content.strip() if isinstance(content, str) else content):
        sheet.report("file-empty", None)
        return sheet
    records = content if isinstance(content, list) else _text_records(content, sheet, dialect, names)
    records = _after_preamble(records, sheet, names)
    sheet.header_line, sheet.header = records[0]
    _keep_rows(records[1:], sheet)
    if not sheet.rows and not sheet.problems:
        sheet.report("no-data-row", sheet.header_line)
    return sheet


def _text_records(text: str, sheet: Sheet, dialect: Dialect, names: Sequence[str]) -> list[Record]:
    return list(_records(text, _delimiter(text, sheet, dialect.delimiter, names), sheet))


def _delimiter(text: str, sheet: Sheet, declared: str, names: Sequence[str]) -> str:
    """The declared delimiter, or, once reported, the one that the file plainly uses instead."""
    head = [line.strip() for line in text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN]]
    found = {sign: max(_matches(line.split(sign), names) for line in head) for sign in {declared, *DELIMITERS}}
    best = max(sorted(found), key=lambda sign: found[sign])
    if found[declared] >= min(2, len(names)) or found[best] <= found[declared]:
        return declared
    line = next(n for n, text in enumerate(head, start=1) if _matches(text.split(best), names) == found[best])
    sheet.report("wrong-delimiter", line, value=_sign(best), expected=_sign(declared))
    return best


def _sign(delimiter: str) -> str:
    name = DELIMITERS.get(delimiter, f"« {delimiter} »")
    return name if delimiter == "\t" or name.startswith("«") else f"{name} ({delimiter})"


def _matches(cells: Sequence[str], names: Sequence[str]) -> int:
    return len({cell.strip(' "\r') for cell in cells} & set(names))


def _records(text: str, delimiter: str, sheet: Sheet) -> Iterator[Record]:
    """(line, cells) of each record; falls back to the patient reader from the first fault of quoting."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[Record] = []
    line = 0
    try:
        for cells in reader:
            records.append((line + 1, cells))
            line = reader.line_num
    except csv.Error:
        physical = list(io.StringIO(text, newline=""))
        yield from records
        yield from _patiently(physical, line, delimiter, sheet)
        return
    yield from records


def _patiently(physical: list[str], start: int, delimiter: str, sheet: Sheet) -> Iterator[Record]:
    """Records from line index `start` on, one strict reading each; a faulty line is read alone."""
    index = start
    while index < len(physical):
        cells, span = _strict(physical[index : index + MAX_SPAN], delimiter)
        if cells is None:
            _report_quote(physical, index, sheet, delimiter)
            cells, span = _loose(physical[index], delimiter), 1
        yield index + 1, cells
        index += span


def _strict(lines: list[str], delimiter: str) -> tuple[list[str] | None, int]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return None, 1


def _loose(line: str, delimiter: str) -> list[str]:
    """The cells of one line whose quotes mean nothing."""
    return next(csv.reader([line.replace('"', "")], delimiter=delimiter), [])


def _report_quote(physical: list[str], index: int, sheet: Sheet, delimiter: str) -> None:
    line = physical[index]
    alone = csv.reader([line], delimiter=delimiter, strict=True)
    try:
        next(alone)
    except csv.Error as error:
        if "unexpected end" not in str(error):
            place = max(line.find('"' + sign) for sign in line if sign not in f'"{delimiter}\r\n')
            sheet.report("stray-quote", index + 1, value=shown(line[place + 1 :].split(delimiter)[0].strip()))
            return
    later = next((n for n in range(index + 1, len(physical)) if '"' in physical[n]), len(physical))
    swallowed = later - index - 1
    sheet.report("unclosed-quote", index + 1, swallowed=_swallowed(swallowed))


def _swallowed(count: int) -> str:
    lines = f"les {count} lignes qui suivent" if count > 1 else "la ligne qui suit"
    return f" : il avale {lines}" if count else ""


def _after_preamble(records: list[Record], sheet: Sheet, names: Sequence[str]) -> list[Record]:
    """The records from the header on: the first one or, once reported, the one that plainly is the header."""
    scores = [_matches(cells, names) for _, cells in records[:HEADER_WITHIN]]
    best = max(range(len(scores)), key=lambda n: (scores[n], -n))
    if best == 0 or scores[0] * 2 >= scores[best] or scores[best] * 2 < len(names):
        return records
    line, cells = records[0]
    first = shown(",".join(cells).strip(",")) or "une ligne vide"
    sheet.report("preamble", line, value=first, header_line=records[best][0])
    return records[best:]


def _keep_rows(records: list[Record], sheet: Sheet) -> None:
    width = len(sheet.header)
    for line, cells in records:
        if len(cells) == width and cells != sheet.header and any(cell.strip() for cell in cells):
            sheet.rows.append(cells)
            sheet.lines.append(line)
        elif cells == sheet.header:
            sheet.report("repeated-header", line)
        elif not any(cell.strip() for cell in cells):
            sheet.report("blank-row", line)
        elif any("\n" in cell for cell in cells):
            # A cell that spans lines in a row of the wrong width: its quote closed by chance, further down.
            sheet.report("unclosed-quote", line, swallowed=_swallowed(sum(c.count("\n") for c in cells)))
        else:
            code = "missing-cell" if len(cells) < width else "extra-cell"
            sheet.report(code, line, value=_cells(len(cells)), expected=str(width))


def _cells(count: int) -> str:
    return f"{count} cellule" + ("s" if count > 1 else "")
