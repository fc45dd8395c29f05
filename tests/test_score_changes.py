"""Scores in the perimeters of their time and of today, and what made each of them move."""

from collections import defaultdict
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_scores import framework, indicator

from observatory.aggregation import Observation
from observatory.aggregator import Aggregator
from observatory.model import Framework
from observatory.score_changes import Passage, Situation, changes, explain
from observatory.score_series import CONSTANTE, EPOQUE, History, series
from observatory.scores import Member, Observed, Values, score
from observatory.scoring_change import CAUSES
from observatory.territories import Territories, Territory

# In 2021, COM-2 left EPCI-A for EPCI-B; in 2022, EPCI-C joined EPCI-B; COM-4 was shared between two EPCI in 2023.
EVENTS = [
    ("2022-01-01", "EPCI-C", "EPCI-B", 1.0),
    ("2023-01-01", "COM-4", "COM-4", 0.75),
    ("2023-01-01", "COM-4", "COM-5", 0.25),
]
TIES = [
    ("COM-1", "EPCI-A", "", ""),
    ("COM-2", "EPCI-A", "", "2021-01-01"),
    ("COM-2", "EPCI-B", "2021-01-01", ""),
    ("COM-3", "EPCI-C", "", "2022-01-01"),
    ("COM-3", "EPCI-B", "2022-01-01", ""),
    ("COM-4", "EPCI-B", "", ""),
    ("COM-5", "EPCI-A", "2023-01-01", ""),
]
LIVES = {"EPCI-C": ("", "2022-01-01"), "COM-5": ("2023-01-01", "")}
SHARE = indicator("a", "d", levels=("COM", "EPCI"), scored_levels=("EPCI",), max_age=5, aggregation="ratio")
SHARE = replace(SHARE, published="numerator", denominator_source="dataset")
OTHER = replace(SHARE, code="b", max_age=1)


@pytest.fixture(scope="module")
def territories(tmp_path_factory: pytest.TempPathFactory) -> Territories:
    names = sorted({area for member, parent, _, _ in TIES for area in (member, parent)})
    levels = {"COM": "commune", "EPCI": "agglomeration"}
    known = [
        Territory(n, n[-1], level, n, "", levels[level], "", "", *LIVES.get(n, ("", "")))
        for n in names
        for level in [n.split("-")[0]]
    ]
    file = tmp_path_factory.mktemp("codelists") / "populations.csv"
    rows = [f"{area},{vintage},100" for area in names for vintage in (2019, 2024)]
    file.write_text("ref_area,vintage,population\n" + "\n".join(rows), encoding="utf-8")
    return Territories(known, EVENTS, TIES, file)


def seen(area: str, code: str, period: str, numerator: float) -> Observation:
    return Observation(area, code, period, None, "A", numerator, 100.0, 1.0, "x", period)


FIGURES = [
    *(seen(f"COM-{n}", "a", "2019", value) for n, value in ((1, 10), (2, 50), (3, 80), (4, 40))),
    *(seen(f"COM-{n}", "b", "2022", 60) for n in (1, 2, 3, 4)),
    *(seen(f"COM-{n}", "a", "2024", value) for n, value in ((1, 20), (2, 50), (3, 80), (4, 40), (5, 40))),
]


def history(territories: Territories, *editions: Framework, figures: list[Observation] = FIGURES) -> History:
    methods = editions or (replace(framework(SHARE, OTHER), time_period="2024"),)
    work = Aggregator(methods[-1], territories, {"percent": 100.0})
    completed = work.complete_all(figures)
    return History(methods, work, completed, work.of_their_time(completed), {"agglomeration"})


def by_key(rows: Any, *names: str) -> dict[tuple[Any, ...], Any]:
    return {tuple(row[name] for name in names): row for row in rows}


