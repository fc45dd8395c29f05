"""Latitudes and longitudes that were swapped: the point is in France only the other way round."""

from typing import Any, NamedTuple

from observatory.problems import shown
from observatory.reading import Table

LATITUDES = ("latitude", "lat")
LONGITUDES = ("longitude", "lon", "lng", "long")
# ((south, north), (west, east)) of metropolitan France and of what is overseas, with a margin.
BOXES = (
    ((41.2, 51.3), (-5.4, 9.8)),
    ((14.2, 18.3), (-63.3, -60.6)),
    ((2.0, 6.0), (-54.8, -51.4)),
    ((-21.6, -20.7), (55.0, 56.0)),
    ((-13.2, -12.5), (44.8, 45.5)),
    ((46.6, 47.3), (-56.6, -56.0)),
    ((-28.0, -7.5), (-155.0, -134.0)),
    ((-23.5, -17.5), (157.5, 173.0)),
    ((-14.6, -12.9), (-178.5, -175.9)),
)


class Pair(NamedTuple):
    """The columns of a point's latitude and longitude."""

    latitude: str
    longitude: str


def settle_coordinates(table: Table) -> None:
    """Adds a problem to both cells of each swapped point; a bound that only the swap broke is not said."""
    for field in table.dataset.schema["fields"]:
        if field.get("type") == "geopoint" and field["name"] in table.raw:
            _swap_points(table, field)
    pair = _pair(table)
    if pair:
        _swap_columns(table, pair)


def in_france(latitude: float, longitude: float) -> bool:
    """Whether the point is in the rectangle of a part of France."""
    return any(south <= latitude <= north and west <= longitude <= east for (south, north), (west, east) in BOXES)


def swapped(latitude: float, longitude: float) -> bool:
    """Whether the point is in France only once its coordinates are swapped."""
    return not in_france(latitude, longitude) and in_france(longitude, latitude)


def _pair(table: Table) -> Pair | None:
    latitude = next((name for name in LATITUDES if name in table.raw), None)
    longitude = next((name for name in LONGITUDES if name in table.raw), None)
    return Pair(latitude, longitude) if latitude and longitude else None


def _swap_columns(table: Table, pair: Pair) -> None:
    lines: dict[tuple[int | None, str | None], str] = {
        (p.line, p.column): p.correction for p in table.problems if p.correction and p.column in pair
    }
    found: set[tuple[int | None, str | None]] = set()
    for row, raws in enumerate(zip(table.raw[pair.latitude], table.raw[pair.longitude], strict=True)):
        line = table.sheet.lines[row]
        texts = [lines.get((line, name), raw) if lines else raw for name, raw in zip(pair, raws, strict=True)]
        latitude, longitude = map(_number, texts)
        if latitude is not None and longitude is not None and swapped(latitude, longitude):
            found |= {(line, name) for name in pair}
            for name, raw, text, own in zip(pair, raws, reversed(texts), texts, strict=True):
                words = {"value": shown(raw), "suggestion": f"{text} dans cette colonne, et {own} dans l'autre"}
                table.report("swapped-coordinates", row, name, correction=text, **words)
    if found:
        table.sheet.amend(lambda p: None if p.code == "out-of-range" and (p.line, p.column) in found else p)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _swap_points(table: Table, field: dict[str, Any]) -> None:
    """The same in a column of points, written « longitude, latitude »."""
    name = field["name"]
    for row, point in enumerate(table.cells[name]):
        raw = table.raw[name][row]
        if point is None or field.get("format", "default") != "default" or raw.count(",") != 1:
            continue
        longitude, latitude = (float(part) for part in raw.split(","))
        if swapped(latitude, longitude):
            text = ", ".join(part.strip() for part in reversed(raw.split(",")))
            table.report("swapped-coordinates", row, name, value=shown(raw), suggestion=text, correction=text)
