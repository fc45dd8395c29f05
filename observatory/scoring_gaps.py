"""What missing figures leave open: the interval of every node of the tree, and which figure would narrow it most.

An observed cell is a point, a missing one lies anywhere between the goalposts (0 to 100), a partly covered one in
between; a cell that does not apply is NaN and leaves the denominator. Interval arithmetic is exact here, because no
leaf is below two nodes (Moore, Interval Analysis, 1966): the children of a node vary freely of each other.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from observatory.scoring import Bools, Floats, weighted_mean
from observatory.scoring_aggregate import AMPI_LOW, AMPI_STEP, Mean, ampi
from observatory.scoring_tree import ScoringError, Tree, mean_named

# Halvings after which a root is known as well as a float can be.
HALVINGS = 50


def node_ranges(
    found: Tree, low: Floats, high: Floats, mean: str | Mapping[int, str] = "arithmetic"
) -> tuple[Floats, Floats]:
    """Lowest and highest score of every node (both n × k, in the tree's order) from those of the leaves (n × m).

    `mean` names the aggregation of every node, or of each height. Where a mean does not take 0, its limit there
    counts. Raises ScoringError for « copeland », whose scores depend on the other territories.
    """
    count = found.leaves
    lows, highs = (np.full((len(low), len(found.names)), np.nan) for _ in range(2))
    lows[:, :count], highs[:, :count] = low, high
    for place, below in enumerate(found.children):
        if below:
            columns = [child for child in below if found.weights[child] > 0]
            name = mean if isinstance(mean, str) else mean[found.heights[place]]
            cells, weights = (lows[:, columns], highs[:, columns]), found.weights[columns]
            lows[:, place], highs[:, place] = _mean_range(name, *cells, weights)
    return lows, highs


def widths_after(found: Tree, low: Floats, high: Floats, mean: str | Mapping[int, str] = "arithmetic") -> Floats:
    """Width of every node's interval once one leaf is published, for each leaf (m × n × k).

    With the arithmetic mean it does not depend on the value published. With others the value is taken at each end of
    what it may be, and the wider of the two intervals is kept: the narrowing is then the least to expect.
    """
    found_widths = []
    for leaf in range(found.leaves):
        ends = []
        for value in (low[:, leaf], high[:, leaf]):
            known_low, known_high = low.copy(), high.copy()
            known_low[:, leaf] = known_high[:, leaf] = value
            lows, highs = node_ranges(found, known_low, known_high, mean)
            ends.append(highs - lows)
        found_widths.append(np.maximum(*ends))
    return np.array(found_widths)


def shares_below(found: Tree, applicable: Bools, node: int) -> Floats:
    """Share of a node (by its place) that each leaf weighs in each row, among what applies (both n × m)."""
    applies = np.zeros((len(applicable), len(found.names)), dtype=np.bool_)
    applies[:, : found.leaves] = applicable
    for place, below in enumerate(found.children):
        if below:
            applies[:, place] = applies[:, list(below)].any(axis=1)
    shares = np.zeros(applies.shape)
    shares[:, node] = applies[:, node]
    for place in reversed(range(node + 1)):
        if below := found.children[place]:
            columns = list(below)
            weighing = applies[:, columns] * found.weights[columns]
            total = weighing.sum(axis=1, keepdims=True)
            shares[:, columns] = shares[:, [place]] * weighing / np.where(total > 0, total, 1.0)
    return shares[:, : found.leaves]


def fewest(gains: Sequence[float], groups: Sequence[int], needed: float, new_groups: int) -> list[int]:
    """Places of the fewest items whose gains reach `needed` and that open `new_groups` groups; none when impossible.

    An item that opens no new group has group -1. The best items of the best groups, then the best of all others:
    by exchange, no other choice of as many items that opens as many groups gains more.
    """
    order = sorted(range(len(gains)), key=lambda place: -gains[place])
    opening: dict[int, int] = {}
    for place in order:
        if groups[place] >= 0:
            opening.setdefault(groups[place], place)
    chosen = list(opening.values())[:new_groups]
    if len(chosen) < new_groups:
        return []
    for place in order:
        if sum(gains[c] for c in chosen) >= needed:
            break
        if place not in chosen:
            chosen.append(place)
    return chosen if sum(gains[c] for c in chosen) >= needed else []


def _mean_range(name: str, low: Floats, high: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest mean of each row over cells between `low` and `high` (n × c)."""
    if name == "copeland":
        raise ScoringError("« copeland » compare les territoires entre eux : le score d’un seul n’a pas de bornes.")
    if name == "ampi":
        return _ampi_lowest(low, high, weights), _ampi_highest(low, high, weights)
    mean = mean_named(name)
    return _limit(mean, low, weights), _limit(mean, high, weights)


def _limit(mean: Mean, cells: Floats, weights: Floats) -> Floats:
    """The mean of each row; one that takes scores above 0 only tends to 0 as soon as one child does."""
    if not mean.positive:
        return mean.function(cells, weights)
    nothing = cells <= 0
    return np.where(nothing.any(axis=1), 0.0, mean.function(np.where(nothing, 1.0, cells), weights))


def _ampi_lowest(low: Floats, high: Floats, weights: Floats) -> Floats:
    """M − S² ÷ M is 2M − Q ÷ M, Q the mean of squares: concave (Q ÷ M is convex), hence lowest at a corner."""
    varying = [place for place in range(low.shape[1]) if (high[:, place] > low[:, place]).any()]
    found = np.full(len(low), np.inf)
    for upper in product((False, True), repeat=len(varying)):
        corner = low.copy()
        raised = [place for place, up in zip(varying, upper, strict=True) if up]
        corner[:, raised] = high[:, raised]
        found = np.minimum(found, ampi(corner, weights))
    return np.asarray(np.maximum(found, 0.0))  # the rounding of 70 ± 0


def _ampi_highest(low: Floats, high: Floats, weights: Floats) -> Floats:
    """The summit of a concave function: each cell is as near as it can be to one value, c = M + Q ÷ 2M."""
    floor, ceiling = AMPI_LOW + AMPI_STEP * low, AMPI_LOW + AMPI_STEP * high
    below, above = np.full(len(low), AMPI_LOW), np.full(len(low), AMPI_LOW + 100.0 * AMPI_STEP)
    for _ in range(HALVINGS):
        middle = (below + above) / 2.0
        cells = np.clip(middle[:, None], floor, ceiling)
        mean = weighted_mean(cells, weights)
        rising = mean + weighted_mean(cells**2, weights) / (2.0 * mean) > middle
        below, above = np.where(rising, middle, below), np.where(rising, above, middle)
    cells = np.clip(above[:, None], floor, ceiling)
    return ampi((cells - AMPI_LOW) / AMPI_STEP, weights)
