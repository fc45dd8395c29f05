"""How the values of an indicator are spread: bars, marks and the round values of an axis."""

from collections.abc import Mapping, Sequence
from typing import Any

from observatory.distributions import bar_of, bars, crowd, ticks

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
    return {
        "bars": found,
        "crowd": many,
        "low": low,
        "high": high,
        "count": len(same),
        "mine": bar_of(own["obs_value"], found) if own and not (many and own["obs_value"] == many.low) else None,
        "marks": [mark for mark in marks if mark and low <= mark[1] <= high],
        "axis": [t for t in ticks(low, high) if low <= t <= high and (not whole or t % 1 == 0 and t < high)],
        "whole": whole,
    }
