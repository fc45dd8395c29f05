"""Publishing editions: what is refused, what is frozen, versions and changelog from the rows, the same bytes again."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from published_editions import change, command, commit, git, publish, repository
from repositories import ROOT, edit

from observatory import bulk, release_tables, release_words, releases, releasing


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two editions: 2024.1, then 2024.1.1 after the changes of `change`."""
    root = repository(tmp_path_factory.mktemp("published") / "site")
    assert publish(root, "2024.1").returncode == 0
    change(root)
    commit(root, "2025-06-20")
    done = publish(root, "2024.1.1")
    assert done.returncode == 0, done.stderr
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "Édition 2024.1.1")
    return root


@pytest.fixture(scope="module")
def tables(root: Path) -> dict[str, Any]:
    found = releases.named(root, "2024.1.1")
    assert found
    return {table["name"]: table for table in found.tables}


def test_versions_come_from_what_changed(root: Path, tables: dict[str, Any]) -> None:
    first = releases.named(root, "2024.1")
    assert first and {table["table_version"] for table in first.tables} == {"1.0.0"}
    assert {name: table["table_version"] for name, table in tables.items()} == {
        "observations": "2.0.0",
        "scores": "1.0.1",
        "couverture_fibre": "2.0.0",
        "eligibilite_fixe": "1.0.0",
        "france_services": "1.0.0",
        "initiatives": "2.0.0",
        "figure_statuses": "1.0.0",
        "territories": "1.0.0",
        "indicators": "1.0.0",
        "domains": "1.0.0",
    }
    changes = tables["couverture_fibre"]["changes"]
    assert [changes[what] for what in ("added", "changed", "removed")] == [1, 1, 1]
    key = {"indicator": "couverture-fibre", "time_period": "2022-Q3", "ref_area": "DEP-01"}
    assert changes["examples"]["changed"] == [{**key, "changes": {"obs_value": [61.5, 60.0]}}]
    assert tables["initiatives"]["changes"]["columns_retyped"] == ["agents"]


def test_changelog_says_it_in_french(root: Path) -> None:
    text = (root / "editions/2024.1.1/CHANGELOG.md").read_text(encoding="utf-8")
    for one in (
        "Publiée le 20 juin 2025, depuis l’édition 2024.1",
        "Version 2.0.0 (majeure)",
        "`ref_area` DEP-01, `indicator` couverture-fibre, `time_period` 2022-Q3 : `obs_value` 61,5 → 60",
        "- Colonnes dont le type a changé : `agents`.",
        "## Corrections, avec leur motif\n\nAucune.",
    ):
        assert one in text.replace("\xa0", " "), one
    assert "première édition publiée" in (root / "editions/2024.1/CHANGELOG.md").read_text(encoding="utf-8")


def test_frozen_figures_are_those_of_the_database(root: Path) -> None:
    with sqlite3.connect(root / "donnees.db") as db:
        order = "order by indicator, ref_area, time_period"
        for name, sql in (
            ("observations", f"select * from observations {order}"),
            ("scores", "select * from scores where edition = '2024.1'"),
            ("tables/initiatives", "select * from initiatives"),
        ):
            rows = [
                tuple(row.values()) for row in pq.read_table(root / f"editions/2024.1.1/{name}.parquet").to_pylist()
            ]
            assert sorted(map(repr, rows)) == sorted(map(repr, db.execute(sql).fetchall())), name


def test_git_keeps_what_is_cited_and_the_folder_holds_all(root: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "editions/2024.1.1"], cwd=root, capture_output=True, text=True, check=True
    )
    kept = {path.removeprefix("editions/2024.1.1/") for path in listed.stdout.split()}
    release = releases.named(root, "2024.1.1")
    assert release and release.absent == []
    assert kept == {f["path"] for f in release.files if f["committed"]} | {releases.ABOUT, releases.SUMS}
    assert {"observatoire.zip", "observatoire.sqlite", "observations.csv"} <= {f["path"] for f in release.files} - kept
    assert releases.verify_all(root) == [] and bulk.verify(release.folder) == []


def test_the_chain_holds_the_sums_of_the_edition_before(root: Path) -> None:
    first, second = releases.read(root)
    assert first.about["previous"] is None
    assert second.about["previous"] == {"version": "2024.1", "sha256": releases.digest(first.folder / releases.SUMS)}
    assert (first.about["date"], second.about["date"]) == ("2025-01-15", "2025-06-20")


