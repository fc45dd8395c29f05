"""Warnings on values that are possible but hardly likely; rare on good data, else nobody reads them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory import periods
from observatory.french import compact, period
from observatory.reading import Table

ENOUGH = 20  # values below which « far from the others » means nothing
FEW = 3  # values below which nothing can be said of a whole series
FAR = 6.0  # robust standard deviations, on a logarithmic scale
APART = 5.0  # times the nearest value of the others
SHARE = 0.01  # of the values, at most, can be outliers: more is a population of its own
SPREAD = 0.05  # least spread (decades), so that identical values do not make everything far
CHANCE = 5.0  # times the square root of a count: what chance alone may add or take
SMALL = 0.05  # of the median: a rise from less than that is a start, not a jump


class Point(NamedTuple):
    """A positive value of the table and where it stands."""

    row: int
    column: str
    ref_area: str
    time_period: str
    value: float


Series = dict[tuple[str, str], list[Point]]  # (what is measured, level) → points


def report_implausible(table: Table, series: Series) -> None:
    """Adds outlier and jump warnings to the table."""
    for points in series.values():
        by_period: dict[str, list[Point]] = defaultdict(list)
        for point in points:
            by_period[point.time_period].append(point)
        odd = {point for found in by_period.values() for point in _outliers(table, found)}
        _report_jumps(table, points, odd)


def report_ratios(table: Table, series: Series, shares: set[str]) -> None:
    """Adds a warning for each percentage (`shares`: what is measured) whose values all lie between 0 and 1."""
    by_share: dict[str, list[Point]] = defaultdict(list)
    for (what, _), points in series.items():
        if what in shares:
            by_share[what] += points
    for what, points in by_share.items():
        values = [point.value for point in points]
        if len(values) >= FEW and max(values) <= 1 and min(values) < 1:
            first = min(points, key=lambda point: point.row)
            low, high = compact(min(values)), compact(max(values))
            table.report("ratio-for-percent", first.row, first.column, value=what, low=low, high=high)


def _outliers(table: Table, points: list[Point]) -> list[Point]:
    """Reports the outliers of one period and level, and gives them."""
    if len(points) < ENOUGH:
        return []
    points = sorted(points, key=lambda point: point.value)
    logs = np.log10([point.value for point in points])
    typical = float(10 ** np.median(logs))
    cut_low, cut_high = _tails(logs)
    middle = points[cut_low:cut_high]
    texts = {"median": compact(typical), "what": "valeurs"}
    texts |= {"low": compact(middle[0].value), "high": compact(middle[-1].value)}
    far = [p for p in points[:cut_low] + points[cut_high:] if not by_chance(p.value, typical)]
    for point in far:
        table.report("outlier", point.row, point.column, value=compact(point.value), **texts)
    return far


def by_chance(value: float, other: float) -> bool:
    """Whether two counts are so small that chance alone may part them (Poisson)."""
    return abs(value - other) <= CHANCE * float(np.sqrt(max(value, other)))


def _tails(logs: NDArray[np.float64]) -> tuple[int, int]:
    """Where the outliers end below and begin above, in sorted logarithms: far away, few, and behind a gap."""
    middle = np.median(logs)
    spread = max(1.4826 * float(np.median(np.abs(logs - middle))), SPREAD)
    most = max(1, int(len(logs) * SHARE))
    gaps = np.diff(logs) > np.log10(APART)
    low = next((n for n in range(most, 0, -1) if gaps[n - 1] and middle - logs[n - 1] > FAR * spread), 0)
    high = next((n for n in range(most, 0, -1) if gaps[-n] and logs[-n] - middle > FAR * spread), 0)
    return low, len(logs) - high


def _report_jumps(table: Table, points: list[Point], odd: set[Point]) -> None:
    steps = list(_steps(points))
    if len(steps) < ENOUGH:
        return
    changes = np.log10([after.value / before.value for before, after in steps])
    middle = float(np.median(changes))
    spread = max(1.4826 * float(np.median(np.abs(changes - middle))), SPREAD)
    far = (np.abs(changes - middle) > 1.5 * FAR * spread) & (np.abs(changes) > np.log10(APART))
    typical = float(np.median([point.value for point in points]))
    jumps = [steps[place] for place in np.flatnonzero(far)]
    jumps = [(a, b) for a, b in jumps if a.value > SMALL * typical and not by_chance(a.value, b.value)]
    # An outlier is said once.
    jumps = [(a, b) for a, b in jumps if not {a, b} & odd]
    if len(jumps) > max(1, len(steps) * SHARE):
        return
    for before, after in jumps:
        texts = {"value": compact(after.value), "previous": compact(before.value)}
        texts |= {"period": period(after.time_period), "previous_period": period(before.time_period)}
        table.report("jump", after.row, after.column, **texts)


def _steps(points: list[Point]) -> Iterator[tuple[Point, Point]]:
    """Each point with the one before it in the same territory."""
    last: dict[str, Point] = {}
    for point in sorted(points, key=lambda point: periods.end_month(point.time_period)):
        if point.ref_area in last:
            yield last[point.ref_area], point
        last[point.ref_area] = point
