"""CSV: UTF-8, commas, the values of the database unchanged."""

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO

from observatory.outputs import Download

TITLE = "CSV"
ENDING, TYPE, NEEDS = ".csv", "text/csv; charset=utf-8", ()


def write(download: Download, target: BinaryIO) -> None:
    """Names of the columns, then the rows."""
    _write(download, target, [download.columns])


def rows_alone(download: Download, target: BinaryIO) -> None:
    """The rows without the names of the columns."""
    _write(download, target, [])


def _write(download: Download, target: BinaryIO, heads: Sequence[Sequence[str]]) -> None:
    text = io.TextIOWrapper(target, "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(heads)
    writer.writerows(download.rows())
    text.detach()
