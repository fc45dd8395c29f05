"""A file from anywhere: recognised, judged as part of a dataset, mended beside itself."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import FIBRE, HEADER, ROOT, edit

from observatory.catalogue import read_catalogue
from observatory.headers import headings, matched, personal, skeleton
from observatory.reading import table_schema
from observatory.recognition import recognise
from observatory.submissions import Asked, problems_of
from observatory.validation import UnknownFile, judge

FRENCH = "Territoire;Indicateur;Période;Valeur observée\nD01;Couverture fibre;T3 2022;{}\n"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts" / "validate.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


# The command


def test_a_file_is_recognised_judged_and_mended(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "Fibre Ain.csv"
    path.write_bytes(("Extrait;;;\n" + FRENCH.format("61,5 %")).encode("cp1252"))
    before = path.read_bytes()
    done = run("--root", root, path)
    assert done.returncode == 1
    assert "jeu reconnu : couverture_fibre (4 colonnes sur 4) ; --dataset pour un autre." in done.stderr
    done = run("--root", root, "--fix", path)
    assert (done.returncode, done.stdout) == (0, "Tout est en ordre.\n")
    assert "Fibre Ain.corrige.csv, la liste des corrections" in done.stderr
    assert (tmp_path / "Fibre Ain.corrige.csv").read_text(encoding="utf-8") == (
        "ref_area,indicator,time_period,obs_value\nDEP-01,couverture-fibre,2022-Q3,61.5\n"
    )
    assert path.read_bytes() == before
    done = run("--root", root, "--fix", path)
    assert done.returncode == 2 and done.stdout == ""
    assert "Fibre Ain.corrige.csv » existe déjà : renommez-le ou supprimez-le" in done.stderr


def test_what_is_left_is_told_at_the_lines_of_the_new_file(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "fibre.csv"
    path.write_text("Titre;;;\n\n" + FRENCH.format("beaucoup"), encoding="utf-8")
    done = run("--root", root, "--format", "json", "--fix", path)
    assert done.returncode == 1
    (left,) = json.loads(done.stdout)["problems"]
    assert (left["file"], left["line"], left["code"]) == (f"{tmp_path}/fibre.corrige.csv", 2, "not-a-number")


def test_rows_set_aside_are_told_and_nothing_is_written(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "fibre.csv"
    path.write_text(HEADER + "DEP-01,couverture-fibre,2022-Q3,61,5\n", encoding="utf-8")
    done = run("--root", root, "--fix", path)
    assert done.returncode == 1
    assert "la ligne 2 ne peut pas être lue : corrigez d'abord cela à la main, rien n'est écrit." in done.stderr
    assert "la ligne a 5 cellules" in done.stdout
    assert list(tmp_path.glob("*.corri*")) == []


def test_a_valid_file_of_the_repository_is_not_written_again(root: Path) -> None:
    done = run("--root", root, "--fix", root / FIBRE)
    assert (done.returncode, done.stdout) == (0, "Tout est en ordre.\n")
    assert done.stderr == "Aucune correction certaine : aucun fichier n'est écrit.\n"
    assert list(root.rglob("*.corri*")) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fix"], "--fix, --dataset et --sheet demandent un fichier."),
        (["--dataset", "couverture", "FILE"], "n'existe pas. Vouliez-vous dire « couverture_fibre » ? Jeux : "),
        (["--dataset", "couverture_fibre", "absent.csv"], "le fichier « absent.csv » n'existe pas."),
        (["--dataset"], "option « --dataset » inconnue ou sans valeur."),
    ],
)
def test_bad_usage_exits_2_in_french(root: Path, arguments: list[str], message: str) -> None:
    words = [str(root / FIBRE) if word == "FILE" else word for word in arguments]
    done = run("--root", root, *words)
    assert done.returncode == 2 and done.stdout == ""
    assert message in done.stderr


def test_several_files_and_no_terminal_show_no_bar(root: Path, tmp_path: Path) -> None:
    given = tmp_path / "donnees.csv"
    given.write_text(HEADER + "DEP-01,couverture-fibre,2022-Q3,1 %\n", encoding="utf-8")
    edit(root / FIBRE, ",97\n", ",\n")
    done = run("--root", root, root / FIBRE, given)
    assert [line.split(":")[0].rpartition("/")[2] for line in done.stdout.splitlines()[:2]] == [
        "couverture_fibre.csv",
        "donnees.csv",
    ]
    assert "\x1b" not in done.stderr and "%" not in done.stderr


def test_how_far_the_reading_is_is_told(root: Path) -> None:
    told: list[tuple[str, int, int]] = []
    asked = Asked(root, (root / FIBRE,), dataset="couverture_fibre")
    assert problems_of(asked, print, lambda part, done, total: told.append((part, done, total))) == []
    assert told[0] == ("couverture_fibre.csv", 0, 1)
    assert told[-1][1] == told[-1][2] and [done for _, done, _ in told[1:]] == sorted(done for _, done, _ in told[1:])


# Which dataset


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER + "DEP-01,couverture-fibre,2022-Q3,1\n", "couverture_fibre"),
        (FRENCH.format(1), "couverture_fibre"),
        ("code_insee;locaux;locaux 1 gbits\n01004;1;1\n", "eligibilite_fixe"),
        ("Éligibilité\n\nCode de la commune,Locaux\n01004,1\n", "eligibilite_fixe"),
    ],
)
def test_a_dataset_is_recognised_by_its_columns(root: Path, tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    assert recognise(path, root).dataset.name == expected


def test_two_datasets_of_the_same_columns_are_told_apart_by_their_indicators(root: Path, tmp_path: Path) -> None:
    for ending in (".csv", ".resource.yaml"):
        shutil.copy(root / f"datasets/couverture_fibre{ending}", root / f"datasets/lieux{ending}")
    edit(root / "datasets/lieux.resource.yaml", "couverture_fibre", "lieux")
    edit(root / "datasets/lieux.csv", "couverture-fibre", "france-services-100000")
    path = tmp_path / "x.csv"
    path.write_text(HEADER + "DEP-01,france-services-100000,2022-Q3,1\n", encoding="utf-8")
    assert recognise(path, root).dataset.name == "lieux"
    path.write_text(HEADER, encoding="utf-8")
    with pytest.raises(UnknownFile, match="plusieurs jeux ont les colonnes .* par --dataset : couverture_fibre, lieux"):
        recognise(path, root)
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UnknownFile, match="aucun jeu n'a les colonnes de « x.csv »"):
        recognise(path, root)


# Part of a dataset


def test_a_part_is_not_counted_but_compared(root: Path, tmp_path: Path) -> None:
    known = next(dataset for dataset in read_catalogue(root)[0] if dataset.name == "couverture_fibre")
    path = tmp_path / "un.csv"
    path.write_text(HEADER + "DEP-01,couverture-fibre,2022-Q3,61\n", encoding="utf-8")
    assert judge(path, known, root).problems == []
    path.write_text(HEADER + "DEP-01,couverture-fibre,2022-09,61\n", encoding="utf-8")
    (found,) = judge(path, known, root).problems
    assert found.code == "mixed-time-period" and "depuis datasets/couverture_fibre.csv:2" in found.message
    path.write_text("code_commune,france_services\n68224,3\n", encoding="utf-8")
    services = next(dataset for dataset in read_catalogue(root)[0] if dataset.name == "france_services")
    assert judge(path, services, root).problems == []


# Headings


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Code  Commune", "code_commune"),
        ("lосаux", "locaux"),
        ("ｌｏｃａｕｘ", "locaux"),
        ("lo\u200bcaux", "locaux"),
        ("Éligibilité-1 Gbit/s", "eligibilite_1_gbit_s"),
    ],
)
def test_names_are_compared_as_they_look(name: str, expected: str) -> None:
    assert skeleton(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("nom", "Prénom", "mail", "E-mail", "adresse_mail", "Téléphone", "tel_fixe")),
        *((name, True) for name in ("nom du responsable", "nomContact", "référent·e", "contact")),
        *((name, False) for name in ("nom_commune", "page_contact", "couverture_mobile", "nombre", "site_web")),
    ],
)
def test_columns_about_people_are_known_by_their_name(name: str, expected: bool) -> None:
    assert personal(name) is expected


def test_headings_are_counted_by_name_title_or_alias(root: Path) -> None:
    known = next(dataset for dataset in read_catalogue(root)[0] if dataset.name == "eligibilite_fixe")
    names = headings(table_schema(known.schema))
    assert matched(["code_insee", "Locaux", "autre"], names) == 2
    assert matched(["Locaux", "locaux", "LOCAUX"], names) == 1
    assert matched(["x"] * 50, names) == 0


@pytest.mark.parametrize(("data", "said"), [(b"", "est vide"), (b"%PDF-1.4 \x00\x01", "document PDF")])
def test_a_file_that_is_no_table_is_told_as_such(root: Path, tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(UnknownFile, match=said):
        recognise(path, root)
