"""The real database, as `make build` leaves it: sound, complete, and every score found again from public tables."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from recalculation import differences, duck, scores_in
from sites import portal

ROOT = Path(__file__).resolve().parent.parent
DATABASE = ROOT / "donnees.db"
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATABASE.exists(), reason="donnees.db n’est pas construite : make build"),
]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def test_it_is_sound(db: sqlite3.Connection) -> None:
    assert db.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert db.execute("pragma foreign_key_check").fetchall() == []


def test_territories_of_2026_are_all_there(db: sqlite3.Connection) -> None:
    rows = db.execute("select level, kind, count(*) as n from territories where valid_to is null group by 1, 2")
    counts = {(row["level"], row["kind"]): row["n"] for row in rows}
    assert sum(n for (level, _), n in counts.items() if level == "COM") == 34_969
    kinds = {"metropole": 21, "met69": 1, "cu": 14, "ca": 230, "cc": 989}
    assert {kind: counts["EPCI", kind] for kind in kinds} == kinds
    ranked = "select category, count(*) from territories where valid_to is null group by 1"
    found = dict(db.execute(ranked).fetchall())
    assert (found["departement"], found["region"], found["grande-ville"]) == (101, 18, 42)


@pytest.mark.parametrize("category", ["departement", "region", "pays"])
def test_nothing_is_lost_on_the_way_up(db: sqlite3.Connection, category: str) -> None:
    found = db.execute(
        "select sum(numerator), sum(denominator) from observations join territories using (ref_area)"
        " where indicator = 'eligibilite-1-gbits' and category = ?",
        [category],
    ).fetchone()
    # Saint-Barthélemy and Saint-Martin are in the file, not in a département.
    contributed = "select sum(locaux_1_gbits), sum(locaux) from eligibilite_fixe where code_commune < '977'"
    assert tuple(found) == tuple(db.execute(contributed).fetchone())


def test_every_published_score_is_found_again_by_the_public_sql(db: sqlite3.Connection) -> None:
    published = scores_in(db, "scores")
    assert len(published) > 150_000
    assert differences(published, scores_in(db, "recalculated_scores")) == []


def test_duckdb_finds_the_same_scores_by_the_same_sql(db: sqlite3.Connection, tmp_path: Path) -> None:
    assert differences(scores_in(db, "scores"), scores_in(duck(db, tmp_path), "recalculated_scores")) == []


def test_the_query_of_the_method_page_shows_both_and_is_indexed(db: sqlite3.Connection) -> None:
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
    sql = metadata["databases"]["donnees"]["queries"]["reproduire_un_score"]["sql"]
    asked = {"ref_area": "EPCI-200066009", "noeud": ""}
    rows = [tuple(row) for row in db.execute(sql, asked)]
    assert rows[0][0] == "index" and len(rows) == 8
    assert all(row[1::2] == row[2::2] for row in rows)
    assert [tuple(row) for row in db.execute(sql, {**asked, "noeud": "mediation"})] == [rows[3]]
    plan = "\n".join(row[3] for row in db.execute(f"explain query plan {sql}", asked))
    assert "(edition=?)" not in "".join(line for line in plan.splitlines() if line.startswith("SEARCH s "))


def test_nobody_is_unranked_without_a_reason(db: sqlite3.Connection) -> None:
    assert db.execute("select * from scores where rank is null and reason is null limit 5").fetchall() == []


async def test_pages_of_any_territory_answer(db: sqlite3.Connection) -> None:
    every = [row["ref_area"] for row in db.execute("select ref_area from territories order by ref_area")]
    site = portal(DATABASE)
    await site.invoke_startup()
    sample = [
        *random.Random(2026).sample(every, 60),
        "FRA",
        "REG-06",
        "DEP-6AE",
        "DEP-976",
        "EPCI-200057867",
        "COM-75056",
    ]
    answers = {area: (await site.client.get(f"/territoires/{area}?vue=ancien")).status_code for area in sample}
    assert {area: code for area, code in answers.items() if code != 200} == {}


async def test_a_first_measure_is_not_told_as_progress() -> None:
    site = portal(DATABASE)
    await site.invoke_startup()
    pages = {area: (await site.client.get(f"/territoires/{area}")).text for area in ("DEP-68", "DEP-75")}
    assert "par une première mesure (Administration électronique)" in pages["DEP-68"]
    assert "ses propres données" not in pages["DEP-68"]
    assert "Aucun changement de score" in pages["DEP-75"] and "À lire avec prudence" in pages["DEP-75"]
    assert "Portrait type de ce niveau dans le domaine" in pages["DEP-68"]
    assert "Mesuré ici par un seul indicateur&nbsp;: Sites internet des communes." in pages["DEP-68"]
