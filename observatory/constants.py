"""Warnings on series that do not move when all the others do: a cell copied down, a default value."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from observatory.french import compact, count, period
from observatory.plausibility import ENOUGH, by_chance
from observatory.reading import Table
from observatory.series import Series

LONG = 8  # periods from which a series that never moves is odd
ALMOST_ALL = 0.95  # of the other series must move
MANY = 10  # other long series, at least
CEILING = 100.0
STEP = 5.0  # points by which a percentage must have been expected to move


def report_constants(table: Table, series: Sequence[Series], shares: set[str]) -> None:
    """Adds constant-series warnings: one period where all territories say the same, one territory that never moves."""
    for measured in series:
        share = measured.what in shares
        for _, level in measured.by_level:
            _report_periods(table, level, share)
            _report_territories(table, level, share)


def _report_periods(table: Table, series: Series, share: bool) -> None:
    full = [(time, found) for time, found in series.by_time if len(found) >= ENOUGH]
    flat = [(time, found) for time, found in full if found.values.min() == found.values.max()]
    if 2 * len(flat) > len(full):
        return  # nothing varies much in this series
    for time, found in flat:
        value = float(found.values[0])
        if value and not (share and value == CEILING):
            who = f"{period(time)}, {count(len(found), 'territoire')}"
            others = "les valeurs varient aux autres périodes"
            texts = {"who": who, "value": compact(value), "times": "partout", "others": others}
            table.report("constant-series", int(found.rows.min()), found.column, **texts)


def _report_territories(table: Table, series: Series, share: bool) -> None:
    order = np.lexsort((series.rows, series.areas.codes))
    codes, starts, sizes = np.unique(series.areas.codes[order], return_index=True, return_counts=True)
    if not len(codes):
        return
    values = series.values[order]
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    long = sizes >= LONG
    still = long & (low == high) & (low != 0)
    moving = long & (low != high)
    if moving.sum() < MANY or moving.sum() < ALMOST_ALL * (moving | still).sum():
        return
    growth = _growth(high[moving], low[moving])
    for place in np.flatnonzero(still):
        value = float(low[place])
        if not _may_stay(value, growth, share):
            row = int(series.rows[order[starts[place]]])
            texts = {"who": str(series.areas.values[codes[place]]), "value": compact(value)}
            texts |= {
                "times": f"pendant {sizes[place]} périodes",
                "others": "presque tous les autres territoires varient",
            }
            table.report("constant-series", row, series.column, **texts)


def _growth(high: NDArray[np.float64], low: NDArray[np.float64]) -> float:
    """How many times its least value a usual series reaches; one that begins at 0 says nothing of it."""
    above = low > 0
    return float(np.median(high[above] / low[above])) if above.any() else 1.0


def _may_stay(value: float, growth: float, share: bool) -> bool:
    """Whether a territory may well have kept its value while the others changed as they did."""
    if share:
        return min(CEILING, value * growth) - value < STEP
    return value < 0 or by_chance(value, value * growth)
