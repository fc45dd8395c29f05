"""From what is published to a figure for every level: counts are summed, ratios recomputed, never averaged."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from observatory.model import Framework, Indicator
from observatory.periods import year
from observatory.territories import Territories

# Decimals of a published value: far more than a score keeps, so that rounding twice changes no score.
DECIMALS = 12


@dataclass(frozen=True, slots=True)
class Observation:
    """One figure; `value` is numerator / denominator × the factor of its unit, or as published without them.

    `coverage` (0–1) is the share of the denominator (or, where members do not publish theirs, of their
    population) that the figure covers. `cog` is the vintage of the perimeter it describes.
    """

    ref_area: str
    indicator: str
    time_period: str
    value: float | None
    status: str
    numerator: float | None
    denominator: float | None
    coverage: float
    dataset: str
    cog: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one figure: indicator, territory, period."""
        return self.indicator, self.ref_area, self.time_period


@dataclass(slots=True)
class Sum:
    """Running totals of one territory while its communes are added up; `covered` counts inhabitants with data."""

    numerator: float = 0.0
    denominator: float = 0.0
    covered: float = 0.0


@dataclass(slots=True)
class Whole:
    """All the inhabitants and communes of one territory, with or without data."""

    population: float = 0.0
    communes: float = 0.0


class Geography:
    """The communes of one vintage: where those of other vintages went, who contains each, how many live there."""

    def __init__(self, territories: Territories, vintage: str) -> None:
        self.territories = territories
        self.vintage = territories.nearest_vintage(vintage)
        self.date = f"{self.vintage}-01-01"
        self.translate = lru_cache(maxsize=None)(self._translate)
        self.containers = lru_cache(maxsize=None)(self._containers)
        self.above = lru_cache(maxsize=None)(self._above)
        self.reach = lru_cache(maxsize=None)(self._reach)
        self.wholes = lru_cache(maxsize=None)(self._wholes)

    def _wholes(self, measured: "Geography") -> dict[str, Whole]:
        """Inhabitants and communes of another vintage, in the territories of this one."""
        found: dict[str, Whole] = defaultdict(Whole)
        for commune in measured.communes:
            population = measured.population(commune)
            for ref_area, weight in self.reach(commune, measured.vintage):
                found[ref_area].population += weight * population
                found[ref_area].communes += weight
        return dict(found)

    def _reach(self, commune: str, cog: str) -> tuple[tuple[str, float], ...]:
        """Every territory of this vintage that receives a commune of vintage `cog`, with the share it receives."""
        pairs = self.translate(commune, cog)
        return tuple((area, weight) for heir, weight in pairs for area in (heir, *self.containers(heir)))

    def _translate(self, commune: str, cog: str) -> tuple[tuple[str, float], ...]:
        """Communes of this vintage that a commune of vintage `cog` became, with weights summing to 1."""
        return tuple(self.territories.successors(commune, self.date, since=f"{cog}-01-01"))

    def _containers(self, commune: str) -> tuple[str, ...]:
        """EPCI (with EPT), départements, and what is above these, of a commune."""
        epci = self.territories.parents(commune, "EPCI", self.date)
        departements = self.territories.parents(commune, "DEP", self.date)
        return (*epci, *departements, *(area for dep in departements for area in self.above(dep)))

    def _above(self, departement: str) -> tuple[str, ...]:
        """The collectivity that a département forms with others, its région and France."""
        levels = ("DEP", "REG", "FRA")
        return tuple(area for level in levels for area in self.territories.parents(departement, level, self.date))

    def population(self, ref_area: str) -> float:
        """Municipal population of a territory in this vintage, 0 when nobody counted it."""
        return float(self.territories.population(ref_area, self.vintage) or 0)

    @cached_property
    def communes(self) -> list[str]:
        """Every commune that exists in this vintage."""
        return self.territories.existing("COM", self.date)


def complete(observation: Observation, indicator: Indicator, factor: float, geography: Geography) -> Observation:
    """The observation with its denominator where the indicator names one, and its value computed from both."""
    numerator, denominator, value = observation.numerator, observation.denominator, observation.value
    if indicator.denominator_source == "population":
        denominator = geography.population(observation.ref_area) or None
    elif indicator.denominator_source == "members" and observation.ref_area.startswith("COM-"):
        denominator = 1.0
    if numerator is not None and indicator.denominator_source != "none":
        value = numerator * factor / denominator if denominator else None
    status = "O" if value is None else observation.status
    return replace(observation, denominator=denominator, value=value, status=status)


