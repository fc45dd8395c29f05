"""What a statistician asks of an index before believing it: coherence, redundancy, influence of each of its parts.

Method: OECD/JRC, Handbook on Constructing Composite Indicators (2008), steps 4 and 8; Becker et al., COINr, JOSS
7(78), 2022. Matrices have a row a territory and a column a node; NaN is a missing score.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from observatory.scoring import Bools, Floats, rank
from observatory.scoring_columns import checked, extent, means, medians
from observatory.scoring_correlation import covariance, pearson
from observatory.scoring_shape import Limits, kurtosis, skewness
from observatory.scoring_tree import Tree, aggregate

# Shares under which a column is too empty, or too much of one value, to say much.
LEAST_KNOWN, LEAST_VARIED = 0.65, 0.5


class Pair(NamedTuple):
    """Two columns, by their places, and their correlation."""

    left: int
    right: int
    correlation: float


class Drop(NamedTuple):
    """The index without a node: its scores and ranks (n), and how far ranks move on average and at most."""

    scores: Floats
    ranks: Floats
    mean_shift: float
    max_shift: float


class Comparison(NamedTuple):
    """Ranks (n) of the same territories in two indices; `moves` is the first less the second: above 0 is a rise."""

    first: Floats
    second: Floats
    moves: Floats


class Concerns(NamedTuple):
    """Columns (m) that need a look: too many holes, zeros or equal values, or a shape that betrays outliers."""

    sparse: Bools
    zeroed: Bools
    repeated: Bools
    lopsided: Bools


def cronbach_alpha(cells: Floats) -> float:
    """How far the columns (n × m) measure one thing: m/(m−1)·(1 − Σ variances ÷ Σ covariances), at most 1.

    Covariances are taken over each pair's common rows. NaN for fewer than two columns, or when nothing varies or
    two columns share fewer than two rows. Cronbach, Psychometrika 16 (1951).
    """
    count = cells.shape[1]
    if count < 2:
        return float("nan")
    matrix = covariance(cells, cells)
    total = float(matrix.sum())
    return count / (count - 1) * (1.0 - float(np.trace(matrix)) / total) if total > 0 else float("nan")


def flagged(correlations: Floats, families: Sequence[object], low: float, high: float) -> list[Pair]:
    """Pairs of columns of one family (one name a column) whose correlation is below `low` or above `high`.

    Above, one of the two counts twice; below, the two cancel out in their mean.
    """
    return [
        Pair(left, right, float(correlations[left, right]))
        for left in range(len(families))
        for right in range(left)
        if families[left] == families[right]
        # Of NaN, neither is true.
        and (correlations[left, right] < low or correlations[left, right] > high)
    ]


def related(correlations: Floats, least: float) -> list[Pair]:
    """Pairs of a row and a column (of indicators by denominators) whose correlation is above `least` in size."""
    return [Pair(int(i), int(j), float(correlations[i, j])) for i, j in np.argwhere(np.abs(correlations) > least)]


def influence(scores: Floats) -> Floats:
    """Share (0–1) of the variance of the root that each node (k) explains alone, to set beside its nominal weight.

    It is r², the first-order effect of Sobol' when the root is linear in the node. Nodes that are correlated
    explain the same variance twice: the shares do not sum to 1. Paruolo, Saisana and Saltelli, Ratings and
    rankings: voodoo or science?, JRSS A 176 (2013). `scores` are n × k, the root last.
    """
    return np.asarray(pearson(scores, scores[:, -1:])[:, 0] ** 2)


def variance_shares(tree: Tree, scores: Floats) -> Floats:
    """Share of the differences of the root between territories that comes from each node (k), those of leaves sum to 1.

    A root of arithmetic means is the sum of its nodes' shares of weight times their scores, weights being
    renormalised over what each territory has: its variance is the sum of their covariances with it, divided here by
    that variance. Below 0, a node brings territories together. NaN when the root never varies. `scores` are n × k,
    aggregated by arithmetic means, the root last.
    """
    known = np.where(np.isnan(scores), 0.0, 1.0)
    shares = np.where(np.isnan(scores[:, -1:]), np.nan, np.ones_like(scores))
    for place in reversed(range(len(tree.names))):
        if below := list(tree.children[place]):
            weights = known[:, below] * tree.weights[below]
            total = weights.sum(axis=1, keepdims=True)
            shares[:, below] = shares[:, [place]] * weights / np.where(total > 0, total, 1.0)
    parts = covariance(shares * np.nan_to_num(scores), scores[:, -1:])[:, 0]
    return np.where(parts[-1] > 0, parts / np.where(parts[-1] > 0, parts[-1], 1.0), np.nan)


def drop_one(tree: Tree, leaves: Floats, name: str, mean: str | Mapping[int, str] = "arithmetic") -> Drop:
    """The root scored and ranked without the node `name`, whose weight goes to its siblings (leaves n × m).

    `mean` is that of `aggregate`. Shifts are places of difference with the whole index, over the territories that both
    rank; NaN when there is none. Raises ScoringError when nothing is left.
    """
    rest, places = tree.without([name])
    scores = aggregate(rest, leaves[:, list(places)], mean)[:, -1]
    found = compare(aggregate(tree, leaves, mean)[:, -1], scores)
    shifts = np.abs(found.moves[~np.isnan(found.moves)])
    if not shifts.size:
        return Drop(scores, found.second, float("nan"), float("nan"))
    return Drop(scores, found.second, float(shifts.mean()), float(shifts.max()))


def compare(first: Floats, second: Floats) -> Comparison:
    """Ranks of territories by two scores (n), and the places that each would win by going from one to the other."""
    ranks = rank(first), rank(second)
    return Comparison(*ranks, ranks[0] - ranks[1])


class Description(NamedTuple):
    """Statistics of each column (arrays of length m); `same` counts the cells of its most frequent value."""

    minimum: Floats
    maximum: Floats
    mean: Floats
    median: Floats
    deviation: Floats
    skewness: Floats
    kurtosis: Floats
    available: Floats
    nonzero: Floats
    distinct: Floats
    same: Floats


def describe(cells: Floats) -> Description:
    """Statistics of each column of values (n × m); the deviation has divisor n − 1. NaN where too few are known."""
    repeats = [np.unique(column[~np.isnan(column)], return_counts=True)[1] for column in checked(cells, None).T]
    return Description(
        *extent(cells),
        means(cells),
        medians(cells),
        np.sqrt([covariance(column, column)[0, 0] for column in cells.T[:, :, None]]),
        skewness(cells),
        kurtosis(cells),
        available=(~np.isnan(cells)).sum(axis=0).astype(np.float64),
        nonzero=(np.nan_to_num(cells) != 0).sum(axis=0).astype(np.float64),
        distinct=np.array([float(len(counts)) for counts in repeats]),
        same=np.array([float(counts.max(initial=0)) for counts in repeats]),
    )


def concerns(found: Description, rows: int) -> Concerns:
    """What COINr's `get_stats` flags of the columns described, out of `rows` territories.

    Fewer than 65 % known, fewer than half of these not zero or distinct, |skewness| over 2 with kurtosis over 3.5.
    """
    limits = Limits()
    known = np.maximum(found.available, 1.0)
    return Concerns(
        np.asarray(found.available < LEAST_KNOWN * rows),
        np.asarray(found.nonzero / known < LEAST_VARIED),
        np.asarray(found.distinct / known < LEAST_VARIED),
        np.asarray((np.abs(found.skewness) > limits.skewness) & (found.kurtosis > limits.kurtosis)),
    )
