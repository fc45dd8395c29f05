"""Tables of the database, made from Table Schemas: the same file gives types, keys and the data dictionary."""

import json
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from sqlite_utils import Database

# What SQLite stores for each Frictionless type; codes stay text from the first byte to the last.
STORED: dict[str, type] = {"integer": int, "number": float, "boolean": int}
# Types that SQLite takes as they are: nearly every cell of millions, for which a function call would be slow.
PLAIN = {type(None), str, int, float, bool}


def core_schemas(root: Path) -> dict[str, dict[str, Any]]:
    """Table Schemas of the tables that every build has, by table name, each after those its keys refer to."""
    files = sorted((root / "schemas" / "tables").glob("*.schema.json"))
    schemas = {s["name"]: s for s in (json.loads(f.read_text(encoding="utf-8")) for f in files)}
    before = {name: [k["reference"]["resource"] for k in s.get("foreignKeys", ())] for name, s in schemas.items()}
    return {name: schemas[name] for name in TopologicalSorter(before).static_order()}


def create_table(db: Database, name: str, schema: Mapping[str, Any]) -> None:
    """Create the table with the types, primary key, foreign keys and indexes of its Table Schema."""
    columns = {field["name"]: STORED.get(field["type"], str) for field in schema["fields"]}
    keys = schema.get("foreignKeys", ())
    db.table(name).create(
        columns,
        pk=_primary_key(schema),
        foreign_keys=[(k["fields"][0], k["reference"]["resource"], k["reference"]["fields"][0]) for k in keys],
        not_null=[f["name"] for f in schema["fields"] if f.get("constraints", {}).get("required")],
    )
    for index in schema.get("indexes", ()):
        db.table(name).create_index(index)


def _primary_key(schema: Mapping[str, Any]) -> Any:
    key = schema.get("primaryKey")
    if isinstance(key, list) and len(key) == 1:
        return key[0]
    return tuple(key) if isinstance(key, list) else key


def insert_rows(db: Database, name: str, schema: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows in the order given, lists and objects as JSON; return how many."""
    names = [field["name"] for field in schema["fields"]]
    marks = ", ".join("?" * len(names))
    quoted = ", ".join(f'"{n}"' for n in names)
    statement = f'insert into "{name}" ({quoted}) values ({marks})'  # noqa: S608 (names come from our schemas)
    cursor = db.conn.executemany(
        statement, ([v if type(v) in PLAIN else _stored(v) for v in map(row.get, names)] for row in rows)
    )
    return int(cursor.rowcount)


def _stored(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str | int | float):
        return value
    return float(value) if hasattr(value, "as_integer_ratio") else str(value)


def column_rows(name: str, schema: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Rows of the table `columns` that describe this table."""
    for position, field in enumerate(schema["fields"], start=1):
        example = field.get("example")
        yield {
            "table_name": name,
            "name": field["name"],
            "position": position,
            "title": field.get("title", field["name"]),
            "description": field.get("description"),
            "type": field["type"],
            "example": None if example is None else str(example),
        }
