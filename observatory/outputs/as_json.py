"""JSON: one object with what must be known of the rows, then the rows as objects."""

import json
import math
from typing import Any, BinaryIO

from observatory.outputs import Download, encoded

TITLE = "JSON"
FILE_TYPE = "JSON"
ENDING, TYPE, NEEDS = ".json", "application/json; charset=utf-8", ()


def write(download: Download, target: BinaryIO) -> None:
    """`{"about": …, "columns": […], "rows": [{…}, …]}`, one row a line."""
    head = json.dumps({"about": dict(download.about), "columns": list(download.columns)}, ensure_ascii=False)
    target.write(f'{head[:-1]}, "rows": ['.encode())
    separator = "\n"
    for row in download.rows():
        target.write((separator + line(download, row)).encode())
        separator = ",\n"
    target.write(b"\n]}\n")


def line(download: Download, row: Any) -> str:
    """A row as an object."""
    kept = {name: harmless(value) for name, value in zip(download.columns, row, strict=True)}
    return json.dumps(kept, ensure_ascii=False, allow_nan=False)


def harmless(value: Any) -> Any:
    """The value as JSON can hold it, and as Datasette writes it: bytes in base 64, null for no finite number."""
    if isinstance(value, bytes):
        return {"$base64": True, "encoded": encoded(value)}
    return None if isinstance(value, float) and not math.isfinite(value) else value
