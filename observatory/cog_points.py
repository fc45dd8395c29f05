"""A point of each territory: town hall, else a point inside its contour, else inside the place it came from."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import shapely

from observatory import cog_special as special
from observatory import contours as drawing
from observatory import maps_communes
from observatory.cog_codelists import write_rows
from observatory.contours import NULL, Geometry, polygons_of, shape
from observatory.territories import Territories, read_territories

COLUMNS = ("id", "code", "type", "commune_parent_id", "geometry", "mairie_localisation")

FAR = 0.05  # a town hall farther than this from its commune, in degrees, is a geocoding error
# The two islands share one legislative constituency: Saint-Martin lies north of this latitude.
BETWEEN_ISLANDS = 17.98
NORTH, SOUTH = "978", "977"


def town_halls(rows: list[dict[str, str]], shapes: Mapping[str, Geometry]) -> dict[str, Geometry]:
    """Town hall of each commune by code, without those that are far outside of the commune."""
    points = {row["code"]: shape(row["mairie_localisation"]) for row in rows if row["type"] == "COM"}
    return {
        code: point
        for code, point in points.items()
        if point is not None and (code not in shapes or shapely.distance(point, shapes[code]) < FAR)
    }


def points_of(
    contours: Mapping[str, Mapping[str, Geometry]], shapes: Mapping[str, Geometry], halls: Mapping[str, Geometry]
) -> dict[str, Geometry]:
    """A point of each commune (town hall, else inside its contour) and of each contour (inside it)."""
    points = {f"COM-{code}": shapely.point_on_surface(geometry) for code, geometry in shapes.items()}
    points |= {f"COM-{code}": point for code, point in halls.items()}
    for group in contours.values():
        points |= {ref_area: shapely.point_on_surface(geometry) for ref_area, geometry in group.items()}
    departements, regions = contours["departements"], contours["regions"]
    alsace = shapely.union_all([departements[ref_area] for ref_area in special.ALSACE_MEMBERS])
    mainland = [geometry for ref_area, geometry in regions.items() if ref_area > "REG-1"]
    points[special.ALSACE] = shapely.point_on_surface(alsace)
    points["FRA"] = shapely.point_on_surface(shapely.union_all(mainland))
    return points


def points_of_origin(
    territories: Territories, points: Mapping[str, Geometry], shapes: Mapping[str, Geometry], on: str
) -> dict[str, Geometry]:
    """For communes still without contour, a point inside the commune that they were split from."""
    result = {}
    for area in territories:
        if area.level == "COM" and area.ref_area not in points and territories.exists(area.ref_area, on):
            for _, origin in territories.origins(area.ref_area):
                if origin[4:] in shapes:
                    result[area.ref_area] = shapely.point_on_surface(shapes[origin[4:]])
    return result


def overseas_points(rows: list[dict[str, str]]) -> dict[str, Geometry]:
    """A point of overseas collectivities inside their last legislative constituency, at both of their levels.

    The two single-commune islands also give it to their commune; those without constituency have no point.
    """
    islands: dict[str, list[Geometry]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["code"]):
        code = row["code"][:3]
        if code in special.OVERSEAS and row["geometry"] != NULL:
            islands[code] = polygons_of(shape(row["geometry"]))
    both = islands.pop(SOUTH, [])
    islands[NORTH] = [part for part in both if part.centroid.y > BETWEEN_ISLANDS]
    islands[SOUTH] = [part for part in both if part.centroid.y <= BETWEEN_ISLANDS]
    result: dict[str, Geometry] = {}
    for code, parts in islands.items():
        if parts:
            point = shapely.point_on_surface(shapely.MultiPolygon(parts))
            names = [f"DEP-{code}", f"REG-{code}"] + [f"COM-{code}01"] * (code in (NORTH, SOUTH))
            result |= dict.fromkeys(names, point)
    return result


def point_rows(points: Mapping[str, Geometry]) -> list[tuple[str, float, float]]:
    """(ref_area, latitude, longitude) with five decimals, sorted."""
    return [(ref_area, round(point.y, 5), round(point.x, 5)) for ref_area, point in sorted(points.items())]


def write_places(data: Path, root: Path, on: str) -> None:
    """Write codelists/contours/ (*.geojson, communes/*.json) and codelists/points.csv from the package’s data."""
    territories = read_territories(root)
    rows = drawing.read_source(data / "communes.csv.lzma", COLUMNS)
    cantons = drawing.read_source(data / "cantons.csv.lzma", ("geometry",))
    seats = drawing.read_source(data / "circonscriptions_legislatives.csv.lzma", ("code", "geometry"))
    drawn = [shape(row["geometry"]) for row in cantons if row["geometry"] != NULL]
    shapes = drawing.completed(drawing.commune_shapes(rows), drawn, territories)
    groups = drawing.contours_of(territories, shapes, on)
    drawing.write_contours_of(root / "codelists" / "contours", groups, territories)
    maps_communes.write(root, shapes, territories, on)
    points = points_of(groups, shapes, town_halls(rows, shapes)) | overseas_points(seats)
    points |= points_of_origin(territories, points, shapes, on)
    write_rows(root / "codelists" / "points.csv", "ref_area,latitude,longitude", point_rows(points))