def test_the_same_commit_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    subprocess.run(["git", "clone", "-q", str(root), str(again)], check=True)
    git(again, "checkout", "-q", "HEAD~1")
    built = command("build", "--root", str(again), "--target", str(again / "donnees.db"))
    assert built.returncode == 0
    assert publish(again, "2024.1.1").returncode == 0
    for name in (releases.SUMS, releases.ABOUT):
        path = f"editions/2024.1.1/{name}"
        assert (again / path).read_bytes() == (root / path).read_bytes()
    assert releases.verify(again / "editions/2024.1")[1] != []  # its heavy files stayed where they were made


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root, tmp_path / "copy", symlinks=True))


def test_what_stands_in_the_way_is_told_with_its_mending(copy: Path) -> None:
    def refusal(version: str) -> str:
        before = sorted(copy.rglob("*"))
        with pytest.raises(releasing.Unpublishable) as told:
            releasing.publish(copy, copy / "donnees.db", version, lambda path, size: None)
        assert sorted(copy.rglob("*")) == before
        return str(told.value)

    assert "existe déjà" in refusal("2024.1") and "2024.1.2" in refusal("2024.1.1")
    assert "n’est pas un numéro d’édition" in refusal("../2026") and "n’est pas un numéro" in refusal("2026")
    assert "n’est pas à jour" in refusal("2024.1.2") and "make build" in refusal("2024.1.2")
    (copy / "README.md").write_text("Brouillon")
    assert "n’est pas propre" in refusal("2024.1.2")
    (copy / "README.md").unlink()
    (copy / "donnees.db").unlink()
    assert "n’existe pas" in refusal("2024.1.2")
    edit(copy / "indicators/index.yml", 'edition: "2024.1"', 'edition: "2024.2"\ndraft: true')
    commit(copy, "2025-07-01")
    assert "en projet" in refusal("2024.2") and "make edition" in refusal("2024.2")
    (copy / "editions/2024.1/methode.yml").write_text("")
    assert "une édition déjà publiée a changé" in refusal("2024.2")


def test_another_number_than_the_next_is_refused(copy: Path) -> None:
    git(copy, "checkout", "-q", "HEAD~1")
    shutil.rmtree(copy / "editions/2024.1.1", ignore_errors=True)
    for version in ("2024.2", "2024.1.2", "2024.1.7"):
        with pytest.raises(releasing.Unpublishable, match="VERSION=2024.1.1"):
            releasing.checked(copy, copy / "donnees.db", version)
    done = publish(copy, "2024.2")
    assert done.returncode == 1 and done.stderr.startswith("Impossible : la méthode en cours est l’édition 2024.1")


def test_an_interrupted_publication_leaves_nothing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(copy, "checkout", "-q", "HEAD~1")
    shutil.rmtree(copy / "editions/2024.1.1", ignore_errors=True)
    before = sorted(copy.rglob("*"))

    def cut(asked: Any, draft: Path, report: Any) -> None:
        (draft / "tables").mkdir(parents=True)
        (draft / "observations.parquet").write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(releasing, "_write", cut)
    with pytest.raises(OSError, match="disk"):
        releasing.publish(copy, copy / "donnees.db", "2024.1.1", lambda path, size: None)
    assert sorted(copy.rglob("*")) == before
    monkeypatch.undo()

    def failed(path: Path, content: bytes) -> None:
        if path.name == releases.PUBLISHED:
            raise KeyboardInterrupt
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    monkeypatch.setattr(releasing, "_put", failed)
    with pytest.raises(KeyboardInterrupt):
        releasing.publish(copy, copy / "donnees.db", "2024.1.1", lambda path, size: None)
    assert sorted(copy.rglob("*")) == before


