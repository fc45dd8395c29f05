"""A search over the database: the territories that a visitor means, then indicators, domains, datasets and pages.

`read` executes a query of the database with its parameters and gives its rows: the library knows nothing of who serves.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from observatory import french, languages, links, search
from observatory.formats import spoken
from observatory.languages import gettext as _

Read = Callable[[str, Sequence[Any]], list[Any]]
# Address, title, what is there.
Page = tuple[str, str, str]

# Rows of the full-text index that are ranked: by population, so that a short word gives the best known places.
READ = 60
MOST_THINGS, MOST_SUGGESTED = 20, 8
NAMES = "select ref_area, name, valid_to is null as current from territories order by population desc, ref_area"
OTHERS = "select ref_area, alias from territory_aliases where type <> 'postcode' order by ref_area, alias"
WORDS = "select * from territory_search where query = ? order by current desc, population desc, ref_area limit ?"
EXACTLY = "select distinct ref_area from territory_aliases where alias = ? order by ref_area limit ?"
# Why a commune answers five digits that are its own code, and the postcode of others.
INSEE = "insee"
THINGS = (
    ("indicator", "/indicateurs/", "select code, title, domain_title, definition from indicator order by position"),
    ("domain", "/domaines/", "select code, title, question, definition from domain order by position"),
    ("dataset", "/jeux-de-donnees/", "select name, title, description from dataset order by name"),
    ("thing", "/", "select register || '/' || id, title, summary from things order by register, id"),
)


@dataclass(frozen=True)
class Names:
    """The names of the territories, reduced for comparison: those of today by identifier, identifiers by any name."""

    current: dict[str, str]
    exact: dict[str, list[str]]


@dataclass
class Memory:
    """What a search reads once: the database of a site never changes while it runs."""

    names: Names | None = None
    things: dict[str, list[search.Thing]] = field(default_factory=dict)


def opened(db: sqlite3.Connection) -> tuple[Read, Memory]:
    """A reader of that connection, whose rows have names, and what is remembered of its file as long as it is there."""

    def read(sql: str, values: Sequence[Any]) -> list[Any]:
        return db.execute(sql, values).fetchall()

    file = db.execute("pragma database_list").fetchone()[2]
    state = Path(file).stat() if file else None
    return read, _memory(file, state.st_mtime_ns, state.st_size) if state else Memory()


@lru_cache(maxsize=4)
def _memory(file: str, changed: int, size: int) -> Memory:
    return Memory()


@dataclass(frozen=True)
class Found:
    """A territory that a search found, and the other name by which it did (None: by its own)."""

    card: Any
    standing: int
    why: tuple[str, str] | None

    def detail(self) -> str:
        """What tells it from its namesakes, in the page's language: “Commune · Finistère · code postal 29200”."""
        parts = [spoken().capital(spoken().word(self.card["kind"], "kind"))]
        if self.card["level"] == "COM" and self.card["departement"]:
            parts.append(self.card["departement"])
        if not self.card["current"]:
            parts.append(_("n’existe plus"))
        return " · ".join([*parts, *filter(None, [self.because()])])

    def because(self) -> str:
        """The other name by which it was found, and what that name is; empty when it is its own."""
        if self.why and self.why[0] == INSEE:
            return _("code INSEE {code}").format(code=self.why[1])
        return f"{spoken().word(self.why[0], 'alias')} {self.why[1]}" if self.why else ""


@dataclass(frozen=True)
class Results:
    """What a search found; `near` only when no territory of today is called so."""

    territories: list[Found]
    near: list[Found]
    things: list[search.Thing]
    more: bool

    @property
    def single(self) -> Found | None:
        """The only territory of today that is exactly what was asked; None when there is none, or several."""
        exact = [one for one in self.territories if one.card["current"] and one.standing < 2]
        return exact[0] if len(exact) == 1 else None

    def group(self, kind: str) -> list[search.Thing]:
        """The things of that kind, best first."""
        return [one for one in self.things if one.kind == kind]


def everything(db: sqlite3.Connection, pages: Iterable[Page], text: str, most: int = 50) -> Results:
    """All that `text` finds, by kind; `db` gives its rows by name."""
    read, memory = opened(db)
    known = names(read, memory)
    found = territories(read, known, text)
    today = any(one.card["current"] for one in found)
    seen = {one.card["ref_area"] for one in found}
    near = [] if today else [one for one in meant(read, known, text) if one.card["ref_area"] not in seen]
    others = search.matching(text, things(read, memory, pages), MOST_THINGS)
    return Results(found[:most], near, others, len(found) > most)


