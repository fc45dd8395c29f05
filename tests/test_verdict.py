"""Frictionless has the last word; and three gates that it lacks: quotes, encoding, schemas."""

import re
from functools import partial
from pathlib import Path

import pytest
from frictionless import Resource
from repositories import ELIGIBILITY, FIBRE, HEADER, edit

from observatory import reading
from observatory.catalogue import read_catalogue
from observatory.problems import Problem
from observatory.reading import Table, read_table, table_schema
from observatory.screen import screened
from observatory.validation import validate
from observatory.verdict import verdict


def told(root: Path, name: str) -> list[Problem]:
    """The verdict on a dataset whose own problems are left as reading finds them."""
    dataset = next(entry for entry in read_catalogue(root)[0] if entry.name == name)
    return verdict(read_table(dataset, root))


def test_a_valid_site_leaves_frictionless_nothing_to_say(root: Path) -> None:
    for dataset in read_catalogue(root)[0]:
        assert verdict(read_table(dataset, root)) == []


def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes our own judgement of cells find nothing."""
    monkeypatch.setattr(reading, "judged", lambda raw, entry, reader, judge: (raw, []))
    monkeypatch.setattr(reading, "plain_reader", lambda entry: None)


def test_what_our_judges_miss_frictionless_tells(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(root / ELIGIBILITY, "6700,0", "6700,beaucoup")
    blind(monkeypatch)
    (found,) = told(root, "eligibilite_fixe")
    assert (found.code, found.line, found.column) == ("frictionless-refuses", 3, "locaux_1_gbits")
    assert found.message == (
        "Frictionless, qui a le dernier mot, refuse le type de cette cellule (« attendu : integer/default »)."
    )


def test_what_our_judges_tell_is_not_said_twice(root: Path) -> None:
    edit(root / ELIGIBILITY, "6700,0", "6700,beaucoup")
    assert told(root, "eligibilite_fixe") == []
    assert [entry.code for entry in validate(root)] == ["not-an-integer"]


def test_the_line_told_is_the_physical_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(root / "datasets/initiatives.csv", "2011-01-27", "27/01/2011")
    blind(monkeypatch)
    (found,) = told(root, "initiatives")
    assert (found.line, found.column) == (5, "debut")  # the fourth record: a cell above it spans two lines


def test_a_large_file_is_told_alike(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(root / ELIGIBILITY, "6700,0", "6700,beaucoup")
    blind(monkeypatch)
    small = told(root, "eligibilite_fixe")
    reasons: list[str] = []

    def watched(resource: object, limit_errors: int, brief: bool) -> object:
        report, reason = screened(resource, limit_errors, small=0, brief=brief)
        reasons.append(reason)
        return report, reason

    monkeypatch.setattr("observatory.verdict.screened", watched)
    assert told(root, "eligibilite_fixe") == small != []
    assert reasons == [""]


@pytest.mark.parametrize("small", [0, 1 << 30])
def test_a_file_that_is_wrong_throughout_is_not_told_without_end(
    root: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr("observatory.verdict.ENOUGH", 3)
    monkeypatch.setattr("observatory.verdict.screened", partial(screened, small=small))
    rows = "".join(f"{n:05},beaucoup,peu\n" for n in range(20))
    (root / ELIGIBILITY).write_text("code_commune,locaux,locaux_1_gbits\n" + rows, encoding="utf-8")
    assert told(root, "eligibilite_fixe") == []
    blind(monkeypatch)
    assert [entry.line for entry in told(root, "eligibilite_fixe")] == [2, 2, 3]


def test_what_is_only_counted_is_not_told_either(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observatory.sheets.FLOOD", 3)
    rows = "".join(f"{n:05},beaucoup,0\n" for n in range(20))
    (root / ELIGIBILITY).write_text("code_commune,locaux,locaux_1_gbits\n" + rows, encoding="utf-8")
    assert told(root, "eligibilite_fixe") == []


def test_a_column_that_may_be_left_out_is(root: Path) -> None:
    schema = root / "schemas" / "initiatives.schema.json"
    edit(schema, '"example": 4,', '"example": 4, "optional": true,')
    path = root / "datasets" / "initiatives.csv"
    lines = path.read_text(encoding="utf-8").replace(",agents,", ",").replace(",4,oui", ",oui")
    path.write_text(lines.replace(",2,non", ",non").replace(",,oui", ",oui"), encoding="utf-8")
    assert told(root, "initiatives") == []


@pytest.mark.parametrize("damage", ['FRA,couverture-fibre,2022,"1\n', "FRA\n", "\n\n", "a;b\n"])
def test_a_damaged_file_is_not_judged_twice(root: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with (root / FIBRE).open("a", encoding="utf-8") as stream:
        stream.write(damage)

    def never(table: Table) -> None:
        raise AssertionError("judged")

    monkeypatch.setattr("observatory.verdict._resource", never)
    assert told(root, "couverture_fibre") == []


# Three gates that Frictionless lacks


def alone(root: Path, name: str) -> Resource:
    dataset = next(entry for entry in read_catalogue(root)[0] if entry.name == name)
    given = {"path": dataset.csv_path.name, "basepath": str(dataset.csv_path.parent), "encoding": "utf-8"}
    return Resource(**given, schema=table_schema(dataset.schema))


def test_an_unclosed_quote_that_frictionless_calls_valid_is_refused(root: Path) -> None:
    path = root / "datasets" / "initiatives.csv"
    text = path.read_text(encoding="utf-8")
    assert text.endswith("https://example.org/donnees\n")
    more = 'metz,COM-57463,Quais ouverts,2020-01-01,1,1,oui,en-cours,"https://example.org/1\n'
    more += "nancy,COM-54395,Places ouvertes,2020-01-01,1,1,oui,en-cours,https://example.org/2\n"
    path.write_text(text + more, encoding="utf-8")
    report = alone(root, "initiatives").validate()
    assert report.valid and report.tasks[0].stats["rows"] == 4  # of five
    found = [(entry.code, entry.line) for entry in validate(root) if entry.severity == "error"]
    assert ("unclosed-quote", 6) in found


def test_bytes_that_are_not_utf8_are_located_by_line_however_late(root: Path) -> None:
    rows = "".join(f"COM-{n:05},couverture-fibre,2022,1\n" for n in range(5000))
    data = (HEADER + rows).encode()
    assert len(data) > 100_000
    (root / FIBRE).write_bytes(data + "DEP-2A,forêt,2022,1\n".encode("cp1252"))
    report = alone(root, "couverture_fibre").validate(limit_errors=0)
    (error,) = [error for error in report.tasks[0].errors if error.type == "encoding-error"]
    assert re.search(r"in position \d+", error.note) and not hasattr(error, "row_number")
    (found,) = [entry for entry in validate(root, [root / FIBRE]) if entry.code == "wrong-encoding"]
    assert found.line == 5002 and "forêt" in found.sentence


def test_a_schema_with_an_endless_pattern_is_refused(root: Path) -> None:
    edit(root / "schemas" / "initiatives.schema.json", "[a-z0-9]+(-[a-z0-9]+)*", "([a-z0-9]+-?)+")
    (found,) = [entry for entry in validate(root) if entry.code == "invalid-schema"]
    assert "peut ne pas finir" in found.message
