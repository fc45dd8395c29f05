"""A template opens in any spreadsheet, explains itself, and read back untouched says what is published."""

import csv
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from odfdo import Document
from repositories import ROOT
from spreadsheets import write

from observatory.blanks import FORMS, UnknownForm, UnknownTerritory, blank, prepared, rendered
from observatory.catalogue import read_catalogue
from observatory.csvfiles import read_sheet
from observatory.drafts import Impossible, existing, new_dataset, write_blank
from observatory.model import Dataset
from observatory.periods import following, next_period
from observatory.sheets import Dialect, Sheet
from observatory.validation import judge, validate

AREAS = {
    "couverture_fibre": "DEP-01",
    "eligibilite_fixe": "DEP-01",
    "france_services": "COM-68224",
    "initiatives": "FRA",
}


def dataset_of(root: Path, name: str) -> Dataset:
    return next(dataset for dataset in read_catalogue(root)[0] if dataset.name == name)


def read_back(path: Path, data: bytes, dataset: Dataset) -> Sheet:
    names = [entry["name"] for entry in dataset.schema["fields"]]
    return read_sheet(write(path, data), path.name, Dialect(), names)


def published(dataset: Dataset) -> list[list[str]]:
    with dataset.csv_path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def book_of(root: Path, name: str, area: str | None) -> Any:
    return openpyxl.load_workbook(io.BytesIO(blank(root, dataset_of(root, name), area, "xlsx")))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", AREAS)
def test_an_untouched_template_says_what_is_published(root: Path, tmp_path: Path, name: str, form: str) -> None:
    dataset = dataset_of(root, name)
    header, *rows = published(dataset)
    sheet = read_back(tmp_path / f"x.{form[:4].rstrip('-')}", blank(root, dataset, AREAS[name], form), dataset)
    assert sheet.header == header
    answered = [cells for cells in sheet.rows if cells[-1] or name == "initiatives"]  # the others are to complete
    assert answered and all(cells in rows for cells in answered)
    if name in ("couverture_fibre", "eligibilite_fixe"):
        assert answered == [cells for cells in rows if cells[0].removeprefix("DEP-")[:2] == "01"]
    if name == "initiatives":
        assert answered == rows
    expected = {"csv": [], "csv-fr": ["byte-order-mark", "wrong-delimiter"]}.get(form, ["spreadsheet-read"])
    assert [entry.code for entry in sheet.problems] == expected


@pytest.mark.data
def test_templates_of_the_real_datasets(tmp_path: Path) -> None:
    for dataset in read_catalogue(ROOT)[0]:
        known = {tuple(cells) for cells in published(dataset)}
        template = prepared(ROOT, dataset, "DEP-68")
        for form in ("xlsx", "ods"):
            sheet = read_back(tmp_path / f"x.{form}", rendered(template, form), dataset)
            assert list(sheet.rows) == template.rows, dataset.name
            assert all(tuple(cells) in known or not all(cells) for cells in sheet.rows), dataset.name


