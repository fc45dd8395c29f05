"""The pages of the database: in words, in both languages, with relative addresses, and patient with anything asked."""

import re
import time
from html import unescape
from urllib.parse import quote

import pytest
import yaml
from datasette.app import Datasette
from markupsafe import Markup
from repositories import ROOT
from sites import build_site, portal

from observatory.languages import data, speaking
from observatory.mistakes import in_words
from observatory.titles import labelled, page_of, relative

LONG = "x" * 5000
ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"
HOSTILE = [
    ("/donnees/observations?_size=1000000", 400, "lignes au plus"),
    ("/donnees/observations?_size=abc", 400, "s’écrit en chiffres"),
    ("/donnees/observations?_size=-5", 400, "s’écrit en chiffres"),
    ("/donnees/observations.csv?_size=abc", 400, "s’écrit en chiffres"),
    ("/donnees/observations?_next=zzz", 200, "Observations"),
    ("/donnees/observations?_next=a,b,c,d,e,f", 200, "Observations"),
    ("/donnees/territories?_next=~~~%00", 200, "Territoires"),
    (f"/donnees/observations?_sort={LONG}", 400, "On ne peut pas trier"),
    ("/donnees/observations?_facet=rien", 400, "Il n’y a pas de colonne « rien »"),
    ("/donnees/observations?_facet_array=ref_area", 400, "ne contient pas de listes"),
    ("/donnees/observations?_facet_date=zzz", 400, "Il n’y a pas de colonne « zzz »"),
    ("/donnees/observations?_facet_size=abc&_facet=indicator", 200, "Observations"),
    ("/donnees/observations?zz__zz=1", 200, "Observations"),
    ("/donnees/observations?ref_area__in=[", 400, "La liste donnée à ref_area__in"),
    (f"/donnees/observations?ref_area__contains={LONG}", 200, "Aucune ligne"),
    ("/donnees/observations?_col=zz", 400, "la colonne « zz »"),
    ("/donnees/observations?_through=%7B", 400, "Le paramètre _through"),
    ("/donnees/territories?_through=%7B%22table%22%3A%22x%22%7D", 400, "Le paramètre _through"),
    ("/donnees/observations?_where=zz(", 400, "La requête ne se comprend pas à partir de « order »"),
    ("/donnees?sql=drop+table+x", 400, "Seules les requêtes qui lisent"),
    (f"/donnees?sql={quote(ENDLESS)}&_timelimit=20", 400, "elle durait trop longtemps"),
    ("/donnees?sql=select+1&_timelimit=abc", 400, "Le paramètre _timelimit"),
    ("/donnees?sql=select+hex(zeroblob(400000000))", 400, "valeur trop longue"),
    ("/donnees?sql=select+rien", 400, "Il n’y a pas de colonne « rien »"),
    ("/donnees?sql=select+1+--" + LONG, 200, "Requête SQL"),
    (f"/donnees/reproduire_un_score?ref_area={LONG}", 200, "Aucune ligne"),
    ("/donnees/territory_search?query=%22", 400, "L’expression de recherche"),
    ("/donnees/territories?_carte=%22%3E%3Cscript%3E", 200, "Territoires"),
    ("/donnees/rien/a", 404, "Cette table n’existe pas"),
    ("/donnees/territories/~ZZ", 404, "Page introuvable"),
    ("/-/patterns", 404, "n’est pas ouverte"),
    ("/-/allow-debug", 404, "n’est pas ouverte"),
    ("/-/permissions.json", 404, "n’est pas ouverte"),
    ("/-/messages", 404, "n’est pas ouverte"),
    ("/-/auth-token?token=x", 404, "n’est pas ouverte"),
]


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    datasette = portal(build_site(tmp_path_factory.mktemp("datasette") / "site"))
    await datasette.invoke_startup()
    return datasette


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").split())


# Datasette forgets a coroutine when a facet fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize(("url", "status", "said"), HOSTILE)
async def test_anything_asked_has_its_answer(site: Datasette, url: str, status: int, said: str) -> None:
    begun = time.monotonic()
    page = await site.client.get(url)
    assert time.monotonic() - begun < 5
    assert page.status_code == status
    assert said in words(page.text) or said in page.json()["detail"]
    assert "Traceback" not in page.text
    assert "<script>" not in page.text


