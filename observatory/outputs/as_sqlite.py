"""SQLite: the rows in a table, what must be known of them in two others."""

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import BinaryIO

from observatory.outputs import Download

TITLE = "SQLite"
FILE_TYPE = "SQLITE"
ENDING, TYPE, NEEDS = ".sqlite", "application/vnd.sqlite3", ()
AFFINITIES = {"integer": "integer", "year": "integer", "number": "real"}


def write(download: Download, target: BinaryIO) -> None:
    """Tables `donnees`, `a_lire` (quoi, texte) and `colonnes` (name, title, type, description)."""
    # A file of the disk while it is written: SQLite goes back and forth in it.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "donnees.sqlite"
        database = sqlite3.connect(path)
        database.execute(f"create table donnees ({', '.join(_columns(download))})")
        marks = ", ".join("?" * len(download.columns))
        database.executemany(f"insert into donnees values ({marks})", download.rows())
        database.execute("create table a_lire (quoi text, texte text)")
        database.executemany("insert into a_lire values (?, ?)", [("Titre", download.title), *download.notes])
        database.execute("create table colonnes (name text, title text, type text, description text)")
        database.executemany(
            "insert into colonnes values (:name, :title, :type, :description)", list(download.dictionary)
        )
        database.commit()
        database.close()
        with path.open("rb") as written:
            shutil.copyfileobj(written, target)


def _columns(download: Download) -> list[str]:
    """The columns and their types."""
    return [f"{_quoted(name)} {AFFINITIES.get(download.kinds.get(name, ''), '')}".strip() for name in download.columns]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
