"""The arithmetic of the index: YAML cases that a statistician can add to, and properties that always hold."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory import scoring

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parent / "cases" / "scoring").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
PERCENT = st.floats(0, 100, allow_nan=False).map(lambda x: round(x, 4))
SCORES = arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 6)), elements=PERCENT)


def array(name: str, content: Any) -> Any:
    if name == "thresholds" or not isinstance(content, list):
        return content
    return np.array(content, dtype=np.bool_ if name == "applicable" else np.float64)


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    found = getattr(scoring, case["step"])(**{name: array(name, value) for name, value in case["input"].items()})
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.array(case["output"], dtype=float), rtol=1e-12)


@pytest.mark.parametrize(("low", "high"), [(5, 5), (0, float("nan")), (float("inf"), 1)])
def test_goalposts_that_mean_nothing_are_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="goalposts"):
        scoring.normalise(np.array([1.0]), low, high)


@given(SCORES, st.data())
def test_bounds_hold_whatever_is_hidden(full: scoring.Floats, data: st.DataObject) -> None:
    weights = data.draw(arrays(np.float64, full.shape[1], elements=st.floats(0.1, 5)))
    hidden = data.draw(arrays(np.bool_, full.shape))
    seen = np.where(hidden, np.nan, full)
    low, high = scoring.bounds(seen, seen, np.ones(full.shape, dtype=np.bool_), weights)
    truth = scoring.weighted_mean(full, weights)
    assert (low <= truth + 1e-9).all() and (truth <= high + 1e-9).all()


@given(SCORES, st.data())
def test_better_is_never_worse(full: scoring.Floats, data: st.DataObject) -> None:
    weights = data.draw(arrays(np.float64, full.shape[1], elements=st.floats(0.1, 5)))
    better = np.minimum(full + data.draw(st.floats(0, 20)), 100)
    assert (scoring.weighted_mean(better, weights) >= scoring.weighted_mean(full, weights) - 1e-9).all()


@given(arrays(np.float64, st.integers(1, 40), elements=PERCENT), st.randoms())
def test_ranks_do_not_depend_on_order(scores: scoring.Floats, random: Any) -> None:
    order = list(range(len(scores)))
    random.shuffle(order)
    assert (scoring.rank(scores[order]) == scoring.rank(scores)[order]).all()


@given(arrays(np.float64, st.integers(1, 30), elements=PERCENT), st.data())
def test_published_rank_lies_in_its_interval(scores: scoring.Floats, data: st.DataObject) -> None:
    below = data.draw(arrays(np.float64, scores.shape, elements=st.floats(0, 30)))
    above = data.draw(arrays(np.float64, scores.shape, elements=st.floats(0, 30)))
    best, worst = scoring.rank_interval(scores, scores - below, scores + above)
    rank = scoring.rank(scores)
    assert (best <= rank).all() and (rank <= worst).all()


@pytest.mark.parametrize(
    "scores",
    [
        [90.909879, 9.106016, 78.067595, 42.460808],
        [84.434076, 97.74846, 84.48872, 73.91299],
        [7.558078, 28.667856, 48.136544, 48.578336],
    ],
)
def test_a_score_between_two_steps_is_one_score_whatever_the_order_of_its_sum(scores: list[float]) -> None:
    forth, back = (((a + b) + c + d) / 4 for a, b, c, d in (scores, scores[::-1]))
    millionths = sum(round(score * scoring.STEPS) for score in scores)
    assert forth != back and millionths % 4 == 2
    upper = (millionths + 2) // 4 / scoring.STEPS
    assert scoring.published(np.array([forth, back])).tolist() == [upper, upper]
    assert scoring.rank(np.array([forth, back])).tolist() == [1, 1]


@pytest.mark.parametrize(("thresholds", "hair"), [([20.0, 40.0, 60.0, 80.0], -1e-9), ([80.0, 60.0, 40.0, 20.0], 1e-9)])
def test_a_level_is_that_of_the_score_as_published(thresholds: list[float], hair: float) -> None:
    assert scoring.levels(np.array(thresholds) + hair, thresholds).tolist() == [2, 3, 4, 5]
    assert scoring.levels(np.array(thresholds) + 1000 * hair, thresholds).tolist() == [1, 2, 3, 4]
