"""Every page of the portal through Datasette: it answers, in French, with nothing that it should not load."""

import json
import re
from html import unescape

import pytest
from datasette.app import Datasette
from httpx import Response
from repositories import ROOT
from sites import DATASETTE, DEMONSTRATED, PAGES, VARIANTS

TEMPLATES = ROOT / "templates"
PORTAL = [*PAGES.values(), *VARIANTS]
ENGLISH = (
    *("Data source", "Data license", "Custom SQL query", "Run SQL", "rows where", "Powered by", "Suggested facets"),
    *("Advanced export", "Apply", "View and edit SQL", "Next page", "This data as", "Search:", "Log out", " records"),
    *("Links from other tables", "Queries took", "Format SQL", "Error 4", "not found", "None"),
)
FORMAT = re.compile(r"\.(tableur|csv|json|ndjson|xlsx|ods|parquet|geojson|sdmx|sqlite)(?=\?|$)")
MISSING = [
    "/nulle-part",
    "/territoires/DEP-999",
    "/territoires/DEP-999/score",
    "/territoires/%F0%9F%98%80",
    "/donnees/observations/1",
    "/donnees/observations/a,b,c",
    "/indicateurs/rien",
    "/indicateurs/eligibilite-1-gbits?niveau=XX",
    "/indicateurs/eligibilite-1-gbits?niveau=COM&periode=1900",
    "/indicateurs/eligibilite-1-gbits?geographie=plate",
    "/indicateurs/eligibilite-1-gbits?tri=hasard",
    "/indicateurs?statut=rien",
    "/domaines/rien",
    "/classements/rien",
    "/classements/pays",
    "/classements/departement?noeud=rien",
    "/classements/departement?page=0",
    "/classements/departement?page=99",
    "/classements/departement?page=-1%27",
    "/jeux-de-donnees/sqlite_master",
    "/methode?territoire=rien",
    "/methode/fiabilite?categorie=rien",
    "/methode/1999.1",
    "/methode?edition=1999.1",
    "/donnees/rien",
    "/contours/rien.geojson",
]


