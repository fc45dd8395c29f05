"""What is on screen is what is downloaded: every table of the portal has its files, every chart its figures."""

import io
import json
import re
from html import unescape
from urllib.parse import quote

import openpyxl
import pyarrow.parquet as pq
import pytest
from datasette.app import Datasette
from sites import PAGES, VARIANTS

from observatory import languages, page_tables

# Pages whose tables hold no data of the observatory: what a visitor types, what stands in a frame and leads to its
# page, a declaration, the text of a document.
NOT_DATA = ("/contribuer", "/integrer", "/accessibilite", "/methode/detail")
ASKED = [page for page in [*PAGES.values(), *VARIANTS] if not page.startswith(NOT_DATA)]
SAMPLE = [
    "/territoires/DEP-68",
    "/comparer?t=DEP-68,DEP-01,DEP-85&tri=ecart&differences=1",
    "/classements/departement?dans=REG-44",
    "/indicateurs/eligibilite-1-gbits",
    "/jeux-de-donnees",
    "/qualite",
    "/en/territoires/DEP-68",
]
TABLE = re.compile(r"<table\b[^>]*>")


@pytest.mark.parametrize("page", ASKED)
async def test_every_table_has_its_files_and_every_chart_its_figures(site: Datasette, page: str) -> None:
    html = (await site.client.get(page, follow_redirects=True)).text
    found = page_tables.tables(html)
    assert len(found) == len(TABLE.findall(html)), "a table outside the regions that have files"
    labels = [table.label for table in found]
    assert len(set(labels)) == len(labels), "two tables of one name"
    for label in labels:
        for word in page_tables.OFFERED:
            assert f"/tableaux.{word}?" in html and f"tableau={quote(label, safe='')}".replace("%20", "+") in html, (
                label
            )
    for figure in re.findall(r'<figure class="(?:chart|map)".*?</figure>', html, re.S):
        twin = re.search(r'href="([^"]*)">Les mêmes chiffres en tableau|<table', figure)
        assert twin, figure[:200]
        if twin[1] and twin[1].startswith("#"):
            assert re.search(rf'id="{re.escape(twin[1][1:])}".*?<table', html, re.S), twin[1]


async def links(site: Datasette, page: str) -> list[tuple[page_tables.Table, list[str]]]:
    html = (await site.client.get(page)).text
    found = page_tables.tables(html)
    asked = [unescape(link) for link in re.findall(r'href="((?:/en)?/tableaux\.[^"]+)"', html)]
    size = len(page_tables.OFFERED)
    return [(table, asked[place * size : place * size + size]) for place, table in enumerate(found)]


@pytest.mark.parametrize("page", SAMPLE)
async def test_files_hold_the_rows_on_screen_in_their_order(site: Datasette, page: str) -> None:
    pairs = await links(site, page)
    assert pairs
    for table, asked in pairs:
        with languages.speaking("en" if page.startswith("/en") else "fr"):
            heads, columns = table.columns()
        rows = [list(row) for row in zip(*columns, strict=True)]
        answers = {link.partition("?")[0].rpartition(".")[2]: await site.client.get(link) for link in asked}
        assert {answer.status_code for answer in answers.values()} == {200}, table.label
        assert [list(row.values()) for row in json.loads(answers["json"].content)["rows"]] == rows
        sheet = openpyxl.load_workbook(io.BytesIO(answers["xlsx"].content)).worksheets[0]
        assert [cell.value for cell in sheet[1]] == heads
        assert [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)] == rows
        assert pq.read_table(io.BytesIO(answers["parquet"].content)).num_rows == len(rows)
        assert len(answers["csv"].text.splitlines()) == len(rows) + 1
        about = json.loads(answers["json"].content)["about"]
        assert about["licenses"] and about["path"].endswith(page) and about["version"]


