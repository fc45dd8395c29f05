"""CSV: UTF-8, commas, the values of the database unchanged."""

import csv
import io
from typing import BinaryIO

from observatory.outputs import Download

TITLE = "CSV"
ENDING, TYPE, NEEDS = ".csv", "text/csv; charset=utf-8", ()


def write(download: Download, target: BinaryIO) -> None:
    """Names of the columns, then the rows."""
    text = io.TextIOWrapper(target, "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(download.columns)
    writer.writerows(download.rows())
    text.detach()
