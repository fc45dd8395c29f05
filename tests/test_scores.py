"""Rows of `scores`: what counts, what is withheld, and against whom one is ranked."""

from typing import Any

import pytest

from observatory.aggregation import Observation
from observatory.model import Domain, Framework, Indicator, MaturityLevel
from observatory.scores import Member, Observed, latest, score

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
