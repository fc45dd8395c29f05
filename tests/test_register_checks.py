"""What validation says of whole registers: titles, answers to things, personal data, contributions of a part."""

import csv
from pathlib import Path

import pytest
from repositories import ROOT, copy_demonstration

from observatory.catalogue import read_catalogue
from observatory.register_checks import LIKE
from observatory.registers import read_registers
from observatory.validation import judge, validate


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    return copy_demonstration(tmp_path / "site")


def rows(root: Path, name: str) -> list[dict[str, str]]:
    with (root / "datasets" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, found: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def said(root: Path, name: str, place: int, **changes: str) -> list[tuple[str, str | None]]:
    """Code and column of each problem of the register once the row at `place` is changed."""
    found = rows(root, name)
    found[place] |= changes
    write(root / "datasets" / f"{name}.csv", found)
    return [(entry.code, entry.column) for entry in validate(root)]


def test_the_demonstration_is_valid(invented: Path) -> None:
    assert validate(invented) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Écrire à jean.dupont@example.org", "personal-data"),
        ("Appeler le 06 12 34 56 78", "personal-data"),
        ("Une <b>bonne</b> idée", "html-tag"),
    ],
)
def test_personal_data_and_markup_are_refused_in_every_text(invented: Path, text: str, code: str) -> None:
    assert said(invented, "initiatives", 1, resume=text) == [(code, "resume")]


def test_mail_in_a_link_is_personal(invented: Path) -> None:
    found = said(invented, "initiatives", 1, liens="mailto:jean.dupont@example.org")
    assert found == [("personal-data", "liens")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"porteurs": "COM-99999"}, [("unknown-territory", "porteurs")]),
        ({"porteurs": "Mulhouse"}, [("not-a-ref-area", "porteurs")]),
        ({"indicateurs": "fibre"}, [("unknown-indicator", "indicateurs")]),
        # An indicator that waits for its source may well be aimed at.
        ({"indicateurs": "conseillers-numeriques"}, []),
        ({"programme": "ville-sombre"}, [("unknown-thing", "programme")]),
        ({"date_debut": "2022-13"}, [("wrong-date", "date_debut")]),
        ({"date_debut": "2022", "date_fin": "2021-12"}, [("dates-reversed", "date_fin")]),
        ({"stade": "fini"}, [("not-in-list", "stade")]),
    ],
)
def test_each_fault_of_an_initiative_has_its_own_message(
    invented: Path, changes: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert said(invented, "initiatives", 1, **changes) == expected


def test_answer_is_about_something_that_exists(invented: Path) -> None:
    assert said(invented, "reponses", 0, chose="capteurs") == [("unknown-thing", "chose")]
    assert said(invented, "reponses", 0, registre="initiative", chose="capteurs-eau") == [("unknown-thing", "registre")]


def test_editions_of_a_label_are_no_namesakes(invented: Path) -> None:
    found = rows(invented, "labels")
    write(invented / "datasets" / "labels.csv", [*found, {**found[0], "id": "autre", "titre": "Label Exemplaire 2025"}])
    assert validate(invented) == [] and LIKE < 95


def test_part_is_compared_with_what_is_published(invented: Path, tmp_path: Path) -> None:
    dataset = next(one for one in read_catalogue(invented)[0] if one.name == "initiatives")
    own = rows(invented, "initiatives")[1]
    part = tmp_path / "part.csv"
    write(part, [{**own, "id": "autre-nom", "titre": "Capteurs de fuite sur le réseau d’eau"}])
    assert [entry.code for entry in judge(part, dataset, invented).problems] == ["duplicate-title"]
    # The same thing, corrected, is not its own namesake.
    write(part, [{**own, "resume": "Autrement dit."}])
    assert judge(part, dataset, invented).problems == []


def test_every_register_says_how_each_of_its_rows_is_established() -> None:
    for name, register in read_registers(ROOT).items():
        fields = {field["name"]: field for field in register.schema["fields"]}
        assert fields["preuve"]["grade"] and fields["source"]["constraints"]["required"], name
        assert [name for name, field in fields.items() if "relation" in field and "inverse" not in field] == []
