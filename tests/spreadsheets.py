"""Workbooks written by hand for tests, so that they can hold what no library would write."""

import io
import zipfile
from pathlib import Path

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TABLE_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ODF = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(members: dict[str, str | bytes]) -> bytes:
    """A ZIP of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def xlsx(sheets: dict[str, str], **parts: str | bytes) -> bytes:
    """An XLSX of these sheets (XML of the rows, or of the whole when it begins with <?xml).

    `parts`: `styles` (format codes, one a line: style 1, 2, …), `strings` (XML of the shared texts), `book` (XML before
    the sheets), `more` (a further empty part of that name).
    """
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{name.removeprefix("~")}" sheetId="{n}" r:id="rId{n}"'
        f"{' state=' + chr(34) + 'hidden' + chr(34) if name.startswith('~') else ''}/>"
        for n, name in enumerate(names, start=1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}">{parts.get("book", "")}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
    }
    for n, rows in enumerate(sheets.values(), start=1):
        whole = rows if rows.startswith("<?xml") or "<sheetData" in rows else f"<sheetData>{rows}</sheetData>"
        if not whole.startswith("<?xml"):
            whole = f'<worksheet xmlns="{SPREADSHEET}">{whole}</worksheet>'
        members[f"xl/worksheets/sheet{n}.xml"] = whole
    if "styles" in parts:
        codes = str(parts["styles"]).split("\n")
        formats = "".join(f'<numFmt numFmtId="{n}" formatCode="{c}"/>' for n, c in enumerate(codes, start=164))
        styles = "".join(f'<xf numFmtId="{n}"/>' for n in range(164, 164 + len(codes)))
        members["xl/styles.xml"] = (
            f"<styleSheet><numFmts>{formats}</numFmts><cellStyleXfs><xf numFmtId='9'/></cellStyleXfs>"
            f"<cellXfs><xf numFmtId='0'/>{styles}</cellXfs></styleSheet>"
        )
    if "strings" in parts:
        members["xl/sharedStrings.xml"] = f"<sst>{parts['strings']}</sst>"
    if "more" in parts:
        members[str(parts["more"])] = "<x/>"
    return zipped(members)


def row(*cells: str) -> str:
    """A row of an XLSX: numbers as numbers, texts as inline texts, XML as it is."""
    return f"<row>{''.join(cell if cell.startswith('<') else _cell(cell) for cell in cells)}</row>"


def _cell(text: str) -> str:
    if text.lstrip("-").replace(".", "", 1).isdigit() and (text == "0" or text[0] != "0" or "." in text):
        return f"<c><v>{text}</v></c>"
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>' if text else "<c/>"


def grid(rows: list[list[str]]) -> str:
    """The rows of an XLSX."""
    return "".join(row(*cells) for cells in rows)


def ods(tables: dict[str, str], styles: str = "", **members: str | bytes) -> bytes:
    """An ODS of these tables (XML of the rows); that of a name in ~ is hidden."""
    names = "".join(f' xmlns:{p}="{ODF}:{p}:1.0"' for p in ("office", "table", "text", "style", "number"))
    listed = "".join(
        f'<table:table table:name="{name.removeprefix("~")}"'
        f"{' table:style-name=' + chr(34) + 'off' + chr(34) if name.startswith('~') else ''}>{rows}</table:table>"
        for name, rows in tables.items()
    )
    styles += '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
    content = (
        f'<?xml version="1.0"?><office:document-content{names} xmlns:calcext="urn:calcext">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{listed}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({"mimetype": TABLE_TYPE, "content.xml": content, **members})


def ods_row(*cells: str, **attributes: str) -> str:
    """A row of an ODS: texts as texts, XML as it is; `repeated` repeats it."""
    repeated = f' table:number-rows-repeated="{attributes["repeated"]}"' if "repeated" in attributes else ""
    kind = 'office:value-type="string"'
    inside = "".join(cell if cell.startswith("<") else ods_cell(cell, kind) for cell in cells)
    return f"<table:table-row{repeated}>{inside}</table:table-row>"


def ods_cell(text: str, attributes: str = "") -> str:
    """A cell of an ODS that shows a text."""
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def ods_number(value: str, seen: str = "", kind: str = "float") -> str:
    """A cell of an ODS that holds a number and shows a text."""
    return ods_cell(seen or value, f'office:value-type="{kind}" office:value="{value}"')


def write(path: Path, data: bytes) -> Path:
    """The path, once the bytes are in it."""
    path.write_bytes(data)
    return path
