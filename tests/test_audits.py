"""Rows of `audit_nodes` and `audit_correlations`: what the published index weighs in fact."""

import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_scores import framework, indicator

from observatory import audits
from observatory.database import build

METHOD = framework(indicator("a", "d", 2), indicator("b", "d"), indicator("c", "e"), indicator("never", "g"), e=3)
AREAS = [f"DEP-{n:02}" for n in range(1, 13)]


def published(scores: dict[str, list[float | None]], group: str = "departement") -> list[dict[str, Any]]:
    """Rows of `scores` for each node, in the order of AREAS; a territory without an index is not ranked."""
    return [
        {
            **{"edition": "2026.1", "time_period": "2026", "peer_group": group, "node": node, "ref_area": area},
            **{"score": value, "rank": None if value is None else 1},
        }
        for node, values in scores.items()
        for area, value in zip(AREAS, values, strict=False)
    ]


def example() -> dict[str, list[float | None]]:
    a: list[float] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 0, 5]
    b: list[float] = [100 - x for x in a]
    c: list[float] = [50, 70, 20, 90, 40, 60, 10, 80, 30, 50, 40, 60]
    d = [(2 * x + y) / 3 for x, y in zip(a, b, strict=True)]
    index = [(x + 3 * y) / 4 for x, y in zip(d, c, strict=True)]
    return {"a": [*a], "b": [*b], "c": [*c], "d": [*d], "e": [*c], "index": [*index]}


def nodes(rows: list[dict[str, Any]], populations: dict[str, float | None] | None = None) -> dict[str, dict[str, Any]]:
    return {r["node"]: r for r in audits.node_rows(audits.panels(METHOD, rows, populations or {}))}


def pairs(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(r["node_a"], r["node_b"]): r for r in audits.correlation_rows(audits.panels(METHOD, rows, {}))}


def test_weights_multiply_down_the_tree_of_what_has_data() -> None:
    found = nodes(published(example()))
    assert {n: r["effective_weight"] for n, r in found.items()} == pytest.approx(
        {"a": 1 / 6, "b": 1 / 12, "c": 0.75, "d": 0.25, "e": 0.75, "index": 1}, abs=1e-6
    )
    assert [found[n]["nominal_weight"] for n in "abcde"] == [2, 1, 1, 1, 3]


def test_a_node_that_goes_against_its_sibling_is_seen() -> None:
    found = nodes(published(example()))
    assert found["a"]["correlation_parent"] == 1 and found["b"]["correlation_parent"] == -1
    # All of b is what a is not: they cancel out, and the first component explains both.
    assert found["d"]["cronbach_alpha"] is None and found["d"]["first_component"] == 1
    assert found["e"]["cronbach_alpha"] is None and found["e"]["first_component"] is None
    assert pairs(published(example()))["a", "b"]["flag"] == "opposés"


def test_what_the_index_follows_is_dominant_and_what_it_ignores_is_mute() -> None:
    found = nodes(published(example()))
    assert found["c"]["flag"] == "dominant" and found["c"]["influence"] > 0.85
    assert found["c"]["influence"] == pytest.approx(found["c"]["correlation_index"] ** 2, abs=1e-6)
    assert found["a"]["flag"] == "muet" and found["a"]["influence"] < 0.1
    assert sum(found[leaf]["variance_share"] for leaf in "abc") == pytest.approx(1, abs=1e-5)
    assert found["b"]["variance_share"] < 0
    root = found["index"]
    assert [root[k] for k in ("correlation_index", "influence", "correlation_parent", "flag")] == [None] * 4
    assert root["drop_one_mean_rank_shift"] is None and root["variance_share"] == 1


def test_a_node_against_the_index_is_contrary_unless_chance_explains_it() -> None:
    scores = example()
    opposed = nodes(published(scores | {"a": [100 - x for x in scores["index"] if x is not None]}))
    assert opposed["a"]["correlation_index"] == -1 and opposed["a"]["flag"] == "contraire"
    # Over twelve territories, chance alone goes as far as 0.576 once in twenty.
    weak: list[float | None] = [9, 4, 12, 3, 11, 6, 8, 10, 1, 5, 7, 0]
    chance = nodes(published(scores | {"a": weak, "index": [float(n) for n in range(12)]}))
    alike = scores | {"a": weak, "c": [float(n) for n in range(12)]}
    assert pairs(published(alike))["a", "c"]["pearson"] <= -0.4 and pairs(published(alike))["a", "c"]["flag"] is None
    assert -0.576 < chance["a"]["correlation_index"] <= -0.4 and chance["a"]["flag"] == "muet"


