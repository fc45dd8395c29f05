"""From what is published to a figure for every level: counts are summed, ratios recomputed, never averaged."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from observatory.geography import Areas, Geography, Whole
from observatory.model import Indicator
from observatory.territories import level_of

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
    population) that the figure covers. `cog` is the vintage of the perimeter it describes. `estimated`: some of it
    comes from a commune shared between territories by population; other sums are exact.
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
    estimated: bool = False

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


class Way(NamedTuple):
    """From the geography in which communes were measured to the one to carry them to; `areas`: only these receive."""

    measured: Geography
    geography: Geography
    areas: Areas | None = None

    def kept(self, rows: list[Observation]) -> list[Observation]:
        """The rows that reach the areas."""
        if self.areas is None:
            return rows
        inside = self.geography.inside(self.areas, self.measured, rows[0].cog)
        return [row for row in rows if row.ref_area in inside]

    def leads_to(self, ref_area: str) -> bool:
        """Whether a territory is to receive."""
        return self.areas is None or ref_area in self.areas

    def wholes(self) -> dict[str, Whole]:
        """Everybody who lives in what receives, with or without data."""
        return self.geography.wholes(self.measured, self.areas)


def carry_up(rows: list[Observation], indicator: Indicator, factor: float, way: Way) -> Iterator[Observation]:
    """Observations of communes (one indicator, one period) summed into every level that the indicator applies to.

    A commune that no longer exists where the way leads is given to its successors by the weight of their
    population. A commune without data counts 0 where the indicator says `absent: zero`, else it lowers coverage. A
    suppressed one is never 0: it lowers coverage. One to which the indicator does not apply is left out of everything.
    """
    zero = indicator.absent == "zero"
    first, kept, wholes = rows[0], way.kept(rows), way.wholes()
    given = [row for row in kept if row.status not in WITHHELD]
    exempt, secret = (_stating(kept, status, way) for status in WITHHELD)
    totals, partial = _sum_communes(given, way) if given else ({}, set())
    for ref_area in sorted(wholes if zero else totals):
        if not (level_of(ref_area) in indicator.levels and way.leads_to(ref_area)):
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
            way.geography.vintage,
            ref_area in partial,
        )


def _less(whole: Whole | None, part: Whole | None) -> Whole:
    """A territory without some of its communes; what is left of none is exactly nothing."""
    if whole is None or part is None:
        return whole or Whole()
    left = Whole(whole.population - part.population, whole.communes - part.communes)
    return left if left.communes > NOBODY else Whole()


def _stating(rows: list[Observation], status: str, way: Way) -> dict[str, Whole]:
    """Inhabitants and communes, in each territory, of the communes that state so."""
    areas = tuple([row.ref_area for row in rows if row.status == status])
    if not areas:
        return {}
    communes, people = way.measured.people(areas, rows[0].cog)
    spread = way.geography.spread(communes, way.measured.vintage)
    counts = spread.sums([1.0] * len(communes))
    return {area: Whole(found, counts[area]) for area, found in spread.sums(people).items()}


def _sum_communes(rows: list[Observation], way: Way) -> tuple[dict[str, Sum], set[str]]:
    """Sums of each territory, and those that receive communes in part; the rows are of one dataset, one vintage."""
    cog, geography = rows[0].cog, way.geography
    spread = geography.spread(tuple([row.ref_area for row in rows]), cog)
    numerators = spread.sums([row.numerator or 0.0 for row in rows])
    denominators = spread.sums([row.denominator or 0.0 for row in rows])
    communes, people = way.measured.people(tuple([row.ref_area for row in rows if row.value is not None]), cog)
    covered = geography.spread(communes, way.measured.vintage).sums(people)
    found = {
        ref_area: Sum(numerators.get(ref_area, 0.0), denominators.get(ref_area, 0.0), covered.get(ref_area, 0.0))
        for ref_area in numerators.keys() | covered.keys()
    }
    return found, spread.partial()


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


def missing(like: Observation, ref_area: str, vintage: str) -> Observation:
    """A figure that nobody knows, of the indicator and period of another."""
    return Observation(
        ref_area, like.indicator, like.time_period, None, "O", None, None, 0.0, like.dataset, vintage, False
    )
