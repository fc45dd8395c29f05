"""Normalisations: what must hold whatever the values, their order and their unit."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory import scoring
from observatory.scoring import Floats
from observatory.scoring_normalise import (
    NORMALISATIONS,
    goalposts,
    minmax,
    normalise_by,
    percentile_rank,
    ranks,
    zscore,
)
from observatory.scoring_tree import ScoringError

NAMES = sorted(NORMALISATIONS)
RELATIVE = [name for name in NAMES if name != "goalposts"]
# Whole numbers: a change of unit keeps their ties.
CELLS = st.one_of(st.just(float("nan")), st.integers(-1000, 1000).map(float))


@st.composite
def matrices(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Values with holes, flat and empty columns, and directions."""
    values = draw(arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=CELLS))
    ways = draw(arrays(np.float64, values.shape[1], elements=st.sampled_from([-1.0, 1.0])))
    return values, ways


def posts(ways: Floats) -> tuple[Floats, Floats]:
    return -500 * ways, 500 * ways


def by(name: str, values: Floats, ways: Floats) -> Floats:
    return normalise_by(name, values, ways, *posts(ways))


@pytest.mark.parametrize("name", NAMES)
@given(matrices())
def test_a_score_where_there_is_a_value_and_only_there(name: str, given_: tuple[Floats, Floats]) -> None:
    values, ways = given_
    scores = by(name, values, ways)
    np.testing.assert_array_equal(np.isnan(scores), np.isnan(values))
    assert not ((scores < 0) | (scores > 100)).any()


@pytest.mark.parametrize("name", NAMES)
@given(matrices(), st.randoms())
def test_the_order_of_territories_is_indifferent(name: str, given_: tuple[Floats, Floats], random: Any) -> None:
    values, ways = given_
    order = list(range(len(values)))
    random.shuffle(order)
    np.testing.assert_allclose(by(name, values[order], ways), by(name, values, ways)[order], atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
@given(matrices())
def test_better_is_never_worse(name: str, given_: tuple[Floats, Floats]) -> None:
    values, ways = given_
    scores = by(name, values, ways)
    for column, score, way in zip(values.T, scores.T, ways, strict=True):
        order = np.argsort(column * way)
        known = score[order][~np.isnan(column[order])]
        assert (np.diff(known) >= -1e-9).all()


@pytest.mark.parametrize("name", RELATIVE)
@given(matrices(), st.integers(1, 50), st.integers(-9, 9))
def test_the_unit_is_indifferent(name: str, given_: tuple[Floats, Floats], scale: int, shift: int) -> None:
    values, ways = given_
    np.testing.assert_allclose(by(name, values * scale + shift, ways), by(name, values, ways), atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
@given(matrices())
def test_the_other_direction_is_the_other_end(name: str, given_: tuple[Floats, Floats]) -> None:
    values, ways = given_
    np.testing.assert_allclose(by(name, values, -ways), 100 - by(name, values, ways), atol=1e-9)


@pytest.mark.parametrize("name", ["minmax", "zscore", "rank", "percentile_rank"])
@given(matrices())
def test_twice_is_once(name: str, given_: tuple[Floats, Floats]) -> None:
    values, ways = given_
    once = by(name, values, ways)
    np.testing.assert_allclose(by(name, once.round(9), np.ones_like(ways)), once, atol=1e-6)


@given(matrices())
def test_goalposts_are_those_of_the_build_to_the_bit(given_: tuple[Floats, Floats]) -> None:
    values, ways = given_
    low, high = posts(ways)
    built = np.column_stack([scoring.normalise(c, a, b) for c, a, b in zip(values.T, low, high, strict=True)])
    np.testing.assert_array_equal(by("goalposts", values, ways), built)
    np.testing.assert_array_equal(goalposts(values, low, high), built)


@given(matrices())
def test_a_flat_column_is_refused_by_name_or_in_the_middle(given_: tuple[Floats, Floats]) -> None:
    values, ways = given_
    values[:, 0] = 7
    names = ["plate", *("autre" for _ in ways[1:])]
    for function in (minmax, zscore):
        with pytest.raises(ScoringError, match="plate.* a partout la même valeur"):
            function(values, ways, names)
    for name in RELATIVE:
        np.testing.assert_array_equal(by(name, values, ways)[:, 0], 50)


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1e12, 1e150])
def test_very_small_and_very_large_units_are_units_like_others(scale: float) -> None:
    values, ways = np.array([[1.0], [2.0], [4.0], [np.nan]]), np.ones(1)
    for name in RELATIVE:
        np.testing.assert_allclose(by(name, values * scale, ways), by(name, values, ways), rtol=1e-12)


def test_nothing_at_all_has_no_score_and_warns_of_nothing() -> None:
    empty, ways = np.full((3, 2), np.nan), np.array([1.0, -1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(np.isnan(by(name, empty, ways)).all() for name in NAMES)
        assert np.isnan(minmax(empty, ways)).all() and np.isnan(zscore(empty, ways)).all()
        assert np.isnan(percentile_rank(empty, ways)).all() and by("minmax", empty[:0], ways).shape == (0, 2)


@given(matrices())
def test_ranks_are_those_of_scipy(given_: tuple[Floats, Floats]) -> None:
    stats = pytest.importorskip("scipy.stats")
    values, ways = given_
    for ties in ("min", "max", "average"):
        theirs = stats.rankdata(values * ways, method=ties, axis=0, nan_policy="omit")
        np.testing.assert_array_equal(ranks(values, ways, ties), theirs)


@given(matrices())
def test_standard_scores_are_those_of_scipy(given_: tuple[Floats, Floats]) -> None:
    stats = pytest.importorskip("scipy.stats")
    for column in given_[0].T:
        if np.unique(known := column[~np.isnan(column)]).size > 1:
            found = zscore(column[:, None], np.ones(1))[~np.isnan(column), 0]
            np.testing.assert_allclose(found, stats.zscore(known, ddof=1), rtol=1e-9, atol=1e-12)
