"""Rows of `score_uncertainty` and `score_sensitivity`: around what is published, and only where something is ranked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.model import Domain, Framework, Gate, Indicator, MaturityLevel, UncertaintyPlan
from observatory.scores import Member, Observed, score
from observatory.scoring_designs import saltelli
from observatory.scoring_runs import Runs
from observatory.scoring_sensitivity import outputs, sobol_indices
from observatory.scoring_tree import ScoringError
from observatory.scoring_uncertainty import plain, replicate
from observatory.scoring_variants import FACTORS
from observatory.uncertainty import Group, Ranked, groups, sensitivity_rows, uncertainty_rows

SMALL = UncertaintyPlan(runs=64, seed=7)
CODES = {"a": "d", "b": "d", "c": "e", "f": "e", "g": "h"}


def indicator(code: str, low: float, high: float) -> Indicator:
    details = {"thresholds": [20, 40, 60, 80] if low < high else [80, 60, 40, 20]}
    direction = "higher" if low < high else "lower"
    ends = ("active", "percent", direction, 1.0, low, high, ("DEP", "REG"), ("DEP", "REG"), 2)
    return Indicator(code, CODES[code], *ends, "value", "none", "none", "missing", details)


def method(**changes: Any) -> Framework:
    posts = {"a": (0, 100), "b": (90, 10), "c": (20, 120), "f": (0, 50), "g": (0, 100)}
    indicators = tuple(indicator(code, low, high) for code, (low, high) in posts.items())
    domains = tuple(Domain(n, n, "", "", 1, p) for p, n in enumerate(("d", "e", "h"), start=1))
    levels = tuple(MaturityLevel(n + 1, str(n + 1), 20.0 * n, "") for n in range(5))
    found = Framework("2026.1", "2026", "", 0.6, 0.5, 2, levels, domains, indicators, {})
    return replace(found, **{"floor": 1.0, "uncertainty": SMALL, "gate": Gate(1), **changes})


def studied(
    framework: Framework, seed: int = 1, count: int = 9, holes: float = 0.2
) -> tuple[list[Group], dict[tuple[str, str], Any]]:
    """Groups of made-up départements and one région, and the published rows by node and territory."""
    random = np.random.default_rng(seed)
    members = [Member(f"DEP-{n}", "departement", True) for n in range(count)] + [Member("REG-1", "region", True)]
    values: dict[str, dict[str, Observed]] = {code: {} for code in CODES}
    for code in CODES:
        for one in members:
            if random.uniform() > holes:
                values[code][one.ref_area] = Observed(round(random.uniform(0, 100), 1), "2025", 1.0)
    published = {(str(r["node"]), str(r["ref_area"])): r for r in score(framework, members, values)}
    ranked = sorted(
        Ranked(str(r["node"]), str(r["peer_group"]), str(r["ref_area"]))
        for r in published.values()
        if r["rank"] is not None and r["node_type"] != "indicator"
    )
    return list(groups(framework, ranked, values)), published


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", {1: "arithmetic", 2: "geometric"}])
def test_the_first_variant_is_what_is_published(mean: Any) -> None:
    found, published = studied(method(mean=mean))
    assert {group.node for group in found} == {"d", "e", "h", "index"}
    for group in found:
        runs = group.study.runs(np.zeros((1, len(FACTORS))))
        first = replicate(group.study.published.tree, group.study.matrix, runs, group.judge)
        rows = [published[group.node, member.ref_area] for member in group.members]
        np.testing.assert_allclose(first.scores[0], [row["score"] for row in rows], atol=1e-6)
        assert first.ranks[0].tolist() == [row["rank"] for row in rows]
        assert first.levels is not None and first.levels[0].tolist() == [row["level"] for row in rows]


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3]))
def test_rows_hold_together(seed: int, holes: float) -> None:
    found, published = studied(method(), seed, holes=holes)
    for row in (row for group in found for row in uncertainty_rows(group)):
        assert row["score_p05"] <= row["score_p50"] <= row["score_p95"]  # type: ignore[operator]
        assert 1 <= row["rank_p05"] <= row["rank_p50"] <= row["rank_p95"]  # type: ignore[operator]
        peers = published[str(row["node"]), str(row["ref_area"])]["peer_count"]
        assert row["rank_p95"] <= peers  # type: ignore[operator]
        shares = [row[f"p_level_{level}"] for level in range(1, 6)]
        assert abs(sum(shares) - 1) < 1e-5 and min(shares) >= 0  # type: ignore[type-var, arg-type]
        assert (row["runs"], row["score_runs"], row["failed"]) == (64, 64, 0)


def test_the_published_score_and_rank_lie_among_the_variants() -> None:
    found, published = studied(method())
    for group in found:
        points = saltelli(64, len(FACTORS)).base
        every = replicate(group.study.published.tree, group.study.matrix, group.study.runs(points))
        for place, member in enumerate(group.members):
            row = published[group.node, member.ref_area]
            assert every.scores[:, place].min() - 1e-6 <= row["score"] <= every.scores[:, place].max() + 1e-6
            assert every.ranks[:, place].min() <= row["rank"] <= every.ranks[:, place].max()


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_a_study_is_the_loop_over_its_runs(seed: int) -> None:
    for group in studied(method(), seed)[0]:
        study, points = group.study, saltelli(64, len(FACTORS)).base
        ours = replicate(study.published.tree, study.matrix, study.runs(points))
        theirs = plain(study.published.tree, study.matrix, study.runs(points))
        np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-12, atol=1e-12)
        assert (ours.ranks == theirs.ranks).all() and (ours.kept == theirs.kept).all()


def test_the_same_seed_gives_the_same_rows_and_another_does_not() -> None:
    def every(seed: int) -> list[Any]:
        found = studied(method(uncertainty=replace(SMALL, seed=seed)))[0]
        return [row for group in found for row in (*uncertainty_rows(group), *sensitivity_rows(group))]

    assert every(7) == every(7)
    assert every(7) != every(8)


def test_nothing_that_may_vary_leaves_what_is_published() -> None:
    still = UncertaintyPlan(64, 7, 0.0, 0.0, ("goalposts",), ("arithmetic",), ("available_case",))
    found, published = studied(method(uncertainty=still))
    for group in found:
        assert list(sensitivity_rows(group)) == []
        for row in uncertainty_rows(group):
            own = published[group.node, str(row["ref_area"])]
            assert {row["rank_p05"], row["rank_p50"], row["rank_p95"]} == {own["rank"]}
            assert {row["score_p05"], row["score_p95"]} == {own["score"]} and row[f"p_level_{own['level']}"] == 1


@pytest.mark.parametrize(
    ("factor", "plan"),
    [
        ("weights", {"weights": 0.5}),
        ("goalposts", {"goalposts": 0.3}),
        ("normalisation", {"normalisation": ("percentile_rank",)}),
        ("aggregation", {"aggregation": ("geometric",)}),
        ("missing", {"missing": ("available_case", "peer_median")}),
    ],
)
def test_what_alone_varies_explains_everything(factor: str, plan: dict[str, Any]) -> None:
    still = UncertaintyPlan(512, 7, 0.0, 0.0, ("goalposts",), ("arithmetic",), ("available_case",))
    found, _ = studied(method(uncertainty=replace(still, **plan)), seed=5, count=25)
    (group,) = (g for g in found if g.node == "index" and g.peer_group == "departement")
    rows = list(sensitivity_rows(group))
    assert rows
    for row in rows:
        expected = 1 if row["factor"] == factor else 0
        assert row["first_order"] == pytest.approx(expected, abs=0.25), row
        assert row["total_order"] == pytest.approx(expected, abs=0.25), row
        assert row["first_low"] <= row["first_high"] and row["total_low"] <= row["total_high"]  # type: ignore[operator]


def test_a_territory_alone_is_always_first() -> None:
    found, _ = studied(method(), holes=0.0)
    for group in (g for g in found if g.peer_group == "region"):
        assert list(sensitivity_rows(group)) == []
        (row,) = uncertainty_rows(group)
        assert (row["rank_p05"], row["rank_p95"], row["ref_area"]) == (1, 1, "REG-1")


def test_a_group_without_index_is_not_studied() -> None:
    ranked = [Ranked("d", "departement", "DEP-1"), Ranked("index", "region", "REG-1"), Ranked("d", "region", "REG-1")]
    values = {"a": {"DEP-1": Observed(5, "2025", 1.0), "REG-1": Observed(5, "2025", 1.0)}}
    found = list(groups(method(), sorted(ranked), values))
    assert {(g.node, g.peer_group) for g in found} == {("d", "region"), ("index", "region")}


def test_without_a_floor_runs_that_meet_zero_are_counted_and_left_out() -> None:
    plan = replace(SMALL, aggregation=("arithmetic", "geometric"), normalisation=("goalposts",))
    found, _ = studied(method(floor=0.0, uncertainty=plan), seed=3, count=40, holes=0.0)
    (group,) = (g for g in found if g.node == "index" and g.peer_group == "departement")
    row = next(uncertainty_rows(group))
    assert row["failed"] == 64 and row["runs"] == row["score_runs"] == 32


def departements(found: list[Group]) -> Group:
    (group,) = (g for g in found if g.node == "index" and g.peer_group == "departement")
    return group


def test_an_interval_of_ranks_is_rounded_outward() -> None:
    group = departements(studied(method(), count=25)[0])
    points = saltelli(64, len(FACTORS)).base
    ranks = replicate(group.study.published.tree, group.study.matrix, group.study.runs(points)).ranks
    low, high = np.quantile(ranks, (0.05, 0.95), axis=0)
    assert (low % 1 > 0).any() and (high % 1 > 0).any()
    rows = list(uncertainty_rows(group))
    for row, least, most in zip(rows, low, high, strict=True):
        assert least - 1 < row["rank_p05"] <= least and most <= row["rank_p95"] < most + 1


def test_shifts_of_rank_are_from_the_published_ranks() -> None:
    found, published = studied(method(), count=25)
    group = departements(found)
    design = saltelli(64, len(FACTORS))
    every = replicate(group.study.published.tree, group.study.matrix, group.study.runs(design.points))
    nominal = np.array([published["index", member.ref_area]["rank"] for member in group.members])
    shifts = np.abs(every.ranks - nominal).mean(axis=1)
    indices = sobol_indices(outputs(shifts[:, None], 64))
    rows = [row for row in sensitivity_rows(group) if row["ref_area"] is None]
    assert [row["factor"] for row in rows] == list(FACTORS)
    for place, row in enumerate(rows):
        assert row["first_order"] == pytest.approx(indices.first[place, 0], abs=1e-6)
        assert row["total_order"] == pytest.approx(indices.total[place, 0], abs=1e-6)


def test_indices_are_of_the_points_none_of_whose_runs_failed() -> None:
    """A geometric mean refuses the zeros of goalposts: a point that picks it, in A or in B, lacks some of its runs."""
    plan = replace(SMALL, aggregation=("arithmetic", "geometric"), normalisation=("goalposts",))
    group = departements(studied(method(floor=0.0, uncertainty=plan), seed=3, count=40, holes=0.0)[0])
    design = saltelli(64, len(FACTORS))
    every = replicate(group.study.published.tree, group.study.matrix, group.study.runs(design.points))
    picks = design.points[:, FACTORS.index("aggregation")].reshape(-1, 64) < 0.5
    whole = np.flatnonzero(picks.all(axis=0))
    assert 0 < len(whole) < 64 and (every.kept.reshape(-1, 64)[:, whole]).all()
    ranks = np.zeros((len(every.kept), 40))
    ranks[every.kept] = every.ranks
    indices = sobol_indices(outputs(ranks, 64, whole))
    places = {member.ref_area: place for place, member in enumerate(group.members)}
    rows = [row for row in sensitivity_rows(group) if row["ref_area"] is not None]
    assert rows and {row["runs"] for row in rows} == {len(whole) * (len(FACTORS) + 2)}
    for row in rows:
        factor, place = FACTORS.index(str(row["factor"])), places[str(row["ref_area"])]
        assert row["total_order"] == pytest.approx(indices.total[factor, place], abs=1e-6)


def test_an_unknown_way_to_fill_holes_is_refused() -> None:
    with pytest.raises(ScoringError, match="« knn »"):
        studied(method(uncertainty=replace(SMALL, missing=("available_case", "knn"))))


def test_the_gate_holds_the_levels_of_variants_down() -> None:
    open_, held = (studied(method(gate=gate), seed=2, holes=0.0)[0] for gate in (None, Gate(0)))
    shares = []
    for found in (open_, held):
        (group,) = (g for g in found if g.node == "index" and g.peer_group == "departement")
        shares.append([sum(n * float(str(r[f"p_level_{n}"])) for n in range(1, 6)) for r in uncertainty_rows(group)])
    assert (np.array(shares[1]) <= np.array(shares[0]) + 1e-9).all() and shares[0] != shares[1]


def test_runs_share_few_matrices() -> None:
    (group,) = (g for g in studied(method())[0] if g.node == "index" and g.peer_group == "departement")
    runs: Runs = group.study.runs(saltelli(1024, len(FACTORS)).points)
    assert len(runs.means) == 7168 and len(np.unique(runs.matrices)) < 200
