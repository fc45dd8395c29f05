"""The committed contours and points of territories."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from observatory.territories import Territory, read_territories

ROOT = Path(__file__).parent.parent
CODELISTS = ROOT / "codelists"
TODAY = "2026-01-01"
OVERSEAS = ("975", "977", "978", "984", "986", "987", "988", "989")
TERRITORIES = read_territories(ROOT)


def rows(name: str) -> Iterator[dict[str, str]]:
    with (CODELISTS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def contours(name: str) -> dict[str, shapely.Geometry]:
    collection = json.loads((CODELISTS / "contours" / f"{name}.geojson").read_text(encoding="utf-8"))
    return {f["properties"]["ref_area"]: shapely.geometry.shape(f["geometry"]) for f in collection["features"]}


@pytest.mark.parametrize(("name", "level"), [("regions", "REG"), ("departements", "DEP"), ("epci", "EPCI")])
def test_contours(name: str, level: str, current: list[Territory]) -> None:
    found = contours(name)
    expected = {t.ref_area for t in current if t.level == level and t.category != "collectivite-outre-mer"}
    assert set(found) == expected
    assert all(shape.is_valid and not shape.is_empty for shape in found.values())


def test_contours_are_small_and_in_their_true_place() -> None:
    assert sum(path.stat().st_size for path in (CODELISTS / "contours").glob("*.geojson")) < 3_000_000
    places = {row["ref_area"]: (float(row["latitude"]), float(row["longitude"])) for row in rows("points")}
    assert places["REG-04"] == pytest.approx((-21.1, 55.5), abs=0.2)
    departements = contours("departements")
    for ref_area in ("COM-97411", "COM-2A004", "COM-67482", "COM-75056", "COM-93066"):
        (parent,) = TERRITORIES.parents(ref_area, "DEP", TODAY)
        latitude, longitude = places[ref_area]
        assert departements[parent].contains(shapely.Point(longitude, latitude))


def test_holes_of_departements_are_only_other_territories() -> None:
    """Llívia (Spain) is the only hole of the union; no merged commune is missing."""
    whole = shapely.union_all([s for ref, s in contours("departements").items() if ref != "DEP-6AE"])
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors]
    assert [hole for hole in holes if hole.area > 0.0003 and not hole.intersects(shapely.Point(1.98, 42.47))] == []


def test_points_of_all_but_the_overseas_without_geometry(current: list[Territory]) -> None:
    points = {row["ref_area"] for row in rows("points")}
    without = {"DEP-984", "DEP-989", "REG-984", "REG-989"}
    for territory in current:
        if territory.level == "COM" and territory.code[:3] in OVERSEAS and territory.code[:3] not in ("977", "978"):
            without.add(territory.ref_area)
    assert points == {territory.ref_area for territory in current} - without
