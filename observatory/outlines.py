"""Contours of the régions, départements and intercommunalities of today, as GeoJSON in degrees (WGS84)."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "codelists" / "contours"


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
