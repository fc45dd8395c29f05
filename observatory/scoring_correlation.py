"""Correlations between columns, over the rows that both have; significance by Student's law, without scipy.

Conventions are those of R's `cor(use = "pairwise.complete.obs")`, so that they agree with COINr: ranks are taken
again within each pair's common rows, ties share their mean rank, Kendall's tau is tau-b. A pair that has fewer than
two common rows, or where one side never varies there, has no correlation: NaN. An infinite value raises ScoringError.
"""

import math
from collections.abc import Callable

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_columns import checked, deviations, means

Measure = Callable[[Floats, Floats], Floats]

# The continued fraction below stops at this relative step, and starts from this instead of a zero.
PRECISION, TINY = 1e-16, 1e-300


def covariance(left: Floats, right: Floats) -> Floats:
    """Covariances (p × q, divisor n − 1) between columns of `left` (n × p), `right` (n × q), on each pair's rows."""
    return _by_column(left, right, _covariances)


def pearson(left: Floats, right: Floats) -> Floats:
    """Linear correlations (p × q, −1 to 1) between columns of `left` (n × p) and of `right` (n × q)."""
    return _by_column(left, right, _correlations)


def spearman(left: Floats, right: Floats) -> Floats:
    """Pearson correlations of mean ranks (p × q), ranks being taken within the rows that the pair has in common."""
    return _by_column(left, right, lambda x, y: _paired(*map(_mean_ranks, _common(x, y))))


def kendall(left: Floats, right: Floats) -> Floats:
    """Kendall's tau-b (p × q): concordant less discordant pairs of rows, over the pairs that are not tied.

    Time n²·p·q in products of matrices, memory n·(p + q). Kendall, The treatment of ties in ranking problems,
    Biometrika 33 (1945).
    """
    checked(left, None), checked(right, None)
    agreement = np.zeros((left.shape[1], right.shape[1]))
    untied_left, untied_right = np.zeros_like(agreement), np.zeros_like(agreement)
    seen_left, seen_right = (~np.isnan(side) for side in (left, right))
    for row in range(len(left)):
        signs_left = np.nan_to_num(np.sign(left - left[row]))
        signs_right = np.nan_to_num(np.sign(right - right[row]))
        agreement += signs_left.T @ signs_right
        untied_left += np.abs(signs_left).T @ (seen_right & seen_right[row])
        untied_right += (seen_left & seen_left[row]).T @ np.abs(signs_right)
    total = np.sqrt(untied_left) * np.sqrt(untied_right)
    return np.where(total > 0, np.clip(agreement / np.where(total > 0, total, 1), -1, 1), np.nan)


def common_rows(left: Floats, right: Floats) -> Floats:
    """Number of rows (p × q) that each pair of columns has in common."""
    return (~np.isnan(left)).T.astype(np.float64) @ (~np.isnan(right)).astype(np.float64)


def p_values(correlations: Floats, rows: Floats) -> Floats:
    """Two-sided p-value of each correlation under no relation: t = r·√((n−2)/(1−r²)) has n − 2 degrees of freedom.

    NaN where the correlation is, and under three common rows. For Spearman's it is the usual approximation.
    """
    found = np.full(correlations.shape, np.nan)
    for place in np.argwhere(~np.isnan(correlations) & (rows >= 3)):
        at = tuple(place)
        r = min(1.0, abs(float(correlations[at])))
        # P(|T| > t) = I(ν/(ν + t²); ν/2, 1/2), and ν/(ν + t²) is 1 − r²; both factors keep it exact near 1.
        found[at] = _regularised_beta((1.0 - r) * (1.0 + r), (float(rows[at]) - 2.0) / 2.0, 0.5)
    return found


def _by_column(left: Floats, right: Floats, measure: Measure) -> Floats:
    checked(left, None), checked(right, None)
    return np.array([measure(column, right) for column in left.T]).reshape(left.shape[1], right.shape[1])


def _common(column: Floats, others: Floats) -> tuple[Floats, Floats]:
    """The column once a neighbour (n × q), and its neighbours, both NaN where one of them is."""
    hole = np.isnan(column)[:, None] | np.isnan(others)
    return np.where(hole, np.nan, column[:, None]), np.where(hole, np.nan, others)


def _covariances(column: Floats, others: Floats) -> Floats:
    x, y = _common(column, others)
    count = (~np.isnan(x)).sum(axis=0)
    products = np.nansum(_gaps(x) * _gaps(y), axis=0)
    return np.where(count > 1, products / np.maximum(count - 1, 1), np.nan)


def _correlations(column: Floats, others: Floats) -> Floats:
    return _paired(*_common(column, others))


def _paired(left: Floats, right: Floats) -> Floats:
    # In units of the longest distance: no unit is too large to be squared.
    x, y = deviations(left), deviations(right)
    scale = np.sqrt(np.nansum(x * x, axis=0)) * np.sqrt(np.nansum(y * y, axis=0))
    return np.where(scale > 0, np.clip(np.nansum(x * y, axis=0) / np.where(scale > 0, scale, 1), -1, 1), np.nan)


def _gaps(cells: Floats) -> Floats:
    """Distances from the mean of each column; exactly 0 where a column never varies, which a rounded mean hides."""
    return np.where(deviations(cells) == 0, 0.0, cells - means(cells))


def _mean_ranks(cells: Floats) -> Floats:
    """Rank of each cell in its column from 1 up, ties at the mean of their ranks, NaN kept."""
    found = np.full(cells.shape, np.nan)
    for place, column in enumerate(cells.T):
        seen = ~np.isnan(column)
        _, group, sizes = np.unique(column[seen], return_inverse=True, return_counts=True)
        found[seen, place] = (np.cumsum(sizes) - (sizes - 1) / 2.0)[group]
    return found


def _regularised_beta(x: float, a: float, b: float) -> float:
    """I(x; a, b) by its continued fraction (Lentz). Press et al., Numerical Recipes (2007), 6.4."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _regularised_beta(1.0 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    found = d
    # A thousand steps serve millions of rows: the fraction needs some √max(a, b) of them.
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d)
            c = _away_from_zero(1.0 + term / c)
            found *= c * d
        if abs(c * d - 1.0) < PRECISION:
            break
    return front * found


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
