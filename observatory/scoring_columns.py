"""What every step of the engine asks of a matrix's columns: that they can be used, where they end, whom to name."""

from collections.abc import Sequence

import numpy as np

from observatory.scoring import Bools, Floats
from observatory.scoring_tree import ScoringError

Names = Sequence[str] | None


def refuse(wrong: Bools | np.bool_, names: Names, problem: str) -> None:
    """Raise ScoringError when a column is `wrong`: their names (or places, from 1), then the `problem` in French."""
    if places := np.flatnonzero(wrong).tolist():
        shown = ", ".join(names[place] if names else f"colonne {place + 1}" for place in places)
        raise ScoringError(f"« {shown} » {problem}")


def checked(values: Floats, names: Names) -> Floats:
    """`values` (n × m) if every cell is a finite number or missing. Raises ScoringError otherwise."""
    if values.ndim != 2 or (names is not None and len(names) != values.shape[1]):
        raise ScoringError("Il faut une ligne par territoire et une colonne par indicateur.")
    refuse(np.isinf(values).any(axis=0), names, "a une valeur infinie.")
    return values


def checked_directions(directions: Floats, columns: int, names: Names) -> Floats:
    """`directions` if it holds 1 or -1 for each of the columns. Raises ScoringError otherwise."""
    if directions.shape != (columns,):
        raise ScoringError(f"Il faut un sens (1 ou -1) pour chacun des {columns} indicateurs.")
    refuse(np.abs(directions) != 1, names, "n’a pas de sens : 1 si plus vaut mieux, -1 si moins vaut mieux.")
    return directions


def extent(values: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest value of each column (n × m gives m), missing cells aside; NaN where nothing is known."""
    return (
        np.asarray(np.fmin.reduce(values, axis=0, initial=np.nan)),
        np.asarray(np.fmax.reduce(values, axis=0, initial=np.nan)),
    )


def ends(values: Floats, directions: Floats) -> tuple[Floats, Floats]:
    """Worst and best value of each column: its lowest and highest, the other way round where less is better."""
    low, high = extent(values)
    return np.where(directions > 0, low, high), np.where(directions > 0, high, low)


def means(values: Floats) -> Floats:
    """Arithmetic mean of what is known of each column; NaN where nothing is."""
    seen = ~np.isnan(values)
    count = seen.sum(axis=0)
    return np.where(count > 0, np.where(seen, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


def medians(values: Floats) -> Floats:
    """Median of what is known of each column; NaN where nothing is."""
    known = [column[~np.isnan(column)] for column in values.T]
    return np.array([np.median(column) if column.size else np.nan for column in known])


def deviations(values: Floats) -> Floats:
    """Distance of each cell to its column's mean, in units of the longest one (-1 to 1); 0 in a column that is flat.

    What is computed from them (standard scores, skewness, kurtosis) does not depend on the unit, however small.
    """
    gaps = values - means(values)
    low, high = extent(values)
    longest = np.fmax.reduce(np.abs(gaps), axis=0, initial=0.0)
    flat = (low == high) | (longest == 0)
    return np.where(flat & ~np.isnan(values), 0.0, gaps / np.where(flat, 1.0, longest))
