"""Coverage: the counts are those of the observations, for each indicator, level and year, and for a territory."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette


@pytest.fixture
def db(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u202f", " ").split())


def counted(db: sqlite3.Connection) -> dict[tuple[str, str, str], tuple[set[str], set[str]]]:
    """By hand: territories of today with a value in the year, and those whose source says that it is missing."""
    today = {
        row["ref_area"]: row["level"]
        for row in db.execute("select * from territories where valid_to is null")
        if not str(row["category"]).startswith("collectivite-")
    }
    found: dict[tuple[str, str, str], tuple[set[str], set[str]]] = {}
    for table in ("observations", "observations_constant"):
        for row in db.execute(f"select * from {table}"):
            if row["ref_area"] in today:
                key = row["indicator"], row["time_period"][:4], today[row["ref_area"]]
                known, missing = found.setdefault(key, (set(), set()))
                (missing if row["obs_value"] is None else known).add(row["ref_area"])
    return {key: (known, missing - known) for key, (known, missing) in found.items()}


def test_years_count_today_s_territories(db: sqlite3.Connection) -> None:
    expected = {key: (len(known), len(missing)) for key, (known, missing) in counted(db).items()}
    rows = db.execute("select * from coverage_years").fetchall()
    assert {(r["indicator"], r["year"], r["level"]): (r["observed"], r["said_missing"]) for r in rows} == expected
    assert all(r["published"] + r["derived"] + r["recalculated"] == r["observed"] <= r["total"] for r in rows)
    assert any(r["derived"] for r in rows) and any(r["published"] for r in rows)


def test_last_year_is_the_last_that_has_a_value(db: sqlite3.Connection) -> None:
    by_hand = counted(db)
    rows = db.execute("select * from current_coverage").fetchall()
    assert rows
    for row in rows:
        key = row["indicator"], row["level"]
        years = [
            year for (indicator, year, level), (known, _) in by_hand.items() if (indicator, level) == key and known
        ]
        assert row["year"] == max(years, default=None)
        assert row["observed"] == (len(by_hand[key[0], row["year"], key[1]][0]) if years else 0)
        assert row["total"] >= row["observed"]


def test_year_without_any_value_is_not_the_last(db: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    db.backup(copy)
    before = copy.execute("select indicator, level, year from current_coverage order by 1, 2").fetchall()
    copy.execute(
        "insert into coverage_years (indicator, year, level, observed, total, said_missing)"
        " select indicator, '2999', level, 0, total, 1 from coverage_years group by indicator, level"
    )
    assert copy.execute("select indicator, level, year from current_coverage order by 1, 2").fetchall() == before
    copy.close()


async def test_matrix_shows_the_counts_and_leads_to_the_values(site: Datasette, db: sqlite3.Connection) -> None:
    page = (await site.client.get("/qualite")).text
    said = words(page)
    for row in db.execute("select * from current_coverage where observed > 0"):
        assert f'href="/indicateurs/{row["indicator"]}?niveau={row["level"]}#valeurs"' in page
        assert f"{row['observed']} sur {row['total']}" in said.replace("\u00a0", " ")
    assert '<svg class="bar"' in page and "style=" not in page and "/donnees/current_coverage.xlsx" in page


async def test_links_of_the_page_lead_somewhere(site: Datasette) -> None:
    page = (await site.client.get("/qualite?indicateur=eligibilite-1-gbits")).text
    main = page[page.index("<main") : page.index("</main>")]
    links = {unescape(link).partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', main)}
    wrong = {link: found.status_code for link in links if (found := await site.client.get(link)).status_code != 200}
    assert len(links) > 8 and wrong == {}


async def test_whoever_lacks_a_value_is_listed(site: Datasette, db: sqlite3.Connection) -> None:
    for row in db.execute("select * from current_coverage where year is not null"):
        known = counted(db)[row["indicator"], row["year"], row["level"]][0]
        query = f"indicateur={row['indicator']}&niveau={row['level']}&_shape=array"
        listed = (await site.client.get(f"/donnees/territoires_sans_valeur.json?{query}")).json()
        assert len(listed) == row["total"] - row["observed"]
        assert not {one["ref_area"] for one in listed} & known


async def test_territory_says_what_is_known_since_when_and_what_to_give(
    site: Datasette, db: sqlite3.Connection
) -> None:
    gap = db.execute("select * from score_gaps where position = 1 and gain > 0.01 order by ref_area").fetchone()
    page = (await site.client.get(f"/qualite?territoire={gap['ref_area']}")).text
    assert "Ce qu’il serait le plus utile de donner" in page
    assert f'href="/indicateurs/{gap["indicator"]}"' in page and 'href="/contribuer/' in page
    values = db.execute("select * from territory_values where ref_area = ?", [gap["ref_area"]]).fetchall()
    missing = [row for row in values if row["obs_value"] is None]
    assert words(page).count("manque ") >= len(missing)
    known = len(values) - len(missing)
    assert re.search(rf"{known} indicateurs? (a|ont) une valeur, sur {len(values)}", words(page))


async def test_territory_names_what_is_not_measured_and_what_is_summed(site: Datasette, db: sqlite3.Connection) -> None:
    page = (await site.client.get("/qualite?territoire=EPCI-200066009")).text
    planned = {code for (code,) in db.execute("select code from indicators where status = 'planned'").fetchall()}
    waiting = page[page.index('id="absents"') :]
    assert planned and all(f'href="/indicateurs/{code}"' in waiting for code in planned)
    assert "sans donnée ici" not in waiting  # it knows something in each domain of this small site
    assert "calculée à partir des communes" in page
    assert "Corriger la donnée : Part des locaux éligibles à 1 Gbit/s ou plus" not in page


@pytest.mark.parametrize("typed", ["dep-68", "68", "Haut-Rhin", "haut rhin"])
async def test_territory_is_found_by_code_or_name(site: Datasette, typed: str) -> None:
    page = await site.client.get("/qualite", params={"territoire": typed})
    assert page.status_code == 200 and "Haut-Rhin</h1>" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "?territoire=DEP-999",
        "?territoire=%F0%9F%98%80",
        "?territoire=" + "x" * 5000,
        "?indicateur=rien",
        "?indicateur=%3Cscript%3Ealert(1)%3C/script%3E",
        "?territoire='%3B--",
        "?indicateur=eligibilite-1-gbits&territoire=%00",
        "?territoire=100%25",
    ],
)
async def test_unknown_is_refused_in_french(site: Datasette, query: str) -> None:
    page = await site.client.get(f"/qualite{query}")
    assert page.status_code == 404
    assert "Page introuvable" in page.text and "<script>alert" not in page.text and len(page.text) < 20_000


async def test_planned_indicator_says_that_it_waits(site: Datasette) -> None:
    said = words((await site.client.get("/qualite?indicateur=conseillers-numeriques")).text)
    assert "Aucune donnée nationale ouverte n’existe encore" in said


async def test_page_is_in_english_too(site: Datasette) -> None:
    said = words((await site.client.get("/en/qualite?territoire=DEP-68")).text)
    assert "What is known: Haut-Rhin" in said and "Indicator by indicator" in said
    for french in ("Ce que l’on sait", "Connue", "manque ", "La donner", "Afficher"):
        assert french not in said
