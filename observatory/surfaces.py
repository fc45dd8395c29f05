"""Surface of territories, from the contours of codelists/contours: no other list of the observatory knows it."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from observatory.scoring import Floats

# GRS 80, the ellipsoid of French maps: semi-major axis in km, square of the eccentricity.
AXIS, E2 = 6378.137, 0.00669438002290
ECCENTRICITY = float(np.sqrt(E2))


def read_surfaces(root: Path) -> dict[str, float]:
    """Surface in km² of each territory that has a contour, by ref_area; empty without any contour.

    Contours are simplified: 549 170 km² for the mainland and Corsica, against the 551 695 of the national mapping
    agency (−0.5 %), 104 km² for Paris against 105; lakes and foreshore are within.
    """
    found: dict[str, float] = {}
    for path in sorted((root / "codelists" / "contours").glob("*.geojson")):
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            found[feature["properties"]["ref_area"]] = surface(feature["geometry"]["coordinates"])
    return found


def surface(polygons: list[Any]) -> float:
    """Surface in km² of the coordinates of a MultiPolygon (degrees), holes left out."""
    return sum(_ring(outer) - sum(map(_ring, holes)) for outer, *holes in polygons)


def _ring(points: list[list[float]]) -> float:
    """Surface within a ring: a plane one, once latitudes are spread so that equal surfaces stay equal (Lambert 1772).

    Snyder, Map Projections: A Working Manual, USGS 1395 (1987), equations 3-12 and 10-13 to 10-15.
    """
    longitude, latitude = np.radians(np.array(points, dtype=np.float64)).T
    height = _authalic(latitude)
    return float(abs(np.sum(np.diff(longitude) * (height[1:] + height[:-1]))) * AXIS * AXIS / 4.0)


def _authalic(latitude: Floats) -> Floats:
    sine = np.sin(latitude)
    return (1.0 - E2) * (sine / (1.0 - E2 * sine * sine) + np.arctanh(ECCENTRICITY * sine) / ECCENTRICITY)
