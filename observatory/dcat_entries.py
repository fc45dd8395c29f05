"""What the catalogue says of each dataset and of each table of ours that is worth a harvest, read in the database."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observatory.api_resources import RESOURCES
from observatory.dcat_terms import ALWAYS, KEYWORDS, THEMES
from observatory.export import OWN_LICENCE, WHOLE, version
from observatory.outlines import envelope

FIGURES, PLACES = "figures", "places"
# Tables that the observatory writes itself, and what they are of.
TABLES = {
    **{"indicators": FIGURES, "memberships": PLACES, "observations": FIGURES, "observations_constant": FIGURES},
    **{"populations": PLACES, "score_changes": FIGURES, "score_series": FIGURES, "scores": FIGURES},
    **{"territories": PLACES, "territory_events": PLACES},
}
SPANS = {
    FIGURES: "select min(temporal_start), max(temporal_end) from datasets",
    PLACES: "select min(date), max(date) from territory_events",
}


@dataclass(frozen=True)
class Entry:
    """A dataset of the catalogue.

    `path` is its page and `schema` its Table Schema, from the root of the site. `span` is (first day, last day), `area`
    the polygons that hold it, `origins` the names of the datasets that it is made of. `rights` say what one licence
    cannot; `api` whether the API gives its rows.
    """

    name: str
    path: str
    title: str
    description: str
    licence: str
    frequency: str
    span: tuple[str, str]
    area: str
    modified: str
    issued: str | None
    version: str
    schema: str | None
    keywords: Sequence[str]
    themes: Sequence[str]
    sources: Sequence[Mapping[str, Any]] = ()
    contributors: Sequence[Mapping[str, Any]] = ()
    origins: Sequence[str] = ()
    rights: str = ""
    api: bool = False


def entries(root: Path, db: sqlite3.Connection) -> Iterator[Entry]:
    """Every dataset in order of name, then every table of ours, then all of them together."""
    for row in _rows(db, "select * from dataset order by name"):
        yield _dataset(db, row)
    for table, kind in TABLES.items():
        yield _table(root, db, table, kind)
    yield _together(db)


def _dataset(db: sqlite3.Connection, row: Mapping[str, Any]) -> Entry:
    domains = _rows(
        db,
        "select distinct d.code, d.title from domains d join indicators i on i.domain = d.code where i.code in"
        " (select indicator from indicator_datasets where dataset = ?1"
        " union select indicator from indicator_registers where dataset = ?1) order by d.position",
        row["name"],
    )
    areas = [found["ref_area"] for found in _rows(
        db, "select distinct ref_area from observations where dataset = ? limit 2", row["name"]
    )]  # fmt: skip
    (issued,) = db.execute(
        "select min(r.date) from releases r join release_tables t on t.version = r.version and t.name = ?",
        [row["name"]],
    ).fetchone()
    return Entry(
        name=row["name"],
        path=f"/jeux-de-donnees/{row['name']}",
        title=row["title"],
        description=row["description"],
        licence=row["licence"],
        frequency=row["accrual_periodicity"],
        span=(row["temporal_start"], row["temporal_end"]),
        area=envelope(areas[0] if len(areas) == 1 else None),
        modified=row["last_update"],
        issued=issued,
        version=str(row["version"]),
        schema=f"/{row['schema']}",
        keywords=sorted({*KEYWORDS, *(found["title"].lower() for found in domains)}),
        themes=sorted({*ALWAYS, *(THEMES[found["code"]] for found in domains if found["code"] in THEMES)}),
        sources=json.loads(row["sources"]),
        contributors=json.loads(row["contributors"]),
        api=True,
    )


def _table(root: Path, db: sqlite3.Connection, table: str, kind: str) -> Entry:
    path = f"schemas/tables/{table}.schema.json"
    about = json.loads((root / path).read_text(encoding="utf-8"))
    first, last = db.execute(SPANS[kind]).fetchone()
    closed = [day for (day,) in db.execute("select closed_on from method where closed_on is not null order by 1")]
    fed = [name for (name,) in db.execute("select distinct dataset from indicator_sources order by 1")]
    updates = [day for (day,) in db.execute("select last_update from datasets")]
    return Entry(
        name=table,
        path=f"/donnees/{table}",
        title=about["title"],
        description=about["description"],
        licence=OWN_LICENCE,
        frequency="irregular" if kind == FIGURES else "annual",
        span=(first, last),
        area=envelope(),
        modified=max([*closed, *updates]) if kind == FIGURES else last,
        issued=closed[0] if closed and kind == FIGURES else None,
        version=str(version(db, table)),
        schema=f"/{path}",
        keywords=sorted({*KEYWORDS, about["title"].lower()}),
        themes=ALWAYS,
        origins=fed if kind == FIGURES else (),
        api=table in RESOURCES,
    )


def _together(db: sqlite3.Connection) -> Entry:
    """The whole database: each table keeps its licence, and whoever takes them all owes what the strictest asks."""
    listed = _rows(db, "select name, licence, licence_title, share_alike, last_update from dataset order by name")
    alike = [row for row in listed if row["share_alike"]]
    held = " ; ".join(f"{row['licence_title']} : {row['name']}" for row in alike)
    rights = "Chaque table garde sa licence."
    if alike:
        rights += f" À partager à l’identique – {held}. Toutes les autres – Licence Ouverte 2.0."
    first, last = db.execute(SPANS[FIGURES]).fetchone()
    issued, closed = db.execute(
        "select (select min(date) from releases), (select max(closed_on) from method)"
    ).fetchone()
    title = "Toute la base de l’observatoire"
    return Entry(
        name=WHOLE,
        path="/donnees",
        title=title,
        description="Toutes les tables : jeux de données, observations, scores, méthode, nomenclatures, en un fichier.",
        licence=alike[0]["licence"] if alike else OWN_LICENCE,
        frequency="irregular",
        span=(first, last),
        area=envelope(),
        modified=max(filter(None, [closed, *(row["last_update"] for row in listed)])),
        issued=issued,
        version=str(version(db, WHOLE)),
        schema=None,
        keywords=sorted(KEYWORDS),
        themes=ALWAYS,
        origins=[row["name"] for row in listed],
        rights=rights,
    )


def _rows(db: sqlite3.Connection, sql: str, *values: Any) -> list[dict[str, Any]]:
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