def test_members_without_a_row_have_one_to_complete(root: Path) -> None:
    text = blank(root, dataset_of(root, "france_services"), "DEP-85", "csv").decode()
    _, *rows = csv.reader(io.StringIO(text))
    assert rows == [["85165", "1"], ["85084", ""], ["85212", ""]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", AREAS)
def test_an_untouched_template_changes_nothing_once_judged(root: Path, tmp_path: Path, name: str, form: str) -> None:
    """Its rows are those published: the ones to complete, which hold only their key, are not given."""
    dataset = dataset_of(root, name)
    data = blank(root, dataset, AREAS[name], form)
    judged = judge(write(tmp_path / f"x.{form[:4].rstrip('-')}", data), dataset, root)
    rows = published(dataset)[1:]
    assert len(judged.table.sheet.rows) > 0 and all(list(cells) in rows for cells in judged.table.sheet.rows)
    form_only = {"byte-order-mark", "wrong-delimiter", "spreadsheet-read", "row-unfilled"}
    assert {entry.code for entry in judged.problems} <= form_only
    asked = len(prepared(root, dataset, AREAS[name]).rows)
    told = any(entry.code == "row-unfilled" for entry in judged.problems)
    assert told == (asked > len(judged.table.sheet.rows)) == (name == "couverture_fibre")


def test_a_long_dataset_asks_for_its_last_period_and_the_next_one(root: Path) -> None:
    edited = dataset_of(root, "couverture_fibre")
    rows = blank(root, edited, "DEP-85", "csv").decode().splitlines()[1:]
    assert rows == ["DEP-85,couverture-fibre,2022-Q3,55", "DEP-85,couverture-fibre,2022-Q4,"]
    text = edited.csv_path.read_text(encoding="utf-8")
    edited.csv_path.write_text("".join(ln for ln in text.splitlines(True) if "DEP-85" not in ln), encoding="utf-8")
    rows = blank(root, edited, "DEP-85", "csv").decode().splitlines()[1:]
    assert rows == ["DEP-85,couverture-fibre,2022-Q3,", "DEP-85,couverture-fibre,2022-Q4,"]


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (["2022-Q2", "2022-Q3"], ["2022-Q4", "2023-Q1"]),
        (["2021-11", "2021-12"], ["2022-01", "2022-02"]),
        (["2019", "2020", "2021"], ["2022", "2023"]),
        (["2016", "2018", "2020"], ["2022", "2024"]),
        (["2019-06", "2019-12", "2020-06"], ["2020-12", "2021-06"]),
        (["2010", "2017", "2018", "2019", "2020"], ["2021", "2022"]),  # regular since
        (["2017", "2019", "2020"], []),
        (["2021", "2022-Q1", "2022-Q2"], []),
        (["2022-Q3"], []),
        ([], []),
    ],
)
def test_the_next_periods_follow_the_rhythm_of_the_last_ones(published: list[str], expected: list[str]) -> None:
    assert following(published, 2) == expected
    assert next_period(published) == (expected[0] if expected else "")


def test_a_territory_of_another_level_has_no_row(root: Path) -> None:
    dataset = dataset_of(root, "couverture_fibre")
    assert blank(root, dataset, "COM-68224", "csv") == b"ref_area,indicator,time_period,obs_value\n"
    assert blank(root, dataset, None, "csv") == blank(root, dataset, "COM-68224", "csv")


def test_headings_explain_themselves_and_stay_in_view(root: Path) -> None:
    book = book_of(root, "initiatives", "FRA")
    sheet = book["Données"]
    assert sheet.freeze_panes == "A2" and book.active.title == "Données"
    note = sheet["G1"].comment.text
    assert "Ouverte" in note and "Exemple : oui" in note and "À respecter : oui ou non, facultatif." in note
    guide = [[cell.value for cell in cells] for cells in book["Mode d'emploi"].iter_rows()]
    agents = next(cells for cells in guide if cells[0] == "agents")
    assert agents[1:3] == ["Agents", "non"] and agents[4:] == ["4", "Nombre d'agents mobilisés."]
    assert agents[3].startswith("nombre entier, facultatif, entre 0 et 1") and agents[3].endswith("000")
    assert book["Listes"].sheet_state == "hidden"


def test_lists_bounds_and_formats_hold_the_cells(root: Path) -> None:
    book = book_of(root, "initiatives", "FRA")
    sheet = book["Données"]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    lists = {place: rule.formula1 for place, rule in rules.items() if rule.type == "list"}
    assert lists["H2"] == "Listes!$H$1:$H$3"
    assert [cell.value for cell in book["Listes"]["H"]][:3] == ["prevue", "en-cours", "terminee"]
    assert [cell.value for cell in book["Listes"]["G"]][:2] == ["oui", "non"]
    assert "COM-68224" in [cell.value for cell in book["Listes"]["B"]]
    assert (rules["F2"].type, rules["F2"].formula1, rules["F2"].formula2) == ("whole", "0", "1000")
    assert rules["E2"].type == "decimal" and rules["D2"].type == "date"
    assert sheet["A2"].number_format == "@" and sheet.column_dimensions["A"].number_format == "@"
    assert sheet["D2"].is_date and sheet["F2"].value == 4


def listed(book: Any, column: str) -> list[str]:
    return [cell.value for cell in book["Listes"][column] if cell.value]


def test_lists_hold_what_the_dataset_publishes(root: Path) -> None:
    book = book_of(root, "couverture_fibre", "FRA")
    departements = ["DEP-01", "DEP-2A", "DEP-68", "DEP-6AE", "DEP-75", "DEP-85"]
    assert listed(book, "A") == [*departements, "REG-11", "REG-44", "REG-52", "REG-84", "REG-94"]
    assert listed(book, "B") == ["couverture-fibre"]
    assert listed(book, "C") == ["2023-Q3", "2023-Q2", "2023-Q1", "2022-Q4", "2022-Q3", "2022-Q2"]
    rules = {str(rule.sqref)[0]: rule.errorStyle for rule in book["Données"].data_validations.dataValidation}
    assert {name: rules[name] or "stop" for name in "ABC"} == {"A": "stop", "B": "stop", "C": "warning"}


