"""Trees, means, outranking and ranks: YAML cases that a statistician can add to, and properties that always hold."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory.scoring import Floats, normalise
from observatory.scoring_outranking import dominance, outranking
from observatory.scoring_ranks import ranks, ranks_within, strengths, weaknesses
from observatory.scoring_tree import ScoringError, Tree, aggregate, mean_named, tree

FOLDER = Path(__file__).parent / "cases" / "aggregation"
ALL = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
CASES = [param for param in ALL if "output" in param.values[0]]
REFUSALS = [param for param in ALL if "error" in param.values[0]]
SEVERE_TO_LENIENT = ["harmonic", "geometric", "power(p=0.5)", "arithmetic", "power(p=3)"]
EVERY = [*SEVERE_TO_LENIENT, "power(p=-1)", "geometric(floor=1)", "harmonic(floor=1)", "median", "ampi"]
# Those that take zeros and rise with every child.
RISING = ["harmonic(floor=1)", "geometric(floor=1)", "power(p=0.5)", "arithmetic", "power(p=3)", "median", "copeland"]


def numbers(content: Any) -> Floats:
    return np.array(content, dtype=np.float64)


def of_mean(mean: str, scores: Any, weights: Any) -> Floats:
    return mean_named(mean).function(numbers(scores), numbers(weights))


def of_tree(parents: dict[str, str | None], weights: Any = None, **rest: Any) -> Any:
    """Build the tree, and do with it what the rest of the case asks for."""
    found = tree(parents, weights or {})
    if "names" in rest:
        smaller, kept = found.without(rest["names"])
        return {"names": list(smaller.names), "parents": list(smaller.parents), "weights": list(smaller.weights)} | {
            "kept": list(kept)
        }
    leaves = numbers(rest["leaves"]).reshape(-1, len(rest["leaves"][0]) if rest["leaves"] else found.leaves)
    scores = aggregate(found, leaves, rest.get("mean", "arithmetic"), rest.get("least", 0.0))
    inner = {name: scores[:, place] for place, name in enumerate(found.names) if place >= found.leaves}
    return inner or {name: scores[:, place] for place, name in enumerate(found.names)}


STEPS: dict[str, Callable[..., Any]] = {
    "mean": of_mean,
    "aggregate": of_tree,
    "without": of_tree,
    "ranks": lambda scores, **rest: ranks(numbers(scores), **rest),
    "ranks_within": lambda scores, groups: ranks_within(numbers(scores), np.array(groups)),
    "strengths": lambda ranked, row, count: strengths(numbers(ranked), row, count),
    "weaknesses": lambda ranked, row, count: weaknesses(numbers(ranked), row, count),
    "outranking": lambda scores, weights: outranking(numbers(scores), numbers(weights)),
    "dominance": lambda shares: dominance(numbers(shares)),
}


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    found, expected = STEPS[case["step"]](**case["input"]), case["output"]
    if not isinstance(expected, dict):
        found, expected = {"": found}, {"": expected}
    assert list(found) == list(expected)
    for name, value in expected.items():
        if value and isinstance(value[0], str):
            assert found[name] == value
        else:
            np.testing.assert_allclose(numbers(found[name]), numbers(value), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", REFUSALS)
def test_what_has_no_score_is_refused_in_words(case: dict[str, Any]) -> None:
    with pytest.raises(ScoringError) as refused:
        of_tree(**{"names": [], **case["input"]} if "leaves" not in case["input"] else case["input"])
    assert str(refused.value).startswith(case["error"])


SCORE = st.floats(1, 100).map(lambda x: round(x, 4))
WEIGHT = st.floats(0.1, 5).map(lambda x: round(x, 2))


@st.composite
def weighted(draw: st.DrawFn, holes: bool = True) -> tuple[Floats, Floats]:
    """Scores of a few territories on a few children, some of them missing, and the weights of the children."""
    shape = draw(st.tuples(st.integers(1, 8), st.integers(1, 6)))
    scores = draw(arrays(np.float64, shape, elements=SCORE))
    hidden = draw(arrays(np.bool_, shape)) if holes else np.zeros(shape, dtype=np.bool_)
    return np.where(hidden, np.nan, scores), draw(arrays(np.float64, shape[1], elements=WEIGHT))


def close(found: Floats, expected: Floats, what: str = "") -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=what)


@given(weighted(), st.randoms(use_true_random=False))
def test_order_does_not_matter(case: tuple[Floats, Floats], random: Any) -> None:
    scores, weights = case
    rows, columns = list(range(len(scores))), list(range(len(weights)))
    random.shuffle(rows)
    random.shuffle(columns)
    for mean in (*EVERY, "copeland"):
        whole = of_mean(mean, scores, weights)
        close(of_mean(mean, scores[rows], weights), whole[rows], mean)
        close(of_mean(mean, scores[:, columns], weights[columns]), whole, mean)
        close(of_mean(mean, scores, weights * 7.3), whole, mean)


@given(weighted())
def test_a_mean_lies_between_the_lowest_and_the_highest(case: tuple[Floats, Floats]) -> None:
    scores, weights = case
    seen = ~np.isnan(scores).all(axis=1)
    lowest, highest = np.nanmin(scores[seen], axis=1), np.nanmax(scores[seen], axis=1)
    for mean in EVERY:
        found = of_mean(mean, scores, weights)
        assert (np.isnan(found) == ~seen).all(), mean
        assert (lowest - 1e-9 <= found[seen]).all() and (found[seen] <= highest + 1e-9).all(), mean


@given(weighted(), st.data())
def test_a_column_that_nobody_has_is_a_column_that_is_not_there(
    case: tuple[Floats, Floats], data: st.DataObject
) -> None:
    scores, weights = case
    place = data.draw(st.integers(0, len(weights)))
    wider, more = np.insert(scores, place, np.nan, axis=1), np.insert(weights, place, 2.0)
    for mean in (*EVERY, "copeland"):
        close(of_mean(mean, wider, more), of_mean(mean, scores, weights), mean)


@given(weighted())
def test_severe_means_are_below_lenient_ones(case: tuple[Floats, Floats]) -> None:
    scores, weights = case
    found = {mean: np.nan_to_num(of_mean(mean, scores, weights)) for mean in (*SEVERE_TO_LENIENT, "ampi")}
    for below, above in (*pairwise(SEVERE_TO_LENIENT), ("ampi", "arithmetic")):
        assert (found[below] <= found[above] + 1e-9).all(), (below, above)


THREE_LEVELS = {"a": "A", "b": "A", "c": "B", "d": "B", "e": "I", "A": "I", "B": "I", "I": None}


def index(found: Tree, raw: Floats, bounds: list[tuple[float, float]], mean: str) -> Floats:
    leaves = np.column_stack([normalise(raw[:, c], *bounds[c]) for c in range(found.leaves)])
    return aggregate(found, leaves, mean)[:, -1]


@given(st.data())
def test_better_is_never_worse(data: st.DataObject) -> None:
    """From raw values to the index, whichever the direction of the indicator and whatever is missing."""
    found = tree(THREE_LEVELS, {name: data.draw(WEIGHT) for name in THREE_LEVELS})
    raw = data.draw(arrays(np.float64, (4, 5), elements=st.floats(-20, 120).map(lambda x: round(x, 2))))
    raw = np.where(data.draw(arrays(np.bool_, (4, 5), elements=st.sampled_from([False, False, True]))), np.nan, raw)
    bounds = [(0.0, 100.0) if data.draw(st.booleans()) else (100.0, 0.0) for _ in range(5)]
    row, column = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 4))
    better, gain = raw.copy(), data.draw(st.floats(0, 50))
    better[row, column] += gain if bounds[column][0] == 0.0 else -gain
    for mean in RISING:
        before, after = index(found, raw, bounds, mean)[row], index(found, better, bounds, mean)[row]
        assert np.isnan([before, after]).all() or after >= before - 1e-9, mean


@given(st.data())
def test_ampi_rises_with_every_child_that_weighs_enough(data: st.DataObject) -> None:
    scores, weights = data.draw(weighted(holes=False))
    row, column = data.draw(st.integers(0, len(scores) - 1)), data.draw(st.integers(0, len(weights) - 1))
    assume(weights[column] / weights.sum() >= 0.235 and len(weights) > 1)
    better = scores.copy()
    better[row, column] = data.draw(st.floats(float(scores[row, column]), 100))
    assert of_mean("ampi", better, weights)[row] >= of_mean("ampi", scores, weights)[row] - 1e-9


@given(weighted())
def test_each_pair_shares_its_weight(case: tuple[Floats, Floats]) -> None:
    shares = outranking(*case)
    np.fill_diagonal(shares, 0.5)
    both = shares + shares.T
    assert np.isnan(both).any() == np.isnan(shares).any()
    close(both[~np.isnan(both)], np.ones(np.count_nonzero(~np.isnan(both))))
    # Every victory is someone's defeat.
    assert np.nansum(of_mean("copeland", *case)) == 0


def test_pairs_are_the_same_in_one_block_or_many(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    scores = np.where(random.random((23, 4)) < 0.2, np.nan, random.integers(0, 5, (23, 4)).astype(float))
    whole, shares = of_mean("copeland", scores, np.ones(4)), outranking(scores, np.ones(4))
    monkeypatch.setattr("observatory.scoring_outranking.BLOCK", 50)
    assert np.array_equal(of_mean("copeland", scores, np.ones(4)), whole, equal_nan=True)
    assert np.array_equal(outranking(scores, np.ones(4)), shares, equal_nan=True)


@given(arrays(np.float64, st.tuples(st.integers(1, 20), st.integers(1, 3)), elements=st.integers(0, 9)), st.data())
def test_ranks_agree_with_counting(scores: Floats, data: st.DataObject) -> None:
    scores = np.where(data.draw(arrays(np.bool_, scores.shape)), np.nan, scores)
    for (row, column), score in np.ndenumerate(scores):
        others = scores[~np.isnan(scores[:, column]), column]
        better, equal = (others > score).sum(), (others == score).sum()
        expected = {"min": better + 1, "max": better + equal, "average": better + (equal + 1) / 2}
        expected["dense"] = len(np.unique(others[others > score])) + 1
        for ties, value in expected.items():
            rank = ranks(scores, ties)[row, column]  # type: ignore[arg-type]
            assert np.isnan(rank) if np.isnan(score) else rank == value


@given(st.data())
def test_without_is_the_tree_where_these_leaves_are_missing(data: st.DataObject) -> None:
    found = tree(THREE_LEVELS, {name: data.draw(WEIGHT) for name in THREE_LEVELS})
    scores = data.draw(arrays(np.float64, (3, 5), elements=SCORE))
    names = data.draw(st.sets(st.sampled_from(found.names[:-1]), max_size=3))
    assume(not {"e", "A", "B"} <= names and not {"e", "a", "b", "B"} <= names)
    smaller, kept = found.without(names)
    masked = np.full(scores.shape, np.nan)
    masked[:, list(kept)] = scores[:, list(kept)]
    close(aggregate(smaller, scores[:, list(kept)])[:, -1], aggregate(found, masked)[:, -1])
