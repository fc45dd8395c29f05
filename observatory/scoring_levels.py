"""Levels of maturity held down by the weakest part: an average must not hide what a territory lacks."""

import numpy as np
from numpy.typing import NDArray

from observatory.scoring import Floats, levels, published


def gated(level: Floats, parts: Floats, thresholds: list[float], below: int) -> tuple[Floats, NDArray[np.intp]]:
    """Level (…) of each whole, at most `below` levels above that of its weakest part; and that part, −1 if not held.

    `parts` (… × d) are the scores (0–100) of the parts on the same `thresholds`; NaN does not count. Of equally weak
    parts (to six decimals), the first is named. A NaN level stays.
    """
    rounded = np.where(np.isnan(parts), np.inf, published(parts))
    weakest = rounded.min(axis=-1, initial=np.inf)
    ceiling = levels(weakest, thresholds) + below
    held = level > ceiling
    return np.where(held, ceiling, level), np.where(held, rounded.argmin(axis=-1), -1)
