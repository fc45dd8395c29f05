"""Scores of the root of a tree under many weights at once, for one matrix and one mean: products of matrices.

Rows are variants (« runs »), columns territories. One product serves the whole tree when nothing is missing, two
serve each node when cells are.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from observatory.scoring import Bools, Floats
from observatory.scoring_aggregate import AMPI_LOW, AMPI_STEP
from observatory.scoring_designs import Places
from observatory.scoring_tree import ScoringError, Tree, aggregate, mean_named

# The name of the mean of every node, or of each height from 1 up.
Means = str | tuple[str, ...]
# Gives the normalised matrix (n × m, higher is better, NaN where missing) of that number.
Matrices = Callable[[int], Floats]
# Cells of a block: what a processor keeps near. And the fewest runs that make a product worth its name.
BLOCK, FEWEST = 1 << 17, 64
# Less than any sum of weights, so that dividing by it an empty sum gives 0.
NOTHING = 1e-300


class _Way(NamedTuple):
    """An arithmetic mean in disguise: of scores (`least` or more) sent `there`, then brought `back`."""

    there: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]
    least: float = -np.inf


# Means that are products of matrices; the others are taken one run at a time.
WAYS = {
    "arithmetic": _Way(np.positive, np.positive),
    "geometric": _Way(np.log, np.exp, least=np.nextafter(0, 1)),
    "harmonic": _Way(np.reciprocal, np.reciprocal, least=np.nextafter(0, 1)),
    "ampi": _Way(lambda x: AMPI_LOW + AMPI_STEP * x, lambda y: (y - AMPI_LOW) / AMPI_STEP, least=0.0),
}


class Runs(NamedTuple):
    """r variants: the number of their matrix (r), their mean (r) and their weights (r × nodes)."""

    matrices: Places
    means: list[Means]
    weights: Floats


class Block(NamedTuple):
    """Scores of the root and, when asked, of its children (each r × n), and which of the r runs gave all of them."""

    scores: Floats
    children: list[Floats]
    fine: Bools


class Part(NamedTuple):
    """Places of some runs, and of some territories among all `territories`."""

    runs: Places
    some: slice
    territories: int


class _Cells(NamedTuple):
    """Leaves on their way (m × n, 0 where missing), and 1 where they are seen (None: everywhere)."""

    values: Floats
    seen: Floats | None


class _Node(NamedTuple):
    """Values of a node (r × n, 0 where unknown), and 1 where they are known (None: everywhere)."""

    values: Floats
    known: Floats | None


def by_height(mean: Means) -> str | dict[int, str]:
    """The mean as `scoring_tree.aggregate` takes it."""
    return mean if isinstance(mean, str) else dict(enumerate(mean, start=1))


def refuses_zero(mean: Means) -> bool:
    """Whether some node of the tree would take the mean of scores above 0 only."""
    return any(mean_named(name).positive for name in ([mean] if isinstance(mean, str) else mean))


def blocks(found: Tree, matrices: Matrices, runs: Runs, children: bool) -> Iterator[tuple[Part, Block]]:
    """Runs that share a matrix and a mean, for some territories at a time, and their scores.

    Runs whose weights mean nothing never come; the others come for all territories. A matrix is asked for once, and
    only one is held at a time.
    """
    groups: dict[tuple[int, Means], list[int]] = {}
    for row in np.flatnonzero(_meaningful(found, runs.weights)):
        groups.setdefault((int(runs.matrices[row]), runs.means[row]), []).append(int(row))
    last, leaves = -1, np.empty((0, 0))
    for (matrix, mean), members in sorted(groups.items(), key=lambda group: (group[0][0], str(group[0][1]))):
        if matrix != last:
            last, leaves = matrix, matrices(matrix)
        step = max(FEWEST, BLOCK // max(1, len(leaves)))
        # A mean that is no product of matrices may compare territories: it takes them all.
        width = max(1, BLOCK // min(step, len(members))) if mean in WAYS else len(leaves)
        for first in range(0, len(leaves), width):
            some = slice(first, first + width)
            climb = _climber(found, leaves[some], mean, children)
            for start in range(0, len(members), step):
                rows = np.array(members[start : start + step], dtype=np.intp)
                yield Part(rows, some, len(leaves)), climb(runs.weights[rows])


def _meaningful(found: Tree, weights: Floats) -> Bools:
    fine = (np.isfinite(weights) & (weights >= 0)).all(axis=1)
    for below in found.children:
        if below:
            fine &= np.where(np.isfinite(weights), weights, 0.0)[:, list(below)].sum(axis=1) > 0
    return np.asarray(fine)


def _climber(found: Tree, leaves: Floats, mean: Means, children: bool) -> Callable[[Floats], Block]:
    """What scores a block of runs, given their weights (r × nodes)."""
    if not isinstance(mean, str) or mean not in WAYS:
        return lambda weights: _one_by_one(found, leaves, mean, weights)
    way = WAYS[mean]
    if np.isinf(leaves).any() or (leaves < way.least).any():
        return lambda weights: _failed(leaves, weights)
    seen = ~np.isnan(leaves.T)
    values = np.ascontiguousarray(np.where(seen, way.there(np.where(seen, leaves.T, 1.0)), 0.0))
    if seen.all() and not children and mean != "ampi":
        return lambda weights: _whole(way.back(_effective(found, weights) @ values))
    cells = _Cells(values, None if seen.all() else seen.astype(np.float64))
    return lambda weights: _climb(found, cells, weights, mean, children)


def _effective(found: Tree, weights: Floats) -> Floats:
    """Effective weights of the leaves (r × m) under each row of weights (r × nodes); see Tree.effective_weights."""
    found_shares = np.ones_like(weights)
    for place in reversed(range(len(found.names))):
        if below := list(found.children[place]):
            inside = weights[:, below] / weights[:, below].sum(axis=1, keepdims=True)
            found_shares[:, below] = found_shares[:, [place]] * inside
    return np.ascontiguousarray(found_shares[:, : found.leaves])


def _climb(found: Tree, cells: _Cells, weights: Floats, mean: str, children: bool) -> Block:
    nodes: dict[int, _Node] = {}
    for place, below in enumerate(found.children):
        if below:
            nodes[place] = _node(cells, nodes, weights, list(below), spread=mean == "ampi")
    back = WAYS[mean].back
    root = nodes[len(found.names) - 1]
    fine = np.ones(len(weights), dtype=np.bool_) if root.known is None else np.asarray((root.known > 0).all(axis=1))
    # A failed run holds zeros that no mean can bring back.
    scores = back(root.values if root.known is None else np.where(fine[:, None], root.values, 1.0))
    shown = found.children[-1] if children else ()
    return Block(scores, [_shown(cells, nodes, place, len(weights), back) for place in shown], fine)


def _node(cells: _Cells, nodes: dict[int, _Node], weights: Floats, below: list[int], spread: bool) -> _Node:
    leaves = [child for child in below if child not in nodes]
    inner = weights[:, leaves]
    values = cells.values[leaves]
    total = inner @ values
    square = inner @ values**2 if spread else total
    complete = cells.seen is None or bool(cells.seen[leaves].all())
    share = inner.sum(axis=1, keepdims=True) if complete or cells.seen is None else inner @ cells.seen[leaves]
    for child in (c for c in below if c in nodes):
        node, weight = nodes[child], weights[:, [child]]
        weighed = weight * node.values
        total += weighed
        if spread:
            square += weighed * node.values
        share = share + (weight if node.known is None else weight * node.known)
    # A column of shares has nothing missing, and weights that mean something do not sum to 0.
    known = None if share.shape[1] == 1 or share.min() > 0 else np.asarray(share > 0, dtype=np.float64)
    share = np.maximum(share, NOTHING)
    middle = total / share
    if spread:
        # Mean less variance ÷ mean, variance as mean of squares less square of mean.
        middle = 2 * middle - square / share / np.maximum(middle, NOTHING)
    return _Node(middle, known)


def _shown(cells: _Cells, nodes: dict[int, _Node], place: int, count: int, back: Callable[[Floats], Floats]) -> Floats:
    """Scores of a child of the root (r × n), NaN where it has none."""
    if place in nodes:
        values, known = nodes[place]
    else:
        values = np.broadcast_to(cells.values[place], (count, cells.values.shape[1]))
        known = None if cells.seen is None else np.broadcast_to(cells.seen[place], values.shape)
    if known is None:
        return back(values)
    return np.where(known > 0, back(np.where(known > 0, values, 1.0)), np.nan)


def _whole(scores: Floats) -> Block:
    return Block(scores, [], np.ones(len(scores), dtype=np.bool_))


def _failed(leaves: Floats, weights: Floats) -> Block:
    return Block(np.zeros((len(weights), len(leaves))), [], np.zeros(len(weights), dtype=np.bool_))


def _one_by_one(found: Tree, leaves: Floats, mean: Means, weights: Floats) -> Block:
    """Means that are no product of matrices, or differ with the height: the tree itself, one run after the other."""
    whole = np.full((len(weights), len(leaves), len(found.names)), np.nan)
    for row, own in enumerate(weights):
        try:
            whole[row] = aggregate(found.reweighted(own), leaves, by_height(mean))
        except ScoringError:
            continue
    fine = np.asarray(~np.isnan(whole[:, :, -1]).any(axis=1))
    return Block(whole[:, :, -1], [whole[:, :, child] for child in found.children[-1]], fine)
