"""Reads a CSV file once, strictly: bytes → columns, the physical line of each row, and all that is wrong with its form.

Frictionless calls a file with an unclosed quote valid and counts records, not lines: hence this reader.
It goes on after each fault, so that one reading tells them all. Big files whose quotes are in order are tokenised by
Arrow, which gives the same rows, lines and problems.
"""

import csv
import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from observatory import decoding, footnotes, giants, guessing
from observatory.columns import TableRows
from observatory.dictionaries import Gathering, Unsure
from observatory.french import number, percent
from observatory.headers import matched
from observatory.problems import shown
from observatory.sheets import MAX_COLUMNS, Dialect, Record, Sheet
from observatory.tokens import BLOCK, BREAK, TextStream, blocks, is_plain, placed, scanned, tokenised

MAX_CELL = 10_000
MAX_ROWS = 5_000_000
MAX_SPAN = 200  # lines that a quoted cell may span before its quote is held to be unclosed
HEADER_WITHIN = 20  # lines
HEAD = 1 << 20  # bytes, or characters, in which the header is sought
BIG = 4_000_000  # bytes from which Arrow is worth its import
DELIMITERS = {",": "une virgule", ";": "un point-virgule", "\t": "une tabulation", "|": "une barre verticale"}
LINE = re.compile(r"[^\r\n]+(?:\r\n|\r|\n)?|\r\n|\r|\n")
# Formats that begin as a heading could.
FOREIGN = tuple(magic.decode() for magic in decoding.MAGIC if magic.isascii())
Opener = Callable[[], BinaryIO]


class TooMuch(Exception):
    """The table has more rows or columns than are read; the sheet says so."""


def read_sheet(path: Path, file: str, dialect: Dialect, names: Sequence[str]) -> Sheet:
    """The rows of the CSV file and the problems of its form; `names` are the columns of its schema."""
    sheet = Sheet(file)
    try:
        if not _read_plain(path, sheet, dialect, names):
            _read_opened(path, sheet, dialect, names)
    except TooMuch:
        sheet.header = []
    footnotes.leave_out_ending(sheet)
    if not len(sheet.rows) and not sheet.problems and not dialect.may_be_empty:
        sheet.report("no-data-row", sheet.header_line)
    return sheet


def _read_plain(path: Path, sheet: Sheet, dialect: Dialect, names: Sequence[str]) -> bool:
    """Reads a big file with which nothing is wrong before its rows, never held whole; False when it is not one."""
    if not BIG <= path.stat().st_size <= decoding.MAX_BYTES or dialect.encoding != "utf-8":
        return False
    with path.open("rb") as stream:
        head = stream.read(HEAD).decode(errors="ignore")
        stream.seek(0)
        if (
            head.startswith(FOREIGN)
            or not is_plain(stream)
            or _best_delimiter(head, dialect.delimiter, names) != dialect.delimiter
        ):
            return False
    return _read_columns(lambda: path.open("rb"), head, sheet, dialect.delimiter, names)


def _read_opened(path: Path, sheet: Sheet, dialect: Dialect, names: Sequence[str]) -> None:
    content = decoding.opened(path, sheet, dialect, names)
    if content is None:
        return
    if not (content.strip() if isinstance(content, str) else content):
        sheet.report("file-empty", None)
    elif isinstance(content, list):
        _read_records(iter(content), sheet, names)
    else:
        _read_text(content, sheet, dialect, names)


def _read_text(text: str, sheet: Sheet, dialect: Dialect, names: Sequence[str]) -> None:
    if giant := giants.quoted(text):
        _report_giant(giant, sheet)
        return
    head = text[:HEAD]
    delimiter = _delimiter(head, sheet, dialect.delimiter, names)
    if len(text) < BIG or not _read_columns(
        lambda: BufferedReader(TextStream(text), BLOCK), head, sheet, delimiter, names
    ):
        _read_records(_records(text, delimiter, sheet), sheet, names)


def _report_giant(giant: giants.Giant, sheet: Sheet) -> None:
    """Says why nothing of the table is read."""
    if giant.closed:
        sheet.report("cell-too-long", giant.line, length=number(giant.length), limit=number(MAX_CELL))
    else:
        sheet.report("unclosed-quote", giant.line, swallowed=_swallowed(giant.lines))


