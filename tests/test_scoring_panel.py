"""Panels: what must hold whatever the series."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory.scoring import Floats
from observatory.scoring_normalise import minmax
from observatory.scoring_panel import METHODS, impute_panel, normalise_panel, percent_change

CELLS = st.one_of(st.just(float("nan")), st.integers(-50, 50).map(float))
PANELS = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 3)), elements=CELLS)


def years(panel: Floats, random: Any) -> Floats:
    """Increasing times that are not regular."""
    return np.cumsum([random.randint(1, 4) for _ in panel]) + 2015.0


@pytest.mark.parametrize("method", METHODS)
@given(PANELS, st.randoms())
def test_what_is_known_stays_and_a_hole_lies_within_its_series(method: str, panel: Floats, random: Any) -> None:
    times = years(panel, random)
    filled = impute_panel(panel, times, method)
    known = ~np.isnan(panel)
    np.testing.assert_array_equal(filled[known], panel[known])
    for unit, column in np.ndindex(panel.shape[1:]):
        series, found = panel[:, unit, column], filled[:, unit, column]
        if not known[:, unit, column].any():
            assert np.isnan(found).all()
        else:
            low, high = np.nanmin(series), np.nanmax(series)
            assert not ((found < low - 1e-9) | (found > high + 1e-9)).any()
            assert method == "latest" or not np.isnan(found).any()
    np.testing.assert_array_equal(impute_panel(filled, times, method), filled)


@given(PANELS, st.randoms())
def test_a_line_is_that_of_numpy(panel: Floats, random: Any) -> None:
    times = years(panel, random)
    filled = impute_panel(panel, times, "linear")
    for unit, column in np.ndindex(panel.shape[1:]):
        series = panel[:, unit, column]
        if (known := ~np.isnan(series)).any():
            np.testing.assert_allclose(
                filled[:, unit, column], np.interp(times, times[known], series[known]), atol=1e-9
            )


@given(PANELS, st.integers(0, 6), st.randoms())
def test_a_longer_reach_only_fills_more(panel: Floats, reach: int, random: Any) -> None:
    times = years(panel, random)
    near, far = impute_panel(panel, times, "latest", reach), impute_panel(panel, times, "latest", reach + 1)
    np.testing.assert_array_equal(far[~np.isnan(near)], near[~np.isnan(near)])
    np.testing.assert_array_equal(impute_panel(panel, times, "latest", 0), panel)


def test_normalised_together_a_score_means_the_same_at_every_time() -> None:
    panel = np.array([[[0.0], [5.0]], [[5.0], [10.0]]])
    scores = normalise_panel(panel, lambda values: minmax(values, np.ones(1)))
    assert scores.tolist() == [[[0], [50]], [[50], [100]]]


@given(PANELS, st.randoms(), st.integers(1, 9))
def test_trends_have_no_unit_and_are_those_of_numpy(panel: Floats, random: Any, scale: int) -> None:
    times = years(panel, random)
    found = percent_change(panel, times)
    np.testing.assert_allclose(percent_change(panel * scale, times).change, found.change, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(found.known, (~np.isnan(panel)).mean(axis=0))
    for unit, column in np.ndindex(panel.shape[1:]):
        known = ~np.isnan(panel[:, unit, column])
        x, y = times[known], panel[known, unit, column]
        if known.sum() < 2:
            assert np.isnan(found.change[unit, column]) and np.isnan(found.first[unit, column])
            continue
        assert (found.first[unit, column], found.last[unit, column]) == (x[0], x[-1])
        if not np.isnan(found.change[unit, column]) and np.ptp(y):
            slope, start = np.polyfit(x - x[0], y, 1)
            assert found.change[unit, column] == pytest.approx(slope / start * 100, rel=1e-6, abs=1e-6)
            assert (y * start >= 0).all()
