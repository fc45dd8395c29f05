"""Means that turn the scores of children into that of their parent: rows are territories, columns are children.

A missing cell (NaN) gives its weight to its neighbours. Formulas: OECD/JRC, Handbook on Constructing Composite
Indicators (2008), step 6; Becker et al., COINr, JOSS 7(78), 2022; Mazziotta & Pareto, On a generalized
non-compensatory composite index for measuring socio-economic phenomena, Soc. Indic. Res. 127, 2016.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from observatory.scoring import Floats, weighted_mean
from observatory.scoring_outranking import copeland

# Mazziotta & Pareto place goalposts at 70 and 130, so that a spread of 10 means the same for every indicator.
AMPI_LOW, AMPI_STEP = 70.0, 0.6
# Cumulated weights closer than this share to one half are one half: a median must not depend on the order of a sum.
HALF_WIDTH = 1e-12


class Mean(NamedTuple):
    """A mean of the rows of a matrix (n × c) under weights (c), and the scores that it takes.

    `positive`: it takes scores above 0 only; `nonnegative`: 0 and above.
    """

    function: Callable[[Floats, Floats], Floats]
    positive: bool = False
    nonnegative: bool = False


def geometric_mean(scores: Floats, weights: Floats) -> Floats:
    """exp(Σ w ln x ÷ Σ w) of each row; scores must be above 0."""
    return np.asarray(np.exp(weighted_mean(np.log(scores), weights)))


def harmonic_mean(scores: Floats, weights: Floats) -> Floats:
    """Σ w ÷ Σ (w ÷ x) of each row; scores must be above 0."""
    return np.asarray(1.0 / weighted_mean(1.0 / scores, weights))


def power_mean(scores: Floats, weights: Floats, p: float) -> Floats:
    """(Σ w xᵖ ÷ Σ w)^(1/p) of each row, the geometric mean when p is 0; below 1, weak scores are not made up for.

    Scores must be 0 or above, and above 0 when p ≤ 0. COINr's `a_genmean` has no value as soon as one cell is
    missing; here, as in every other mean, the others take its weight.
    """
    if p == 0:
        return geometric_mean(scores, weights)
    used = ~np.isnan(scores) & (weights > 0)
    # Relative to the score that weighs most, so that no power is too large for a float.
    pole = np.where(used, scores, -np.inf).max(axis=1) if p > 0 else np.where(used, scores, np.inf).min(axis=1)
    pole = np.where(np.isfinite(pole) & (pole > 0), pole, 1.0)
    relative = np.where(used, scores / pole[:, None], np.nan)
    return np.asarray(pole * weighted_mean(relative**p, weights) ** (1.0 / p))


def median(scores: Floats, weights: Floats) -> Floats:
    """Weighted median of each row: half of the weight lies on either side (the middle of both values on a tie).

    Equal weights give the ordinary median. COINr has none.
    """
    order = np.argsort(scores, axis=1)
    ranked = np.take_along_axis(scores, order, axis=1)
    shares = np.cumsum(np.where(np.isnan(ranked), 0.0, weights[order]), axis=1)
    total = shares[:, -1:]
    before = (shares < total * (0.5 - HALF_WIDTH)).sum(axis=1)
    until = (shares <= total * (0.5 + HALF_WIDTH)).sum(axis=1)
    rows = np.arange(len(scores))
    last = scores.shape[1] - 1
    middle = (ranked[rows, np.minimum(before, last)] + ranked[rows, np.minimum(until, last)]) / 2.0
    return np.where(total[:, 0] > 0, middle, np.nan)


def ampi(scores: Floats, weights: Floats) -> Floats:
    """Adjusted Mazziotta-Pareto index of scores from 0 to 100: the mean less a penalty for imbalance, M − S² ÷ M.

    M and S² are the weighted mean and variance on the authors' scale, where the goalposts are 70 and 130; the result
    comes back to 0–100, between the lowest and the highest score. Equal scores bear no penalty. It rises with every
    child that weighs at least 0.235 of its parent; one that weighs less and is far above all others may lower it,
    since the imbalance that it adds then costs more than what it brings.
    """
    placed = AMPI_LOW + AMPI_STEP * scores
    mean = weighted_mean(placed, weights)
    variance = weighted_mean((placed - mean[:, None]) ** 2, weights)
    # Scores that are all 0 give 0, not the −1e-14 of a rounding, which the next mean up would refuse.
    return np.maximum((mean - variance / mean - AMPI_LOW) / AMPI_STEP, 0.0)


def _floored(mean: Callable[[Floats, Floats], Floats], floor: float) -> Mean:
    return Mean(lambda scores, weights: mean(np.maximum(scores, floor), weights))


def _power(p: float) -> Mean:
    return Mean(lambda scores, weights: power_mean(scores, weights, p), positive=p <= 0, nonnegative=True)


# By the name that a method declares.
MEANS = {
    "arithmetic": Mean(weighted_mean),
    "geometric": Mean(geometric_mean, positive=True),
    "harmonic": Mean(harmonic_mean, positive=True),
    "median": Mean(median),
    "ampi": Mean(ampi, nonnegative=True),
    "copeland": Mean(copeland),
}
# Those that take a number: its name and the mean it makes. `geometric(floor=1)` counts a child's score below 1 as 1,
# so that one zero does not erase all else; the child's own score stays as it is.
PARAMETRIC: dict[str, tuple[str, Callable[[float], Mean]]] = {
    "geometric": ("floor", lambda floor: _floored(geometric_mean, floor)),
    "harmonic": ("floor", lambda floor: _floored(harmonic_mean, floor)),
    "power": ("p", _power),
}
