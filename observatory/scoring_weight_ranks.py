"""Best and worst rank of each territory over all the weights that one could reasonably have chosen.

A rank under given weights is one opinion. Here each child of the root may weigh from half to twice its nominal
weight; branch and bound over that box proves that no admissible weights rank a territory better (or worse) than
what some of them attain. Saisana, Saltelli & Tarantola (Uncertainty and sensitivity analysis techniques as tools for
the quality assessment of composite indicators, JRSS A 168(2), 2005) sample weights; this bounds them.
"""

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory.scoring import STEPS, Bools, Floats, published, rank, weighted_mean

Places = NDArray[np.intp]

# Nobody has shown one domain to matter more than twice, or less than half, what the method gives it: within that
# factor the choice is a matter of opinion, beyond it the index would be another one.
ADMISSIBLE = 2.0
# A cell this narrow holds no weights that two people would tell apart: what is still open there stays unproven.
NARROWEST = 1e-9
# Comparisons for each territory before what is still open is left unproven.
EFFORT = 1_000_000
# Territories searched together, so that memory stays small.
BATCH = 128


class WeightRanks(NamedTuple):
    """Ranks of each row, all of length n.

    `best` and `worst` are attained by some admissible weights; none go beyond `best_bound` and `worst_bound`, which
    are equal to them where the search ended.
    """

    best: Floats
    worst: Floats
    best_bound: Floats
    worst_bound: Floats

    @property
    def proven(self) -> Bools:
        """Whether nothing is left open."""
        return np.asarray((self.best == self.best_bound) & (self.worst == self.worst_bound))


@dataclass
class _Cells:
    """Parts of the box of weights (`low`, `high`: cells × c), each for one row of the scores.

    `beaten` counts the rivals above the row throughout the cell; `cell` and `rival` pair each cell with the rivals
    that are above the row in some of it only.
    """

    row: Places
    low: Floats
    high: Floats
    beaten: Places
    cell: Places
    rival: Places

    def kept(self, chosen: Bools) -> "_Cells":
        """Some of the cells, with their rivals."""
        numbers = np.cumsum(chosen) - 1
        pairs = chosen[self.cell]
        return _Cells(
            self.row[chosen],
            self.low[chosen],
            self.high[chosen],
            self.beaten[chosen],
            numbers[self.cell[pairs]],
            self.rival[pairs],
        )

    def optimistic(self, sense: int) -> Floats:
        """A rank that the row cannot pass in each cell: the open rivals are below it, or above when `sense` is -1."""
        count = self.beaten if sense > 0 else self.beaten + np.bincount(self.cell, minlength=len(self.row))
        return count + 1.0


def weight_ranks(scores: Floats, weights: Floats, factor: float = ADMISSIBLE) -> WeightRanks:
    """Best and worst rank of each row of `scores` (n × c, NaN missing), each weight within `factor` of its own.

    A missing cell gives its weight to its neighbours; equal scores (to six decimals) share the better rank; a row
    without any score has no rank (NaN) and counts for nobody.
    """
    heavy = weights > 0
    seen = ~np.isnan(scores[:, heavy]).all(axis=1)
    search = _Search(scores[np.ix_(seen, heavy)], weights[heavy], factor)
    best, best_bound = search.extremes(1)
    worst, worst_bound = search.extremes(-1)
    found = np.full((4, len(scores)), np.nan)
    found[:, seen] = best, worst, best_bound, worst_bound
    return WeightRanks(*found)


