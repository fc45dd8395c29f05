"""The list of a register: what a visitor asks of it, its facets with what each choice would leave, and its page."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from observatory import french
from observatory.languages import data
from observatory.languages import gettext as _

SIZE = 50
LONGEST = 100
Tags = Mapping[str, Mapping[str, Mapping[str, str]]]  # facet → value → its title, by identifier of a thing
# Facet → the query of (thing, value, title), of the things of :register.
FACETS = {
    "domaine": """
        select r.id, r.target_id, d.title from relations r join domains d on d.code = r.target_id
        where r.register = :register and r.target = 'domains'
    """,
    "etat": """
        select t.id, t.state, w.title from things t
        join register_terms w on w.register = t.register and w.value = t.state and w.column <> 'preuve'
        where t.register = :register
    """,
    # A territory that straddles régions is in each of them; one that is the whole country is in none.
    "region": """
        with named as (
            select distinct id, target_id as area from relations where register = :register and target = 'territories'
        ),
        within as (
            select id, area as region from named where area = 'FRA' or area like 'REG-%'
            union
            select n.id, m.parent from named n
            join memberships m on m.member = n.area and m.parent_level = 'REG' and m.valid_to is null
            union
            select n.id, m.parent from named n
            join memberships c on c.parent = n.area and c.valid_to is null
            join memberships m on m.member = c.member and m.parent_level = 'REG' and m.valid_to is null
            where n.area like 'EPCI-%'
        )
        select w.id, w.region, t.name from within w join territories t on t.ref_area = w.region
    """,
    "annee": "select id, year, year from things where register = :register and year is not null",
    "programme": """
        select r.id, r.target_id, t.title from relations r
        join things t on t.register = r.target and t.id = r.target_id
        where r.register = :register and r.target = 'programmes'
    """,
    "preuve": """
        select t.id, t.grade, w.title from things t
        join register_terms w on w.register = t.register and w.value = t.grade and w.column = 'preuve'
        where t.register = :register
    """,
}
ORDERS = {
    "recent": "start_date is null, start_date desc, title",
    "ancien": "start_date is null, start_date, title",
    "titre": "title",
}
PARAMETERS = ("q", *FACETS, "tri", "page")
# What the state of its things is called in each register: stage, kind, result …
STATE = """
select c.title from register_terms w join columns c on c.table_name = w.register and c.name = w.column
where w.register = ? and w.column <> 'preuve' limit 1
"""
PLACES = """
select r.id, r.target_id as ref_area, t.name from relations r join territories t on t.ref_area = r.target_id
where r.register = ? and r.target = 'territories' order by r.id, r.role, r.position
"""


@dataclass(frozen=True)
class Option:
    """A value of a facet, its title, and how many things have it among those that the other facets leave."""

    value: str
    title: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A facet, the values that things of the register have, and the one that is asked for."""

    name: str
    title: str
    options: Sequence[Option]


@dataclass(frozen=True)
class Listing:
    """A page of the things that are left; `total` of them, `known` in the register."""

    facets: Sequence[Facet]
    things: Sequence[Any]
    tags: Tags
    places: Mapping[str, Sequence[Any]]
    asked: Mapping[str, str]
    order: str
    page: int
    last: int
    total: int
    known: int


def titles() -> dict[str, str]:
    """The title of each facet in the page's language."""
    return {
        "domaine": _("Domaine"),
        "etat": _("État"),
        "region": _("Région"),
        "annee": _("Année"),
        "programme": _("Programme"),
        "preuve": _("Preuve"),
    }


def listing(db: sqlite3.Connection, register: str, parameters: Mapping[str, str]) -> Listing:
    """What the list of the register shows for those parameters of PARAMETERS; LookupError for a page that is not."""
    asked = {name: parameters.get(name, "").strip()[:LONGEST] for name in ("q", *FACETS)}
    dated = db.execute("select 1 from things where register = ? and start_date is not null limit 1", [register])
    order = parameters.get("tri", "")
    order = order if order in ORDERS else "recent" if dated.fetchone() else "titre"
    sql = f"select * from things where register = ? order by {ORDERS[order]}, id"
    every = db.execute(sql, [register]).fetchall()
    tags = _tags(db, register)
    left = [one for one in every if _worded(one, asked["q"]) and _fits(tags, one["id"], asked)]
    page, last = parameters.get("page") or "1", max(1, -(-len(left) // SIZE))
    if not (page.isascii() and page.isdigit() and 1 <= int(page[:6]) <= last):
        raise LookupError(page)
    shown = left[(int(page) - 1) * SIZE : int(page) * SIZE]
    worded = [one["id"] for one in every if _worded(one, asked["q"])]
    state = db.execute(STATE, [register]).fetchone()
    named = titles() | ({"etat": data(state[0])} if state else {})
    facets = [_facet(name, title, tags, worded, asked) for name, title in named.items()]
    places: dict[str, list[Any]] = {}
    for row in db.execute(PLACES, [register]):
        places.setdefault(row["id"], []).append(row)
    chosen = {name: value for name, value in asked.items() if value}
    some = [facet for facet in facets if facet.options]
    return Listing(some, shown, tags, places, chosen, order, int(page), last, len(left), len(every))


def _tags(db: sqlite3.Connection, register: str) -> Tags:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for facet, sql in FACETS.items():
        for thing, value, title in db.execute(sql, {"register": register}):
            named = title if facet == "region" else data(title)
            found.setdefault(thing, {}).setdefault(facet, {})[value] = named
    return found


def _worded(thing: Any, text: str) -> bool:
    held = french.key(f"{thing['title']} {thing['summary'] or ''} {thing['id']}")
    return all(word in held for word in french.key(text).split())


def _fits(tags: Tags, thing: str, asked: Mapping[str, str], but: str = "") -> bool:
    own = tags.get(thing, {})
    return all(asked[name] in own.get(name, {}) for name in FACETS if asked[name] and name != but)


def _facet(name: str, title: str, tags: Tags, things: Sequence[str], asked: Mapping[str, str]) -> Facet:
    """The values of a facet among things: each counts those that the other facets leave."""
    left = Counter(
        value for one in things if _fits(tags, one, asked, name) for value in tags.get(one, {}).get(name, {})
    )
    named = {value: said for own in tags.values() for value, said in own.get(name, {}).items()}
    ordered = sorted(named.items(), key=lambda one: french.key(one[1]), reverse=name == "annee")
    if asked[name] and asked[name] not in named:
        ordered.append((asked[name], asked[name]))
    options = [Option(value, said, left[value], value == asked[name]) for value, said in ordered]
    return Facet(name, title, options)
