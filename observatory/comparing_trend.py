"""The course of one indicator for several territories: the points of a small drawing and the rows of its table."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from observatory.periods import end_month

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 28, 14, 30
# Periods that the drawing and its table show at most, the last ones; ends of lines are numbered this far apart.
MOST, APART = 60, 15
Points = Sequence[tuple[str, float]]


def trend(series: Mapping[str, Points]) -> dict[str, Any] | None:
    """Lines, ticks and table of these series (period, value), None when none has two points.

    Ordinates start where the values do, not at zero: the graduation says so.
    """
    periods = sorted({period for points in series.values() for period, _ in points}, key=_month)[-MOST:]
    kept = {area: [(p, v) for p, v in points if p in set(periods)] for area, points in series.items()}
    if not any(len(points) > 1 for points in kept.values()):
        return None
    values = [value for points in kept.values() for _, value in points]
    ticks = graduation(min(values), max(values))
    first, last = _month(periods[0]), _month(periods[-1])

    def x(period: str) -> float:
        return round(LEFT + (_month(period) - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        share = (value - ticks[0]) / ((ticks[-1] - ticks[0]) or 1)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    lines = [
        {
            "area": area,
            "number": number,
            "points": [(x(p), y(v)) for p, v in sorted(points, key=lambda one: _month(one[0]))],
        }
        for number, (area, points) in enumerate(kept.items(), 1)
    ]
    return {
        "lines": _labelled(lines),
        "ticks": [{"y": y(tick), "value": tick} for tick in ticks],
        "ends": [{"x": x(period), "period": period} for period in (periods[0], periods[-1])],
        "rows": [(period, [dict(kept[area]).get(period) for area in kept]) for period in periods],
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
    }


def graduation(low: float, high: float) -> list[float]:
    """Round numbers, three to six, from below `low` to above `high`."""
    step = 10 ** math.floor(math.log10((high - low) or abs(high) or 1))
    step = next(one for one in (step / 5, step / 2, step, 2 * step, 5 * step) if (high - low) / one <= 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 10) for n in range(first, max(last, first + 1) + 1)]


def _month(period: str) -> int:
    year, month = end_month(period)
    return 12 * year + month


def _labelled(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Numbers at the ends of lines, from top to bottom, pushed down where they would meet.
    drawn = [line for line in lines if line["points"]]
    at = -math.inf
    for line in sorted(drawn, key=lambda one: (one["points"][-1][1], one["number"])):
        at = max(line["points"][-1][1], at + APART)
        line["label"] = at
    over = max((line["label"] for line in drawn), default=0) - (HEIGHT - BOTTOM)
    for line in drawn:
        line["label"] -= max(over, 0)
    return drawn
