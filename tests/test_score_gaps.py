"""Rows of `score_gaps`, from scores already in a database, and of `score_weight_ranks`, from rows of scores."""

import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from observatory.model import Domain, Framework, Indicator, MaturityLevel
from observatory.score_gaps import gap_rows
from observatory.score_weight_ranks import weight_rank_rows

# Of each domain, its weight and its indicators with theirs.
METHOD = {"reseau": (1.0, {"fibre": 2.0, "mobile": 1.0, "debit": 1.0}), "aide": (1.0, {"lieux": 1.0})}
LEVELS = tuple(MaturityLevel(n + 1, str(n + 1), 20.0 * n, "") for n in range(5))


def indicator(code: str, domain: str, weight: float) -> Indicator:
    usual = (
        "active",
        "percent",
        "higher",
        weight,
        0.0,
        100.0,
        ("DEP",),
        ("DEP",),
        2,
        "value",
        "none",
        "none",
        "missing",
    )
    return Indicator(code, domain, *usual, {"thresholds": [20, 40, 60, 80]})


def framework(min_domains: int = 2, aggregation: str = "arithmetic") -> Framework:
    domains = tuple(Domain(code, code, "", "", w, n) for n, (code, (w, _)) in enumerate(METHOD.items(), start=1))
    indicators = tuple(indicator(i, d, w) for d, (_, below) in METHOD.items() for i, w in below.items())
    rules = ("2026.1", "2026", "", 0.6666, 0.5, min_domains, LEVELS, domains, indicators, {})
    return Framework(*rules, mean=aggregation)


def database(*scores: tuple[Any, ...]) -> sqlite3.Connection:
    """Scores as (ref_area, node, node_type, score, low, high, coverage, rank)."""
    db = sqlite3.connect(":memory:")
    db.execute("create table categories (category, ranked)")
    db.executemany("insert into categories values (?, ?)", [("departement", 1), ("autre", 0)])
    columns = "edition, peer_group, ref_area, node, node_type, score, score_low, score_high, coverage, rank"
    db.execute(f"create table scores ({columns})")
    rows = [("2026.1", "autre" if row[0] == "DEP-X" else "departement", *row) for row in scores]
    db.executemany(f"insert into scores values ({', '.join('?' * 10)})", rows)
    return db


def cells(area: str, **known: float) -> list[tuple[Any, ...]]:
    """The indicators of a territory, all worth 60 where they are covered, in part or wholly."""
    every = [i for _, below in METHOD.values() for i in below]
    return [
        (area, i, "indicator", 60 if known.get(i) else None, 60 * (c := known.get(i, 0)), 100 - 40 * c, c, None)
        for i in every
    ]


def found(*rows: tuple[Any, ...], **method: Any) -> dict[tuple[str, str], dict[str, Any]]:
    listed = list(gap_rows(framework(**method), database(*rows)))
    return {(str(r["node"]), str(r["indicator"])): r for r in listed}


def test_the_figure_that_narrows_most_comes_first() -> None:
    rows = cells("DEP-1", mobile=1, lieux=0.9)
    rows += [("DEP-1", "index", "index", 60, 0, 0.1, 0.5, None), ("DEP-1", "reseau", "domain", 60, 0, 1, 0.25, None)]
    gaps = found(*rows)
    index = [(i, r["gain"], r["position"]) for (node, i), r in gaps.items() if node == "index"]
    assert index == [("fibre", 25.0, 1), ("debit", 12.5, 2), ("lieux", 5.0, 3)]
    assert {r["width_now"] for (node, _), r in gaps.items() if node == "index"} == {42.5}
    assert gaps["index", "fibre"]["width_after"] == 17.5
    assert [(i, r["gain"]) for (node, i), r in gaps.items() if node == "reseau"] == [("fibre", 50.0), ("debit", 25.0)]
    assert ("reseau", "mobile") not in gaps


def test_it_says_which_figures_would_give_a_rank() -> None:
    rows = [*cells("DEP-1", mobile=1, lieux=1), ("DEP-1", "index", "index", 60, 0, 1, 0.6, None)]
    gaps = found(*rows, ("DEP-1", "reseau", "domain", 60, 0, 1, 0.25, None))
    told = {key: (r["would_rank"], r["needed"]) for key, r in gaps.items()}
    # Of the index 0.625 is observed and 0.6666 asked: one of the two is enough, the larger is named.
    assert told == {("index", "fibre"): (1, 1), ("index", "debit"): (1, 0), ("reseau", "fibre"): (1, 1)} | {
        ("reseau", "debit"): (1, 0)
    }


