"""Denomination: a count becomes a ratio, so that a large territory and a small one compare.

Method: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 2; Becker et al., COINr, JOSS 7(78), 2022.
"""

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_columns import Names, checked, refuse


def denominate(
    values: Floats, denominators: Floats, scale: Floats, names: Names = None, *, strict: bool = False
) -> Floats:
    """value ÷ denominator × scale, cell by cell (n × m; `scale` holds m factors, such as 1,000 inhabitants).

    A column that is not denominated has 1 for denominator and scale. A cell whose denominator is missing or zero has
    no ratio: it is missing, neither 0 nor infinite. Raises ScoringError on a negative or infinite denominator, and
    when `strict` on a known value that such a cell loses.
    """
    checked(values, names)
    refuse(~np.isfinite(scale) | (scale == 0), names, "a un facteur d’échelle nul ou infini.")
    refuse(np.isinf(denominators).any(axis=0), names, "a un dénominateur infini.")
    refuse((denominators < 0).any(axis=0), names, "a un dénominateur négatif.")
    usable = denominators > 0
    if strict:
        refuse((~usable & ~np.isnan(values)).any(axis=0), names, "a une valeur dont le dénominateur manque ou est nul.")
    return np.where(usable, values / np.where(usable, denominators, 1.0) * scale, np.nan)
