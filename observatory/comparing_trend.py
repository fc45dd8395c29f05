"""The course of one indicator for several territories: its curves, their graduation and the rows of its table."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from observatory.plots_curves import month

# Periods that the drawing and its table show at most, the last ones; ends of lines are numbered this share of the
# height apart.
MOST, APART = 60, 0.08
Points = Sequence[tuple[str, float]]


def trend(series: Mapping[str, Points]) -> dict[str, Any] | None:
    """Lines, graduation and table of these series (period, value), None when none has two points.

    Ordinates start where the values do, not at zero: the graduation says so.
    """
    periods = sorted({period for points in series.values() for period, _ in points}, key=month)[-MOST:]
    kept = {area: [(p, v) for p, v in points if p in set(periods)] for area, points in series.items()}
    if not any(len(points) > 1 for points in kept.values()):
        return None
    values = [value for points in kept.values() for _, value in points]
    ticks = graduation(min(values), max(values))
    lines = [
        {"area": area, "number": number, "points": sorted(points, key=lambda one: month(one[0]))}
        for number, (area, points) in enumerate(kept.items(), 1)
    ]
    return {
        "lines": _labelled(lines, APART * (ticks[-1] - ticks[0])),
        "ticks": ticks,
        "periods": periods,
        "rows": [(period, [dict(kept[area]).get(period) for area in kept]) for period in periods],
    }


def graduation(low: float, high: float) -> list[float]:
    """Round numbers, three to six, from below `low` to above `high`."""
    step = 10 ** math.floor(math.log10((high - low) or abs(high) or 1))
    step = next(one for one in (step / 5, step / 2, step, 2 * step, 5 * step) if (high - low) / one <= 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(n * step, 10) for n in range(first, max(last, first + 1) + 1)]


def _labelled(lines: list[dict[str, Any]], apart: float) -> list[dict[str, Any]]:
    # Numbers at the ends of lines, from bottom to top, pushed up where they would meet.
    drawn = [line for line in lines if line["points"]]
    at = -math.inf
    for line in sorted(drawn, key=lambda one: (one["points"][-1][1], -one["number"])):
        at = max(line["points"][-1][1], at + apart)
        line["label"] = at
    return drawn
