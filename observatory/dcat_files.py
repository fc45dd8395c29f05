"""The files in which the site gives a table: their addresses, forms, and the sums of those whose bytes never vary."""

import csv
import hashlib
import io
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from observatory import outputs
from observatory.export import WHOLE

# Rows beyond which a format is not offered: pages of JSON are no file, and no spreadsheet opens more in comfort.
MOST_ROWS = {"json": 1000, **dict.fromkeys(("xlsx", "ods", "tableur"), 100_000)}
BATCH = 10_000  # rows summed at once
TOLD = ("csv", "xlsx", "tableur", "json")  # what the page of a dataset tells the use of
ZIP = "zip"  # the archives of the export, which no format of ours writes
QUERIES = {"csv": "?_stream=1&_size=max&_dl=1", "json": "?_shape=objects&_size=max"}
WHOLE_PATH = "/donnees.db"


@dataclass(frozen=True)
class File:
    """A file that the site gives: its address without the site's, its form, bytes and SHA-512 where they are known."""

    word: str
    name: str
    path: str
    media_type: str
    size: int | None = None
    sha512: str | None = None

    @property
    def kind(self) -> str:
        """Its word in the European list of file types."""
        return self.word.upper() if self.word == ZIP else outputs.named(self.word).FILE_TYPE


def files(db: sqlite3.Connection, table: str) -> Iterator[File]:
    """Each file that gives all the rows of a table."""
    columns, key = _columns(db, table)
    rows = db.execute(f'select count(*) from "{table}"').fetchone()[0]
    for word in fitting(columns, rows):
        form, known = outputs.named(word), _measured(db, table, columns, key) if word == "csv" else (None, None)
        yield File(word, table + form.ENDING, path(table, word), form.TYPE.partition(";")[0], *known)


def whole() -> File:
    """The file of the whole database; the catalogue that it holds cannot say its sum."""
    return File("sqlite", "donnees.db", WHOLE_PATH, outputs.named("sqlite").TYPE)


def archive(name: str) -> str:
    """The path in the export of the archive of a dataset, or of the whole."""
    return f"{name}.{ZIP}" if name == WHOLE else f"jeux-de-donnees/{name}.{ZIP}"


def exported(path: str, size: int, sha512: str) -> File:
    """A file of the export, by its path there: an archive, or JSON in one piece; of so many bytes and of that sum."""
    word, name = path.rpartition(".")[2], path.rpartition("/")[2]
    media_type = "application/zip" if word == ZIP else outputs.named(word).TYPE.partition(";")[0]
    return File(word, name, f"/telechargements/{path}", media_type, size, sha512)


def fitting(columns: Sequence[str], rows: int) -> list[str]:
    """The formats in which the site gives whole a table of those columns and of so many rows."""
    return [word for word in outputs.FORMATS if rows <= MOST_ROWS.get(word, rows) and outputs.suits(word, columns)]


def others(table: str, columns: Sequence[str], rows: int) -> list[tuple[str, str]]:
    """Word and address of each format of a dataset but those of which its page tells more."""
    return [(word, path(table, word)) for word in fitting(columns, rows) if word not in TOLD]


def path(table: str, word: str) -> str:
    """The address, without the site's, of a table in that format."""
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
