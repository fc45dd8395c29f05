"""Validation as people meet it: the command line, the files named, all problems at once."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from repositories import ELIGIBILITY, FIBRE, HEADER, ROOT, edit

from observatory.french import number
from observatory.model import Dataset
from observatory.problems import Problem
from observatory.reading import read_table
from observatory.references import report_overlaps, sightings
from observatory.reports import json_report, text_report
from observatory.sheets import FLOOD
from observatory.validation import UnknownFile, validate

LONG = json.loads((ROOT / "schemas" / "observations.schema.json").read_text(encoding="utf-8"))


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts" / "validate.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def codes(problems: list[Problem]) -> list[str]:
    return [entry.code for entry in problems]


# The command


def test_a_valid_repository_exits_0(root: Path) -> None:
    done = run("--root", root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Tout est en ordre.\n", "")


def test_an_error_exits_1_and_sums_up(root: Path) -> None:
    edit(root / FIBRE, ",97\n", ',"0,93"\n')
    done = run("--root", root)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "datasets/couverture_fibre.csv:8: obs_value: « 0,93 » n'est pas un nombre. "
        "Écrivez 0.93 : point décimal, sans unité ni espace.",
        "1\u00a0erreur dans 1\u00a0fichier. Chaque problème est expliqué dans docs/problems.md.",
    ]


def test_a_warning_exits_1_until_it_is_justified(root: Path) -> None:
    descriptor = root / "datasets/couverture_fibre.resource.yaml"
    edit(descriptor, "max: 12", "max: 8")
    done = run("--root", root)
    assert done.returncode == 1
    assert "avertissement : 9\u00a0lignes ; attendu : 8 au plus." in done.stdout
    with descriptor.open("a", encoding="utf-8") as stream:
        stream.write("accepted:\n  - {problem: more-than-expected, reason: Deux départements de plus sont suivis.}\n")
    done = run("--root", root)
    assert (done.returncode, done.stdout) == (0, "Tout est en ordre.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--absente"], "Erreur : option « --absente » inconnue ou sans valeur."),
        (["--format"], "Erreur : option « --format » inconnue ou sans valeur."),
        (["absent.csv"], "Erreur : le fichier « absent.csv » n'existe pas."),
        (
            ["--format", "xml"],
            "format « xml » inconnu ; formats possibles : text, json, github, sarif, markdown, html.",
        ),
        (["README.md"], "« README.md » n'est ni un CSV, ni un descripteur (.resource.yaml)"),
    ],
)
def test_bad_usage_exits_2_in_french(arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr and done.stdout == ""


def test_help_is_french_and_tells_the_exit_codes() -> None:
    done = run("--help")
    assert done.returncode == 0 and done.stderr == ""
    assert not re.search("Options:|Show this|exit|FILES", done.stdout)
    assert {"0", "1", "2", "--format", "--root", "--help"} <= set(re.findall(r"--\w+|\b[0-2]\b", done.stdout))


def test_a_missing_row_is_said_once_and_counts_agree(root: Path) -> None:
    descriptor = root / "datasets/couverture_fibre.resource.yaml"
    edit(root / FIBRE, "REG-84,couverture-fibre,2022-Q3,72", "REG-84,couverture-fibre,2022-Q3")
    assert codes(validate(root)) == ["missing-cell"]
    (root / FIBRE).write_text(HEADER + "REG-84,couverture-fibre,2022-Q3,72\n", encoding="utf-8")
    assert [entry.message for entry in validate(root)] == [
        "1\u00a0ligne ; attendu : 9 au moins.",
        "1\u00a0territoire ; attendu : 6 au moins.",
    ]
    (root / FIBRE).write_text(HEADER, encoding="utf-8")
    assert codes(validate(root, [descriptor])) == ["no-data-row"]


# Which files


@pytest.mark.parametrize("name", [FIBRE, "datasets/couverture_fibre.resource.yaml"])
def test_a_csv_or_its_descriptor_stands_for_the_dataset_alone(root: Path, name: str) -> None:
    edit(root / FIBRE, ",97\n", ",\n")
    edit(root / ELIGIBILITY, "6700,0", "6700,-1")
    assert [(entry.file, entry.code) for entry in validate(root, [root / name])] == [(FIBRE, "missing-value")]


def test_a_dataset_named_alone_is_compared_with_the_others(root: Path) -> None:
    shutil.copytree(ROOT / "tests/fixtures/problems/observed-twice", root, dirs_exist_ok=True)
    found = validate(root, [root / FIBRE])
    assert [(entry.line, entry.code) for entry in found] == [(2, "observed-twice"), (10, "observed-twice")]
    assert "dans datasets/fibre_bis.csv:2." in found[0].message
    (found_wide,) = [entry for entry in validate(root, [root / ELIGIBILITY]) if "lieux.csv:2" in entry.message]
    assert (found_wide.file, found_wide.line) == (ELIGIBILITY, 10)


def copies_told(root: Path, count: int) -> float:
    """Seconds of processor to tell a file from its copy, each of that many rows."""
    rows = "".join(f"COM-{n:05},eligibilite-1-gbits,2019-09,{n}\n" for n in range(count))
    for name in ("un", "deux"):
        (root / f"{name}.csv").write_text(HEADER + rows, encoding="utf-8")
    start = time.process_time()
    pair = [Dataset(n, "long", {}, LONG, root / f"{n}.resource.yaml", root / f"{n}.csv") for n in ("un", "deux")]
    known = list(sightings(pair[:1], root))
    table = read_table(pair[1], root)
    report_overlaps(table, known)
    spent = time.process_time() - start
    assert len(known) == 2
    told = [problem for problem in table.problems if problem.code == "observed-twice"]
    assert len(told) == min(count, FLOOD)
    assert [others.value for others in table.problems[len(told) :]] == [number(count - FLOOD)] * (count > FLOOD)
    return spent


def test_a_large_copy_costs_no_more_a_row_than_a_small_one(root: Path) -> None:
    copies_told(root, 1000)  # what is read once
    small = min(copies_told(root, 9_000) for _ in range(2))
    assert copies_told(root, 36_000) < 9 * small


def test_a_dataset_outside_the_repository(root: Path, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    home.mkdir()
    for name in ("couverture_fibre.csv", "couverture_fibre.resource.yaml"):
        shutil.copy(root / "datasets" / name, home)
    assert validate(root, [home / "couverture_fibre.csv"]) == []
    edit(home / "couverture_fibre.csv", ",97\n", ",\n")
    (found,) = validate(root, [home / "couverture_fibre.csv"])
    assert (found.file, found.line, found.code) == (f"{home.as_posix()}/couverture_fibre.csv", 8, "missing-value")


def test_a_csv_outside_without_descriptor(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "seul.csv"
    path.write_text(HEADER, encoding="utf-8")
    (found,) = validate(root, [path])
    assert found.sentence == (
        "ce fichier n'a pas de descripteur seul.resource.yaml. "
        "Écrivez-le à côté : titre, source, licence, période (voir CONTRIBUTING.md)."
    )


def test_an_indicator_or_a_codelist_alone(root: Path) -> None:
    indicator = root / "indicators/infrastructures/couverture-fibre.yml"
    edit(indicator, "unit: percent", "unit: percents")
    edit(root / "codelists/memberships.csv", "COM-01004,DEP-01", "COM-01004,DEP-00")
    assert codes(validate(root, [indicator])) == ["unknown-unit"]
    assert codes(validate(root, [root / "codelists/memberships.csv"])) == ["codelist-reference"]


def test_a_folder_is_not_a_file(root: Path) -> None:
    with pytest.raises(UnknownFile):
        validate(root, [root / "datasets"])


def test_a_link_out_of_datasets_is_refused(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "couverture_fibre.csv"
    secret.write_text("mot de passe\n", encoding="utf-8")
    (root / FIBRE).unlink()
    (root / FIBRE).symlink_to(secret)
    assert codes(validate(root)) == ["unreadable-file"]


def test_a_link_out_of_schemas_is_refused(root: Path, tmp_path: Path) -> None:
    schema = root / "schemas/eligibilite_fixe.schema.json"
    schema.rename(tmp_path / "elsewhere.json")
    schema.symlink_to(tmp_path / "elsewhere.json")
    assert codes(validate(root)) == ["unreadable-file"]


# All at once, at the physical line


def test_nothing_stops_at_a_thousand(root: Path) -> None:
    rows = "".join(f"DEP-01,couverture-fibre,2022-Q3,{n} %\n" for n in range(3000))
    (root / FIBRE).write_text(HEADER + rows, encoding="utf-8")
    found = [entry for entry in validate(root, [root / FIBRE]) if entry.code == "percent-sign"]
    assert [found[0].line, found[-1].line, len(found)] == [2, 3001, 3000]


def test_text_groups_what_repeats_and_json_tells_all(root: Path) -> None:
    rows = "".join(f"DEP-01,couverture-fibre,{year}-Q3,{year} %\n" for year in range(1000, 2300))
    (root / FIBRE).write_text(HEADER + rows, encoding="utf-8")
    found = [entry for entry in validate(root, [root / FIBRE]) if entry.code == "percent-sign"]
    lines = text_report(found).splitlines()
    assert len(lines) == 7
    assert lines[5] == (
        "datasets/couverture_fibre.csv: obs_value: … et 1\u202f295 autres lignes semblables "
        "(première : 7, dernière : 1\u202f301)."
    )
    assert len(json.loads(json_report(found))["problems"]) == 1300


def test_lines_are_physical(root: Path) -> None:
    """A cell that spans two lines shifts records, not lines."""
    path = root / "datasets/initiatives.csv"
    edit(path, "COM-75056", "COM-75156")
    assert [(entry.line, entry.code) for entry in validate(root, [path])] == [(5, "unknown-territory")]


def test_all_faults_of_a_file_at_once(root: Path) -> None:
    text = (root / FIBRE).read_text(encoding="utf-8").replace("DEP-75", "DEP-1").replace(",81\n", ',"81\n')
    text = ("Titre;;;\n" + text.replace(",", ";") + "DEP-94;couverture-fibre;2022;Élevé\n").replace("DEP-68;", "68;")
    (root / FIBRE).write_bytes(text.encode("cp1252"))
    assert [(entry.line, entry.code) for entry in validate(root, [root / FIBRE]) if entry.file == FIBRE] == [
        (1, "preamble"), (2, "wrong-delimiter"), (6, "unclosed-quote"), (12, "wrong-encoding"),
        (7, "not-a-ref-area"), (8, "not-a-ref-area"), (9, "lost-zero"), (12, "not-a-number"),
        (12, "unknown-territory"), (12, "mixed-time-period"),
    ]  # fmt: skip


def test_accepted_warnings_are_silent_and_errors_are_not(root: Path) -> None:
    shutil.copytree(ROOT / "tests/fixtures/problems/outlier", root, dirs_exist_ok=True)
    assert codes(validate(root)) == ["outlier"]
    descriptor = root / "datasets/couverture_fibre.resource.yaml"
    accepted = "accepted:\n  - problem: {}\n    reason: Valeur vérifiée auprès de la source.\n"
    text = descriptor.read_text(encoding="utf-8")
    descriptor.write_text(text + accepted.format("outlier"), encoding="utf-8")
    assert validate(root) == []
    descriptor.write_text(text + accepted.format("missing-value"), encoding="utf-8")
    edit(root / FIBRE, ",97\n", ",\n")
    assert codes(validate(root)) == ["missing-value"]


def test_progress_tells_each_step(root: Path) -> None:
    steps: list[str] = []
    validate(root, progress=steps.append)
    assert steps[:3] == ["cadre d'indicateurs", "listes de codes", "territoires"]
    assert steps[3:] == ["couverture_fibre", "eligibilite_fixe", "france_services", "initiatives"]


# Descriptors and schemas that nobody means to write, and somebody will


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("encoding: utf-8", "encoding: utf8x", ["key-invalid"]),
        ("encoding: utf-8", "encoding: [a]", ["key-invalid"]),
        ("form: wide", "form: wide\ndialect: ;", ["key-forbidden"]),
        ("form: wide", "form: [wide]", ["key-invalid"]),
        ("path: eligibilite_fixe.csv", 'path: "\\0.csv"', ["unreadable-file"]),
        ("path: eligibilite_fixe.csv", "path: 3", ["key-invalid"]),
        ("schema: ../schemas/eligibilite_fixe.schema.json", 'schema: ""', ["path-outside"]),
        ("schema: ../schemas/eligibilite_fixe.schema.json", "schema: {fields: []}", ["key-forbidden"]),
        ('time_period: "2019-09"', 'time_period: "septembre"', ["key-invalid"]),
        ('time_period: "2019-09"', "", ["key-missing"]),
        ('cog: "2018"', "cog: {a: 1}", ["key-invalid"]),
        ("rows: {min: 9, max: 20}", "rows: 9", ["key-invalid"]),
        ("next_update: inconnue", "next_update: inconnue\naccepted: [{problem: [outlier]}]", ["key-invalid"]),
        ("licenses:\n  - name: etalab-2.0", "licenses: etalab-2.0", ["licence-form"]),
        ("licenses:\n  - name: etalab-2.0", "licenses: [etalab-2.0]", ["licence-form"]),
        ("licenses:\n  - name: etalab-2.0", "licenses: []", ["missing-licence"]),
        ("licenses:\n  - name: etalab-2.0", "licenses: [{name: [a]}]", ["unknown-licence"]),
    ],
)
def test_odd_descriptors_are_explained(root: Path, old: str, new: str, expected: list[str]) -> None:
    edit(root / "datasets/eligibilite_fixe.resource.yaml", old, new)
    found = codes(validate(root))
    assert (
        set(expected)
        <= set(found)
        <= {*expected, "key-missing", "useless-acceptance", "key-invalid", "hidden-character"}
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"primaryKey": ["code_commune"]', '"primaryKey": ["code"]', "la clé primaire cite « code »"),
        ('"name": "locaux_1_gbits"', '"name": "locaux"', "la colonne « locaux » est décrite deux fois"),
        ('"territory": "COM"', '"territory": "CANTON"', "territory de « code_commune » : attendu ref_area"),
        ('"as": "numerator"', '"as": "haut"', "feeds de « locaux_1_gbits » : attendu indicator, et as parmi value"),
        ('"as": "numerator"', '"par": "haut"', "« fields » ou « constraints » mal formés"),
        ('"minimum": 0, "maximum"', '"minimum": "peu", "maximum"', "« locaux » : minimum vaut « peu », qui n'est pas"),
        ('"minimum": 0}', '"minLength": 3}', "la contrainte « minLength » n'existe pas pour le type « integer »"),
        ('"example": 10197', '"example": "dix"', "l'exemple « dix » de la colonne « locaux » n'est pas valide"),
    ],
)
def test_odd_schemas_are_explained(root: Path, old: str, new: str, message: str) -> None:
    edit(root / "schemas/eligibilite_fixe.schema.json", old, new)
    (found,) = validate(root)
    assert found.code == "invalid-schema" and message in found.message
