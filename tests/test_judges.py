"""What other files tell of a cell: territories through time, and what is hardly likely."""

from pathlib import Path

import numpy as np
import pytest
from repositories import FIBRE, edit

from observatory.catalogue import read_catalogue
from observatory.columns import encode
from observatory.constants import report_constants
from observatory.editions import report_lost_coverage
from observatory.judges import PeriodJudge
from observatory.places import Gazetteer, TerritoryJudge
from observatory.plausibility import report_implausible, report_ratios
from observatory.problems import problem
from observatory.reading import Table, read_table
from observatory.series import Series
from observatory.territories import Territories, Territory
from observatory.validation import validate

# Territories through time


def territory(ref_area: str, name: str, start: str = "", end: str = "") -> Territory:
    level, _, code = ref_area.partition("-")
    return Territory(ref_area, code, level, name, "commune", "autre-commune", "", "COM", start, end)


def judge(vintage: str, level: str = "COM", locates: bool = False) -> TerritoryJudge:
    areas = [
        territory("COM-01001", "Ici"),
        territory("COM-01002", "Là", end="2019-01-01"),
        territory("COM-01003", "Neuve", start="2019-01-01"),
        territory("COM-01005", "Perdue", end="2017-01-01"),
        territory("COM-01006", "Partagée", end="2017-01-01"),
        territory("COM-68003", "Altenbach", end="1973-01-01"),
        territory("COM-68106", "Goldbach-Altenbach"),
        territory("COM-01007", "Absorbée", end="2015-01-01"),
        territory("COM-01008", "Ancienne", end="2016-01-01"),
        territory("COM-01009", "Agrandie"),
    ]
    events = [
        ("2019-01-01", "COM-01002", "COM-01003", 1.0),
        ("2017-01-01", "COM-01006", "COM-01001", 0.5),
        ("2017-01-01", "COM-01006", "COM-01002", 0.5),
        ("1973-01-01", "COM-68003", "COM-68106", 1.0),
        ("1973-01-01", "COM-68106", "COM-68106", 1.0),
        ("2015-01-01", "COM-01007", "COM-01008", 1.0),  # which the list does not tell to be there already
        ("2016-01-01", "COM-01008", "COM-01009", 1.0),
    ]
    found = TerritoryJudge(Gazetteer(Territories(areas, events), Path("absent.csv")), level, vintage)
    found.locates = locates
    return found


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
            "68003",
            "2018",
            "« 68003 » (Altenbach) n'existe plus au 1ᵉʳ janvier 2018, millésime déclaré (cog) : disparition le "
            "1ᵉʳ\u00a0janvier 1973. « 68106 » (Goldbach-Altenbach) lui succède, dont il n'est qu'une partie : "
            "additionnez les communes réunies, ou déclarez dans cog le millésime des codes du fichier.",
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
    ("code", "locates", "correction"),
    [
        ("01002", False, "01003"),  # a new code, and nothing more
        ("68003", False, None),  # one of two that merged: its figure is not that of both
        ("68003", True, "68106"),  # what stood there stands in the heir
        ("01007", False, None),
        ("01008", False, None),
        ("01006", True, None),  # which of the two?
        ("01005", True, None),
    ],
)
def test_only_a_lone_heir_takes_the_figures_of_a_vanished_territory(
    code: str, locates: bool, correction: str | None
) -> None:
    fault = judge("2019", locates=locates)(code)
    assert fault and (fault.code, fault.details.get("correction")) == ("vanished-territory", correction)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("COM-68224", "« COM-68224 » est une commune"),
        ("COM-68225", "« COM-68225 » est une commune"),  # there is none: nor would another one do
        ("COM-01091", "« COM-01091 » est une commune"),
        ("Mulhouse", "« Mulhouse » est une commune"),
        (" COM-68224", "«  COM-68224 » est une commune"),
        ("FRA", "« FRA » est un pays"),
    ],
)
def test_a_level_that_the_indicator_does_not_admit_is_told_first(root: Path, text: str, said: str) -> None:
    edit(root / FIBRE, "DEP-75,", f"{text},")
    (found,) = validate(root, [root / FIBRE])
    assert (found.code, found.line, found.column, found.correction) == ("indicator-level", 8, "ref_area", None)
    assert found.sentence == (
        f"{said}, alors que « couverture-fibre » s'observe pour un département (DEP) ou une région (REG). Retirez la "
        "ligne, ou ajoutez ce niveau à levels dans le fichier de l'indicateur s'il y a un sens."
    )


