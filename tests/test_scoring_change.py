"""Parts sum to the change, whoever changes nothing gets nothing, and equals are treated as equals."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory.scoring import Floats
from observatory.scoring_change import CAUSES, shapley, split

SCORES = st.floats(0, 100)
GAMES = st.integers(1, 5).flatmap(lambda k: arrays(np.float64, (2**k, 3), elements=SCORES))


@given(GAMES)
def test_parts_sum_to_the_change(values: Floats) -> None:
    assert np.abs(shapley(values).sum(axis=0) - (values[-1] - values[0])).max() < 1e-9


@given(GAMES, st.data())
def test_a_factor_that_changes_nothing_gets_exactly_nothing(values: Floats, data: st.DataObject) -> None:
    count = len(values).bit_length() - 1
    factor = data.draw(st.integers(0, count - 1))
    blind = values[np.arange(len(values)) & ~(1 << factor)]
    assert (shapley(blind)[factor] == 0).all()


@given(GAMES.filter(lambda values: len(values) >= 4))
def test_symmetric_factors_get_equal_parts(values: Floats) -> None:
    swapped = [(s & ~3) | ((s & 1) << 1) | (s >> 1 & 1) for s in range(len(values))]
    parts = shapley(values + values[swapped])
    assert np.abs(parts[0] - parts[1]).max() < 1e-9


@settings(max_examples=30)
@given(GAMES.filter(lambda values: len(values) <= 16))
def test_a_part_is_the_mean_step_over_every_order(values: Floats) -> None:
    count = len(values).bit_length() - 1
    parts, orders = np.zeros((count, 3)), list(permutations(range(count)))
    for order in orders:
        done = 0
        for factor in order:
            parts[factor] += values[done | 1 << factor] - values[done]
            done |= 1 << factor
    assert shapley(values) == pytest.approx(parts / len(orders), abs=1e-9)


def test_two_causes_that_act_only_together_share_equally() -> None:
    together = np.array([[0.0], [0.0], [0.0], [6.0]])
    assert shapley(together).tolist() == [[3.0], [3.0]]


def test_the_six_causes_are_named_in_the_order_of_their_bits() -> None:
    places = np.arange(64)
    values = sum((places >> bit & 1) * 10.0**bit for bit in range(6)).reshape(64, 1)
    assert {cause: parts.tolist() for cause, parts in split(values).items()} == {
        cause: [pytest.approx(10.0**bit)] for bit, cause in enumerate(CAUSES)
    }


def test_what_cannot_be_computed_on_the_way_does_not_prevent_the_split() -> None:
    values = np.full((64, 1), np.nan)
    values[0], values[-1] = 40.0, 46.0
    parts = split(values)
    assert sum(part[0] for part in parts.values()) == pytest.approx(6.0)
    assert {round(part[0], 9) for part in parts.values()} == {1.0}


def test_a_score_that_cannot_be_computed_on_the_way_is_that_of_the_start() -> None:
    """Own data alone give 43; of every other coalition but the last, nothing is known: it stays at 40."""
    values = np.full((64, 1), np.nan)
    values[0], values[1], values[-1] = 40.0, 43.0, 45.0
    parts = split(values)
    # Own data are first of six in one order of six (3 points), and last in another (5 points).
    assert parts["own_data"] == pytest.approx(3 / 6 + 5 / 6)
    for cause in CAUSES[1:]:
        # Right after own data in 4! orders of 6!, where 43 falls back to 40; and last in one order of six.
        assert parts[cause] == pytest.approx(-3 / 30 + 5 / 6)


@pytest.mark.parametrize("values", [np.zeros((3, 1)), np.zeros((0, 1)), np.array([[0.0], [np.inf]])])
def test_what_is_not_a_game_is_refused(values: Floats) -> None:
    with pytest.raises(ValueError):
        shapley(values)


def test_other_than_six_causes_are_refused() -> None:
    with pytest.raises(ValueError, match="own_data, method, peers, perimeter, correction, coverage"):
        split(np.zeros((32, 1)))
