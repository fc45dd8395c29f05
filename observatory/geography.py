"""The communes of one vintage of the official geographic code, and how those of other vintages map onto them."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory.territories import Territories, level_of

SAME = 1e-9  # what the shares of a split may lack of 1: they are written with ten decimals


@dataclass(slots=True)
class Whole:
    """All the inhabitants and communes of one territory, with or without data."""

    population: float = 0.0
    communes: float = 0.0


class Spread(NamedTuple):
    """Where some communes go: `names[areas[i]]` receives the share `weights[i]` of the commune at `communes[i]`."""

    names: list[str]
    communes: NDArray[np.intp]
    areas: NDArray[np.intp]
    weights: NDArray[np.float64]

    def partial(self) -> set[str]:
        """Territories that receive a commune in part only: the share of its counts that is theirs is an estimate."""
        shared = np.flatnonzero(self.weights < 1.0 - SAME)
        received: dict[tuple[int, int], float] = defaultdict(float)
        for place in shared.tolist():
            received[int(self.communes[place]), int(self.areas[place])] += float(self.weights[place])
        return {self.names[area] for (_, area), weight in received.items() if weight < 1.0 - SAME}

    def sums(self, values: list[float]) -> dict[str, float]:
        """What each territory receives of the communes' values, added up one by one in their order."""
        shares = self.weights * np.array(values, dtype=np.float64)[self.communes]
        found = np.bincount(self.areas, weights=shares, minlength=len(self.names))
        return dict(zip(self.names, found.tolist(), strict=True))


Areas = frozenset[str]


class Geography:
    """The communes of one vintage: where those of other vintages went, who contains each, how many live there."""

    def __init__(self, territories: Territories, vintage: str) -> None:
        self.territories = territories
        self.vintage = territories.nearest_year(vintage)
        self.date = f"{self.vintage}-01-01"
        self.translate = lru_cache(maxsize=None)(self._translate)
        self.containers = lru_cache(maxsize=None)(self._containers)
        self.above = lru_cache(maxsize=None)(self._above)
        self.reach = lru_cache(maxsize=None)(self._reach)
        self.wholes = lru_cache(maxsize=None)(self._wholes)
        # The indicators of one file have the same rows.
        self.spread = lru_cache(maxsize=8)(self._spread)
        self.people = lru_cache(maxsize=8)(self._people)
        self.unsettled = lru_cache(maxsize=None)(lambda since: territories.unsettled(f"{since}-01-01", self.date))
        self.changed = lru_cache(maxsize=None)(self._changed)
        self.inside = lru_cache(maxsize=None)(self._inside)

    def _changed(self, measured: "Geography", cog: str) -> Areas:
        """Territories of which communes of vintage `cog` make another part here than in the geography `measured`.

        Communes are compared to themselves in their own vintage, in which their figures are published.
        """
        found: set[str] = set()
        for commune in sorted(self.unsettled(min(cog, measured.vintage))):
            if self.territories.exists(commune, f"{cog}-01-01"):
                here, above = self._shares(commune, cog), measured._shares(commune, cog)
                there = {area: weight for area, weight in above.items() if level_of(area) != "COM"} | {commune: 1.0}
                found |= {a for a in here.keys() | there.keys() if abs(here.get(a, 0.0) - there.get(a, 0.0)) > SAME}
        return frozenset(found)

    def _shares(self, commune: str, cog: str) -> dict[str, float]:
        """What each territory receives in all of a commune of vintage `cog`."""
        found: dict[str, float] = defaultdict(float)
        for ref_area, weight in self.reach(commune, cog):
            found[ref_area] += weight
        return found

    def _inside(self, areas: Areas, measured: "Geography", cog: str) -> Areas:
        """Communes of vintage `cog` of which something goes, here, to some territories."""
        moved, found = self.unsettled(min(cog, measured.vintage)), []
        known = measured.communes if cog == measured.vintage else self.territories.existing("COM", f"{cog}-01-01")
        for commune in known:
            place = self if commune in moved else measured  # both say the same of the others, and one knows already
            if not areas.isdisjoint([area for area, _ in place.reach(commune, cog)]):
                found.append(commune)
        return frozenset(found)

    def _wholes(self, measured: "Geography", areas: Areas | None = None) -> dict[str, Whole]:
        """Inhabitants and communes of another vintage, in the territories of this one (or some of them)."""
        found: dict[str, Whole] = defaultdict(Whole)
        kept = measured.communes if areas is None else sorted(self.inside(areas, measured, measured.vintage))
        for commune in kept:
            population = measured.population(commune)
            for ref_area, weight in self.reach(commune, measured.vintage):
                found[ref_area].population += weight * population
                found[ref_area].communes += weight
        return dict(found)

    def _reach(self, commune: str, cog: str) -> tuple[tuple[str, float], ...]:
        """Every territory of this vintage that receives a commune of vintage `cog`, with the share it receives."""
        pairs = self.translate(commune, cog)
        return tuple((area, weight) for heir, weight in pairs for area in (heir, *self.containers(heir)))

    def _spread(self, communes: tuple[str, ...], cog: str) -> Spread:
        """Where communes of vintage `cog` go, all at once."""
        reached = [self.reach(commune, cog) for commune in communes]
        pairs = [pair for found in reached for pair in found]
        names = {ref_area: place for place, ref_area in enumerate(dict.fromkeys([name for name, _ in pairs]))}
        places = np.repeat(np.arange(len(reached)), np.array([len(found) for found in reached], dtype=np.intp))
        areas = np.array([names[name] for name, _ in pairs], dtype=np.intp)
        return Spread(list(names), places, areas, np.array([weight for _, weight in pairs], dtype=np.float64))

    def _people(self, communes: tuple[str, ...], cog: str) -> tuple[tuple[str, ...], list[float]]:
        """Communes of this vintage that those of vintage `cog` became, sorted, and the inhabitants of each."""
        found = sorted({heir for commune in communes for heir, _ in self.translate(commune, cog)})
        return tuple(found), [self.population(commune) for commune in found]

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
        """Municipal population of a territory, 0 when nobody counted it.

        In a year without count, that of the last count before, carried to the perimeters of the year.
        """
        counted = self.territories.population(ref_area, self.territories.nearest_vintage(self.vintage)) or 0
        return float(round(counted + self._moved_people.get(ref_area, 0.0)))

    @cached_property
    def _moved_people(self) -> dict[str, float]:
        """Inhabitants that each territory won (or lost, below 0) by its perimeter since the last count."""
        counted = self.territories.nearest_vintage(self.vintage)
        found: dict[str, float] = defaultdict(float)
        if counted == self.vintage:
            return found
        # Of every territory, even where this geography knows of some only.
        before, now = Geography(self.territories, counted), Geography(self.territories, self.vintage)
        for commune in sorted(self.unsettled(counted)):
            people = before.population(commune)
            for place, sign in ((before, -1.0), (now, 1.0)):
                for ref_area, weight in place.reach(commune, counted) if people else ():
                    found[ref_area] += sign * weight * people
        return found

    @cached_property
    def communes(self) -> list[str]:
        """Every commune that exists in this vintage."""
        return self.territories.existing("COM", self.date)
