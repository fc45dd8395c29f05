"""The classes of a choropleth: the five levels of maturity, or five groups of territories as equal as ties allow."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

MOST = 5
# Which of the five colours fewer classes take: those farthest apart.
SPREAD = {1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}


@dataclass(frozen=True, slots=True)
class Group:
    """A class of values: its colour from 1 (pale) to 5 (dark), its ends and how many territories it holds."""

    colour: int
    low: float
    high: float
    count: int


def quintiles(values: Mapping[str, float | None], decimals: int) -> tuple[list[Group], dict[str, int]]:
    """Groups of territories in the order of their values, and the colour of each territory that has one.

    Values are compared as they are shown, with `decimals`: those that read the same are in one class, so that
    there may be fewer than five.
    """
    shown = {area: round(value, decimals) + 0.0 for area, value in values.items() if value is not None}
    found = sorted(shown.values())
    if not found:
        return [], {}
    # The last value of each fifth ends a class; the highest of all ends the last one.
    ends = sorted({found[(len(found) * part + MOST - 1) // MOST - 1] for part in range(1, MOST + 1)})
    place = {area: bisect_left(ends, value) for area, value in shown.items()}
    counts = Counter(place.values())
    colours = SPREAD[len(ends)]
    groups = []
    for number, end in enumerate(ends):
        low = min(value for area, value in shown.items() if place[area] == number)
        groups.append(Group(colours[number], low, end, counts[number]))
    return groups, {area: colours[number] for area, number in place.items()}
