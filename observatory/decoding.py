"""Opens contributed files: bounded size, known encoding, and nothing that only looks like a table."""

from pathlib import Path

from observatory.french import number
from observatory.problems import shown
from observatory.sheets import Dialect, Record, Sheet

MAX_BYTES = 100_000_000
MAGIC = {b"PK\x03\x04": "XLSX ou ODS", b"\xd0\xcf\x11\xe0": "XLS", b"%PDF": "PDF", b"\x1f\x8b": "GZIP"}
NOT_TEXT = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r")) + b"\x7f"
HEAD = 8192  # bytes in which a binary file shows itself
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def opened(path: Path, sheet: Sheet, dialect: Dialect) -> str | list[Record] | None:
    """The text of the file, or the records of a spreadsheet; None, once said why, when it cannot be read."""
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
    return _without_nul(_decoded(data, sheet, dialect.encoding), sheet)


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
