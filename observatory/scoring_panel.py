"""Panels: the same territories and indicators at several times, in one block of times × territories × indicators.

Method: Becker et al., COINr, JOSS 7(78), 2022 (panel imputation, normalisation over all times at once, trends).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory.scoring import Bools, Floats
from observatory.scoring_tree import ScoringError

METHODS = ("latest", "constant", "linear")
Places = NDArray[np.intp]


class Trends(NamedTuple):
    """Of each territory and indicator (n × m): % a unit of time, share of times known, first and last time known.

    NaN where there are not two values, or no percentage (see percent_change).
    """

    change: Floats
    known: Floats
    first: Floats
    last: Floats


def impute_panel(panel: Floats, times: Floats, method: str, reach: int | None = None) -> Floats:
    """`panel` (t × n × m, at increasing `times`) whose holes take what the same series holds at other times.

    « latest »: the last value known, no further back than `reach` times. « constant »: the same however far, and the
    first value known before it. « linear »: between the values on either side, the nearest beyond them. A series
    where nothing is known keeps its holes.
    """
    if method not in METHODS:
        raise ScoringError(f"Imputation inconnue : « {method} » ; sont possibles {', '.join(METHODS)}.")
    _check(panel, times)
    before, after = _known_before(~np.isnan(panel)), _known_after(~np.isnan(panel))
    here = np.arange(len(times))[:, None, None]
    if method == "latest":
        oldest = 0 if reach is None else here - reach
        return np.where((before >= 0) & (before >= oldest), _taken(panel, before), np.nan)
    start = np.where(before >= 0, before, np.minimum(after, len(times) - 1))
    if method == "constant":
        return _taken(panel, start)
    end = np.where(after < len(times), after, start)
    gap = times[end] - times[start]
    share = (times[here] - times[start]) / np.where(gap == 0, 1.0, gap)
    between = _taken(panel, start) + (_taken(panel, end) - _taken(panel, start)) * np.where(gap == 0, 0.0, share)
    return np.where(np.isnan(panel), between, panel)


def normalise_panel(panel: Floats, normalise: Callable[[Floats], Floats]) -> Floats:
    """`panel` (t × n × m) normalised over all times at once, so that a score means the same at each of them."""
    return normalise(panel.reshape(-1, panel.shape[-1])).reshape(panel.shape)


def percent_change(panel: Floats, times: Floats) -> Trends:
    """Trend of each series of `panel` (t × n × m): slope of its least squares line, in % of the line's start.

    Positive is a rise, whether or not more is better. Two values make the line; a series that does not move is 0;
    there is no percentage of a line that starts at 0, or on the other side of 0 than a value of the series (a start
    of -0.1 fitted to a rise from 0 to 9 would read as a fall of thousands of percent).
    """
    _check(panel, times)
    seen = ~np.isnan(panel)
    count = seen.sum(axis=0)
    enough = count > 1
    clock = np.where(seen, times[:, None, None], 0.0)
    middle, level = clock.sum(axis=0) / np.maximum(count, 1), _total(panel) / np.maximum(count, 1)
    gaps = np.where(seen, clock - middle, 0.0)
    slope = (gaps * np.nan_to_num(panel - level)).sum(axis=0) / np.where(enough, (gaps**2).sum(axis=0), 1.0)
    first, last = _known_after(seen)[0], _known_before(seen)[-1]
    opening = times[np.minimum(first, len(times) - 1)]
    start = level + slope * (opening - middle)
    still = np.fmax.reduce(panel, axis=0) == np.fmin.reduce(panel, axis=0)
    based = (start != 0) & (np.nan_to_num(panel) * np.sign(start) >= 0).all(axis=0)
    change = np.where(still, 0.0, np.where(based, slope * 100 / np.where(based, start, 1.0), np.nan))
    known = np.where(enough, change, np.nan), count / len(times)
    return Trends(*known, np.where(enough, opening, np.nan), np.where(enough, times[last], np.nan))


def _check(panel: Floats, times: Floats) -> None:
    if panel.ndim != 3 or times.shape != panel.shape[:1] or (np.diff(times) <= 0).any():
        raise ScoringError("Il faut un tableau par date, et des dates qui se suivent.")
    if np.isinf(panel).any():
        raise ScoringError("Une série a une valeur infinie.")


def _known_before(seen: Bools) -> Places:
    """Place of the last time known up to each cell, -1 before the first."""
    here = np.arange(len(seen))[:, None, None]
    return np.asarray(np.maximum.accumulate(np.where(seen, here, -1), axis=0))


def _known_after(seen: Bools) -> Places:
    """Place of the next time known from each cell on, the number of times after the last."""
    here = np.arange(len(seen))[:, None, None]
    return np.asarray(np.minimum.accumulate(np.where(seen, here, len(seen))[::-1], axis=0)[::-1])


def _taken(panel: Floats, places: Places) -> Floats:
    return np.asarray(np.take_along_axis(panel, np.maximum(places, 0), axis=0))


def _total(panel: Floats) -> Floats:
    return np.asarray(np.where(np.isnan(panel), 0.0, panel).sum(axis=0))
