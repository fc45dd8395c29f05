"""Best and worst rank of each territory over all the weights that one could reasonably have chosen.

A rank under given weights is one opinion. Here each child of the root may weigh from half to twice its nominal
weight; branch and bound over that box proves that no admissible weights rank a territory better (or worse) than
what some of them attain. Saisana, Saltelli & Tarantola (Uncertainty and sensitivity analysis techniques as tools for
the quality assessment of composite indicators, JRSS A 168(2), 2005) sample weights; this bounds them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
EFFORT = 100_000
# Territories searched together, so that memory stays small.
BATCH = 64


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

    def halved(self, cut: Places) -> "_Cells":
        """Each cell cut in two across one child."""
        count, each = len(self.row), np.arange(len(self.row))
        middle = np.sqrt(self.low[each, cut] * self.high[each, cut])
        low, high = np.tile(self.low, (2, 1)), np.tile(self.high, (2, 1))
        high[each, cut], low[count + each, cut] = middle, middle
        return _Cells(
            np.tile(self.row, 2),
            low,
            high,
            np.tile(self.beaten, 2),
            np.concatenate([self.cell, self.cell + count]),
            np.tile(self.rival, 2),
        )

    def optimistic(self, sense: int) -> Floats:
        """A rank that the row cannot pass in each cell: the open rivals are below it, or above when `sense` is -1."""
        count = self.beaten if sense > 0 else self.beaten + np.bincount(self.cell, minlength=len(self.row))
        return np.asarray(count + 1.0, dtype=np.float64)


def weight_ranks(scores: Floats, weights: Floats, factor: float = ADMISSIBLE) -> WeightRanks:
    """Best and worst rank of each row of `scores` (n × c, NaN missing), each weight within `factor` of its own.

    A missing cell gives its weight to its neighbours; equal scores (to six decimals) share the better rank; a row
    without any score has no rank (NaN) and counts for nobody.
    """
    weights = np.asarray(weights, dtype=np.float64)
    heavy = weights > 0
    seen = ~np.isnan(scores[:, heavy]).all(axis=1)
    found = np.full((4, len(scores)), np.nan)
    found[:, seen] = _Search(scores[np.ix_(seen, heavy)], weights[heavy], factor).extremes()
    return WeightRanks(*found)


class _Search:
    """Branch and bound over the weights of one group; `sense` is 1 for the best rank, -1 for the worst."""

    def __init__(self, scores: Floats, weights: Floats, factor: float) -> None:
        self.scores, self.weights = scores, weights
        # Whole columns, one after the other in memory: every step below reads columns.
        self.columns = np.ascontiguousarray(scores.T)
        self.holes = bool(np.isnan(scores).any())
        # Only ratios of weights matter: one child weighs its least, the others up to this many times their own.
        self.reach = factor * factor
        corners = (weights * np.array(f) for f in product((1.0, self.reach), repeat=len(weights)))
        self.tried = np.array([rank(weighted_mean(scores, w)) for w in (weights, *corners)])

    def extremes(self) -> Floats:
        """Best and worst rank that each row attains, then the bounds of both that no weights pass (4 × n)."""
        attained = np.array([self.tried.min(axis=0), self.tried.max(axis=0)])
        bound = attained.copy()
        for start in range(0, len(self.scores), BATCH):
            rows = np.arange(start, min(start + BATCH, len(self.scores)))
            cells = self._decided(self._whole(rows))
            for sense, reached, limit in zip((1, -1), attained, bound, strict=True):
                self._search(cells, sense, reached, limit)
                limit[rows] = (np.minimum if sense > 0 else np.maximum)(limit[rows], reached[rows])
        return np.concatenate([attained, bound])

    def _search(self, cells: _Cells, sense: int, attained: Floats, bound: Floats) -> None:
        """Halve cells until none can hold a rank beyond what its row attains; writes both arrays (length n)."""
        extreme = np.minimum if sense > 0 else np.maximum
        effort = EFFORT * len(np.unique(cells.row))
        while len(cells.row):
            lead, spread = self._leads(cells)
            favourable = np.where(sense * lead > 0, cells.low, cells.high)
            for point in (np.sqrt(cells.low * cells.high), favourable):
                extreme.at(attained, cells.row, self._ranks(cells, point))
            effort -= len(cells.cell)
            beyond = sense * (attained[cells.row] - cells.optimistic(sense)) > 0
            narrow = beyond & ((cells.high <= cells.low * (1.0 + NARROWEST)).all(axis=1) | (effort < 0))
            extreme.at(bound, cells.row[narrow], cells.optimistic(sense)[narrow])
            still = beyond & ~narrow
            # Cut across the child whose weight matters most to the rivals still open.
            cut = (spread * (cells.high - cells.low)).argmax(axis=1)[still]
            cells = self._decided(cells.kept(still).halved(cut))

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

    def _gaps(self, cells: _Cells) -> Iterator[tuple[Floats, Floats]]:
        """For each child, what each rival has there above the row, at least and at most within the cell.

        Score of the rival less that of the row has the sign of Σ w·gap, where a missing child counts as much as the
        mean of the row, which is an interval over the cell; where both miss it, as nothing.
        """
        if self.holes:
            least, most = _mean_range(self.scores[cells.row], cells.low, cells.high)
            ends = least[cells.cell], most[cells.cell]
        for column in self.columns:
            gap = column[cells.rival] - column[cells.row][cells.cell]
            if not self.holes:
                yield gap, gap
                continue
            mine, theirs = column[cells.row][cells.cell], column[cells.rival]
            low = np.where(np.isnan(theirs), ends[0], theirs) - np.where(np.isnan(mine), ends[1], mine)
            high = np.where(np.isnan(theirs), ends[1], theirs) - np.where(np.isnan(mine), ends[0], mine)
            neither = np.isnan(mine) & np.isnan(theirs)
            yield np.where(neither, 0.0, low), np.where(neither, 0.0, high)

    def _decided(self, cells: _Cells) -> _Cells:
        """The cells without the rivals that are above the row, or not above it, whatever the weights in the cell."""
        least, most = np.zeros(len(cells.cell)), np.zeros(len(cells.cell))
        for (smallest, largest), low, high in zip(self._gaps(cells), cells.low.T, cells.high.T, strict=True):
            w_low, w_high = low[cells.cell], high[cells.cell]
            least += np.minimum(smallest * w_low, smallest * w_high)
            most += np.maximum(largest * w_low, largest * w_high)
        # A whole step between two scores, and rounding cannot make them equal.
        above = least * STEPS > cells.high.sum(axis=1)[cells.cell]
        still = ~above & (most > 0)
        beaten = cells.beaten + np.bincount(cells.cell[above], minlength=len(cells.row))
        return replace(cells, beaten=beaten, cell=cells.cell[still], rival=cells.rival[still])

    def _ranks(self, cells: _Cells, weights: Floats) -> Floats:
        """The rank of the row of each cell under the weights of a point (cells × c) of that cell."""
        mine = published(_means(self.scores[cells.row].T, weights.T))
        theirs = published(_means(self.columns[:, cells.rival], weights.T[:, cells.cell]))
        above = theirs > mine[cells.cell]
        better = cells.beaten + np.bincount(cells.cell[above], minlength=len(cells.row))
        return np.asarray(better + 1.0, dtype=np.float64)

    def _leads(self, cells: _Cells) -> tuple[Floats, Floats]:
        """For each cell and child (cells × c), what its open rivals have above the row: added up, and in size."""
        leads, sizes = [], []
        for smallest, largest in self._gaps(cells):
            middle = (smallest + largest) / 2.0
            leads.append(np.bincount(cells.cell, weights=middle, minlength=len(cells.row)))
            sizes.append(np.bincount(cells.cell, weights=np.abs(middle), minlength=len(cells.row)))
        return np.column_stack(leads), np.column_stack(sizes)


def _means(columns: Floats, weights: Floats) -> Floats:
    """Weighted mean of the cells of each place that are not NaN, under weights of its own (both c × places)."""
    above, below = np.zeros(columns.shape[1]), np.zeros(columns.shape[1])
    for column, weight in zip(columns, weights, strict=True):
        seen = np.where(np.isnan(column), 0.0, weight)
        above += np.where(np.isnan(column), 0.0, column) * seen
        below += seen
    return np.asarray(above / below)


def _mean_range(scores: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Least and most weighted mean of each row over weights between `low` and `high` (all r × c).

    At the extremes the scores above some threshold take all the weight they can, and the others as little.
    """
    means = []
    for threshold in scores.T:
        with np.errstate(invalid="ignore"):
            above = scores >= threshold[:, None]
        means += [_means(scores.T, np.where(above, w[0], w[1]).T) for w in ((high, low), (low, high))]
    return np.min(means, axis=0), np.max(means, axis=0)
