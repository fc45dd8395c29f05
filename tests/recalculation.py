"""The public tables that the recalculation reads, carried from a database into a second engine, and both results."""

import csv
import sqlite3
from pathlib import Path
from typing import Any

import duckdb

from observatory.catalogue import VIEWS

SQL = (VIEWS / "recalculated_scores.sql").read_text(encoding="utf-8")
TABLES = ("scores", "method", "indicators", "domains", "observations", "observations_constant")
TYPES = {"TEXT": "varchar", "FLOAT": "double", "REAL": "double", "INTEGER": "bigint"}
NUMBERS = "score, score_low, score_high, coverage"
Scores = dict[tuple[str, str], tuple[Any, ...]]


def scores_in(db: Any, table: str) -> Scores:
    """Score, bounds and coverage of each territory and node of the current edition; without object, there is none."""
    sql = f"select ref_area, node, {NUMBERS} from {table} where edition = (select edition from method where current)"
    found = {(row[0], row[1]): tuple(row[2:]) for row in db.execute(sql).fetchall()}
    return {key: numbers for key, numbers in found.items() if any(number is not None for number in numbers)}


def differences(published: Scores, found: Scores) -> list[Any]:
    """The first rows that are not the same to the last bit, in one or the other."""
    keys = sorted(published.keys() | found.keys())
    return [(key, published.get(key), found.get(key)) for key in keys if published.get(key) != found.get(key)][:5]


def duck(db: sqlite3.Connection, folder: Path) -> Any:
    """A DuckDB with the same public tables, read from CSV, and the unchanged SQL of the views."""
    other = duckdb.connect()
    for table in TABLES:
        fields = [(row[1], TYPES[row[2].upper()]) for row in db.execute(f"pragma table_info({table})")]
        file = folder / f"{table}.csv"
        with file.open("w", newline="", encoding="utf-8") as handle:
            cells = db.execute(f"select * from {table}").fetchall()
            csv.writer(handle).writerows([r"\N" if c is None else c for c in row] for row in cells)
        other.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in fields)})")
        options = """header false, auto_detect false, nullstr '\\N', delimiter ',', quote '"', escape '"'"""
        other.execute(f"copy {table} from '{file}' ({options})")
    other.execute(SQL)
    return other
