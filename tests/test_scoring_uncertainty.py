"""Many variants at once: equal to one after the other, failures counted, quantiles and shares that hold together."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory import scoring_runs
from observatory.scoring import Floats, rank
from observatory.scoring_runs import WAYS, Means, Runs
from observatory.scoring_tree import ScoringError, Tree, tree
from observatory.scoring_uncertainty import (
    Replications,
    level_shares,
    plain,
    quantiles,
    rank_rows,
    rank_shift,
    replicate,
)

MEANS: list[Means] = ["arithmetic", "geometric", "ampi", "median", ("arithmetic", "geometric", "ampi", "arithmetic")]
# A leaf beside domains, and a domain inside a domain.
PARENTS = {
    "a": "d",
    "b": "d",
    "c": "e",
    "f": "e",
    "g": "e",
    "h": "i",
    "j": "k",
    "d": "k",
    "k": "i",
    "e": "i",
    "i": None,
}


def studied(seed: int, holes: float, width: int = 30, count: int = 40) -> tuple[Tree, list[Floats], Runs]:
    random = np.random.default_rng(seed)
    found = tree(PARENTS, {})
    matrices = [random.uniform(5, 100, (width, found.leaves)).round(1) for _ in range(3)]
    for matrix in matrices:
        matrix[random.uniform(size=matrix.shape) < holes] = np.nan
        matrix[np.isnan(matrix).all(axis=1), 0] = 50.0
    means = [MEANS[k] for k in random.integers(len(MEANS), size=count)]
    weights = random.uniform(0.5, 1.5, (count, len(found.names)))
    return found, matrices, Runs(random.integers(3, size=count), means, weights)


def same(ours: Replications, theirs: Replications) -> None:
    assert (ours.kept == theirs.kept).all()
    assert ours.scores.shape == theirs.scores.shape
    assert (np.abs(ours.scores - theirs.scores) <= 1e-12 * np.maximum(1, np.abs(theirs.scores))).all()
    assert (ours.ranks == theirs.ranks).all()


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05, 0.6]))
def test_many_at_once_are_the_loop(seed: int, holes: float) -> None:
    found, matrices, runs = studied(seed, holes)
    same(replicate(found, matrices.__getitem__, runs), plain(found, matrices.__getitem__, runs))


@pytest.mark.parametrize("mean", WAYS)
@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_each_mean_is_that_of_the_tree(mean: str, holes: float) -> None:
    found, matrices, runs = studied(7, holes, width=300)
    runs = runs._replace(means=[mean] * len(runs.means))
    same(replicate(found, matrices.__getitem__, runs), plain(found, matrices.__getitem__, runs))


def test_weights_of_zero_leave_a_node_unknown() -> None:
    found, (matrix, *_), runs = studied(3, 0.0)
    matrix[0, 1:] = np.nan
    weights = runs.weights.copy()
    weights[5, 0] = 0.0
    runs = Runs(np.zeros(40, dtype=np.intp), ["arithmetic"] * 40, weights)
    ours = replicate(found, [matrix].__getitem__, runs)
    assert ours.failed == 1 and not ours.kept[5] and len(ours.scores) == 39
    same(ours, plain(found, [matrix].__getitem__, runs))


@pytest.mark.parametrize("fault", ["zero", "infinite", "negative weight", "no weight", "nan weight", "nothing seen"])
def test_a_run_that_fails_is_counted_and_left_out(fault: str) -> None:
    found, matrices, runs = studied(11, 0.2)
    runs = runs._replace(means=["geometric"] * 40, matrices=np.arange(40) % 3)
    weights = runs.weights
    if fault in ("zero", "infinite"):
        matrices[1][4, 2] = 0.0 if fault == "zero" else np.inf
    elif fault == "nothing seen":
        matrices[1][4] = np.nan
    else:
        weights[:, :2] = {"negative weight": -1.0, "no weight": 0.0, "nan weight": np.nan}[fault]
        weights[np.arange(40) % 3 != 1, :2] = 1.0
    ours = replicate(found, matrices.__getitem__, runs)
    assert ours.failed == 13 and not ours.kept[1] and len(ours.scores) == len(ours.ranks) == 27
    assert not np.isnan(ours.scores).any()
    same(ours, plain(found, matrices.__getitem__, runs))


def test_when_every_run_fails_it_is_said() -> None:
    found, matrices, runs = studied(1, 0.0)
    with pytest.raises(ScoringError, match="Aucune variante"):
        replicate(found, matrices.__getitem__, runs._replace(weights=-runs.weights))


@given(st.data())
def test_ranks_of_rows_are_ranks(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(0, 6), st.integers(1, 40)))
    elements = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e9, 1e9), st.sampled_from([0.5e-6, 1.5e-6, 1e-7]))
    scores = data.draw(arrays(np.float64, shape, elements=elements))
    assert (rank_rows(scores) == np.array([rank(row) for row in scores]).reshape(shape)).all()


def test_scores_too_large_to_pack_are_ranked_all_the_same() -> None:
    assert rank_rows(np.array([[1e300, -1e300, 1.0]])).tolist() == [[1, 3, 2]]


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 20)), elements=st.floats(-100, 100)))
def test_quantiles_are_those_of_type_seven(values: Floats) -> None:
    at = (0.0, 0.05, 0.5, 0.95, 1.0)
    np.testing.assert_allclose(quantiles(values, at), np.quantile(values, at, axis=0), rtol=0, atol=1e-12)


def judge(scores: Floats, children: list[Floats], some: slice) -> Any:
    assert all(child.shape == scores.shape for child in children)
    return np.digitize(scores, [20, 40, 60, 80]) + 1


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3]))
def test_what_is_said_of_each_territory_holds_together(seed: int, holes: float) -> None:
    found, matrices, runs = studied(seed, holes)
    both = [replicate(found, matrices.__getitem__, runs, judge) for _ in range(2)]
    first, again = both
    assert first.scores.tobytes() == again.scores.tobytes() and (first.ranks == again.ranks).all()
    for values in (first.scores, first.ranks):
        low, middle, high = quantiles(values, (0.05, 0.5, 0.95))
        assert (values.min(axis=0) <= low).all() and (low <= middle).all() and (middle <= high).all()
        assert (high <= values.max(axis=0)).all()
    assert first.levels is not None
    np.testing.assert_allclose(level_shares(first.levels, 5).sum(axis=0), 1.0, atol=1e-12)
    shift = rank_shift(first.ranks, first.ranks[0])
    assert shift[0] == 0 and (shift >= 0).all()


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "ampi", "median"])
def test_the_judge_sees_the_children_of_the_root(mean: str) -> None:
    found, matrices, runs = studied(5, 0.3)
    runs = runs._replace(means=[mean] * 40)
    seen: list[tuple[Floats, list[Floats]]] = []

    def look(scores: Floats, children: list[Floats], some: slice) -> Floats:
        seen.append((scores, children))
        return np.ones(scores.shape)

    replicate(found, matrices.__getitem__, runs, look)
    assert sum(len(scores) for scores, _ in seen) == 40
    for scores, children in seen:
        assert len(children) == len(found.children[-1]) == 3
        known = np.stack(children)
        assert (np.nanmin(known, axis=0) <= scores + 1e-9).all() and (scores <= np.nanmax(known, axis=0) + 1e-9).all()


def test_territories_that_have_nothing_do_not_make_a_run_fail() -> None:
    """Equal scores of 0 under uneven weights, whose adjusted index rounding would make negative."""
    found, matrices, runs = studied(2, 0.0, count=200)
    matrices[0][:5] = 0.0
    runs = runs._replace(means=["ampi"] * 200, matrices=np.zeros(200, dtype=np.intp))
    ours = replicate(found, matrices.__getitem__, runs)
    assert ours.failed == 0
    same(ours, plain(found, matrices.__getitem__, runs))


@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_many_territories_are_scored_by_parts(monkeypatch: pytest.MonkeyPatch, holes: float) -> None:
    monkeypatch.setattr(scoring_runs, "BLOCK", 200)
    monkeypatch.setattr(scoring_runs, "FEWEST", 8)
    found, matrices, runs = studied(9, holes, width=333, count=60)
    matrices[1][332, :3] = 0.0
    whole = replicate(found, matrices.__getitem__, runs, judge)
    same(whole, plain(found, matrices.__getitem__, runs))
    # A zero in the last part only fails the runs that refuse it.
    assert 0 < whole.failed < 60 and whole.levels is not None
    assert (whole.levels == np.digitize(whole.scores, [20, 40, 60, 80]) + 1).all()
