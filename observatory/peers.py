"""Rows of `peer_features` and `peers`: territories that have much in common with each, by what the codelists know."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from observatory.geography import Geography
from observatory.scoring_peers import likeness, nearest
from observatory.surfaces import read_surfaces
from observatory.territories import Territory

Row = dict[str, object]
# Communes from this many inhabitants on: those that the law for a digital Republic (2016) obliges to open their data.
# Rows for the 31 600 smaller ones, which are scored in one domain only, would weigh more than all other scores.
LEAST_COMMUNE = 3500


class Features(NamedTuple):
    """What makes two territories alike.

    Of a commune, `density` is that of its EPCI (of its département where it has none) and `share` its part of the
    inhabitants there: no list gives its own surface. Of any other territory, `share` is the part of the inhabitants
    who live in its largest commune.
    """

    population: int
    density: float
    communes: int | None
    share: float

    @property
    def point(self) -> list[float]:
        """Coordinates in which distances mean something: ratios count, not differences of inhabitants."""
        counted = [] if self.communes is None else [np.log(self.communes)]
        return [np.log(self.population), np.log(self.density), *counted, np.log(self.share)]


def features(root: Path, geography: Geography, ranked: set[str]) -> dict[str, dict[str, Features]]:
    """Features of the territories that exist, by class within which territories are compared, then by ref_area.

    A class is a level, and for EPCI a category: a métropole, an agglomération and a communauté de communes do not
    have the same powers. `ranked` are the categories that are compared at all. A territory without inhabitants or
    without a surface is in no class, nor is a small commune.
    """
    surfaces = read_surfaces(root)
    inhabitants: dict[str, list[float]] = {}
    for commune in geography.communes:
        for area in geography.containers(commune):
            inhabitants.setdefault(area, []).append(geography.population(commune))
    found: dict[str, dict[str, Features]] = {}
    for territory in sorted(geography.territories, key=lambda territory: territory.ref_area):
        if territory.category in ranked and not territory.valid_to:
            of = _of_commune if territory.level == "COM" else _of_group
            known = of(territory.ref_area, geography, surfaces, inhabitants)
            if known is not None:
                found.setdefault(peer_class(territory), {})[territory.ref_area] = known
    return found


def peer_class(area: Territory) -> str:
    """Within what a territory is compared."""
    return area.category if area.level == "EPCI" else area.level


def _of_group(
    ref_area: str, geography: Geography, surfaces: dict[str, float], inhabitants: dict[str, list[float]]
) -> Features | None:
    people, surface = geography.population(ref_area), surfaces.get(ref_area)
    communes = inhabitants.get(ref_area, [])
    if not people or not surface or not communes:
        return None
    return Features(int(people), people / surface, len(communes), max(communes) / people)


def _of_commune(
    ref_area: str, geography: Geography, surfaces: dict[str, float], inhabitants: dict[str, list[float]]
) -> Features | None:
    people = geography.population(ref_area)
    around = next((area for area in geography.containers(ref_area) if surfaces.get(area)), None)
    if people < LEAST_COMMUNE or around is None:
        return None
    everyone = sum(inhabitants[around])
    return Features(int(people), everyone / surfaces[around], None, people / everyone)


def feature_rows(found: dict[str, dict[str, Features]]) -> Iterator[Row]:
    """Rows of `peer_features`."""
    for name, areas in sorted(found.items()):
        for area, known in areas.items():
            yield {
                "ref_area": area,
                "peer_class": name,
                "population": known.population,
                "density": round(known.density, 3),
                "communes": known.communes,
                "share": round(known.share, 6),
            }


def peer_rows(found: dict[str, dict[str, Features]]) -> Iterator[Row]:
    """Rows of `peers`, nearest first."""
    for _, areas in sorted(found.items()):
        names = list(areas)
        close = nearest(likeness(np.array([known.point for known in areas.values()])))
        for name, places, distances in zip(names, close.place.tolist(), close.distance.tolist(), strict=True):
            for position, (place, distance) in enumerate(zip(places, distances, strict=True), start=1):
                yield {"ref_area": name, "peer": names[place], "position": position, "distance": distance}