def _read_columns(stream: Opener, head: str, sheet: Sheet, delimiter: str, names: Sequence[str]) -> bool:
    """Reads the table by Arrow; False, and nothing said, when only the strict reader can tell what it holds."""
    try:
        first = list(islice(csv.reader(_lines(head), delimiter=delimiter, strict=True), HEADER_WITHIN + 1))
        cut = len(head.encode()) > HEAD - 4  # bytes of a character
        if (cut and len(first) <= HEADER_WITHIN) or not any(map(str.strip, first[0])) or _header_place(first, names):
            return False
        _bound(sheet, len(first[0]))
        with stream() as content:
            scan = scanned(blocks(content), delimiter, MAX_ROWS + 2)
        # Besides the rows, the header and perhaps what follows the last line break.
        _bound(sheet, len(first[0]), scan.records - 2)
        with stream() as content:
            found = placed(tokenised(content, delimiter, len(first[0])), scan, first[0], delimiter)
    except (Unsure, csv.Error, UnicodeError):
        return False
    sheet.header = first[0]
    _bound(sheet, len(sheet.header), found.total)
    for line, cells in found.odd:
        _report_record(line, cells, sheet)
    sheet.rows, sheet.lines = TableRows(found.columns, len(found.lines)), found.lines
    return True


def _read_records(records: Iterator[Record], sheet: Sheet, names: Sequence[str]) -> None:
    """Reads the table record by record."""
    head = _after_preamble(list(islice(records, HEADER_WITHIN)), sheet, names)
    sheet.header_line, sheet.header = head[0]
    width, header, lines = len(sheet.header), sheet.header, array("i")
    _bound(sheet, width)
    gathering = Gathering(width)
    most = MAX_ROWS
    for total, (line, cells) in enumerate(chain(head[1:], records), start=1):
        if total > most:
            _bound(sheet, width, total)
        if len(cells) == width and cells != header and any(map(str.strip, cells)):
            gathering.add(cells)
            lines.append(line)
        else:
            _report_record(line, cells, sheet)
    sheet.rows, sheet.lines = TableRows(gathering.columns(), len(lines)), lines


def _bound(sheet: Sheet, columns: int, rows: int = 0) -> None:
    """TooMuch, once reported, when the table is larger than what is read."""
    if columns <= MAX_COLUMNS and rows <= MAX_ROWS:
        return
    if columns > MAX_COLUMNS:
        sheet.report("too-many-columns", sheet.header_line, value=number(columns), expected=number(MAX_COLUMNS))
    else:
        sheet.report("too-many-rows", None, expected=number(MAX_ROWS))
    raise TooMuch


def _delimiter(head: str, sheet: Sheet, declared: str, names: Sequence[str]) -> str:
    """The declared delimiter, or, once reported, the one that the file plainly uses instead."""
    best = _best_delimiter(head, declared, names)
    if best != declared:
        lines = _first_lines(head)
        counts = [_matches(line.split(best), names) for line in lines]
        line, reason = counts.index(max(counts)) + 1, ""
        if max(counts) < min(2, len(names)):
            found = guessing.cut(lines, best)
            line = next(place for place, text in enumerate(lines, 1) if len(guessing.cells(text, best)) == found.width)
            reason = f" ({percent(found.share)} des premières lignes ont alors {found.width} colonnes)"
        sheet.report("wrong-delimiter", line, value=_sign(best), expected=_sign(declared), reason=reason)
    return best


def _best_delimiter(head: str, declared: str, names: Sequence[str]) -> str:
    lines = _first_lines(head)
    found = {sign: max(_matches(line.split(sign), names) for line in lines) for sign in {declared, *DELIMITERS}}
    best = max(sorted(found), key=lambda sign: found[sign])
    if found[best] < min(2, len(names)):
        return guessing.likeliest_delimiter(lines, declared, DELIMITERS)
    return declared if found[declared] >= min(2, len(names)) or found[best] <= found[declared] else best


def _first_lines(head: str) -> list[str]:
    return [line.rstrip("\r") for line in head.split("\n", HEADER_WITHIN)[:HEADER_WITHIN]]


def _sign(delimiter: str) -> str:
    name = DELIMITERS.get(delimiter, f"« {delimiter} »")
    return name if delimiter == "\t" or name.startswith("«") else f"{name} ({delimiter})"


