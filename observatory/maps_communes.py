"""Maps of the communes of a département: one file each, on a grid of its own, thinned together."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from observatory import cog_special as special
from observatory import maps_grid as grid
from observatory.maps_base import Base, Shape
from observatory.territories import Territories

FOLDER = Path("codelists", "contours", "communes")
ACROSS = 800  # steps of the grid along the longer side of a département
SPECK, BEND = 12, 6.0


def read(root: Path, departement: str) -> Base | None:
    """The communes of a département (its bare code), None when `root` has no map of it."""
    known = {path.stem: path for path in (root / FOLDER).glob("*.json")}
    return Base.from_json(known[departement].read_text(encoding="utf-8")) if departement in known else None


def write(root: Path, shapes: Mapping[str, Any], territories: Territories, on: str) -> None:
    """Write the map of every département from the contours of communes by code (shapely, in degrees)."""
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    members: dict[str, list[str]] = defaultdict(list)
    for code in sorted(shapes):
        for parent in territories.parents(f"COM-{code}", "DEP", on):
            if parent != special.ALSACE:
                members[parent.removeprefix("DEP-")].append(code)
    for departement, codes in members.items():
        names = {code: _name(territories, code) for code in codes}
        text = drawn({code: shapes[code] for code in codes}, names).to_json()
        lines = text.replace('"shapes":[[', '"shapes":[\n[').replace(",0],[", ",0],\n[")
        (root / FOLDER / f"{departement}.json").write_text(lines + "\n", encoding="utf-8", newline="\n")


def drawn(shapes: Mapping[str, Any], names: Mapping[str, str]) -> Base:
    """The map of some communes, as large as the grid allows."""
    flat = {code: [_plane(ring) for ring in _rings(geometry)] for code, geometry in shapes.items()}
    every = [point for rings in flat.values() for ring in rings for point in ring]
    left, bottom = min(x for x, _ in every), min(y for _, y in every)
    right, top = max(x for x, _ in every), max(y for _, y in every)
    scale = ACROSS / max(right - left, top - bottom)
    outlines = {
        code: [ring for r in rings if len(ring := grid.closed(_step(p, left, top, scale) for p in r)) > 2]
        for code, rings in flat.items()
    }
    thin = grid.thinned(outlines, BEND)
    drawn = tuple(
        Shape(f"COM-{code}", names[code], path) for code in shapes if (path := grid.written(thin[code], SPECK))
    )
    return Base(round((right - left) * scale) + 1, round((top - bottom) * scale) + 1, drawn)


def _name(territories: Territories, code: str) -> str:
    found = territories.get(f"COM-{code}")
    return found.name if found else code


def _rings(geometry: Any) -> Iterator[list[tuple[float, float]]]:
    for part in getattr(geometry, "geoms", [geometry]):
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield list(ring.coords)


def _plane(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x, math.degrees(math.asinh(math.tan(math.radians(y))))) for x, y in ring]


def _step(point: tuple[float, float], left: float, top: float, scale: float) -> tuple[int, int]:
    return round((point[0] - left) * scale), round((top - point[1]) * scale)
