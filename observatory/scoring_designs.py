"""Which variants of a method a study runs: a Sobol' sequence, the design that separates factors, and their choices.

A factor is a number in [0, 1) that picks one of its variants; 0 picks the first, which is the published method.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory.scoring import Floats
from observatory.scoring_tree import ScoringError

Places = NDArray[np.intp]
# Primitive polynomial and first direction numbers of each dimension after the first: S. Joe and F. Y. Kuo,
# Constructing Sobol' sequences with better two-dimensional projections, SIAM J. Sci. Comput. 30 (2008).
DIRECTIONS = (
    (3, 1), (7, 1, 3), (11, 1, 3, 1), (13, 1, 1, 1), (19, 1, 1, 3, 3), (25, 1, 3, 5, 13), (37, 1, 1, 5, 5, 17),
    (41, 1, 1, 5, 5, 5), (47, 1, 1, 7, 11, 19), (55, 1, 1, 5, 1, 1), (59, 1, 1, 1, 3, 11), (61, 1, 3, 5, 5, 31),
    (67, 1, 3, 3, 9, 7, 49), (91, 1, 1, 1, 15, 21, 21), (97, 1, 3, 1, 13, 27, 49), (103, 1, 1, 1, 15, 7, 5),
    (109, 1, 3, 1, 15, 13, 25), (115, 1, 1, 5, 5, 19, 61), (131, 1, 3, 7, 11, 23, 15, 103),
    (137, 1, 3, 7, 13, 13, 15, 69), (143, 1, 1, 3, 13, 7, 35, 63), (145, 1, 3, 5, 9, 1, 25, 53),
    (157, 1, 3, 1, 13, 9, 35, 107),
)  # fmt: skip
BITS = 30


class Design(NamedTuple):
    """Points of a study by Sobol' indices: `points` ((k + 2)·size × k) are A, then B, then A with one column of B."""

    points: Floats
    size: int

    @property
    def base(self) -> Floats:
        """The plain Monte Carlo sample (size × k), block A."""
        return self.points[: self.size]


def _directions(dimension: int) -> list[int]:
    if dimension == 0:
        return [1 << (BITS - 1 - k) for k in range(BITS)]
    polynomial, *first = DIRECTIONS[dimension - 1]
    degree = polynomial.bit_length() - 1
    numbers = list(first)
    for k in range(degree, BITS):
        new = numbers[k - degree] ^ (numbers[k - degree] << degree)
        for lag in range(1, degree):
            if polynomial >> (degree - lag) & 1:
                new ^= numbers[k - lag] << lag
        numbers.append(new)
    return [number << (BITS - 1 - k) for k, number in enumerate(numbers)]


def sobol(count: int, dimensions: int) -> Floats:
    """First `count` points (count × dimensions, in [0, 1)) of the Sobol' sequence, from the point 0 on.

    Not scrambled: the same points for ever, balanced when `count` is a power of 2. Order: I. A. Antonov and
    V. M. Saleev (1979). Raises ScoringError beyond 24 dimensions or 2^30 points.
    """
    if not (0 < dimensions <= len(DIRECTIONS) + 1 and 0 <= count <= 1 << BITS):
        raise ScoringError(f"La suite de Sobol’ va jusqu’à {len(DIRECTIONS) + 1} facteurs, pas {dimensions}.")
    order = np.arange(count, dtype=np.int64)
    gray = order ^ (order >> 1)
    points = np.zeros((count, dimensions), dtype=np.int64)
    for column in range(dimensions):
        for bit, number in enumerate(_directions(column)):
            points[:, column] ^= (gray >> bit & 1) * number
    return np.asarray(points / float(1 << BITS))


def saltelli(count: int, factors: int) -> Design:
    """Design of (factors + 2)·count points from which `scoring_sensitivity.sobol_indices` separates the factors.

    A and B are the two halves of one Sobol' sequence in 2·factors dimensions; block i + 2 is A whose column i comes
    from B. The first point of every block is 0: the published method. A. Saltelli et al., Variance based sensitivity
    analysis of model output, Computer Physics Communications 181 (2010).
    """
    both = sobol(count, 2 * factors)
    a, b = both[:, :factors], both[:, factors:]
    crossed = []
    for factor in range(factors):
        block = a.copy()
        block[:, factor] = b[:, factor]
        crossed.append(block)
    return Design(np.concatenate([a, b, *crossed]), count)


def choose(points: Floats, variants: int) -> Places:
    """Place of the variant (0 … variants − 1) that each number of [0, 1) picks, all equally likely."""
    return np.asarray(np.floor(points * variants), dtype=np.intp)


def noisy(values: Floats, spread: Floats | float, count: int, random: np.random.Generator) -> Floats:
    """`count` variants (count × values.shape) of `values` with uniform noise of ± `spread`, unmoved in the first.

    `spread` is in the unit of `values`: for weights moved by 25 %, a quarter of each.
    """
    noise = random.uniform(-1.0, 1.0, (count, *values.shape))
    noise[0] = 0.0
    return values + spread * noise