def test_too_few_domains_need_one_of_each() -> None:
    rows = [*cells("DEP-1"), ("DEP-1", "index", "index", None, 0, 100, 0, None)]
    told = {i: (r["would_rank"], r["needed"]) for (node, i), r in found(*rows).items() if node == "index"}
    assert told == {"fibre": (0, 1), "lieux": (0, 1), "mobile": (0, 0), "debit": (0, 0)}


def test_enough_weight_in_too_few_domains_needs_another_domain() -> None:
    """« reseau » weighs three quarters of the index, more than is asked: only a second domain is missing."""
    method = framework()
    method = replace(method, domains=(replace(method.domains[0], weight=3.0), method.domains[1]))
    rows = [*cells("DEP-1", fibre=1, mobile=1, debit=1), ("DEP-1", "index", "index", None, 45, 70, 0.75, None)]
    for min_domains, expected in ((2, (1, 1)), (1, (0, 0))):
        listed = gap_rows(replace(method, min_domains=min_domains), database(*rows))
        told = [(r["indicator"], r["would_rank"], r["needed"]) for r in listed if r["node"] == "index"]
        assert told == [("lieux", *expected)]


@pytest.mark.parametrize("area", ["DEP-1", "DEP-X"])
def test_who_is_ranked_or_cannot_be_needs_nothing(area: str) -> None:
    rank = 3 if area == "DEP-1" else None
    rows = [*cells(area, fibre=1, lieux=1), (area, "index", "index", 60, 0, 100, 0.75, rank)]
    gaps = found(*rows, (area, "reseau", "domain", 60, 0, 1, 0.5, rank))
    assert {(r["would_rank"], r["needed"]) for r in gaps.values()} == {(0, 0)}


def test_an_index_that_no_figure_can_give_is_not_promised() -> None:
    rows = [r for r in cells("DEP-1") if r[1] != "lieux"]
    gaps = found(*rows, ("DEP-1", "index", "index", None, 0, 100, 0, None))
    assert {node for node, _ in gaps} == {"reseau"}


def test_nothing_missing_has_no_row() -> None:
    rows = [*cells("DEP-1", fibre=1, mobile=1, debit=1, lieux=1), ("DEP-1", "index", "index", 60, 60, 60, 1, 1)]
    assert found(*rows) == {}


def test_another_mean_keeps_the_widest_interval_that_may_remain() -> None:
    rows = [*cells("DEP-1", fibre=1, lieux=1), ("DEP-1", "index", "index", 60, 0, 100, 0.75, 1)]
    plain, geometric = (
        found(*rows)["index", "mobile"],
        found(*rows, aggregation="geometric(floor=1)")["index", "mobile"],
    )
    assert plain["width_now"] == 25.0 and plain["width_after"] == 12.5
    assert geometric["width_now"] > geometric["width_after"] > 12.5


def test_weight_ranks_are_those_of_the_ranked_of_a_category() -> None:
    rows: list[dict[str, object]] = []
    for area, reseau, aide, rank in [("DEP-1", 30.0, 0.0, 2), ("DEP-2", 0.0, 50.0, 1), ("DEP-3", None, 99.0, None)]:
        own = {"ref_area": area, "peer_group": "departement", "rank": None}
        for node, score in (("reseau", reseau), ("aide", aide)):
            rows.append({**own, "node": node, "node_type": "domain", "score": score})
        rows.append({**own, "node": "index", "node_type": "index", "score": 1.0, "rank": rank})
    told = list(weight_rank_rows(framework(), rows))
    ranks = [(r["ref_area"], r["rank_best"], r["rank_worst"], r["proven"], r["weight_factor"]) for r in told]
    assert ranks == [("DEP-1", 1, 2, 1, 2.0), ("DEP-2", 1, 2, 1, 2.0)]
    assert list(weight_rank_rows(framework(aggregation="geometric"), rows)) == []
