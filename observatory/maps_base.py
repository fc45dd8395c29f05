"""The bare map of a level: contours laid on a plane by Vega-Lite once, whose shapes every choropleth then colours."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
import vl_convert

from observatory import maps_grid as grid

SVG = "{http://www.w3.org/2000/svg}"
FILES = {"REG": "regions", "DEP": "departements", "EPCI": "epci"}
# Overseas, by the longitudes between which they lie; their boxes stand in a column to the left of the mainland.
OVERSEAS = {
    "Guadeloupe": (-62.0, -61.24),
    "Martinique": (-61.24, -60.0),
    "Guyane": (-55.0, -51.0),
    "La Réunion": (55.0, 56.0),
    "Mayotte": (45.0, 46.0),
}
GUADELOUPE_SOUTH, TROPIC = 15.2, 30.0
# Paris and its neighbours once more, enlarged; the établissements publics territoriaux only there, over the métropole.
CAPITAL = "Paris et ses voisins"
PARIS = {"DEP": ("DEP-75", "DEP-92", "DEP-93", "DEP-94"), "EPCI": ("EPCI-200054781",)}
# In degrees of the plane: where the column of boxes stands in the Atlantic.
LEFT, TOP, STEP, SIZE = -10.2, 59.1, 2.45, 1.65
WIDTH, HEIGHT, FINE = 600, 460, 2  # pixels of the drawing by Vega, and steps of the grid in each
SPECK = 16  # steps of outline up to which an islet is not drawn
BEND = 3.0  # square steps below which a bend of a border is not drawn

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A territory on the plane: its path, and whether it is drawn a second time, in a box."""

    ref_area: str
    name: str
    path: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """What every map of a level shares: the size of the plane, its shapes and the titles of its boxes (x, y, text)."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    labels: tuple[tuple[int, int, str], ...] = ()

    def to_json(self) -> str:
        """The same as text, for the table `charts`."""
        shapes = [[s.ref_area, s.name, s.path, int(s.again)] for s in self.shapes]
        return json.dumps({**asdict(self), "shapes": shapes}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Base":
        """A base from what `to_json` wrote."""
        held = json.loads(text)
        shapes = tuple(Shape(area, name, path, bool(again)) for area, name, path, again in held["shapes"])
        labels = tuple((x, y, said) for x, y, said in held["labels"])
        return cls(held["width"], held["height"], shapes, labels)


def base(root: Path, level: str, left_out: set[str], capital: set[str]) -> Base | None:
    """The map of a level from `root`/codelists/contours, None when it has no contours.

    Territories of `left_out` are not drawn (they lie over others), those of `capital` only in the box of Paris.
    """
    source = root / "codelists" / "contours" / f"{FILES[level]}.geojson"
    if not source.exists():
        return None
    contours = json.loads(source.read_text(encoding="utf-8"))["features"]
    features = [_feature(c) for c in contours if c["properties"]["ref_area"] not in left_out]
    boxes = {title: [f for f in features if f["where"] == title] for title in OVERSEAS}
    twice = [{**f, "again": True} for f in features if f["area"] in PARIS.get(level, ())]
    boxes[CAPITAL] = twice + [f for f in features if f["area"] in capital]
    shapes = [f for f in features if not f["where"] and f["area"] not in capital]
    labels = []
    for number, (title, inside) in enumerate((t, found) for t, found in boxes.items() if found):
        top = TOP - number * STEP
        shapes.extend(_moved(inside, top))
        labels.append({"title": title, "x": LEFT, "y": top + 0.25})
    return _drawn(shapes, labels)


def _feature(contour: Feature) -> Feature:
    coordinates = contour["geometry"]["coordinates"]
    longitude, latitude = next(_points(coordinates))
    geometry = {**contour["geometry"], "coordinates": _mercator(coordinates)}
    area, name = contour["properties"]["ref_area"], contour["properties"]["name"]
    where = "" if latitude > TROPIC else _overseas(longitude, latitude)
    return {"type": "Feature", "geometry": geometry, "area": area, "name": name, "where": where, "again": False}


def _overseas(longitude: float, latitude: float) -> str:
    if longitude < -60:
        return "Guadeloupe" if latitude > GUADELOUPE_SOUTH else "Martinique"
    return next((title for title, (west, east) in OVERSEAS.items() if west <= longitude <= east), "")


def _mercator(coordinates: list[Any]) -> list[Any]:
    # Projected here, so that Vega draws on a plane: on its sphere, a ring that turns the other way fills the world.
    if isinstance(coordinates[0], list):
        return [_mercator(part) for part in coordinates]
    longitude, latitude = coordinates
    return [longitude, math.degrees(math.asinh(math.tan(math.radians(latitude))))]


def _moved(features: list[Feature], top: float) -> list[Feature]:
    # The same shapes, scaled to fill the box whose upper left corner is (LEFT, top).
    points = [point for f in features for point in _points(f["geometry"]["coordinates"])]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    scale = min(SIZE / (right - left), SIZE / (high - low))

    def move(coordinates: list[Any]) -> list[Any]:
        if isinstance(coordinates[0], list):
            return [move(part) for part in coordinates]
        return [LEFT + (coordinates[0] - left) * scale, top + (coordinates[1] - high) * scale]

    return [{**f, "geometry": {**f["geometry"], "coordinates": move(f["geometry"]["coordinates"])}} for f in features]


def _points(coordinates: list[Any]) -> Iterator[tuple[float, float]]:
    if isinstance(coordinates[0], list):
        for part in coordinates:
            yield from _points(part)
    else:
        yield coordinates[0], coordinates[1]


def _drawn(features: list[Feature], labels: list[dict[str, Any]]) -> Base:
    areas = alt.Chart(alt.NamedData("areas")).mark_geoshape()
    titles = alt.Chart(alt.NamedData("titles")).mark_text(align="left", fontSize=13)
    chart = alt.layer(areas, titles.encode(longitude="x:Q", latitude="y:Q", text="title:N"))
    chart = chart.project(type="identity", reflectY=True).properties(width=WIDTH, height=HEIGHT)
    # Given after Altair has checked the rest: it would look at each of 70,000 points.
    spec = {**chart.to_dict(), "datasets": {"areas": features, "titles": labels}}
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(json.dumps(spec), show_warnings=False))
    (drawn,) = (node for node in root.iter(f"{SVG}g") if (node.get("class") or "").startswith("mark-shape"))
    outlines = {str(number): grid.rings(node.get("d", ""), FINE) for number, node in enumerate(drawn)}
    paths = [grid.written(found, SPECK) for found in grid.thinned(outlines, BEND).values()]
    shapes = tuple(
        Shape(f["area"], f["name"], path, f["again"]) for f, path in zip(features, paths, strict=True) if path
    )
    places = [re.findall(r"-?[\d.]+", n.get("transform", ""))[:2] for n in root.iter(f"{SVG}text")]
    texts = tuple(
        (round(float(x) * FINE), round(float(y) * FINE), label["title"])
        for label, (x, y) in zip(labels, places, strict=True)
    )
    return Base(WIDTH * FINE, HEIGHT * FINE, shapes, texts)


def lighter(base: Base) -> Base:
    """The same map on a grid twice as coarse, for where it must be small and light."""
    outlines = {str(number): grid.halved(shape.path) for number, shape in enumerate(base.shapes)}
    paths = [grid.written(found, SPECK // 2) for found in grid.thinned(outlines, BEND / 2).values()]
    shapes = tuple(replace(shape, path=path) for shape, path in zip(base.shapes, paths, strict=True) if path)
    labels = tuple((round(x / 2), round(y / 2), text) for x, y, text in base.labels)
    return Base(base.width // 2, base.height // 2, shapes, labels)
