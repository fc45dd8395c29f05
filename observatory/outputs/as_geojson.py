"""GeoJSON (RFC 7946): a point for what has a latitude and a longitude, its contour for a territory."""

import json
import math
from collections.abc import Sequence
from typing import Any, BinaryIO

from observatory.outlines import outline
from observatory.outputs import Download
from observatory.outputs.as_json import harmless

TITLE = "GeoJSON"
FILE_TYPE = "GEOJSON"
ENDING, TYPE = ".geojson", "application/geo+json; charset=utf-8"
NEEDS = (frozenset({"latitude", "longitude"}), frozenset({"ref_area"}))


def write(download: Download, target: BinaryIO) -> None:
    """One collection, a feature a line; what has no place has no geometry, and stays."""
    head = json.dumps({"type": "FeatureCollection", "about": dict(download.about)}, ensure_ascii=False)
    target.write(f'{head[:-1]}, "features": ['.encode())
    separator = "\n"
    for row in download.rows():
        target.write((separator + _feature(download.columns, row)).encode())
        separator = ",\n"
    target.write(b"\n]}\n")


def _feature(columns: Sequence[str], row: Sequence[Any]) -> str:
    values = dict(zip(columns, map(harmless, row), strict=True))
    properties = json.dumps(values, ensure_ascii=False, allow_nan=False)
    return f'{{"type": "Feature", "geometry": {_geometry(values)}, "properties": {properties}}}'


def _geometry(values: dict[str, Any]) -> str:
    place = values.get("longitude"), values.get("latitude")
    if all(isinstance(number, int | float) and math.isfinite(number) for number in place):
        return json.dumps({"type": "Point", "coordinates": place})
    area = values.get("ref_area")
    return (outline(area) if isinstance(area, str) else None) or "null"
