"""Rows of `scores`: what counts, what is withheld, and against whom one is ranked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory.aggregation import Observation
from observatory.framework import coverage_share
from observatory.model import Domain, Framework, Gate, Indicator, MaturityLevel
from observatory.score_cells import STATUS
from observatory.scores import Member, Observed, latest, score
from observatory.scoring_levels import gated
from observatory.scoring_tree import ScoringError

LEVELS = ("COM", "DEP", "REG")


def indicator(code: str, domain: str, weight: float = 1, **changes: Any) -> Indicator:
    details = {"thresholds": changes.pop("thresholds", [20, 40, 60, 80])}
    usual: dict[str, Any] = {
        **{"status": "active", "unit": "percent", "direction": "higher", "low": 0, "high": 100},
        **{"levels": LEVELS, "scored_levels": LEVELS, "max_age": 2, "published": "value"},
        **{"denominator_source": "none", "aggregation": "none", "absent": "missing"},
    }
    return Indicator(code=code, domain=domain, weight=weight, details=details, **{**usual, **changes})


def framework(*indicators: Indicator, min_domains: int = 1, **weights: float) -> Framework:
    names = dict.fromkeys(i.domain for i in indicators)
    domains = tuple(Domain(n, n, "", "", weights.get(n, 1), p) for p, n in enumerate(names, start=1))
    levels = tuple(MaturityLevel(n + 1, str(n + 1), 20.0 * n, "") for n in range(5))
    return Framework("2026.1", "2026", "", 0.6666, 0.5, min_domains, levels, domains, indicators, {})


def member(ref_area: str, ranked: bool = True) -> Member:
    return Member(ref_area, {"DEP": "departement", "REG": "region", "COM": "commune"}[ref_area[:3]], ranked)


def rows(method: Framework, areas: list[str], values: dict[str, dict[str, float]]) -> dict[tuple[str, str], Any]:
    observed = {code: {a: Observed(v, "2025", 1.0) for a, v in by.items()} for code, by in values.items()}
    return {(str(r["node"]), str(r["ref_area"])): r for r in score(method, [member(a) for a in areas], observed)}


def seen(value: float | None, period: str) -> Observation:
    return Observation("DEP-1", "a", period, value, "A", None, None, 1.0, "x", "2026")


def test_the_latest_value_counts_not_the_first_nor_one_still_to_come() -> None:
    every = [seen(1, "2024-Q1"), seen(3, "2025-Q4"), seen(2, "2025-06"), seen(None, "2026"), seen(9, "2027")]
    assert latest(every, indicator("a", "d"), "2026") == {"DEP-1": Observed(3, "2025-Q4", 1.0)}


def test_a_value_too_old_does_not_count() -> None:
    assert latest([seen(1, "2023")], indicator("a", "d", max_age=2), "2026") == {}
    assert latest([seen(1, "2024")], indicator("a", "d", max_age=2), "2026") != {}


def test_weights_of_indicators_and_of_domains_both_count() -> None:
    method = framework(indicator("a", "d", 3), indicator("b", "d", 1), indicator("c", "e"), d=1, e=3)
    found = rows(method, ["DEP-1"], {"a": {"DEP-1": 100}, "b": {"DEP-1": 0}, "c": {"DEP-1": 35}})
    assert found["d", "DEP-1"]["score"] == 75
    assert found["index", "DEP-1"]["score"] == 45
    assert found["index", "DEP-1"]["level"] == 3 and found["index", "DEP-1"]["domains_observed"] == 2


def test_less_is_better_when_goalposts_are_reversed() -> None:
    method = framework(indicator("a", "d", low=50, high=10, thresholds=[40, 30, 20, 10]))
    found = rows(method, ["DEP-1", "DEP-2"], {"a": {"DEP-1": 10, "DEP-2": 40}})
    assert [found["a", area]["score"] for area in ("DEP-1", "DEP-2")] == [100, 25]
    assert [found["a", area]["rank"] for area in ("DEP-1", "DEP-2")] == [1, 2]
    assert [found["a", area]["level"] for area in ("DEP-1", "DEP-2")] == [5, 2]


def test_ranks_stay_within_the_kind_of_territory() -> None:
    found = rows(framework(indicator("a", "d")), ["DEP-1", "REG-1"], {"a": {"DEP-1": 10, "REG-1": 90}})
    assert {found["index", area]["rank"] for area in ("DEP-1", "REG-1")} == {1}
    assert {found["index", area]["peer_count"] for area in ("DEP-1", "REG-1")} == {1}


def test_too_little_coverage_withholds_rank_and_level_not_the_score() -> None:
    method = framework(indicator("a", "d", 2), indicator("b", "e"), indicator("c", "f"))
    areas = ["DEP-1", "DEP-2"]
    found = rows(method, areas, {"a": dict.fromkeys(areas, 50.0), "b": {"DEP-2": 50}, "c": {"DEP-2": 50}})
    poor, rich = found["index", "DEP-1"], found["index", "DEP-2"]
    assert (poor["score"], poor["rank"], poor["level"]) == (50, None, None)
    assert poor["reason"] == "Données insuffisantes : 33 % du poids est observé, il en faut 67 %."
    assert (rich["rank"], rich["level"], rich["reason"], rich["peer_count"]) == (1, 3, None, 1)


def test_too_few_domains_observed_withhold_the_rank() -> None:
    method = framework(indicator("a", "d"), indicator("b", "e"), indicator("c", "f"), min_domains=3)
    found = rows(method, ["DEP-1"], {"a": {"DEP-1": 50}, "b": {"DEP-1": 50}})["index", "DEP-1"]
    assert found["reason"] == "Données insuffisantes : 2 domaines observés, il en faut 3."
    assert found["score"] is None and found["domains_observed"] == 2


def test_a_level_without_enough_domains_has_no_index_at_all() -> None:
    method = framework(indicator("a", "d"), indicator("b", "e", scored_levels=("DEP",)), min_domains=2)
    found = rows(method, ["COM-1"], {"a": {"COM-1": 80}, "b": {"COM-1": 100}})
    assert found["d", "COM-1"]["rank"] == 1
    assert found["index", "COM-1"]["score"] is None
    assert "que dans 1 domaine sur 2 à cet échelon ; il en faut 2" in found["index", "COM-1"]["reason"]
    assert ("b", "COM-1") not in found and ("e", "COM-1") not in found


def test_what_does_not_apply_leaves_the_denominator() -> None:
    method = framework(indicator("a", "d"), indicator("b", "e", scored_levels=("REG",)))
    found = rows(method, ["DEP-1"], {"a": {"DEP-1": 80}})["index", "DEP-1"]
    assert (found["score"], found["coverage"], found["score_low"], found["score_high"]) == (80, 1, 80, 80)


def test_a_partly_covered_value_widens_the_bounds_and_the_rank() -> None:
    members = [member("DEP-1"), member("DEP-2")]
    values = {"a": {"DEP-1": Observed(90, "2025", 0.6), "DEP-2": Observed(70, "2025", 1.0)}}
    found = {(r["node"], r["ref_area"]): r for r in score(framework(indicator("a", "d")), members, values)}
    first, second = found["index", "DEP-1"], found["index", "DEP-2"]
    assert (first["coverage"], first["score_low"], first["score_high"]) == (0.6, 54, 94)
    assert first["reason"] is not None and found["a", "DEP-1"]["rank"] == 1
    assert (found["a", "DEP-1"]["rank_low"], found["a", "DEP-1"]["rank_high"]) == (1, 2)
    assert second["rank"] == 1


@pytest.mark.parametrize("node", ["a", "d", "index"])
def test_a_kind_that_is_not_ranked_keeps_its_score(node: str) -> None:
    members = [member("DEP-1", ranked=False)]
    (row,) = (
        r
        for r in score(framework(indicator("a", "d")), members, {"a": {"DEP-1": Observed(50, "2025", 1.0)}})
        if r["node"] == node
    )
    assert (row["score"], row["rank"]) == (50, None)
    assert row["reason"] == "Cette catégorie de territoires n’est pas classée."


def test_nothing_observed_is_said_so() -> None:
    found = rows(framework(indicator("a", "d")), ["DEP-1"], {})
    assert found["index", "DEP-1"]["reason"] == "Aucune donnée publiée pour ce territoire."
    assert (found["index", "DEP-1"]["score_low"], found["index", "DEP-1"]["score_high"]) == (0, 100)


def stated(status: str, period: str) -> Observation:
    return Observation("DEP-1", "a", period, None, status, None, None, 1.0, "x", "2026")


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ([stated("Q", "2025")], Observed(None, "", 0.0, "suppressed")),
        ([seen(4, "2024"), stated("Q", "2025")], Observed(4, "2024", 1.0)),
        ([stated("M", "2025"), seen(4, "2024")], Observed(None, "", 0.0, "not_applicable")),
        ([stated("M", "2024"), seen(4, "2025")], Observed(4, "2025", 1.0)),
        ([stated("Q", "2025"), stated("M", "2024")], Observed(None, "", 0.0, "not_applicable")),
        ([seen(4, "2024"), stated("O", "2025")], Observed(4, "2024", 1.0)),
    ],
)
def test_what_is_said_of_a_cell_lasts_as_long_as_it_is_true(every: list[Observation], expected: Observed) -> None:
    for order in (every, every[::-1]):
        assert latest(order, indicator("a", "d"), "2026") == {"DEP-1": expected}


def test_a_later_gap_alone_says_nothing() -> None:
    assert latest([stated("O", "2025"), stated("M", "2023")], indicator("a", "d"), "2026") == {}


def test_each_code_of_the_list_makes_a_cell_of_the_score() -> None:
    lines = (ROOT / "codelists" / "obs_status.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {line.split(",")[0] for line in lines} == set(STATUS)


def three(**cells: Observed) -> dict[str, Any]:
    """A territory of three indicators in a domain (weights 2, 1, 1): row of each node by name."""
    method = framework(indicator("a", "d", 2), indicator("b", "d"), indicator("c", "d"))
    found = score(method, [member("DEP-1")], {code: {"DEP-1": cell} for code, cell in cells.items()})
    return {str(row["node"]): row for row in found}


def test_suppressed_renormalises_and_widens_the_bounds_as_missing_does() -> None:
    one = three(a=Observed(80, "2025", 1.0), b=Observed(40, "2025", 1.0), c=Observed(None, "", 0.0, "suppressed"))
    other = three(a=Observed(80, "2025", 1.0), b=Observed(40, "2025", 1.0))
    for found, status in ((one, "suppressed"), (other, "missing")):
        domain, cell = found["d"], found["c"]
        assert (domain["score"], domain["coverage"]) == (66.666667, 0.75)
        assert (domain["score_low"], domain["score_high"]) == (50, 75)
        assert (cell["status"], cell["score"], cell["level"], cell["rank"]) == (status, None, None, None)
    assert one["c"]["reason"] == "La valeur est couverte par le secret statistique."
    assert other["c"]["reason"] == "Aucune donnée publiée pour ce territoire."


def test_what_is_not_applicable_leaves_the_denominator_of_that_territory_alone() -> None:
    found = three(a=Observed(80, "2025", 1.0), b=Observed(40, "2025", 1.0), c=Observed(None, "", 0.0, "not_applicable"))
    domain, cell = found["d"], found["c"]
    assert (domain["score"], domain["coverage"], domain["score_low"]) == (66.666667, 1, 66.666667)
    assert (cell["status"], cell["score"], cell["score_low"], cell["coverage"]) == ("not_applicable", None, None, None)
    assert cell["reason"] == "Sans objet pour ce territoire." and cell["observed_period"] is None


def test_a_domain_of_which_nothing_applies_is_not_a_domain_of_that_territory() -> None:
    method = framework(indicator("a", "d"), indicator("b", "e"))
    values = {"a": {"DEP-1": Observed(50, "2025", 1.0)}, "b": {"DEP-1": Observed(None, "", 0.0, "not_applicable")}}
    found = {row["node"]: row for row in score(method, [member("DEP-1")], values)}
    assert "e" not in found and found["b"]["status"] == "not_applicable"
    assert (found["index"]["score"], found["index"]["coverage"], found["index"]["rank"]) == (50, 1, 1)


def test_every_indicator_says_what_its_cell_is_and_no_other_node_does() -> None:
    found = three(a=Observed(80, "2025", 1.0, "estimated"), b=Observed(40, "2025", 1.0))
    assert {name: row["status"] for name, row in found.items()} == {
        **{"a": "estimated", "b": "observed", "c": "missing"},
        **{"d": None, "index": None},
    }


def test_two_thirds_exactly_are_enough() -> None:
    method = framework(indicator("a", "d"), indicator("b", "e"), indicator("c", "f"))
    method = replace(method, min_coverage_index=coverage_share("2/3"))
    found = rows(method, ["DEP-1"], {"a": {"DEP-1": 50}, "b": {"DEP-1": 50}})
    assert found["index", "DEP-1"]["rank"] == 1
    for written in ("1/3", "2/3", "1/2", "3/5"):
        above, below = written.split("/")
        assert coverage_share(written) <= int(above) / int(below) < coverage_share(written) + 1e-6


GATED = framework(*(indicator(code, code) for code in "abc"))


@pytest.mark.parametrize(
    ("values", "gate", "level", "capped_by"),
    [
        ((90, 90, 10), None, 4, None),
        ((90, 90, 10), Gate(1), 2, "c"),
        ((90, 90, 10), Gate(2), 3, "c"),
        ((90, 90, 10), Gate(1, ("a", "b")), 4, None),
        ((90, 90, 45), Gate(1), 4, None),
        ((90, 15, 10), Gate(1), 2, None),
        ((95, 10, 95), Gate(0), 1, "b"),
        ((90, 90, None), Gate(1), 5, None),
    ],
)
def test_the_weakest_domain_holds_the_level_never_the_score(
    values: tuple[float | None, ...], gate: Gate | None, level: int, capped_by: str | None
) -> None:
    observed = {code: {"DEP-1": value} for code, value in zip("abc", values, strict=True) if value is not None}
    found = rows(replace(GATED, gate=gate), ["DEP-1"], observed)["index", "DEP-1"]
    assert (found["level"], found["capped_by"]) == (level, capped_by)
    free = rows(GATED, ["DEP-1"], observed)["index", "DEP-1"]
    assert {k: found[k] for k in ("score", "rank")} == {k: free[k] for k in ("score", "rank")}


def test_a_domain_too_little_observed_to_be_judged_holds_nothing() -> None:
    method = framework(indicator("a", "d"), indicator("b", "e"), indicator("c", "e", 2))
    seen_of = {"a": {"DEP-1": 90.0}, "b": {"DEP-1": 1.0}}
    assert rows(replace(method, gate=Gate(0)), ["DEP-1"], seen_of)["index", "DEP-1"]["capped_by"] is None


def test_a_level_withheld_names_nobody() -> None:
    method = replace(framework(indicator("a", "d"), indicator("b", "e"), indicator("c", "f", 9)), gate=Gate(0))
    method = replace(method, domains=tuple(replace(d, weight=9 if d.code == "f" else 1) for d in method.domains))
    found = rows(method, ["DEP-1"], {"a": {"DEP-1": 90}, "b": {"DEP-1": 1}})["index", "DEP-1"]
    assert (found["level"], found["capped_by"], found["rank"]) == (None, None, None)


@pytest.mark.parametrize(("mean", "domain"), [("geometric", 10), ("harmonic", 200 / 101), ("arithmetic", 50)])
def test_a_mean_that_refuses_zero_is_given_the_floor_and_the_others_are_not(mean: str, domain: float) -> None:
    method = replace(framework(indicator("a", "d"), indicator("b", "d")), mean=mean, floor=1.0)
    found = rows(method, ["DEP-1"], {"a": {"DEP-1": 100}, "b": {"DEP-1": 0}})
    assert found["d", "DEP-1"]["score"] == pytest.approx(domain, abs=1e-6)
    assert found["b", "DEP-1"]["score"] == (0 if mean == "arithmetic" else 1)


def test_each_height_has_its_own_mean() -> None:
    method = framework(indicator("a", "d"), indicator("b", "d"), indicator("c", "e"))
    method = replace(method, mean={1: "arithmetic", 2: "geometric"}, floor=1.0)
    found = rows(method, ["DEP-1"], {"a": {"DEP-1": 20}, "b": {"DEP-1": 60}, "c": {"DEP-1": 90}})
    assert (found["d", "DEP-1"]["score"], found["index", "DEP-1"]["score"]) == (40, 60)


@given(
    cells=st.lists(st.none() | st.floats(0, 100), min_size=4, max_size=4),
    mean=st.sampled_from(["arithmetic", "geometric", "harmonic"]),
    truth=st.lists(st.floats(0, 100), min_size=4, max_size=4),
)
def test_bounds_hold_whatever_the_missing_values_are(cells: list[float | None], mean: str, truth: list[float]) -> None:
    method = replace(framework(*(indicator(c, d, w) for c, d, w in zip("abcd", "eeff", (1, 2, 3, 1), strict=True))))
    method = replace(method, mean=mean, floor=1.0)
    whole = [t if cell is None else cell for cell, t in zip(cells, truth, strict=True)]
    some = rows(method, ["DEP-1"], {c: {"DEP-1": v} for c, v in zip("abcd", cells, strict=True) if v is not None})
    every = rows(method, ["DEP-1"], {c: {"DEP-1": v} for c, v in zip("abcd", whole, strict=True)})
    for node in ("e", "f", "index"):
        low, high = (some[node, "DEP-1"][key] for key in ("score_low", "score_high"))
        assert low - 2e-6 <= every[node, "DEP-1"]["score"] <= high + 2e-6


def test_levels_held_down_keep_their_shape_and_their_gaps() -> None:
    level = np.array([[5.0, 4.0, np.nan], [3.0, 5.0, 1.0]])
    parts = np.array([[[10.0, 90], [np.nan, 70], [5, 5]], [[np.nan, np.nan], [30, 30], [0, 99]]])
    found, place = gated(level, parts, [20, 40, 60, 80], 1)
    np.testing.assert_array_equal(found, [[2, 4, np.nan], [3, 3, 1]])
    np.testing.assert_array_equal(place, [[0, -1, -1], [-1, 0, -1]])


@pytest.mark.parametrize(("coverage", "ranked"), [(0.5, True), (0.4999, False)], ids=["exactly half", "a hair less"])
def test_exactly_the_coverage_that_is_asked_is_enough(coverage: float, ranked: bool) -> None:
    values = {"a": {"DEP-1": Observed(50, "2025", coverage)}}
    found = {r["node"]: r for r in score(framework(indicator("a", "d")), [member("DEP-1")], values)}["d"]
    assert (found["rank"] is not None, found["level"] is not None) == (ranked, ranked)


def test_a_share_that_is_not_enough_never_reads_as_the_one_asked() -> None:
    values = {"a": {"DEP-1": Observed(50, "2025", 0.666)}}
    found = {r["node"]: r for r in score(framework(indicator("a", "d")), [member("DEP-1")], values)}["index"]
    assert found["reason"] == "Données insuffisantes : 66 % du poids est observé, il en faut 67 %."


def test_a_kind_that_is_not_ranked_has_no_level_on_almost_no_data() -> None:
    values = {"a": {"DEP-1": Observed(100, "2025", 0.03)}}
    rows = score(framework(indicator("a", "d")), [member("DEP-1", ranked=False)], values)
    found = {r["node"]: r for r in rows}["index"]
    assert found["level"] is None and found["reason"].startswith("Données insuffisantes : 3 %")


@pytest.mark.parametrize(
    ("changes", "value", "said"),
    [
        ({}, float("inf"), "« a » a une valeur infinie."),
        ({"low": 5, "high": 5}, 50, "« a » doit avoir deux bornes différentes et finies."),
        ({"high": float("nan")}, 50, "« a » doit avoir deux bornes différentes et finies."),
    ],
)
def test_what_has_no_score_names_the_indicator(changes: dict[str, Any], value: float, said: str) -> None:
    with pytest.raises(ScoringError, match=said):
        list(
            score(
                framework(indicator("a", "d", **changes)),
                [member("DEP-1")],
                {"a": {"DEP-1": Observed(value, "2025", 1.0)}},
            )
        )