def test_periods_are_those_when_a_value_is_new_or_too_old(territories: Territories) -> None:
    # b, of 2022 and at most one year old, is gone in 2024; a is new in 2019 and 2024.
    assert history(territories).periods("EPCI") == ["2019", "2022", "2024"]
    assert history(territories).periods("COM") == []
    alone = [o for o in FIGURES if o.indicator == "b"]
    assert history(territories, figures=alone).periods("EPCI") == ["2022", "2024"]


def test_each_year_has_the_territories_and_perimeters_of_its_time(territories: Territories) -> None:
    found = by_key(series(history(territories)), "geography", "time_period", "node", "ref_area")
    assert found[EPOQUE, "2019", "a", "EPCI-A"]["score"] == 30
    assert found[EPOQUE, "2019", "a", "EPCI-C"]["score"] == 80
    # A figure of 2019 is carried to the perimeters of 2022, where EPCI-B has received COM-2 and COM-3.
    assert found[EPOQUE, "2022", "a", "EPCI-A"]["score"] == 10
    assert found[EPOQUE, "2022", "a", "EPCI-B"]["score"] == pytest.approx((50 + 80 + 40) / 3, abs=1e-6)
    assert (EPOQUE, "2022", "a", "EPCI-C") not in found
    assert found[EPOQUE, "2022", "a", "EPCI-B"]["cog"] == "2022"
    # In today's, a quarter of COM-4 is in EPCI-A.
    assert found[CONSTANTE, "2019", "a", "EPCI-A"]["score"] == pytest.approx((10 + 10) / 1.25)
    assert [found[g, "2019", "a", "EPCI-A"]["estimated"] for g in (EPOQUE, CONSTANTE)] == [0, 1]
    assert found[CONSTANTE, "2019", "index", "EPCI-A"]["estimated"] == 1
    assert found[CONSTANTE, "2024", "a", "EPCI-A"]["estimated"] == 0
    assert {key[3] for key in found if key[0] == CONSTANTE} == {"EPCI-A", "EPCI-B"}


def test_the_last_period_is_the_same_in_both_geographies(territories: Territories) -> None:
    rows = [row for row in series(history(territories)) if row["time_period"] == "2024"]
    halves = [[{**row, "geography": ""} for row in rows if row["geography"] == g] for g in (EPOQUE, CONSTANTE)]
    assert halves[0] == halves[1] != []


def test_a_level_of_one_period_says_only_what_differs(territories: Territories) -> None:
    first = [o for o in FIGURES if o.time_period == "2019"]
    found = by_key(series(history(territories, figures=first)), "geography", "node", "ref_area")
    assert {(key[0], key[2]) for key in found} == {(EPOQUE, f"EPCI-{x}") for x in "ABC"}
    same = [replace(o, time_period="2024", cog="2024") for o in first]
    assert list(series(history(territories, figures=same))) == []


def test_a_year_before_known_memberships_says_which_perimeters_it_took(territories: Territories) -> None:
    old = [replace(o, time_period="2017", cog="2019") if o.time_period == "2019" else o for o in FIGURES]
    a = replace(SHARE, max_age=9)
    found = series(history(territories, replace(framework(a), time_period="2024"), figures=old))
    assert {row["cog"] for row in found if row["time_period"] == "2017" and row["geography"] == EPOQUE} == {"2019"}


def test_a_change_between_periods_is_told_from_the_perimeter(territories: Territories) -> None:
    method = replace(framework(SHARE), time_period="2024")
    found = by_key(changes(history(territories, method)), "node", "ref_area", "kind")
    one, two = found["index", "EPCI-A", "score"], found["index", "EPCI-B", "score"]
    # Époque 30 → constante 16 by the perimeter; then its own data, to (20 + 40) / 2, whose perimeter is today's.
    assert (one["change"], one["peers"], one["method"], one["correction"]) == (0, 0, 0, 0)
    assert (one["own_data"], one["perimeter"]) == (14, -14)
    assert (two["period_from"], two["period_to"]) == ("2019", "2024")
    assert two["own_data"] + two["perimeter"] == pytest.approx(two["change"], abs=1e-9)
    assert ("index", "EPCI-C", "score") not in found
    ranks = [found["index", area, "rank"] for area in ("EPCI-A", "EPCI-B")]
    assert [r["change"] for r in ranks] == [-1, -1]  # EPCI-C, which was first, is no more
    assert all(sum(r[cause] for cause in CAUSES) == pytest.approx(r["change"], abs=1e-9) for r in ranks)


