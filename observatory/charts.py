"""The map of the départements, described in Vega-Lite through Altair and drawn to SVG at build by vl-convert."""

import json
import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
import vl_convert

from observatory import french

SVG = "http://www.w3.org/2000/svg"
LINK = "http://www.w3.org/1999/xlink"
# One hue family, lightness falling steadily: the order reads without colour vision and in grey print.
COLOURS = ("#f1e8c9", "#b9d6b3", "#6cb3a8", "#2f7f95", "#134a6b")
UNRANKED, UNRANKED_COLOUR = "Non classé", "#e3e6e7"
# Overseas départements are drawn beside the mainland, and Paris with its neighbours a second time, enlarged.
INSETS = (
    ("Guadeloupe", ("971",)),
    ("Martinique", ("972",)),
    ("Guyane", ("973",)),
    ("La Réunion", ("974",)),
    ("Mayotte", ("976",)),
    ("Paris et ses voisins", ("75", "92", "93", "94")),
)
# On the plane of the map, in degrees: the column of insets stands in the Atlantic.
INSETS_LEFT, INSETS_TOP, INSET_STEP, INSET_SIZE = -10.2, 59.1, 2.45, 1.65
# Half pixels of outline below which an islet is not drawn.
SPECK = 16
OVERSEAS = {code for _, codes in INSETS for code in codes if code.startswith("97")}
TITLE = "Niveau de maturité numérique des départements"
DESCRIPTION = "Chaque département mène à sa page ; les hachures signalent ceux qui ne sont pas classés."

Row = dict[str, Any]


def draw(root: Path, db: sqlite3.Connection) -> list[Row]:
    """Rows of the table `charts` (name, title, description, svg), from the views of a built database.

    No row when the contours of the départements are not in `root`/codelists/contours.
    """
    source = root / "codelists" / "contours" / "departements.geojson"
    if not source.exists():
        return []
    contours = json.loads(source.read_text(encoding="utf-8"))
    # The Collectivité européenne d’Alsace covers two départements that the map shows.
    others = {area for (area,) in db.execute("select ref_area from territories where category <> 'departement'")}
    contours["features"] = [f for f in contours["features"] if f["properties"]["ref_area"] not in others]
    columns = ("ref_area", "name", "score", "level", "level_name")
    found = db.execute(
        "select ref_area, name, score, case when rank is not null then maturity end, maturity_name"
        " from ranking where node = 'index' and ref_area like 'DEP-%'"
    )
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    levels = [
        f"{level} · {name}" for level, name in db.execute("select level, name from maturity_levels order by level")
    ]
    svg = department_map(contours, rows, levels)
    return [{"name": "carte-departements", "title": TITLE, "description": DESCRIPTION, "svg": svg}]


def department_map(contours: dict[str, Any], rows: list[Row], levels: Sequence[str]) -> str:
    """SVG of the départements coloured by `level`, each a link to its page.

    `contours` is a GeoJSON FeatureCollection (WGS 84, properties ref_area and name); each of `rows` has ref_area,
    name, score (0 to 100 or None), level (1 to 5, None when unranked) and level_name; `levels` names the five levels.
    """
    by_area = {row["ref_area"]: row for row in rows}
    features = [_feature(f, by_area.get(f["properties"]["ref_area"]), levels) for f in contours["features"]]
    shapes = [f for f in features if f["code"] not in OVERSEAS]
    labels = []
    for number, (title, codes) in enumerate(INSETS):
        inside = [f for f in features if f["code"] in codes]
        if inside:
            top = INSETS_TOP - number * INSET_STEP
            shapes.extend(_moved(inside, top))
            labels.append({"title": title, "x": INSETS_LEFT, "y": top + 0.25})
    chart = alt.layer(_areas(shapes, levels), _titles(labels)).project(type="identity", reflectY=True)
    # A font that the build machine need not have: the browser chooses among its own.
    chart = chart.properties(width=600, height=460).configure(font="system-ui, sans-serif", padding=2)
    return _finish(vl_convert.vegalite_to_svg(chart.configure_view(stroke=None).to_json(), show_warnings=False))


def _feature(contour: dict[str, Any], row: Row | None, levels: Sequence[str]) -> dict[str, Any]:
    area, name = contour["properties"]["ref_area"], contour["properties"]["name"]
    level = levels[row["level"] - 1] if row and row["level"] else UNRANKED
    score = f", score {french.number(row['score'], 1)} sur 100" if row and row["level"] else ""
    return {
        "type": "Feature",
        "geometry": {**contour["geometry"], "coordinates": _mercator(contour["geometry"]["coordinates"])},
        "code": area.partition("-")[2],
        "level": level,
        "link": f"/territoires/{area}",
        "label": f"{name} : {level}{score}",
    }


def _mercator(coordinates: list[Any]) -> list[Any]:
    # Projected here, so that Vega draws on a plane: on its sphere, a ring that turns the other way fills the world.
    if isinstance(coordinates[0], list):
        return [_mercator(part) for part in coordinates]
    longitude, latitude = coordinates
    return [longitude, math.degrees(math.asinh(math.tan(math.radians(latitude))))]


