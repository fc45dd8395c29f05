"""The figures that may change with some observations, added up again exactly as a build does, and only those."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from observatory import records
from observatory.aggregation import Observation
from observatory.aggregator import Aggregator
from observatory.effect_rows import Given
from observatory.geography import Geography
from observatory.model import Framework
from observatory.periods import year
from observatory.published import Group
from observatory.territories import Territories, level_of

Key = tuple[str, str, str]  # indicator, territory, period
Areas = frozenset[str]


class NearGeography(Geography):
    """A geography that knows of some territories only: sums for the others are not made."""

    def __init__(self, territories: Territories, vintage: str, areas: Areas) -> None:
        super().__init__(territories, vintage)
        self._areas = areas
        self._near = lru_cache(maxsize=None)(self._near_containers)

    def _near_containers(self, commune: str) -> tuple[str, ...]:
        places = [commune]
        if commune in self._of_near_epci:
            places += self.territories.parents(commune, "EPCI", self.date)
        for departement in self.territories.parents(commune, "DEP", self.date):
            places += departement, *self.above(departement)
        return tuple([area for area in places if area in self._areas])

    @cached_property
    def _of_near_epci(self) -> set[str]:
        """Communes of the EPCI that count here: the others need not be asked for theirs."""
        epci = [area for area in self._areas if level_of(area) == "EPCI"]
        return {commune for area in epci for commune in self.territories.children(area, "COM", self.date)}

    def _reach(self, commune: str, cog: str) -> tuple[tuple[str, float], ...]:
        return tuple([(area, weight) for heir, weight in self.translate(commune, cog) for area in self._near(heir)])


class NearAggregator(Aggregator):
    """An aggregator that makes the figures of some territories only."""

    def __init__(self, framework: Framework, territories: Territories, factors: dict[str, float], areas: Areas) -> None:
        super().__init__(framework, territories, factors)
        self._areas = areas
        self.geography = lru_cache(maxsize=None)(self._near_geography)

    def _near_geography(self, vintage: str) -> Geography:
        return NearGeography(self.territories, vintage, self._areas)

    def _applies(self, code: str, ref_area: str) -> bool:
        return ref_area in self._areas and super()._applies(code, ref_area)


@dataclass(frozen=True)
class Recount:
    """Figures in the perimeters of their time and of today, and the keys that a dataset gives itself."""

    theirs: list[Observation]
    todays: list[Observation]
    direct: set[Key]


def reached(moved: Iterable[Observation], framework: Framework, territories: Territories) -> Areas:
    """The territories whose figures may differ once observations are given no more, or anew."""
    geography = lru_cache(maxsize=None)(lambda vintage: Geography(territories, vintage))
    found: set[str] = set()
    for o in moved:
        found.add(o.ref_area)
        indicator = framework.indicator(o.indicator)
        if indicator is None or indicator.aggregation == "none":
            continue
        if level_of(o.ref_area) == "COM":
            found.update(_above_commune(o, geography, territories))
        elif level_of(o.ref_area) == "DEP":
            found.update(geography(str(year(o.time_period))).above(o.ref_area))
    return frozenset(found | set(_twins(found, territories)))


def _above_commune(o: Observation, geography: Callable[[str], Geography], territories: Territories) -> Iterator[str]:
    """What a commune is added to: as itself, and as the communes of the vintage of its measure that it covers."""
    measured = geography(o.cog)
    covered = [(commune, measured.vintage) for commune, _ in measured.translate(o.ref_area, o.cog)]
    for place in (measured, geography(territories.vintages[-1])):
        for commune, cog in ((o.ref_area, o.cog), *covered):
            yield from (area for area, _ in place.reach(commune, cog))


def _twins(areas: Iterable[str], territories: Territories) -> Iterator[str]:
    """Régions of the départements, and the only département of the régions: they may share their figures."""
    date = f"{territories.vintages[-1]}-01-01"
    for area in areas:
        if level_of(area) == "DEP":
            yield from territories.parents(area, "REG", date)
        elif level_of(area) == "REG" and len(alone := territories.children(area, "DEP", date)) == 1:
            yield from alone


@dataclass(frozen=True)
class Recounter:
    """Adds up again, for some territories (None: all), what every dataset gives, in the order of a build."""

    root: Path
    framework: Framework
    territories: Territories
    areas: Areas | None

    def recount(self, given: Sequence[Given], groups: set[Group]) -> Recount:
        """The figures of the groups, one indicator after the other to hold little at once."""
        factors = {row["unit"]: float(row["factor"]) for row in records.codelist(self.root, "units")}
        aggregator = (
            Aggregator(self.framework, self.territories, factors)
            if self.areas is None
            else NearAggregator(self.framework, self.territories, factors, self.areas)
        )
        ordered = sorted(given, key=lambda one: f"{one.dataset.name}.")
        found = Recount([], [], set())
        for code in sorted({indicator for indicator, _ in groups}):
            periods = {period for indicator, period in groups if indicator == code}
            rows = (o for one in ordered for o in one.observations(self.framework, code) if o.time_period in periods)
            if not self._summed(code):
                rows = (o for o in rows if self._concerns(o))
            completed = aggregator.complete_all(rows)
            theirs = aggregator.of_their_time(completed)
            todays = aggregator.in_geography(completed, theirs, self.territories.vintages[-1])
            found.theirs.extend(o for o in theirs if self._concerns(o))
            found.todays.extend(o for o in todays if self._concerns(o))
            found.direct.update(o.key for o in completed if self._concerns(o))
        return found

    def _concerns(self, observation: Observation) -> bool:
        return self.areas is None or observation.ref_area in self.areas

    def _summed(self, code: str) -> bool:
        indicator = self.framework.indicator(code)
        return indicator is not None and indicator.aggregation != "none"
