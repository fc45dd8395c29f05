"""Why a score or a rank moved: the difference split among its causes, exactly and whatever their order."""

from math import factorial

import numpy as np

from observatory.scoring import Floats

CAUSES = ("own_data", "method", "peers", "perimeter", "correction", "coverage")


def shapley(values: Floats) -> Floats:
    """Shapley value of each of k factors in what they change together, for n territories (k × n).

    `values` (2^k × n) gives the outcome of each coalition: row s is the outcome when the factors whose bits are set in
    s are as after, and the others as before (row 0: nothing changed yet, last row: everything has). The part of a
    factor is the mean, over the k! orders in which factors may change, of the step that it makes: parts sum to the
    change, a factor that never makes a step gets 0, and two that always make the same step get the same part.
    Shapley (1953), A value for n-person games; Shorrocks (2013), Decomposition procedures for distributional
    analysis. Raises ValueError when the number of rows is not a power of 2 or an outcome is not finite.
    """
    rows = len(values)
    count = max(rows.bit_length() - 1, 0)
    if rows != 1 << count:
        raise ValueError(f"{rows} outcomes are not those of every coalition")
    if not np.isfinite(values).all():
        raise ValueError("the outcome of a coalition is not a finite number")
    coalitions = np.arange(rows)
    sizes = np.array([s.bit_count() for s in range(rows)])
    orders = np.array([factorial(size) * factorial(max(count - 1 - size, 0)) for size in range(count + 1)])
    parts = np.zeros((count, values.shape[1]))
    for factor in range(count):
        without = coalitions[(coalitions >> factor) & 1 == 0]
        steps = values[without | 1 << factor] - values[without]
        parts[factor] = orders[sizes[without]] @ steps / factorial(count)
    return parts


def split(values: Floats) -> dict[str, Floats]:
    """The part of each of the CAUSES (arrays of length n), from the outcomes of their 2^6 coalitions (64 × n).

    An outcome that cannot be computed (NaN: with these causes alone there would be no score) is taken as that of the
    start: no cause is credited with a step that nobody could see. The parts sum to the change all the same.
    """
    if len(values) != 1 << len(CAUSES):
        raise ValueError(f"{1 << len(CAUSES)} outcomes are expected, one a coalition of {', '.join(CAUSES)}")
    return dict(zip(CAUSES, shapley(np.where(np.isnan(values), values[0], values)), strict=True))
