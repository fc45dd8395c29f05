"""The shape of a column: how lopsided it is and how heavy its tails are, and whether that calls for treatment."""

from typing import NamedTuple

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_columns import deviations


class Limits(NamedTuple):
    """Points that may be winsorised, and the |skewness| and kurtosis that together call for treatment."""

    points: int = 5
    skewness: float = 2.0
    kurtosis: float = 3.5


class Shape(NamedTuple):
    """Skewness and kurtosis of each column (m) at one step, and whether they pass; NaN where the step was not taken."""

    skewness: Floats
    kurtosis: Floats
    passes: Floats


def skewness(values: Floats) -> Floats:
    """Sample skewness G1 = √(n(n−1))/(n−2) · m₃/m₂^1.5 of each column (n × m), as in Excel and COINr.

    NaN for a column that is flat or has fewer than three values. Joanes & Gill, The Statistician 47 (1998).
    """
    n, gaps = _gaps(values)
    second, third = (gaps**2).sum(axis=0), (gaps**3).sum(axis=0)
    usable = (n >= 3) & (second > 0)
    n = np.where(usable, n, 3.0)
    raw = np.sqrt(n) * third / np.where(usable, second, 1.0) ** 1.5
    return np.where(usable, raw * np.sqrt(n * (n - 1)) / (n - 2), np.nan)


def kurtosis(values: Floats) -> Floats:
    """Sample excess kurtosis G2 = ((n+1)(n·Σd⁴/(Σd²)² − 3) + 6)(n−1)/((n−2)(n−3)) of each column.

    As in Excel and COINr; NaN for a column that is flat or has fewer than four values. Joanes & Gill,
    The Statistician 47 (1998).
    """
    n, gaps = _gaps(values)
    second, fourth = (gaps**2).sum(axis=0), (gaps**4).sum(axis=0)
    usable = (n >= 4) & (second > 0)
    n = np.where(usable, n, 4.0)
    ratio = n * fourth / np.where(usable, second, 1.0) ** 2
    return np.where(usable, ((n + 1) * (ratio - 3) + 6) * (n - 1) / ((n - 2) * (n - 3)), np.nan)


def shape(values: Floats, limits: Limits) -> Shape:
    """Skewness, kurtosis and verdict of each column; one without a shape (flat, too few values) passes."""
    skew, kurt = skewness(values), kurtosis(values)
    fails = (np.abs(skew) >= limits.skewness) & (kurt >= limits.kurtosis)
    return Shape(skew, kurt, np.where(fails, 0.0, 1.0))


def _gaps(values: Floats) -> tuple[Floats, Floats]:
    return (~np.isnan(values)).sum(axis=0).astype(float), np.nan_to_num(deviations(values))