def suggestions(text: str, found: Results) -> dict[str, Any]:
    """The first results as the field shows them: places first, with some room kept for the rest."""
    things = [one for one in found.things if not found.territories or search.titled(text, one)]
    room = MOST_SUGGESTED - min(len(things), 2)
    shown = [_line(one) for one in found.territories[:room]]
    shown += [(one.title, kind_said(one.kind), one.url) for one in things]
    shown += [_line(one) for one in found.near]
    kept = [{"label": label, "detail": said, "url": links.here(url)} for label, said, url in shown[:MOST_SUGGESTED]]
    answer: dict[str, Any] = {"query": text, "results": kept}
    if found.single:
        answer["exact"] = links.here(_line(found.single)[2])
    return answer


def _line(one: Found) -> tuple[str, str, str]:
    return one.card["name"], one.detail(), "/territoires/" + one.card["ref_area"]


def kind_said(kind: str) -> str:
    """The kind of a thing in the page's language."""
    said = {"indicator": _("Indicateur"), "domain": _("Domaine"), "dataset": _("Jeu de données"), "page": _("Page")}
    return said.get(kind) or _("Registre")


def names(read: Read, memory: Memory) -> Names:
    """Every name of the database."""
    if memory.names is None:
        rows, others = read(NAMES, ()), read(OTHERS, ())
        areas = [row["ref_area"] for row in (*rows, *others)]
        keys = search.reduced([row["name"] for row in rows] + [row["alias"] for row in others])
        exact: dict[str, list[str]] = {}
        for ref_area, key in zip(areas, keys, strict=True):
            exact.setdefault(key, []).append(ref_area)
        today = {row["ref_area"] for row in rows if row["current"]}
        current = dict(zip(areas[: len(rows)], keys, strict=False))
        memory.names = Names({ref_area: key for ref_area, key in current.items() if ref_area in today}, exact)
    return memory.names


def territories(read: Read, known: Names, text: str) -> list[Found]:
    """The territories that `text` names, by name, code or another name: those of today first, best first."""
    text = text[: search.LONGEST].strip()
    expression = search.match_expression(text)
    if not expression:
        return []
    areas = [*search.identifiers(text), *known.exact.get(french.key(text), [])[:READ]]
    areas += [row["ref_area"] for row in read(EXACTLY, (text.upper(), READ))]
    cards = {row["ref_area"]: row for row in named(read, areas, text)}
    cards |= {row["ref_area"]: row for row in read(WORDS, (expression, READ))}
    return _ranked(read, text, list(cards.values()))


def meant(read: Read, known: Names, text: str) -> list[Found]:
    """Territories of today whose name is nearly `text`, nearest first."""
    near = search.nearest(text, known.current)
    cards = {row["ref_area"]: row for row in named(read, near)}
    return [Found(cards[area], 3, None) for area in near if area in cards]


def named(read: Read, areas: Iterable[str], siren: str = "") -> list[Any]:
    """The cards of those identifiers, or of that SIREN; at most some hundreds are looked for."""
    wanted = list(dict.fromkeys(areas))[:300]
    where, values = f"ref_area in ({','.join('?' * len(wanted))})", wanted
    if len(siren) == 9 and siren.isdigit():
        where, values = f"{where} or siren = ?", [*wanted, siren]
    if not values:
        return []
    return read(f"select * from territory_card where {where} order by current desc, population desc", values)


def things(read: Read, memory: Memory, pages: Iterable[Page]) -> list[search.Thing]:
    """Everything else that can be found, in the page's language; each stays findable by its French words."""
    language = languages.current()
    if language not in memory.things:
        found = []
        for kind, base, sql in THINGS:
            for code, *texts in read(sql, ()):
                title, *said = [languages.data(text or "") for text in texts]
                found.append(search.thing(kind, base + code, title, *said, *filter(None, texts)))
        found += [search.thing("page", url, title, about) for url, title, about in pages]
        memory.things[language] = found
    return memory.things[language]


def _ranked(read: Read, text: str, cards: list[Any]) -> list[Found]:
    marks = ",".join("?" * len(cards))
    sql = f"select ref_area, type, alias from territory_aliases where ref_area in ({marks}) order by 1, 2, 3"
    aliases: dict[str, list[tuple[str, str]]] = {}
    for ref_area, kind, alias in read(sql, [card["ref_area"] for card in cards]):
        aliases.setdefault(ref_area, []).append((kind, alias))
    codes = {*search.identifiers(text), text}
    found = []
    for card in cards:
        code = not codes.isdisjoint({card["ref_area"], card["code"], card["siren"]})
        why = None if code else search.reason(text, card["name"], aliases.get(card["ref_area"], []))
        if code and search.five_digits(text) and card["level"] == "COM":
            found.append(Found(card, 1, (INSEE, text)))
        elif why == ("postcode", text):
            found.append(Found(card, 0, why))
        else:
            found.append(Found(card, 0 if code else search.standing(text, card["name"], why), why))
    return sorted(found, key=lambda one: (not one.card["current"], one.standing, -(one.card["population"] or 0)))