class _Search:
    """Branch and bound over the weights of one group; `sense` is 1 for the best rank, -1 for the worst."""

    def __init__(self, scores: Floats, weights: Floats, factor: float) -> None:
        self.scores, self.weights = scores, weights
        self.holes = bool(np.isnan(scores).any())
        # Only ratios of weights matter: one child weighs its least, the others up to this many times their own.
        self.reach = factor * factor
        corners = (weights * np.array(f) for f in product((1.0, self.reach), repeat=len(weights)))
        self.tried = np.array([rank(weighted_mean(scores, w)) for w in (weights, *corners)])

    def extremes(self, sense: int) -> tuple[Floats, Floats]:
        """The rank that each row attains and the bound that no weights pass."""
        attained = self.tried.min(axis=0) if sense > 0 else self.tried.max(axis=0)
        bound = attained.copy()
        for start in range(0, len(self.scores), BATCH):
            self._search(np.arange(start, min(start + BATCH, len(self.scores))), sense, attained, bound)
        return attained, bound

    def _search(self, rows: Places, sense: int, attained: Floats, bound: Floats) -> None:
        """Halve the cells of some rows until none can hold a rank beyond what is attained; writes both arrays."""
        extreme = np.minimum if sense > 0 else np.maximum
        effort = EFFORT * len(rows)
        cells = self._decided(self._whole(rows))
        while len(cells.row):
            for point in (np.sqrt(cells.low * cells.high), self._favourable(cells, sense)):
                extreme.at(attained, cells.row, self._ranks(cells, point))
            cells = cells.kept(sense * (attained[cells.row] - cells.optimistic(sense)) > 0)
            effort -= len(cells.cell)
            narrow = (cells.high <= cells.low * (1.0 + NARROWEST)).all(axis=1) | (effort < 0)
            extreme.at(bound, cells.row[narrow], cells.optimistic(sense)[narrow])
            cells = self._decided(self._halved(cells.kept(~narrow)))
        bound[rows] = extreme(bound[rows], attained[rows])

    def _whole(self, rows: Places) -> _Cells:
        """Faces that cover the box, one for each child that weighs its least, for each row and against everyone."""
        n, c = len(self.scores), len(self.weights)
        high = np.where(np.eye(c, dtype=np.bool_), self.weights, self.weights * self.reach)
        count = c * len(rows)
        return _Cells(
            row=np.tile(rows, c),
            low=np.tile(self.weights, (count, 1)),
            high=np.repeat(high, len(rows), axis=0),
            beaten=np.zeros(count, dtype=np.intp),
            cell=np.repeat(np.arange(count), n),
            rival=np.tile(np.arange(n), count),
        )

    def _gaps(self, cells: _Cells) -> tuple[Floats, Floats]:
        """What each rival has above the row, child by child (pairs × c), at least and at most within the cell.

        Score of the rival less that of the row has the sign of Σ w·gap, where a missing child counts as much as the
        mean of the row, which is an interval over the cell; where both miss it, as nothing.
        """
        mine, theirs = self.scores[cells.row], self.scores[cells.rival]
        if not self.holes:
            gap = theirs - mine[cells.cell]
            return gap, gap
        least, most = _mean_range(mine, cells.low, cells.high)
        lacking, both = np.isnan(theirs), np.isnan(theirs) & np.isnan(mine)[cells.cell]
        low, high = least[cells.cell, None], most[cells.cell, None]
        mine_low, mine_high = (np.where(np.isnan(mine), m[:, None], mine)[cells.cell] for m in (least, most))
        smallest, largest = np.where(lacking, low, theirs) - mine_high, np.where(lacking, high, theirs) - mine_low
        return np.where(both, 0.0, smallest), np.where(both, 0.0, largest)

    def _decided(self, cells: _Cells) -> _Cells:
        """The cells without the rivals that are above the row, or not above it, whatever the weights in the cell."""
        low, high = cells.low[cells.cell], cells.high[cells.cell]
        smallest, largest = self._gaps(cells)
        least = np.minimum(smallest * low, smallest * high).sum(axis=1)
        most = np.maximum(largest * low, largest * high).sum(axis=1)
        # A whole step between two scores, and rounding cannot make them equal.
        above = least * STEPS > high.sum(axis=1)
        cells.beaten = cells.beaten + np.bincount(cells.cell[above], minlength=len(cells.row))
        still = ~above & (most > 0)
        cells.cell, cells.rival = cells.cell[still], cells.rival[still]
        return cells

    def _ranks(self, cells: _Cells, weights: Floats) -> Floats:
        """The rank of the row of each cell under the weights of a point (cells × c) of that cell."""
        mine = published(_means(self.scores[cells.row], weights))
        theirs = published(_means(self.scores[cells.rival], weights[cells.cell]))
        above = theirs > mine[cells.cell]
        return cells.beaten + np.bincount(cells.cell[above], minlength=len(cells.row)) + 1.0

    def _favourable(self, cells: _Cells, sense: int) -> Floats:
        """The corner of each cell that lowers (raises when `sense` is -1) its open rivals most, all together."""
        gap = self._pull(cells, sum(self._gaps(cells)))
        return np.where(sense * gap > 0, cells.low, cells.high)

    def _pull(self, cells: _Cells, gaps: Floats) -> Floats:
        """Sum of the gaps (pairs × c) of each cell (cells × c)."""
        count = len(cells.row)
        return np.column_stack([np.bincount(cells.cell, weights=gap, minlength=count) for gap in gaps.T])

    def _halved(self, cells: _Cells) -> _Cells:
        """Each cell cut in two across the child whose weight matters most to the rivals still open."""
        smallest, largest = self._gaps(cells)
        matters = self._pull(cells, np.maximum(np.abs(smallest), np.abs(largest))) * (cells.high - cells.low)
        count, cut = len(cells.row), matters.argmax(axis=1)
        each = np.arange(count)
        middle = np.sqrt(cells.low[each, cut] * cells.high[each, cut])
        low, high = np.tile(cells.low, (2, 1)), np.tile(cells.high, (2, 1))
        high[each, cut], low[count + each, cut] = middle, middle
        return _Cells(
            np.tile(cells.row, 2),
            low,
            high,
            np.tile(cells.beaten, 2),
            np.concatenate([cells.cell, cells.cell + count]),
            np.tile(cells.rival, 2),
        )


def _means(scores: Floats, weights: Floats) -> Floats:
    """Weighted mean of each row over its cells that are not NaN, under weights of its own (both r × c)."""
    seen = np.where(np.isnan(scores), 0.0, weights)
    return np.asarray((np.nan_to_num(scores) * seen).sum(axis=1) / seen.sum(axis=1))


def _mean_range(scores: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Least and most weighted mean of each row over weights between `low` and `high` (all r × c).

    At the extremes the scores above some threshold take all the weight they can, and the others as little.
    """
    means = []
    for threshold in scores.T:
        with np.errstate(invalid="ignore"):
            above = scores >= threshold[:, None]
        means += [_means(scores, np.where(above, high, low)), _means(scores, np.where(above, low, high))]
    return np.min(means, axis=0), np.max(means, axis=0)
