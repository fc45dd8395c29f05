"""The territory that a visitor's words stand for: the one rule of every field and address that takes a territory.

A code or an identifier first, then the exact name of a territory of today, then that of one that is no more. Whatever
is only nearly so is proposed: no page shows another place than the one that was asked for.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from observatory import french, search, searching
from observatory.formats import spoken
from observatory.languages import gettext as _

# Other names of the very same territory; those of what it took in are names of another place.
SAME_PLACE = ("acronym", "former-name")
CODES = ("former-code", "postcode", "municipal-arrondissement")
MOST_NEAR = 8
ALIASES = "select ref_area, type from territory_aliases where alias = ? order by ref_area limit 300"
NAMED = "select ref_area, type, alias from territory_aliases where ref_area in ({}) order by 1, 2, 3"


@dataclass(frozen=True)
class Resolved:
    """What words stand for: `exact` cards of the territories that they name, else `near` ones, to be proposed.

    Cards are rows of territory_card, in the order of the house: those of today first, the most populous first.
    """

    text: str = ""
    exact: tuple[Any, ...] = ()
    near: tuple[Any, ...] = ()

    @property
    def territory(self) -> Any | None:
        """The territory, which may be no more (`current`), when there is no doubt."""
        return self.exact[0] if len(self.exact) == 1 else None

    @property
    def namesakes(self) -> tuple[Any, ...]:
        """The territories among which the visitor has to choose; none when there is no doubt."""
        return self.exact if len(self.exact) > 1 else ()

    @property
    def cards(self) -> tuple[Any, ...]:
        """What can be shown to whoever wrote this: what it names, else what it nearly names."""
        return self.exact or self.near

    def preferring(self, fits: Callable[[Any], bool]) -> "Resolved":
        """The same without the namesakes that the page has no use for, unless it has no use for any of them."""
        kept = tuple(card for card in self.exact if fits(card))
        return replace(self, exact=kept or self.exact, near=tuple(sorted(self.near, key=lambda card: not fits(card))))

    def said(self) -> str:
        """Why there is no single territory, and what to write; empty when there is one."""
        if self.territory or not self.text:
            return ""
        text, names = self.text[:60], listed(self.cards[:MOST_NEAR])
        if self.exact:
            said = _("Plusieurs territoires répondent à « {text} » : {names}. Écrivez le code.")
            return said.format(text=text, names=names)
        said = _("Aucun territoire ne correspond à « {text} ».").format(text=text)
        if not names:
            return f"{said} " + _("Écrivez un nom ou un code, comme Mulhouse ou DEP-68.")
        return " ".join([said, _("Vouliez-vous dire : {names} ?").format(names=names), _("Écrivez le code.")])


def listed(cards: Iterable[Any]) -> str:
    """The territories in a sentence, each with the identifier to write: “Paris (COM-75056); Paris (DEP-75)”."""
    between: str = spoken().typeset(_(" ; "))
    return between.join(f"{card['name']} ({card['ref_area']})" for card in cards)


def resolve(db: sqlite3.Connection, text: str) -> Resolved:
    """What `text` stands for: identifier, code, SIREN, former code, postcode, name, or nearly a name.

    `db` gives its rows by name.
    """
    text = text.strip()[: search.LONGEST].strip()
    if not text:
        return Resolved()
    read, memory = searching.opened(db)
    known = searching.names(read, memory)
    # A name that holds « St » itself comes before the one that it would abbreviate.
    if exact := _coded(read, text) or _named(read, known, text) or _named(read, known, search.expanded(text)):
        return Resolved(text, tuple(exact))
    return Resolved(text, near=tuple(_near(read, known, text)))


def identified(db: sqlite3.Connection, text: str) -> list[Any]:
    """The territories whose identifier, code or SIREN is `text`, or had been: what an address may hold."""
    return _coded(searching.opened(db)[0], text.strip()[: search.LONGEST].strip(), postcodes=False)


def proposed(db: sqlite3.Connection, named: Resolved, fits: Callable[[Any], bool]) -> tuple[Any, ...]:
    """The cards to propose when `named` is no single territory: those that fit the page first, wherever words hold."""
    read, memory = searching.opened(db)
    known = searching.names(read, memory)
    held = [one.card for one in searching.territories(read, known, named.text)] if named.text else []
    found = [card for card in (*named.cards, *held) if card["current"] and fits(card)]
    return tuple(_once([*found, *named.cards])[:MOST_NEAR])


def _coded(read: searching.Read, text: str, postcodes: bool = True) -> list[Any]:
    """The territories whose code is `text`; five digits may be a postcode too, which most visitors mean."""
    cards = searching.named(read, search.identifiers(text), text)
    if whole := [card for card in cards if card["ref_area"] == text.upper()]:
        return whole
    other = {row["ref_area"]: row["type"] for row in read(ALIASES, (text.upper(),)) if row["type"] in CODES}
    posted = [area for area, kind in other.items() if kind == "postcode" and postcodes]
    # A code that a territory of today has is that one's, whichever other one once had it.
    today = [card for card in cards if card["current"]]
    former = [area for area, kind in other.items() if kind != "postcode"]
    return _once([*searching.named(read, posted), *(today or cards or searching.named(read, former))])


def _named(read: searching.Read, known: searching.Names, text: str) -> list[Any]:
    """The territories of today that are called so, else those that were, whether they are no more or were renamed."""
    key = french.key(text)
    if today := [area for area in known.exact.get(key, []) if known.current.get(area) == key]:
        return _once(searching.named(read, today))
    areas = list(dict.fromkeys(known.exact.get(key, [])))
    renamed = _other_names(read, areas, key)
    cards = searching.named(read, areas)
    return [card for card in cards if card["ref_area"] in renamed or search.same(text, card["name"])]


def _other_names(read: searching.Read, areas: list[str], key: str) -> set[str]:
    rows = read(NAMED.format(",".join("?" * len(areas))), areas)
    return {area for area, kind, alias in rows if kind in SAME_PLACE and french.key(alias) == key}


def _near(read: searching.Read, known: searching.Names, text: str) -> list[Any]:
    """Territories of today that hold these words, or have nearly this name: best first."""
    held = [one for one in searching.territories(read, known, text) if one.card["current"]]
    named, holding = [one for one in held if one.standing < 3], [one for one in held if one.standing == 3]
    return _once(one.card for one in (*named, *searching.meant(read, known, text), *holding))[:MOST_NEAR]


def _once(cards: Iterable[Any]) -> list[Any]:
    return list({card["ref_area"]: card for card in cards}.values())
