"""Outlines in whole steps of a grid, thinned together so that neighbours still share their border, written as paths."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

Point = tuple[int, int]
Ring = list[Point]  # closed without saying its first point again
SWEEPS = 12


def rings(path: str, fine: float) -> list[Ring]:
    """The rings of an SVG path made of M, L and Z, in whole steps of a grid of `fine` a pixel."""
    found = []
    for part in path.split("M")[1:]:
        numbers = [round(float(n) * fine) for n in re.findall(r"-?[\d.]+", part)]
        found.append(closed(zip(numbers[::2], numbers[1::2], strict=True)))
    return [ring for ring in found if len(ring) > 2]


def halved(path: str) -> list[Ring]:
    """The rings of a path that `written` wrote, on a grid twice as coarse."""
    found = []
    for part in path.split("M")[1:]:
        numbers = [int(n) for n in re.findall(r"-?\d+", part)]
        ring = zip(accumulate(numbers[::2]), accumulate(numbers[1::2]), strict=True)
        found.append(closed((round(x / 2), round(y / 2)) for x, y in ring))
    return [ring for ring in found if len(ring) > 2]


def box(path: str) -> tuple[int, int, int, int]:
    """The left, top, right and bottom of a path that `written` wrote."""
    points: list[Point] = []
    for part in path.split("M")[1:]:
        numbers = [int(n) for n in re.findall(r"-?\d+", part)]
        points += zip(accumulate(numbers[::2]), accumulate(numbers[1::2]), strict=True)
    return min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points), max(y for _, y in points)


def closed(points: Iterable[Point]) -> Ring:
    """A ring of those points without any that repeats the one before; the last may repeat the first."""
    ring: Ring = []
    for point in points:
        if not ring or point != ring[-1]:
            ring.append(point)
    return ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring


def thinned(shapes: Mapping[str, list[Ring]], bend: float) -> dict[str, list[Ring]]:
    """Shapes without the points whose triangle with both neighbours is of `bend` square steps or less.

    A point is judged once for all the rings that pass there, and one where three borders meet is kept: neighbours
    stay together. No ring falls below four points.
    """
    drawn = {key: list(found) for key, found in shapes.items()}
    for _ in range(SWEEPS):
        gone = _superfluous([ring for found in drawn.values() for ring in found], bend)
        if not gone:
            break
        for found in drawn.values():
            for position, ring in enumerate(found):
                left = [point for point in ring if point not in gone]
                found[position] = left if len(left) > 3 else ring
    return drawn


def _superfluous(outlines: list[Ring], bend: float) -> set[Point]:
    # Points flatter than both their neighbours: no two that follow each other go in one sweep.
    beside: dict[Point, set[Point]] = {}
    small = {point for ring in outlines if len(ring) < 5 for point in ring}
    for ring in outlines:
        for before, point in pairwise([*ring, ring[0]]):
            beside.setdefault(point, set()).add(before)
            beside.setdefault(before, set()).add(point)
    flat = {
        p: (area, p)
        for p, around in beside.items()
        if len(around) == 2 and p not in small and (area := _triangle(p, *around)) <= bend
    }
    return {p for p, key in flat.items() if all(flat.get(other, (bend + 1, p)) > key for other in beside[p])}


def _triangle(p: Point, a: Point, b: Point) -> float:
    return abs((a[0] - p[0]) * (b[1] - p[1]) - (b[0] - p[0]) * (a[1] - p[1])) / 2


def written(outlines: Sequence[Ring], speck: int = 0) -> str:
    """One SVG path of the rings, without those of `speck` steps or less but the longest."""
    lengths = [sum(abs(x - u) + abs(y - v) for (u, v), (x, y) in pairwise([*r, r[0]])) for r in outlines]
    longest = max(lengths, default=0)
    return "".join(
        _ring(ring) for ring, length in zip(outlines, lengths, strict=True) if length > speck or length == longest
    )


def _ring(ring: Ring) -> str:
    steps = [(x - u, y - v) for (u, v), (x, y) in pairwise(ring)]
    moves = " ".join(f"{x} {y}" for x, y in _straightened(steps))
    return f"M{ring[0][0]} {ring[0][1]}l{moves}z".replace(" -", "-")


def _straightened(steps: list[Point]) -> Iterator[Point]:
    x, y = steps[0]
    for dx, dy in steps[1:]:
        if x * dy == y * dx and x * dx + y * dy > 0:
            x, y = x + dx, y + dy
        else:
            yield x, y
            x, y = dx, dy
    yield x, y
