"""The course of an indicator through time, as points of a drawing: curves, changes of perimeter, two round axes."""

from collections.abc import Mapping, Sequence
from typing import Any

from observatory.distributions import position, ticks
from observatory.periods import end_month

WIDTH, HEIGHT = 400, 190
LEFT, RIGHT, TOP, BOTTOM = 38, 10, 12, 24
MOST_YEARS = 7
MOST_DOTS = 8


def trend(
    lines: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]], period: str
) -> dict[str, Any] | None:
    """The drawing of the lines (kind, name, points of (period, value)) and their table; None with one period.

    A line breaks where it has no value for a period that others have. `events` are changes of perimeter with a `date`.
    """
    periods = sorted({p for line in lines for p, _ in line["points"]}, key=end_month)
    if len(periods) < 2:
        return None
    values = [v for line in lines for _, v in line["points"]]
    levels = ticks(min(0.0, *values) if min(values) < 0.4 * max(values) else min(values), max(values))
    first, last = _month(periods[0]), _month(periods[-1])

    def x(month: float) -> float:
        return round(LEFT + position(month, first, last) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - position(value, levels[0], levels[-1]) * (HEIGHT - TOP - BOTTOM), 1)

    at = {p: x(_month(p)) for p in periods}
    breaks = [
        {"date": e["date"], "title": e["title"], "x": x(_date(e["date"]))}
        for e in events
        if first < _date(e["date"]) <= last
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "top": TOP,
        "bottom": HEIGHT - BOTTOM,
        "levels": [(value, y(value)) for value in levels],
        "years": _years(first, last, x),
        "lines": [_line(line, periods, at, y) for line in lines],
        "now": at.get(period),
        "breaks": breaks,
        "periods": periods[::-1],
    }


def _line(line: Mapping[str, Any], periods: Sequence[str], at: Mapping[str, float], y: Any) -> dict[str, Any]:
    known = dict(line["points"])
    pieces: list[list[tuple[float, float]]] = [[]]
    for p in periods:
        if p in known:
            pieces[-1].append((at[p], y(known[p])))
        elif pieces[-1]:
            pieces.append([])
    # A value between two gaps would not be seen without its mark; few values all have theirs.
    alone = [piece[0] for piece in pieces if len(piece) == 1]
    last = [piece[-1] for piece in pieces if piece][-1:]
    dots = [point for piece in pieces for point in piece] if len(known) <= MOST_DOTS else alone + last
    drawn = [" ".join(f"{a:g},{b:g}" for a, b in piece) for piece in pieces if len(piece) > 1]
    return {"kind": line["kind"], "name": line["name"], "values": known, "pieces": drawn, "dots": dots}


def _years(first: int, last: int, x: Any) -> list[tuple[int, float]]:
    """The first months of years to write under the axis, never too many."""
    every = max(1, -(-(last - first) // 12 // MOST_YEARS))
    inside = [year for year in range(first // 12, last // 12 + 2) if first <= year * 12 + 1 <= last]
    return [(year, x(year * 12 + 1)) for year in inside if year % every == 0]


def _month(period: str) -> int:
    year, month = end_month(period)
    return year * 12 + month


def _date(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7])
