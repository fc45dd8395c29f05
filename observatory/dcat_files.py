"""The files in which the site gives a table: their addresses, forms, and the sums of those whose bytes never vary."""

import csv
import hashlib
import io
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from observatory import outputs

# Rows beyond which a format is not offered: pages of JSON are no file, and no spreadsheet opens more in comfort.
MOST_ROWS = {"json": 1000, "xlsx": 100_000, "ods": 100_000}
BATCH = 10_000  # rows summed at once
FORMATS = ("xlsx", "ods", "parquet", "json", "geojson")
# European list of file types, by our word.
TYPES = {
    **{"csv": "CSV", "xlsx": "XLSX", "ods": "ODS", "parquet": "PARQUET", "json": "JSON", "geojson": "GEOJSON"},
    **{"sqlite": "SQLITE", "zip": "ZIP"},
}
QUERIES = {"csv": "?_stream=1&_size=max&_dl=1", "json": "?_shape=objects&_size=max"}
WHOLE = "/donnees.db"


@dataclass(frozen=True)
class File:
    """A file that the site gives: its address without the site's, its form, bytes and SHA-512 where they are known."""

    word: str
    name: str
    path: str
    media_type: str
    size: int | None = None
    sha512: str | None = None


def files(db: sqlite3.Connection, table: str) -> Iterator[File]:
    """Each file of a table: CSV, what else gives all of its rows, and the whole database."""
    columns, key = _columns(db, table)
    size, digest = _measured(db, table, columns, key)
    yield File("csv", f"{table}.csv", _path(table, "csv"), "text/csv", size, digest)
    rows = db.execute(f'select count(*) from "{table}"').fetchone()[0]
    for word in fitting(columns, rows):
        form = outputs.named(word)
        yield File(word, table + form.ENDING, _path(table, word), form.TYPE.partition(";")[0])
    yield File("sqlite", "donnees.db", WHOLE, outputs.named("sqlite").TYPE)


def fitting(columns: Sequence[str], rows: int) -> list[str]:
    """The formats, CSV apart, in which the site gives whole a table of those columns and of so many rows."""
    return [word for word in FORMATS if rows <= MOST_ROWS.get(word, rows) and outputs.suits(word, columns)]


def _path(table: str, word: str) -> str:
    return f"/donnees/{table}.{word}{QUERIES.get(word, '?_size=max')}"


def _columns(db: sqlite3.Connection, table: str) -> tuple[list[str], list[str]]:
    """The columns that the site gives, and those that order the rows: the key, or the number of the row."""
    found = db.execute(f'select name, pk from pragma_table_info("{table}")').fetchall()
    key = [name for name, place in sorted(found, key=lambda one: one[1]) if place]
    return [*([] if key else ["rowid"]), *(name for name, _place in found)], key or ["rowid"]


def _measured(db: sqlite3.Connection, table: str, columns: Sequence[str], key: Sequence[str]) -> tuple[int, str]:
    """Bytes and SHA-512 of the CSV of the table, as the site streams it."""
    names, order = (", ".join(f'"{name}"' for name in some) for some in (columns, key))
    size, digest, text = 0, hashlib.sha512(), io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    cursor = db.execute(f'select {names} from "{table}" order by {order}')
    cursor.row_factory = None
    while True:
        rows = cursor.fetchmany(BATCH)
        writer.writerows(rows)
        written = text.getvalue().encode()
        digest.update(written)
        size += len(written)
        if not rows:
            return size, digest.hexdigest()
        text.seek(0)
        text.truncate()
