"""What a choropleth shows, read from the database: values or levels of a level's territories, source and period."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from observatory import maps_communes
from observatory.maps_base import Base
from observatory.model import INDEX

LEVELS = ("REG", "DEP", "EPCI", "COM")
# Each dataset of an indicator with those who made it, one a line.
SOURCES = """
select distinct i.dataset_title, (
    select group_concat(json_extract(c.value, '$.title'), char(10)) from datasets as d, json_each(d.contributors) as c
    where d.name = i.dataset and json_extract(c.value, '$.role') = 'author')
from indicator_datasets as i where i.indicator = ? order by 1
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which map: a subject (index, code of a domain or of an indicator), a level, and what narrows them.

    `departement` is its bare code, for the level COM only; without `period` the latest that half of the territories
    have, or with `edition` the one that edition of the method used. A `small` map has coarser contours.
    """

    subject: str
    level: str
    departement: str | None = None
    period: str | None = None
    edition: str | None = None
    small: bool = False

    @property
    def name(self) -> str:
        """The name of the map in addresses and in the table `charts`."""
        return f"carte-{self.subject}-{self.level.lower()}" + (f"-{self.departement}" if self.departement else "")


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the map says, as it is in the database, in French and unformatted."""

    asked: Asked
    title: str
    scored: bool
    time_period: str
    base: Base
    values: Mapping[str, float | None]
    sources: tuple[str, ...]
    place: str = ""
    producers: tuple[tuple[str, ...], ...] = ()
    levels: Mapping[str, int] = field(default_factory=dict)
    scale: tuple[tuple[int, str, float], ...] = ()
    symbol: str | None = None
    decimals: int = 1


def facts(root: Path, db: sqlite3.Connection, asked: Asked, base: Base | None = None) -> Facts | None:
    """What that map shows; None when there is no such map (subject, level, period, edition or contours unknown).

    `base` spares reading the one of that level again.
    """
    if asked.level not in LEVELS or (asked.level == "COM") != bool(asked.departement):
        return None
    place = db.execute("select name from territories where ref_area = ?", (f"DEP-{asked.departement}",)).fetchone()
    if asked.departement:
        base = maps_communes.read(root, asked.departement)
    base = base or _base(db, asked)
    if base is None:
        return None
    named = place[0] if place else ""
    return _scores(db, asked, base, named) or _observations(db, asked, base, named)


def found(root: Path, asked: Asked, french: bool, db: sqlite3.Connection) -> dict[str, Any] | Facts | None:
    """The row of `charts` where it says what is asked, as it does in French only; else what must be drawn."""
    return (kept(db, asked) if french else None) or facts(root, db, asked)


def subjects(db: sqlite3.Connection, level: str) -> list[str]:
    """The index, domains and indicators that have something to show at a level."""
    nodes = "select distinct node from scores where node_type <> 'indicator' and score is not null" + (
        " and edition = (select edition from method where current) and ref_area between ? and ?"
    )
    found = [node for (node,) in db.execute(nodes, _range(level, None))]
    values = "select distinct indicator from indicator_coverage where level = ? order by indicator"
    return sorted(found, key=lambda node: (node != INDEX, node)) + [code for (code,) in db.execute(values, (level,))]


def kept(db: sqlite3.Connection, asked: Asked) -> dict[str, Any] | None:
    """The row of `charts` of a map that was drawn at build, in French; None when it must be drawn."""
    if asked.period or asked.edition or asked.small:
        return None
    found = db.execute("select * from charts where name = ?", (asked.name,))
    row = found.fetchone()
    return dict(zip((column[0] for column in found.description), row, strict=True)) if row else None


def _base(db: sqlite3.Connection, asked: Asked) -> Base | None:
    names = [f"fond-{asked.level.lower()}-leger"] * asked.small + [f"fond-{asked.level.lower()}"]
    for name in names:
        if row := db.execute("select drawing from charts where name = ?", (name,)).fetchone():
            return Base.from_json(row[0])
    return None


