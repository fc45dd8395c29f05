"""The worked example of the method says which of the territories of one name it shows, and leads to the others."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape

import pytest
from datasette.app import Datasette
from repositories import ROOT

from observatory.method_example import LONGEST, example

REAL = ROOT / "donnees.db"
real = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")
TODAY = "2026.1"
PAGES = ["/methode", f"/methode/{TODAY}"]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


@real
@pytest.mark.data
def test_the_first_that_the_edition_scores_is_shown_and_the_others_are_kept(db: sqlite3.Connection) -> None:
    paris = example(db, TODAY, " Paris ")
    assert paris.territory["ref_area"] == "DEP-75" and paris.meant == "DEP-75"
    assert [card["ref_area"] for card in paris.namesakes] == ["COM-75056"] and not paris.more
    many = example(db, TODAY, "51300")
    assert len(many.namesakes) == 8 and many.more


@real
@pytest.mark.data
def test_one_territory_has_no_namesake_and_none_is_none(db: sqlite3.Connection) -> None:
    one = example(db, TODAY, "Haut-Rhin")
    assert (one.territory["ref_area"], one.namesakes, one.meant) == ("DEP-68", (), "Haut-Rhin")
    assert example(db, TODAY, "zzzzz").territory is None
    assert example(db, TODAY, "x" * 99).asked == "x" * LONGEST
    for nothing in (None, "", "  "):
        assert example(db, TODAY, nothing).territory["ref_area"] == "DEP-01"
    assert example(db, "1999.1", None).territory is None


@real
@pytest.mark.data
@pytest.mark.parametrize("page", PAGES)
async def test_both_pages_name_the_one_shown_and_link_to_its_namesakes(published: Datasette, page: str) -> None:
    html = (await published.client.get(f"{page}?territoire=Paris")).text.partition('id="exemple"')[2]
    assert "répondent à « Paris » : le calcul est celui de DEP-75 (département). Les autres :" in plain(html)
    assert '<a href="?territoire=COM-75056#exemple">Paris (collectivité à statut particulier, COM-75056)</a>' in html
    html = (await published.client.get(f"{page}?territoire=Saint-Denis")).text.partition('id="exemple"')[2]
    assert len(re.findall(r'href="\?territoire=COM-', html)) == 3
    assert 'href="/recherche?q=51300"' in (await published.client.get(f"{page}?territoire=51300")).text
    sure = (await published.client.get(f"{page}?territoire=DEP-75")).text
    assert "Plusieurs territoires" not in sure and 'href="?territoire=' not in sure


@real
@pytest.mark.data
@pytest.mark.parametrize("page", PAGES)
async def test_it_is_said_in_english(published: Datasette, page: str) -> None:
    html = (await published.client.get(f"/en{page}?territoire=Paris")).text
    assert "Several territories answer to “Paris”: the calculation is that of DEP-75 (département). The others:" in (
        plain(html)
    )


@real
@pytest.mark.data
async def test_another_edition_is_read_for_the_same_territory(published: Datasette) -> None:
    html = (await published.client.get(f"/methode/{TODAY}?territoire=Paris")).text
    links = re.findall(r'href="/methode/[\d.]+\?territoire=([^"]*)"', html)
    assert set(links) <= {"DEP-75"}
