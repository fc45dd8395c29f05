"""The course of an indicator through time: curves, changes of perimeter, round values and the periods of its table."""

from collections.abc import Mapping, Sequence
from typing import Any

from observatory.distributions import ticks
from observatory.periods import end_month
from observatory.plots_curves import day, month, pieces

MOST_DOTS = 8


def trend(
    lines: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]], period: str
) -> dict[str, Any] | None:
    """The curves of the lines (kind, name, points of (period, value)) and their table; None with one period.

    A line breaks where it has no value for a period that others have. `events` are changes of perimeter with a `date`.
    """
    periods = sorted({p for line in lines for p, _ in line["points"]}, key=end_month)
    if len(periods) < 2:
        return None
    values = [v for line in lines for _, v in line["points"]]
    levels = ticks(min(0.0, *values) if min(values) < 0.4 * max(values) else min(values), max(values))
    first, last = month(periods[0]), month(periods[-1])
    return {
        "levels": levels,
        "lines": [_line(line, periods) for line in lines],
        "now": period if period in periods else None,
        "breaks": [{"date": e["date"], "title": e["title"]} for e in events if first < day(e["date"]) <= last],
        "periods": periods[::-1],
    }


def until(lines: Sequence[Mapping[str, Any]], period: str | None) -> list[dict[str, Any]]:
    """The lines without what comes after the period; all of them without one."""
    if period is None:
        return [dict(line) for line in lines]
    return [
        {**line, "points": [(p, v) for p, v in line["points"] if end_month(p) <= end_month(period)]} for line in lines
    ]


def _line(line: Mapping[str, Any], periods: Sequence[str]) -> dict[str, Any]:
    known = dict(line["points"])
    found = pieces(line["points"], periods)
    # A value between two gaps would not be seen without its mark; few values all have theirs.
    alone = [piece[0] for piece in found if len(piece) == 1]
    last = [piece[-1] for piece in found][-1:]
    dots = (
        [point for piece in found for point in piece] if len(known) <= MOST_DOTS else list(dict(alone + last).items())
    )
    return {"kind": line["kind"], "name": line["name"], "values": known, "pieces": found, "dots": dots}