@pytest.mark.parametrize(
    ("before", "known", "after", "own"),
    [(50, 40, 42, 2), (50, 30, 40, 10), (50, 70, 75, 5)],
    ids=["a merger then a rise", "corrected down then a rise", "corrected up then a rise"],
)
@pytest.mark.parametrize("cause", ["perimeter", "correction"])
def test_a_territory_is_credited_with_its_own_step_only(
    before: float, known: float, after: float, own: float, cause: str
) -> None:
    method = framework(indicator("a", "d"))
    (one, _), (_, again), (two, _) = (situation(method, {"a": {"DEP-1": v}}) for v in (before, known, after))
    corrected = frozenset({("a", "DEP-1")}) if cause == "correction" else frozenset()
    rows = by_key(explain(Passage(one, two, lambda _: again, corrected)), "node", "kind")
    found = rows["index", "score"]
    assert (found["own_data"], found[cause], found["change"]) == (own, known - before, after - before)


def test_between_two_editions_everything_is_the_method(territories: Territories) -> None:
    new = replace(framework(replace(SHARE, high=50)), time_period="2024", edition="2026.2")
    old = replace(framework(SHARE), time_period="2024")
    found = [r for r in changes(history(territories, old, new)) if r["edition_from"] != r["edition_to"]]
    assert {(r["node"], r["kind"]) for r in found} >= {("index", "score"), ("index", "rank"), ("a", "score")}
    assert all(r["change"] == r["method"] for r in found) and any(r["method"] for r in found)
    assert {(r["edition_from"], r["edition_to"], r["period_from"]) for r in found} == {("2026.1", "2026.2", "2024")}


def situation(method: Framework, values: dict[str, dict[str, float]]) -> tuple[Situation, Values]:
    given: Values = {c: {a: Observed(v, "2025", 1.0) for a, v in by.items()} for c, by in values.items()}
    areas = sorted({area for by in values.values() for area in by})
    return Situation(method, [Member(a, "departement", True) for a in areas], lambda _: given), given


AREAS = ("DEP-1", "DEP-2", "DEP-3", "DEP-4")
CELLS = st.fixed_dictionaries(dict.fromkeys(AREAS, st.integers(0, 100).map(float)))
TABLES = st.fixed_dictionaries({"a": CELLS, "b": CELLS})
CODES = st.sets(st.sampled_from(list(product("ab", AREAS))))


@settings(max_examples=60, deadline=None)
@given(TABLES, TABLES, TABLES, CODES, st.integers(1, 3))
def test_parts_sum_to_every_change_and_idle_causes_get_nothing(
    old: dict[str, Any], again: dict[str, Any], new: dict[str, Any], corrected: set[tuple[str, str]], weight: int
) -> None:
    first = framework(indicator("a", "d"), indicator("b", "e"))
    second = framework(indicator("a", "d"), indicator("b", "e"), e=weight)
    (before, _), (_, known), (after, _) = (situation(m, v) for m, v in ((first, old), (first, again), (second, new)))
    rows = list(explain(Passage(before, after, lambda _: known, frozenset(corrected))))
    scored = defaultdict(dict)
    for name, side in (("before", before), ("after", after)):
        for row in score(side.framework, side.members, side.values(side.framework)):
            scored[name][row["node"], row["ref_area"]] = row
    for row in rows:
        one, other = (scored[name][row["node"], row["ref_area"]][str(row["kind"])] for name in ("before", "after"))
        assert row["change"] == pytest.approx(other - one, abs=1e-9)
        assert sum(float(str(row[cause])) for cause in CAUSES) == pytest.approx(row["change"], abs=1e-9)
        assert row["kind"] == "rank" or row["peers"] == 0
        assert weight != 1 or row["method"] == 0
        assert corrected or row["correction"] == 0
    told = {(row["node"], row["ref_area"]) for row in rows if row["kind"] == "score"}
    moved = {k for k in scored["before"] if scored["before"][k]["score"] != scored["after"][k]["score"]}
    assert moved <= told


