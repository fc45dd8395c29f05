"""Normalisation: every indicator on one scale, higher always better, so that they can be averaged.

Values are n territories × m indicators, missing cells stay missing, `directions` holds 1 where more is better and -1
where less is. Those relative to the sample (all but goalposts and levels) take the ends of what they are given: the
same value scores otherwise among other territories. Formulas: OECD/JRC, Handbook on Constructing Composite Indicators
(2008), step 5; Becker et al., COINr, JOSS 7(78), 2022.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from observatory.scoring import Floats, levels
from observatory.scoring_columns import Names, checked, checked_directions, deviations, ends, extent, refuse
from observatory.scoring_tree import ScoringError

PERCENT = (0.0, 100.0)
# Where everybody is alike, nobody is ahead nor behind: the middle of the scale, as ties share the middle of ranks.
NEUTRAL = 50.0
# A standard score z is published as 50 + 10 z (McCall's T-score), which keeps five deviations on either side.
T_MEAN, T_DEVIATION = 50.0, 10.0

Ties = Literal["min", "max", "average"]
Normalisation = Callable[[Floats, Floats, Floats, Floats], Floats]


def goalposts(
    values: Floats,
    low: Floats,
    high: Floats,
    names: Names = None,
    *,
    clip: bool = True,
) -> Floats:
    """(x − low) ÷ (high − low) × 100, clipped to 0–100 unless told; `low` and `high` hold one value a column.

    Less is better where `low` > `high`: never a change of sign. Raises ScoringError when two goalposts are equal,
    missing or infinite.
    """
    wrong = ~(np.isfinite(low) & np.isfinite(high)) | (low == high)
    refuse(wrong, names, "doit avoir deux bornes différentes et finies.")
    share = (checked(values, names) - low) / (high - low)
    return (np.clip(share, 0.0, 1.0) if clip else share) * 100.0


def minmax(
    values: Floats, directions: Floats, names: Names = None, *, interval: tuple[float, float] = PERCENT
) -> Floats:
    """(x − worst) ÷ (best − worst) put on `interval`; with (0, 1), one minus the distance to the best.

    Raises ScoringError on a flat column, which has no range; a column where nothing is known stays missing.
    """
    worst, best = _spread(values, directions, names)
    return (values - worst) / (best - worst) * (interval[1] - interval[0]) + interval[0]


def zscore(
    values: Floats, directions: Floats, names: Names = None, *, mean: float = 0.0, deviation: float = 1.0
) -> Floats:
    """(x − column's mean) ÷ its sample standard deviation (n − 1), reversed where less is better, rescaled.

    Raises ScoringError on a flat column, which has no deviation.
    """
    _spread(values, directions, names)
    gaps = deviations(values)
    count = (~np.isnan(gaps)).sum(axis=0)
    spread = np.sqrt((np.nan_to_num(gaps) ** 2).sum(axis=0) / np.maximum(count - 1, 1))
    return directions * gaps / np.where(spread > 0, spread, 1.0) * deviation + mean


def ranks(values: Floats, directions: Floats, ties: Ties = "average") -> Floats:
    """Rank of each value in its column, 1 the worst; equal values share the « min », « max » or « average » rank."""
    found = np.full(values.shape, np.nan)
    for place, direction in enumerate(checked_directions(directions, values.shape[1], None)):
        seen = ~np.isnan(values[:, place])
        column = values[seen, place] * direction
        ordered = np.sort(column)
        first = np.searchsorted(ordered, column, side="left") + 1.0
        last = np.searchsorted(ordered, column, side="right")
        found[seen, place] = {"min": first, "max": last, "average": (first + last) / 2}[ties]
    return found


def borda(values: Floats, directions: Floats, ties: Ties = "average") -> Floats:
    """Number of territories that each value beats in its column (rank − 1), ties counted by half on average."""
    return ranks(values, directions, ties) - 1


def percentile_rank(values: Floats, directions: Floats, names: Names = None, *, ties: Ties = "average") -> Floats:
    """Share (0–1) of the others that each value beats, (rank − 1) ÷ (n − 1).

    Raises ScoringError on a column with a single value, which has no other.
    """
    count = (~np.isnan(values)).sum(axis=0)
    refuse(count == 1, names, "n’a qu’une valeur : elle n’a pas de rang parmi d’autres.")
    return np.asarray(borda(values, directions, ties) / np.maximum(count - 1, 1))


def distance_to_reference(
    values: Floats, directions: Floats, references: Floats, names: Names = None, *, capped: bool = False
) -> Floats:
    """1 − (reference − x) ÷ (reference − worst): 0 at the worst value, 1 at the reference, above it unless `capped`.

    `references` (m) are those of a territory (a row of the values) or targets. Raises ScoringError where a reference
    is missing, or no better than the worst value: the distance would be infinite or reversed.
    """
    checked_directions(directions, checked(values, names).shape[1], names)
    worst = ends(values, directions)[0]
    refuse(~np.isfinite(references), names, "n’a pas de référence.")
    refuse((references - worst) * directions <= 0, names, "a une référence qui n’est pas meilleure que le pire.")
    share = 1 - (references - values) / (references - worst)
    return np.minimum(share, 1.0) if capped else share


def fraction_of_best(values: Floats, directions: Floats, names: Names = None) -> Floats:
    """x ÷ best where more is better, best ÷ x where less is: 1 at the best value.

    Raises ScoringError where a ratio means nothing: a negative value, a highest value of 0, or a 0 where less is
    better.
    """
    checked_directions(directions, checked(values, names).shape[1], names)
    low, high = extent(values)
    refuse((low < 0) | (high == 0), names, "a des valeurs négatives ou toutes nulles : leur rapport ne dit rien.")
    refuse((low == 0) & (directions < 0), names, "vaut 0 quelque part : rien n’est une fraction de zéro.")
    less = np.where((values == 0) | (directions > 0), 1.0, values)
    return np.where(directions > 0, values / np.where(high > 0, high, 1.0), low / less)


def level_scores(values: Floats, thresholds: Sequence[Sequence[float]], names: Names = None) -> Floats:
    """0 below the first threshold, 100 from the last on, equal steps between; `thresholds` holds a list a column.

    Thresholds that decrease belong to an indicator where less is better. Raises ScoringError when they do neither.
    """
    wrong = np.array([not _steady(one) for one in thresholds])
    refuse(wrong, names, "a des seuils qui ne vont ni en montant ni en descendant.")
    columns = zip(checked(values, names).T, thresholds, strict=True)
    return np.column_stack([(levels(column, list(one)) - 1) * 100 / len(one) for column, one in columns])


def normalise_by(  # noqa: PLR0913 (whom to name in an error comes last)
    name: str, values: Floats, directions: Floats, low: Floats, high: Floats, names: Names = None
) -> Floats:
    """Scores from 0 to 100, higher better, by one of NORMALISATIONS; missing cells stay missing, and no others.

    `low` and `high` are the indicators' goalposts, which only « goalposts » reads; they agree with `directions`.
    A column where all known values are equal (one territory, or all alike) says nothing of who is ahead: relative
    normalisations give NEUTRAL. Raises ScoringError on an unknown name, an infinite value, a direction that is not
    ±1, goalposts that are equal or contradict their direction.
    """
    if name not in NORMALISATIONS:
        raise ScoringError(f"Normalisation inconnue : « {name} » ; sont possibles {', '.join(NORMALISATIONS)}.")
    checked_directions(directions, checked(values, names).shape[1], names)
    if name == "goalposts":
        refuse((high - low) * directions < 0, names, "a des bornes qui contredisent son sens.")
        return goalposts(values, low, high, names)
    return NORMALISATIONS[name](values, directions, low, high)


def _spread(values: Floats, directions: Floats, names: Names) -> tuple[Floats, Floats]:
    checked_directions(directions, checked(values, names).shape[1], names)
    worst, best = ends(values, directions)
    refuse(worst == best, names, "a partout la même valeur : elle ne départage personne.")
    return worst, best


def _steady(thresholds: Sequence[float]) -> bool:
    steps = np.diff(thresholds)
    return len(thresholds) > 0 and bool((steps > 0).all() or (steps < 0).all())


def _relative(function: Callable[[Floats, Floats], Floats]) -> Normalisation:
    """The function as NORMALISATIONS have it, over the columns where somebody differs; NEUTRAL in the others."""

    def scores(values: Floats, directions: Floats, low: Floats, high: Floats) -> Floats:
        lowest, highest = extent(values)
        told = lowest < highest
        found = np.where(np.isnan(values), np.nan, NEUTRAL)
        found[:, told] = np.clip(function(values[:, told], directions[told]), *PERCENT)
        return found

    return scores


def _t_scores(values: Floats, directions: Floats) -> Floats:
    return zscore(values, directions, mean=T_MEAN, deviation=T_DEVIATION)


def _middle_ranks(values: Floats, directions: Floats) -> Floats:
    return np.asarray((ranks(values, directions) - 0.5) * 100 / (~np.isnan(values)).sum(axis=0))


def _beaten(values: Floats, directions: Floats) -> Floats:
    return percentile_rank(values, directions) * 100


# Name → scores on 0–100 of (values, directions, goalposts low, goalposts high). « rank » is the middle of each rank's
# slice, (rank − ½) ÷ n, never 0 nor 100 (Hazen); « percentile_rank » and « borda », share and number of the others
# beaten, are one scale once both go from 0 to 100: draw at most one of the two in an uncertainty analysis.
NORMALISATIONS: dict[str, Normalisation] = {
    "goalposts": lambda values, directions, low, high: goalposts(values, low, high),
    "minmax": _relative(minmax),
    "zscore": _relative(_t_scores),
    "rank": _relative(_middle_ranks),
    "percentile_rank": _relative(_beaten),
    "borda": _relative(_beaten),
}