async def test_fault_of_the_site_is_not_laid_on_the_visitor(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*args: object, **options: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("datasette.views.table.TableView._data_traced", broken)
    assert (await site.client.get("/donnees/observations?ref_area=DEP-68")).status_code == 500


def test_message_that_nobody_put_into_words_is_left_as_it_is() -> None:
    assert in_words("disk I/O error") is None
    assert "trop longtemps" in (in_words("interrupted") or "")


async def test_every_table_view_and_query_has_a_title_and_says_what_it_is(site: Datasette) -> None:
    said = await site.jinja_env.globals["titles"]()
    database = site.get_database("donnees")
    hidden = set(await database.hidden_table_names())
    names = (set(await database.table_names()) | set(await database.view_names())) - hidden
    assert {n for n in names if n not in said or not said[n].description or said[n].title == n} == set()
    page = words((await site.client.get("/donnees")).text)
    assert all(title in page for title in ("Classements", "Scores recalculés", "Territoires qui ressemblent"))


async def test_every_column_of_a_view_has_a_title(site: Datasette) -> None:
    database = site.get_database("donnees")
    missing = {}
    for view in await database.view_names():
        known = await site.jinja_env.globals["columns_in"](view)
        missing[view] = {c for c in await database.table_columns(view) if c not in known}
    assert {view: columns for view, columns in missing.items() if columns} == {}


async def test_columns_are_described_by_their_own_table(site: Datasette) -> None:
    known = await site.jinja_env.globals["columns_in"]("scores")
    assert known["score"].title == "Score" and known["score"].description
    view = await site.jinja_env.globals["columns_in"]("ranking")
    assert view["ref_area"].title == "Territoire" and view["ref_area"].description == ""


async def test_metadata_names_only_what_exists(site: Datasette) -> None:
    database = site.get_database("donnees")
    real = {*await database.table_names(), *await database.view_names()}
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
    assert set(metadata["databases"]["donnees"]["tables"]) <= real
    columns = {c for name in real for c in await database.table_columns(name)}
    assert set(metadata["plugins"]["columns"]) <= columns


async def test_english_pages_say_titles_in_english(site: Datasette) -> None:
    page = words((await site.client.get("/en/donnees/ranking")).text)
    assert "Rankings" in page and "Filter, sort, count" in page and "Trier" not in page


@pytest.mark.parametrize(
    "url", ["/donnees/territories?_size=5", "/donnees/observations?_facet=indicator&_facet=ref_area&_size=5&level=x"]
)
async def test_addresses_are_relative_so_that_they_keep_language_and_host(site: Datasette, url: str) -> None:
    page = await site.client.get("/en" + url.replace("&level=x", ""))
    body = page.text.split("<main")[1].split("</main>")[0]
    assert re.findall(r'href="https?://localhost', body) == []
    following = re.findall(r'class="button" rel="next nofollow" href="([^"]+)"', body)
    assert len(following) == 1 and following[0].startswith("/en/donnees/")
    assert (await site.client.get(unescape(following[0]))).status_code == 200


async def test_next_page_goes_on_where_this_one_ends(site: Datasette) -> None:
    seen: list[str] = []
    url = "/donnees/territories?_size=7"
    for _ in range(3):
        page = (await site.client.get(url)).text
        seen += re.findall(r'<td class="col-ref_area type-pk[^>]*><a href="/donnees/territories/([^"]+)"', page)
        url = unescape(re.findall(r'rel="next nofollow" href="([^"]+)"', page)[0])
    assert len(seen) == len(set(seen)) == 21


async def test_row_leads_to_the_pages_of_what_it_names(site: Datasette) -> None:
    page = (await site.client.get("/donnees/territories/DEP-68")).text
    assert 'href="/territoires/DEP-68"' in page and "Haut-Rhin" in page
    table = (await site.client.get("/donnees/observations?_size=1")).text
    row = (await site.client.get(re.findall(r'href="(/donnees/observations/[^"]+)"', table)[0])).text
    for place in ("/territoires/", "/indicateurs/", "/jeux-de-donnees/"):
        page = re.findall(rf'<a class="small" href="({place}[^"]+)"', row)[0]
        assert (await site.client.get(page)).status_code == 200


@pytest.mark.parametrize(
    ("table", "column", "value", "page"),
    [
        (None, "x", "DEP-68", "/territoires/DEP-68"),
        ("indicators", "code", "mediation", "/indicateurs/mediation"),
        ("territories", "code", "68", None),
        (None, "domain", "services", "/domaines/services"),
        (None, "dataset", "a b", None),
        (None, "x", "DEP-68' or 1", None),
        (None, "x", None, None),
    ],
)
def test_cell_that_names_something_leads_to_its_page(table: str, column: str, value: object, page: str) -> None:
    assert page_of(table, column, value) == page


def test_relative_address() -> None:
    assert relative("https://a.example:80/donnees?x=http://b") == "/donnees?x=http://b"
    assert relative("/donnees") == "/donnees" and relative(None) == ""


async def test_labels_of_keys_are_in_the_language_of_the_page(site: Datasette) -> None:
    page = "/donnees/observations?ref_area=DEP-68&_size=5"
    told = [(await site.client.get(f"{root}{page}")).text for root in ("", "/en")]
    french, english = (re.findall(r">([^<]+)</a>&nbsp;<em>([^<]+)</em>", text) for text in told)
    with speaking("en"):
        assert [(data(unescape(label)), key) for label, key in french] == [(unescape(x), key) for x, key in english]
    assert french and french != english


def test_label_of_a_key_stays_escaped() -> None:
    with speaking("en"):
        cell = Markup('<a href="/x">&lt;b&gt; &amp; co</a>&nbsp;<em>k</em>')
        assert labelled(cell) == cell
        assert labelled("<a") == "<a"
        assert "Published" in labelled(Markup('<a href="/x">Publiée</a>&nbsp;<em>A</em>'))