def test_a_rank_lost_because_others_advanced_is_theirs() -> None:
    method = framework(indicator("a", "d"))
    before, known = situation(method, {"a": {"DEP-1": 50, "DEP-2": 40}})
    after, _ = situation(method, {"a": {"DEP-1": 50, "DEP-2": 60}})
    found = by_key(explain(Passage(before, after, lambda _: known)), "node", "ref_area", "kind")
    assert found["index", "DEP-1", "rank"]["peers"] == found["index", "DEP-1", "rank"]["change"] == 1
    assert found["index", "DEP-2", "rank"]["own_data"] == -1
    assert found["index", "DEP-1", "score"]["change"] == 0


def test_a_corrected_value_is_not_new_data() -> None:
    method = framework(indicator("a", "d"))
    before, _ = situation(method, {"a": {"DEP-1": 50, "DEP-2": 40}})
    after, known = situation(method, {"a": {"DEP-1": 30, "DEP-2": 40}})
    found = by_key(
        explain(Passage(before, after, lambda _: known, frozenset({("a", "DEP-1")}))), "node", "ref_area", "kind"
    )
    assert found["index", "DEP-1", "score"]["correction"] == found["index", "DEP-1", "score"]["change"] == -20
    assert found["index", "DEP-1", "rank"]["correction"] == 1
    assert found["index", "DEP-2", "rank"]["peers"] == -1


def test_a_figure_that_arrives_or_stops_is_coverage_not_own_data() -> None:
    method = framework(indicator("a", "d"), indicator("b", "e"))
    before, known = situation(method, {"a": {"DEP-1": 50, "DEP-2": 40, "DEP-3": 70}, "b": {"DEP-3": 90}})
    after, _ = situation(method, {"a": {"DEP-1": 50, "DEP-2": 40, "DEP-3": 60}, "b": {"DEP-1": 80}})
    found = by_key(explain(Passage(before, after, lambda _: known)), "node", "ref_area", "kind")
    one, three = found["index", "DEP-1", "score"], found["index", "DEP-3", "score"]
    assert (one["change"], one["coverage"], one["own_data"]) == (15, 15, 0)
    # b stops while a falls: without b, a weighs twice as much.
    assert (three["change"], three["coverage"], three["own_data"]) == (-20, -12.5, -7.5)


PRESENT = st.lists(st.sampled_from(list(product("ab", AREAS))), unique=True)


@settings(max_examples=40, deadline=None)
@given(TABLES, TABLES, PRESENT, PRESENT)
def test_parts_sum_whatever_is_observed_and_each_step_has_one_cause(
    old: dict[str, Any], new: dict[str, Any], first: list[Any], last: list[Any]
) -> None:
    def some(table: dict[str, Any], kept: list[Any]) -> dict[str, Any]:
        return {code: {area: v for area, v in cells.items() if (code, area) in kept} for code, cells in table.items()}

    method = framework(indicator("a", "d"), indicator("b", "e"))
    (before, known), (after, _) = (situation(method, some(*side)) for side in ((old, first), (new, last)))
    for row in explain(Passage(before, after, lambda _: known)):
        assert sum(float(str(row[cause])) for cause in CAUSES) == pytest.approx(row["change"], abs=1e-9)
        both = [(code, row["ref_area"]) for code in "ab" if (code, row["ref_area"]) in {*first} & {*last}]
        one_side = [(code, row["ref_area"]) for code in "ab" if (code, row["ref_area"]) in {*first} ^ {*last}]
        assert both or row["own_data"] == 0
        assert one_side or row["coverage"] == 0
