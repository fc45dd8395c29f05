"""What pages may load and run: the policy of each, and that no page holds what the policy forbids."""

import re

import pytest
from datasette.app import Datasette
from repositories import ROOT
from sites import DATASETTE, PAGES, VARIANTS, build_site, portal

from observatory.csp import Allowance, csp_nonce, policy
from observatory.serving import headers_for, robots, static_url

TOOLS = ["/donnees/territories?level=DEP&_carte=1", "/donnees/observations?ref_area=DEP-68&_graphique=1"]
SEARCH = f'<script src="{static_url(ROOT / "static", "recherche.js")}" defer></script>'
# A block of data (JSON-LD) is never run.
INLINE = re.compile(
    r"<style\b|\sstyle=\"|\son[a-z]+=\"|href=\"javascript:|<script\b(?![^>]*\bsrc=)(?![^>]*\bnonce=)"
    r'(?! type="application/ld\+json">)'
)


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    datasette = portal(build_site(tmp_path_factory.mktemp("csp") / "site"))
    await datasette.invoke_startup()
    return datasette


def directives(header: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in header.split("; "))


@pytest.mark.parametrize("url", [*PAGES.values(), *VARIANTS, *DATASETTE, "/introuvable", "/en/donnees", "/-/patterns"])
async def test_page_runs_its_own_files_only(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    assert page.headers.get_list("content-security-policy") == [policy(url, Allowance())]
    assert INLINE.findall(page.text) == []
    assert not re.search(r"vega|leaflet|cluster-map", page.text.split("<body")[0], re.I)


@pytest.mark.parametrize("url", TOOLS)
async def test_page_of_a_tool_gives_what_it_needs_once_and_no_more(site: Datasette, url: str) -> None:
    first, second = [await site.client.get(url) for _ in range(2)]
    allowed = directives(first.headers["content-security-policy"])
    nonces = {
        re.findall(r"'nonce-([^']{20,})'", page.headers["content-security-policy"])[0] for page in (first, second)
    }
    assert len(nonces) == 2
    assert all(nonce in first.text or nonce in second.text for nonce in nonces)
    assert "unsafe-inline" not in first.headers["content-security-policy"]
    assert ("'unsafe-eval'" in allowed["script-src"]) == ("_graphique" in url)
    assert INLINE.findall(first.text) == []


async def test_map_and_chart_are_offered_where_they_can_be_drawn_and_loaded_only_when_asked(site: Datasette) -> None:
    table = (await site.client.get("/donnees/territories?level=DEP")).text
    assert 'href="/donnees/territories?level=DEP&amp;_carte=1#lignes"' in table and "_graphique=1" in table
    assert "_carte=1" not in (await site.client.get("/donnees/domains")).text
    with_map = (await site.client.get(TOOLS[0])).text
    assert "datasette-cluster-map.js" in with_map and "datasette_vega" not in with_map and "contours.js" in with_map
    with_chart = (await site.client.get(TOOLS[1])).text
    assert "datasette_vega" in with_chart and "cluster-map" not in with_chart
    assert "openstreetmap" not in with_map
    assert "<script" not in (await site.client.get("/donnees/domains?_carte=1")).text.replace(SEARCH, "")
    assert "francais.js" not in (await site.client.get("/en" + TOOLS[1])).text


def test_only_embeds_may_be_framed_elsewhere() -> None:
    for path, framers in (("/integrer/x", "*"), ("/en/integrer/x", "*"), ("/integrer", "'self'"), ("/a", "'self'")):
        assert directives(policy(path, Allowance()))["frame-ancestors"] == framers
    assert csp_nonce() == ""


async def test_what_is_not_a_page_has_no_policy(site: Datasette) -> None:
    for url in ("/robots.txt", "/donnees/domains.json", "/static/observatoire.css"):
        assert "content-security-policy" not in (await site.client.get(url)).headers


async def test_fault_of_the_site_has_its_policy_too(site: Datasette, capsys: pytest.CaptureFixture[str]) -> None:
    database = site.databases.pop("donnees")
    try:
        page = await site.client.get("/methode")
    finally:
        site.databases["donnees"] = database
    assert page.status_code == 500 and "script-src 'self'" in page.headers["content-security-policy"]
    capsys.readouterr()


async def test_files_are_kept_for_ever_by_their_content_only(site: Datasette) -> None:
    address = static_url(ROOT / "static", "requete.js")
    assert re.fullmatch(r"/static/requete\.js\?v=[0-9a-f]{12}", address)
    assert "immutable" in (await site.client.get(address)).headers["cache-control"]
    assert (await site.client.get("/static/requete.js")).headers["cache-control"] == "public, max-age=3600"
    assert (await site.client.get("/static/rien.js?v=a")).headers["cache-control"] == "no-store"
    assert static_url(ROOT / "static", "rien.js") == "/static/rien.js"


def test_headers_already_given_are_kept() -> None:
    event = {"status": 200, "headers": [(b"Referrer-Policy", b"no-referrer")]}
    assert [name for name, _ in headers_for({"path": "/"}, event)] == [b"x-content-type-options"]


async def test_robots_keep_out_of_queries_in_both_languages_and_find_the_site_map(site: Datasette) -> None:
    text = (await site.client.get("/robots.txt")).text
    assert "Disallow: /donnees/*?\nDisallow: /en/donnees/*?\n" in text and "Disallow: /en/-/\n" in text
    assert text.endswith("Sitemap: http://localhost/sitemap.xml\n")
    assert robots("https://a.example/x").endswith("Sitemap: https://a.example/x\n")
