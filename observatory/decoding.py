"""Opens contributed files: bounded size, and a way in for each form that a table may have."""

import re
from collections.abc import Sequence
from pathlib import Path

from observatory.archives import Archive, Unreadable, gunzipped, unzipped
from observatory.encodings import decoded
from observatory.french import number
from observatory.problems import shown
from observatory.sheets import Dialect, Record, Sheet

MAX_BYTES = 200_000_000
ZIP, GZIP, OLE = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
NOT_TEXT = bytes(set(range(1, 32)) - set(b"\t\n\v\f\r")) + b"\x7f"
MAX_LINE = 10_000_000  # bytes; a thousand columns of the longest cells
HEAD = 8192  # bytes in which a binary file shows itself
UTF16 = (b"\xff\xfe", b"\xfe\xff")
MARKUP = re.compile(rb"\s*<(?:!doctype\s+html|html|head|table|\?xml)\b", re.I)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OLD = "un classeur d'avant 2007 (XLS)"
LOCKED = "un classeur protégé par un mot de passe"
MAGIC = {
    b"%PDF": "un document PDF",
    b"7z\xbc\xaf\x27\x1c": "une archive 7z",
    b"Rar!\x1a": "une archive RAR",
    b"BZh91AY&SY": "une archive bzip2",
    b"\xfd7zXZ": "une archive xz",
    b"SQLite format 3\0": "une base SQLite",
    b"PAR1\x15": "un fichier Parquet",
}
# A member that only this format has → its name.
FOREIGN = {
    "xl/workbook.bin": "un classeur XLSB",
    "word/document.xml": "un document Word",
    "ppt/presentation.xml": "une présentation PowerPoint",
    "index/document.iwa": "un classeur Numbers",
    "index.zip": "un classeur Numbers",
}
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def opened(path: Path, sheet: Sheet, dialect: Dialect, names: Sequence[str] = ()) -> str | list[Record] | None:
    """The text of the file, or the records of a workbook; None, once said why, when it cannot be read.

    `names` are the columns of the schema, by which the sheet of a workbook is known.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        sheet.report("file-too-large", None, size=number(size // 10**6), limit=number(MAX_BYTES // 10**6))
        return None
    data = path.read_bytes()
    try:
        if data.startswith(ZIP):
            return _packed(data, path, sheet, dialect, names)
        if data.startswith(GZIP):
            sheet.report("zipped-file", None, value="GZIP", member="son contenu")
            data = gunzipped(data)
        return _text(data, sheet, dialect)
    except Unreadable as refusal:
        sheet.report(refusal.code, None, **refusal.details)
        return None


def _packed(data: bytes, path: Path, sheet: Sheet, dialect: Dialect, names: Sequence[str]) -> str | list[Record] | None:
    """What a ZIP holds: a workbook, or a CSV that someone has packed."""
    archive = Archive(data)
    if found := next((name for member, name in FOREIGN.items() if member in archive), None):
        raise Unreadable("format-refused", value=found)
    if kind := _workbook(archive):
        from observatory.workbooks import read_workbook

        archive.code = "workbook-refused"
        name, records = read_workbook(archive, sheet, dialect.sheet, names)
        code = "spreadsheet-file" if path.suffix.lower() == ".csv" else "spreadsheet-read"
        sheet.report(code, None, value=kind, sheet=shown(name))
        return records
    member, content = unzipped(data, dialect.sheet)
    sheet.report("zipped-file", None, value="ZIP", member=f"« {shown(member)} »")
    return _text(content, sheet, dialect)


def _workbook(archive: Archive) -> str:
    """XLSX, ODS, or nothing."""
    if "xl/workbook.xml" in archive:
        return "XLSX"
    if "content.xml" not in archive or "mimetype" not in archive:
        return ""
    if not archive.read("mimetype", 1000).startswith(ODS_TYPE):
        raise Unreadable("format-refused", value="un document OpenDocument qui n'est pas un classeur")
    return "ODS"


def _text(data: bytes, sheet: Sheet, dialect: Dialect) -> str | None:
    if found := _foreign(data):
        raise Unreadable("format-refused", value=found)
    if _is_binary(data[:HEAD]):
        sheet.report("binary-file", None)
        return None
    if _has_long_line(data):
        sheet.report("line-too-long", None, limit=number(MAX_LINE))
        return None
    return _without_nul(decoded(data, sheet, dialect.encoding), sheet)


def _foreign(data: bytes) -> str:
    """Name of a format that is no table of text, or nothing."""
    if data.startswith((ZIP, GZIP)):
        return "une archive dans une archive"
    if data.startswith(OLE):
        return LOCKED if ENCRYPTED in data else OLD
    if MARKUP.match(data[:HEAD]):
        return "une page HTML ou un fichier XML"
    return next((name for magic, name in MAGIC.items() if data.startswith(magic)), "")


def _has_long_line(data: bytes) -> bool:
    """Whether so many bytes follow one another without an end of line that no row can hold them."""
    start = 0
    while start + MAX_LINE < len(data):
        end = max(data.rfind(sign, start, start + MAX_LINE) for sign in (b"\n", b"\r"))
        if end < 0:
            return True
        start = end + 1
    return False


def _is_binary(head: bytes) -> bool:
    """Whether the bytes are no text: more than a few control characters, or zeros beyond what UTF-16 needs."""
    if head.startswith(UTF16):
        return False
    controls = len(head) - len(head.translate(None, NOT_TEXT))
    return controls > max(3, len(head) // 50) or head.count(0) > 0.6 * len(head)


def _without_nul(text: str, sheet: Sheet) -> str:
    if "\0" not in text:
        return text
    for place, line in enumerate(text.split("\n"), start=1):
        if "\0" in line:
            sheet.report("nul-byte", place)
    return text.replace("\0", "")
