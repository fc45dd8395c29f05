"""The variants of a method that a study of uncertainty tries: what each point of a design picks.

Five factors, each a number in [0, 1): the weights of every node, the normalisation, the aggregation, the goalposts and
what stands for a missing cell. The point 0 is the published method.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from observatory.scoring import Bools, Floats
from observatory.scoring_designs import choose, noisy
from observatory.scoring_missing import impute
from observatory.scoring_normalise import normalise_by
from observatory.scoring_runs import Means, Runs, refuses_zero
from observatory.scoring_tree import ScoringError, Tree

FACTORS = ("weights", "normalisation", "aggregation", "goalposts", "missing")
# Goalposts are drawn this many times, not once a run, so that runs share matrices.
GOALPOSTS = 32


class Published(NamedTuple):
    """What is published: values in their units (n × m), whether each cell applies, goalposts (m), tree and mean.

    `floor` is the least normalised score given to a mean that refuses zero, and to every mean when `floored`.
    """

    tree: Tree
    values: Floats
    applies: Bools
    low: Floats
    high: Floats
    means: Means
    floor: float
    floored: bool = False


class Alternatives(NamedTuple):
    """What may be otherwise: relative noise of weights and goalposts, names of the other choices, the published first.

    A goalpost moves by `goalposts` × the distance between both; `missing` are among available_case, peer_median.
    """

    weights: float
    goalposts: float
    normalisation: tuple[str, ...]
    aggregation: tuple[Means, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Variants:
    """The published method, its alternatives and the noise that was drawn: what a design picks from."""

    published: Published
    others: Alternatives
    weights: Floats
    low: Floats
    high: Floats
    values: tuple[Floats, ...]

    def runs(self, points: Floats) -> Runs:
        """The runs that the points (r × 5, one column a factor of FACTORS) pick."""
        columns = dict(zip(FACTORS, points.T, strict=True))
        normalisation = choose(columns["normalisation"], len(self.others.normalisation))
        mean = choose(columns["aggregation"], len(self.others.aggregation))
        floored = np.array([refuses_zero(one) for one in self.others.aggregation], dtype=np.intp)[mean]
        # Only goalposts read goalposts: the other normalisations share one matrix.
        moved = np.array([name == "goalposts" for name in self.others.normalisation])[normalisation]
        posts = np.where(moved, choose(columns["goalposts"], len(self.low)), 0)
        missing = choose(columns["missing"], len(self.values))
        matrices = np.ravel_multi_index((normalisation, posts, missing, floored), self._shape)
        weights = self.weights[choose(columns["weights"], len(self.weights))]
        return Runs(np.asarray(matrices, dtype=np.intp), [self.others.aggregation[m] for m in mean], weights)

    def on_scale(self, points: Floats) -> Floats:
        """The same points with the published normalisation, and with it what 0 and 100 mean."""
        return np.where(np.array(FACTORS) == "normalisation", 0.0, points)

    def matrix(self, number: int) -> Floats:
        """The normalised matrix (n × m) of that number in Runs."""
        normalisation, posts, missing, floored = map(int, np.unravel_index(number, self._shape))
        low, high = self.low[posts], self.high[posts]
        directions = np.where(self.published.low > self.published.high, -1.0, 1.0)
        name = self.others.normalisation[normalisation]
        names = self.published.tree.names[: self.published.tree.leaves]
        found = normalise_by(name, self.values[missing], directions, low, high, names)
        return np.maximum(found, self.published.floor) if floored or self.published.floored else found

    @property
    def _shape(self) -> tuple[int, int, int, int]:
        return len(self.others.normalisation), len(self.low), len(self.values), 2


def variants(published: Published, others: Alternatives, count: int, random: np.random.Generator) -> Variants:
    """Draw the noise of a study: `count` sets of weights, GOALPOSTS pairs of goalposts; the first of each is published.

    Raises ScoringError on a name of `missing` that is not known.
    """
    weights = published.tree.weights
    drawn = noisy(weights, others.weights * weights, count, random)
    spread = others.goalposts * np.abs(published.high - published.low)
    posts = noisy(np.stack([published.low, published.high]), spread, GOALPOSTS, random)
    values = [_filled(published, name) for name in others.missing]
    # Where nothing is missing, there is one way to fill it.
    told = [one for place, one in enumerate(values) if not place or not np.array_equal(one, values[0], equal_nan=True)]
    return Variants(published, others, drawn, posts[:, 0], posts[:, 1], tuple(told))


def _filled(published: Published, name: str) -> Floats:
    if name == "available_case":
        return published.values
    if name == "peer_median":
        return np.where(published.applies, impute(published.values, "median"), np.nan)
    raise ScoringError(f"Traitement des manques inconnu : « {name} » ; sont possibles available_case, peer_median.")
