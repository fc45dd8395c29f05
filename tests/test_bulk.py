"""What is taken whole: packages that stand alone, Parquet of the same rows, sums that tell any change."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from frictionless import Package, system
from repositories import ROOT

from observatory import bulk, export


@pytest.fixture(scope="module")
def folder(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bulk") / "build"
    written = dict(bulk.publish(database.parent, database, target))
    assert {"observatoire.zip", "observatoire.sqlite", bulk.SUMS, "observations.csv"} <= written.keys()
    assert all((target / name).stat().st_size == size > 0 for name, size in written.items())
    return target


def test_each_archive_stands_alone_and_is_a_valid_package(folder: Path, tmp_path: Path) -> None:
    archives = [folder / "observatoire.zip", *sorted((folder / "jeux-de-donnees").glob("*.zip"))]
    assert len(archives) == 5
    for path in archives:
        target = tmp_path / path.stem
        with zipfile.ZipFile(path) as archive:
            archive.extractall(target)
        package = json.loads((target / "datapackage.json").read_text(encoding="utf-8"))
        assert package["$schema"] == bulk.PROFILE and package["licenses"] and package["version"]
        with system.use_context(trusted=True):
            report = Package(str(target / "datapackage.json")).validate()
        assert report.valid, (path.name, report.flatten(["title", "rowNumber", "fieldName", "message"])[:3])
        read_me = (target / "LISEZMOI.md").read_text(encoding="utf-8")
        assert package["title"] in read_me and all(one["title"] in read_me for one in package["licenses"])
        assert {one["path"] for one in package["resources"]} <= {file.name for file in target.iterdir()}


def test_share_alike_stays_with_its_archive(folder: Path) -> None:
    packages = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (folder / "packages").glob("*")}
    licences = {name: {one["name"] for one in package["licenses"]} for name, package in packages.items()}
    assert "odbl-1.0" in licences["initiatives"] and licences["couverture_fibre"] == {"etalab-2.0"}


def test_parquet_holds_the_rows_of_the_table(folder: Path, database: Path) -> None:
    with sqlite3.connect(database) as db:
        columns = [row[1] for row in db.execute("pragma table_info(observations)")]
        rows = sorted(map(repr, db.execute("select * from observations")))
    parts = (folder / "parquet" / "observations").glob("*/*.parquet")
    found = [row for part in parts for row in ds.dataset(part).to_table().select(columns).to_pylist()]
    assert sorted(repr(tuple(row.values())) for row in found) == rows
    whole = ds.dataset(folder / "parquet" / "observations", partitioning="hive")
    assert whole.count_rows() == len(rows)


def test_parquet_says_where_its_rows_come_from(folder: Path) -> None:
    parts = sorted((folder / "parquet" / "observations").glob("*/*.parquet"))
    told = [json.loads(ds.dataset(part).schema.metadata[b"about"]) for part in parts]
    assert told and all(one["sources"] and one["modified"] and one["version"] for one in told)
    licences = {
        part.parent.name: {one["name"] for one in about["licenses"]} for part, about in zip(parts, told, strict=True)
    }
    assert licences["indicator=couverture-fibre"] == {"etalab-2.0"}


def test_two_exports_give_the_same_sums(folder: Path, database: Path, tmp_path: Path) -> None:
    list(bulk.publish(database.parent, database, tmp_path / "again"))
    assert (tmp_path / "again" / bulk.SUMS).read_bytes() == (folder / bulk.SUMS).read_bytes()


def test_any_change_is_told(folder: Path, tmp_path: Path) -> None:
    assert bulk.verify(folder) == []
    target = tmp_path / "build"
    shutil.copytree(folder, target)
    (target / "scores.csv").write_bytes((target / "scores.csv").read_bytes().replace(b"1", b"2", 1))
    (target / "observatoire.zip").unlink()
    (target / "jeux-de-donnees" / "autre.zip").write_bytes(b"")
    faults = bulk.verify(target)
    assert [fault.split()[0] for fault in faults] == ["observatoire.zip", "scores.csv", "jeux-de-donnees/autre.zip"]
    command = [sys.executable, str(ROOT / "scripts" / "verify.py"), str(target)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1 and told.stderr.splitlines() == faults
    assert subprocess.run([*command[:2], str(folder)], capture_output=True, check=False).returncode == 0
    (target / bulk.SUMS).unlink()
    assert "n’a pas été mené à son terme" in bulk.verify(target)[0]


def test_an_interrupted_export_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("of yesterday")
    with pytest.raises(OSError, match="disk"), export.complete(tmp_path / "table.csv", newline="") as file:
        file.write("half")
        raise OSError("disk full")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
    assert (tmp_path / "table.csv").read_text() == "of yesterday"


def test_archive_is_read_without_being_unpacked(folder: Path) -> None:
    with zipfile.ZipFile(folder / "observatoire.zip") as archive, archive.open("scores.csv") as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as plain:
        assert rows == list(csv.DictReader(plain))


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_sums_are_signed_and_a_change_is_caught(folder: Path, tmp_path: Path) -> None:
    key, sums = tmp_path / "key", tmp_path / bulk.SUMS
    shutil.copy(folder / bulk.SUMS, sums)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    subprocess.run(["ssh-keygen", "-Y", "sign", "-n", "observatoire", "-f", str(key), str(sums)], check=True)
    allowed = tmp_path / "signataires"
    allowed.write_text(f"observatoire {(tmp_path / 'key.pub').read_text()}")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "observatoire", "-n", "observatoire"]
    command += ["-s", f"{sums}.sig"]
    for text, code in ((sums.read_bytes(), 0), (sums.read_bytes() + b" ", 255)):
        assert subprocess.run(command, input=text, capture_output=True, check=False).returncode == code
