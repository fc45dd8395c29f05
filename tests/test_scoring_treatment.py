"""Denomination, gaps and outliers: what must hold whatever the values, their order and their unit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from observatory.scoring import Floats
from observatory.scoring_denominate import denominate
from observatory.scoring_missing import availability, impute, impute_by_row, screen
from observatory.scoring_outliers import treat, winsorise
from observatory.scoring_shape import Limits, kurtosis, shape, skewness
from observatory.scoring_transforms import TRANSFORMS
from observatory.scoring_tree import ScoringError

CELLS = st.one_of(st.just(float("nan")), st.integers(-100, 100).map(float), st.sampled_from([1e4, -1e4, 5e5]))
MATRICES = arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=CELLS)
TAIL = np.array([*range(1, 30), 200.0, 900.0, 5000.0])


def shuffled(values: Floats, random: Any) -> list[int]:
    order = list(range(len(values)))
    random.shuffle(order)
    return order


@given(MATRICES, st.floats(0.5, 1e6))
def test_a_ratio_times_its_denominator_is_the_count(values: Floats, size: float) -> None:
    ratio = denominate(values, np.full(values.shape, size), np.full(values.shape[1], 100.0))
    np.testing.assert_allclose(ratio * size / 100, values, rtol=1e-12)


@given(MATRICES, st.sampled_from(["mean", "median"]), st.data())
def test_what_is_known_is_never_changed_and_a_hole_lies_among_it(values: Floats, centre: str, data: Any) -> None:
    groups = data.draw(st.lists(st.sampled_from(["a", "b", ""]), min_size=len(values), max_size=len(values)))
    filled = impute(values, centre, groups)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(filled[known], values[known])
    for column, before in zip(filled.T, values.T, strict=True):
        if (~np.isnan(before)).any():
            low, high = np.nanmin(before), np.nanmax(before)
            assert not ((column < low - 1e-6) | (column > high + 1e-6)).any()
    np.testing.assert_allclose(impute(filled, centre, groups), filled, rtol=1e-12)


@given(MATRICES, st.sampled_from(["mean", "median"]), st.data(), st.randoms())
def test_a_row_is_imputed_from_itself_within_the_column(values: Floats, centre: str, data: Any, random: Any) -> None:
    ways = data.draw(arrays(np.float64, values.shape[1], elements=st.sampled_from([-1.0, 1.0])))
    groups = data.draw(st.lists(st.sampled_from("ab"), min_size=len(ways), max_size=len(ways)))
    filled, order = impute_by_row(values, ways, groups, centre), shuffled(values, random)
    np.testing.assert_array_equal(filled[~np.isnan(values)], values[~np.isnan(values)])
    np.testing.assert_array_equal(impute_by_row(values[order], ways, groups, centre), filled[order])
    np.testing.assert_allclose(impute_by_row(values * 8, ways, groups, centre), filled * 8, rtol=1e-12)


@given(MATRICES)
def test_cells_known_missing_and_zero_are_all_of_them(values: Floats) -> None:
    found = availability(values)
    known = values.shape[1] - found.missing
    np.testing.assert_allclose(found.known * values.shape[1], known, atol=1e-9)
    np.testing.assert_allclose(np.nan_to_num(found.nonzero) * known, known - found.zeros * (known > 0), atol=1e-9)
    both = screen(values, "data_and_zeros", 0.5, 0.5).included
    apart = screen(values, "data", 0.5, 0.5).included & screen(values, "zeros", 0.5, 0.5).included
    np.testing.assert_array_equal(both, apart)


@given(MATRICES)
def test_shapes_are_those_of_scipy(values: Floats) -> None:
    stats = pytest.importorskip("scipy.stats")
    for column, skew, kurt in zip(values.T, skewness(values), kurtosis(values), strict=True):
        known = column[~np.isnan(column)]
        flat = np.unique(known).size < 2
        assert np.isnan(skew) == (flat or known.size < 3) and np.isnan(kurt) == (flat or known.size < 4)
        if not np.isnan(skew):
            assert skew == pytest.approx(stats.skew(known, bias=False), abs=1e-9)
        if not np.isnan(kurt):
            assert kurt == pytest.approx(stats.kurtosis(known, bias=False), abs=1e-8)


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1e150])
def test_the_shape_has_no_unit(scale: float) -> None:
    column = TAIL[:, None]
    assert skewness(column * scale)[0] == pytest.approx(skewness(column)[0], rel=1e-12)
    assert kurtosis(-column * scale)[0] == pytest.approx(kurtosis(column)[0], rel=1e-12)
    assert winsorise(TAIL * scale, Limits()).moved == winsorise(TAIL, Limits()).moved == 3


@given(MATRICES, st.integers(1, 5), st.randoms())
def test_winsorising_moves_few_points_inwards_in_any_order(values: Floats, points: int, random: Any) -> None:
    column, order = values[:, 0], shuffled(values, random)
    found, again = winsorise(column, Limits(points)), winsorise(column[order], Limits(points))
    np.testing.assert_allclose(again.values, found.values[order])
    moved = found.high | found.low
    np.testing.assert_array_equal(found.values[~moved], column[~moved])
    assert (found.values[found.high] < column[found.high]).all() and (found.values[found.low] > column[found.low]).all()
    assert not (found.high & found.low).any() and found.moved == moved.sum()
    if found.moved < points and np.unique(found.values[~np.isnan(column)]).size > 2:
        assert shape(found.values[:, None], Limits(points)).passes[0]


@pytest.mark.parametrize("transform", sorted(TRANSFORMS))
@given(MATRICES)
def test_a_transform_keeps_the_order_and_the_holes(transform: str, values: Floats) -> None:
    column = values[:, :1]
    known = np.unique(column[~np.isnan(column)])
    assume(known.size > 1 and (transform != "log_gii" or known[-1] > 1))
    found = TRANSFORMS[transform](column)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(column))
    order = np.argsort(column[:, 0])[: (~np.isnan(column)).sum()]
    assert ((np.diff(found[order, 0]) > 0) == (np.diff(column[order, 0]) > 0)).all()


@given(MATRICES)
def test_treating_leaves_a_history_that_tells_the_result(values: Floats) -> None:
    found = treat(values)
    first, second, third = found.shapes
    np.testing.assert_array_equal(np.isnan(found.values), np.isnan(values))
    for place in range(values.shape[1]):
        marks = {row[place] for row in found.points}
        if first.passes[place]:
            np.testing.assert_array_equal(found.values[:, place], values[:, place])
            assert marks == {""} and np.isnan(found.winsorised[place]) and np.isnan(second.passes[place])
        elif second.passes[place]:
            assert marks <= {"", "winhi", "winlo"} and np.isnan(third.passes[place])
            assert sum(bool(row[place]) for row in found.points) == found.winsorised[place]
        else:
            assert marks == {"log_ct"} and not np.isnan(third.passes[place])
    assert shape(found.values, Limits()).passes[second.passes == 1].all()


def test_a_log_starts_again_from_the_original_unless_combined() -> None:
    column = np.append(np.ones(40), [50.0, 60, 70, 80, 5000, 1e6]) + np.linspace(0, 1, 46)
    apart, together = treat(column[:, None], limits=Limits(2)), treat(column[:, None], limits=Limits(2), combine=True)
    np.testing.assert_array_equal(apart.values, TRANSFORMS["log_ct"](column[:, None]))
    brought = winsorise(column, Limits(2))
    np.testing.assert_array_equal(together.values, TRANSFORMS["log_ct"](brought.values[:, None]))
    assert [row[0] for row in apart.points] == ["log_ct"] * 46
    assert [row[0] for row in together.points][-3:] == ["log_ct", "winhi+log_ct", "winhi+log_ct"]


def test_what_cannot_be_treated_is_named() -> None:
    part = np.append(np.zeros(40), [0.9, 0.5])[:, None] + np.linspace(0, 0.01, 42)[:, None]
    with pytest.raises(ScoringError, match="« part » ne dépasse pas 1"):
        treat(part, ["part"], Limits(1), "log_gii")
    with pytest.raises(ScoringError, match="Transformation inconnue : « racine »"):
        treat(part, ["part"], transform="racine")
    with pytest.raises(ScoringError, match="« part » a une valeur infinie"):
        treat(np.append(part, [[np.inf]], axis=0), ["part"])