def test_a_new_dataset_may_hold_every_active_indicator(root: Path) -> None:
    edited = dataset_of(root, "couverture_fibre")
    edited.csv_path.unlink()
    columns = {column.name: column for column in prepared(root, edited, "DEP-01").columns}
    assert columns["indicator"].choices == ("couverture-fibre", "eligibilite-1-gbits", "france-services-100000")
    assert "conseillers-numeriques" not in columns["indicator"].choices and columns["time_period"].choices == ()
    assert {ref.partition("-")[0] for ref in columns["ref_area"].choices} == {"DEP", "EPCI", "COM"}


def test_the_guide_speaks_plain_words(root: Path) -> None:
    """Nothing of our files, nor of the types of a schema."""
    for name, area in AREAS.items():
        template = prepared(root, dataset_of(root, name), area)
        words = " ".join([*template.guide, *(text for column in template.columns for text in column.guide)])
        assert not re.search(r"dossier indicators|obligatoire|\btexte,|published|SDMX|[Pp]oint décimal", words), words
    columns = {column.name: column for column in prepared(root, dataset_of(root, "couverture_fibre")).columns}
    assert columns["indicator"].rules == "à choisir dans la liste, à remplir"
    assert columns["obs_value"].rules == "nombre, décimales après un point ou une virgule, à remplir"
    assert "couverture-fibre : Part des locaux raccordables à la fibre optique" in columns["indicator"].description


def test_codes_typed_without_their_zero_are_text_in_the_template(root: Path, tmp_path: Path) -> None:
    dataset = dataset_of(root, "france_services")
    book = book_of(root, "france_services", "DEP-01")
    sheet = book["Données"]
    assert sheet["A2"].data_type == "s" and sheet["A2"].value[0] == "0"
    sheet["B2"] = 7
    target = io.BytesIO()
    book.save(target)
    filled = read_back(tmp_path / "x.xlsx", target.getvalue(), dataset)
    assert filled.rows[0] == [sheet["A2"].value, "7"]


def test_an_ods_is_what_other_programs_expect(root: Path) -> None:
    data = blank(root, dataset_of(root, "initiatives"), "FRA", "ods")
    document = Document(io.BytesIO(data))
    assert document.mimetype == "application/vnd.oasis.opendocument.spreadsheet"
    tables = {table.name: table for table in document.body.tables}
    assert list(tables) == ["Données", "Mode d'emploi", "Listes"]
    assert tables["Données"].get_row_values(0)[:2] == ["code", "ref_area"]
    assert tables["Données"].get_value("F2") == 4
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.namelist()[0] == "mimetype" and archive.infolist()[0].compress_type == zipfile.ZIP_STORED
    content = archive.read("content.xml").decode()
    assert 'condition="of:cell-content-is-in-list([$Listes.$H$1:.$H$3])"' in content
    assert "cell-content-is-whole-number() and cell-content-is-between(0,1000)" in content
    assert "<office:annotation>" in content and "VerticalSplitPosition" in archive.read("settings.xml").decode()


@pytest.mark.parametrize("form", FORMS)
def test_the_same_repository_gives_the_same_bytes(root: Path, form: str) -> None:
    dataset = dataset_of(root, "initiatives")
    assert blank(root, dataset, "FRA", form) == blank(root, dataset, "FRA", form)
    if form in ("xlsx", "ods"):
        archive = zipfile.ZipFile(io.BytesIO(blank(root, dataset, "FRA", form)))
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
        assert b"2026" not in b"".join(archive.read(name) for name in archive.namelist() if "core" in name)


def test_unknown_territories_and_forms_are_refused_in_french(root: Path) -> None:
    dataset = dataset_of(root, "initiatives")
    with pytest.raises(UnknownTerritory, match="le territoire « COM-9 » est inconnu"):
        blank(root, dataset, "COM-9", "csv")
    with pytest.raises(UnknownForm, match="formes possibles : csv, csv-fr, xlsx, ods"):
        blank(root, dataset, None, "doc")


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts" / "new.py", "--root", root, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)


