"""Means that turn the scores of children into that of their parent: rows are territories, columns are children.

A missing cell (NaN) gives its weight to its neighbours. Formulas: OECD/JRC, Handbook on Constructing Composite
Indicators (2008), step 6; Becker et al., COINr, JOSS 7(78), 2022.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from observatory.scoring import Floats, weighted_mean


class Mean(NamedTuple):
    """A mean of the rows of a matrix (n × c) under weights (c); `positive`: it takes scores above 0 only."""

    function: Callable[[Floats, Floats], Floats]
    positive: bool = False


def geometric_mean(scores: Floats, weights: Floats) -> Floats:
    """exp(Σ w ln x ÷ Σ w) of each row; scores must be above 0."""
    return np.asarray(np.exp(weighted_mean(np.log(scores), weights)))


def harmonic_mean(scores: Floats, weights: Floats) -> Floats:
    """Σ w ÷ Σ (w ÷ x) of each row; scores must be above 0."""
    return np.asarray(1.0 / weighted_mean(1.0 / scores, weights))


MEANS = {
    "arithmetic": Mean(weighted_mean),
    "geometric": Mean(geometric_mean, positive=True),
    "harmonic": Mean(harmonic_mean, positive=True),
}
