"""What makes a result uncertain: Sobol' indices of factors, for many outputs at once.

First order: the share of the variance that the factor explains alone; total order: with its interactions.
Estimators: Saltelli et al. (2010) for the first order, Jansen (1999) for the total, both on the centred output; not
centred, the first has an error that grows with the mean of the output.
"""

from typing import NamedTuple

import numpy as np

from observatory.scoring import Bools, Floats
from observatory.scoring_designs import Places

# Columns of outputs whose resamples are held at once.
BLOCK = 256


class Indices(NamedTuple):
    """First and total order indices, one row a factor, one column an output; 0 for an output that never moves."""

    first: Floats
    total: Floats


class Outputs(NamedTuple):
    """Outputs of a design, at points A (`base`, count × n), B (`other`) and A with a column of B (k × count × n)."""

    base: Floats
    other: Floats
    crossed: Floats

    def columns(self, start: int, stop: int) -> "Outputs":
        """The same runs, fewer outputs."""
        return Outputs(self.base[:, start:stop], self.other[:, start:stop], self.crossed[:, :, start:stop])


def complete(kept: Bools, size: int) -> Places:
    """Places of the base points (0 … size − 1) none of whose runs failed; `kept` is in the order of the design."""
    return np.flatnonzero(kept.reshape(-1, size).all(axis=0))


def outputs(values: Floats, size: int, points: Places | None = None) -> Outputs:
    """Split `values` ((k + 2)·size × n), in the order of `scoring_designs.saltelli`, into its blocks.

    `points` are the places of the base points to use, all of them unless told.
    """
    blocks = values.reshape(-1, size, values.shape[1])
    chosen = np.asarray(blocks if points is None else blocks[:, points], dtype=np.float64)
    return Outputs(chosen[0], chosen[1], chosen[2:])


def sobol_indices(found: Outputs) -> Indices:
    """Sobol' indices of each factor on each output, variance over A and B (divided by the number of values)."""
    once = np.ones((1, len(found.base)))
    first, total = _resampled(found, once)
    return Indices(first[0], total[0])


def bootstrap(found: Outputs, draws: Places) -> tuple[Floats, Floats]:
    """First and total order indices (resamples × k × n) of each resample: a column of `draws` (size × resamples).

    The variance is computed again in every resample: kept fixed, it would make intervals too narrow.
    """
    size = len(found.base)
    counts = np.stack([np.bincount(draw, minlength=size) for draw in draws.T]).astype(np.float64)
    return _resampled(found, counts)


def intervals(
    found: Outputs, resamples: int, random: np.random.Generator, tails: tuple[float, float] = (0.05, 0.95)
) -> tuple[Indices, Indices]:
    """Low and high bounds of both indices: quantiles over bootstrap resamples of the base points."""
    size, width = found.base.shape
    draws = random.integers(size, size=(size, resamples))
    low, high = [], []
    for start in range(0, width, BLOCK):
        part = bootstrap(found.columns(start, start + BLOCK), draws)
        ends = [np.quantile(values, tails, axis=0) for values in part]
        low.append([end[0] for end in ends])
        high.append([end[1] for end in ends])
    return _joined(low), _joined(high)


def _joined(parts: list[list[Floats]]) -> Indices:
    return Indices(*(np.concatenate(sides, axis=1) for sides in zip(*parts, strict=True)))


def _resampled(found: Outputs, counts: Floats) -> tuple[Floats, Floats]:
    # One product of matrices a factor, whatever the number of outputs and of resamples.
    size = len(found.base)
    mean = np.concatenate([found.base[None], found.other[None], found.crossed]).mean(axis=(0, 1))
    a, b = found.base - mean, found.other - mean
    variance = (counts @ (a**2 + b**2)) / (2 * size) - ((counts @ (a + b)) / (2 * size)) ** 2
    # Of an output that never moves, rounding would leave a variance of nothing.
    moves = variance > np.finfo(np.float64).eps * np.maximum(1.0, mean**2)
    safe = np.where(moves, variance, 1.0)
    first = [np.where(moves, (counts @ (b * (cross - mean - a))) / size / safe, 0.0) for cross in found.crossed]
    total = [np.where(moves, (counts @ (a - cross + mean) ** 2) / (2 * size) / safe, 0.0) for cross in found.crossed]
    return np.stack(first, axis=1), np.stack(total, axis=1)
