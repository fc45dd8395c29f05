"""What other files tell of a cell: territories through time, and what is hardly likely."""

from pathlib import Path

import pytest

from observatory.catalogue import read_catalogue
from observatory.judges import Gazetteer, PeriodJudge, TerritoryJudge
from observatory.plausibility import Point, report_implausible, report_ratios
from observatory.problems import problem
from observatory.reading import read_table
from observatory.territories import Territories, Territory

# Territories through time


def territory(ref_area: str, name: str, start: str = "", end: str = "") -> Territory:
    level, _, code = ref_area.partition("-")
    return Territory(ref_area, code, level, name, "commune", "autre-commune", "", "COM", start, end)


def judge(vintage: str, level: str = "COM") -> TerritoryJudge:
    areas = [
        territory("COM-01001", "Ici"),
        territory("COM-01002", "Là", end="2019-01-01"),
        territory("COM-01003", "Neuve", start="2019-01-01"),
        territory("COM-01005", "Perdue", end="2017-01-01"),
        territory("COM-01006", "Partagée", end="2017-01-01"),
    ]
    events = [
        ("2019-01-01", "COM-01002", "COM-01003", 1.0),
        ("2017-01-01", "COM-01006", "COM-01001", 0.5),
        ("2017-01-01", "COM-01006", "COM-01002", 0.5),
    ]
    return TerritoryJudge(Gazetteer(Territories(areas, events), Path("absent.csv")), level, vintage)


@pytest.mark.parametrize(
    ("code", "vintage", "message"),
    [
        ("01001", "2018", ""),
        ("01002", "2018", ""),
        (
            "01002",
            "2019",
            "« 01002 » (Là) n'existe plus au 1ᵉʳ janvier 2019, millésime déclaré (cog) : disparition le "
            "1ᵉʳ\u00a0janvier 2019. Écrivez « 01003 » (Neuve), qui lui succède ; ou déclarez dans cog le millésime des "
            "codes du fichier.",
        ),
        (
            "01005",
            "2018",
            "« 01005 » (Perdue) n'existe plus au 1ᵉʳ janvier 2018, millésime déclaré (cog) : disparition le "
            "1ᵉʳ\u00a0janvier 2017. Retirez la ligne, ou déclarez dans cog le millésime des codes du fichier.",
        ),
        (
            "01006",
            "2018",
            "« 01006 » (Partagée) n'existe plus au 1ᵉʳ janvier 2018, millésime déclaré (cog) : disparition le "
            "1ᵉʳ\u00a0janvier 2017. Son territoire est partagé entre « 01001 » (Ici) et « 01002 » (Là) ; ou déclarez "
            "dans cog le millésime des codes du fichier.",
        ),
        (
            "01003",
            "2018",
            "« 01003 » (Neuve) n'existe pas encore au 1ᵉʳ janvier 2018, millésime déclaré (cog) : création le "
            "1ᵉʳ\u00a0janvier 2019. Avant cette date : « 01002 » (Là). Reprenez ces codes, ou déclarez dans cog le "
            "millésime du fichier.",
        ),
    ],
)
def test_territories_are_judged_at_the_vintage(code: str, vintage: str, message: str) -> None:
    fault = judge(vintage)(code)
    assert (problem(fault.code, "x.csv", 2, **fault.details).sentence if fault else "") == message


@pytest.mark.parametrize(
    ("period", "end", "expected"),
    [
        ("2022-Q3", "2022-09-30", None),
        ("2022-Q3", "2022-07-01", None),
        ("2022-Q4", "2022-09-30", "après la fin"),
        ("2022-10", "2022-09-30", "après la fin"),
        ("2022", "2022-01-31", None),
        ("2017-Q1", "2022-09-30", None),
        ("2017-02", "2022-09-30", "avant le début"),
        ("2016", "2022-09-30", "avant le début"),
        ("2031", "demain", None),
        ("2031", "2017-01-01", None),
    ],
)
def test_a_period_touches_the_declared_time(period: str, end: str, expected: str | None) -> None:
    fault = PeriodJudge({"start": "2017-03-31", "end": end})(period)
    assert (fault.details["sense"] if fault else None) == expected


# Plausibility


def test_small_percentages_among_others_raise_no_warning(root: Path) -> None:
    table = read_table(next(d for d in read_catalogue(root)[0] if d.name == "eligibilite_fixe"), root)
    series = {("x", "DEP"): [Point(n, "locaux", f"DEP-{n}", "2019", v) for n, v in enumerate([0.2, 0.4, 1.1])]}
    report_ratios(table, series, {"x"})
    assert table.problems == []
    report_ratios(table, {("x", "DEP"): series["x", "DEP"][:2] * 2}, {"y"})
    assert table.problems == []
    report_ratios(table, {("x", "DEP"): series["x", "DEP"][:2] * 2}, {"x"})
    assert [entry.code for entry in table.problems] == ["ratio-for-percent"]


def test_true_distributions_raise_no_warning(root: Path) -> None:
    """Populations of communes are as skewed as French data get: Paris is no outlier."""
    table = read_table(next(d for d in read_catalogue(root)[0] if d.name == "eligibilite_fixe"), root)
    values = [10 ** (2.65 + 0.55 * (n - 1000) / 400) for n in range(2001)] + [850_000.0, 2_100_000.0]
    points = [Point(0, "locaux", f"COM-{n}", "2019", value) for n, value in enumerate(values)]
    report_implausible(table, {("locaux", "COM"): points})
    assert table.problems == []


def test_a_long_tail_without_gap_raises_no_warning(root: Path) -> None:
    """Far from the median, but each near the next: late starters, not faults."""
    table = read_table(next(d for d in read_catalogue(root)[0] if d.name == "eligibilite_fixe"), root)
    values = [50.0 + n % 40 for n in range(120)] + [20.0, 8.0, 3.0, 1.4]
    points = [Point(0, "locaux", f"COM-{n}", "2019", value) for n, value in enumerate(values)]
    report_implausible(table, {("locaux", "COM"): points})
    assert table.problems == []
