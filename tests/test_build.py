"""The build on a tiny repository: atomic, reproducible, sound, and right by hand."""

import csv
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from frictionless import Resource, system
from repositories import copy_site

from observatory import charts, database, database_scores
from observatory.database import BuildError, build
from observatory.export import described_tables, export


def quiet(step: str, seconds: float) -> None:
    """Reports nothing."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_site(tmp_path_factory.mktemp("build") / "site")


@pytest.fixture(scope="module")
def built(root: Path) -> Path:
    build(root, root / "donnees.db", quiet)
    return root / "donnees.db"


@pytest.fixture
def db(built: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{built}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_builds_in_two_folders_give_the_same_bytes(
    root: Path, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "elsewhere" / "site"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("donnees.db"))
    monkeypatch.setenv("TZ", "Pacific/Tahiti")
    monkeypatch.chdir(tmp_path)
    build(copy, tmp_path / "other.db", quiet)
    assert sha256(tmp_path / "other.db") == sha256(built)


def test_database_is_sound(db: sqlite3.Connection) -> None:
    assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert db.execute("pragma foreign_key_check").fetchall() == []


def test_a_failing_dataset_stops_the_build_and_names_itself(tmp_path: Path) -> None:
    root = copy_site(tmp_path / "site")
    target = tmp_path / "donnees.db"
    build(root, target, quiet)
    before = sha256(target)
    file = root / "datasets" / "couverture_fibre.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("DEP-01", "DEP-99"), encoding="utf-8")
    with pytest.raises(BuildError) as stopped:
        build(root, target, quiet)
    assert {p.file for p in stopped.value.problems} == {"datasets/couverture_fibre.csv"}
    assert sha256(target) == before


@pytest.mark.parametrize("module, step", [(charts, "draw"), (database_scores.scores, "score"), (database, "_check")])
def test_a_fault_on_the_way_leaves_the_old_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, step: str
) -> None:
    root = copy_site(tmp_path / "site")
    target = tmp_path / "donnees.db"
    target.write_bytes(b"yesterday")

    def fault(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(module, step, fault)
    with pytest.raises(OSError, match="no space"):
        build(root, target, quiet)
    assert target.read_bytes() == b"yesterday"
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".tmp"] == []


def test_every_column_is_described_and_every_description_has_its_column(db: sqlite3.Connection) -> None:
    tables = {
        row["name"]
        for row in db.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
        if "_fts" not in row["name"]
    }
    assert tables == set(described_tables(db))
    for table in tables:
        real = [row["name"] for row in db.execute(f"select name from pragma_table_info('{table}')")]
        sql = "select name, title, description from columns where table_name = ? order by position"
        rows = db.execute(sql, [table]).fetchall()
        assert [row["name"] for row in rows] == real
        assert all(row["title"] and row["description"] for row in rows), table


def test_keys_and_required_columns_refuse_null(db: sqlite3.Connection) -> None:
    required = {
        row["name"] for row in db.execute("select name from pragma_table_info('observations') where \"notnull\"")
    }
    assert {"indicator", "ref_area", "time_period"} <= required


def test_codes_stay_text(db: sqlite3.Connection) -> None:
    kinds = db.execute("select distinct typeof(code) from territories").fetchall()
    assert [tuple(row) for row in kinds] == [("text",)]
    assert db.execute("select count(*) from territories where code like '0%'").fetchone()[0] > 0


def same(stored: Any, cell: str) -> str:
    """The contributed cell when the stored value means the same, else the stored value."""
    if cell in ("oui", "non"):
        return cell if stored == (cell == "oui") else str(stored)
    if stored is None or isinstance(stored, str):
        return stored or ""
    return cell if float(cell) == stored else str(stored)


def test_tables_hold_what_was_contributed(db: sqlite3.Connection, root: Path) -> None:
    for row in db.execute("select name, rows, sha256 from datasets").fetchall():
        path = root / "datasets" / f"{row['name']}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            contributed = list(csv.DictReader(file))
        assert row["sha256"] == sha256(path)
        assert row["rows"] == len(contributed) == db.execute(f"select count(*) from {row['name']}").fetchone()[0]
        for theirs, ours in zip(contributed, db.execute(f"select * from {row['name']} order by rowid"), strict=True):
            assert {column: same(ours[column], cell) for column, cell in theirs.items()} == theirs


def test_a_vanished_territory_names_its_successor(db: sqlite3.Connection) -> None:
    row = db.execute("select successors from territories where ref_area = 'COM-01205'").fetchone()
    assert row["successors"] == "COM-01033"


def test_search_ignores_case_and_accents(db: sqlite3.Connection) -> None:
    found = db.execute("select ref_area from territories_fts where territories_fts match 'chatillon'").fetchall()
    assert "COM-01091" in [row["ref_area"] for row in found]


def test_derived_observations_carry_status_and_coverage(db: sqlite3.Connection) -> None:
    rows = db.execute("select * from observations where indicator = 'eligibilite-1-gbits'").fetchall()
    status = {row["ref_area"].split("-")[0]: row["obs_status"] for row in rows if row["obs_value"] is not None}
    assert status["COM"] == "A" and status["EPCI"] == status["DEP"] == status["FRA"] == "E"
    assert all(0 <= row["coverage"] <= 1 for row in rows)
    whole = {row["ref_area"]: row for row in rows}["FRA"]
    communes = db.execute("select sum(locaux_1_gbits), sum(locaux) from eligibilite_fixe").fetchone()
    assert (whole["numerator"], whole["denominator"]) == tuple(communes)


RECALCULATED = """
with seen as (
    select s.ref_area, s.node, s.score, i.domain, i.weight
    from scores s join indicators i on i.code = s.node and s.node_type = 'indicator' where s.score is not null
), domain as (
    select ref_area, domain as node, sum(score * weight) / sum(weight) as score from seen group by 1, 2
), whole as (
    select d.ref_area, 'index' as node, sum(d.score * w.weight) / sum(w.weight) as score
    from domain d join domains w on w.code = d.node group by 1
)
select s.ref_area, s.node, s.score as published, r.score as recalculated
from scores s join (select * from domain union all select * from whole) r using (ref_area, node)
where s.score is not null
"""


def test_scores_are_what_sql_recalculates(db: sqlite3.Connection) -> None:
    rows = db.execute(RECALCULATED).fetchall()
    assert len(rows) > 10
    assert [tuple(r) for r in rows if abs(r["published"] - r["recalculated"]) > 1e-6] == []


def test_bounds_hold_the_score_and_ranks_stay_in_their_group(db: sqlite3.Connection) -> None:
    assert db.execute("select * from scores where score not between score_low and score_high").fetchall() == []
    wrong = "select * from scores where rank not between rank_low and rank_high or rank > peer_count"
    assert db.execute(wrong).fetchall() == []
    silent = "select * from scores where rank is null and reason is null"
    assert db.execute(silent).fetchall() == []


def test_provenance_has_no_clock_and_no_folder(db: sqlite3.Connection, root: Path) -> None:
    facts = dict(db.execute("select key, value from provenance").fetchall())
    assert facts["edition"] and len(facts["datasets_sha256"]) == 64
    assert not any(str(root) in value for value in facts.values())


def test_exports_are_valid_packages_of_every_table(built: Path, root: Path, tmp_path: Path) -> None:
    counts = dict(export(root, built, tmp_path / "build"))
    assert {"observations", "scores", "territories", "couverture_fibre", "initiatives"} <= counts.keys()
    for name, rows in counts.items():
        folder = tmp_path / "build"
        assert len(json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))) == rows
        descriptor = yaml.safe_load((folder / f"{name}.resource.yaml").read_text(encoding="utf-8"))
        assert descriptor["licenses"][0]["name"]
        with system.use_context(trusted=True):
            report = Resource.from_descriptor(descriptor, basepath=str(folder)).validate()
        assert report.valid, (name, report.flatten(["rowNumber", "fieldName", "message"])[:3])
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) == rows + 1


def test_whoever_reads_the_old_database_reads_it_to_the_end(tmp_path: Path) -> None:
    root = copy_site(tmp_path / "site")
    target = tmp_path / "donnees.db"
    target.write_bytes(b"yesterday")
    with target.open("rb") as reader:
        build(root, target, quiet)
        assert reader.read() == b"yesterday", "the new file takes the name, it is not written over the old one"
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_an_unsound_draft_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = copy_site(tmp_path / "site")
    stray = [{"ref_area": "COM-00000", "type": "postcode", "alias": "00000"}]
    codelist = database.records.codelist
    monkeypatch.setattr(
        database.records,
        "codelist",
        lambda where, name: iter(stray) if name == "territory_aliases" else codelist(where, name),
    )
    with pytest.raises(RuntimeError, match="not sound"):
        build(root, tmp_path / "donnees.db", quiet)
    assert not (tmp_path / "donnees.db").exists()
