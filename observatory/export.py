"""Writes every table of the database as CSV and JSON with a Frictionless descriptor beside it."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

# Everything the observatory itself writes is under the open licence; a dataset keeps its own.
OWN_LICENCE = "etalab-2.0"
SUMS = "SHA256SUMS"
WHOLE = "observatoire"  # the name of all the tables together


def export(root: Path, database: Path, target: Path) -> Iterator[tuple[str, int]]:
    """Write `<table>.csv`, `.json` and `.resource.yaml` in `target`, streaming; yield (table, rows) as each is done."""
    target.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        for name in described_tables(connection):
            yield name, _export_table(root, connection, name, target)
    finally:
        connection.close()


@contextmanager
def complete(path: Path, newline: str | None = None) -> Iterator[Any]:
    """A file to write, of text when `newline` is given, that takes its name at the end; a failure leaves nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    text: dict[str, str] = {} if newline is None else {"encoding": "utf-8", "newline": newline}
    try:
        with draft.open("w" if text else "wb", **text) as file:  # type: ignore[call-overload]
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def described_tables(connection: sqlite3.Connection) -> list[str]:
    """Tables that the data dictionary describes, in alphabetical order."""
    return [row[0] for row in connection.execute("select distinct table_name from columns order by table_name")]


def _export_table(root: Path, connection: sqlite3.Connection, name: str, target: Path) -> int:
    columns = [row["name"] for row in connection.execute(f'select name from pragma_table_info("{name}")')]
    count = 0
    with (
        complete(target / f"{name}.csv", newline="") as csv_file,
        complete(target / f"{name}.json", newline="") as json_file,
    ):
        writer = csv.writer(csv_file, lineterminator="\n")
        writer.writerow(columns)
        json_file.write("[")
        # The order of the pages of the database, so that these files can be sent in their place.
        order = ", ".join(f'"{key}"' for key in _primary_key(connection, name)) or "rowid"
        for row in connection.execute(f'select * from "{name}" order by {order}'):
            writer.writerow(row)
            json_file.write((",\n" if count else "\n") + json.dumps(dict(row), ensure_ascii=False))
            count += 1
        json_file.write("\n]\n")
    about = descriptor(root, connection, name)
    text = yaml.safe_dump(about, allow_unicode=True, sort_keys=False, width=110)
    with complete(target / f"{name}.resource.yaml", newline="") as file:
        file.write(text)
    return count


def descriptor(root: Path, connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """The Data Resource of a table, beside its CSV."""
    dataset = connection.execute("select * from datasets where name = ?", [name]).fetchone()
    core = root / "schemas" / "tables" / f"{name}.schema.json"
    about = dict(dataset) if dataset else json.loads(core.read_text(encoding="utf-8"))
    licence = connection.execute(
        "select licence as name, title, url as path from licences where licence = ?",
        [dataset["licence"] if dataset else OWN_LICENCE],
    ).fetchone()
    facts = dict(connection.execute("select key, value from provenance").fetchall())
    found: dict[str, Any] = {
        "name": name.replace("_", "-"),
        "title": about["title"],
        "description": about["description"],
        "path": f"{name}.csv",
        "format": "csv",
        "encoding": "utf-8",
        "licenses": [dict(licence)],
        "version": version(connection, name),
        "edition": facts["edition"],
        "commit": facts["commit"],
        "schema": {
            "fields": _fields(connection, name),
            **({"primaryKey": key} if (key := _primary_key(connection, name)) else {}),
            "missingValues": [""],
        },
    }
    if dataset:
        found |= {"sources": json.loads(dataset["sources"]), "contributors": json.loads(dataset["contributors"])}
    return found


def version(connection: sqlite3.Connection, name: str) -> str | None:
    """The version of a table, or of all of them together (WHOLE); None of what is neither."""
    if name == WHOLE:
        last = "select version from releases order by rowid desc limit 1"
        found = connection.execute(f"select coalesce(({last}), (select edition from method where current))").fetchone()
    else:
        found = connection.execute("select version from table_versions where name = ?", [name]).fetchone()
    return str(found[0]) if found else None


def _fields(connection: sqlite3.Connection, name: str) -> list[dict[str, str]]:
    rows = connection.execute(
        "select name, title, description, type from columns where table_name = ? order by position", [name]
    )
    return [{key: row[key] for key in ("name", "type", "title", "description") if row[key]} for row in rows]


def _primary_key(connection: sqlite3.Connection, name: str) -> list[str]:
    rows = connection.execute(f'select name from pragma_table_info("{name}") where pk > 0 order by pk')
    return [row["name"] for row in rows]
