"""Checks the closed lists of codelists/: their form, types and keys, as the tables of the database declare them."""

import csv
import io
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frictionless import Schema

from observatory.columns import Encoded, TableRows, duplicates, where
from observatory.dictionaries import Gathering
from observatory.model import Dataset
from observatory.problems import Problem, shown
from observatory.reading import Table, read_column
from observatory.sheets import Sheet
from observatory.tables import core_schemas

# codelist: {column: list that must hold it}
CITED = {
    "categories": {"level": "levels"},
    "territories": {"level": "levels", "category": "categories"},
    "populations": {"ref_area": "territories"},
    "memberships": {"member": "territories", "parent": "territories"},
    "territory_events": {"type": "event_types", "from_area": "territories", "to_area": "territories"},
    "territory_aliases": {"ref_area": "territories"},
    "points": {"ref_area": "territories"},
    "figure_statuses": {"ref_area": "territories"},
    "obs_status": {"status": "statuses"},
}
# Said by others than us: its texts are held to what its table says of them.
STATED = {"figure_statuses"}
KEYS = ("territories", "levels", "categories", "event_types", "statuses")
# Kept in the table of territories, hence without a Table Schema of its own.
POINTS = {
    "name": "points",
    "fields": [
        {"name": "ref_area", "type": "string", "title": "Territoire", "constraints": {"required": True}},
        {
            "name": "latitude",
            "type": "number",
            "title": "Latitude",
            "constraints": {"required": True, "minimum": -90, "maximum": 90},
        },
        {
            "name": "longitude",
            "type": "number",
            "title": "Longitude",
            "constraints": {"required": True, "minimum": -180, "maximum": 180},
        },
    ],
    "primaryKey": ["ref_area"],
}
# Columns that the build adds.
ADDED = {"memberships": {"parent_level"}, "territories": {"successors", "population", "latitude", "longitude"}}
# What is computed with, and may not be left out, though the table allows it.
REQUIRED = {"population", "weight", "factor", "decimals"}


def codes(root: Path, codelist: str) -> Iterator[str]:
    """The codes of a codelist: its first column."""
    path = root / "codelists" / f"{codelist}.csv"
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        rows = csv.reader(stream)
        next(rows, None)
        yield from (row[0] for row in rows if row)


def check_codelists(root: Path) -> list[Problem]:
    """Everything wrong with the codelists: form, numbers, dates, keys given twice, codes that their list has not."""
    schemas = {**core_schemas(root), "points": POINTS}
    known = {name: set(codes(root, name)) for name in KEYS}
    problems: list[Problem] = []
    for path in sorted((root / "codelists").glob("*.csv")):
        if path.stem in schemas:
            problems += _check(path, schemas[path.stem], known)
    return problems


def _check(path: Path, schema: dict[str, Any], known: dict[str, set[str]]) -> list[Problem]:
    stated = path.stem in STATED
    fields = [_field(entry, stated) for entry in schema["fields"] if entry["name"] not in ADDED.get(path.stem, ())]
    names = [entry["name"] for entry in fields]
    sheet = _read(path)
    table = Table(Dataset(path.stem, "register", {}, schema, path, path), sheet)
    entries = {entry.name: entry for entry in Schema.from_descriptor({"fields": fields}).fields}
    for name in names:
        if name not in sheet.header:
            texts = {"value": name, "field_title": entries[name].title or name, "expected": ", ".join(names)}
            sheet.report("missing-column", sheet.header_line, **texts)
            continue
        table.raw[name] = sheet.column(sheet.header.index(name))
        if entries[name].type != "any":
            read_column(table, entries[name])
        elif entries[name].required:
            _check_filled(table, name)
    for name, target in CITED.get(path.stem, {}).items():
        if name in table.raw:
            _check_citations(table, name, f"codelists/{target}.csv", known[target])
    key = [name for name in schema["primaryKey"] if name in table.raw]
    if key == schema["primaryKey"]:
        _check_key(table, key)
    return sheet.problems


def _read(path: Path) -> Sheet:
    """The list as it is written; it is one of ours, so that its size needs no bound."""
    sheet = Sheet(f"codelists/{path.name}")
    data = path.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        sheet.report(
            "wrong-encoding", data.count(b"\n", 0, error.start) + 1, value=f"0x{data[error.start]:02X}", reading=""
        )
        text = data.decode(errors="replace")
    records = csv.reader(io.StringIO(text, newline=""))
    sheet.header = next(records, [])
    lines, width, line = array("i"), len(sheet.header), records.line_num + 1
    gathering = Gathering(width)
    for cells in records:
        if len(cells) == width:
            gathering.add(cells)
            lines.append(line)
        else:
            code = "missing-cell" if len(cells) < width else "extra-cell"
            found = f"{len(cells)} cellule" + ("s" if len(cells) > 1 else "")
            sheet.report(code, line, value=found, expected=str(width))
        line = records.line_num + 1
    sheet.rows, sheet.lines = TableRows(gathering.columns(), len(lines)), lines
    return sheet


def _field(entry: dict[str, Any], stated: bool) -> dict[str, Any]:
    """The field of the table, as the file must fill it; texts are free when ours, not when `stated` by others."""
    constraints = dict(entry.get("constraints", {}))
    if entry["name"] in REQUIRED:
        constraints["required"] = True
    type_ = "any" if entry["type"] == "string" and not stated else entry["type"]
    return {"name": entry["name"], "type": type_, "title": entry.get("title"), "constraints": constraints}


def _check_filled(table: Table, name: str) -> None:
    for row in where(table.raw[name], {""}).tolist():
        table.report("missing-value", row, name)


def _check_citations(table: Table, name: str, list_: str, known: set[str]) -> None:
    column = table.raw[name]
    for row in where(column, lambda text: text and text not in known).tolist():
        table.report("codelist-reference", row, name, value=shown(column[row]), expected=list_)


def _check_key(table: Table, names: list[str]) -> None:
    columns: list[Encoded] = [table.raw[name] for name in names]
    for row, first in duplicates(columns):
        value = f"({', '.join(shown(column[row]) for column in columns)})"
        table.report("duplicate-key", row, value=value, other_line=table.sheet.lines[first])
