"""What the database says of compared territories: who they are, their values, their scores, others like them."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observatory import languages
from observatory.comparability_rules import Side

Row = dict[str, Any]
# Events that change what a territory is made of; a new name or code does not.
PERIMETER = "('merger', 'split', 'transfer', 'dissolution')"
COMMUNES = """
select member from memberships where parent = :area and valid_to is null and member like 'COM-%'
union
select c.member from memberships d join memberships c on c.parent = d.member and c.valid_to is null
where d.parent = :area and d.valid_to is null and d.member not like 'COM-%' and c.member like 'COM-%'
"""
CHANGES = f"""
select date from territory_events where from_area = :area and type in {PERIMETER}
union select date from territory_events where to_area = :area and type in {PERIMETER}
union select valid_from from territories where ref_area = :area and valid_from is not null
order by 1
"""
# For each way of looking like a territory: others, at most :most.
ALIKE = """
select peer as ref_area, name from territory_peers
where ref_area = :area and node = 'index' order by position limit :most
"""
BESIDE = """
select t.ref_area, t.name from memberships m
join memberships n on n.parent = m.parent and n.valid_to is null
join territories t on t.ref_area = n.member
where m.member = :area and m.parent_level = iif(:level = 'DEP', 'REG', 'DEP') and m.valid_to is null
    and t.level = :level and t.ref_area <> :area
order by abs(ifnull(t.population, 0) - :population), t.ref_area limit :most
"""
# The département of most of its communes, and the intercommunalités that have communes there.
BESIDE_EPCI = """
select t.ref_area, t.name from memberships c
join memberships e on e.member = c.member and e.parent_level = 'EPCI' and e.valid_to is null
join territories t on t.ref_area = e.parent
where c.valid_to is null and e.parent <> :area and t.category <> 'ept' and c.parent = (
    select d.parent from memberships m
    join memberships d on d.member = m.member and d.parent_level = 'DEP' and d.valid_to is null
    where m.parent = :area and m.valid_to is null group by d.parent order by count(*) desc limit 1
)
group by t.ref_area
order by abs(ifnull(t.population, 0) - :population), t.ref_area limit :most
"""
ACROSS = """
select count(distinct d.parent) from memberships m
join memberships d on d.member = m.member and d.parent_level = 'DEP' and d.valid_to is null
where m.parent = :area and m.valid_to is null
"""
SAME_KIND = """
select ref_area, name from territories
where category = :category and valid_to is null and ref_area <> :area
order by abs(ifnull(population, 0) - :population), ref_area limit :most
"""


@dataclass(frozen=True)
class Facts:
    """What is known of territories, each list in the order in which they were asked for."""

    territories: list[Row]
    sides: list[Side]
    values: dict[tuple[str, str], Row]
    nodes: dict[tuple[str, str], Row]
    indicators: dict[str, Row]


def connected(path: str | Path) -> sqlite3.Connection:
    """A connection that reads that database and cannot write it."""
    db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return db


def rows(db: sqlite3.Connection, sql: str, **values: Any) -> list[Row]:
    """Rows of a query in the language of the page."""
    return [{name: row[name] for name in row.keys()} for row in languages.rows(db.execute(sql, values).fetchall())]  # noqa: SIM118


def facts(db: sqlite3.Connection, areas: Sequence[str]) -> Facts:
    """Everything that comparing these territories needs."""
    territories = [
        row for area in areas for row in rows(db, "select * from territory where ref_area = :area", area=area)
    ]
    values: dict[tuple[str, str], Row] = {}
    nodes: dict[tuple[str, str], Row] = {}
    for area in areas:
        for row in rows(db, "select * from territory_values where ref_area = :area order by position", area=area):
            values[area, row["indicator"]] = row
        for row in rows(db, "select * from node_scores where ref_area = :area order by position", area=area):
            nodes[area, row["node"]] = row
    found = rows(db, "select code, unit, competence, scored_levels, position from indicators order by position")
    return Facts(
        territories, [_side(db, row) for row in territories], values, nodes, {row["code"]: row for row in found}
    )


def _side(db: sqlite3.Connection, row: Row) -> Side:
    area = row["ref_area"]
    across = 1
    if row["level"] == "EPCI":
        across = db.execute(ACROSS, {"area": area}).fetchone()[0]
    own = [area]
    if row["level"] == "FRA":
        own = []  # every commune: its level alone settles the verdict
    elif row["level"] != "COM":
        own = [one for (one,) in db.execute(COMMUNES, {"area": area})]
    return Side(
        ref_area=area,
        name=row["name"],
        level=row["level"],
        category=row["category"] or "",
        level_title=row["level_title"],
        category_title=row["category_title"] or "",
        powers=frozenset((row["powers"] or "").split(";")) - {""},
        population=row["population"],
        communes=frozenset(own),
        departements=across,
        changes=tuple(date for (date,) in db.execute(CHANGES, {"area": area})),
    )


def scored_levels(indicator: Row) -> list[str]:
    """Levels at which an indicator counts in the score."""
    return list(json.loads(indicator["scored_levels"] or "[]"))


def others(db: sqlite3.Connection, territory: Row, most: int = 5) -> dict[str, list[Row]]:
    """Territories to compare this one with: `alike` (the method's peers), `beside` it, of its `kind` and size."""
    if territory["level"] == "FRA":
        return {}
    beside = BESIDE_EPCI if territory["level"] == "EPCI" else BESIDE
    values = {
        "area": territory["ref_area"],
        "level": territory["level"],
        "category": territory["category"],
        "population": territory["population"] or 0,
        "most": most,
    }
    found = {name: rows(db, sql, **values) for name, sql in (("alike", ALIKE), ("beside", beside), ("kind", SAME_KIND))}
    return {name: list_ for name, list_ in found.items() if list_}


def cards(db: sqlite3.Connection, areas: Sequence[str]) -> list[Row]:
    """Name, kind and département of territories, in that order, with what replaced those that are no more."""
    sql = "select c.*, t.valid_to, t.successors from territory_card c join territories t using (ref_area)"
    return [row for area in areas for row in rows(db, f"{sql} where ref_area = :area", area=area)]