def test_a_new_dataset_is_begun_and_validation_says_what_remains(root: Path) -> None:
    done = run(root, "bornes_velo", "--territory", "COM-68224")
    assert (done.returncode, done.stderr) == (0, "")
    csv_path, descriptor = root / "datasets/bornes_velo.csv", root / "datasets/bornes_velo.resource.yaml"
    assert csv_path.read_text(encoding="utf-8") == "ref_area,indicator,time_period,obs_value\nCOM-68224,,,\n"
    text = descriptor.read_text(encoding="utf-8")
    missing = {str(p.column).partition(".")[0] for p in validate(root, [descriptor]) if p.file.endswith(".yaml")}
    marked = {after.partition(":")[0] for mark in text.split("À REMPLIR : ")[1:] for after in mark.split("\n")[1:2]}
    assert missing == marked
    assert marked >= {"title", "description", "licenses", "sources", "temporal", "cog", "expectations"}


def test_a_filled_descriptor_is_valid(root: Path) -> None:
    run(root, "points_numeriques", "--schema", "france_services")
    (root / "datasets/points_numeriques.csv").write_text("code_commune,france_services\n68224,1\n", encoding="utf-8")
    path = root / "datasets/points_numeriques.resource.yaml"
    draft, filled = path.read_text(encoding="utf-8"), dataset_of(root, "france_services").descriptor_path
    assert "form: wide" in draft and 'time_period: ""' in draft
    for ending in (".csv", ".resource.yaml"):
        (root / f"datasets/france_services{ending}").rename(root / f"datasets/old{ending}.txt")
    text = (root / "datasets/old.resource.yaml.txt").read_text(encoding="utf-8")
    text = text.replace("name: france_services", "name: points_numeriques").replace("min: 5", "min: 1")
    path.write_text(text.replace("path: france_services.csv", "path: points_numeriques.csv"), encoding="utf-8")
    assert filled.name == "france_services.resource.yaml"
    assert [p for p in validate(root, [path]) if p.severity == "error"] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("Été 2023",), "n'est pas un nom"),
        (("observations",), "déjà le nom d'une table"),
        (("initiatives",), "existe déjà"),
        (("x", "", "wide"), "demande un schéma"),
        (("x", "initiatives", "round"), "forme « round » inconnue"),
        (("x", "initiative"), "Vouliez-vous dire « initiatives »"),
        (("x", "../../etc/passwd"), "n'existe pas"),
        (("x", "", "", "COM-9"), "territoire « COM-9 »"),
    ],
)
def test_what_cannot_be_begun_says_why_and_writes_nothing(root: Path, given: tuple[str, ...], words: str) -> None:
    before = sorted(path.name for path in root.rglob("*"))
    with pytest.raises((Impossible, UnknownTerritory), match=words):
        new_dataset(root, *given)
    assert sorted(path.name for path in root.rglob("*")) == before


def test_a_template_never_replaces_a_file(root: Path) -> None:
    dataset = existing(root, "france_services")
    before = dataset.csv_path.read_bytes()
    with pytest.raises(Impossible, match="existe déjà, et n'est pas remplacé"):
        write_blank(dataset.csv_path, root, dataset, None, "csv")
    assert dataset.csv_path.read_bytes() == before
    with pytest.raises(Impossible, match="ne peut pas être écrit"):
        write_blank(root / "nulle" / "part.csv", root, dataset, None, "csv")
    with pytest.raises(Impossible, match="Vouliez-vous dire « france_services »"):
        existing(root, "france_service")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "donnez un NOM"),
        (["x", "--colour", "red"], "option « --colour » inconnue"),
        (["x", "--territory", "COM-9"], "Erreur : le territoire « COM-9 » est inconnu"),
    ],
)
def test_a_wrong_command_is_told_in_french(root: Path, arguments: list[str], words: str) -> None:
    done = run(root, *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert words in done.stderr and "Traceback" not in done.stderr


def test_templates_are_written_where_asked(root: Path) -> None:
    done = run(root, "--template", "france_services", "--territory", "DEP-01", "--format", "ods", "-o", "modele.ods")
    assert done.returncode == 0 and done.stdout == "Écrit : modele.ods\n"
    assert zipfile.is_zipfile(root / "modele.ods")
    done = run(root, "velos", "--format", "xlsx")
    assert done.returncode == 0 and (root / "velos.xlsx").is_file() and (root / "datasets/velos.csv").is_file()
