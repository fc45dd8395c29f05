"""Archives and workbooks that swell, lie, cite or hide; given as a file of a known dataset."""

import bz2
import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

from attacks.recipes import GOOD_ROW, Build, attack, family, raw_fibre
from repositories import HEADER

STORED = zipfile.ZIP_STORED
CSV = (HEADER + GOOD_ROW).encode()
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Feuil1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)
LAUGHS += "]>"
SECRET = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
FETCH = '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'
ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Feuille1">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def zipped(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these members."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def row(cells: Sequence[str], attributes: str = "") -> str:
    """A row of an XLSX sheet, its cells inline."""
    return f"<row{attributes}>" + "".join(f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in cells) + "</row>"


HEAD, LINE = row(HEADER.strip().split(",")), row(GOOD_ROW.strip().split(","))


def xlsx(rows: str = HEAD + LINE, before: str = "", after: str = "", doctype: str = "", **members: str) -> bytes:
    """A minimal XLSX: what stands before and after the rows of its only sheet is for the attack to say."""
    sheet = f"{doctype}<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    parts = {"[Content_Types].xml": TYPES, "xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS}
    return zipped(
        {**parts, "xl/worksheets/sheet1.xml": sheet, **{part(name): content for name, content in members.items()}}
    )


def part(name: str) -> str:
    """The name of a part, written as a word: a__b_xml is a/b.xml."""
    return (
        name.replace("___", "/_")
        .replace("__", "/")
        .replace("_xml", ".xml")
        .replace("_rels", ".rels")
        .replace("/.rels", "/_rels")
    )


def ods(rows: str, doctype: str = "") -> bytes:
    """A minimal ODS with these rows."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "content.xml": doctype + ODS.format(rows=rows)})


def ods_row(cells: Sequence[str], rows: str = "", columns: str = "") -> str:
    """A row of an ODS sheet."""
    inside = "".join(f"<table:table-cell{columns}><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
    return f"<table:table-row{rows}>{inside}</table:table-row>"


ODS_HEAD = ods_row(HEADER.strip().split(","))


def given(name: str, make: Callable[[], bytes]) -> Build:
    """The file is given, under that name, as rows of the observations; it is made only when the attack is run."""

    def build(root: Path) -> list[str]:
        path = root.parent / name
        path.write_bytes(make())
        return ["--dataset", "couverture_fibre", str(path)]

    return build


def lying(packed: bytes, method: int) -> bytes:
    """A ZIP whose only member says that it weighs a kilobyte once unpacked, whatever it really holds."""
    name, size = b"x.csv", 1_000
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, method, 0, 0, 0, len(packed), size, len(name), 0) + name
    listed = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, method, 0, 0, 0, len(packed), size, len(name), 0, 0, 0, 0, 0, 0
    )
    start = len(local) + len(packed)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(listed) + len(name), start, 0)
    return local + packed + listed + name + end


def two_gigabytes() -> bytes:
    """The raw deflate stream of two thousand million zeros: a block that repeats."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(10**6)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * 2_000 + packer.flush()


