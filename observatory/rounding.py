"""Parts rounded so that they add up as they are printed, to the total as it is printed."""

import math
from collections.abc import Sequence


def adding_up(parts: Sequence[float], total: float, decimals: int = 2) -> list[float]:
    """The parts rounded to that many decimals, whose sum is the rounded `total`: the largest remainders go up.

    A part of 0 stays 0, and none moves by a full unit of its last decimal when `total` is their sum (Hamilton's
    apportionment). With nothing but zeros, they are given back, whatever the total.
    """
    unit = 10**decimals
    floors = [math.floor(part * unit) for part in parts]
    moving = [k for k, part in enumerate(parts) if part]
    if moving:
        missing = round(float(f"{total:.{decimals}f}") * unit) - sum(floors)
        each, more = divmod(missing, len(moving))
        by_remainder = sorted(moving, key=lambda k: floors[k] - parts[k] * unit)
        for position, k in enumerate(by_remainder):
            floors[k] += each + (position < more)
    return [floor / unit for floor in floors]
