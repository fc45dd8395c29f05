"""The current edition is the one that says so: by its text, 2024.10 would come before 2024.2."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from sites import portal

from observatory import citing
from observatory.simulation import published

OLD, CURRENT, BEFORE = "2024.1", "2024.10", "2024.2"


@pytest.fixture(scope="module")
def tenth(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny site whose edition is the tenth of its year, after a second one that has no score left."""
    path = tmp_path_factory.mktemp("tenth") / "donnees.db"
    shutil.copy(database, path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma foreign_keys = off")
        tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            if "edition" in [row[1] for row in db.execute(f'pragma table_info("{table}")')]:
                db.execute(f'update "{table}" set edition = ? where edition = ?', [CURRENT, OLD])  # noqa: S608
        db.execute("create temp table copied as select * from method")
        db.execute("update copied set edition = ?, current = 0", [BEFORE])
        db.execute("insert into method select * from copied")
        db.commit()
    return path


def test_every_view_has_the_rows_of_the_current_edition(database: Path, tenth: Path) -> None:
    def counts(path: Path) -> dict[str, int]:
        with closing(sqlite3.connect(path)) as db:
            views = [name for (name,) in db.execute("select name from sqlite_master where type = 'view'")]
            found = {name: db.execute(f'select count(*) from "{name}"').fetchone()[0] for name in views}  # noqa: S608
            assert "max(edition)" not in str(db.execute("select group_concat(sql) from sqlite_master").fetchone())
            return found

    before = counts(database)
    assert before["ranking"] and before["node_scores"] and before["territory_peers"]
    assert counts(tenth) == before
    with closing(sqlite3.connect(tenth)) as db:
        assert db.execute("select edition from current_edition").fetchall() == [(CURRENT,)]


def test_quotations_and_simulations_are_of_the_current_edition(database: Path, tenth: Path) -> None:
    with closing(sqlite3.connect(tenth)) as db:
        db.row_factory = sqlite3.Row
        db.execute("delete from edition_checks")
        assert citing.editions(db) == ([CURRENT], CURRENT)
    assert len(published(tenth).territories) == len(published(database).territories) > 1
    assert published(tenth).domains == published(database).domains


@pytest.fixture(scope="module")
async def later(tenth: Path) -> Datasette:
    datasette = portal(tenth)
    await datasette.invoke_startup()
    return datasette


async def test_the_api_and_the_pages_show_the_current_edition(later: Datasette) -> None:
    scores = (await later.client.get("/api/v1/scores?node=index")).json()["data"]
    assert scores and {row["edition"] for row in scores} == {CURRENT}
    listed = (await later.client.get("/plan-du-site")).text
    assert listed.index(f'"/methode/{CURRENT}"') > listed.index(f'"/methode/{BEFORE}"')
    ranked = (await later.client.get("/donnees/simuler_un_classement.json?categorie=departement&_shape=array")).json()
    assert ranked