def encrypted() -> bytes:
    """A ZIP whose member claims to be encrypted."""
    data = bytearray(zipped({"x.csv": CSV}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def namesakes() -> bytes:
    """A ZIP that hides a second table under the name of the first."""
    data = zipped({"data.csv": CSV, "dat2.csv": CSV + b"x,y,z\n"})
    return data.replace(b"dat2.csv", b"data.csv")


def zeros() -> bytes:
    return bytes(3 * 10**7)


@attack("archive-refused", "replié plus de 100 fois")
def zip_bomb_as_csv(root: Path) -> list[str]:
    return raw_fibre(root, zipped({"x.csv": zeros()}))


family(
    "archive-refused",
    "",
    {
        "zip_bomb": given("x.zip", lambda: zipped({"x.csv": zeros()})),
        "zip_in_a_zip": given("x.zip", lambda: zipped({"x.zip": zipped({"x.zip": zipped({"x.csv": zeros()})})})),
        "gzip_bomb": given("x.csv.gz", lambda: gzip.compress(zeros(), 1)),
        "zip_of_many_files": given("x.zip", lambda: zipped({f"{n}.csv": "a" for n in range(20_000)}, STORED)),
        "zip_cut_short": given("x.zip", lambda: zipped({"x.csv": CSV})[:60]),
        "zip_encrypted": given("x.zip", encrypted),
        "zip_that_lies_on_its_size": given("x.zip", lambda: lying(two_gigabytes(), 8)),
        "zip_that_lies_in_bzip2": given("x.zip", lambda: lying(bz2.compress(zeros()), 12)),
        "zip_of_two_files_of_one_name": given("x.zip", namesakes),
        "gzip_that_goes_on": given("x.csv.gz", lambda: gzip.compress(CSV) + b"rm -rf"),
        "gzip_of_a_million_parts": given("x.csv.gz", lambda: gzip.compress(b"", 9) * 1_000_000),
        "gzip_bomb_in_two_parts": given("x.csv.gz", lambda: gzip.compress(CSV) + gzip.compress(zeros(), 9)),
        "zip_without_table": given("x.zip", lambda: zipped({"../../.bashrc": "touch pris", "run.exe": b"MZ"})),
    },
)
family(
    "workbook-refused",
    "il déclare des entités XML",
    {
        "xlsx_billion_laughs": given("x.xlsx", lambda: xlsx(HEAD + row(["&j;"] * 4), doctype=LAUGHS)),
        "xlsx_entity_of_a_file": given("x.xlsx", lambda: xlsx(HEAD + row(["&j;"] * 4), doctype=SECRET)),
        "xlsx_document_type_elsewhere": given("x.xlsx", lambda: xlsx(doctype=FETCH)),
        "ods_billion_laughs": given("x.ods", lambda: ods(ODS_HEAD + ods_row(["&j;"] * 4), doctype=LAUGHS)),
        "ods_entity_of_a_file": given("x.ods", lambda: ods(ODS_HEAD + ods_row(["&j;"] * 4), doctype=SECRET)),
    },
)
family(
    "workbook-refused",
    "",
    {
        "xlsx_bomb": given("x.xlsx", lambda: xlsx(row([" "]) * 2_000_000)),
        "xlsx_nested_without_end": given("x.xlsx", lambda: xlsx("<a>" * 100_000)),
        "xlsx_cell_without_end": given("x.xlsx", lambda: xlsx(HEAD + row(["x" * 3_000_000]))),
        "xlsx_cut_short": given("x.xlsx", lambda: xlsx(HEAD + "<row><c")),
        "xlsx_whose_sheet_is_elsewhere": given(
            "x.xlsx",
            lambda: xlsx(xl___rels__workbook_xml_rels=LINKS.replace("worksheets/sheet1", "../../../etc/passwd")),
        ),
    },
)
family(
    "sheet-too-large",
    "",
    {
        "ods_row_repeated_a_million_times": given(
            "x.ods", lambda: ods(ODS_HEAD + ods_row(["x"] * 4, rows=' table:number-rows-repeated="1048576"') * 50)
        ),
        "xlsx_of_many_cells": given("x.xlsx", lambda: xlsx(HEAD + busy(110_000))),
    },
)


def busy(count: int) -> str:
    """So many rows of ten different cells."""
    return "".join(f"<row>{''.join(f'<c><v>{n * 10 + m}</v></c>' for m in range(10))}</row>" for n in range(count))


@attack("formula-cell", "un tableur l'exécuterait comme une formule")
def xlsx_formula(root: Path) -> list[str]:
    cells = ["zzz", "COM-75056", "=cmd|' /C calc'!A0", "2011-01-27", "1", "", "oui", "en-cours", ""]
    heading = ["code", "ref_area", "titre", "debut", "budget", "agents", "ouverte", "etat", "page"]
    path = root.parent / "x.xlsx"
    path.write_bytes(xlsx(row(heading) + row(cells)))
    return ["--dataset", "initiatives", str(path)]


WIDE = "<cols>" + '<col min="1" max="16384" hidden="1"/>' * 200_000 + "</cols>"
MERGED = "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 100_000 + "</mergeCells>"
HIDDEN = ' table:visibility="collapse" table:number-rows-repeated="1048576"'
LAST = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
# Workbooks that lie on their extent, or that repeat what weighs nothing: any refusal will do, within the bounds.
family(
    "",
    "",
    {
        "xlsx_that_claims_every_cell": given(
            "x.xlsx", lambda: xlsx(HEAD + row(["faux"] * 4) + LAST, before='<dimension ref="A1:XFD1048576"/>')
        ),
        "xlsx_of_hidden_columns": given("x.xlsx", lambda: xlsx(HEAD + row(["faux"] * 4), before=WIDE)),
        "xlsx_of_merged_cells": given("x.xlsx", lambda: xlsx(HEAD + row(["faux"] * 4), after=MERGED)),
        "ods_cell_repeated_a_thousand_million_times": given(
            "x.ods", lambda: ods(ODS_HEAD + ods_row(["x"], columns=' table:number-columns-repeated="1000000000"'))
        ),
        "ods_of_hidden_rows": given(
            "x.ods", lambda: ods(ODS_HEAD + ods_row(["faux"] * 4) + ods_row([], rows=HIDDEN) * 100_000)
        ),
        "xlsx_that_cites_another": given(
            "x.xlsx",
            lambda: xlsx(
                HEAD + row(["faux"] * 4),
                xl__externalLinks__externalLink1_xml="<externalLink/>",
                xl__externalLinks___rels__externalLink1_xml_rels=LINKS.replace("worksheets/", "http://127.0.0.1:1/"),
            ),
        ),
    },
)