def words(page: Response) -> str:
    """What the page says: its text without tags, code nor what is marked as English."""
    body = re.sub(r"<(code|script|style|pre)\b.*?</\1>", " ", page.text, flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", body))


def test_every_template_has_a_page_here() -> None:
    pages = (TEMPLATES / "pages").rglob("*.html")
    assert {str(p.relative_to(TEMPLATES / "pages").with_suffix("")) for p in pages} == {*PAGES, *DEMONSTRATED}


def test_templates_are_short() -> None:
    assert {p.name for p in TEMPLATES.rglob("*.html") if len(p.read_text("utf-8").splitlines()) > 150} == set()


@pytest.mark.parametrize("url", [*PORTAL, *DATASETTE])
async def test_page_answers_in_french(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    assert page.status_code == 200
    assert '<html lang="fr">' in page.text
    assert page.text.count("<h1") == 1
    said = words(page)
    assert [english for english in ENGLISH if re.search(rf"(?<!\w){re.escape(english)}", said)] == []


@pytest.mark.parametrize("url", PORTAL)
async def test_portal_page_loads_only_our_scripts_deferred(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    # Comfort only: everything else is HTML, and what search engines read, which is never run.
    ours = (
        r'<script src="/static/[a-z]+\.js(\?v=\w+)?" defer></script>|<script type="application/ld\+json">[^<]*</script>'
    )
    assert "<script" not in re.sub(ours, "", page.text)
    # Comfort only: everything else is HTML, or data that no browser runs.
    allowed = r'<script (?:src="/static/[a-z]+\.js(\?v=\w+)?" defer>|type="application/ld\+json">[^<]*)</script>'
    assert "<script" not in re.sub(allowed, "", page.text)
    assert re.findall(r'<(?:link rel="stylesheet"|img|iframe|script)[^>]+(?:href|src)="(?:https?:)?//', page.text) == []


@pytest.mark.parametrize("url", MISSING)
async def test_unknown_page_helps_in_french(site: Datasette, url: str) -> None:
    page = await site.client.get(url, headers={"Accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 404
    assert "~F0" not in words(page)
    assert "Page introuvable" in page.text and 'action="/recherche"' in page.text
    assert "Traceback" not in page.text and "not found" not in page.text


async def test_values_of_visitors_are_escaped(site: Datasette) -> None:
    attack = "%3Cscript%3Ealert(1)%3C/script%3E"
    for url in (f"/recherche?q={attack}", f"/methode?territoire={attack}", f"/classements/departement?noeud={attack}"):
        assert "<script>alert" not in (await site.client.get(url)).text


async def test_refused_query_is_explained(site: Datasette) -> None:
    page = await site.client.get("/donnees?sql=delete+from+territories")
    assert page.status_code == 400
    assert "Cette demande ne peut pas être traitée" in page.text


@pytest.mark.parametrize("ending", ["", ".json"])
async def test_impossible_sort_is_the_visitors_and_not_ours(
    site: Datasette, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = await site.client.get(f"/donnees/observations{ending}?_sort=zzz")
    assert page.status_code == 400
    said = page.json()["detail"] if ending else words(page)
    assert "On ne peut pas trier cette table selon « zzz »" in said and "Cannot" not in said
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed, meant",
    [("Mulouse", "COM-68224"), ("haut-rihn", "DEP-68")],
)
async def test_mistyped_territory_is_guessed(site: Datasette, typed: str, meant: str) -> None:
    page = await site.client.get(f"/territoires/{typed}")
    assert page.status_code == 404
    assert "Vouliez-vous dire" in page.text and f'href="/territoires/{meant}"' in page.text


async def test_robots_and_headers(site: Datasette) -> None:
    robots = await site.client.get("/robots.txt")
    assert "Disallow: /donnees/*?" in robots.text and robots.headers["content-type"].startswith("text/plain")
    home = await site.client.get("/")
    assert home.headers["x-content-type-options"] == "nosniff" and "referrer-policy" in home.headers


async def test_index_never_goes_without_its_domains(site: Datasette) -> None:
    said = " ".join(words(await site.client.get("/territoires/DEP-68")).split())
    assert re.search(r"sur 100, sur \d domaines? des \d", said)
    assert "situation 20" not in said and "chacune avec sa date" in said


async def test_category_of_one_has_no_median(site: Datasette) -> None:
    said = words(await site.client.get("/territoires/FRA"))
    assert "édiane" not in said and "Code INSEE" not in said


async def test_json_links_say_when_they_hold_one_page(site: Datasette) -> None:
    site._settings["max_returned_rows"] = 2
    page = await site.client.get("/territoires/DEP-68")
    assert "observations.json?ref_area=DEP-68&amp;_shape=objects&amp;_size=max" in page.text
    assert "JSON, par pages de 2 lignes" in page.text


async def test_fault_of_a_page_gives_the_french_page_500(
    site: Datasette, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(site.databases, "donnees")
    page = await site.client.get("/methode")
    assert page.status_code == 500
    assert "Le site a rencontré une erreur" in page.text and "Traceback" not in page.text
    assert "KeyError" in capsys.readouterr().err


async def test_every_link_of_the_portal_leads_somewhere(site: Datasette) -> None:
    links = set()
    for url in PORTAL:
        page = (await site.client.get(url)).text
        # The real contours draw territories that the tiny repository lacks; a PNG, dear to draw, has tests of its own.
        bare = re.sub(r'<div class="map-area".*?</svg>', "", page, flags=re.S)
        links |= {link for link in re.findall(r'href="(/[^"#]*)', bare) if ".png" not in link}
    # The formats of one table differ by their writer, which has its own tests: each table is asked for one, in turn.
    same: dict[str, list[str]] = {}
    for link in sorted(links):
        same.setdefault(FORMAT.sub(".", link), []).append(link)
    broken = {}
    for turn, formats in enumerate(same.values()):
        link = formats[turn % len(formats)]
        target = unescape(link)
        status = (await site.client.get(target, follow_redirects=True)).status_code
        if status != 200:
            broken[target] = status
    assert broken == {}


async def test_csv_json_and_sql_by_url(site: Datasette) -> None:
    csv = await site.client.get("/donnees/observations.csv?ref_area=DEP-68&_stream=1&_size=max")
    assert csv.text.startswith("ref_area,indicator,time_period,obs_value")
    rows = (await site.client.get("/donnees/scores.json?ref_area=DEP-68&_shape=objects")).json()["rows"]
    assert {row["node_type"] for row in rows} == {"index", "domain", "indicator"}
    one = await site.client.get("/donnees.json?sql=select+count(*)+as+n+from+territories&_shape=array")
    assert json.loads(one.text)[0]["n"] > 0


async def test_query_on_the_method_page_reproduces_every_published_score(site: Datasette) -> None:
    query = await site.get_canned_query("donnees", "reproduire_un_score", None)
    areas = (await site.get_database("donnees").execute("select distinct ref_area from scores")).rows
    assert areas
    for (area,) in areas:
        found = (await site.get_database("donnees").execute(query["sql"], {"ref_area": area, "noeud": ""})).rows
        assert found and all(tuple(row)[1::2] == tuple(row)[2::2] for row in found)


async def test_method_page_prints_the_calculation_that_the_database_executes(site: Datasette) -> None:
    said = unescape((await site.client.get("/methode")).text)
    file = (ROOT / "observatory" / "views" / "recalculated_scores.sql").read_text(encoding="utf-8")
    steps = ["create view" + step.rstrip().removesuffix(";") for step in file.split("create view")[1:]]
    assert len(steps) == 4 and all(re.sub(r"(?i)^create view", "CREATE VIEW", s) in said for s in steps)


@pytest.mark.parametrize(
    "typed, found",
    [
        ("mulhouse", "COM-68224"),
        ("MULHOUSE", "COM-68224"),
        ("amberieu en bugey", "COM-01004"),
        ("68224", "COM-68224"),
        ("200066009", "EPCI-200066009"),
        ("haut rhin", "DEP-68"),
        ("Châtillon-en-Michaille", "COM-01033"),
        ("com-68224", "COM-68224"),
        ("dep-1", "DEP-01"),
        ("1004", "COM-01004"),
        ("Mulouse", "COM-68224"),
        ("Ambérieux en bugey", "COM-01004"),
    ],
)
async def test_search_finds(site: Datasette, typed: str, found: str) -> None:
    page = await site.client.get("/recherche", params={"q": typed})
    results = re.findall(r'<li><a href="/territoires/([^"]+)"', page.text)
    assert results[:1] == [found]


@pytest.mark.parametrize(
    "typed", ["", "   ", '"', "*", "a AND", "NEAR(", "ref_area:x", "'; drop table x", "é" * 500, "\x00"]
)
async def test_search_accepts_anything(site: Datasette, typed: str) -> None:
    assert (await site.client.get("/recherche", params={"q": typed})).status_code == 200


async def test_territory_that_no_longer_exists_leads_to_its_successor(site: Datasette) -> None:
    page = await site.client.get("/territoires/COM-01091?vue=ancien")
    assert "n’existe plus depuis le 1ᵉʳ janvier 2019" in words(page).replace("\xa0", " ")
    assert 'href="/territoires/COM-01033"' in page.text
    assert "Score de maturité" not in page.text


async def test_unranked_territory_says_why(site: Datasette) -> None:
    said = words(await site.client.get("/territoires/COM-68224"))
    assert "Pas d’indice d’ensemble." in said and "domaine par domaine" in said
    assert "à titre indicatif" in words(await site.client.get("/territoires/FRA"))


async def test_ranking_says_what_its_intervals_are(site: Datasette) -> None:
    said = " ".join(words(await site.client.get("/classements/departement")).split())
    assert "Rang, neuf fois sur dix" in said and "ne sont pas vraiment différents" in said


async def test_too_few_territories_have_no_audit_and_are_told_why(site: Datasette) -> None:
    page = await site.client.get("/methode/fiabilite?categorie=grande-ville")
    assert "Grandes villes\xa0: pas d’examen" in words(page) and "au moins dix territoires classés" in words(page)


async def test_domain_says_what_its_levels_mean_and_who_is_there(site: Datasette) -> None:
    said = words(await site.client.get("/domaines/infrastructures"))
    assert "Ce que veut dire chaque niveau" in said and "Où en sont les territoires" in said


async def test_map_is_small_named_and_has_a_twin(site: Datasette) -> None:
    sql = "select svg from charts where name = 'carte-index-dep'"
    chart = (await site.get_database("donnees").execute(sql)).first()["svg"]
    assert len(chart.encode()) < 150_000
    assert chart.count('href="/territoires/DEP-') >= 101
    assert "<title" in chart and "<desc" in chart and "http" not in re.sub(r'xmlns(:\w+)?="[^"]+"', "", chart)
    assert 'href="/classements/departement"' in (await site.client.get("/")).text


def test_stylesheet_is_one_small_file() -> None:
    sheets = {sheet.name for sheet in (ROOT / "static").glob("*.css")}
    # The second for frames elsewhere, the third for the pages of registers alone.
    assert sheets == {"observatoire.css", "integrer.css", "registres.css"}
    assert (ROOT / "static" / "registres.css").stat().st_size < 6_000
    text = (ROOT / "static" / "observatoire.css").read_text(encoding="utf-8")
    assert len(text.encode()) < 55_000
    assert "url(" not in text and "@import" not in text


async def test_two_sorts_at_once_are_refused_in_french(site: Datasette) -> None:
    page = await site.client.get("/donnees/observations.json?_sort=ref_area&_sort_desc=ref_area")
    assert page.status_code == 400
    assert page.json()["detail"].startswith("Une table se trie selon une seule colonne")
