"""The arithmetic of the composite index, on matrices: one row a territory, one column an indicator or a domain.

A missing cell is NaN and renormalises the weights of its neighbours; a cell that does not apply is masked out
of `applicable` and leaves the denominator. Method: OECD/JRC, Handbook on Constructing Composite Indicators
(2008), steps 5 (normalisation), 6 (weighting and aggregation).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Steps of a published score in a unit. Closer scores are one score: ranks must not depend on the order of a sum.
STEPS = 1e6
# A hair over one half: a score exactly between two steps goes up whatever the order of its sum, here and in SQL.
HALF = 0.500001


def published(values: Floats) -> Floats:
    """Values to six decimals, halves upward; the same operations in SQL give the same bits, which round() does not."""
    return np.asarray(np.floor(values * STEPS + HALF) / STEPS)


def normalise(values: Floats, low: float, high: float) -> Floats:
    """Place `values` (any unit) between two fixed goalposts: 0 at `low`, 100 at `high`, clipped.

    An indicator where less is better has its goalposts reversed (`low` > `high`), never its sign changed.
    Raises ValueError when both goalposts are equal or one is not finite.
    """
    if not np.isfinite([low, high]).all() or low == high:
        raise ValueError(f"goalposts must be two different finite numbers, not {low} and {high}")
    return np.clip((values - low) / (high - low), 0.0, 1.0) * 100.0


def weighted_mean(scores: Floats, weights: Floats) -> Floats:
    """Weighted arithmetic mean of each row of `scores` (n × m) over its cells that are not NaN; NaN if none."""
    seen = ~np.isnan(scores)
    total = seen.astype(np.float64) @ weights
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, (np.where(seen, scores, 0.0) @ weights) / np.where(total > 0, total, 1), np.nan)


def coverage(share: Floats, applicable: Bools, weights: Floats) -> Floats:
    """Share (0–1) of the applicable weight that is observed; `share` (n × m) is the observed part of each cell.

    NaN where nothing applies.
    """
    total = applicable @ weights
    observed = np.where(applicable, share, 0.0) @ weights
    return np.where(total > 0, observed / np.where(total > 0, total, 1), np.nan)


def bounds(low: Floats, high: Floats, applicable: Bools, weights: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest mean of each row over all the values that its missing cells could take (0 to 100).

    `low` and `high` (n × m) are the bounds of each cell, equal where it is observed; NaN counts as [0, 100].
    """
    floor = np.where(applicable, np.nan_to_num(low, nan=0.0), np.nan)
    ceiling = np.where(applicable, np.nan_to_num(high, nan=100.0), np.nan)
    return weighted_mean(floor, weights), weighted_mean(ceiling, weights)


def levels(values: Floats, thresholds: list[float]) -> Floats:
    """Level 1…len(thresholds)+1 of each value: one more than the number of thresholds it reaches; NaN stays.

    Thresholds that decrease belong to an indicator where less is better.
    """
    sign = -1.0 if len(thresholds) > 1 and thresholds[0] > thresholds[-1] else 1.0
    found = np.searchsorted(sign * np.asarray(thresholds), sign * published(values), side="right") + 1.0
    return np.where(np.isnan(values), np.nan, found)


def rank(scores: Floats) -> Floats:
    """Rank of each score, 1 the highest; equal scores (to six decimals) share the better rank; NaN stays unranked."""
    rounded = published(scores)
    ordered = np.sort(rounded[~np.isnan(rounded)])
    better = len(ordered) - np.searchsorted(ordered, rounded, side="right")
    return np.where(np.isnan(rounded), np.nan, better + 1.0)


def rank_interval(scores: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Best and worst rank of each ranked row when every score may lie anywhere between its bounds."""
    ranked = ~np.isnan(scores)
    floor, ceiling = published(low), published(high)
    floors, ceilings = np.sort(floor[ranked]), np.sort(ceiling[ranked])
    certainly_better = len(floors) - np.searchsorted(floors, ceiling, side="right")
    # Those whose ceiling exceeds my floor, less myself when I am one of them.
    perhaps_better = len(ceilings) - np.searchsorted(ceilings, floor, side="right") - (ceiling > floor)
    best = np.where(ranked, certainly_better + 1.0, np.nan)
    return best, np.where(ranked, perhaps_better + 1.0, np.nan)
