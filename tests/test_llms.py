"""What assistants read before they use the site: short, in the language of the address, and nothing leads nowhere."""

import re

import httpx
import pytest
from datasette.app import Datasette

LINK = re.compile(r"\]\((http://localhost[^)]*)\)")
MOST_BYTES = 20_000


async def get(site: Datasette, path: str) -> httpx.Response:
    found: httpx.Response = await site.client.get(path.removeprefix("http://localhost"), follow_redirects=True)
    return found


async def text(site: Datasette, path: str) -> str:
    found = await get(site, path)
    assert found.status_code == 200
    assert found.headers["x-content-type-options"] == "nosniff"
    return found.text


async def test_the_index_says_what_there_is_and_leads_there(site: Datasette) -> None:
    said = await text(site, "/llms.txt")
    assert said.startswith("# Observatoire de la maturité numérique des territoires\n\n> Observatoire public")
    assert len(said.encode()) < MOST_BYTES
    for word in ("/api/v1/openapi.json", "/-/mcp", "/catalog.jsonld", "Licence Ouverte 2.0", "ODbL"):
        assert word in said
    assert "marimo" not in said
    links = LINK.findall(said)
    assert len(links) > 30
    statuses = {link: (await get(site, link)).status_code for link in links}
    assert {link for link, status in statuses.items() if status != 200} == set()


async def test_the_english_index_leads_to_english_pages(site: Datasette) -> None:
    said = await text(site, "/en/llms.txt")
    assert said.startswith("# Observatory of the digital maturity of territories\n\n> Public observatory")
    assert "http://localhost/en/methode" in said
    assert not re.search(r"localhost/(methode|territoires|jeux-de-donnees)", said)
    assert "Data are under [" in said


async def test_every_table_has_its_page(site: Datasette) -> None:
    said = await text(site, "/donnees.md")
    assert said == await text(site, "/donnees/llms.txt")
    pages = LINK.findall(said)
    assert {"http://localhost/donnees/observations.md", "http://localhost/donnees/territory_values.md"} < set(pages)
    for page in pages[::7]:
        table = await text(site, page)
        assert {(await get(site, link)).status_code for link in LINK.findall(table)} == {200}


async def test_a_table_is_told_with_its_columns_and_its_first_rows(site: Datasette) -> None:
    answer = await get(site, "/donnees/territories.md")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "- `ref_area` : Territoire. Identifiant du territoire" in answer.text
    rows = [line for line in answer.text.splitlines() if line.startswith("| ")]
    assert rows[0].startswith("| ref_area | code | level | name |")
    assert len(rows) == 5
    assert len((await text(site, "/donnees/charts.md")).encode()) < MOST_BYTES  # drawings are cut


@pytest.mark.parametrize("path", ["/rien.md", "/accessibilite.md", "/rien/territories.md"])
async def test_what_is_no_page_has_the_one_of_the_site(site: Datasette, path: str) -> None:
    answer = await site.client.get(path, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<html lang="fr"' in answer.text
    answer = await get(site, path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("name", ["rien", "territories_fts", "sqlite_master"])
async def test_a_table_that_is_not_is_a_problem(site: Datasette, name: str) -> None:
    answer = await get(site, f"/donnees/{name}.md")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["found"] == name and "territories" in answer.json()["possible"]
