"""Two published databases of a small site: what moved between them, and which of the six causes did it."""

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repositories import ELIGIBILITY, FIBRE, ROOT, copy_site, edit

from observatory.comparison import Incomparable, compare, read_publication, summary
from observatory.database import build
from observatory.frozen import freeze
from observatory.scoring_change import CAUSES

INDEX = "indicators/index.yml"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_site(tmp_path_factory.mktemp("before") / "site")
    freeze(root)
    return published(root)


def published(root: Path) -> Path:
    build(root, root / "donnees.db", lambda step, seconds: None)
    return root / "donnees.db"


def command(*words: Path | str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, ROOT / "scripts" / "compare.py", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def later(before: Path, tmp_path: Path, change: Callable[[Path], None]) -> Path:
    root = tmp_path / "site"
    shutil.copytree(before.parent, root)
    change(root)
    return published(root)


def explained(before: Path, after: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = compare(*(read_publication(after.parent, database) for database in (before, after)))
    return {(str(r["node"]), str(r["ref_area"]), str(r["kind"])): r for r in rows}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def causes(row: dict[str, Any]) -> dict[str, float]:
    return {cause: row[cause] for cause in CAUSES if row[cause]}


def correct(root: Path) -> None:
    edit(root / FIBRE, "DEP-68,couverture-fibre,2022-Q3,92", "DEP-68,couverture-fibre,2022-Q3,50")


def add_a_period(root: Path) -> None:
    line = "DEP-68,couverture-fibre,2022-Q3,92\n"
    edit(root / FIBRE, line, f"{line}DEP-68,couverture-fibre,2022-Q4,96\n")
    edit(root / "datasets/couverture_fibre.resource.yaml", "end: 2022-09-30", "end: 2022-12-31")


def change_the_method(root: Path) -> None:
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.2"\ndraft: true')
    edit(root / "indicators/mediation/index.yml", "weight: 1", "weight: 3")


def test_nothing_moves_between_a_database_and_itself(before: Path) -> None:
    assert explained(before, before) == {}
    assert plain(summary([])) == "Indice : 0 score changé et 0 rang changé."


def test_a_corrected_value_is_a_correction_and_its_peers_move_by_their_peers(before: Path, tmp_path: Path) -> None:
    found = explained(before, later(before, tmp_path, correct))
    scores = {key[1]: row for key, row in found.items() if key[0] == "couverture-fibre" and key[2] == "score"}
    assert {area: causes(row) for area, row in scores.items()} == {"DEP-68": {"correction": -42.0}}
    ranks = {key[1]: row for key, row in found.items() if key[0] == "couverture-fibre" and key[2] == "rank"}
    assert set(causes(ranks.pop("DEP-68"))) == {"correction"}
    assert ranks and all(causes(row) == {"peers": -1.0} for row in ranks.values())


def test_a_new_period_is_own_data(before: Path, tmp_path: Path) -> None:
    found = explained(before, later(before, tmp_path, add_a_period))
    assert causes(found["couverture-fibre", "DEP-68", "score"]) == {"own_data": 4.0}
    assert set(causes(found["index", "DEP-68", "score"])) == {"own_data"}


def test_an_edition_is_the_method(before: Path, tmp_path: Path) -> None:
    found = explained(before, later(before, tmp_path, change_the_method))
    moved = [row for row in found.values() if row["change"]]
    assert moved and all(causes(row) == {"method": row["change"]} for row in moved)
    assert {(row["edition_from"], row["edition_to"]) for row in found.values()} == {("2024.1", "2024.2")}


def test_all_at_once_parts_still_sum(before: Path, tmp_path: Path) -> None:
    def everything(root: Path) -> None:
        change_the_method(root)
        add_a_period(root)
        edit(root / ELIGIBILITY, "68224,58900,57400", "68224,58900,40000")

    found = explained(before, later(before, tmp_path, everything))
    assert set(causes(found["index", "DEP-68", "score"])) == {"own_data", "method", "correction"}
    for row in found.values():
        assert sum(row[cause] for cause in CAUSES) == pytest.approx(row["change"], abs=1e-9)
    assert ("eligibilite-1-gbits", "COM-68224", "score") in found


def test_todays_perimeter_that_changes_is_the_perimeter(before: Path, tmp_path: Path) -> None:
    def move(root: Path) -> None:
        edit(
            root / "codelists/memberships.csv", "COM-68154,EPCI-200066009,,\n", "COM-68154,EPCI-200066009,,2021-01-01\n"
        )

    found = explained(before, later(before, tmp_path, move))
    row = found["eligibilite-1-gbits", "EPCI-200066009", "score"]
    assert causes(row) == {"perimeter": row["change"]}


def test_the_command_writes_a_csv_and_a_summary(before: Path, tmp_path: Path) -> None:
    after, target = later(before, tmp_path, correct), tmp_path / "evolutions.csv"
    done = command(before, after, "--output", target, "--root", after.parent)
    assert done.returncode == 0, done.stderr
    assert "DEP-68 : −" in done.stdout and "correction : 1 score" in plain(done.stdout)
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["ref_area"] for row in rows if float(row["correction"])} >= {"DEP-68"}


def test_another_method_or_file_is_said(before: Path, tmp_path: Path) -> None:
    root = copy_site(tmp_path / "other")
    edit(root / INDEX, "min_domains: 2", "min_domains: 1")
    with pytest.raises(Incomparable, match=f"« {before} » suit l’édition 2024.1, dont ce dépôt a une autre méthode."):
        read_publication(root, before)
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.2"')
    with pytest.raises(Incomparable, match=f"« {before} » suit l’édition 2024.1, que ce dépôt n’a pas. Ajoutez indic"):
        read_publication(root, before)
    (tmp_path / "not.db").write_text("no", encoding="utf-8")
    done = command(tmp_path / "not.db", before, "--root", root)
    assert done.returncode == 2 and "n’est pas une base publiée" in done.stderr


def test_a_command_badly_written_is_said_in_french(before: Path) -> None:
    for words, said in (
        (["nope.db", before], "Erreur : le fichier « nope.db » n'existe pas."),
        ([before.parent, before], "c'est un dossier"),
        ([before], "Erreur : la commande s’écrit : compare.py AVANT.db"),
        ([before, before, "--root", "nowhere"], "Erreur : la commande s’écrit : compare.py AVANT.db"),
    ):
        done = command(*words)
        assert done.returncode == 2 and said in done.stderr, done.stderr
        assert "Usage" not in done.stderr and "Traceback" not in done.stderr
