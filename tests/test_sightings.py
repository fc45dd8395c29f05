"""One observation, one dataset, one row: whatever the way its period is written."""

import json
from pathlib import Path

import pytest
from repositories import ELIGIBILITY, FIBRE, HEADER, edit

from observatory.catalogue import read_catalogue
from observatory.sightings import sightings
from observatory.validation import validate


def add_long(root: Path, rows: str) -> None:
    text = (root / "datasets/couverture_fibre.resource.yaml").read_text(encoding="utf-8")
    text = text.replace("couverture_fibre", "fixe_bis").partition("expectations:")[0]
    text = text.replace("start: 2022-06-30, end: 2022-09-30", "start: 2019-01-01, end: 2022-09-30")
    text += "expectations:\n  rows: {min: 1, max: 9}\n  territories: {min: 1, max: 9}\n"
    (root / "datasets/fixe_bis.resource.yaml").write_text(text, encoding="utf-8")
    (root / "datasets/fixe_bis.csv").write_text(HEADER + rows, encoding="utf-8")


@pytest.mark.parametrize("period", ["2019-Q3", "2019-09"])
def test_a_quarter_and_its_last_month_are_one_observation(root: Path, period: str) -> None:
    add_long(root, f"COM-01004,eligibilite-1-gbits,{period},12\nCOM-01033,eligibilite-1-gbits,2020-09,12\n")
    found = [entry for entry in validate(root) if entry.code == "observed-twice"]
    assert [(entry.file, entry.line) for entry in found] == [("datasets/fixe_bis.csv", 2)]
    place = f"{ELIGIBILITY}:2" + (" pour 2019-09, qui s'achève le même mois" if period == "2019-Q3" else "")
    expected = f"COM-01004, {period} : eligibilite-1-gbits se trouve déjà dans {place}."
    assert found[0].message == expected


@pytest.mark.parametrize("period", ["2019-Q2", "2019", "2019-08"])
def test_periods_that_end_in_other_months_are_other_observations(root: Path, period: str) -> None:
    add_long(root, f"COM-01004,eligibilite-1-gbits,{period},12\n")
    assert "observed-twice" not in {entry.code for entry in validate(root)}


def test_two_writings_of_a_period_in_one_wide_dataset(root: Path) -> None:
    path = root / "schemas/eligibilite_fixe.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["fields"].append({"name": "periode", "type": "string", "period": True, "title": "Période"})
    schema["primaryKey"] = ["code_commune", "periode"]
    path.write_text(json.dumps(schema), encoding="utf-8")
    rows = "code_commune,locaux,locaux_1_gbits,periode\n01004,10,5,2019-Q3\n01033,10,5,2019-Q3\n01004,11,6,2019-09\n"
    (root / ELIGIBILITY).write_text(rows, encoding="utf-8")
    found = [entry for entry in validate(root, [root / ELIGIBILITY]) if entry.code == "mixed-time-period"]
    assert [(entry.line, entry.column, entry.value) for entry in found] == [(4, "periode", "2019-09")]
    assert f"est suivi par trimestre depuis {ELIGIBILITY}:2" in found[0].message


def test_what_a_dataset_observes(root: Path) -> None:
    edit(root / FIBRE, "DEP-01,couverture-fibre,2022-Q3", "DEP-01,,2022-Q3")
    seen = {sighting.dataset: sighting for sighting in sightings(read_catalogue(root)[0], root)}
    assert set(seen) == {"couverture_fibre", "eligibilite_fixe", "france_services"}
    long, wide = seen["couverture_fibre"], seen["eligibilite_fixe"]
    assert (long.indicators, wide.indicators) == ({"couverture-fibre"}, {"eligibilite-1-gbits"})
    assert long.lines.tolist() == [2, *range(4, 11)] and list(long.firsts()) == [("couverture-fibre", "2022-Q2", 2)]
    assert (wide.ref_area[0], wide.time_period[0], wide.rows("eligibilite-1-gbits").tolist()) == (
        "COM-01004",
        "2019-09",
        list(range(9)),
    )
