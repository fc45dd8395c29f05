"""Warnings on values that are possible but hardly likely; rare on good data, else nobody reads them."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from observatory.french import compact, period
from observatory.reading import Table
from observatory.series import Series
from observatory.territories import level_of

ENOUGH = 20  # values below which « far from the others » means nothing
FEW = 3  # values below which nothing can be said of a whole series
FAR = 6.0  # robust standard deviations, on a logarithmic scale
APART = 5.0  # times the nearest value of the others
SHARE = 0.01  # of the values, at most, can be outliers: more is a population of its own
SPREAD = 0.05  # least spread (decades), so that identical values do not make everything far
CHANCE = 5.0  # times the square root of a count: what chance alone may add or take
SMALL = 0.05  # of the median: a rise from less than that is a start, not a jump
UNIT = 1000.0  # what separates thousands from units, kilo from mega
LIKE_UNIT = 10.0  # how far from it a confusion may seem, since territories differ
Kind = Callable[[str], str]  # the kind of a territory, within which it is compared


def report_implausible(table: Table, series: Sequence[Series], kind: Kind = level_of) -> None:
    """Adds outlier, unit-confusion and jump warnings to the table; values are compared within a kind of territory."""
    for measured in series:
        positive = measured.positive
        odd: set[int] = set()
        levels = dict(positive.by_level)
        for name, alike in positive.grouped(_kinds(positive, kind)):
            own = set(alike.rows.tolist())
            for _, current in levels.get(name, alike).by_time:
                odd |= _report_outliers(table, current, own)
        for level in levels.values():
            _report_jumps(table, level, odd)


def _kinds(series: Series, kind: Kind) -> list[str]:
    """The kind of each territory; its level when too few of the kind are there to be compared."""
    areas = [str(area) for area in series.areas.values]
    kinds = [kind(area) for area in areas]
    many = Counter(kinds[code] for code in np.unique(series.areas.codes).tolist())
    return [name if many[name] >= ENOUGH else level_of(area) for name, area in zip(kinds, areas, strict=True)]


def report_ratios(table: Table, series: Sequence[Series], shares: set[str]) -> None:
    """Adds a warning for each percentage (`shares`: what is measured) whose values all lie between 0 and 1."""
    for measured in series:
        values = measured.positive.values
        if measured.what in shares and len(values) >= FEW and values.max() <= 1 and values.min() < 1:
            low, high = compact(float(values.min())), compact(float(values.max()))
            row = int(measured.positive.rows[0])
            table.report("ratio-for-percent", row, measured.column, value=measured.what, low=low, high=high)


def _report_outliers(table: Table, series: Series, own: set[int]) -> set[int]:
    """Reports the outliers of one period among the rows that are to be judged, and gives them."""
    if len(series) < ENOUGH:
        return set()
    series = series.taken(np.argsort(series.values, kind="stable"))
    values = series.values
    logs = np.log10(values)
    typical = float(10 ** np.median(logs))
    cut_low, cut_high = _tails(logs)
    ends = float(values[cut_low]), float(values[cut_high - 1])
    tails = [n for n in [*range(cut_low), *range(cut_high, len(values))] if int(series.rows[n]) in own]
    far = [n for n in tails if not by_chance(float(values[n]), typical)]
    for place in far:
        texts = _unlike(float(values[place]), typical, ends)
        table.report(texts.pop("code"), int(series.rows[place]), series.column, **texts)
    return {int(series.rows[place]) for place in far}


def _unlike(value: float, typical: float, ends: tuple[float, float]) -> dict[str, str]:
    """The code and the words of an outlier: a confusion of units, when a thousand times less or more is ordinary."""
    texts = {"value": compact(value), "median": compact(typical), "what": "valeurs"}
    other, size = (value / UNIT, "grand") if value > typical else (value * UNIT, "petit")
    times = max(value / typical, typical / value)
    if ends[0] <= other <= ends[1] and UNIT / LIKE_UNIT <= times <= UNIT * LIKE_UNIT:
        return texts | {"code": "unit-confusion", "times": f"mille fois plus {size}", "suggestion": compact(other)}
    return texts | {"code": "outlier", "low": compact(ends[0]), "high": compact(ends[1])}


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


def _report_jumps(table: Table, series: Series, odd: set[int]) -> None:
    before, after = series.steps
    if len(before) < ENOUGH:
        return
    old, new = series.values[before], series.values[after]
    changes = np.log10(new / old)
    middle = float(np.median(changes))
    spread = max(1.4826 * float(np.median(np.abs(changes - middle))), SPREAD)
    far = (np.abs(changes - middle) > 1.5 * FAR * spread) & (np.abs(changes) > np.log10(APART))
    typical = float(np.median(series.values))
    jumps = [n for n in np.flatnonzero(far) if old[n] > SMALL * typical and not by_chance(old[n], new[n])]
    # An outlier is said once.
    jumps = [n for n in jumps if not {int(series.rows[before[n]]), int(series.rows[after[n]])} & odd]
    if len(jumps) > max(1, len(before) * SHARE):
        return
    for n in jumps:
        texts = {"value": compact(float(new[n])), "previous": compact(float(old[n]))}
        texts |= {"period": period(series.times[after[n]]), "previous_period": period(series.times[before[n]])}
        table.report("jump", int(series.rows[after[n]]), series.column, **texts)
