"""What the pages of a territory decide of its scores: parts that add up, scores found again, values of the time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.score_page import recalculated, shown_values, told_first, waterfall, waterfalls
from observatory.scoring_change import CAUSES

PARTS = st.floats(-40, 40, allow_nan=False, allow_subnormal=False)


def change(kind: str = "score", node: str = "index", **parts: float) -> dict[str, Any]:
    """A row of score_changes whose parts are those."""
    row: dict[str, Any] = {cause: 0.0 for cause in CAUSES} | parts
    always = {"edition_from": "2", "edition_to": "2", "period_from": "2024", "period_to": "2025"}
    return {**row, **always, "kind": kind, "node": node, "change": sum(parts.values())}


def score(node: str, value: float | None, kind: str = "domain") -> dict[str, Any]:
    """A row of node_scores."""
    return {"node": node, "score": value, "rank": 3 if value is not None else None, "node_type": kind}


def test_the_steps_go_from_what_was_to_what_is() -> None:
    found = waterfall(change(own_data=3.0, coverage=-1.0), 52.0)
    assert [(s.cause, s.part, s.start, s.end, s.better) for s in found.steps] == [
        ("own_data", 3.0, 50.0, 53.0, True),
        ("coverage", -1.0, 53.0, 52.0, False),
    ]
    assert (found.start, found.end, found.shown) == (50.0, 52.0, 2.0)
    assert found.still == ("method", "peers", "perimeter", "correction")
    assert found.low < 50 and found.high > 53 and found.moved


def test_a_rank_that_falls_in_number_is_better_and_none_is_before_the_first() -> None:
    found = waterfall(change("rank", own_data=-2.0, peers=1.0), 2.0)
    assert [(s.cause, s.better) for s in found.steps] == [("own_data", True), ("peers", False)]
    assert found.low == 1


@given(parts=st.lists(PARTS, min_size=6, max_size=6), end=st.floats(0, 100))
def test_parts_that_are_printed_add_up_to_the_ends_that_are_printed(parts: list[float], end: float) -> None:
    found = waterfall(change(**dict(zip(CAUSES, parts, strict=True))), end)
    if any(parts):
        assert sum(step.part for step in found.steps) == pytest.approx(found.shown, abs=0.006)
    assert all(found.low <= x <= found.high or x < 0 for step in found.steps for x in (step.start, step.end))
    assert len(found.steps) + len(found.still) == len(CAUSES)


def test_only_changes_of_today_within_one_edition_are_told_in_the_order_of_the_method() -> None:
    rows = [
        change(node="d", own_data=1.0),
        change(node="index", own_data=0.0),
        change(node="e", own_data=0.0),
        change(node="gone", own_data=1.0),
        {**change(node="d", own_data=1.0), "period_to": "2024"},
        {**change(node="d", own_data=1.0), "edition_from": "1"},
        change("rank", "d", peers=1.0),
    ]
    nodes = [score("index", 50.0, "index"), score("d", 40.0), score("e", 30.0), score("gone", None)]
    told = waterfalls(rows, nodes, ["index", "d", "e", "gone", "never"], "2025")
    # The index is told even when it stayed the same; a domain is not; nor is what has no score today.
    assert [(w.change["node"], w.change["kind"], w.end) for w in told] == [
        ("index", "score", 50.0),
        ("d", "score", 40.0),
        ("d", "rank", 3),
    ]
    assert not told[0].moved and told[0].steps == ()


def test_a_score_is_found_again_to_its_last_decimal_or_is_not() -> None:
    nodes = [score("i", 10.0, "indicator"), score("d", 20.0), score("index", 30.0, "index"), score("empty", None)]
    query = [{"node": "i", "score": 10.0}, {"node": "d", "score": 20.000001}, {"node": "index", "score": 30.0}]
    found = recalculated(nodes, query)
    assert found is not None and [node["node"] for node, _ in found.pairs] == ["index", "d", "i"]
    assert (found.equal, found.whole, found.of("d")) == (2, False, 20.000001)
    assert found.same("index") and not found.same("d") and not found.same("empty")
    missing = recalculated(nodes, query[:1])
    assert missing is not None and missing.of("index") is None and not missing.same("index")
    assert recalculated(nodes, []) is None
    whole = recalculated(nodes[:1], query)
    assert whole is not None and whole.whole


def test_a_territory_is_told_by_its_index_or_by_its_only_domain() -> None:
    index, one, two, none = score("index", 1.0, "index"), score("d", 0.0), score("e", 2.0), score("f", None)
    assert told_first(index, [one, two]) == index
    assert told_first(score("index", None), [one, none]) == one and told_first(None, [one]) == one
    assert told_first(None, [one, two]) is None and told_first(None, [none]) is None


def test_values_of_the_time_replace_what_was_recalculated_and_nothing_else() -> None:
    kept = {"indicator": "a", "time_period": "2025", "obs_value": 1, "coverage": 1, "recalculated": 0, "rank": 4}
    moved = {**kept, "indicator": "b", "recalculated": 1, "score": 50}
    lost = {**moved, "indicator": "c"}
    then = [{**moved, "obs_value": 7, "coverage": 0.5}, {**moved, "time_period": "2024", "obs_value": 8}]
    today = shown_values([kept, moved], ["a"])
    assert [(v["obs_value"], v["alone"]) for v in today] == [(1, True), (1, False)]
    own, back, gone = shown_values([kept, moved, lost], [], then)
    assert own == {**kept, "alone": False}
    assert (back["obs_value"], back["coverage"], back["recalculated"]) == (7, 0.5, 0)
    assert back["rank"] is None and back["score"] is None
    assert gone["obs_value"] is None and gone["coverage"] is None
