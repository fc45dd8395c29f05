"""The tables that an edition freezes as Parquet: what is cited and what was contributed, each with its version."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from observatory import export, release_changes
from observatory.export import complete
from observatory.release_changes import Table
from observatory.releases import Release
from observatory.tables import STORED

# The figures that are cited, at the root of the folder; then what gives their codes a meaning.
CITED = {
    "observations": "select * from observations",
    "scores": "select * from scores where edition = :edition",
}
MEANING = ("territories", "indicators", "domains", "figure_statuses")
# What a descriptor says that is no text of the table.
ELSEWHERE = ("version", "edition", "commit", "path", "licenses")
TYPES = {int: pa.int64(), float: pa.float64(), str: pa.string()}
CORRECTED = (
    "select * from figure_statuses where status = 'corrected' order by status_date, ref_area, indicator, time_period"
)
CORRECTION = ("ref_area", "indicator", "time_period", "status", "status_date", "previous_value", "reason", "source")


def freeze(
    root: Path, db: sqlite3.Connection, target: Path, edition: str, before: Sequence[Release]
) -> list[dict[str, Any]]:
    """Write each table in `target`; what edition.json says of it, with its version and what changed since before."""
    known = set(export.described_tables(db))
    contributed = [row[0] for row in db.execute("select name from datasets order by name")]
    found = []
    for name in (*CITED, *contributed, *(name for name in MEANING if name in known)):
        path = f"{name}.parquet" if name in CITED else f"tables/{name}.parquet"
        about = _about(root, db, name)
        _write(db, CITED.get(name, f'select * from "{name}"'), {"edition": edition}, about, target / path)
        found.append({"name": name, "path": path, **about, **_versioned(name, about, target / path, before)})
    return found


def _about(root: Path, db: sqlite3.Connection, name: str) -> dict[str, Any]:
    """The title, licence, fields and key of a table, with a fingerprint of all the texts of its descriptor."""
    told = export.descriptor(root, db, name)
    texts = {key: value for key, value in told.items() if key not in ELSEWHERE}
    written = json.dumps(texts, ensure_ascii=False, sort_keys=True).encode()
    return {
        "title": told["title"],
        "licence": told["licenses"][0]["name"],
        "fields": {field["name"]: field["type"] for field in told["schema"]["fields"]},
        "key": told["schema"].get("primaryKey", []),
        "texts": hashlib.sha256(written).hexdigest(),
    }


def _write(db: sqlite3.Connection, sql: str, values: Mapping[str, str], about: Mapping[str, Any], path: Path) -> None:
    """The rows in the order of their key, in columns of the types that their schema says."""
    fields, key = about["fields"], about["key"] or list(about["fields"])
    order = ", ".join(f'"{name}"' for name in key)
    rows = db.execute(f"{sql} order by {order}", values).fetchall()
    kinds = {name: TYPES[STORED.get(kind, str)] for name, kind in fields.items()}
    columns = [pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()]
    table = pa.Table.from_arrays(columns, schema=pa.schema(list(kinds.items())))
    with complete(path) as file:
        pq.write_table(table, file, compression="zstd", compression_level=19)


def _versioned(name: str, about: Mapping[str, Any], path: Path, before: Sequence[Release]) -> dict[str, Any]:
    """The version that the table has now, and what changed since the last edition that held it."""
    mine = held(about, path)
    for release in reversed(before):
        for last in release.tables:
            if last["name"] == name:
                changes = release_changes.compare(held(last, release.folder / last["path"]), mine)
                how = release_changes.step(changes)
                version = release_changes.next_version(last["table_version"], how)
                was = {"since": release.version, "previous_version": last["table_version"]}
                return {"rows": len(mine.rows), "table_version": version, "change": how, **was, "changes": changes.told}
    new = {
        "table_version": release_changes.FIRST,
        "change": release_changes.NEW,
        "since": None,
        "previous_version": None,
    }
    return {"rows": len(mine.rows), **new, "changes": release_changes.Changes().told}


def held(about: Mapping[str, Any], path: Path) -> Table:
    """A table of an edition, as its edition.json describes it and its file holds it."""
    rows = pq.read_table(path).to_pylist()
    return Table(about["fields"], about["key"], rows, about["licence"], about["texts"])


def removed(tables: Iterable[Mapping[str, Any]], last: Release | None) -> list[dict[str, str]]:
    """The tables of the edition before that this one no longer has: their name, title and last version."""
    names = {table["name"] for table in tables}
    gone = (table for table in (last.tables if last else ()) if table["name"] not in names)
    return [{key: table[key] for key in ("name", "title", "table_version")} for table in gone]


def corrections(db: sqlite3.Connection, before: Sequence[Release]) -> list[dict[str, Any]]:
    """The figures that were corrected, each with its reason, but those that an earlier edition told."""
    if not db.execute("select 1 from sqlite_master where name = 'figure_statuses'").fetchone():
        return []
    told = [one for release in before for one in release.about.get("corrections", [])]
    found = [{name: row[name] for name in CORRECTION} for row in db.execute(CORRECTED)]
    return [one for one in found if one not in told]
