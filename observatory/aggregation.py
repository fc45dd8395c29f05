"""From what is published to a figure for every level: counts are summed, ratios recomputed, never averaged."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from observatory.geography import Geography, Whole
from observatory.model import Framework, Indicator
from observatory.periods import year
from observatory.territories import Territories, level_of

# Decimals of a published value: far more than a score keeps, so that rounding twice changes no score.
DECIMALS = 12
# Statuses of a cell that says why it has no value: not applicable, suppressed.
WITHHELD = ("M", "Q")
# Share of the inhabitants whose département must publish before a sum is worth the name of what is above.
ALMOST_ALL = 0.95
# Less than any share of a commune: what is left when all have been taken away, rounding apart.
NOBODY = 1e-6


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


def ratio(numerator: float, denominator: float | None, indicator: Indicator, factor: float) -> float | None:
    """The value of an indicator from its two terms; a plain count has no denominator. None when it is 0 or unknown."""
    if indicator.aggregation == "sum":
        return numerator * factor
    return numerator * factor / denominator if denominator else None


def complete(observation: Observation, indicator: Indicator, factor: float, geography: Geography) -> Observation:
    """The observation with its denominator where the indicator names one, and its value computed from both."""
    numerator, denominator, value = observation.numerator, observation.denominator, observation.value
    if indicator.denominator_source == "population":
        denominator = geography.population(observation.ref_area) or None
    elif indicator.denominator_source == "members" and observation.ref_area.startswith("COM-"):
        denominator = 1.0
    if numerator is not None:
        value = ratio(numerator, denominator, indicator, factor)
    # Suppressed or not applicable is more than missing; a value that cannot be computed is only missing.
    status = "O" if value is None and observation.status not in WITHHELD else observation.status
    return Observation(
        observation.ref_area,
        observation.indicator,
        observation.time_period,
        value,
        status,
        numerator,
        denominator,
        observation.coverage,
        observation.dataset,
        observation.cog,
    )


def carry_up(
    rows: list[Observation], indicator: Indicator, factor: float, measured: Geography, geography: Geography
) -> Iterator[Observation]:
    """Observations of communes (one indicator, one period) summed into every level that the indicator applies to.

    `measured` is the geography in which they were taken, `geography` the one to carry them to: a commune that
    no longer exists there is given to its successors by the weight of their population. A commune without data
    counts 0 where the indicator says `absent: zero`, else it lowers coverage. A suppressed one is never 0: it lowers
    coverage. One to which the indicator does not apply is left out of everything.
    """
    zero = indicator.absent == "zero"
    given = [row for row in rows if row.status not in WITHHELD]
    exempt, secret = (_stating(rows, status, measured, geography) for status in WITHHELD)
    totals, wholes = _sum_communes(given, measured, geography), geography.wholes(measured)
    first = given[0]
    for ref_area in sorted(wholes if zero else totals):
        if level_of(ref_area) not in indicator.levels:
            continue
        total, everyone = totals.get(ref_area) or Sum(), _less(wholes.get(ref_area), exempt.get(ref_area))
        answered = _less(everyone, secret.get(ref_area))
        if zero and not answered.communes:
            continue
        denominator = total.denominator
        if zero and indicator.denominator_source != "none":
            denominator = answered.communes if indicator.denominator_source == "members" else answered.population
        value = ratio(total.numerator, denominator, indicator, factor)
        covered = answered.population if zero else total.covered
        share = min(1.0, covered / everyone.population) if everyone.population else 1.0
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


def _less(whole: Whole | None, part: Whole | None) -> Whole:
    """A territory without some of its communes; what is left of none is exactly nothing."""
    if whole is None or part is None:
        return whole or Whole()
    left = Whole(whole.population - part.population, whole.communes - part.communes)
    return left if left.communes > NOBODY else Whole()


def _stating(rows: list[Observation], status: str, measured: Geography, geography: Geography) -> dict[str, Whole]:
    """Inhabitants and communes, in each territory, of the communes that state so."""
    areas = tuple([row.ref_area for row in rows if row.status == status])
    if not areas:
        return {}
    communes, people = measured.people(areas, rows[0].cog)
    spread = geography.spread(communes, measured.vintage)
    counts = spread.sums([1.0] * len(communes))
    return {area: Whole(found, counts[area]) for area, found in spread.sums(people).items()}


def _sum_communes(rows: list[Observation], measured: Geography, geography: Geography) -> dict[str, Sum]:
    """Sums of each territory; the rows are those of one dataset, of one vintage."""
    cog = rows[0].cog
    spread = geography.spread(tuple([row.ref_area for row in rows]), cog)
    numerators = spread.sums([row.numerator or 0.0 for row in rows])
    denominators = spread.sums([row.denominator or 0.0 for row in rows])
    communes, people = measured.people(tuple([row.ref_area for row in rows if row.value is not None]), cog)
    covered = geography.spread(communes, measured.vintage).sums(people)
    return {
        ref_area: Sum(numerators.get(ref_area, 0.0), denominators.get(ref_area, 0.0), covered.get(ref_area, 0.0))
        for ref_area in numerators.keys() | covered.keys()
    }


def carry_counts(
    rows: list[Observation], indicator: Indicator, factor: float, geography: Geography
) -> list[Observation]:
    """Counts of départements (one indicator, one period) summed into what is above them."""
    totals: dict[str, Sum] = defaultdict(Sum)
    for row in (row for row in rows if row.status not in WITHHELD):
        for ref_area in geography.above(row.ref_area):
            totals[ref_area].numerator += row.numerator or 0.0
            totals[ref_area].denominator += row.denominator or 0.0
            totals[ref_area].covered += geography.population(row.ref_area)
    found = []
    for ref_area, total in sorted(totals.items()):
        people = geography.population(ref_area)
        share = min(1.0, total.covered / people) if people else 1.0
        if share < ALMOST_ALL:
            continue
        value = ratio(total.numerator, total.denominator, indicator, factor)
        found.append(
            replace(
                rows[0],
                ref_area=ref_area,
                value=value,
                status="E",
                numerator=total.numerator,
                denominator=total.denominator,
                coverage=round(share, 6),
            )
        )
    return found


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
        found.update({o.key: o for o in completed if self._applies(o.indicator, o.ref_area)})
        for o in list(found.values()):
            if (twin := self._twins.get(o.ref_area)) and self._applies(o.indicator, twin):
                found.setdefault((o.indicator, twin, o.time_period), replace(o, ref_area=twin, status=_derived(o)))
        return [found[key] for key in sorted(found)]

    def in_geography(self, completed: list[Observation], theirs: list[Observation], vintage: str) -> list[Observation]:
        """The same figures in the perimeters of `vintage`, only where they differ from those of their time."""
        before = {o.key: o for o in theirs}
        # What is published for a level stays true of it; only sums of communes follow the perimeter.
        published = {o.key for o in completed if not o.ref_area.startswith("COM-")}
        carried = (o for o in self._carried(completed, vintage) if o.cog == vintage)
        return [
            o
            for o in sorted(carried, key=lambda o: o.key)
            if o.key not in published and not _same(o, before.get(o.key))
        ]

    def _applies(self, code: str, ref_area: str) -> bool:
        indicator = self.framework.indicator(code)
        return indicator is not None and level_of(ref_area) in indicator.levels

    @cached_property
    def _twins(self) -> dict[str, str]:
        """A région made of one département, and that département: the same place, whose figures are the same."""
        date = f"{self.territories.vintages[-1]}-01-01"
        pairs = ((r, self.territories.children(r, "DEP", date)) for r in self.territories.existing("REG", date))
        alone = [(r, departements[0]) for r, departements in pairs if len(departements) == 1]
        return dict(alone) | {departement: region for region, departement in alone}

    def _carried(self, completed: list[Observation], vintage: str | None) -> Iterator[Observation]:
        groups: dict[tuple[str, str, str, str], list[Observation]] = defaultdict(list)
        for o in completed:
            level = level_of(o.ref_area)
            if level in ("COM", "DEP") and (o.numerator is not None or o.status in WITHHELD):
                groups[o.indicator, o.time_period, o.dataset, level].append(o)
        for (code, period, dataset, level), rows in sorted(groups.items()):
            indicator = self.framework.indicator(code)
            if indicator is None or indicator.aggregation == "none":
                continue
            if level == "DEP" and (code, period, dataset, "COM") in groups:
                continue
            if all(row.status in WITHHELD for row in rows):
                continue
            factor = self.factors[indicator.unit]
            measured = self.geography(rows[0].cog)
            geography = self.geography(vintage) if vintage else measured
            if level == "COM":
                carried: Iterable[Observation] = carry_up(rows, indicator, factor, measured, geography)
            else:
                carried = carry_counts(rows, indicator, factor, self.geography(str(year(period))))
            yield from (o for o in carried if level_of(o.ref_area) in indicator.levels)


def _derived(o: Observation) -> str:
    """The status of what is taken from another territory: computed, or without value for the same reason."""
    return "E" if o.value is not None else o.status


def _same(one: Observation, other: Observation | None) -> bool:
    return other is not None and (one.numerator, one.denominator) == (other.numerator, other.denominator)
