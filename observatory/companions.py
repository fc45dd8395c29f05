"""What the address of a territory's page asks for: those put beside it (« ?avec=DEP-67,DEP-90 », or « avec= »
repeated), the former région that led to it (« ?depuis=REG-42 »)."""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from observatory import search, searching
from observatory.cog_special import FORMER_REGIONS
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.resolving import Resolved, proposed, resolve

MOST = 5
IDENTIFIER = re.compile(r"\s*[A-Za-z]{3,4}-[0-9A-Za-z]{1,9}\s*\Z")


def asked(values: Iterable[str]) -> list[str]:
    """What the visitor asked for, each once, in order: identifiers in upper case, names as they were typed.

    A value with an identifier is cut at its commas; a name may hold one. One more than MOST at the most: the last
    only says that there were too many.
    """
    found: dict[str, None] = {}
    for value in values:
        text = value[: search.LONGEST].strip(" ,")
        parts = [part for part in text.split(",") if part.strip()]
        for part in parts if any(IDENTIFIER.match(part) for part in parts) else [text] if text else []:
            typed = part.strip()
            found.setdefault(typed.upper() if IDENTIFIER.match(typed) else typed)
            if len(found) > MOST:
                return list(found)
    return list(found)


@dataclass
class Beside:
    """The cards of the territories that stand beside one, in the order they were asked for, and what is said of all.

    `doubts` are what is said of words that name none, with the cards to propose: those of the same `level`, or others.
    """

    chosen: list[Any] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    doubts: list[tuple[str, list[Any]]] = field(default_factory=list)
    level: str = ""


def beside(db: sqlite3.Connection, ref_area: str, values: Iterable[str]) -> Beside:
    """Those that the address asks for beside that territory; `db` gives its rows by name."""
    own = next(iter(searching.named(searching.opened(db)[0], [ref_area])), None)
    typed, found = asked(values), Beside(level=own["level"] if own else "")
    for text in typed[:MOST] if own else []:
        _place(db, found, own, resolve(db, text))
    if len(typed) > MOST:
        said = _("Cinq territoires au plus se placent à côté de celui-ci : les premiers sont gardés.")
        found.remarks.append(said)
    return found


def _place(db: sqlite3.Connection, found: Beside, own: Any, named: Resolved) -> None:
    """Add what was named to the territories beside `own` if it can be, else say why not."""

    def fits(card: Any) -> bool:
        return bool(card["level"] == own["level"] and card["current"])

    named = named.preferring(fits)
    card = named.territory
    if card is None:
        cards = proposed(db, named, lambda other: fits(other) and other["ref_area"] != own["ref_area"])
        same = [other for other in cards if fits(other)]
        found.doubts.append((_doubted(named, same), same or list(cards)))
    elif not fits(card):
        found.remarks.append(_refused(card))
    elif card["ref_area"] == own["ref_area"]:
        found.remarks.append(_("%(name)s est déjà là.") % {"name": card["name"]})
    elif card not in found.chosen:
        found.chosen.append(card)


def _doubted(named: Resolved, same: list[Any]) -> str:
    """Why words are no single territory of the level, of which `same` may be meant."""
    if len([card for card in named.namesakes if card in same]) > 1:
        return _("« {text} » peut désigner plusieurs territoires.").format(text=named.text)
    return _("« %(text)s » n’est le nom ni le code d’aucun territoire du même échelon.") % {"text": named.text}


def _refused(card: Any) -> str:
    """Why a territory is not shown beside."""
    name, kind = card["name"], spoken().word(card["kind"], "kind")
    if not card["current"]:
        return _("%(name)s n’existe plus : choisissez son successeur.") % {"name": name}
    said = _("%(name)s n’est pas du même échelon (%(kind)s) : ses chiffres ne se placent pas à côté de ceux-ci.")
    return said % {"name": name, "kind": kind}


def former_region(code: str, ref_area: str) -> str:
    """Name of the former région whose identifier is `code` and which is now part of `ref_area`; "" without any."""
    name, successor = FORMER_REGIONS.get(code, ("", ""))
    return name if successor == ref_area else ""
