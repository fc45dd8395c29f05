"""Missing data: what is known of each territory, which territories know too little, and what a hole could hold.

Nothing is imputed in the published score; imputation is a scenario of the uncertainty analysis. Method: OECD/JRC,
Handbook on Constructing Composite Indicators (2008), step 3; Becker et al., COINr, JOSS 7(78), 2022 (its rules for
availability, screening and « shadow » imputation by row).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from observatory.scoring import Bools, Floats
from observatory.scoring_columns import Names, checked, checked_directions, ends, means, medians
from observatory.scoring_tree import ScoringError

CENTRES = {"mean": means, "median": medians}
SCREENS = ("data", "zeros", "data_and_zeros")


class Availability(NamedTuple):
    """Of each territory (n): cells missing, cells at 0, share of cells known, share of the known that are not 0."""

    missing: Floats
    zeros: Floats
    known: Floats
    nonzero: Floats


class Screening(NamedTuple):
    """Of each territory (n): too little data, too many zeros, and whether it stays."""

    low_data: Bools
    low_nonzero: Bools
    included: Bools


def availability(values: Floats) -> Availability:
    """How much of each row of `values` (n × m) is known; `nonzero` is NaN for a row where nothing is."""
    missing = np.isnan(values).sum(axis=1)
    zeros = (values == 0).sum(axis=1)
    seen = values.shape[1] - missing
    nonzero = np.where(seen > 0, 1.0 - zeros / np.maximum(seen, 1), np.nan)
    return Availability(missing.astype(float), zeros.astype(float), 1.0 - missing / values.shape[1], nonzero)


def availability_by_group(values: Floats, members: Bools) -> Floats:
    """Share (0–1) of the cells of each group that is known, n × k; `members` (k × m) says which columns each has."""
    return np.asarray(1.0 - np.isnan(values).astype(float) @ members.T / members.sum(axis=1))


def screen(values: Floats, by: str, known: float, nonzero: float) -> Screening:
    """Which rows stay: those whose availability reaches `known`, whose share of non-zeros reaches `nonzero`, or both.

    `by` is one of SCREENS. A row where nothing is known fails on data, never on zeros: it has none.
    """
    if by not in SCREENS:
        raise ScoringError(f"Tri inconnu : « {by} » ; sont possibles {', '.join(SCREENS)}.")
    found = availability(values)
    low_data, low_nonzero = found.known < known, found.nonzero < nonzero
    out = {"data": low_data, "zeros": low_nonzero, "data_and_zeros": low_data | low_nonzero}[by]
    return Screening(low_data, low_nonzero, ~out)


def impute(values: Floats, centre: str, groups: Sequence[str] | None = None, names: Names = None) -> Floats:
    """`values` (n × m) whose holes take the mean or median of their column, or of their group's rows in that column.

    A row whose group is empty keeps its holes, and so does a column where nothing is known in the group: there is
    nothing to take.
    """
    known, typical = checked(values, names), _centre(centre)
    labels = np.array(["·"] * len(values) if groups is None else list(groups))
    filled = known.copy()
    for label in sorted(set(labels.tolist()) - {""}):
        rows = labels == label
        filled[rows] = np.where(np.isnan(known[rows]), typical(known[rows]), known[rows])
    return filled


def impute_by_row(
    values: Floats, directions: Floats, groups: Sequence[str], centre: str, names: Names = None
) -> Floats:
    """`values` (n × m) whose holes take what the row scores elsewhere in the same group of columns.

    Each column is put on 0–1 from its worst to its best value, the hole takes the mean or median of its row's known
    scores in the group, and goes back to the column's unit: the same as leaving the hole out of a mean of min–max
    scores. A flat column says nothing to its neighbours and its holes take its only value. Nothing known in the row's
    group: the hole stays.
    """
    typical = _centre(centre)
    checked_directions(directions, checked(values, names).shape[1], names)
    worst, best = ends(values, directions)
    span = best - worst
    scores = np.where(span == 0, np.nan, (values - worst) / np.where(span == 0, 1.0, span))
    filled = values.copy()
    for group in sorted(set(groups)):
        columns = [place for place, label in enumerate(groups) if label == group]
        guess = worst[columns] + typical(scores[:, columns].T)[:, None] * span[columns]
        filled[:, columns] = np.where(np.isnan(values[:, columns]), guess, values[:, columns])
    return filled


def _centre(name: str) -> Callable[[Floats], Floats]:
    if name not in CENTRES:
        raise ScoringError(f"Imputation inconnue : « {name} » ; sont possibles {', '.join(CENTRES)}.")
    return CENTRES[name]
