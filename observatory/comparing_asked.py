"""What a visitor asked to compare: territories written as codes or names, and how the table is to be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from observatory import search
from observatory.resolving import Resolved

ADDRESS = "/comparer"
LEAST, MOST = 2, 6
# Beyond these, what is asked is not read: nobody types that much.
LONGEST_LIST, LONGEST_CHOICE = 24, 8


@dataclass(frozen=True)
class Found:
    """What a written territory stands for: `area` if it is one of today's, else `vanished` or `choices`, or nothing.

    `near` says that none of the choices has the name or the code that was written.
    """

    text: str
    area: str = ""
    vanished: str = ""
    choices: tuple[str, ...] = ()
    near: bool = False


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


def meaning(asked: Resolved) -> Found:
    """What these words say for a comparison, which is of territories of today."""
    if asked.territory:
        area = asked.territory["ref_area"]
        return Found(asked.text, area=area) if asked.territory["current"] else Found(asked.text, vanished=area)
    choices = tuple(card["ref_area"] for card in asked.cards[:LONGEST_CHOICE])
    return Found(asked.text, choices=choices, near=bool(asked.near))


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
