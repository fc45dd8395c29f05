"""Pieces of an ODS: its documents, rows and cells, and the archive that holds them."""

import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import BinaryIO
from xml.sax.saxutils import escape

from observatory.blanks import STILL

MIME = "application/vnd.oasis.opendocument.spreadsheet"
EMPTY = "<table:table-cell/>"
SPACES = re.compile(r"^ | $| {2,}")
PREFIXES = {"number": "datastyle", "fo": "xsl-fo-compatible"}
NAMESPACES = (
    "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{PREFIXES.get(prefix, prefix)}:1.0"'
        for prefix in ("office", "table", "text", "style", "number", "fo", "config")
    )
    + ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
    + ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
)


def save(target: BinaryIO, parts: Mapping[str, Iterable[str]]) -> None:
    """Write an ODS of those documents, each given piece by piece; the same pieces give the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, pieces in {"mimetype": [MIME], "META-INF/manifest.xml": [manifest(parts)], **parts}.items():
            # The type comes first and is not packed, so that a file manager can read it.
            info = zipfile.ZipInfo(name, STILL)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=name != "mimetype") as part:
                part.writelines(piece.encode() for piece in pieces)


def opened(kind: str) -> str:
    """The beginning of a document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><office:document-{kind}{NAMESPACES}>'


def closed(kind: str) -> str:
    """Its end."""
    return f"</office:document-{kind}>"


def title(text: str) -> str:
    """The document meta.xml of a title."""
    return document("meta", f"<office:meta><dc:title>{escape(text)}</dc:title></office:meta>")


def document(kind: str, body: str) -> str:
    """A whole document."""
    return f"{opened(kind)}{body}{closed(kind)}"


def manifest(parts: Iterable[str]) -> str:
    """The list of the documents of an archive."""
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (("/", MIME), *((name, "text/xml") for name in parts))
    )
    space = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"'
    return f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest {space}>{entries}</manifest:manifest>'


def row(cells: Iterable[str], attributes: str = "") -> str:
    """A row of cells."""
    return f"<table:table-row{attributes}>{''.join(cells)}</table:table-row>"


def cell(text: str, attributes: str = "", note: str = "") -> str:
    """A cell of text, with perhaps a note beside it."""
    aside = f"<office:annotation>{paragraphs(note)}</office:annotation>" if note else ""
    return f'<table:table-cell office:value-type="string"{attributes}>{aside}{paragraphs(text)}</table:table-cell>'


def paragraphs(text: str) -> str:
    """The lines of a text; runs of spaces are counted, or a reader would fold them."""
    return "".join(
        "<text:p>"
        + SPACES.sub(lambda run: f'<text:s text:c="{len(run[0])}"/>', escape(line)).replace("\t", "<text:tab/>")
        + "</text:p>"
        for line in text.split("\n")
    )
