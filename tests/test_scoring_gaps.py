"""What missing figures leave open: bounds that always hold the truth, and the figure that narrows them most."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory import scoring
from observatory.scoring_aggregate import MEANS
from observatory.scoring_gaps import fewest, node_ranges, shares_below, widths_after
from observatory.scoring_tree import ScoringError, Tree, aggregate, tree

# Copeland's score of a territory depends on the others; all other means have bounds.
BOUNDED = sorted({*MEANS, "geometric(floor=1)", "harmonic(floor=1)", "power(p=0.5)", "power(p=-2)"} - {"copeland"})
SHAPES: list[dict[str, str | None]] = [
    {"a": "top", "b": "top", "c": "top", "top": None},
    {"a": "x", "b": "x", "c": "y", "d": "y", "e": "top", "x": "top", "y": "top", "top": None},
    {"a": "p", "b": "p", "c": "q", "p": "x", "q": "x", "d": "x", "e": "y", "f": "y"}
    | {"x": "top", "y": "top", "top": None},
]


class Hidden:
    """Indicators between the goalposts, of which some cells are hidden wholly or in part, or do not apply."""

    def __init__(self, shape: Tree, random: np.random.Generator, rows: int) -> None:
        size = (rows, shape.leaves)
        self.shape = shape
        self.applicable = random.random(size) < 0.9
        self.applicable[:, 0] = True
        coverage = np.where(
            random.random(size) < 0.6, 1.0, np.where(random.random(size) < 0.5, 0.0, random.random(size))
        )
        # Above 0, which some means do not take; ends of the scale among them.
        seen, unseen = (np.where(random.random(size) < 0.1, 100.0, random.uniform(1, 100, size)) for _ in range(2))
        truth = coverage * seen + (1 - coverage) * unseen
        self.truth = np.where(self.applicable, truth, np.nan)
        self.scored = np.where(self.applicable & (coverage > 0), seen, np.nan)
        self.low = np.where(self.applicable, coverage * seen, np.nan)
        self.high = self.low + 100 * (1 - coverage)
        self.coverage = coverage


def shapes(random: np.random.Generator) -> Tree:
    parents = SHAPES[random.integers(len(SHAPES))]
    return tree(parents, {name: float(random.uniform(0.2, 3)) for name in parents})


def holds(low: Any, truth: Any, high: Any) -> bool:
    return bool(((low <= truth + 1e-9) & (truth <= high + 1e-9) | np.isnan(truth)).all())


@pytest.mark.parametrize("mean", BOUNDED)
def test_bounds_hold_the_truth_and_the_score_a_thousand_times(mean: str) -> None:
    random = np.random.default_rng(20260101)
    for _ in range(1000):
        case = Hidden(shapes(random), random, rows=12)
        low, high = node_ranges(case.shape, case.low, case.high, mean)
        assert holds(low, aggregate(case.shape, case.truth, mean), high)
        assert holds(low, aggregate(case.shape, case.scored, mean), high)


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(BOUNDED), min_size=3, max_size=3))
def test_bounds_hold_whatever_the_mean_of_each_height(seed: int, means: list[str]) -> None:
    random = np.random.default_rng(seed)
    case = Hidden(shapes(random), random, rows=6)
    mixed = dict(enumerate(means, start=1))
    low, high = node_ranges(case.shape, case.low, case.high, mixed)
    assert holds(low, aggregate(case.shape, case.truth, mixed), high)


@pytest.mark.parametrize("mean", BOUNDED)
def test_bounds_are_reached(mean: str) -> None:
    # No bound could be nearer: some values of a fine grid come within the grid's step of both.
    shape = tree({"a": "top", "b": "top", "c": "top", "top": None}, {"a": 2, "b": 1, "c": 0.3})
    low, high = np.array([[10.0, 5.0, 60.0]]), np.array([[90.0, 5.0, 100.0]])
    grid = np.array(list(product(np.linspace(10, 90, 161), [5.0], np.linspace(60, 100, 161))))
    scores = aggregate(shape, grid, mean)[:, -1]
    lowest, highest = (ends[0, -1] for ends in node_ranges(shape, low, high, mean))
    assert lowest == pytest.approx(scores.min(), abs=1e-3) and highest == pytest.approx(scores.max(), abs=1e-3)


def test_a_mean_that_refuses_zero_tends_to_zero() -> None:
    shape = tree({"a": "top", "b": "top", "top": None}, {})
    for mean in ("geometric", "harmonic", "power(p=-2)"):
        low, high = node_ranges(shape, np.array([[0.0, 50.0]]), np.array([[100.0, 50.0]]), mean)
        assert low[0, -1] == 0 and 50 < high[0, -1] < 100


def test_a_score_that_depends_on_the_others_has_no_bounds() -> None:
    shape = tree({"a": "top", "b": "top", "top": None}, {})
    with pytest.raises(ScoringError, match="copeland"):
        node_ranges(shape, np.array([[0.0, 50.0]]), np.array([[100.0, 50.0]]), "copeland")


@given(st.integers(0, 2**32 - 1))
def test_bounds_agree_with_those_of_the_published_scores(seed: int) -> None:
    random = np.random.default_rng(seed)
    case = Hidden(tree(SHAPES[0], {"a": 2.0}), random, rows=6)
    low, high = node_ranges(case.shape, case.low, case.high)
    expected = scoring.bounds(case.low, case.high, case.applicable, case.shape.weights[:3])
    np.testing.assert_allclose([low[:, -1], high[:, -1]], expected, rtol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_publishing_narrows_by_exactly_what_recomputing_gives(seed: int) -> None:
    random = np.random.default_rng(seed)
    case = Hidden(shapes(random), random, rows=4)
    low, high = node_ranges(case.shape, case.low, case.high)
    after = widths_after(case.shape, case.low, case.high)
    for leaf in range(case.shape.leaves):
        published_low, published_high = case.low.copy(), case.high.copy()
        published_low[:, leaf] = published_high[:, leaf] = case.truth[:, leaf]
        lows, highs = node_ranges(case.shape, published_low, published_high)
        np.testing.assert_allclose(after[leaf], highs - lows, atol=1e-9)
    assert (np.nan_to_num(after) <= np.nan_to_num(high - low) + 1e-9).all()


@given(st.integers(0, 2**32 - 1))
def test_a_gain_is_the_weight_of_what_is_missing(seed: int) -> None:
    random = np.random.default_rng(seed)
    case = Hidden(shapes(random), random, rows=4)
    low, high = node_ranges(case.shape, case.low, case.high)
    gains = (high - low - widths_after(case.shape, case.low, case.high))[:, :, -1].T
    shares = shares_below(case.shape, case.applicable, len(case.shape.names) - 1)
    np.testing.assert_allclose(np.nan_to_num(gains), shares * np.nan_to_num(case.high - case.low), atol=1e-9)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


@pytest.mark.parametrize("mean", [m for m in BOUNDED if m != "ampi"])
@pytest.mark.parametrize("seed", range(20))
def test_no_other_figure_would_surely_narrow_more(mean: str, seed: int) -> None:
    # Whatever value is published between its ends, no more is left than was said; so the first named narrows most.
    random = np.random.default_rng(seed)
    case = Hidden(tree(SHAPES[1], {name: float(random.uniform(0.2, 3)) for name in SHAPES[1]}), random, rows=3)
    after = widths_after(case.shape, case.low, case.high, mean)[:, :, -1]
    found = np.zeros(after.shape)
    for leaf, share in product(range(case.shape.leaves), np.linspace(0, 1, 21)):
        low, high = case.low.copy(), case.high.copy()
        low[:, leaf] = high[:, leaf] = (1 - share) * case.low[:, leaf] + share * case.high[:, leaf]
        ends = node_ranges(case.shape, low, high, mean)
        found[leaf] = np.maximum(found[leaf], (ends[1] - ends[0])[:, -1])
    np.testing.assert_allclose(after, found, atol=1e-9)
    assert (found.argmin(axis=0) == after.argmin(axis=0)).all() or np.allclose(after.min(axis=0), found.min(axis=0))


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(-1, 2)), max_size=7), st.integers(0, 30), st.integers(0, 3))
def test_no_shorter_list_of_figures_would_do(items: list[tuple[int, int]], needed: int, new: int) -> None:
    gains, groups = [float(g) for g, _ in items], [g for _, g in items]

    def enough(chosen: tuple[int, ...]) -> bool:
        opened = {groups[c] for c in chosen} - {-1}
        return sum(gains[c] for c in chosen) >= needed and len(opened) >= new

    every = [c for bits in product((0, 1), repeat=len(items)) if enough(c := tuple(i for i, b in enumerate(bits) if b))]
    found = fewest(gains, groups, needed, new)
    assert not every if not found and (needed > 0 or new > 0) else enough(tuple(found))
    assert len(found) == min(map(len, every), default=0)


@given(
    st.lists(st.tuples(*[st.integers(0, 6)] * 3).map(sorted), min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_rank_interval_is_what_trying_everything_gives(boxes: list[list[int]], known: list[bool]) -> None:
    low, score, high = np.array(boxes, dtype=float).T
    score = np.where(known[: len(boxes)], score, np.nan)
    best, worst = scoring.rank_interval(score, low, high)
    ranked = np.flatnonzero(~np.isnan(score))
    tried = [
        scoring.rank(np.array(values)) for values in product(*(range(b[0], b[2] + 1) for b in np.array(boxes)[ranked]))
    ]
    for place, row in enumerate(ranked):
        assert best[row] == min(ranks[place] for ranks in tried)
        assert worst[row] == max(ranks[place] for ranks in tried)
    assert np.isnan(best[np.isnan(score)]).all() and np.isnan(worst[np.isnan(score)]).all()


@given(arrays(np.float64, (4, 3), elements=st.floats(0, 100)))
def test_nothing_missing_leaves_nothing_open(cells: Any) -> None:
    shape = tree(SHAPES[0], {})
    low, high = node_ranges(shape, cells, cells)
    assert (low == high).all() and (widths_after(shape, cells, cells) == 0).all()
