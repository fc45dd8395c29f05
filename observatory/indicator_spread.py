"""How the values of an indicator are spread, as bars, marks and an axis between 0 and 1."""

from collections.abc import Mapping, Sequence
from typing import Any

from observatory.distributions import bar_of, bars, crowd, position, ticks

FEWEST = 5  # values below which a distribution or a median says nothing


def spread(
    same: Sequence[float],
    own: Mapping[str, Any] | None,
    parent: Mapping[str, Any] | None,
    median: float | None,
    whole: bool,
) -> dict[str, Any] | None:
    """Bars, marks and axis of the values, None of too few; the value that a `crowd` shares is not in the bars."""
    if len(same) < FEWEST:
        return None
    found = bars(same, whole)
    many = crowd(same)
    if many:
        # Beside a value that most have, the others would not be seen: it is said apart, and the bars hold the rest.
        full = bar_of(many.low, found) or 0
        found[full] = found[full]._replace(held=found[full].held - many.held)
    marks = [("own", own["obs_value"]) if own else None, ("parent", parent["obs_value"]) if parent else None]
    marks.append(("median", median) if median is not None else None)
    low, high = found[0].low, found[-1].high
    # A count stands in the middle of its bar.
    shift = (found[0].high - low) / 2 if whole else 0.0

    def place(value: float) -> float:
        return round(position(value + shift, low, high), 4)

    return {
        "bars": found,
        "crowd": many,
        "low": low,
        "high": high,
        "count": len(same),
        "mine": bar_of(own["obs_value"], found) if own and not (many and own["obs_value"] == many.low) else None,
        "marks": [(*mark, place(mark[1])) for mark in marks if mark and low <= mark[1] <= high],
        "axis": [
            (tick, place(tick))
            for tick in ticks(low, high)
            if low <= tick + shift <= high and (tick % 1 == 0 or not whole)
        ],
        "whole": whole,
    }