def _range(level: str, departement: str | None) -> tuple[str, str]:
    # Identifiers that begin with the level, and those of communes with the code of their département too.
    start = f"{level}-{departement or ''}"
    return start, f"{start}\uffff"


def _scores(db: sqlite3.Connection, asked: Asked, base: Base, place: str) -> Facts | None:
    edition = db.execute(
        "select edition, title, time_period from method"
        " where edition = coalesce(?, (select edition from method where current))",
        (asked.edition,),
    ).fetchone()
    title = db.execute("select title from domains where code = ?", (asked.subject,)).fetchone()
    if edition is None or asked.period or not (title or asked.subject == INDEX):
        return None
    rows = db.execute(
        "select ref_area, score, case when rank is not null then level end from scores"
        " where edition = ? and node = ? and ref_area between ? and ?",
        (edition[0], asked.subject, *_range(asked.level, asked.departement)),
    ).fetchall()
    if not any(level for _, _, level in rows):
        return None
    return Facts(
        asked=asked,
        title=title[0] if title else edition[1],
        scored=True,
        time_period=edition[2],
        base=base,
        values={area: score for area, score, level in rows if level},
        sources=(edition[0],),
        place=place,
        levels={area: level for area, _, level in rows if level},
        scale=tuple(db.execute("select level, name, threshold from maturity_levels order by level").fetchall()),
    )


def _observations(db: sqlite3.Connection, asked: Asked, base: Base, place: str) -> Facts | None:
    found = db.execute(
        "select title, symbol, decimals from indicator where code = ? and status <> 'planned'", (asked.subject,)
    ).fetchone()
    shown = period(db, asked) if found else None
    rows = db.execute(
        "select ref_area, obs_value from current_values"
        " where indicator = ? and time_period = ? and obs_value is not null and ref_area between ? and ?",
        (asked.subject, shown, *_range(asked.level, asked.departement)),
    ).fetchall()
    drawn = {shape.ref_area for shape in base.shapes}
    values = {area: value for area, value in rows if area in drawn}
    if found is None or shown is None or not values:
        return None
    credits = sources(db, asked.subject)
    return Facts(
        asked=asked,
        title=found[0],
        scored=False,
        time_period=shown,
        base=base,
        values=values,
        sources=tuple(title for title, _producers in credits),
        producers=tuple(producers for _title, producers in credits),
        place=place,
        symbol=found[1],
        decimals=found[2] if found[2] is not None else 1,
    )


def sources(db: sqlite3.Connection, indicator: str) -> list[tuple[str, tuple[str, ...]]]:
    """Titles and producers of the datasets of an indicator."""
    found = db.execute(SOURCES, (indicator,)).fetchall()
    return [(title, tuple((producers or "").splitlines())) for title, producers in found]


def period(db: sqlite3.Connection, asked: Asked) -> str | None:
    """The period that such a map shows; None when it has none."""
    if asked.period:
        return asked.period
    if asked.edition:
        used = db.execute(
            "select observed_period from scores where edition = ? and node = ? and observed_period is not null"
            " and ref_area between ? and ? group by 1 order by count(*) desc, 1 desc limit 1",
            (asked.edition, asked.subject, *_range(asked.level, None)),
        ).fetchone()
        if used:
            return str(used[0])
    # What no edition counts is as it was in the year of the edition.
    row = db.execute(
        "select time_period from indicator_coverage where indicator = ? and level = ?"
        " and (? is null or substr(time_period, 1, 4) <= (select time_period from method where edition = ?))"
        " order by 2 * observed_current >= current_total desc,"
        " iif(2 * observed_current >= current_total, 0, -observed_current), time_period desc limit 1",
        (asked.subject, asked.level, asked.edition, asked.edition),
    ).fetchone()
    return row[0] if row else None
