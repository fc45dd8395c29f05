"""The real database as people read it: intervals beside ranks, weights on paper and in the facts, what levels mean."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape

import pytest
from datasette.app import Datasette
from sites import portal
from test_real import DATABASE, pytestmark  # noqa: F401 (the marks of every test of the real database)

from observatory import french


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


@pytest.fixture(scope="module")
async def site() -> Datasette:
    datasette = portal(DATABASE)
    await datasette.invoke_startup()
    return datasette


async def said(site: Datasette, url: str) -> str:
    """The text of a page, its spaces made plain."""
    page = await site.client.get(url)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def test_ranking_gives_each_rank_its_interval_in_the_published_order(
    site: Datasette, db: sqlite3.Connection
) -> None:
    page = (await site.client.get("/classements/departement")).text
    areas = re.findall(r'<th scope="row"><a href="/territoires/([^"]+)"', page)
    known = db.execute(
        "select s.ref_area, s.rank, u.rank_p05, u.rank_p95 from scores s join score_uncertainty u"
        " using (edition, node, ref_area) where edition = (select edition from current_edition)"
        " and node = 'index' and s.peer_group = 'departement' and s.rank is not null"
    ).fetchall()
    ranks = {row["ref_area"]: row["rank"] for row in known}
    assert [ranks[area] for area in areas] == sorted(ranks.values())
    # A bar has its range from the first rank of the interval to the last, between 1 and the number of ranked.
    drawn = re.findall(r'aria-label="Rang (\d+) sur (\d+), du (\d+)\S+ au (\d+)\S+ neuf fois sur dix"', page)
    by_area = {row["ref_area"]: tuple(row)[1:] for row in known}
    assert [(int(r), int(low), int(high)) for r, _, low, high in drawn] == [by_area[area] for area in areas]
    words = await said(site, "/classements/departement")
    assert "ne sont pas vraiment différents" in words and "plafonné par" in words
    assert "/methode/fiabilite?categorie=departement" in page and "/simulation?categorie=departement" in page


async def test_unranked_reads_which_figure_would_rank_it(site: Datasette, db: sqlite3.Connection) -> None:
    area, title = db.execute(
        "select ref_area, short_title from score_gaps g join indicators i on i.code = g.indicator"
        " where g.node = 'e-administration' and g.would_rank = 1 and ref_area like 'DEP-%' order by g.position"
    ).fetchone()
    page = (await site.client.get("/classements/departement?noeud=e-administration")).text
    listed = page[page.index('id="non-classes"') :]
    assert f'href="/territoires/{area}"' in listed and title in listed and "suffirait" in listed


async def test_domain_counts_the_territories_at_each_level(site: Datasette, db: sqlite3.Connection) -> None:
    counts = [
        db.execute(
            "select count(*) from ranking where node = 'infrastructures' and peer_group = 'departement'"
            " and ranked = 1 and maturity = ?",
            [level],
        ).fetchone()[0]
        for level in range(1, 6)
    ]
    words = await said(site, "/domaines/infrastructures")
    assert sum(counts) == 101 and f"Départements {' '.join(map(str, counts))} 101 sur 101" in words
    for row in db.execute("select meaning from domain_levels where domain = 'infrastructures'"):
        assert " ".join(french.typeset(row["meaning"]).split()) in words


async def test_what_scores_are_worth_says_the_figures_of_the_audit(site: Datasette, db: sqlite3.Connection) -> None:
    for row in db.execute("select * from node_audits where node = 'index'").fetchall():
        group = row["peer_group"]
        words = await said(site, f"/methode/fiabilite?categorie={group}")
        heaviest = db.execute(
            "select * from node_audits where peer_group = ? and node_type = 'indicator' order by variance_share desc",
            [group],
        ).fetchone()
        weight, share = (french.percent(heaviest[c]) for c in ("effective_weight", "variance_share"))
        sentence = f"« {heaviest['title']} » pèse {weight} de l’indice et fait {share} des écarts"
        assert " ".join(sentence.split()) in words
        if row["cronbach_alpha"] is not None:
            assert f"il vaut {french.number(row['cronbach_alpha'], 2)}" in words
            assert ("Lisez le profil" in words) == (row["cronbach_alpha"] < 0.7)


def test_widths_of_intervals_are_counted_once_each(db: sqlite3.Connection) -> None:
    rows = db.execute("select * from rank_widths").fetchall()
    assert len(rows) > 20
    for row in rows:
        bins = [row[f"within_{part}"] for part in (5, 10, 25, 50)] + [row["beyond_50"]]
        widths = sorted(
            r[0]
            for r in db.execute(
                "select rank_p95 - rank_p05 from score_uncertainty where node = ? and peer_group = ? and edition = ?",
                [row["node"], row["peer_group"], row["edition"]],
            )
        )
        assert sum(bins) == row["territories"] == len(widths)
        assert (row["narrowest"], row["median"], row["widest"]) == (
            widths[0],
            widths[(len(widths) - 1) // 2],
            widths[-1],
        )
        assert bins[0] == sum(20 * width <= len(widths) for width in widths)


async def test_indicator_says_what_it_repeats_and_what_it_opposes(site: Datasette) -> None:
    words = await said(site, "/indicateurs/eligibilite-1-gbits")
    assert "Il répète « Éligibilité à 30 Mbit/s »" in words and "Il s’oppose à « France services »" in words


async def test_method_lists_its_editions(site: Datasette, db: sqlite3.Connection) -> None:
    words = await said(site, "/methode")
    for row in db.execute("select edition, current, sha256 from method"):
        assert f"{row['edition']} {'en cours' if row['current'] else 'figée'}" in words
        assert row["sha256"][:12] in words
