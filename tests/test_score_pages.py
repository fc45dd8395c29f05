"""What a person reads of a score: its intervals, its terms, its change and its recalculation."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from repositories import ROOT

REAL = ROOT / "donnees.db"
real = [pytest.mark.data, pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")]


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)
    yield connection
    connection.close()


async def said(site: Datasette, url: str) -> str:
    """The words of the page, with plain spaces."""
    page = await site.client.get(url)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())


def numbers(cells: list[str]) -> list[float]:
    return [float(re.sub(r"[^0-9.\-]", "", c.replace("−", "-").replace(",", "."))) for c in cells]


def rows(page: str, caption: str) -> list[list[str]]:
    """Cells of the table whose caption has these words, row by row."""
    table = next(t for t in re.findall(r"<table.*?</table>", page, flags=re.S) if caption in unescape(t))
    cells = (
        re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, flags=re.S)
        for row in re.findall(r"<tr\b.*?</tr>", table, flags=re.S)
    )
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


async def test_recalculation_is_equal_on_the_tiny_site_too(site: Datasette) -> None:
    assert "égal au score publié" in await said(site, "/territoires/REG-84/score")


async def test_score_of_a_territory_that_is_no_more_is_that_of_its_successor(site: Datasette) -> None:
    page = await site.client.get("/territoires/COM-01091/score?vue=ancien")
    assert "il n’a plus de score" in page.text and 'href="/territoires/COM-01033/score"' in page.text
    assert "Refaire le calcul" not in page.text


async def test_mistyped_territory_of_a_detail_leads_to_it(site: Datasette) -> None:
    page = await site.client.get("/territoires/dep-68/score")
    assert (page.status_code, page.headers["location"]) == (301, "/territoires/DEP-68/score")
    unknown = await site.client.get("/territoires/DEP-999/score")
    assert unknown.status_code == 404


async def test_a_commune_has_its_only_domain_in_detail(site: Datasette) -> None:
    text = await said(site, "/territoires/COM-68224/score")
    assert "le seul mesuré" in text and "Le rang, comme un intervalle" not in text


async def test_a_territory_without_an_index_is_sent_to_its_detail(site: Datasette) -> None:
    page = await site.client.get("/methode?territoire=COM-68224")
    assert page.status_code == 200 and "Pas d’indice d’ensemble" in unescape(page.text)
    assert 'href="/territoires/COM-68224/score"' in page.text and "Indice publié" not in page.text


async def test_a_territory_that_is_no_more_is_not_recomputed(site: Datasette) -> None:
    assert "Il n’existe plus." in await said(site, "/methode?territoire=COM-01091")


async def test_only_an_unknown_territory_is_refused_by_the_method(site: Datasette) -> None:
    page = await site.client.get("/methode?territoire=DEP-999")
    assert page.status_code == 404 and "Aucun territoire n’a le code ni le nom « DEP-999 »" in unescape(page.text)


async def test_the_territory_of_the_example_is_named_or_coded(site: Datasette) -> None:
    page = unescape((await site.client.get("/methode")).text)
    assert re.search(r"Mon territoire <small>nom ou code</small>", page)
    assert "Refaire le calcul" in page and "<caption" in page.partition('id="exemple"')[2]


@pytest.mark.parametrize(("observed", "total", "shown"), [(5, 10, True), (5, 11, False), (4, 4, False)])
def test_a_median_needs_half_of_the_category(
    database: Path, tmp_path: Path, observed: int, total: int, shown: bool
) -> None:
    copy = sqlite3.connect(shutil.copy(database, tmp_path / "copy.db"))
    copy.execute("update value_distributions set observed = ?, total = ?", (observed, total))
    medians = copy.execute("select median from territory_values where ref_area = 'DEP-68'").fetchall()
    copy.close()
    assert any(median is not None for (median,) in medians) == shown


def test_totals_of_distributions_are_those_of_the_categories(database: Path) -> None:
    with sqlite3.connect(database) as db:
        wrong = db.execute(
            "select * from value_distributions join category using (category)"
            " where total <> territories or total < observed"
        ).fetchall()
    assert not wrong


async def test_portraits_of_a_domain_are_told_from_what_is_measured(site: Datasette) -> None:
    text = await said(site, "/domaines/infrastructures")
    before, _, after = text.partition("Les niveaux d’aujourd’hui reposent sur")
    assert "portrait type" in before and "part des locaux éligibles à 1 Gbit/s ou plus" in after.partition("Niveau")[0]


@pytest.mark.parametrize("area", ["DEP-68", "REG-84", "DEP-75", "EPCI-200066009", "DEP-976", "FRA", "COM-68224"])
@pytest.mark.usefixtures("db")
class TestPublished:
    pytestmark = real

    async def test_printed_terms_add_up_to_the_printed_score(self, published: Datasette, area: str) -> None:
        page = (await published.client.get(f"/territoires/{area}/score")).text
        terms = [row for row in rows(page, "Poids effectif × score") if len(row) > 4][1:]
        points, weights = numbers([row[4] for row in terms]), numbers([row[2] for row in terms])
        assert round(sum(points[:-1]), 2) == points[-1] and round(sum(weights[:-1]), 2) == 100
        assert all(
            abs(w * float(row[3].replace(",", ".")) / 100 - p) < 0.02
            for w, p, row in zip(weights[:-1], points[:-1], terms[:-1], strict=True)
        )

    async def test_printed_parts_add_up_to_the_printed_change(self, published: Datasette, area: str) -> None:
        page = (await published.client.get(f"/territoires/{area}/score")).text
        for table in re.findall(r"<table class=\"stack steps-table\">.*?</table>", page, flags=re.S):
            if "Score en" in table:
                start, *parts, end = numbers([row[1] for row in rows(table, "cause par cause")[1:]])
                assert round(start + sum(parts), 2) == end

    async def test_recalculation_is_shown_equal(self, published: Datasette, area: str) -> None:
        text = await said(published, f"/territoires/{area}/score")
        assert "égal au score publié" in text and "erreur à signaler" not in text


class TestPublishedScore:
    pytestmark = real

    async def test_no_median_beside_a_rank_that_counts_others(self, published: Datasette) -> None:
        page = (await published.client.get("/territoires/DEP-976")).text
        row = next(r for r in rows(page, "Ville et territoire intelligents\xa0: valeur") if r[0].startswith("Bornes"))
        assert row[3].startswith("101ᵉ sur 101") and "médiane" not in row[3]

    async def test_no_page_says_that_a_level_is_a_target_met(self, db: sqlite3.Connection) -> None:
        for (meaning,) in db.execute("select meaning from maturity_levels"):
            assert "objectif" not in meaning and "borne" in meaning

    async def test_the_mayor_reads_rank_level_and_change(self, published: Datasette, db: sqlite3.Connection) -> None:
        low, high = db.execute(
            "select rank_p05, rank_p95 from score_uncertainty where ref_area = 'DEP-68' and node = 'index'"
        ).fetchone()
        text = await said(published, "/territoires/DEP-68")
        assert f"entre le {low}ᵉ et le {high}ᵉ selon les choix de méthode raisonnables" in text
        assert "retenu par le domaine « Médiation numérique »" in text
        assert "Probabilité de ce niveau" in text and "Depuis 2024" in text and "territoires semblables" in text

    async def test_a_rank_outside_its_interval_is_said_to_be_favoured(
        self, published: Datasette, db: sqlite3.Connection
    ) -> None:
        sql = (
            "select s.ref_area from scores s join score_uncertainty u using (edition, node, ref_area)"
            " where s.node = 'index' and s.rank < u.rank_p05 limit 1"
        )
        (area,) = db.execute(sql).fetchone()
        assert "la méthode publiée lui étant plus favorable" in await said(published, f"/territoires/{area}")

    async def test_what_is_missing_leads_to_where_it_is_given(self, published: Datasette) -> None:
        page = (await published.client.get("/territoires/DEP-75")).text
        assert "La donnée qui réduirait le plus cet intervalle" in page
        assert 'href="/contribuer/sites_internet?territoire=DEP-75">La donner' in page

    async def test_without_an_index_what_is_missing_is_still_told(self, published: Datasette) -> None:
        text = await said(published, "/territoires/DEP-975/score")
        assert "Données manquantes" not in text and "pourrait aller de" in text and "La donner" in text

    def test_terms_are_the_published_scores(self, db: sqlite3.Connection) -> None:
        sql = (
            "select max(abs(score - total)), count(*) from (select s.score, sum(x.effective_weight * x.score) as total"
            " from score_terms x join scores s using (edition, ref_area)"
            " where s.node = 'index' and s.score is not null group by x.ref_area)"
        )
        gap, count = db.execute(sql).fetchone()
        assert gap <= 1e-6 and count > 1_300

    @pytest.mark.parametrize("view", ["peer_standings", "territory_peers", "score_terms", "recalculated_scores"])
    def test_views_of_one_territory_read_no_table_whole(self, db: sqlite3.Connection, view: str) -> None:
        plan = db.execute(f"explain query plan select * from {view} where ref_area = 'DEP-68' and 1")
        scans = {line[3] for line in plan if re.match(r"SCAN (s|p|o|x|t|k)\b", line[3])}
        assert scans == set()
