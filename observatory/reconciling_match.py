"""The territories that the cell of a spreadsheet may stand for, best first, for the Reconciliation API.

The words are read as everywhere on the site (`observatory.resolving`); what the other columns of the row say chooses
among namesakes; a territory that is no more leads to the one that took its whole place.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from observatory import french, resolving, search, searching
from observatory.formats import spoken
from observatory.languages import gettext as _

MOST = 10
# Scores out of 100: the name of today, another name of that place, the name of one that is no more, that of a place
# which it took in, words that hold it; what is nearly the name has its likeness, less than those.
NAMED, RENAMED, GONE, TAKEN_IN, HELD, NEAR = 100, 98, 95, 90, 70, 80
# A territory is certain when no other one is as near as this; one that is elsewhere loses half of its score.
AS_NEAR, MISPLACED = 2, 0.5
# « Saint-Denis (93) », « Commune de Mulhouse »: what lists write around a name.
BRACKETS = re.compile(r"(.*\S)\s*\(\s*([^()]+?)\s*\)\s*")
OFFICES = re.compile(
    r"(?:(commune|ville|mairie)|(departement|conseil departemental)|(region|conseil regional))(?: d| de| du| des)?"
    r"(?: la| le| les| l)? (.+)"
)
ARTICLE = re.compile(r"(?:la|le|les|l) (?=\w{3})")
LEVELS = ("COM", "DEP", "REG")
PLACES = """
select m.member, m.parent_level, m.parent, p.name, p.code
from memberships m join territories p on p.ref_area = m.parent
where m.member in ({}) order by m.member, m.parent_level, m.valid_from
"""
HEIRS = "select ref_area, heir, valid_to from territory where ref_area in ({}) and current = 0"


@dataclass(frozen=True)
class Query:
    """A cell: its words, the levels that are possible (all when empty), and what the row says of each property."""

    text: str
    levels: tuple[str, ...] = ()
    beside: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limit: int = 5


@dataclass(frozen=True)
class Candidate:
    """A territory that may be meant, its score out of 100, whether it is certain, and what tells it apart."""

    card: Any
    score: float
    match: bool
    description: str


@dataclass
class _Weighed:
    card: Any
    score: float
    certain: bool
    because: str = ""


def marks(values: Iterable[Any]) -> str:
    """The marks of as many parameters."""
    return ",".join("?" for _value in values)


def candidates(db: sqlite3.Connection, query: Query) -> list[Candidate]:
    """The territories that answer a query, best first; at most `limit`, and MOST. `db` gives its rows by name."""
    read, memory = searching.opened(db)
    text, levels, beside = _read(db, query)
    weighed = _weighed(db, read, searching.names(read, memory), text)
    weighed = [one for one in _led(read, weighed) if not levels or one.card["level"] in levels]
    said = _facts(read, [one.card for one in weighed])
    for one in weighed:
        if not all(_fits(said[one.card["ref_area"]], name, values) for name, values in beside):
            one.score, one.certain = one.score * MISPLACED, False
    certain = _certain(weighed)
    weighed.sort(key=lambda one: (-one.score, not one.card["current"], -_people(one)))
    return [
        Candidate(one.card, round(one.score, 1), one is certain, _described(one, said[one.card["ref_area"]]))
        for one in weighed[: max(0, min(query.limit, MOST))]
    ]


def _certain(weighed: list[_Weighed]) -> _Weighed | None:
    """The only territory that can be meant: no other one is as near, nor known by this name by more people."""
    named = sorted((one for one in weighed if one.certain), key=lambda one: -one.score)
    for other in named[1:]:
        if other.score >= named[0].score - AS_NEAR or _people(other) > _people(named[0]):
            return None
    return named[0] if named else None


def _people(one: _Weighed) -> int:
    return one.card["population"] or 0


def _read(db: sqlite3.Connection, query: Query) -> tuple[str, tuple[str, ...], list[tuple[str, tuple[str, ...]]]]:
    """The words without what lists write around a name, when they are no name as they are."""
    text, levels, beside = query.text[: search.LONGEST].strip(), query.levels, list(query.beside)
    if resolving.resolve(db, text).exact:
        return text, levels, beside
    if found := BRACKETS.fullmatch(text):
        text = found[1]
        beside.append(("place", (found[2],)))
    if found := OFFICES.fullmatch(french.key(text)):
        level = next(level for level, word in zip(LEVELS, found.groups(), strict=False) if word)
        text, levels = found[4], levels or (level,)
    return text, levels, beside


def _weighed(db: sqlite3.Connection, read: searching.Read, known: searching.Names, text: str) -> list[_Weighed]:
    """Every territory that the words name, hold or nearly name, each once."""
    named = resolving.resolve(db, text)
    found = {card["ref_area"]: _Weighed(card, NAMED, True) for card in named.exact}
    for one in searching.territories(read, known, text):
        same = one.standing == 1 and one.why is not None and one.why[0] in resolving.SAME_PLACE
        score = RENAMED if same else (GONE, TAKEN_IN, HELD, HELD)[one.standing]
        found.setdefault(one.card["ref_area"], _Weighed(one.card, score, score >= GONE, one.because()))
    key = french.key(text)
    for card in named.near:
        likeness = fuzz.ratio(key, french.key(card["name"]))
        found.setdefault(card["ref_area"], _Weighed(card, min(NEAR, likeness * NEAR / 100), False))
    return list(found.values())


def _led(read: searching.Read, weighed: list[_Weighed]) -> list[_Weighed]:
    """The same, the heir of each territory that is no more before it, unless it is there already."""
    gone = [one.card["ref_area"] for one in weighed if not one.card["current"]]
    heirs = {row["ref_area"]: row for row in read(HEIRS.format(marks(gone)), gone)} if gone else {}
    cards = {card["ref_area"]: card for card in searching.named(read, [r["heir"] for r in heirs.values() if r["heir"]])}
    found: dict[str, _Weighed] = {}
    for one in weighed:
        row = heirs.get(one.card["ref_area"])
        if row and row["heir"] in cards:
            because = _("remplace {name} ({code})").format(name=one.card["name"], code=one.card["ref_area"])
            _best(found, _Weighed(cards[row["heir"]], one.score, one.certain, because))
            one = _Weighed(one.card, one.score - 1, False, one.because)
        _best(found, one)
    return list(found.values())


def _best(found: dict[str, _Weighed], one: _Weighed) -> None:
    known = found.get(one.card["ref_area"])
    if known is None or one.score > known.score:
        found[one.card["ref_area"]] = one


def _facts(read: searching.Read, cards: list[Any]) -> dict[str, dict[str, set[str]]]:
    """Identifier → property → all that may be written of it, reduced for comparison."""
    said = {card["ref_area"]: _own(card) for card in cards}
    for row in read(PLACES.format(marks(said)), list(said)) if said else []:
        for name in (row["parent_level"], "place"):
            said[row["member"]].setdefault(name, set()).update(_written(row["parent"], row["name"], row["code"]))
    return said


def _own(card: Any) -> dict[str, set[str]]:
    own = {name: {french.key(str(card[name]))} for name in ("code", "siren", "population") if card[name] is not None}
    level = {french.key(card["level"]), french.key(spoken().word(card["kind"], "kind"))}
    itself = {card["level"]: _written(card["ref_area"], card["name"], card["code"])}
    return {"level": level, "category": {french.key(card["category_title"] or "")}, **own, **itself}


def _written(ref_area: str, name: str, code: str | None) -> set[str]:
    return {_bare(text) for text in (ref_area, name, code or "") if text}


def _bare(text: str) -> str:
    """The text as it is compared: « La Réunion » is « réunion »."""
    return ARTICLE.sub("", french.key(text))


def _fits(said: Mapping[str, set[str]], name: str, values: tuple[str, ...]) -> bool:
    known = said.get({"departement": "DEP", "region": "REG", "epci": "EPCI"}.get(name, name), set())
    asked = {_bare(value) for value in values if value.strip()}
    # A code may have lost its first zero in a spreadsheet.
    asked |= {value.zfill(2) for value in asked if value.isdigit()}
    return not asked or bool(known & asked)


def _described(one: _Weighed, said: Mapping[str, set[str]]) -> str:
    detail = searching.Found(one.card, 0, None).detail()
    return " · ".join([detail, *filter(None, [one.because])])
