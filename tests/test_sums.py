"""Members against totals: what adds up is silent, what does not is told with both figures."""

import shutil
from pathlib import Path

import pytest
from repositories import ROOT, edit

from observatory.validation import validate

LINES = "ref_area,indicator,time_period,obs_value\n"
COUNT = "france-services-100000"


@pytest.fixture(name="lieux")
def lay_dataset(root: Path) -> Path:
    """The CSV of a long dataset of counts, in a valid repository."""
    shutil.copytree(ROOT / "tests/fixtures/problems/sum-mismatch/datasets", root / "datasets", dirs_exist_ok=True)
    edit(root / "datasets/lieux_ouverts.resource.yaml", "rows: {min: 2}", "rows: {min: 1}")
    edit(root / "datasets/lieux_ouverts.resource.yaml", "territories: {min: 2}", "territories: {min: 1}")
    return root / "datasets/lieux_ouverts.csv"


def told(lieux: Path, rows: list[tuple[str, str, object]], indicator: str = COUNT) -> list[tuple[str, int | None, str]]:
    text = "".join(f"{area},{indicator},{time},{value}\n" for area, time, value in rows)
    lieux.write_text(LINES + text, encoding="utf-8")
    return [(entry.file.rpartition("/")[2], entry.line, entry.message) for entry in validate(lieux.parent.parent)]


def test_both_figures_are_told(lieux: Path) -> None:
    ((file, line, message),) = told(lieux, [("DEP-75", "2022-11", 12), ("REG-11", "2022-11", 1500)])
    assert (file, line) == ("lieux_ouverts.csv", 3)
    assert message == (
        "Île-de-France (novembre 2022) : le total publié est 1\u202f500, alors que la somme de ses membres "
        "(1\u00a0département) est 12."
    )


@pytest.mark.parametrize(
    "rows",
    [
        [("DEP-75", "2022-11", 12), ("REG-11", "2022-11", 12)],
        [("DEP-75", "2022-10", 12), ("REG-11", "2022-11", 15)],  # not of the same month
        [("DEP-01", "2022-11", 12), ("REG-11", "2022-11", 15)],  # not its member
        [("REG-11", "2022-11", 15), ("REG-84", "2022-11", 15), ("FRA", "2022-11", 99)],  # members are missing
        [("DEP-75", "2022-11", 11.96), ("REG-11", "2022-11", 12.0)],
    ],
)
def test_what_may_add_up_is_silent(lieux: Path, rows: list[tuple[str, str, object]]) -> None:
    assert told(lieux, rows) == []


@pytest.mark.parametrize(
    ("member", "total", "wrong"),
    [
        (11.9, 12.0, False),  # as good as 12 in whole numbers, half a unit for each of the two figures
        (11.9, 13.0, True),
        (11.9, 12.1, True),  # tenths on both sides
        (11.94, 12.0, False),
        (11.94, 11.9, False),
        (12, 13, True),
    ],
)
def test_rounding_explains_half_a_unit_of_each_figure(lieux: Path, member: float, total: float, wrong: bool) -> None:
    found = told(lieux, [("DEP-75", "2022-11", member), ("REG-11", "2022-11", total)])
    assert [line for _, line, _ in found] == ([3] if wrong else [])


def test_a_collectivity_made_of_departements_is_not_counted_with_them(lieux: Path) -> None:
    """DEP-6AE holds DEP-68: the région is the sum of départements alone."""
    rows: list[tuple[str, str, object]] = [("DEP-68", "2022-11", 12), ("DEP-6AE", "2022-11", 12)]
    assert told(lieux, [*rows, ("REG-44", "2022-11", 12)]) == []
    assert len(told(lieux, [*rows, ("REG-44", "2022-11", 24)])) == 1


def test_percentages_do_not_add_up(lieux: Path) -> None:
    with lieux.with_name("couverture_fibre.csv").open("a", encoding="utf-8") as stream:
        stream.write("REG-11,couverture-fibre,2022-Q3,81\n")  # DEP-75, its only one, has 97
    assert told(lieux, [("DEP-75", "2022-11", 12)]) == []


def test_members_of_another_dataset_count(lieux: Path) -> None:
    """Communes without a row have none: EPCI-200066009 has the 3 places of Mulhouse, says the national list."""
    edit(lieux.with_suffix(".resource.yaml"), "end: 2022-11-30", "end: 2024-08-31")
    assert told(lieux, [("EPCI-200066009", "2024-08", 3)]) == []
    ((_, line, message),) = told(lieux, [("EPCI-200066009", "2024-08", 4)])
    assert line == 2 and "(dans datasets/france_services.csv)" in message


def test_a_gap_that_is_meant_is_accepted_in_writing(lieux: Path) -> None:
    rows: list[tuple[str, str, object]] = [("DEP-75", "2022-11", 12), ("REG-11", "2022-11", 15)]
    with lieux.with_suffix(".resource.yaml").open("a", encoding="utf-8") as stream:
        stream.write("accepted:\n  - {problem: sum-mismatch, reason: Trois lieux sont de toute la région.}\n")
    assert told(lieux, rows) == []