def _moved(features: list[dict[str, Any]], top: float) -> list[dict[str, Any]]:
    # The same shapes, scaled to fill the box whose upper left corner is (INSETS_LEFT, top).
    points = [point for f in features for point in _points(f["geometry"]["coordinates"])]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    scale = min(INSET_SIZE / (right - left), INSET_SIZE / (high - low))

    def move(coordinates: list[Any]) -> list[Any]:
        if isinstance(coordinates[0], list):
            return [move(part) for part in coordinates]
        return [INSETS_LEFT + (coordinates[0] - left) * scale, top + (coordinates[1] - high) * scale]

    return [{**f, "geometry": {**f["geometry"], "coordinates": move(f["geometry"]["coordinates"])}} for f in features]


def _points(coordinates: list[Any]) -> Iterator[tuple[float, float]]:
    if isinstance(coordinates[0], list):
        for part in coordinates:
            yield from _points(part)
    else:
        yield coordinates[0], coordinates[1]


def _areas(features: list[dict[str, Any]], levels: Sequence[str]) -> alt.Chart:
    scale = alt.Scale(domain=[*levels, UNRANKED], range=[*COLOURS, UNRANKED_COLOUR])
    legend = alt.Legend(
        orient="bottom", title=None, columns=2, labelFontSize=21, symbolType="square", symbolSize=240,
        symbolStrokeColor="#7c8a95", symbolStrokeWidth=1, labelLimit=290, rowPadding=5, columnPadding=44,
    )  # fmt: skip
    return (
        alt.Chart(alt.InlineData(values=features))
        .mark_geoshape(stroke="#53626d", strokeWidth=0.5)
        .encode(color=alt.Color("level:N", scale=scale, legend=legend), href="link:N", description="label:N")
    )


def _titles(labels: list[Row]) -> alt.Chart:
    text = alt.Chart(alt.InlineData(values=labels)).mark_text(align="left", fontSize=13, color="#4c5b68")
    return text.encode(longitude="x:Q", latitude="y:Q", text="title:N")


def _finish(svg: str) -> str:
    # What Vega leaves to the page: a name for the whole, a pattern for what has no level, shorter numbers.
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", LINK)
    root = ElementTree.fromstring(svg)
    for size in ("width", "height", "class"):
        root.attrib.pop(size, None)
    root.set("role", "group")
    root.set("aria-labelledby", "carte-titre carte-description")
    for node in root.iter():
        _lighten(node)
    for tag, text in (("desc", DESCRIPTION), ("title", TITLE)):
        named = ElementTree.Element(f"{{{SVG}}}{tag}", {"id": "carte-titre" if tag == "title" else "carte-description"})
        named.text = text
        root.insert(0, named)
    root.insert(2, _hatching())
    return ElementTree.tostring(root, encoding="unicode")


def _lighten(node: ElementTree.Element) -> None:
    label = node.attrib.pop("aria-label", None)
    for name in [n for n in node.attrib if n == "class" or n == "role" or n.startswith("aria-")]:
        del node.attrib[name]
    if node.tag == f"{{{SVG}}}a":
        link = node.attrib.pop(f"{{{LINK}}}href")
        node.set("href", link[link.index("/territoires/") :])  # vl-convert puts an address of its own before
        for left_over in (f"{{{LINK}}}title", "target"):
            node.attrib.pop(left_over, None)
        node.set("aria-label", next(p.get("aria-label", "") for p in node))
    elif label and " : " in label:
        node.set("aria-label", label)
    if re.fullmatch(r"[MLZ\d.,-]+", node.get("d", "")):
        node.attrib.update({"d": _on_grid(node.attrib["d"]), "transform": "scale(.5)", "stroke-width": "1"})
    if node.get("fill") == UNRANKED_COLOUR:
        node.set("fill", "url(#non-classe)")


def _on_grid(path: str) -> str:
    # In whole half pixels (the caller halves them), so that neighbours keep one border and steps are short to write.
    # A ring of less than three pixels is a speck, unless it is all there is.
    rings = []
    for ring in path.split("M")[1:]:
        numbers = [round(float(n) * 2) for n in re.findall(r"-?[\d.]+", ring)]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        steps = [(x - u, y - v) for (u, v), (x, y) in pairwise(points) if (x, y) != (u, v)]
        if sum(abs(x) + abs(y) for x, y in steps) > SPECK or len(path) < 2000 and steps:
            rings.append(
                f"M{points[0][0]} {points[0][1]}l" + " ".join(f"{x} {y}" for x, y in _straightened(steps)) + "z"
            )
    return "".join(rings).replace(" -", "-")


def _straightened(steps: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    x, y = steps[0]
    for dx, dy in steps[1:]:
        if x * dy == y * dx and x * dx + y * dy > 0:
            x, y = x + dx, y + dy
        else:
            yield x, y
            x, y = dx, dy
    yield x, y


def _hatching() -> ElementTree.Element:
    return ElementTree.fromstring(
        f'<defs xmlns="{SVG}"><pattern id="non-classe" width="9" height="9" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="9" height="9" fill="{UNRANKED_COLOUR}"/>'
        '<path d="M0 0v9" stroke="#8b98a2" stroke-width="3"/></pattern></defs>'
    )
