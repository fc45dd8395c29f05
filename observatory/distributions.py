"""How values are spread: bars of equal width between round numbers, and round ticks for an axis."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

# What people read as round: steps of an axis, times a power of ten.
ROUND = (1.0, 2.0, 5.0, 10.0)
FEWEST_BARS, MOST_BARS = 6, 24


class Bar(NamedTuple):
    """The values from `low` (included) to `high` (excluded, but in the last bar)."""

    low: float
    high: float
    held: int


def step(width: float, most: int) -> float:
    """The smallest round step that covers `width` in at most `most` of them; 1.0 when there is nothing to cover."""
    if width <= 0:
        return 1.0
    raw = width / most
    power = 10.0 ** math.floor(math.log10(raw))
    return next(r * power for r in (*ROUND, 20.0) if r * power >= raw * (1 - 1e-9))


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`, evenly spaced, at least two."""
    size = step(high - low, most)
    first = math.floor(low / size + 1e-9)
    last = max(math.ceil(high / size - 1e-9), first + 1)
    return [round(n * size, 10) for n in range(first, last + 1)]


def bars(values: Sequence[float], whole: bool = False) -> list[Bar]:
    """The values counted in bars of one round width, empty bars included; none without values.

    `whole`: they are counts of things, so that no bar is narrower than one. Few values have few bars.
    """
    if not values:
        return []
    low, high = min(values), max(values)
    size = step(high - low, min(MOST_BARS, max(FEWEST_BARS, 2 * math.isqrt(len(values)))))
    if whole:
        size = max(1.0, math.ceil(size))
    first = math.floor(low / size + 1e-9)
    # A count of n things has its own bar; the top of a share (100 %) belongs to the last one.
    number = max(1, math.floor(high / size - first + 1e-9) + 1 if whole else math.ceil(high / size - first - 1e-9))
    counts = [0] * number
    for value in values:
        counts[min(number - 1, max(0, math.floor(value / size - first + 1e-9)))] += 1
    edges = [round((first + n) * size, 10) for n in range(number + 1)]
    return [Bar(edges[n], edges[n + 1], count) for n, count in enumerate(counts)]


def crowd(values: Sequence[float]) -> Bar | None:
    """The value that more than half of them have exactly, when others differ; None without."""
    value, held = Counter(values).most_common(1)[0] if values else (0.0, 0)
    return Bar(value, value, held) if 2 * held > len(values) > held else None


def bar_of(value: float, found: Sequence[Bar]) -> int | None:
    """The number of the bar that holds the value, None when it is outside all of them."""
    if not found or not found[0].low <= value <= found[-1].high:
        return None
    return next((n for n, bar in enumerate(found) if value < bar.high), len(found) - 1)


def position(value: float, low: float, high: float) -> float:
    """Where a value is between the ends of an axis, 0 to 1; values outside are brought to the nearest end."""
    return min(1.0, max(0.0, (value - low) / ((high - low) or 1.0)))
