"""Contours of the régions, départements and intercommunalities of today, as GeoJSON in degrees (WGS84)."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "codelists" / "contours"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
Box = tuple[float, float, float, float]  # west, south, east, north


def outline(ref_area: str) -> str | None:
    """The geometry of a territory as GeoJSON text; None for communes, France and what no contour is drawn of."""
    return _outlines().get(ref_area)


@lru_cache(maxsize=1)
def _outlines() -> Mapping[str, str]:
    found = {}
    for path in sorted(FOLDER.glob("*.geojson")):
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            found[feature["properties"]["ref_area"]] = json.dumps(feature["geometry"], separators=(",", ":"))
    return found


def envelope(ref_area: str | None = None) -> str:
    """Boxes that hold a territory, as WKT: that of its contour; those of the parts of France without one.

    A box is of degrees, rounded outwards to a tenth; boxes that meet are one.
    """
    regions = [area for area in _outlines() if area.startswith("REG-")]
    boxes = [_box(area) for area in ([ref_area] if ref_area in _outlines() else regions)]
    while len(boxes) != len(boxes := _merged(boxes)):
        pass
    rings = (f"(({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s}))" for w, s, e, n in sorted(boxes))
    return f"MULTIPOLYGON ({', '.join(rings)})"


def _box(ref_area: str | None) -> Box:
    numbers = [float(found) for found in NUMBER.findall(_outlines()[str(ref_area)])]
    longitudes, latitudes = numbers[::2], numbers[1::2]
    west, south = (math.floor(10 * min(one)) / 10 for one in (longitudes, latitudes))
    east, north = (math.ceil(10 * max(one)) / 10 for one in (longitudes, latitudes))
    return west, south, east, north


def _merged(boxes: Sequence[Box]) -> list[Box]:
    """The boxes, each with the first of those before it that it meets."""
    found: list[Box] = []
    for w, s, e, n in boxes:
        for place, (west, south, east, north) in enumerate(found):
            if w <= east and west <= e and s <= north and south <= n:
                found[place] = min(w, west), min(s, south), max(e, east), max(n, north)
                break
        else:
            found.append((w, s, e, n))
    return found