def test_without_the_node_that_decides_ranks_move_most() -> None:
    found = nodes(published(example()))
    moves = {n: r["drop_one_mean_rank_shift"] for n, r in found.items() if n != "index"}
    assert max(moves, key=lambda n: moves[n]) in ("c", "e") and moves["c"] == moves["e"]
    assert all(r["drop_one_max_rank_shift"] >= moves[n] for n, r in found.items() if n != "index")


def test_only_ranked_territories_of_this_edition_count_and_groups_of_ten() -> None:
    rows = published(example())
    assert nodes([r | {"edition": "2025.1"} for r in rows]) == {}
    assert nodes([r | {"time_period": "2025"} for r in rows]) == {}
    assert nodes([r for r in rows if r["ref_area"] < "DEP-10"]) == {}
    unranked = [r | {"rank": None} if r["ref_area"] == "DEP-12" else r for r in rows]
    assert {r["n"] for r in nodes(unranked).values()} == {11}
    assert {r["n"] for r in nodes(rows).values()} == {12}


def test_a_node_never_scored_has_no_row_and_one_that_never_varies_has_no_correlation() -> None:
    found = nodes(published(example() | {"a": [50.0] * 12}))
    assert "never" not in found and "g" not in found
    assert found["a"]["correlation_index"] is None and found["a"]["influence"] is None and found["a"]["flag"] is None
    assert found["a"]["correlation_parent"] is None and found["d"]["first_component"] is None


def test_under_ten_common_territories_a_correlation_says_nothing() -> None:
    scores = example()
    few = scores | {"a": [*scores["a"][:9], None, None, None]}
    found = pairs(published(few))["a", "b"]
    assert found["n"] == 9
    assert found["pearson"] is None and found["spearman"] is None and found["flag"] is None
    assert found["p_value"] is None


def test_pairs_are_of_one_kind_and_each_once() -> None:
    assert set(pairs(published(example()))) == {("a", "b"), ("a", "c"), ("b", "c"), ("d", "e")}
    same = example()
    double = pairs(published(same | {"b": same["a"]}))["a", "b"]
    assert (double["pearson"], double["spearman"], double["p_value"], double["flag"]) == (1, 1, 0, "redondants")


def test_population_is_compared_by_ranks_so_that_a_capital_does_not_decide() -> None:
    populations: dict[str, float | None] = {area: 10.0**n for n, area in enumerate(AREAS[:10], start=1)}
    found = nodes(published(example()), populations | {"DEP-11": None})
    assert found["a"]["correlation_population"] == 1 and found["b"]["correlation_population"] == -1
    assert nodes(published(example()))["a"]["correlation_population"] is None


def test_an_index_that_is_no_sum_has_no_parts_and_is_ranked_without_a_node_by_its_own_mean() -> None:
    method = replace(METHOD, mean="geometric", floor=1.0)
    scores = example() | {"a": [max(x or 0, 1.0) for x in example()["a"]], "b": [50.0] * 11 + [1.0]}
    found = {r["node"]: r for r in audits.node_rows(audits.panels(method, published(scores), {}))}
    assert {r["variance_share"] for r in found.values()} == {None}
    usual = nodes(published(scores))
    assert found["a"]["drop_one_mean_rank_shift"] != usual["a"]["drop_one_mean_rank_shift"]


def test_nothing_is_ever_nan() -> None:
    rows = published(example() | {"a": [None, 1.0, *[None] * 10], "index": [50.0] * 12})
    found = audits.panels(METHOD, rows, {})
    cells = [v for r in (*audits.node_rows(found), *audits.correlation_rows(found)) for v in r.values()]
    assert cells and not any(isinstance(v, float) and not math.isfinite(v) for v in cells)


def test_the_build_audits_every_edition(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A tiny site has few territories.
    monkeypatch.setattr(audits, "LEAST", 2)
    build(root, root / "donnees.db", lambda step, seconds: None)
    with closing(sqlite3.connect(root / "donnees.db")) as db:
        editions = {edition for (edition,) in db.execute("select distinct edition from scores where node = 'index'")}
        assert {edition for (edition,) in db.execute("select distinct edition from audit_nodes")} == editions
        assert db.execute("select count(*) from audit_correlations").fetchone() > (0,)
        roots = db.execute("select n, effective_weight from audit_nodes where node = 'index'").fetchall()
        assert roots and all(n >= 2 and weight == 1 for n, weight in roots)
        counted = db.execute("select count(*) from audit_nodes where correlation_population is not null").fetchone()
        assert counted > (0,)