def test_a_code_of_an_admitted_level_is_mended_as_ever(root: Path) -> None:
    edit(root / FIBRE, "DEP-75,", "DEP-57,")
    (found,) = validate(root, [root / FIBRE])
    assert (found.code, found.line) == ("unknown-territory", 8)


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


def measured(entries: list[tuple[int, str, str, float]], what: str = "x", column: str = "locaux") -> Series:
    """The series of (row, ref_area, period, value)."""
    rows, areas, times, values = zip(*entries, strict=True)
    return Series(what, column, np.array(rows), encode(areas), encode(times), np.array(values, dtype=float))


@pytest.fixture(name="table")
def read_eligibility(root: Path) -> Table:
    return read_table(next(d for d in read_catalogue(root)[0] if d.name == "eligibilite_fixe"), root)


def codes(table: Table) -> list[str]:
    return [entry.code for entry in table.problems]


def test_small_percentages_among_others_raise_no_warning(table: Table) -> None:
    values = [(n, f"DEP-{n}", "2019", v) for n, v in enumerate([0.2, 0.4, 1.1])]
    report_ratios(table, [measured(values)], {"x"})
    assert codes(table) == []
    report_ratios(table, [measured(values[:2] * 2)], {"y"})
    assert codes(table) == []
    report_ratios(table, [measured(values[:2] * 2)], {"x"})
    assert codes(table) == ["ratio-for-percent"]


def test_true_distributions_raise_no_warning(table: Table) -> None:
    """Populations of communes are as skewed as French data get: Paris is no outlier."""
    values = [10 ** (2.65 + 0.55 * (n - 1000) / 400) for n in range(2001)] + [850_000.0, 2_100_000.0]
    report_implausible(table, [measured([(0, f"COM-{n}", "2019", value) for n, value in enumerate(values)])])
    assert codes(table) == []


def test_a_long_tail_without_gap_raises_no_warning(table: Table) -> None:
    """Far from the median, but each near the next: late starters, not faults."""
    values = [50.0 + n % 40 for n in range(120)] + [20.0, 8.0, 3.0, 1.4]
    report_implausible(table, [measured([(0, f"COM-{n}", "2019", value) for n, value in enumerate(values)])])
    assert codes(table) == []


def test_a_territory_is_compared_with_its_own_kind(table: Table) -> None:
    """Among communes, 9,000 is ordinary since large cities have as much; among small ones, it is not."""
    small = [(0, f"COM-{n}", "2019", 40.0 + n % 30) for n in range(60)] + [(1, "COM-60", "2019", 9_000.0)]
    large = [(0, f"COM-{n}", "2019", 8_000.0 + 50 * n) for n in range(100, 160)]
    series = [measured(small + large)]
    report_implausible(table, series)
    assert codes(table) == []
    report_implausible(table, series, lambda ref_area: "large" if len(ref_area) > 6 else "small")
    assert [(entry.code, entry.line) for entry in table.problems] == [("outlier", 3)]


def test_too_few_of_a_kind_are_compared_with_their_level(table: Table) -> None:
    entries = [(0, f"EPCI-{n}", "2019", 40.0 + n % 30) for n in range(60)] + [(1, "EPCI-60", "2019", 9_000.0)]
    report_implausible(table, [measured(entries)], lambda ref_area: "rare" if ref_area == "EPCI-60" else "usual")
    assert [(entry.code, entry.line) for entry in table.problems] == [("outlier", 3)]


