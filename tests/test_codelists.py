"""Closed lists: whatever is wrong in codelists/ is told in French, and nothing of it crashes."""

from pathlib import Path

import pytest
from repositories import ROOT, edit

from observatory.codelists import check_codelists
from observatory.territories import read_territories
from observatory.validation import validate


def test_the_real_lists_are_in_order() -> None:
    assert check_codelists(ROOT) == []


CASES = [
    ("populations", "COM-01004,2021,14204", "COM-01004,2019,14204", (3, None, "duplicate-key")),
    ("populations", "COM-01004,2021,14204", "COM-01004,2021,14 204", (3, "population", "thousands-separator")),
    ("populations", "COM-01004,2021,14204", "COM-01004,2021,beaucoup", (3, "population", "not-an-integer")),
    ("populations", "COM-01004,2021,14204", "COM-01004,2021,", (3, "population", "missing-value")),
    ("populations", "COM-01004,2021,14204", ",2021,14204", (3, "ref_area", "missing-value")),
    ("populations", "COM-01004,2021,14204", "COM-99999,2021,14204", (3, "ref_area", "codelist-reference")),
    ("populations", "COM-01004,2021,14204", "COM-01004,2021", (3, None, "missing-cell")),
    ("populations", "COM-01004,2021,14204", "COM-01004,2021,14204,1", (3, None, "extra-cell")),
    ("populations", "COM-01004,2021,14204", "COM-01004\n,2021,14204", (3, None, "missing-cell")),
    ("populations", "ref_area,vintage", "ref_area,annee", (1, None, "missing-column")),
    ("memberships", "COM-01004,REG-84,2016-01-01,", "COM-01004,REG-84,01/01/2016,", (4, "valid_from", "not-a-date")),
    ("memberships", "COM-01004,EPCI-240100883,,", "COM-01004,DEP-01,,", (3, None, "duplicate-key")),
    ("territory_events", "2016-01-01,merger,COM-85084,COM-85084,1", "2016-01-01,merger,COM-85084,COM-85084,un", None),
    ("territory_events", "2016-01-01,merger,COM-85084,COM-85084,1", "janvier,merger,COM-85084,COM-85084,1", None),
    ("points", "45.95814", "145.95814", (2, "latitude", "out-of-range")),
    ("points", "45.95814", "45,95814", None),
    ("territories", "COM-01004,01004,COM,", "COM-01004,01004,COMMUNE,", (2, "level", "codelist-reference")),
]
WORDS = {"un": "not-a-number", "janvier": "not-a-date", "45,95814": "extra-cell"}


@pytest.mark.parametrize(("name", "old", "new", "expected"), CASES, ids=[f"{case[0]}-{case[2]}" for case in CASES])
def test_a_faulty_list_is_told_and_does_not_crash(
    root: Path, name: str, old: str, new: str, expected: tuple[int, str | None, str] | None
) -> None:
    edit(root / f"codelists/{name}.csv", old, new)
    found = [entry for entry in validate(root) if entry.file == f"codelists/{name}.csv"]
    told = [(entry.line, entry.column, entry.code) for entry in found]
    word = next((word for word in WORDS if word in new), "")
    assert expected in told if expected else WORDS[word] in [code for _, _, code in told]
    assert len(read_territories(root).vintages) > 0


def test_a_list_that_is_not_utf_8_is_told(root: Path) -> None:
    path = root / "codelists/territory_aliases.csv"
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xe9"))
    assert "wrong-encoding" in {entry.code for entry in validate(root)}


def test_the_line_of_a_row_is_the_one_where_it_begins(root: Path) -> None:
    path = root / "codelists/event_types.csv"
    path.write_text('type,title,definition\na,"Titre\nlong",x\na,Titre,x\n', encoding="utf-8")
    found = [entry for entry in check_codelists(root) if entry.file == "codelists/event_types.csv"]
    assert [(entry.line, entry.code) for entry in found] == [(4, "duplicate-key")] and "ligne 2" in found[0].message
