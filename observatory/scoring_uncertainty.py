"""Many variants of an index at once: scores and ranks of every territory under each, and what they leave uncertain.

Variants differ by their normalised matrix, their mean and their weights (see `scoring_runs`). OECD/JRC, Handbook on
Constructing Composite Indicators (2008), step 7; M. Saisana, A. Saltelli & S. Tarantola, J. R. Stat. Soc. A 168 (2005).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory.scoring import HALF, STEPS, Bools, Floats, rank
from observatory.scoring_runs import BLOCK, Matrices, Runs, blocks, by_height
from observatory.scoring_tree import ScoringError, Tree, aggregate

Ranks = NDArray[np.int32]
Levels = NDArray[np.int8]
# Level of each score of the root (r × n), given those of its children (each r × n, NaN where there is none) and the
# places of these n territories among all.
Judge = Callable[[Floats, list[Floats], slice], Floats]


class Replications(NamedTuple):
    """Scores and ranks (runs kept × n) under each variant; `kept` (r) is False for a run that failed and is left out.

    `levels` (runs kept × n) are those that the judge gave; None without a judge.
    """

    scores: Floats
    ranks: Ranks
    kept: Bools
    levels: Levels | None = None

    @property
    def failed(self) -> int:
        """Number of runs that gave no score to some territory."""
        return int((~self.kept).sum())


def replicate(found: Tree, matrices: Matrices, runs: Runs, judge: Judge | None = None) -> Replications:
    """Score and rank every territory under every run; equal to `plain` to 1e-12, ranks identical.

    A run fails when its mean cannot take its scores (zero under a geometric mean), its weights mean nothing, a value
    is infinite, or a territory has no score at all: its ranks would be among others. It is counted and left out.
    Raises ScoringError when every run fails. Holds 12 bytes a score, 13 with a judge.
    """
    kept = np.zeros(len(runs.means), dtype=np.bool_)
    scores, levels = np.empty((0, 0)), np.empty((0, 0), dtype=np.int8)
    for (rows, some, territories), block in blocks(found, matrices, runs, judge is not None):
        if not scores.size:
            scores = np.empty((len(kept), territories))
            levels = np.empty((len(kept), territories if judge else 0), dtype=np.int8)
        scores[rows, some] = block.scores
        kept[rows] = block.fine if some.start == 0 else kept[rows] & block.fine
        if judge is not None and block.fine.any():
            children = [child[block.fine] for child in block.children]
            levels[rows[block.fine], some] = judge(block.scores[block.fine], children, some)
    if not kept.any():
        raise ScoringError("Aucune variante de la méthode n’a abouti : il n’y a pas d’incertitude à décrire.")
    good: slice | Bools = slice(None) if kept.all() else kept
    return Replications(scores[good], rank_rows(scores[good]), kept, levels[good] if judge else None)


def plain(found: Tree, matrices: Matrices, runs: Runs) -> Replications:
    """The definition of `replicate`: one run after the other through the tree. Slow; for tests and measures."""
    scores, ranks = [], []
    kept = np.zeros(len(runs.means), dtype=np.bool_)
    for row, mean in enumerate(runs.means):
        try:
            leaves = matrices(int(runs.matrices[row]))
            score = aggregate(found.reweighted(runs.weights[row]), leaves, by_height(mean))[:, -1]
        except ScoringError:
            continue
        if not np.isnan(score).any():
            kept[row] = True
            scores.append(score)
            ranks.append(rank(score).astype(np.int32))
    return Replications(np.array(scores), np.array(ranks), kept)


def rank_rows(scores: Floats) -> Ranks:
    """`scoring.rank` of each row (r × n, no NaN): 1 the highest, equal scores (to six decimals) share the better."""
    width = scores.shape[1]
    if scores.size == 0 or max(scores.max(), -scores.min()) * STEPS >= 1 << (62 - width.bit_length()):
        return np.array([rank(row) for row in scores], dtype=np.int32).reshape(scores.shape)
    found = np.empty(scores.shape, dtype=np.int32)
    step = max(1, BLOCK // width)
    for start in range(0, len(scores), step):
        _rank_block(scores[start : start + step], found[start : start + step])
    return found


def _rank_block(scores: Floats, found: Ranks) -> None:
    count, width = scores.shape
    bits = width.bit_length()
    # A score and its place in one integer: sorting integers is much faster than sorting places by score.
    keys = np.floor(scores * STEPS + HALF).astype(np.int64)
    np.negative(keys, out=keys)
    keys <<= bits
    keys |= np.arange(width)
    keys.sort(axis=1)
    places = keys & ((1 << bits) - 1)
    places += np.arange(count)[:, None] * width
    keys >>= bits
    order = np.tile(np.arange(1, width + 1, dtype=np.int32), (count, 1))
    if (tied := keys[:, 1:] == keys[:, :-1]).any():
        order[:, 1:][tied] = 0
        np.maximum.accumulate(order, axis=1, out=order)
    found.reshape(-1)[places.ravel()] = order.ravel()


def quantiles(values: Floats | Ranks, at: tuple[float, ...]) -> Floats:
    """Quantiles (len(at) × n) of each column of `values` (r × n), between two runs when need be (type 7, as R does).

    A block of columns at a time, so that what is held beside `values` stays small.
    """
    count, width = values.shape
    places = np.asarray(at) * (count - 1)
    below = np.floor(places).astype(np.intp)
    above = np.minimum(below + 1, count - 1)
    part = (places - below)[:, None]
    found = np.empty((len(at), width))
    step = max(1, 8 * BLOCK // count)
    for start in range(0, width, step):
        columns = np.sort(np.ascontiguousarray(values[:, start : start + step].T), axis=1).T
        found[:, start : start + step] = columns[below] + part * (columns[above] - columns[below])
    return found


def level_shares(levels: Levels, count: int) -> Floats:
    """Share of the runs (count × n) in which each territory has level 1 … count; each column sums to 1."""
    return np.stack([(levels == level).mean(axis=0) for level in range(1, count + 1)])


def rank_shift(ranks: Ranks, nominal: Ranks) -> Floats:
    """Mean of |rank − published rank| over territories, of each run (r): the output of the study for a whole group."""
    return np.asarray(np.abs(ranks - nominal).mean(axis=1))
