"""Territories like this one: nearest neighbours by standardised features, exact and always the same."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory.scoring import Floats

Places = NDArray[np.intp]

# Enough for a median and a rank to mean something, few enough for each to be looked at; a métropole has 21 others.
PEERS = 10
# Size is what elected officials compare first: without this, Mulhouse would be set beside towns of a third of it.
WEIGHT_OF_SIZE = 2.0
# Robust standard deviations beyond which extreme is extreme: without this, Paris (one commune) would be set beside
# Mayotte (17 communes) before the départements around it.
EXTREME = 3.0
# Distance between the quartiles of a normal distribution, in standard deviations.
QUARTILES = 1.349
# Decimals of a published distance: closer ones are equal, and the order of the rows decides.
DECIMALS = 6
# Rows compared together; no box has fewer than half as many, which must be more than PEERS.
LEAF = 64


class Neighbours(NamedTuple):
    """The k nearest other rows of each row, nearest first (both n × k)."""

    place: Places
    distance: Floats


def standardised(features: Floats) -> Floats:
    """Each column (n × f) less its median, in robust standard deviations: interquartile range ÷ 1.349.

    A median and quartiles are not moved by Paris. A column whose quartiles are equal says nothing: it becomes 0.
    Source: Rousseeuw & Croux, Alternatives to the median absolute deviation, JASA 88(424), 1993.
    """
    quarter, half, three = np.quantile(features, (0.25, 0.5, 0.75), axis=0)
    spread = (three - quarter) / QUARTILES
    return np.where(spread > 0, (features - half) / np.where(spread > 0, spread, 1.0), 0.0)


def likeness(features: Floats) -> Floats:
    """Standardised features (n × f) whose Euclidean distances say how unlike two territories are.

    The first column, the population, counts WEIGHT_OF_SIZE times and without limit; the others stop at EXTREME.
    """
    points = standardised(features)
    return np.column_stack([WEIGHT_OF_SIZE * points[:, :1], np.clip(points[:, 1:], -EXTREME, EXTREME)])


def nearest(points: Floats, k: int = PEERS) -> Neighbours:
    """The k nearest other rows of each row of `points` (n × f), by Euclidean distance; ties by the order of rows.

    Exact: rows are grouped in boxes, and a box is left aside only when all of it is farther than k rows already found
    (k-d tree of Friedman, Bentley & Finkel, An algorithm for finding best matches, ACM TOMS 3(3), 1977).
    `k` is lowered to n − 1 when there are not that many others.
    """
    k = max(0, min(k, len(points) - 1))
    place, distance = np.zeros((len(points), k), dtype=np.intp), np.zeros((len(points), k))
    if k == 0:
        return Neighbours(place, distance)
    boxes = list(_boxes(points, np.arange(len(points))))
    low = np.array([points[box].min(axis=0) for box in boxes])
    high = np.array([points[box].max(axis=0) for box in boxes])
    for number, box in enumerate(boxes):
        apart = _norm(np.maximum(0.0, np.maximum(low - high[number], low[number] - high)))
        # Enough of the nearest boxes to bound how far the k-th neighbour is.
        reach = np.partition(_distances(points, box, box), k, axis=1)[:, k].max()
        others = np.sort(np.concatenate([boxes[o] for o in np.flatnonzero(apart <= reach + 10.0**-DECIMALS)]))
        place[box], distance[box] = _closest(_distances(points, box, others), box, others, k)
    return Neighbours(place, distance)


def _boxes(points: Floats, rows: Places) -> Iterator[Places]:
    """Rows split at the median of their widest column until no group is larger than LEAF."""
    if len(rows) <= LEAF:
        yield rows
        return
    widest = int(np.ptp(points[rows], axis=0).argmax())
    order = rows[np.argsort(points[rows, widest], kind="stable")]
    yield from _boxes(points, order[: len(order) // 2])
    yield from _boxes(points, order[len(order) // 2 :])


def _norm(vectors: Floats) -> Floats:
    """Length of each row, column after column: the same bits on every machine."""
    total = np.zeros(len(vectors))
    for column in vectors.T:
        total += column * column
    return np.sqrt(total)


def _distances(points: Floats, rows: Places, others: Places) -> Floats:
    """Distance of each row to each other (r × o), as published."""
    total = np.zeros((len(rows), len(others)))
    for column in points.T:
        total += (column[rows][:, None] - column[others]) ** 2
    return np.asarray(np.round(np.sqrt(total), DECIMALS))


def _closest(distances: Floats, rows: Places, others: Places, k: int) -> Neighbours:
    """The k nearest of `others` (sorted) to each row but itself, of two as near the first in order."""
    apart = np.where(rows[:, None] == others, np.inf, distances)
    limit = np.partition(apart, k - 1, axis=1)[:, k - 1]
    row, column = np.nonzero(apart <= limit[:, None])
    order = np.lexsort((column, apart[row, column], row))
    row, column = row[order], column[order]
    starts = np.searchsorted(row, np.arange(len(rows)))
    taken = column[starts[:, None] + np.arange(k)]
    return Neighbours(others[taken], np.take_along_axis(apart, taken, axis=1))
