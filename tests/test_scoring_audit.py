"""Correlations, components, weights and audit: cases by hand, scipy as a second opinion, and what always holds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from observatory import scoring_audit, scoring_correlation, scoring_weights
from observatory.scoring import Floats
from observatory.scoring_pca import pca_weights, principal_components
from observatory.scoring_tree import ScoringError, Tree, aggregate, tree

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parent / "cases" / "scoring_audit").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
STEPS = {
    name: getattr(module, name)
    for module in (scoring_correlation, scoring_audit, scoring_weights)
    for name in vars(module)
    if not name.startswith("_")
}
# Few distinct values make ties, and no sum of them loses a digit.
TIED = st.integers(0, 8).map(float)
HOLED = arrays(np.float64, st.tuples(st.integers(4, 14), st.integers(1, 4)), elements=TIED | st.just(np.nan))
SCORES = st.floats(0, 100, allow_nan=False).map(lambda x: round(x, 2))
FOUR = arrays(np.float64, st.tuples(st.integers(6, 20), st.just(4)), elements=SCORES)
WEIGHTS = arrays(np.float64, 7, elements=st.floats(0.1, 5).map(lambda x: round(x, 2)))


def two_domains(weights: Floats | None = None) -> Tree:
    """Leaves a, b, c under d and e alone under f; the index is last."""
    parents = {"a": "d", "b": "d", "c": "d", "e": "f", "d": "index", "f": "index", "index": None}
    found = tree(parents, {})
    return found if weights is None else found.reweighted(weights)


def flat(count: int) -> Tree:
    names = [f"n{place}" for place in range(count)]
    return tree(dict.fromkeys(names, "index") | {"index": None}, {})


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    given_arrays = {k: np.array(v, dtype=np.float64) if k != "share" else v for k, v in case["input"].items()}
    found = STEPS[case["step"]](**given_arrays)
    np.testing.assert_allclose(found, np.array(case["output"], dtype=np.float64), rtol=1e-12, atol=1e-15)


@settings(max_examples=25)
@given(HOLED)
def test_scipy_finds_the_same_correlations_and_p_values(cells: Floats) -> None:
    ranked, orders = scoring_correlation.spearman(cells, cells), scoring_correlation.kendall(cells, cells)
    linear, rows = scoring_correlation.pearson(cells, cells), scoring_correlation.common_rows(cells, cells)
    chance = scoring_correlation.p_values(linear, rows)
    for a in range(cells.shape[1]):
        for b in range(cells.shape[1]):
            both = ~np.isnan(cells[:, [a, b]]).any(axis=1)
            x, y = cells[both, a], cells[both, b]
            assert rows[a, b] == len(x)
            if len(x) < 3 or len(set(x)) < 2 or len(set(y)) < 2:
                continue
            assert abs(ranked[a, b] - stats.spearmanr(x, y).statistic) < 1e-12
            assert abs(orders[a, b] - stats.kendalltau(x, y).statistic) < 1e-12
            theirs = stats.pearsonr(x, y)
            assert abs(linear[a, b] - theirs.statistic) < 1e-12
            # Beside certainty, p is as steep as a root: the last bit of r shows there.
            assert abs(chance[a, b] - theirs.pvalue) < (1e-12 if abs(linear[a, b]) < 1 - 1e-9 else 1e-6)


@pytest.mark.parametrize("rows", [3, 4, 5, 11, 100, 989, 34_916])
@pytest.mark.parametrize("correlation", [0.0, 0.001, 0.1, 0.5, 0.95, -0.3])
def test_p_values_hold_from_three_rows_to_a_country(correlation: float, rows: int) -> None:
    t = abs(correlation) * ((rows - 2) / (1 - correlation**2)) ** 0.5
    found = scoring_correlation.p_values(np.array([[correlation]]), np.array([[float(rows)]]))[0, 0]
    assert found == pytest.approx(2 * stats.t.sf(t, rows - 2), rel=1e-9, abs=1e-300)


@given(HOLED, st.randoms())
def test_correlations_depend_on_neither_order_nor_unit(cells: Floats, random: Any) -> None:
    order = list(range(len(cells)))
    random.shuffle(order)
    for measure in (scoring_correlation.pearson, scoring_correlation.spearman, scoring_correlation.kendall):
        usual = measure(cells, cells)
        np.testing.assert_allclose(measure(cells[order], cells[order]), usual, atol=1e-12)
        np.testing.assert_allclose(measure(cells * 4 + 1024, cells), usual, atol=1e-12)
        assert (np.isnan(usual) | (np.abs(usual) <= 1)).all()
        np.testing.assert_array_equal(usual, usual.T)


@given(FOUR)
def test_components_are_those_of_the_correlation_matrix(cells: Floats) -> None:
    assume((np.ptp(cells, axis=0) > 1).all())
    names = ("a", "b", "c", "d")
    found = principal_components(np.vstack([cells, [np.nan, 0, 0, 0]]), names)
    rebuilt = found.loadings @ np.diag(found.deviations**2) @ found.loadings.T
    np.testing.assert_allclose(rebuilt, np.corrcoef(cells.T), atol=1e-9)
    np.testing.assert_allclose(found.loadings.T @ found.loadings, np.eye(4), atol=1e-9)
    assert (np.diff(found.deviations) <= 0).all() and found.shares.sum() == pytest.approx(1)
    assert (found.loadings.max(axis=0) >= np.abs(found.loadings).max(axis=0) - 2e-9).all()


def test_components_of_a_column_that_never_varies_are_refused_by_name() -> None:
    with pytest.raises(ScoringError, match="« b » ne varie pas"):
        principal_components(np.array([[1, 5], [2, 5], [3, 5.0]]), ("a", "b"))
    with pytest.raises(ScoringError, match="Moins de deux territoires"):
        principal_components(np.array([[1, np.nan], [2, 5.0]]), ("a", "b"))


def test_a_negative_loading_is_refused_as_a_weight() -> None:
    opposed = np.array([[1, 4], [2, 3], [3, 2], [4, 1.0]])
    found = flat(2)
    weights = pca_weights(found, aggregate(found, opposed), 0)
    assert weights.tolist() == pytest.approx([0.5**0.5, -(0.5**0.5), 1])
    with pytest.raises(ScoringError, match="« n1 » doit être un nombre positif"):
        found.reweighted(weights)


@given(FOUR, arrays(np.float64, 4, elements=st.floats(0.5, 2)))
def test_optimised_weights_reach_any_target_where_all_are_siblings(cells: Floats, target: Floats) -> None:
    gaps = cells - cells.mean(axis=0)
    assume((np.ptp(cells, axis=0) > 1).all() and np.linalg.cond(gaps) < 1e3)
    found = flat(4)
    try:
        weights = scoring_weights.optimised_weights(found, aggregate(found, cells), 0, target)
    except ScoringError:
        assume(False)
    reached = scoring_correlation.pearson(cells, cells @ weights[:4, None])[:, 0]
    np.testing.assert_allclose(reached / reached.sum(), target / target.sum(), atol=1e-6)


@given(FOUR, arrays(np.float64, (20, 4), elements=st.floats(-0.2, 0.2)))
def test_no_weights_near_the_optimised_ones_are_nearer_to_the_target(cells: Floats, steps: Floats) -> None:
    gaps = cells - cells.mean(axis=0)
    assume((np.ptp(cells, axis=0) > 1).all() and np.linalg.cond(gaps) < 1e3)
    parents = {"a": "d", "b": "d", "c": "f", "e": "f", "d": "index", "f": "index", "index": None}
    found = tree(parents, {"d": 3})
    try:
        weights = scoring_weights.optimised_weights(found, aggregate(found, cells), 0, np.ones(4))
    except ScoringError:
        assume(False)

    def miss(tried: Floats) -> float:
        shares = Tree(found.names, found.parents, tried).effective_weights[:4]
        reached = scoring_correlation.pearson(cells, cells @ shares[:, None])[:, 0]
        return float(((reached / reached.sum() - 0.25) ** 2).sum())

    best = miss(weights)
    for step in steps:
        tried = weights.copy()
        tried[:4] *= 1 + step
        assert best <= miss(tried) + 1e-9


def test_optimised_weights_name_a_node_that_never_varies() -> None:
    found = flat(2)
    with pytest.raises(ScoringError, match="« n1 » ne varie pas"):
        scoring_weights.optimised_weights(found, aggregate(found, np.array([[1, 5], [2, 5.0]])), 0, np.ones(2))


def test_optimised_weights_are_of_nodes_that_make_up_the_index() -> None:
    uneven = tree({"a": "d", "b": "d", "c": "index", "d": "index", "index": None}, {})
    with pytest.raises(ScoringError, match="hauteur 1 ne font pas tout"):
        scoring_weights.optimised_weights(uneven, aggregate(uneven, np.eye(3)), 1, np.ones(1))


@given(FOUR, WEIGHTS, st.data())
def test_parts_of_the_variance_sum_to_the_whole(cells: Floats, weights: Floats, data: st.DataObject) -> None:
    holes = data.draw(arrays(np.bool_, cells.shape))
    found = two_domains(weights)
    scores = aggregate(found, np.where(holes, np.nan, cells))
    assume(np.nanstd(np.append(scores[:, -1], [0, 0])) > 0 and (~np.isnan(scores[:, -1])).sum() > 2)
    root = scores[~np.isnan(scores[:, -1]), -1]
    assume(np.ptp(root) > 0.1)
    parts = scoring_audit.variance_shares(found, scores)
    assert parts[:4].sum() == pytest.approx(1) and parts[-1] == 1
    for place, below in enumerate(found.children):
        if below:
            assert parts[list(below)].sum() == pytest.approx(parts[place])


@given(FOUR, WEIGHTS)
def test_without_a_node_of_no_weight_nothing_moves(cells: Floats, weights: Floats) -> None:
    weights[0] = 0
    found = two_domains(weights)
    drop = scoring_audit.drop_one(found, cells, "a")
    np.testing.assert_allclose(drop.scores, aggregate(found, cells)[:, -1], rtol=1e-12)


def test_without_a_node_its_siblings_share_its_weight() -> None:
    cells = np.array([[100, 40, 60, 50], [0, 60, 80, 55], [np.nan, 50, 50, 50.0]])
    drop = scoring_audit.drop_one(two_domains(), cells, "a")
    assert drop.scores.tolist() == [50, 62.5, 50]
    # From 58.3, 50.8 and 50 to a second place for both others, the second one rising to first.
    assert drop.ranks.tolist() == [2, 1, 2]
    assert drop.max_shift == 1 and drop.mean_shift == pytest.approx(1)
    domain = scoring_audit.drop_one(two_domains(), cells, "d")
    assert domain.scores.tolist() == [50, 55, 50]
    with pytest.raises(ScoringError, match="reste rien"):
        scoring_audit.drop_one(two_domains(), cells, "index")


def test_a_territory_that_one_index_does_not_score_has_no_move() -> None:
    found = scoring_audit.compare(np.array([90, 80, np.nan]), np.array([70, 80, 60.0]))
    assert found.moves[:2].tolist() == [-1, 1] and np.isnan(found.moves[2])
    alone = scoring_audit.drop_one(two_domains(), np.array([[np.nan, np.nan, np.nan, 40]]), "f")
    assert np.isnan([alone.mean_shift, alone.max_shift]).all()


def test_only_pairs_of_a_family_are_flagged_and_never_an_unknown_one() -> None:
    matrix = np.array([[1, 0.95, -0.5], [0.95, 1, np.nan], [-0.5, np.nan, 1]])
    assert scoring_audit.flagged(matrix, ["d", "d", "d"], -0.4, 0.92) == [(1, 0, 0.95), (2, 0, -0.5)]
    assert scoring_audit.flagged(matrix, ["d", "e", "d"], -0.4, 0.92) == [(2, 0, -0.5)]
    assert scoring_audit.related(np.array([[0.7, -0.8], [np.nan, 0.1]]), 0.7) == [(0, 1, -0.8)]


def test_an_empty_column_is_described_and_flagged() -> None:
    nan = np.nan
    found = scoring_audit.describe(np.array([[1, nan, 0], [2, nan, 0], [2, nan, 0], [7, nan, 5.0]]))
    assert found.minimum[0] == 1 and found.maximum[0] == 7 and found.median[0] == 2 and found.mean[0] == 3
    assert found.deviation[0] == pytest.approx((22 / 3) ** 0.5)
    assert [found.available[1], found.distinct[1], found.same[1]] == [0, 0, 0]
    assert np.isnan([found.minimum[1], found.mean[1], found.deviation[1], found.skewness[1]]).all()
    flags = scoring_audit.concerns(found, 4)
    assert flags.sparse.tolist() == [False, True, False]
    assert flags.zeroed.tolist() == [False, True, True]
    assert flags.repeated.tolist() == [False, True, False]


@pytest.mark.parametrize("step", ["pearson", "spearman", "kendall", "covariance"])
def test_an_infinite_value_is_refused(step: str) -> None:
    cells = np.array([[1, np.inf], [2, 3.0]])
    with pytest.raises(ScoringError, match="colonne 2 » a une valeur infinie"):
        STEPS[step](cells, cells)
    with pytest.raises(ScoringError, match="« b » a une valeur infinie"):
        principal_components(cells, ("a", "b"))
    for measure in (scoring_audit.describe, scoring_audit.cronbach_alpha):
        with pytest.raises(ScoringError, match="infinie"):
            measure(cells)


def test_no_unit_is_too_large_or_too_small_for_a_correlation() -> None:
    cells = np.array([[1, 2], [2, 1], [4, 4.0]])
    usual = scoring_correlation.pearson(cells, cells)
    for unit in (1e200, 1e-200):
        np.testing.assert_allclose(scoring_correlation.pearson(cells * unit, cells), usual, rtol=1e-12)