@pytest.mark.parametrize(
    ("page", "label"),
    [
        ("/donnees", "x"),
        ("//example.org/", "x"),
        ("/tableaux.csv?page=/", "x"),
        ("https://example.org", "x"),
        ("/api/v1/observations.csv", "x"),
        ("/telechargements/observatoire.zip", "x"),
        ("/editions/2024.1.1/observations.csv", "x"),
        ("/editions/2024.1.1%2FSHA256SUMS", "x"),
        ("/classements/departement.csv", "x"),
        ("/en/indicateurs/couverture-fibre.csv", "x"),
        ("/territoires/..%2f..%2fapi", "x"),
        ("/integrer/territoires/DEP-68", "x"),
        ("/territoires/rien", "x"),
        ("/", "x"),
    ],
)
async def test_only_tables_of_pages_are_given(site: Datasette, page: str, label: str) -> None:
    answer = await site.client.get("/tableaux.csv", params={"page": page, "tableau": label})
    assert answer.status_code == 404 and answer.json()["type"].endswith("#unknown-resource")


async def test_what_is_no_page_is_not_even_read(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    async def never(_self: page_tables.Bounded, scope: dict[str, str], _receive: object, _send: object) -> None:
        read.append(scope["path"])

    monkeypatch.setattr(page_tables.Bounded, "__call__", never)
    for page in (
        "/api/v1/observations.csv",
        "/telechargements/observatoire.zip",
        "/editions/2024.1.1/observations.csv",
    ):
        refused = (await site.client.get("/tableaux.json", params={"page": page, "tableau": "x"})).json()
        assert refused["status"] == 404 and "/territoires/{ref_area}" in refused["possible"] and not read


async def test_a_page_too_long_is_refused(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_tables, "MOST_BYTES", 1_000)
    refused = await site.client.get("/tableaux.csv?page=/indicateurs&tableau=x")
    assert refused.status_code == 400 and refused.json()["type"].endswith("#too-much")


async def test_a_table_that_is_not_there_leads_to_those_that_are(site: Datasette) -> None:
    labels = [table.label for table, _asked in await links(site, "/jeux-de-donnees")]
    refused = await site.client.get("/tableaux.csv?page=/jeux-de-donnees&tableau=x")
    assert labels and refused.json()["possible"] == labels


@pytest.mark.parametrize(
    ("page", "licences"),
    [
        ("/jeux-de-donnees/initiatives", {"odbl-1.0"}),
        ("/en/jeux-de-donnees/initiatives", {"odbl-1.0"}),
        ("/jeux-de-donnees/couverture_fibre", {"etalab-2.0"}),
        ("/indicateurs/couverture-fibre", {"etalab-2.0"}),
        ("/jeux-de-donnees", {"etalab-2.0", "odbl-1.0"}),
    ],
)
async def test_files_have_the_licences_of_what_their_page_shows(site: Datasette, page: str, licences: set[str]) -> None:
    pairs = await links(site, page)
    assert pairs
    for _table, asked in pairs:
        answers = {link.partition("?")[0].rpartition(".")[2]: await site.client.get(link) for link in asked}
        about = json.loads(answers["json"].content)["about"]
        assert {one["name"] for one in about["licenses"]} == licences
        assert about["sources"] and about["modified"] and about["version"]
        told = answers["csv"].headers["link"]
        assert all(f'<{one["path"]}>; rel="license"' in told for one in about["licenses"])
        notes = openpyxl.load_workbook(io.BytesIO(answers["xlsx"].content)).worksheets[-1]
        said = " ".join(str(cell) for row in notes.iter_rows(values_only=True) for cell in row)
        marked = "Share-alike" in said or "Partage à l’identique" in said
        assert marked == ("odbl-1.0" in licences)


async def test_an_unknown_format_says_those_that_are(site: Datasette) -> None:
    refused = await site.client.get("/tableaux.pdf?page=/&tableau=x")
    assert refused.status_code == 406 and "parquet" in refused.json()["possible"]


def test_numbers_are_numbers_and_codes_stay_codes() -> None:
    html = """<div class="scroll" aria-label="T"><table><thead><tr><th>A<th>B<th>C<th>D</tr></thead>
    <tr><td>88,5\u00a0%</td><td>01004</td><td>12\u202f394</td><td>1,5 Mo</td></tr>
    <tr><td>\u22120,5\u00a0%<svg><title>no</title></svg></td><td>2A004</td><td>\u2014</td><td>3</td></tr></table></div>"""
    html = re.sub(r"<th>(.)", r"<th>\1</th>", html)
    heads, columns = page_tables.tables(html)[0].columns()
    assert heads == ["A (%)", "B", "C", "D"]
    assert columns == [[88.5, -0.5], ["01004", "2A004"], [12394, None], ["1,5 Mo", "3"]]
