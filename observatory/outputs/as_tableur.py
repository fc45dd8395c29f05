"""CSV as spreadsheets set in French open it: semicolons, a byte order mark, decimal commas.

With the ordinary CSV they read « 88.6 » as a text and « 1.2 » as the first of February. A text that would be a formula
is led by an apostrophe.
"""

import csv
import io
from typing import Any, BinaryIO

from observatory.languages import kept
from observatory.outputs import Download, encoded

TITLE = kept("CSV pour tableur")
FILE_TYPE = "CSV"
ENDING, TYPE, NEEDS = "-tableur.csv", "text/csv; charset=utf-8", ()
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(download: Download, target: BinaryIO) -> None:
    """Names of the columns, then the rows."""
    text = io.TextIOWrapper(target, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([_harmless(name) for name in download.columns])
    writer.writerows([_french(value) for value in row] for row in download.rows())
    text.detach()


def _french(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    return str(value) if isinstance(value, int) else _harmless(plain(value))


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(FORMULA) else text


def plain(value: Any) -> str:
    """A value as a text."""
    return encoded(value) if isinstance(value, bytes) else str(value)
