"""Counts are summed, ratios recomputed, through memberships and events of the right vintage."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.aggregation import Aggregator, Observation
from observatory.model import Framework, Indicator
from observatory.territories import Territories, Territory

# Two EPCI in one département. In 2021 COM-3 merged into COM-2; in 2022 COM-5 left COM-4 with a quarter of it.
EPOCHS = {"COM-3": ("", "2021-01-01"), "COM-5": ("2022-01-01", "")}
EVENTS = [
    ("2021-01-01", "COM-2", "COM-2", 1.0),
    ("2021-01-01", "COM-3", "COM-2", 1.0),
    ("2022-01-01", "COM-4", "COM-4", 0.75),
    ("2022-01-01", "COM-4", "COM-5", 0.25),
]
EPCI = {"COM-1": "EPCI-A", "COM-2": "EPCI-A", "COM-3": "EPCI-B", "COM-4": "EPCI-B", "COM-5": "EPCI-B"}
PEOPLE = {"COM-1": 100, "COM-2": 200, "COM-3": 300, "COM-4": 400, "COM-5": 100}


@pytest.fixture(scope="module")
def territories(tmp_path_factory: pytest.TempPathFactory) -> Territories:
    names = [*EPCI, "EPCI-A", "EPCI-B", "DEP-1", "REG-1", "FRA"]
    known = [
        Territory(n, n.partition("-")[2], n.partition("-")[0], n, "", "", "", "", *EPOCHS.get(n, ("", "")))
        for n in names
    ]
    up = [(commune, epci, "", "") for commune, epci in EPCI.items()]
    up += [(commune, area, "", "") for commune in EPCI for area in ("DEP-1", "REG-1")]
    up += [("DEP-1", "REG-1", "", ""), ("REG-1", "FRA", "", "")]
    file = tmp_path_factory.mktemp("codelists") / "populations.csv"
    rows = [f"{c},{year},{people * growth}" for year, growth in ((2019, 1), (2022, 2)) for c, people in PEOPLE.items()]
    rows += [f"{area},{year},{1000 * growth}" for year, growth in ((2019, 1), (2022, 2)) for area in ("DEP-1", "FRA")]
    file.write_text("ref_area,vintage,population\n" + "\n".join(rows), encoding="utf-8")
    return Territories(known, EVENTS, up, file)


def indicator(**changes: Any) -> Indicator:
    base = Indicator(
        code="share",
        domain="d",
        status="active",
        unit="percent",
        direction="higher",
        weight=1,
        low=0,
        high=100,
        levels=("COM", "EPCI", "DEP", "REG", "FRA"),
        scored_levels=("DEP",),
        max_age=5,
        published="numerator",
        denominator_source="dataset",
        aggregation="ratio",
        absent="missing",
        details={},
    )
    return replace(base, **changes)


def aggregator(territories: Territories, one: Indicator, unit: float = 100.0) -> Aggregator:
    framework = Framework("1", "2022", "", 0, 0, 1, (), (), (one,), {})
    return Aggregator(framework, territories, {"percent": unit})


def seen(ref_area: str, numerator: float | None, denominator: float | None, period: str = "2019") -> Observation:
    return Observation(ref_area, "share", period, None, "A", numerator, denominator, 1.0, "x", "2019")


def by_area(observations: list[Observation]) -> dict[str, Observation]:
    return {o.ref_area: o for o in observations}


def today(work: Aggregator, completed: list[Observation]) -> list[Observation]:
    return work.in_geography(completed, work.of_their_time(completed), "2022")


ALL = [seen("COM-1", 10, 20), seen("COM-2", 30, 30), seen("COM-3", 0, 50), seen("COM-4", 40, 80)]


def test_ratios_are_recomputed_not_averaged(territories: Territories) -> None:
    work = aggregator(territories, indicator())
    found = by_area(work.of_their_time(work.complete_all(ALL)))
    assert found["COM-1"].value == 50 and found["COM-1"].status == "A"
    assert found["EPCI-A"].value == 80 and found["EPCI-A"].status == "E"
    assert (found["DEP-1"].numerator, found["DEP-1"].denominator) == (80, 180)
    assert found["FRA"].value == pytest.approx(100 * 80 / 180)
    assert {o.coverage for o in found.values()} == {1.0}


def test_a_commune_without_data_lowers_coverage(territories: Territories) -> None:
    work = aggregator(territories, indicator())
    found = by_area(work.of_their_time(work.complete_all([ALL[0], seen("COM-2", None, None)])))
    assert found["COM-2"].status == "O" and found["COM-2"].value is None
    assert found["EPCI-A"].value == 50
    assert found["EPCI-A"].coverage == pytest.approx(100 / 300, abs=1e-6)
    assert "EPCI-B" not in found


def test_absent_communes_count_zero_when_the_indicator_says_so(territories: Territories) -> None:
    one = indicator(denominator_source="population", absent="zero")
    work = aggregator(territories, one)
    found = by_area(work.of_their_time(work.complete_all([seen("COM-1", 3, None)])))
    assert found["EPCI-A"].value == pytest.approx(100 * 3 / 300)
    assert found["EPCI-B"].value == 0
    assert found["DEP-1"].denominator == 1000 and found["DEP-1"].coverage == 1


def test_what_is_published_for_a_territory_wins(territories: Territories) -> None:
    work = aggregator(territories, indicator())
    found = by_area(work.of_their_time(work.complete_all([*ALL, seen("DEP-1", 1, 4)])))
    assert found["DEP-1"].value == 25 and found["DEP-1"].status == "A"
    assert found["REG-1"].status == "E"


def test_levels_of_the_indicator_are_respected(territories: Territories) -> None:
    work = aggregator(territories, indicator(levels=("COM", "DEP")))
    assert {o.ref_area.split("-")[0] for o in work.of_their_time(work.complete_all(ALL))} == {"COM", "DEP"}


def test_a_published_ratio_is_not_carried_up(territories: Territories) -> None:
    work = aggregator(territories, indicator(aggregation="none", denominator_source="none", published="value"))
    alone = replace(seen("COM-1", None, None), value=12.0)
    assert [o.ref_area for o in work.of_their_time(work.complete_all([alone]))] == ["COM-1"]


def test_todays_perimeters_receive_merged_and_split_communes(territories: Territories) -> None:
    work = aggregator(territories, indicator())
    found = by_area(today(work, work.complete_all(ALL)))
    # COM-3 moved to EPCI-A inside COM-2; COM-4 shared with COM-5, in the same EPCI.
    assert (found["COM-2"].numerator, found["COM-2"].denominator) == (30, 80)
    assert (found["COM-5"].numerator, found["COM-5"].denominator) == (10, 20)
    assert found["EPCI-A"].value == 40 and found["EPCI-B"].value == 50
    assert "DEP-1" not in found, "its perimeter did not change"


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 99)), min_size=4, max_size=4))
def test_counts_are_kept_whatever_the_geography(territories: Territories, counts: list[tuple[int, int]]) -> None:
    work = aggregator(territories, indicator())
    rows = [seen(f"COM-{n}", *pair) for n, pair in enumerate(counts, start=1)]
    completed = work.complete_all(rows)
    theirs = by_area(work.of_their_time(completed))
    todays = {**theirs, **by_area(today(work, completed))}
    for found in (theirs, todays):
        assert sum(found[e].numerator or 0 for e in ("EPCI-A", "EPCI-B")) == pytest.approx(found["FRA"].numerator)
        assert found["FRA"].denominator == pytest.approx(sum(d for _, d in counts))


def test_in_their_time_events_still_to_come_change_nothing(territories: Territories) -> None:
    work = aggregator(territories, indicator())
    found = by_area(work.of_their_time(work.complete_all(ALL)))
    assert found["EPCI-B"].value == pytest.approx(100 * 40 / 130)
    assert "COM-5" not in found


def test_population_is_that_of_the_period(territories: Territories) -> None:
    work = aggregator(territories, indicator(denominator_source="population"))
    periods = {o.time_period: o for o in work.complete_all([seen("DEP-1", 5, None), seen("DEP-1", 5, None, "2022-06")])}
    assert [periods[p].denominator for p in ("2019", "2022-06")] == [1000, 2000]


def test_a_published_figure_stays_in_todays_perimeters(territories: Territories) -> None:
    work = aggregator(territories, indicator())
    assert "EPCI-A" not in by_area(today(work, work.complete_all([*ALL, seen("EPCI-A", 1, 4)])))


def test_a_count_is_added_up_and_has_no_denominator(territories: Territories) -> None:
    one = indicator(aggregation="sum", denominator_source="none", absent="zero")
    work = aggregator(territories, one, unit=1.0)
    found = by_area(work.of_their_time(work.complete_all([seen("COM-1", 2, None), seen("COM-4", 3, None)])))
    assert [found[area].value for area in ("COM-1", "EPCI-A", "EPCI-B", "FRA")] == [2, 2, 3, 5]
    assert found["COM-2"].value == 0 and found["COM-2"].status == "E"
    assert {o.denominator for o in found.values()} == {None}


def test_counts_of_departements_reach_the_country_and_the_region_alone_with_one(territories: Territories) -> None:
    one = indicator(denominator_source="population", levels=("DEP", "REG", "FRA"))
    work = aggregator(territories, one)
    found = by_area(work.of_their_time(work.complete_all([seen("DEP-1", 5, None)])))
    assert (found["FRA"].value, found["FRA"].status) == (0.5, "E")
    assert (found["REG-1"].value, found["REG-1"].status) == (0.5, "E")


def test_a_region_of_one_departement_shares_its_figures_both_ways(territories: Territories) -> None:
    one = indicator(aggregation="none", denominator_source="none", levels=("DEP", "REG"))
    work = aggregator(territories, one)
    rows = [replace(seen("DEP-1", None, None), value=1.0), replace(seen("REG-1", None, None, "2022"), value=2.0)]
    found = {(o.ref_area, o.time_period): (o.value, o.status) for o in work.of_their_time(work.complete_all(rows))}
    assert found == {
        ("DEP-1", "2019"): (1.0, "A"),
        ("REG-1", "2019"): (1.0, "E"),
        ("REG-1", "2022"): (2.0, "A"),
        ("DEP-1", "2022"): (2.0, "E"),
    }


def stated(ref_area: str, status: str) -> Observation:
    return Observation(ref_area, "share", "2019", None, status, None, None, 1.0, "x", "2019")


@pytest.mark.parametrize(("status", "coverage"), [("Q", 0.7), ("M", 1.0), ("O", 0.7)])
def test_a_commune_without_object_is_not_missed_and_a_secret_one_is(
    territories: Territories, status: str, coverage: float
) -> None:
    work = aggregator(territories, indicator())
    rows = [seen("COM-1", 10, 100), seen("COM-2", 20, 200), stated("COM-3", status), seen("COM-4", 40, 400)]
    found = by_area(work.of_their_time(work.complete_all(rows)))
    assert (found["DEP-1"].value, found["DEP-1"].coverage, found["DEP-1"].status) == (10, coverage, "E")
    assert (found["COM-3"].value, found["COM-3"].status) == (None, status)


@pytest.mark.parametrize(("status", "coverage"), [("Q", (0.571429, 0.7)), ("M", (1.0, 1.0))])
@pytest.mark.parametrize(("source", "denominators"), [("population", (400, 700)), ("members", (1, 3))])
def test_where_absence_is_zero_a_secret_is_not(
    territories: Territories, status: str, coverage: tuple[float, float], source: str, denominators: tuple[int, int]
) -> None:
    work = aggregator(territories, indicator(absent="zero", denominator_source=source), 1.0)
    completed = work.complete_all([seen("COM-1", 10, None), stated("COM-3", status)])
    found = by_area(work.of_their_time(completed))
    for area, numerator, share, denominator in zip(("EPCI-B", "DEP-1"), (0, 10), coverage, denominators, strict=True):
        one = found[area]
        assert (one.numerator, one.denominator, one.coverage) == (numerator, denominator, share)
    assert (found["COM-3"].value, found["COM-3"].status, found["COM-4"].value) == (None, status, 0)


def test_a_territory_all_of_which_is_secret_has_no_sum(territories: Territories) -> None:
    work = aggregator(territories, indicator(absent="zero", aggregation="sum", denominator_source="none"), 1.0)
    completed = work.complete_all([seen("COM-1", 3, None), stated("COM-3", "Q"), stated("COM-4", "Q")])
    found, later = by_area(work.of_their_time(completed)), by_area(today(work, completed))
    assert "EPCI-B" not in found and found["DEP-1"].value == 3
    assert "COM-4" not in later and found["COM-4"].status == "Q"


def test_departements_that_keep_a_secret_are_not_counted(territories: Territories) -> None:
    work = aggregator(territories, indicator())
    found = work.of_their_time(work.complete_all([stated("DEP-1", "Q")]))
    # A région of one département is the same place, hence has the same secret; what is above has nothing.
    assert [(o.ref_area, o.status) for o in found] == [("DEP-1", "Q"), ("REG-1", "Q")]
