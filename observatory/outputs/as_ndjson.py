"""JSON by lines: one object a row, for what reads as it comes."""

from typing import BinaryIO

from observatory.languages import kept
from observatory.outputs import Download
from observatory.outputs.as_json import line

TITLE = kept("JSON par lignes")
FILE_TYPE = "JSON"
ENDING, TYPE, NEEDS = ".ndjson", "application/x-ndjson; charset=utf-8", ()


def write(download: Download, target: BinaryIO) -> None:
    """The rows; what must be known of them is in the headers of the answer and in the JSON."""
    for row in download.rows():
        target.write(f"{line(download, row)}\n".encode())
