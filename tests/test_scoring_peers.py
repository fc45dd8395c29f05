"""Nearest neighbours: exact, whatever the order, and not moved by what is extreme."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.scoring_peers import DECIMALS, EXTREME, WEIGHT_OF_SIZE, likeness, nearest, standardised


def by_hand(points: Any, k: int) -> tuple[Any, Any]:
    """Every distance, sorted."""
    apart = np.round(np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)), DECIMALS)
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1, kind="stable")[:, : min(k, len(points) - 1)]
    return order, np.take_along_axis(apart, order, axis=1)


@settings(max_examples=60)
@given(st.integers(1, 400), st.integers(1, 4), st.integers(0, 2**32 - 1), st.booleans())
def test_neighbours_are_those_of_every_distance(n: int, f: int, seed: int, coarse: bool) -> None:
    # Whole numbers make many ties, which the order of the rows decides.
    points = np.random.default_rng(seed).normal(0, 3, (n, f))
    points = np.round(points) if coarse else points
    place, distance = by_hand(points, 10)
    found = nearest(points)
    np.testing.assert_array_equal(found.distance, distance)
    np.testing.assert_array_equal(found.place, place)


def test_a_thousand_equal_rows_take_the_first() -> None:
    found = nearest(np.zeros((1000, 2)), k=3)
    assert found.place[500].tolist() == [0, 1, 2] and found.place[1].tolist() == [0, 2, 3]
    assert (found.distance == 0).all()


@pytest.mark.parametrize(("n", "k"), [(1, 0), (2, 1), (11, 10), (40, 10)])
def test_there_are_never_more_peers_than_others(n: int, k: int) -> None:
    assert nearest(np.arange(float(n))[:, None]).place.shape == (n, k)


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50), st.floats(-100, 100))
def test_units_change_nothing(seed: int, factor: float, shift: float) -> None:
    features = np.random.default_rng(seed).normal(0, 1, (30, 3))
    np.testing.assert_allclose(standardised(features * factor + shift), standardised(features), atol=1e-6)


def test_a_column_without_spread_says_nothing() -> None:
    features = np.column_stack([np.arange(9.0), np.r_[np.full(8, 5.0), 70.0]])
    assert (standardised(features)[:, 1] == 0).all()


def test_size_counts_most_and_extremes_stop() -> None:
    features = np.column_stack([np.arange(100.0), np.arange(100.0)])
    features[99] = 10_000
    plain, points = standardised(features), likeness(features)
    assert (points[:, 0] == WEIGHT_OF_SIZE * plain[:, 0]).all()
    assert points[99, 1] == EXTREME and points[99, 0] > 100
