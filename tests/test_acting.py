"""From a gap to what may be done, and what the indicators of an initiative did since it began."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from sites import portal

from observatory import acting

TODAY = "2026-11-24"


@pytest.fixture
def db(demonstration: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A copy that a test may change."""
    path = tmp_path / "donnees.db"
    shutil.copy(demonstration, path)
    with sqlite3.connect(path) as opened:
        opened.row_factory = sqlite3.Row
        yield opened


def names(rows: object) -> list[str]:
    return [row["id"] for row in rows]  # type: ignore[attr-defined]


def test_steps_begin_with_what_aims_at_the_indicator(db: sqlite3.Connection) -> None:
    found = acting.steps(db, "DEP-85", "couverture-fibre", "infrastructures", TODAY)
    # What aims at it, then what a territory alike leads in the domain, then the others.
    assert names(found.initiatives) == ["fibre-pour-tous", "jumeau-ain", "capteurs-eau"]
    assert names(found.partners) == ["aqua-capteurs", "atelier-fibre", "labo-hydro"]
    assert names(found.offers) == ["raccordement-long", "detection-de-fuites"]
    assert names(found.calls) == ["fibre-rurale-2030"] and names(found.events) == ["journee-fibre-2030"]
    assert [row["ref_area"] for row in found.places["fibre-pour-tous"]] == ["DEP-68"]
    other = acting.steps(db, "DEP-01", "france-services-100000", "mediation", TODAY)
    # What aims at other indicators only is not for this one.
    assert names(other.initiatives) == ["bus-numerique", "jumeau-ain"]


def test_initiatives_of_territories_alike_come_first(db: sqlite3.Connection) -> None:
    db.execute("delete from peers where ref_area = 'DEP-85'")
    db.execute("insert into peers values ('DEP-85', 1, 'DEP-01', 0.1)")
    found = acting.steps(db, "DEP-85", "eligibilite-100-mbits", "infrastructures", TODAY)
    assert names(found.initiatives) == ["jumeau-ain", "capteurs-eau"]


def test_call_is_for_the_territories_of_its_perimeter_as_long_as_it_is_open(db: sqlite3.Connection) -> None:
    def calls(area: str, today: str) -> list[str]:
        return names(acting.steps(db, area, "", "infrastructures", today).calls)

    db.execute("delete from relations where register = 'appels' and target = 'indicators'")
    assert set(calls("DEP-68", "2024-05-31")) == {"ville-sobre-2024", "fibre-rurale-2030"}
    # An EPCI is in the région of its communes; another département is not in it.
    assert "ville-sobre-2024" in calls("EPCI-200066009", "2024-03-01")
    assert calls("DEP-85", "2024-03-01") == ["fibre-rurale-2030"]
    assert calls("DEP-68", "2024-06-01") == ["fibre-rurale-2030"] and calls("DEP-68", "2031-01-01") == []


@pytest.mark.parametrize(
    ("end", "today", "open_"),
    [("2026", TODAY, True), ("2026-11", TODAY, True), ("2026-11-24", TODAY, True), ("2026-10", TODAY, False),
     ("2025", TODAY, False), (None, TODAY, False), ("", TODAY, False)],
)  # fmt: skip
def test_open_until_the_last_day_of_what_is_known(end: str | None, today: str, open_: bool) -> None:
    assert acting.is_open(end, today) is open_


def test_effects_compare_before_and_since_with_those_alike(db: sqlite3.Connection) -> None:
    assert acting.effects(db, "fibre-pour-tous") == []  # nothing is known before it began
    db.execute("update things set start_date = '2022-08' where id = 'fibre-pour-tous'")
    (found,) = acting.effects(db, "fibre-pour-tous")
    assert (found.about["ref_area"], found.about["code"]) == ("DEP-68", "couverture-fibre")
    assert (found.before_period, found.before) == ("2022-Q2", 90.0)
    assert (found.after_period, found.after, found.peers) == ("2022-Q3", 92.0, None)
    columns = "ref_area, indicator, time_period, obs_value, obs_status, dataset, status, status_date"
    for place, change in enumerate([1.0, 2.0, 3.0, 4.0, 10.0], start=1):
        other = f"COM-{place}"
        db.execute("insert or replace into peers values ('DEP-68', ?, ?, 0.1)", [place, other])
        for period, value in (("2022-Q2", 50.0), ("2022-Q3", 50.0 + change)):
            row = [other, "couverture-fibre", period, value, "A", "couverture_fibre", "published", "2022-09-30"]
            db.execute(f"insert into observations ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    (found,) = acting.effects(db, "fibre-pour-tous")
    assert found.peers == 3.0


def test_initiative_that_began_a_year_is_compared_from_january(db: sqlite3.Connection) -> None:
    db.execute("update things set start_date = '2022' where id = 'fibre-pour-tous'")
    assert acting.effects(db, "fibre-pour-tous") == []
    db.execute("update things set start_date = '2023' where id = 'fibre-pour-tous'")
    assert acting.effects(db, "fibre-pour-tous") == []  # nothing since


@pytest.fixture
async def behind(db: sqlite3.Connection, demonstration: Path, tmp_path: Path) -> Datasette:
    """The site where Mulhouse is far below those alike, one of which progressed and leads an initiative."""
    db.execute("update scores set score = 5 where ref_area = 'COM-68224' and node = 'eligibilite-1-gbits'")
    db.execute("update scores set score = 80 where ref_area like 'COM-%' and ref_area <> 'COM-68224'"
               " and node = 'eligibilite-1-gbits'")  # fmt: skip
    columns = "ref_area, indicator, time_period, obs_value, obs_status, dataset, status, status_date"
    row = ["COM-68154", "eligibilite-1-gbits", "2018-09", 12.5, "A", "eligibilite_fixe", "published", "2019-01-01"]
    db.execute(f"insert into observations ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    db.commit()
    shutil.copytree(demonstration.parent / "codelists", tmp_path / "codelists")
    datasette = portal(tmp_path / "donnees.db")
    await datasette.invoke_startup()
    return datasette


async def test_page_leads_from_the_gap_to_those_who_moved_and_to_what_they_did(behind: Datasette) -> None:
    page = await behind.client.get("/territoires/COM-68224/agir")
    said = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split()).replace("\u202f", " ").replace("\xa0", " ")
    assert page.status_code == 200 and "−75,0 points" in said
    assert re.search(r"Illzach 12,5.% septembre 2018", said), said[:1500]
    table = page.text.partition("<table")[2].partition("</table>")[0]
    assert 'href="/territoires/COM-68154"' in table and 'href="/initiatives/capteurs-eau"' in table
    assert 'href="/territoires/COM-68224/agir"' in (await behind.client.get("/territoires/COM-68224")).text
