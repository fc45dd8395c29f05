"""Members against the total that is published for their parent: counts add up, or something is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from observatory.french import compact, count, period
from observatory.problems import Problem, problem
from observatory.reading import Table
from observatory.series import Series
from observatory.territories import Territories, level_of

# (level of the total, level of its members, name of one member and of several)
LADDER = (
    ("FRA", "REG", ("région", "régions")),
    ("FRA", "DEP", ("département", "départements")),
    ("REG", "DEP", ("département", "départements")),
    ("DEP", "COM", ("commune", "communes")),
    ("EPCI", "COM", ("commune", "communes")),
)


class Key(NamedTuple):
    """What two counts must share to be compared: what they count, and when."""

    indicator: str
    role: str  # numerator, denominator or value
    time_period: str


class Total(NamedTuple):
    """A published count of a territory, and where it is written."""

    value: float
    decimals: int
    line: int
    column: str


@dataclass
class Counts:
    """The counts of one dataset at the vintage of its territories: its totals, and figures by level of territory."""

    dataset: str
    file: str
    on: str
    totals: dict[Key, dict[str, Total]] = field(default_factory=dict)
    members: dict[tuple[Key, str], tuple[Series, int]] = field(default_factory=dict)


def counts_of(table: Table, series: Sequence[Series], measures: Mapping[str, Sequence[tuple[str, str]]]) -> Counts:
    """The counts of a table; `measures` gives the (indicator, role) that each series feeds, when it is a count."""
    cog = str(table.dataset.descriptor.get("cog"))
    found = Counts(table.dataset.name, table.sheet.file, f"{cog}-01-01")
    for measured in series:
        if measured.what in measures:
            for level, own in measured.by_level:
                for time, current in own.by_time:
                    for indicator, role in measures[measured.what]:
                        _add(table, found, Key(indicator, role, time), level, current)
    return found


def _add(table: Table, found: Counts, key: Key, level: str, series: Series) -> None:
    decimals = _decimals(table, series)
    found.members[key, level] = series, decimals
    if level == "COM":
        return  # nothing is below a commune
    totals = found.totals.setdefault(key, {})
    for place, (row, value) in enumerate(zip(series.rows, series.values, strict=True)):
        line = table.sheet.lines[int(row)]
        totals[str(series.areas[place])] = Total(float(value), decimals, line, series.column)


def _decimals(table: Table, series: Series) -> int:
    """Decimals of the most precise figure; 0 when all are whole."""
    if np.array_equal(series.values, np.round(series.values)):
        return 0
    raw = table.raw[series.column]
    return max(len(raw[int(row)].partition(".")[2]) for row in series.rows)


class Compared(NamedTuple):
    """A published total and the sum of its members."""

    area: str
    total: Total
    sum: float
    members: int


class Members:
    """Which territories make up another, without overlap."""

    def __init__(self, territories: Territories) -> None:
        self.territories = territories
        self.of = lru_cache(maxsize=None)(self._of)

    def _of(self, parent: str, level: str, on: str) -> frozenset[str]:
        found = self.territories.children(parent, level, on)
        if level == "DEP":  # the collectivity of Alsace is made of two départements, which are enough
            found = [area for area in found if not self.territories.children(area, level, on)]
        return frozenset(area for area in found if self.territories.exists(area, on))


def report_sums(
    counts: Sequence[Counts], territories: Territories, absent: Iterable[str]
) -> Iterator[tuple[str, Problem]]:
    """(dataset, problem) of the published totals that are not the sum of their members, once these are all published.

    A commune without a row counts 0 for the indicators of `absent`.
    """
    zeros, members = set(absent), Members(territories)
    for holder in counts:
        for key, totals in holder.totals.items():
            for giver in counts:
                for above, below, names in LADDER:
                    if given := giver.members.get((key, below)):
                        parents = {area: total for area, total in totals.items() if level_of(area) == above}
                        lenient = key.indicator in zeros and below == "COM"
                        for found in _compared(parents, given[0], members, giver.on, lenient):
                            if abs(found.sum - found.total.value) > _rounding(found, given[1]):
                                texts = _texts(found, key, territories)
                                texts |= {"members": count(found.members, *names)}
                                texts |= {"where": "" if giver is holder else f" (dans {giver.file})"}
                                line, column = found.total.line, found.total.column
                                yield holder.dataset, problem("sum-mismatch", holder.file, line, column, **texts)


def _compared(totals: dict[str, Total], series: Series, members: Members, on: str, lenient: bool) -> Iterator[Compared]:
    """Each parent whose members are all there; all the others count 0 when `lenient`."""
    if not totals:
        return
    values = dict(zip(map(str, series.areas), map(float, series.values), strict=True))
    level = level_of(next(iter(values), ""))
    for area, total in sorted(totals.items()):
        everyone = members.of(area, level, on)
        if everyone and (lenient or everyone <= values.keys()):
            yield Compared(area, total, sum(values.get(member, 0.0) for member in sorted(everyone)), len(everyone))


def _rounding(found: Compared, decimals: int) -> float:
    """What rounding may explain: nothing for whole numbers, else half a unit of the last decimal for each figure."""
    if not max(found.total.decimals, decimals):
        return 1e-6
    return 0.5 * 10.0 ** -min(found.total.decimals, decimals) * (found.members + 1) + 1e-6


def _texts(found: Compared, key: Key, territories: Territories) -> dict[str, str]:
    territory = territories.get(found.area)
    return {
        "name": territory.name if territory else found.area,
        "period": period(key.time_period),
        "value": compact(found.total.value),
        "expected": compact(found.sum),
        "gap": compact(found.sum - found.total.value),
    }
