"""Rows of `revisions`: every figure and score that a published edition holds and that is no longer what it was.

An edition is a folder editions/<version>/ whose observations.parquet and scores.parquet are those tables as published.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from observatory import figure_statuses
from observatory.languages import kept

FOLDER, FIGURES, SCORES = "editions", "observations.parquet", "scores.parquet"
# Which edition of the method, and which publication of it when there were several.
VERSION = re.compile(r"(\d{4}\.\d+)(?:\.\d+)?")
VALUE, SCORE = "value", "score"
CHANGED, WITHDRAWN, ADDED = "changed", "withdrawn", "added"
UPDATED = kept("Le jeu de données a été mis à jour.")
GONE = kept("Le jeu de données ne donne plus ce chiffre.")
REMOVED = kept("Le jeu de données a été retiré.")
RECALCULATED = kept("Les chiffres dont ce score est fait ont changé.")
UNSCORED = kept("Ce score n’est plus calculé.")

Key = tuple[str, str, str]  # ref_area, indicator or node, time_period
Row = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What the database holds today: figures and what is known of the data they come from."""

    figures: Mapping[Key, float]
    corrections: Mapping[Key, Row]
    updates: Mapping[str, str]
    datasets: Mapping[Key, str]


def versions(root: Path) -> list[str]:
    """The published editions, oldest first."""
    found = [path.parent.name for path in (root / FOLDER).glob(f"*/{FIGURES}") if VERSION.fullmatch(path.parent.name)]
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])


def method_of(version: str) -> str:
    """The edition of the method that a published edition follows: 2026.2.1 → 2026.2."""
    found = VERSION.fullmatch(version)
    return found[1] if found else version


def tables(root: Path, db: sqlite3.Connection) -> dict[str, list[Row]]:
    """Rows of `revisions`, and of `edition_checks`: how many of each edition's figures and scores still hold."""
    revisions: list[Row] = []
    checks: list[Row] = []
    editions = versions(root)
    known = _known(db) if editions else None
    for version in editions:
        if known is not None:
            rows, figures, scores = _compared(root / FOLDER / version, version, known, db)
            revisions += rows
            counts = {kind: sum(row["kind"] == kind for row in rows) for kind in (CHANGED, WITHDRAWN, ADDED)}
            checks.append({"edition": version, "figures": figures, "scores": scores, **counts})
    return {"revisions": revisions, "edition_checks": checks}


def _known(db: sqlite3.Connection) -> Known:
    observed = db.execute(
        "select ref_area, indicator, time_period, obs_value, dataset from observations where obs_value is not null"
    ).fetchall()
    corrected = db.execute(
        "select ref_area, indicator, time_period, status_date, previous_value, reason from figure_statuses"
        " where status in (?, ?) order by status_date",
        [figure_statuses.CORRECTED, figure_statuses.WITHDRAWN],
    )
    return Known(
        {(row[0], row[1], row[2]): row[3] for row in observed},
        {(row[0], row[1], row[2]): {"changed_on": row[3], "reason": row[5]} for row in corrected},
        dict(db.execute("select name, last_update from datasets").fetchall()),
        {(row[0], row[1], row[2]): row[4] for row in observed},
    )


def _compared(folder: Path, version: str, known: Known, db: sqlite3.Connection) -> tuple[list[Row], int, int]:
    """Revisions of an edition in order of territory, node and period; how many figures and scores it holds."""
    published, origins = _published_figures(folder / FIGURES)
    figures = [
        _figure(key, published.get(key), known, origins.get(key)) for key in _different(published, known.figures)
    ]
    moved: dict[str, str] = {}
    for row in figures:
        moved[row["ref_area"]] = max(moved.get(row["ref_area"], ""), row["changed_on"] or "")
    then, now = _published_scores(folder / SCORES, method_of(version)), _scores(db, method_of(version))
    scores = [_score(key, then.get(key), now.get(key), moved.get(key[0])) for key in _different(then, now)]
    rows = [{"edition": version, **row} for row in (*figures, *scores)]
    rows.sort(key=lambda row: (row["ref_area"], row["node"], row["time_period"], row["measure"]))
    return rows, len(published), len(then)


def _different(then: Mapping[Key, float], now: Mapping[Key, float]) -> Iterator[Key]:
    yield from (key for key, value in then.items() if now.get(key) != value)
    yield from (key for key in now if key not in then)


def _published_figures(path: Path) -> tuple[dict[Key, float], dict[Key, str]]:
    """Value, and dataset, of each figure of the edition that had one."""
    columns = ["ref_area", "indicator", "time_period", "obs_value", "dataset"]
    table = pq.read_table(path, columns=columns, filters=pc.field("obs_value").is_valid())
    areas, nodes, periods, values, datasets = (table.column(name).to_pylist() for name in columns)
    keys = list(zip(areas, nodes, periods, strict=True))
    return dict(zip(keys, values, strict=True)), dict(zip(keys, datasets, strict=True))


def _published_scores(path: Path, edition: str) -> dict[Key, float]:
    if not path.is_file():
        return {}
    columns = ["ref_area", "node", "time_period", "score"]
    scored = pc.field("score").is_valid() & (pc.field("edition") == edition)
    table = pq.read_table(path, columns=columns, filters=scored)
    areas, nodes, periods, values = (table.column(name).to_pylist() for name in columns)
    return dict(zip(zip(areas, nodes, periods, strict=True), values, strict=True))


def _scores(db: sqlite3.Connection, edition: str) -> dict[Key, float]:
    rows = db.execute(
        "select ref_area, node, time_period, score from scores where edition = ? and score is not null", [edition]
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _figure(key: Key, then: float | None, known: Known, origin: str | None) -> Row:
    """A figure that differs: its date and reason are those of its correction, else those of its dataset."""
    now = known.figures.get(key)
    kind = _kind(then, now)
    dataset = known.datasets.get(key) or origin or ""
    reason = None if kind == ADDED else UPDATED if kind == CHANGED else GONE if dataset in known.updates else REMOVED
    told = known.corrections.get(key, {}) if kind != ADDED else {}
    return _row(key, VALUE, then, now, {"changed_on": known.updates.get(dataset), "reason": reason, **told})


def _score(key: Key, then: float | None, now: float | None, moved: str | None) -> Row:
    kind = _kind(then, now)
    reason = {CHANGED: RECALCULATED, WITHDRAWN: UNSCORED}.get(kind)
    return _row(key, SCORE, then, now, {"changed_on": moved or None, "reason": reason})


def _kind(then: float | None, now: float | None) -> str:
    return ADDED if then is None else WITHDRAWN if now is None else CHANGED


def _row(key: Key, measure: str, then: float | None, now: float | None, told: Row) -> Row:
    ref_area, node, time_period = key
    place = {"ref_area": ref_area, "node": node, "time_period": time_period, "measure": measure}
    return {**place, "published_value": then, "value": now, "kind": _kind(then, now), **told}