@pytest.mark.parametrize(("value", "suggestion"), [(52_000.0, "52"), (0.052, "52")])
def test_thousands_for_units_are_told_from_other_outliers(table: Table, value: float, suggestion: str) -> None:
    entries = [(0, f"DEP-{n}", "2019", 40.0 + n % 30) for n in range(60)]
    report_implausible(table, [measured([*entries, (4, "DEP-60", "2019", value)])])
    (found,) = table.problems
    assert (found.code, found.line) == ("unit-confusion", 6)
    assert f" : {suggestion} serait une valeur ordinaire." in found.message


# Series that do not move


def growing(areas: int, periods: int, start: float = 40.0) -> list[tuple[int, str, str, float]]:
    return [(0, f"DEP-{n}", f"{2000 + time}", start + n + 3.0 * time) for n in range(areas) for time in range(periods)]


def test_a_period_where_all_say_the_same_is_told(table: Table) -> None:
    same = [(2, f"DEP-{n}", "2004", 57.0) for n in range(30)]
    report_constants(table, [measured(growing(30, 4) + same)], set())
    (found,) = table.problems
    assert found.code == "constant-series"
    assert found.message == "2004, 30\u00a0territoires : 57 partout, alors que les valeurs varient aux autres périodes."


@pytest.mark.parametrize(
    ("entries", "shares"),
    [
        ([(2, f"DEP-{n}", "2004", 57.0) for n in range(30)], set()),  # nothing else to compare with
        (growing(30, 4) + [(2, f"DEP-{n}", "2004", 0.0) for n in range(30)], set()),
        (growing(30, 4) + [(2, f"DEP-{n}", "2004", 100.0) for n in range(30)], {"x"}),
        (growing(30, 4) + [(2, f"DEP-{n}", "2004", 57.0) for n in range(12)], set()),
        (growing(30, 12) + [(2, "DEP-99", f"{2000 + time}", 2.0) for time in range(12)], set()),  # a small count
        (growing(30, 12) + [(2, "DEP-99", f"{2000 + time}", 99.0) for time in range(12)], {"x"}),
        (growing(30, 12) + [(2, "DEP-99", f"{2000 + time}", 0.0) for time in range(12)], set()),
        (growing(30, 12) + [(2, "DEP-99", f"{2000 + time}", 500.0) for time in range(5)], set()),
        ([(2, f"DEP-{n}", f"{2000 + time}", 500.0 + n) for n in range(30) for time in range(12)], set()),
    ],
)
def test_what_may_stay_the_same_raises_no_warning(
    table: Table, entries: list[tuple[int, str, str, float]], shares: set[str]
) -> None:
    report_constants(table, [measured(entries)], shares)
    assert codes(table) == []


def test_a_territory_that_never_moves_is_told(table: Table) -> None:
    still = [(2, "DEP-99", f"{2000 + time}", 500.0) for time in range(12)]
    report_constants(table, [measured(growing(30, 12) + still)], set())
    assert [(entry.code, entry.line, entry.message.split(" : ")[0]) for entry in table.problems] == [
        ("constant-series", 4, "DEP-99")
    ]


# Coverage


@pytest.mark.parametrize(
    ("kept", "told"),
    [(range(30), False), (range(1, 30), False), (range(2, 30), True), (range(16, 30), False), (range(14, 30), True)],
)
def test_territories_lost_since_the_period_before_are_told(table: Table, kept: range, told: bool) -> None:
    entries = [(0, f"DEP-{n:02}", "2019", 5.0) for n in range(30)] + [(1, f"DEP-{n:02}", "2020", 5.0) for n in kept]
    report_lost_coverage(table, [measured(entries)], judge("2018").places)
    assert codes(table) == (["coverage-lost"] if told else [])