def test_a_publication_that_is_ended_leaves_nothing(copy: Path) -> None:
    git(copy, "checkout", "-q", "HEAD~1")
    shutil.rmtree(copy / "editions/2024.1.1", ignore_errors=True)
    words = [sys.executable, str(ROOT / "scripts/publish.py"), "2024.1.1", "--root", str(copy)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr and running.stderr.readline()  # it has begun to write
        running.send_signal(signal.SIGTERM)
        assert running.wait() == 143
    assert sorted(path.name for path in (copy / "editions").iterdir()) == ["2024.1", "published.txt"]


def faults(folder: Path) -> list[str]:
    """What make verify says of the editions of a repository."""
    done = command("verify", "--root", str(folder))
    assert done.returncode in (0, 1)
    return done.stderr.splitlines()


def damages(copy: Path) -> Iterator[tuple[str, Path, bytes | None]]:
    """(what is said, file, its content before): each file of the first edition in turn, with one byte changed."""
    for path in sorted((copy / "editions/2024.1").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            place = len(content) // 2
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            yield path.relative_to(copy).as_posix(), path, content


def test_a_byte_of_any_file_of_an_edition_is_noticed(copy: Path) -> None:
    seen = 0
    for name, path, content in damages(copy):
        found = releases.verify_all(copy)
        assert any(path.name in fault for fault in found), name
        assert content is not None
        path.write_bytes(content)
        seen += 1
    assert seen > 100 and releases.verify_all(copy) == []


def test_make_verify_says_every_sort_of_change(copy: Path) -> None:
    assert [fault for fault in faults(copy) if "editions" in fault] == []
    home = copy / "editions"
    edit(home / "2024.1/SHA256SUMS", "  methode.yml", "  method.yml")
    (home / "2024.1/scores.parquet").unlink()
    (home / "2024.1/observations.csv").unlink()
    (home / "2024.1.1/plus.txt").write_text("de trop")
    edit(home / "2024.1.1/edition.json", '"date": "2025-06-20"', '"date": "2025-06-21"')
    said = "\n".join(faults(copy))
    for fault in (
        "editions/2024.1 : edition.json et SHA256SUMS ne disent pas la même empreinte de methode.yml.",
        "editions/2024.1 : scores.parquet manque.",
        "editions/2024.1 : editions/published.txt ne connaît pas ce SHA256SUMS.",
        "editions/2024.1.1 : l’édition d’avant n’est plus celle que dit edition.json.",
        "editions/2024.1.1 : plus.txt n’est pas dans SHA256SUMS.",
        "editions/2024.1.1 : edition.json n’est pas le fichier qui a été publié",
    ):
        assert fault in said, fault
    assert "observations.csv" not in said  # heavy, and only absent


def test_an_edition_rewritten_with_its_sums_is_noticed(copy: Path) -> None:
    folder = copy / "editions/2024.1"
    about = json.loads((folder / releases.ABOUT).read_text(encoding="utf-8"))
    (folder / "methode.yml").write_text("autre: méthode\n", encoding="utf-8")
    sha256 = releases.digest(folder / "methode.yml")
    for file in about["files"]:
        if file["path"] == "methode.yml":
            file["sha256"] = sha256
    (folder / releases.ABOUT).write_text(json.dumps(about), encoding="utf-8")
    sums = {
        **releases.Release(folder).sums,
        "methode.yml": sha256,
        releases.ABOUT: releases.digest(folder / releases.ABOUT),
    }
    (folder / releases.SUMS).write_text("".join(f"{sums[path]}  {path}\n" for path in sorted(sums)), encoding="utf-8")
    assert releases.verify(folder) == ([], [])
    pins = copy / "editions/published.txt"
    mine = releases.pins(copy)["2024.1"]
    edit(pins, mine, releases.digest(folder / releases.SUMS))
    assert releases.verify_all(copy) == ["editions/2024.1.1 : l’édition d’avant n’est plus celle que dit edition.json."]


def test_a_folder_says_which_heavy_files_are_elsewhere(copy: Path) -> None:
    folder = copy / "editions/2024.1.1"
    (folder / "observatoire.zip").unlink()
    done = command("verify", str(folder))
    assert done.returncode == 0 and "non contrôlés : observatoire.zip." in done.stderr
    (folder / "observatoire.sqlite").write_bytes(b"autre")
    done = command("verify", str(folder))
    assert done.returncode == 1 and "observatoire.sqlite n’est pas le fichier qui a été publié" in done.stderr


def test_a_removed_edition_is_noticed(copy: Path) -> None:
    shutil.rmtree(copy / "editions/2024.1.1")
    assert releases.verify_all(copy) == ["editions/2024.1.1 manque : une édition publiée ne se retire pas."]


def test_corrections_are_told_once_with_their_reason(root: Path) -> None:
    with sqlite3.connect(root / "donnees.db") as published:
        tables = "select name from sqlite_master where name = 'figure_statuses'"
        assert published.execute(tables).fetchone() or release_tables.corrections(published, []) == []
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    db.execute(f"create table figure_statuses ({', '.join(release_tables.CORRECTION)})")
    fixed = ("DEP-01", "couverture-fibre", "2022-Q3", "corrected", "2025-06-01", 61.5, "Doublons retirés.", "Arcep")
    for row in (fixed, ("DEP-68", *fixed[1:3], "contested", "2025-06-02", None, "Contesté.", None)):
        db.execute("insert into figure_statuses values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    found = release_tables.corrections(db, [])
    assert [tuple(one.values()) for one in found] == [fixed]
    first = releases.named(root, "2024.1")
    assert first
    about = {**first.about, "corrections": found}
    told = "`DEP-01`, 2022-Q3, corrigée le 1ᵉʳ juin 2025, valait 61,5 : Doublons retirés. Source : Arcep"
    assert told in release_words.changelog(about).replace("\xa0", " ")
    later = releases.Release(root / "editions" / "2024.1.1")
    later.__dict__["about"] = about
    assert release_tables.corrections(db, [first, later]) == []
