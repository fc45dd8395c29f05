"""Ranks of territories on every node of the tree, among all or within groups, and what a territory is best at."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from observatory.scoring import Floats, published, rank

Ties = Literal["min", "max", "average", "dense"]


def ranks(scores: Floats, ties: Ties = "min") -> Floats:
    """Rank of each score in its column (n × k), 1 the highest; NaN stays unranked.

    Scores that are equal to six decimals share the best of their ranks (min, as published), the worst (max), their
    average, or take the same without leaving a gap (dense).
    """
    return np.column_stack([_column(scores[:, place], ties) for place in range(scores.shape[1])])


def ranks_within(scores: Floats, groups: NDArray[Any], ties: Ties = "min") -> Floats:
    """The same ranks, each among the rows (n) of its group only."""
    found = np.full(scores.shape, np.nan)
    for group in np.unique(groups):
        rows = groups == group
        found[rows] = ranks(scores[rows], ties)
    return found


def strengths(ranked: Floats, row: int, count: int) -> list[int]:
    """Places of the `count` best-ranked columns of a row, best first, from the ranks (n × m) of all.

    A column where the row shares the last rank is no strength, however good that rank: where half of the territories
    have none of something, all of them come just after the other half.
    """
    mine = ranked[row]
    last = np.array([np.nanmax(ranked[:, c]) if not np.isnan(mine[c]) else np.nan for c in range(len(mine))])
    order = np.argsort(mine, kind="stable")
    return [int(place) for place in order if mine[place] < last[place]][:count]


def weaknesses(ranked: Floats, row: int, count: int) -> list[int]:
    """Places of the `count` worst-ranked columns of a row, worst first.

    To be last is a weakness; COINr leaves such columns out of both of its lists.
    """
    mine = ranked[row]
    order = [int(place) for place in np.argsort(mine, kind="stable") if not np.isnan(mine[place])]
    return order[::-1][:count]


def _column(scores: Floats, ties: Ties) -> Floats:
    if ties == "min":
        return rank(scores)
    rounded = published(scores)
    if ties == "dense":
        distinct = np.unique(rounded[~np.isnan(rounded)])
        place = len(distinct) - np.searchsorted(distinct, rounded, side="left")
        return np.where(np.isnan(rounded), np.nan, place.astype(np.float64))
    worst = np.count_nonzero(~np.isnan(rounded)) + 1.0 - rank(-rounded)
    return worst if ties == "max" else (rank(scores) + worst) / 2.0
