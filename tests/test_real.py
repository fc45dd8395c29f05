"""The real database, as `make build` leaves it: sound, complete, and every score found again from public tables."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
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


def test_every_published_index_is_found_again_by_the_query_of_the_method_page(db: sqlite3.Connection) -> None:
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
    sql = metadata["databases"]["donnees"]["queries"]["reproduire_un_score"]["sql"]
    scored = db.execute("select ref_area from scores where node = 'index' and score is not null").fetchall()
    assert len(scored) > 1300
    found = (db.execute(sql, {"ref_area": row["ref_area"]}).fetchone() for row in scored)
    assert [tuple(row) for row in found if row["score_recalcule"] != row["score_publie"]] == []


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
    answers = {area: (await site.client.get(f"/territoires/{area}")).status_code for area in sample}
    assert {area: code for area, code in answers.items() if code != 200} == {}
