"""Best and worst rank over all admissible weights: no weights go beyond what is proven, and some attain it."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory import scoring
from observatory import scoring_weight_ranks as weight_ranks_module
from observatory.scoring_weight_ranks import ADMISSIBLE, weight_ranks


def grid_ranks(scores: Any, weights: Any, steps: int, factor: float = ADMISSIBLE) -> Any:
    """Ranks under every combination of `steps` admissible weights for each child (p × n)."""
    factors = np.geomspace(1 / factor, factor, steps)
    tried = product(factors, repeat=scores.shape[1])
    return np.array([scoring.rank(scoring.weighted_mean(scores, weights * np.array(f))) for f in tried])


def random_scores(seed: int, missing: float) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    n, c = int(random.integers(1, 12)), int(random.integers(1, 5))
    # Whole tens make exact ties; published scores have six decimals.
    scores = np.round(random.uniform(0, 100, (n, c)), random.choice([-1, 6]))
    return np.where(random.random((n, c)) < missing, np.nan, scores), random.uniform(0.3, 3, c)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3]))
def test_no_admissible_weights_go_beyond_what_is_proven(seed: int, missing: float) -> None:
    scores, weights = random_scores(seed, missing)
    found = weight_ranks(scores, weights)
    tried = grid_ranks(scores, weights, steps=5 if scores.shape[1] == 4 else 9)
    seen = ~np.isnan(found.best)
    assert (found.best_bound[seen] <= tried[:, seen].min(axis=0)).all()
    assert (found.worst_bound[seen] >= tried[:, seen].max(axis=0)).all()
    assert (found.best_bound <= found.best)[seen].all() and (found.worst <= found.worst_bound)[seen].all()
    assert (seen == ~np.isnan(scores).all(axis=1)).all()


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_two_children_are_solved_by_hand(seed: int) -> None:
    # With two children only their ratio counts: ranks change where two territories are level, and nowhere else.
    random = np.random.default_rng(seed)
    scores = np.round(random.uniform(0, 100, (8, 2)), 6)
    gaps = (scores[:, None] - scores[None]).reshape(-1, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = -gaps[:, 0] / gaps[:, 1]
    inside = level[(level > 0.25) & (level < 4)]
    ends = np.sort(np.concatenate([[0.25, 4.0], inside]))
    points = np.concatenate([ends, (ends[1:] + ends[:-1]) / 2])
    tried = np.array([scoring.rank(scoring.weighted_mean(scores, np.array([1.0, p]))) for p in points])
    found = weight_ranks(scores, np.ones(2))
    assert found.proven.all()
    assert (found.best == tried.min(axis=0)).all() and (found.worst == tried.max(axis=0)).all()


def test_three_children_attain_what_a_dense_grid_finds() -> None:
    random = np.random.default_rng(7)
    scores = np.round(random.uniform(0, 100, (9, 3)), 6)
    found, tried = weight_ranks(scores, np.array([1.0, 2.0, 1.5])), grid_ranks(scores, np.array([1.0, 2.0, 1.5]), 41)
    assert found.proven.all()
    assert (found.best <= tried.min(axis=0)).all() and (found.worst >= tried.max(axis=0)).all()
    assert (found.best == tried.min(axis=0)).sum() >= 8 and (found.worst == tried.max(axis=0)).sum() >= 8


def test_weights_that_change_nothing_leave_the_rank_alone() -> None:
    scores = np.array([[90.0, 80.0], [50.0, 40.0], [50.0, 40.0], [10.0, 5.0]])
    found = weight_ranks(scores, np.array([1, 3]))
    assert found.best.tolist() == found.worst.tolist() == [1, 2, 2, 4] and found.proven.all()
    alone = weight_ranks(np.array([[np.nan, 60.0], [np.nan, np.nan]]), np.ones(2))
    assert alone.best[0] == alone.worst[0] == 1 and np.isnan([alone.best[1], alone.worst[1]]).all()


def test_the_factor_is_the_box() -> None:
    # The first territory is ahead as soon as its child weighs three times the other.
    scores = np.array([[30.0, 0.0], [0.0, 90.0]])
    assert weight_ranks(scores, np.ones(2), factor=2.0).best[0] == 1
    assert weight_ranks(scores, np.ones(2), factor=1.7).best[0] == 2
    assert weight_ranks(scores, np.ones(2), factor=1.0).best.tolist() == [2, 1]


def test_a_child_that_weighs_nothing_does_not_count() -> None:
    scores = np.array([[0.0, 60.0], [100.0, 50.0], [100.0, np.nan]])
    found = weight_ranks(scores, np.array([0.0, 1.0]))
    assert found.best[:2].tolist() == found.worst[:2].tolist() == [1, 2] and np.isnan(found.best[2])


@pytest.mark.parametrize("effort", [0, 5])
def test_a_search_cut_short_proves_less_and_says_so(effort: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    scores = np.round(random.uniform(0, 100, (40, 4)), 6)
    whole = weight_ranks(scores, np.ones(4))
    monkeypatch.setattr(weight_ranks_module, "EFFORT", effort)
    short = weight_ranks(scores, np.ones(4))
    assert whole.proven.all() and not short.proven.all()
    assert (short.best_bound <= whole.best).all() and (whole.best <= short.best).all()
    assert (short.worst_bound >= whole.worst).all() and (whole.worst >= short.worst).all()
    assert not short.proven[(short.best != whole.best) | (short.worst != whole.worst)].any()
