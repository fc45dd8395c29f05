"""Logarithms that draw in a long tail: each shifts the column first, so that zeros and negative values have one.

Each takes the values (n × m) and the columns' names, leaves missing cells missing and keeps the order of the others.
Sources: Becker et al., COINr, JOSS 7(78), 2022 (the COIN Tool's logarithms); WIPO, Global Innovation Index 2020,
appendix IV; Box & Cox, JRSS B 26 (1964).
"""

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_columns import Names, checked, extent, refuse
from observatory.scoring_shape import skewness

# What the COIN Tool adds to the lowest value, as a share of the range, so that it has a logarithm.
MARGIN = 0.01


def log_ct(values: Floats, names: Names = None) -> Floats:
    """ln(x − min + 0.01·(max − min)); raises ScoringError on a flat column."""
    low, high = _range(values, names)
    return np.asarray(np.log(values - low + MARGIN * (high - low)))


def log_ct_plus(values: Floats, names: Names = None) -> Floats:
    """log_ct where the column leans high, else −ln(max + 0.01·(max − min) − x), which draws in the low tail."""
    low, high = _range(values, names)
    margin = MARGIN * (high - low)
    leans_high = skewness(values) > 0
    return np.where(leans_high, 1.0, -1.0) * np.log(np.where(leans_high, values - low, high - values) + margin)


def log_ct_orig(values: Floats, names: Names = None) -> Floats:
    """ln(x − min + 1): 0 at the lowest value, whose unit decides how strong it is."""
    return boxcox(values, 0.0, names)


def log_gii(values: Floats, names: Names = None) -> Floats:
    """ln((max − 1)(x − min)/(max − min) + 1): 0 at the lowest value, ln max at the highest.

    Raises ScoringError on a flat column, and on one whose highest value is 1 or less: the formula would flatten or
    reverse it.
    """
    low, high = _range(values, names)
    refuse(high <= 1, names, "ne dépasse pas 1 : ce logarithme en renverserait l’ordre.")
    return np.asarray(np.log((high - 1) * (values - low) / (high - low) + 1))


def boxcox(values: Floats, power: float, names: Names = None) -> Floats:
    """((x − min + 1)^power − 1) ÷ power, or the logarithm when `power` is 0."""
    shifted = checked(values, names) - extent(values)[0] + 1
    return np.asarray(np.log(shifted) if power == 0 else (shifted**power - 1) / power)


TRANSFORMS = {"log_ct": log_ct, "log_ct_plus": log_ct_plus, "log_ct_orig": log_ct_orig, "log_gii": log_gii}


def _range(values: Floats, names: Names) -> tuple[Floats, Floats]:
    low, high = extent(checked(values, names))
    refuse(low == high, names, "a partout la même valeur : il n’y a rien à rapprocher.")
    return low, high
