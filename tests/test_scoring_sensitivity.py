"""Sobol' sequence and indices: equal to scipy and SALib, near the truth where the truth is known."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from SALib.analyze import sobol as salib
from scipy.stats import qmc

from observatory.scoring import Floats
from observatory.scoring_designs import DIRECTIONS, choose, noisy, saltelli, sobol
from observatory.scoring_sensitivity import Outputs, bootstrap, complete, intervals, outputs, sobol_indices
from observatory.scoring_tree import ScoringError

G = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def ishigami(u: Floats) -> Floats:
    x = np.pi * (2 * u - 1)
    return np.asarray(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def ishigami_truth() -> tuple[Floats, Floats]:
    pi4, pi8 = math.pi**4, math.pi**8
    one, two, both = 0.5 * (1 + 0.1 * pi4 / 5) ** 2, 49 / 8, 0.01 * pi8 * (1 / 18 - 1 / 50)
    total = one + two + both
    return np.array([one, two, 0]) / total, np.array([one + both, two, both]) / total


def sobol_g(u: Floats) -> Floats:
    return np.asarray(np.prod((np.abs(4 * u - 2) + G) / (1 + G), axis=1))


def sobol_g_truth() -> tuple[Floats, Floats]:
    each = 1 / (3 * (1 + G) ** 2)
    all_ = np.prod(1 + each) - 1
    return each / all_, each * np.prod(1 + each) / (1 + each) / all_


def studied(function: Any, count: int, factors: int) -> Outputs:
    return outputs(function(saltelli(count, factors).points)[:, None], count)


@pytest.mark.parametrize("dimensions", [1, 2, 10, len(DIRECTIONS) + 1])
@pytest.mark.filterwarnings("ignore:The balance properties")
def test_the_sequence_is_that_of_scipy(dimensions: int) -> None:
    expected = qmc.Sobol(dimensions, scramble=False).random(3000)
    assert (sobol(3000, dimensions) == expected).all()


def test_too_many_factors_are_refused() -> None:
    with pytest.raises(ScoringError, match="24 facteurs"):
        sobol(8, 25)


def test_a_design_changes_one_factor_at_a_time_and_starts_from_the_published_method() -> None:
    points = saltelli(64, 3).points.reshape(5, 64, 3)
    for factor in range(3):
        others = [c for c in range(3) if c != factor]
        assert (points[2 + factor][:, others] == points[0][:, others]).all()
        assert (points[2 + factor][:, factor] == points[1][:, factor]).all()
    assert (points[:, 0] == 0).all()


@given(st.integers(1, 40))
def test_every_variant_is_chosen_as_often(variants: int) -> None:
    counts = np.bincount(choose(sobol(1024, 3)[:, 2], variants), minlength=variants)
    assert len(counts) == variants and counts.max() - counts.min() <= 2


def test_noise_stays_within_its_spread_and_leaves_the_first_alone() -> None:
    values = np.array([1.0, 2.0, 0.5])
    found = noisy(values, 0.25 * values, 500, np.random.default_rng(1))
    assert (found[0] == values).all() and (np.abs(found / values - 1) <= 0.25).all() and found.std(axis=0).all()
    assert (found == noisy(values, 0.25 * values, 500, np.random.default_rng(1))).all()


def test_noise_is_as_much_above_as_below() -> None:
    weights = np.array([1.0, 2.0, 0.5])
    moved = noisy(weights, 0.25 * weights, 4000, np.random.default_rng(1))[1:] / weights
    assert np.abs(moved.mean(axis=0) - 1).max() < 0.01
    assert np.abs(moved.min(axis=0) - 0.75).max() < 0.001 and np.abs(moved.max(axis=0) - 1.25).max() < 0.001
    assert np.abs(np.median(moved, axis=0) - 1).max() < 0.02


@pytest.mark.parametrize("block", range(5))
def test_a_point_is_left_out_when_any_of_its_runs_failed(block: int) -> None:
    """With three factors: A, B, then A with each column of B."""
    kept = np.ones((5, 8), dtype=np.bool_)
    kept[block, 3] = False
    assert complete(kept.ravel(), 8).tolist() == [0, 1, 2, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("function", "factors", "truth"), [(ishigami, 3, ishigami_truth()), (sobol_g, 8, sobol_g_truth())]
)
def test_indices_whose_truth_is_known(function: Any, factors: int, truth: tuple[Floats, Floats]) -> None:
    found = sobol_indices(studied(function, 8192, factors))
    np.testing.assert_allclose(found.first[:, 0], truth[0], atol=0.006)
    np.testing.assert_allclose(found.total[:, 0], truth[1], atol=0.006)


@pytest.mark.parametrize(("function", "factors"), [(ishigami, 3), (sobol_g, 8)])
def test_indices_and_each_resample_are_those_of_salib(function: Any, factors: int) -> None:
    count, resamples = 512, 50
    found = studied(function, count, factors)
    # SALib has all the runs of a point side by side: A, one a factor, B.
    blocks = np.concatenate([found.base[None], found.crossed, found.other[None]])[:, :, 0]
    problem = {"num_vars": factors, "names": [str(n) for n in range(factors)], "bounds": [[0, 1]] * factors}
    options = {"calc_second_order": False, "num_resamples": resamples, "keep_resamples": True, "seed": 7}
    theirs = salib.analyze(problem, blocks.T.ravel(), **options)
    ours = sobol_indices(found)
    np.testing.assert_allclose(ours.first[:, 0], theirs["S1"], atol=1e-12, rtol=0)
    np.testing.assert_allclose(ours.total[:, 0], theirs["ST"], atol=1e-12, rtol=0)
    draws = np.random.default_rng(7).integers(count, size=(count, resamples))
    first, total = bootstrap(found, draws)
    np.testing.assert_allclose(first[:, :, 0], theirs["S1_conf_all"], atol=1e-12, rtol=0)
    np.testing.assert_allclose(total[:, :, 0], theirs["ST_conf_all"], atol=1e-12, rtol=0)


def test_many_outputs_at_once_are_each_alone() -> None:
    points = saltelli(256, 3).points
    values = np.column_stack([ishigami(points) * k + k for k in range(1, 400)])
    both = sobol_indices(outputs(values, 256))
    alone = [sobol_indices(outputs(values[:, [c]], 256)) for c in range(values.shape[1])]
    np.testing.assert_allclose(both.first, np.hstack([i.first for i in alone]), atol=1e-12)
    low, high = intervals(outputs(values, 256), 60, np.random.default_rng(3))
    for below, index, above in zip(low, both, high, strict=True):
        assert below.shape == index.shape and (below <= above).all()
        # Scale and shift change nothing.
        np.testing.assert_allclose(below, below[:, :1].repeat(399, axis=1), atol=1e-9)


def test_an_output_that_never_moves_has_no_index_rather_than_a_division_by_nothing() -> None:
    values = np.full((5 * 64, 2), 1234.567)
    values[:, 1] = ishigami(saltelli(64, 3).points)
    found = sobol_indices(outputs(values, 64))
    assert (found.first[:, 0] == 0).all() and (found.total[:, 0] == 0).all() and (found.total[:, 1] > 0).all()
    low, high = intervals(outputs(values, 64), 20, np.random.default_rng(1))
    assert not any(np.isnan(end).any() for end in (*low, *high))


def coinr(a: Floats, b: Floats, crossed: Floats) -> Floats:
    """First order as COINr computes it: the output is not centred."""
    return np.array([np.mean(b * (c - a)) for c in crossed]) / np.concatenate([a, b]).var(ddof=1)


@pytest.mark.parametrize("shift", [0, 10])
@pytest.mark.parametrize(
    ("function", "factors", "truth"), [(ishigami, 3, ishigami_truth()), (sobol_g, 8, sobol_g_truth())]
)
def test_centred_on_a_sobol_sequence_is_nearer_the_truth_than_coinr(
    function: Any, factors: int, truth: tuple[Floats, Floats], shift: float
) -> None:
    errors: dict[str, list[float]] = {"coinr": [], "centred": [], "sequence": []}
    for seed in range(60):
        a, b = np.random.default_rng(seed).uniform(size=(2, 1024, factors))
        crossed = [np.where(np.arange(factors) == f, b, a) for f in range(factors)]
        values = np.stack([function(u) for u in (a, b, *crossed)]) + shift
        errors["coinr"].extend(coinr(values[0], values[1], values[2:]) - truth[0])
        errors["centred"].extend(sobol_indices(outputs(values.reshape(-1, 1), 1024)).first[:, 0] - truth[0])
    sequence = outputs(function(saltelli(1024, factors).points)[:, None] + shift, 1024)
    errors["sequence"].extend(sobol_indices(sequence).first[:, 0] - truth[0])
    rmse = {name: math.sqrt(np.mean(np.square(found))) for name, found in errors.items()}
    assert rmse["coinr"] > (1.3 if shift == 0 else 3) * rmse["centred"] > 1.5 * rmse["sequence"]
