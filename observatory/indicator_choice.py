"""What the visitor of an indicator's page asked for: territory, level, period, geography, order, région, page."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from observatory.languages import gettext as _
from observatory.resolving import Resolved, proposed, resolve

Row = Mapping[str, Any]

GEOGRAPHIES = ("epoque", "constante")
# What the table can be sorted by, in the words of the address, and the SQL of it; the same rows, always the same order.
ORDERS = {
    "valeur": "obs_value desc, ref_area",
    "valeur-croissante": "obs_value, ref_area",
    "nom": "sort_name, ref_area",
    "nom-inverse": "sort_name desc, ref_area",
}
PARAMETERS = ("territoire", "niveau", "periode", "geographie", "dans", "tri", "departement", "page")
MOST_SHOWN = 40  # choices named in a refusal
LARGEST_PAGE = 10_000


class Refused(Exception):
    """A parameter that the page cannot follow; the message says which ones it can."""


class Unnamed(Refused):
    """The words for a territory are no single one: what they stand for, and the cards to propose."""

    def __init__(self, mine: Resolved, cards: tuple[Row, ...]) -> None:
        super().__init__(mine.said())
        self.mine, self.cards = mine, cards


@dataclass
class Choice:
    """The state of the page, every part of it chosen; `url` gives the address of the same page with a change."""

    level: str = ""
    period: str = ""
    periods: list[str] = field(default_factory=list)
    geography: str = GEOGRAPHIES[0]
    order: str = next(iter(ORDERS))
    region: Row | None = None
    page: int = 1
    territory: Row | None = None
    shown: Row | None = None  # the territory itself, or what it belongs to at that level
    gone: Row | None = None  # the territory asked for, which is no more: `territory` took its place
    homonyms: list[Row] = field(default_factory=list)
    moved: str = ""  # the period asked for, when this level has no value of it
    asked: dict[str, str] = field(default_factory=dict)

    def url(self, **changes: str | int | None) -> str:
        """The query string of this page with some parameters changed; None removes one. A change goes to page 1."""
        state: dict[str, str | int | None] = {**self.asked, "page": None, **changes}
        kept = {name: state[name] for name in PARAMETERS if state.get(name)}
        return "?" + urlencode(kept) if kept else "?"


def read(db: sqlite3.Connection, coverage: Sequence[Row], parameters: Mapping[str, str]) -> Choice:
    """The choice that the parameters make among what `coverage` (rows of indicator_levels) offers; Refused otherwise.

    `db` gives its rows by name.
    """
    given = {name: parameters[name].strip() for name in PARAMETERS if parameters.get(name, "").strip()}
    if "departement" in given:  # that of the map of communes, which reads it
        given["departement"] = given["departement"][:3]
    choice = Choice(asked=given)
    available = list(dict.fromkeys(row["level"] for row in coverage))
    level = _one_of(given.get("niveau"), available, _("Cet indicateur n’a pas de valeur à l’échelon « {value} »."))
    if "territoire" in given:
        choice.territory, choice.homonyms = _territory(db, given["territoire"], level, available)
        choice.territory, choice.gone = _living(db, choice.territory, [level] if level else available)
        given["territoire"] = choice.territory["ref_area"]
    line = ancestors(db, choice.territory) if choice.territory else []
    own = [row["level"] for row in line if row["level"] in available]
    choice.level = level or next(iter(own), "DEP" if "DEP" in available else available[0])
    choice.shown = next((row for row in line if row["level"] == choice.level), None)
    _periods(choice, coverage, given.get("periode"))
    geographies = _("La géographie « {value} » n’existe pas.")
    choice.geography = _one_of(given.get("geographie"), GEOGRAPHIES, geographies) or GEOGRAPHIES[0]
    orders = _("On ne peut pas trier ce tableau selon « {value} ».")
    choice.order = _one_of(given.get("tri"), list(ORDERS), orders) or choice.order
    choice.region = _region(db, given.get("dans"))
    choice.page = _page(given.get("page"))
    return choice


def _page(text: str | None) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6 and 0 < int(text) <= LARGEST_PAGE):
        raise Refused(_("La page « {value} » n’existe pas.").format(value=text[:40]))
    return int(text)


def _one_of(value: str | None, choices: Sequence[str], message: str) -> str | None:
    if value is None or value in choices:
        return value
    said = ", ".join(choices[:MOST_SHOWN])
    choose = _("Choix possibles : {choices}.").format(choices=said)
    raise Refused(message.format(value=value[:60]) + " " + choose)


def _periods(choice: Choice, coverage: Sequence[Row], asked: str | None) -> None:
    """Set the periods of the level, latest first, and the one to show; one of another level is said to be missing."""
    choice.periods = sorted((r["time_period"] for r in coverage if r["level"] == choice.level), reverse=True)
    everywhere = sorted({row["time_period"] for row in coverage}, reverse=True)
    _one_of(asked, everywhere, _("Cet indicateur n’a pas de valeur pour la période « {value} »."))
    choice.moved = asked if asked and asked not in choice.periods else ""
    choice.period = asked if asked and not choice.moved else choice.periods[0]


def _region(db: sqlite3.Connection, ref_area: str | None) -> Row | None:
    if ref_area is None:
        return None
    rows = regions(db)
    _one_of(ref_area, [row["ref_area"] for row in rows], _("Aucune région n’a le code « {value} »."))
    return next(row for row in rows if row["ref_area"] == ref_area)


def regions(db: sqlite3.Connection) -> list[Row]:
    """The régions of today, by name."""
    return db.execute(
        "select ref_area, name from territories where level = 'REG' and category = 'region' and valid_to is null"
        " order by replace(name, 'Î', 'I')"
    ).fetchall()


def ancestors(db: sqlite3.Connection, territory: Row) -> list[Row]:
    """The territory, then what it belongs to today, nearest first; an EPCI to where most of its communes are."""
    found = db.execute(
        """
        select t.*, p.rows from (
            select m.parent, count(*) as rows, row_number() over (partition by t.level order by count(*) desc) as best
            from memberships m join territories t on t.ref_area = m.parent
            where m.valid_to is null and m.parent <> :own and t.level <> :level
                and (m.member = :own or :level = 'EPCI' and m.member in (
                    select c.member from memberships c where c.parent = :own and c.valid_to is null))
            group by m.parent
        ) p
        join territories t on t.ref_area = p.parent
        join levels l on l.level = t.level
        where p.best = 1
        order by l.position desc
        """,
        {"own": territory["ref_area"], "level": territory["level"]},
    ).fetchall()
    country = db.execute("select * from territories where level = 'FRA' and ref_area <> ?", [territory["ref_area"]])
    return [territory, *(row for row in found if row["level"] != "FRA"), *country.fetchall()]


def _living(db: sqlite3.Connection, territory: Row, levels: Sequence[str]) -> tuple[Row, Row | None]:
    """The territory, or its heir and itself when it is no more and none of those levels is its own."""
    if territory["valid_to"] is None or territory["level"] in levels:
        return territory, None
    heir = db.execute(
        "select t.* from territory g join territories t on t.ref_area = g.heir where g.ref_area = ?",
        [territory["ref_area"]],
    ).fetchone()
    return (heir, territory) if heir else (territory, None)


def _territory(db: sqlite3.Connection, text: str, level: str | None, available: Sequence[str]) -> tuple[Row, list[Row]]:
    """The territory that the text names, and at most five others that it also names."""
    asked = resolve(db, text)
    if not asked.exact:
        raise Unnamed(asked, proposed(db, asked, lambda card: card["level"] in available))
    marks = ",".join("?" * len(asked.exact))
    areas = [card["ref_area"] for card in asked.exact]
    found = db.execute(f"select * from territories where ref_area in ({marks})", areas).fetchall()
    wanted = [level] if level else []
    found.sort(key=lambda row: (row["valid_to"] is not None, *_place(row, wanted, available)))
    return found[0], found[1:6]


def _place(row: Row, wanted: Sequence[str], available: Sequence[str]) -> tuple[bool, bool, int]:
    # The level asked for, then one that has values, then the largest.
    return row["level"] not in wanted, row["level"] not in available, -(row["population"] or 0)