def carry_up(
    rows: list[Observation], indicator: Indicator, factor: float, measured: Geography, geography: Geography
) -> Iterator[Observation]:
    """Observations of communes (one indicator, one period) summed into every level that the indicator applies to.

    `measured` is the geography in which they were taken, `geography` the one to carry them to: a commune that
    no longer exists there is given to its successors by the weight of their population. A commune without data
    counts 0 where the indicator says `absent: zero`, else it lowers coverage.
    """
    zero = indicator.absent == "zero"
    totals, wholes = _sum_communes(rows, measured, geography), geography.wholes(measured)
    first = rows[0]
    for ref_area in sorted(wholes if zero else totals):
        if ref_area.split("-")[0] not in indicator.levels:
            continue
        total, everyone = totals.get(ref_area) or Sum(), wholes.get(ref_area) or Whole()
        denominator = total.denominator
        if zero:
            denominator = everyone.communes if indicator.denominator_source == "members" else everyone.population
        value = total.numerator * factor / denominator if denominator else None
        share = 1.0 if zero or not everyone.population else min(1.0, total.covered / everyone.population)
        yield Observation(
            ref_area,
            indicator.code,
            first.time_period,
            value,
            "O" if value is None else "E",
            total.numerator,
            denominator or None,
            round(share, 6),
            first.dataset,
            geography.vintage,
        )


def _sum_communes(rows: list[Observation], measured: Geography, geography: Geography) -> dict[str, Sum]:
    totals: dict[str, Sum] = defaultdict(Sum)
    covered: set[str] = set()
    for row in rows:
        if row.value is not None:
            covered.update(commune for commune, _ in measured.translate(row.ref_area, row.cog))
        for ref_area, weight in geography.reach(row.ref_area, row.cog):
            total = totals[ref_area]
            total.numerator += weight * (row.numerator or 0.0)
            total.denominator += weight * (row.denominator or 0.0)
    for commune in sorted(covered):
        population = measured.population(commune)
        for ref_area, weight in geography.reach(commune, measured.vintage):
            totals[ref_area].covered += weight * population
    return totals


class Aggregator:
    """Observations of every level, in the geography of their time and in today's."""

    def __init__(self, framework: Framework, territories: Territories, factors: dict[str, float]) -> None:
        self.framework = framework
        self.territories = territories
        self.factors = factors
        self.geography = lru_cache(maxsize=None)(lambda vintage: Geography(territories, vintage))

    def complete_all(self, published: Iterable[Observation]) -> list[Observation]:
        """Published observations, each with its denominator and value."""
        return [
            complete(o, i, self.factors[i.unit], self.geography(str(year(o.time_period))))
            for o in published
            if (i := self.framework.indicator(o.indicator)) is not None
        ]

    def of_their_time(self, completed: list[Observation]) -> list[Observation]:
        """Completed observations and what they add up to, by memberships of their own vintage.

        What is published for a territory itself wins over what is carried up to it.
        """
        found = {o.key: o for o in self._carried(completed, None)}
        found.update({o.key: o for o in completed})
        return [found[key] for key in sorted(found)]

    def in_geography(self, completed: list[Observation], theirs: list[Observation], vintage: str) -> list[Observation]:
        """The same figures in the perimeters of `vintage`, only where they differ from those of their time."""
        before = {o.key: o for o in theirs}
        # What is published for a level stays true of it; only sums of communes follow the perimeter.
        published = {o.key for o in completed if not o.ref_area.startswith("COM-")}
        return [
            o
            for o in sorted(self._carried(completed, vintage), key=lambda o: o.key)
            if o.key not in published and not _same(o, before.get(o.key))
        ]

    def _carried(self, completed: list[Observation], vintage: str | None) -> Iterator[Observation]:
        groups: dict[tuple[str, str, str], list[Observation]] = defaultdict(list)
        for o in completed:
            if o.ref_area.startswith("COM-") and o.numerator is not None:
                groups[o.indicator, o.time_period, o.dataset].append(o)
        for (code, _, _), rows in sorted(groups.items()):
            indicator = self.framework.indicator(code)
            if indicator is not None and indicator.aggregation != "none":
                measured = self.geography(rows[0].cog)
                geography = self.geography(vintage) if vintage else measured
                yield from carry_up(rows, indicator, self.factors[indicator.unit], measured, geography)


def _same(one: Observation, other: Observation | None) -> bool:
    return other is not None and (one.numerator, one.denominator) == (other.numerator, other.denominator)
