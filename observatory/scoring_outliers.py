"""Outliers: how lopsided a column is, and the two treatments of the JRC's chain, winsorisation then a logarithm.

The default method treats nothing: fixed goalposts already bound what one value can do. Method: OECD/JRC, Handbook on
Constructing Composite Indicators (2008), step 4; Becker et al., COINr, JOSS 7(78), 2022: a column needs treatment when
|skewness| ≥ 2 and kurtosis ≥ 3.5, at most five of its points are winsorised, a logarithm replaces that if it fails.
"""

from typing import NamedTuple

import numpy as np

from observatory.scoring import Bools, Floats
from observatory.scoring_columns import Names, checked
from observatory.scoring_shape import Limits, Shape, shape, skewness
from observatory.scoring_transforms import TRANSFORMS
from observatory.scoring_tree import ScoringError


class Winsorised(NamedTuple):
    """A column (n) whose outermost points took the value of the next, and which ones did at either end."""

    values: Floats
    high: Bools
    low: Bools

    @property
    def moved(self) -> int:
        """Number of points brought in."""
        return int(self.high.sum() + self.low.sum())


class Treatment(NamedTuple):
    """A treated matrix, the mark of each cell (« », winhi, winlo, a transform or both), and each column's history.

    `winsorised` (m) counts the points brought in, NaN where that was not tried; `shapes` are those before treatment,
    after winsorisation and after the transform.
    """

    values: Floats
    points: list[list[str]]
    winsorised: Floats
    shapes: tuple[Shape, Shape, Shape]


def winsorise(column: Floats, limits: Limits, *, force: bool = False) -> Winsorised:
    """Bring in the outermost points of `column` (n), on the side of its skewness, until it passes or none may move.

    Tied points move together, so `limits.points` may be exceeded by a tie, as in COINr. `force` goes on to that number
    whatever the shape. A column never becomes flat: its last two distinct values stay.
    """
    found = Winsorised(column.copy(), np.zeros(len(column), np.bool_), np.zeros(len(column), np.bool_))
    while found.moved < limits.points:
        seen = found.values[~np.isnan(found.values)]
        if np.unique(seen).size < 3 or (not force and bool(shape(seen[:, None], limits).passes[0])):
            return found
        found = _brought_in(found, seen)
    return found


def _brought_in(found: Winsorised, seen: Floats) -> Winsorised:
    values = found.values
    if skewness(seen[:, None])[0] >= 0:
        high = values == seen.max()
        return Winsorised(np.where(high, seen[seen < seen.max()].max(), values), high, found.low)
    low = values == seen.min()
    return Winsorised(np.where(low, seen[seen > seen.min()].min(), values), found.high, low)


def treat(
    values: Floats,
    names: Names = None,
    limits: Limits | None = None,
    transform: str = "log_ct",
    *,
    combine: bool = False,
) -> Treatment:
    """Winsorise each column of `values` (n × m) that fails, then `transform` it if it still does.

    The transform (see TRANSFORMS) starts again from the original column, or with `combine` from the winsorised one.
    Raises ScoringError on an infinite value, an unknown transform, or a column that the transform cannot take.
    """
    if transform not in TRANSFORMS:
        raise ScoringError(f"Transformation inconnue : « {transform} » ; sont possibles {', '.join(TRANSFORMS)}.")
    limits = limits or Limits()
    treated = checked(values, names).copy()
    marks = [[""] * values.shape[1] for _ in values]
    first = shape(values, limits)
    counts, second, third = np.full(values.shape[1], np.nan), _nowhere(values), _nowhere(values)
    for place in np.flatnonzero(first.passes == 0).tolist():
        brought = winsorise(values[:, place], limits)
        treated[:, place], counts[place] = brought.values, brought.moved
        _note(second, place, brought.values, limits)
        if not second.passes[place]:
            start = brought.values if combine else values[:, place]
            name = None if names is None else [names[place]]
            treated[:, place] = TRANSFORMS[transform](start[:, None], name)[:, 0]
            _note(third, place, treated[:, place], limits)
        transformed = not np.isnan(third.passes[place])
        _mark(marks, place, brought if combine or not transformed else None, transform if transformed else "")
    return Treatment(treated, marks, counts, (first, second, third))


def _nowhere(values: Floats) -> Shape:
    return Shape(*(np.full(values.shape[1], np.nan) for _ in range(3)))


def _note(record: Shape, place: int, column: Floats, limits: Limits) -> None:
    for kept, found in zip(record, shape(column[:, None], limits), strict=True):
        kept[place] = found[0]


def _mark(marks: list[list[str]], place: int, brought: Winsorised | None, transform: str) -> None:
    for row, cells in enumerate(marks):
        side = "" if brought is None else "winhi" * bool(brought.high[row]) or "winlo" * bool(brought.low[row])
        cells[place] = "+".join(filter(None, [side, transform]))
