"""A territory that is no more leads to the one of today that took its place, and says there what happened."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from repositories import ROOT

from observatory.cog_special import FORMER_REGIONS
from observatory.vanished import PASSAGE, led, moved, renumbered

REAL = ROOT / "donnees.db"
real = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")
PAGES = [("/territoires/", ""), ("/territoires/", "/score"), ("/integrer/territoires/", "")]
TOLD = "Vous cherchiez Châtillon-en-Michaille (COM-01091), qui n’existe plus depuis le 1ᵉʳ janvier 2019."
HEIRS = "select ref_area, heir, valid_to from territory where heir is not null"
GONE = {"ref_area": "COM-01091", "heir": "COM-01033"}


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


async def said(site: Datasette, url: str) -> str:
    """The words of the page, with plain spaces."""
    page = await site.client.get(url)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())


@pytest.mark.parametrize(
    ("written", "card", "query", "expected"),
    [
        ("COM-01091", GONE, "", ("COM-01033", "?depuis=COM-01091")),
        ("com-01091", GONE, "avec=DEP-01", ("COM-01033", "?depuis=COM-01091&avec=DEP-01")),
        ("COM-01091", GONE, "depuis=COM-01278&avec=DEP-01", ("COM-01033", "?depuis=COM-01091&avec=DEP-01")),
        ("COM-01091", GONE, "vue=ancien", None),
        ("01091", GONE, "vue=ancien", ("COM-01091", "?vue=ancien")),
        ("COM-01091", GONE, "vue=autre", ("COM-01033", "?depuis=COM-01091&vue=autre")),
        ("COM-85084", {"ref_area": "COM-85084", "heir": None}, "depuis=COM-01091", None),
        ("reg-42", {"ref_area": "REG-44", "heir": None}, "", ("REG-44", "?depuis=REG-42")),
        ("REG-82", {"ref_area": "REG-44", "heir": None}, "", ("REG-44", "")),
        ("dep-68", {"ref_area": "DEP-68", "heir": None}, "", ("DEP-68", "")),
        ("DEP-68", {"ref_area": "DEP-68", "heir": None}, "", None),
    ],
)
def test_where_an_address_leads(written: str, card: dict[str, Any], query: str, expected: Any) -> None:
    assert led(written, card, query) == expected


@real
@pytest.mark.data
def test_a_former_region_has_its_heir(db: sqlite3.Connection) -> None:
    for gone, (_name, heir) in FORMER_REGIONS.items():
        for written in {gone, gone.lower()} - {heir}:
            assert (moved(db, f"/territoires/{written}/score", "") or "").startswith(f"/territoires/{heir}/score"), gone
    assert [moved(db, f"/territoires/{code}", "") for code in ("REG-44", "<b>", "")] == [None] * 3


def test_a_territory_is_renumbered_when_nothing_else_happened() -> None:
    assert renumbered([{"type": "code-change"}, {"type": "departement-change"}])
    assert not renumbered([{"type": "code-change"}, {"type": "merger"}]) and not renumbered([])


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(("before", "after"), PAGES)
async def test_every_page_of_it_leads_to_that_of_its_heir(
    site: Datasette, prefix: str, before: str, after: str
) -> None:
    page = await site.client.get(f"{prefix}{before}COM-01091{after}?avec=DEP-01")
    there = f"{prefix}{before}COM-01033{after}?depuis=COM-01091&avec=DEP-01"
    assert (page.status_code, page.headers["location"], page.content) == (301, there, b"")
    assert (await site.client.get(there)).status_code == 200


async def test_a_code_written_otherwise_is_led_only_once(site: Datasette) -> None:
    for typed in ("com-01091", "01091"):
        page = await site.client.get(f"/territoires/{typed}")
        assert (page.status_code, page.headers["location"]) == (301, "/territoires/COM-01033?depuis=COM-01091")


@pytest.mark.parametrize(("before", "after"), PAGES)
async def test_nothing_is_made_of_the_page_that_is_left(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    async def refused(*words: object, **more: object) -> None:
        raise AssertionError("a template is rendered")

    monkeypatch.setattr(site, "render_template", refused)
    for written in ("COM-01091", "com-01091", "dep-68"):
        assert (await site.client.get(f"{before}{written}{after}")).status_code == 301


async def test_the_heir_says_what_happened_and_links_to_the_page_of_before(site: Datasette) -> None:
    for page in ("/territoires/COM-01033", "/territoires/COM-01033/score"):
        text = await said(site, f"{page}?depuis=COM-01091")
        assert TOLD in text and "1ᵉʳ janvier 2019 : Fusion, vers Valserhône" in text
        html = (await site.client.get(f"{page}?depuis=COM-01091")).text
        assert 'href="/territoires/COM-01091?vue=ancien"' in html
        for other in ("COM-68224", "COM-01033", "%3Cscript%3E", "%00"):
            assert "Vous cherchiez" not in await said(site, f"{page}?depuis={other}")
    english = await said(site, "/en/territoires/COM-01033?depuis=COM-01091")
    assert "You were looking for Châtillon-en-Michaille" in english and "Vous" not in english


async def test_a_frame_says_it_in_a_few_words(site: Datasette) -> None:
    assert "Châtillon-en-Michaille en fait partie aujourd’hui." in await said(
        site, "/integrer/territoires/COM-01033?depuis=COM-01091"
    )
    assert "partie aujourd’hui" not in await said(site, "/integrer/territoires/COM-01033")


async def test_one_address_is_known_for_each_page(site: Datasette) -> None:
    heir = (await site.client.get("/territoires/COM-01033?depuis=COM-01091")).text
    assert '<link rel="canonical" href="http://localhost/territoires/COM-01033">' in heir and "noindex" not in heir
    before = (await site.client.get("/en/territoires/COM-01091?vue=ancien")).text
    assert '<link rel="canonical" href="http://localhost/en/territoires/COM-01091?vue=ancien">' in before
    assert '<meta name="robots" content="noindex, follow">' in before


async def test_the_history_of_the_heir_leads_to_the_pages_of_before(site: Datasette) -> None:
    history = (await site.client.get("/territoires/COM-01033")).text.partition("<summary>Histoire")[2]
    assert 'href="/territoires/COM-01091?vue=ancien"' in history and 'href="/territoires/COM-01091"' not in history


async def test_a_search_reaches_the_heir_in_one_step(site: Datasette) -> None:
    found = (await site.client.get("/recherche?q=Lancrans")).text
    assert 'href="/territoires/COM-01205"' in found
    page = await site.client.get("/territoires/COM-01205", follow_redirects=True)
    assert len(page.history) == 1 and "Vous cherchiez Lancrans" in page.text


async def test_every_page_of_the_sitemap_answers_at_its_own_address(site: Datasette) -> None:
    found = re.findall(r"<loc>http://localhost(/[^<]*)</loc>", (await site.client.get("/sitemap-1.xml")).text)
    french = [path for path in found if not path.startswith("/en")]
    assert "/methode/2024.1" in french and "/territoires/COM-01033" in french
    answers = {path: (await site.client.get(path)).status_code for path in french}
    assert {path: status for path, status in answers.items() if status != 200} == {}
    assert [path for path in french if "COM-01091" in path or "COM-01205" in path] == []


def test_territories_that_would_lead_to_one_another_lead_nowhere(database: Path, tmp_path: Path) -> None:
    copy = sqlite3.connect(shutil.copy(database, tmp_path / "copy.db"))
    turn = "update territories set valid_to = '2020-01-01', successors = ? where ref_area = ?"
    events = [("2020-01-01", "merger", "DEP-68", "DEP-85", 1), ("2020-01-01", "merger", "DEP-85", "DEP-68", 1)]
    copy.executemany(turn, [("DEP-85", "DEP-68"), ("DEP-68", "DEP-85")])
    copy.executemany("insert into territory_events values (?, ?, ?, ?, ?)", events)
    heirs = copy.execute("select heir from territory where ref_area in ('DEP-68', 'DEP-85')").fetchall()
    assert heirs == [(None,), (None,)]
    assert len(copy.execute(PASSAGE, {"gone": "DEP-68"}).fetchall()) == 1
    copy.close()


@real
@pytest.mark.data
def test_every_territory_that_is_no_more_leads_to_one_of_today_or_names_its_heirs(db: sqlite3.Connection) -> None:
    today = {row[0] for row in db.execute("select ref_area from territories where valid_to is null")}
    alone, shared, lost = [], [], []
    for card in db.execute("select ref_area, successors, heir from territory where valid_to is not null"):
        heirs = (card["successors"] or "").split()
        assert set(heirs) <= today
        (alone if len(heirs) == 1 else shared if heirs else lost).append(card["ref_area"])
        there = led(card["ref_area"], dict(card), "")
        assert there == ((heirs[0], f"?depuis={card['ref_area']}") if len(heirs) == 1 else None)
        if there:  # and nowhere else from there
            assert led(there[0], {"ref_area": there[0], "heir": None}, there[1][1:]) is None
    assert len(alone) > 4000 and 50 < len(shared) < 200 and len(lost) < 10
    assert db.execute("select count(*) from territory where heir is not null and valid_to is null").fetchone()[0] == 0


@real
@pytest.mark.data
def test_what_happened_goes_from_each_to_its_heir_in_order(db: sqlite3.Connection) -> None:
    for gone, heir, end in db.execute(HEIRS).fetchall():
        steps = db.execute(PASSAGE, {"gone": gone}).fetchall()
        assert steps[0]["from_area"] == gone and steps[0]["date"] == end and steps[-1]["other"] == heir, gone
        dates = [step["date"] for step in steps]
        assert dates == sorted(dates)
        reached = {gone}
        for step in steps:
            assert step["from_area"] in reached
            reached.add(step["other"])


@real
@pytest.mark.data
@pytest.mark.parametrize(
    ("gone", "heir", "told"),
    [
        ("COM-14010", "COM-14654", "7 janvier 2014 : Changement de code, vers L'Oudon (COM-14472)"),
        ("COM-75002", "COM-92002", "cet identifiant n’a plus cours depuis le 1ᵉʳ janvier 1968"),
        ("EPCI-200012060", "EPCI-200090579", "qui n’existe plus depuis le 1ᵉʳ janvier 2020"),
    ],
)
async def test_chains_renumberings_and_epci(published: Datasette, gone: str, heir: str, told: str) -> None:
    page = await published.client.get(f"/territoires/{gone}", follow_redirects=True)
    assert len(page.history) == 1 and page.url.path == f"/territoires/{heir}"
    assert told in await said(published, f"/territoires/{heir}?depuis={gone}")


@real
@pytest.mark.data
async def test_one_that_was_shared_out_names_its_heirs(published: Datasette) -> None:
    page = await published.client.get("/territoires/EPCI-200033207")
    assert page.status_code == 200 and "noindex" not in page.text
    for heir in ("EPCI-200000933", "EPCI-200090561"):
        assert f'href="/territoires/{heir}"' in page.text


@real
@pytest.mark.data
@pytest.mark.parametrize(("before", "after"), PAGES)
async def test_former_regions_lead_from_every_page(published: Datasette, before: str, after: str) -> None:
    page = await published.client.get(f"{before}REG-42{after}?x=1")
    assert (page.status_code, page.headers["location"]) == (301, f"{before}REG-44{after}?depuis=REG-42&x=1")
