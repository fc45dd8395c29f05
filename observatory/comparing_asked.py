"""What a visitor asked to compare: territories written as codes or names, and how the table is to be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from observatory import search

ADDRESS = "/comparer"
LEAST, MOST = 2, 6
# Beyond these, what is asked is not read: nobody types that much.
LONGEST_LIST, LONGEST_CHOICE = 24, 8


@dataclass(frozen=True)
class Found:
    """What a written territory stands for: `area` if it is one of today's, else `vanished` or `choices`, or nothing."""

    text: str
    area: str = ""
    vanished: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """The state of the page, all of it in its address."""

    areas: tuple[str, ...] = ()
    by_gap: bool = False
    differences: bool = False
    comparables: bool = False
    indicator: str = ""
    others: tuple[Found, ...] = field(default=())

    def query(self, areas: Iterable[str] | None = None, **changes: str) -> str:
        """The query string of this state, with other territories or parameters; an empty one is left out."""
        kept = {
            "tri": "ecart" if self.by_gap else "",
            "differences": "1" if self.differences else "",
            "comparables": "1" if self.comparables else "",
            "indicateur": self.indicator,
        }
        pairs = [("t", area) for area in (self.areas if areas is None else areas)]
        return urlencode([*pairs, *((name, value) for name, value in {**kept, **changes}.items() if value)])

    def address(self, areas: Iterable[str] | None = None, **changes: str) -> str:
        """The page of that state."""
        query = self.query(areas, **changes)
        return f"{ADDRESS}?{query}" if query else ADDRESS


def written(values: Sequence[str]) -> list[str]:
    """The territories written in the parameters `t`, separated by commas or repeated, each once, in order."""
    texts = [part.strip()[: search.LONGEST] for value in values[:LONGEST_LIST] for part in value.split(",")]
    once: dict[str, str] = {}
    for text in filter(None, texts):
        once.setdefault(text.casefold(), text)
    return list(once.values())[:LONGEST_LIST]


def by_code(text: str, cards: Sequence[Any]) -> Found | None:
    """What the territories whose identifier or code is `text` say; None when there is none."""
    exact = [card for card in cards if card["ref_area"] == text.upper()] or list(cards)
    current = [card["ref_area"] for card in exact if card["current"]]
    if len(current) > 1:
        return Found(text, choices=tuple(current[:LONGEST_CHOICE]))
    if current:
        return Found(text, area=current[0])
    return Found(text, vanished=exact[0]["ref_area"]) if exact else None


def by_name(text: str, cards: Sequence[Any]) -> Found | None:
    """What the territories found by that name say: one of them, a choice between several, or None."""
    same = [card for card in cards if search.same(text, card["name"])]
    current = [card["ref_area"] for card in same or cards if card["current"]]
    if not current and same:
        return Found(text, vanished=same[0]["ref_area"])
    current = current or [card["ref_area"] for card in cards if card["current"]]
    if len(current) == 1:
        return Found(text, area=current[0])
    return Found(text, choices=tuple(current[:LONGEST_CHOICE])) if current else None


def nearly(text: str, cards: Sequence[Any]) -> Found:
    """What a misspelt name may stand for: always a choice, never a guess."""
    return Found(text, choices=tuple(card["ref_area"] for card in cards[:LONGEST_CHOICE]))


def asked(found: Sequence[Found], options: Mapping[str, str]) -> Asked:
    """The state of the page for what was found and for the other parameters; unknown values of these are ignored."""
    areas = tuple(dict.fromkeys(one.area for one in found if one.area))
    return Asked(
        areas=areas,
        by_gap=options.get("tri") == "ecart",
        differences=options.get("differences") == "1",
        comparables=options.get("comparables") == "1",
        indicator=(options.get("indicateur") or "")[: search.LONGEST],
        others=tuple(one for one in found if not one.area),
    )
