"""Outranking: territories compared two by two, indicator by indicator, without adding up their scores.

Source: Munda & Nardo, Noncompensatory/nonlinear composite indicators for ranking countries, Applied Economics
41(12), 2009; Copeland, A reasonable social welfare function, 1951; OECD/JRC Handbook (2008), step 6.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from observatory.scoring import Floats

# Cells of a block of pairs: 16 MB a matrix, whatever the number of territories.
BLOCK = 2_000_000
# Weights for and against that are closer than this share of them are equal: the order of a sum decides nothing.
EVEN = 1e-12


class Dominance(NamedTuple):
    """Number of pairs where one is better on every indicator that both have, and their share (0–1) of all pairs."""

    pairs: int
    share: float


def outranking(scores: Floats, weights: Floats) -> Floats:
    """Share (n × n) of the weight on which the row's territory beats the column's, ties counted half; diagonal 0.

    Each pair is compared on the indicators that both have, whose weights are renormalised: a pair's two shares sum
    to 1 whatever the order of the territories. NaN when both have none in common. COINr sums the weights it sees
    without renormalising, and fills the lower triangle by 1 − the upper: its result depends on the order of the rows.
    """
    shares = np.empty((len(scores), len(scores)))
    for rows, net, common in _pairs(scores, weights):
        shares[rows] = np.where(common > 0, (1.0 + net / np.where(common > 0, common, 1.0)) / 2.0, np.nan)
    np.fill_diagonal(shares, 0.0)
    return shares


def dominance(shares: Floats) -> Dominance:
    """Pairs that no choice of weights can turn round, from an outranking matrix."""
    count = int((shares == 1.0).sum())
    pairs = len(shares) * (len(shares) - 1) // 2
    return Dominance(count, count / pairs if pairs else 0.0)


def copeland(scores: Floats, weights: Floats) -> Floats:
    """Copeland score of each row (−(n−1) to n−1): territories that it outranks less those that outrank it.

    Nothing in common with another is no defeat. NaN for a territory without any score. Time grows with n² × columns.
    """
    found = np.empty(len(scores))
    for rows, net, common in _pairs(scores, weights):
        found[rows] = np.where(np.abs(net) <= EVEN * common, 0.0, np.sign(net)).sum(axis=1)
    return np.where((~np.isnan(scores) & (weights > 0)).any(axis=1), found, np.nan)


def _pairs(scores: Floats, weights: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """Blocks of rows, the weight for less the weight against every other territory, and the weight in common."""
    seen = ~np.isnan(scores)
    step = max(1, BLOCK // max(1, len(scores)))
    for start in range(0, len(scores), step):
        rows = slice(start, start + step)
        net = np.zeros((len(scores[rows]), len(scores)))
        common = np.zeros_like(net)
        for column, weight in enumerate(weights):
            mine, others = scores[rows, column, None], scores[None, :, column]
            net += weight * (mine > others)
            net -= weight * (mine < others)
            common += weight * (seen[rows, column, None] & seen[None, :, column])
        yield rows, net, common