def _matches(cells: Sequence[str], names: Sequence[str]) -> int:
    return matched(cells, names)


def _lines(text: str, start: int = 0) -> Iterator[str]:
    """The physical lines, with their ends."""
    return (found[0] for found in LINE.finditer(text, start))


def _records(text: str, delimiter: str, sheet: Sheet) -> Iterator[Record]:
    """(line, cells) of each record; falls back to the patient reader from the first fault of quoting."""
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    line = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            break
        yield line + 1, cells
        line = reader.line_num
    yield from _patiently(text, line, delimiter, sheet)


def _patiently(text: str, line: int, delimiter: str, sheet: Sheet) -> Iterator[Record]:
    """Records after that many lines, one strict reading each; a faulty line is read alone."""
    place = sum(map(len, islice(_lines(text), line)))
    while found := LINE.match(text, place):
        cells, lines = _strict(islice(_lines(text, place), MAX_SPAN), delimiter)
        if cells is None:
            _report_quote(text, found, line + 1, sheet, delimiter)
            cells, lines = _loose(found[0], delimiter), [found[0]]
        yield line + 1, cells
        place += sum(map(len, lines))
        line += len(lines)


def _strict(source: Iterator[str], delimiter: str) -> tuple[list[str] | None, list[str]]:
    """The cells of the first record and its physical lines; None when its quotes are at fault."""
    lines: list[str] = []

    def passing() -> Iterator[str]:
        for line in source:
            lines.append(line)
            yield line

    try:
        return next(csv.reader(passing(), delimiter=delimiter, strict=True)), lines
    except csv.Error:
        return None, lines


def _loose(line: str, delimiter: str) -> list[str]:
    """The cells of one line whose quotes mean nothing."""
    return next(csv.reader([line.replace('"', "")], delimiter=delimiter), [])


def _report_quote(text: str, found: re.Match[str], number_: int, sheet: Sheet, delimiter: str) -> None:
    line = found[0]
    alone = csv.reader([line], delimiter=delimiter, strict=True)
    try:
        next(alone)
    except csv.Error as error:
        if "unexpected end" not in str(error):
            place = max(line.find('"' + sign) for sign in set(line) if sign not in f'"{delimiter}\r\n')
            sheet.report("stray-quote", number_, value=shown(line[place + 1 :].split(delimiter)[0].strip()))
            return
    later = text.find('"', found.end())
    end = len(text) if later < 0 else later
    unended = later < 0 and found.end() < end and text[-1] not in "\r\n"
    swallowed = sum(1 for _ in BREAK.finditer(text, found.end(), end)) + unended
    sheet.report("unclosed-quote", number_, swallowed=_swallowed(swallowed))


def _swallowed(count: int) -> str:
    lines = f"les {count} lignes qui suivent" if count > 1 else "la ligne qui suit"
    return f" : il avale {lines}" if count else ""


def _after_preamble(records: list[Record], sheet: Sheet, names: Sequence[str]) -> list[Record]:
    """The records from the header on: the first one or, once reported, the one that plainly is the header."""
    best = _header_place([cells for _, cells in records], names)
    if best:
        line, cells = records[0]
        first = shown(",".join(cells).strip(",")) or "une ligne vide"
        width = len(records[best][1])
        known = 2 * _matches(records[best][1], names) >= len(names)
        reason = "" if known else f" : c'est la première de {width} cellules, comme celles qui la suivent"
        sheet.report("preamble", line, value=first, header_line=records[best][0], reason=reason)
    return records[best:]


def _header_place(records: Sequence[Sequence[str]], names: Sequence[str]) -> int:
    scores = [_matches(cells, names) for cells in records[:HEADER_WITHIN]]
    best = max(range(len(scores)), key=lambda n: (scores[n], -n))
    if scores[best] * 2 < len(names):
        return guessing.header_place(records[:HEADER_WITHIN])
    return 0 if scores[0] * 2 >= scores[best] else best


def _report_record(line: int, cells: list[str], sheet: Sheet) -> None:
    """Says why the record is no row of the table."""
    width = len(sheet.header)
    if cells == sheet.header:
        sheet.report("repeated-header", line)
    elif code := footnotes.kind(cells, width):
        sheet.report(code, line, value=footnotes.text(cells))
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
