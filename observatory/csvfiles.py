"""Reads a CSV file once, strictly: bytes → records and their physical line, and all that is wrong with its form.

Frictionless calls a file with an unclosed quote valid and counts records, not lines: hence this reader.
It goes on after each fault, so that one reading tells them all.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from observatory.french import number
from observatory.problems import Problem, kinds, problem, shown

MAX_BYTES = 100_000_000
MAX_CELL = 10_000
MAX_SPAN = 200  # lines that a quoted cell may span before its quote is held to be unclosed
HEADER_WITHIN = 20  # lines
FORM = ("fichier", "en-tête", "lignes")
KEPT = ("duplicate-key", "duplicate-value")  # at fault, yet read
DELIMITERS = {",": "une virgule", ";": "un point-virgule", "\t": "une tabulation", "|": "une barre verticale"}
MAGIC = {b"PK\x03\x04": "XLSX ou ODS", b"\xd0\xcf\x11\xe0": "XLS", b"%PDF": "PDF", b"\x1f\x8b": "GZIP"}
NOT_TEXT = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r")) + b"\x7f"
HEAD = 8192  # bytes in which a binary file shows itself
UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class Sheet:
    """A CSV file as text cells: `lines[i]` is the physical line where `rows[i]` begins."""

    file: str
    header: list[str] = field(default_factory=list)
    header_line: int = 1
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def damaged(self) -> bool:
        """Whether its form is at fault, so that what can be read of it is not to be counted."""
        return any(
            kinds()[entry.code].group in FORM and entry.severity == "error"
            for entry in self.problems
            if entry.code not in KEPT
        )

    def report(self, code: str, line: int | None, column: str | None = None, **details: object) -> None:
        """Notes a problem at that line of the file."""
        self.problems.append(problem(code, self.file, line, column, **details))


@dataclass(frozen=True)
class Dialect:
    """How the descriptor says the file is written; nothing of it is guessed."""

    delimiter: str = ","
    encoding: str = "utf-8"


def read_sheet(path: Path, file: str, dialect: Dialect, names: Sequence[str]) -> Sheet:
    """The records of the CSV file and the problems of its form; `names` are the columns of its schema."""
    sheet = Sheet(file)
    text = _text(path, sheet, dialect.encoding)
    if text is None:
        return sheet
    if not text.strip():
        sheet.report("file-empty", None)
        return sheet
    delimiter = _delimiter(text, sheet, dialect.delimiter, names)
    records = _after_preamble(list(_records(text, delimiter, sheet)), sheet, names)
    sheet.header_line, sheet.header = records[0]
    _keep_rows(records[1:], sheet)
    if not sheet.rows and not sheet.problems:
        sheet.report("no-data-row", sheet.header_line)
    return sheet


def _text(path: Path, sheet: Sheet, encoding: str) -> str | None:
    size = path.stat().st_size
    if size > MAX_BYTES:
        sheet.report("file-too-large", None, size=number(size // 10**6), limit=number(MAX_BYTES // 10**6))
        return None
    data = path.read_bytes()
    for magic, name in MAGIC.items():
        if data.startswith(magic):
            sheet.report("spreadsheet-file", None, value=name)
            return None
    if _is_binary(data[:HEAD]):
        sheet.report("binary-file", None)
        return None
    if data.startswith(UTF16):
        sheet.report("wrong-encoding", 1, value=f"0x{data[0]:02X}", reading=" : le fichier est en UTF-16")
        return data.decode("utf-16", errors="replace")
    if data.startswith(b"\xef\xbb\xbf"):
        sheet.report("byte-order-mark", 1)
        data = data[3:]
    return _without_nul(_decoded(data, sheet, encoding), sheet)


def _is_binary(head: bytes) -> bool:
    """Whether the bytes are no text: more than a few control characters, or zeros beyond what UTF-16 needs."""
    if head.startswith(UTF16):
        return False
    controls = len(head) - len(head.translate(None, NOT_TEXT))
    return controls > max(3, len(head) // 50) or head.count(0) > 0.6 * len(head)


def _decoded(data: bytes, sheet: Sheet, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        # cp1252 has five holes; whatever stands there is not worth a second fault.
        text = data.decode("cp1252", errors="replace")
        word = _word_at(text, error.start)
        reading = f" ; lu en cp1252, on y trouve « {shown(word)} »"
        sheet.report("wrong-encoding", line, value=f"0x{data[error.start]:02X}", reading=reading)
        return text


def _word_at(text: str, position: int) -> str:
    before = text[max(0, position - 30) : position].replace('"', " ")
    after = text[position : position + 30].replace('"', " ")
    for sign in ",;\t\r\n":
        before, after = before.replace(sign, " "), after.replace(sign, " ")
    return before.rpartition(" ")[2] + after.partition(" ")[0]


def _without_nul(text: str, sheet: Sheet) -> str:
    if "\0" not in text:
        return text
    for place, line in enumerate(text.split("\n"), start=1):
        if "\0" in line:
            sheet.report("nul-byte", place)
    return text.replace("\0", "")


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


def _records(text: str, delimiter: str, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each record; falls back to the patient reader from the first fault of quoting."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
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


def _patiently(physical: list[str], start: int, delimiter: str, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
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


def _after_preamble(
    records: list[tuple[int, list[str]]], sheet: Sheet, names: Sequence[str]
) -> list[tuple[int, list[str]]]:
    """The records from the header on: the first one or, once reported, the one that plainly is the header."""
    scores = [_matches(cells, names) for _, cells in records[:HEADER_WITHIN]]
    best = max(range(len(scores)), key=lambda n: (scores[n], -n))
    if best == 0 or scores[0] * 2 >= scores[best] or scores[best] * 2 < len(names):
        return records
    line, cells = records[0]
    first = shown(",".join(cells).strip(",")) or "une ligne vide"
    sheet.report("preamble", line, value=first, header_line=records[best][0])
    return records[best:]


def _keep_rows(records: list[tuple[int, list[str]]], sheet: Sheet) -> None:
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
