"""Frames for other sites: light, without script, live or frozen, leading back to the page they come from."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from chromium import MARKS
from datasette.app import Datasette
from datasette.utils.asgi import Request
from jinja2 import Environment
from playwright.sync_api import Browser, Page
from repositories import ROOT

from observatory import embeds, languages, links

LIMIT = 50_000
MAPS = [
    "/integrer/indicateurs/eligibilite-1-gbits?niveau=REG",
    "/integrer/indicateurs/eligibilite-1-gbits?niveau=DEP&territoire=DEP-68",
    "/integrer/indicateurs/eligibilite-1-gbits?niveau=EPCI",
    "/integrer/indicateurs/eligibilite-1-gbits?niveau=COM&departement=68",
    "/integrer/indicateurs/index?edition=2024.1",
    "/integrer/indicateurs/infrastructures",
]
CARDS = ["/integrer/territoires/DEP-68", "/integrer/territoires/EPCI-200066009?edition=2024.1"]


async def weight(site: Datasette, url: str) -> tuple[int, int]:
    """Bytes of everything that a frame loads: as they are, and compressed."""
    page = await site.client.get(url)
    assert page.status_code == 200
    parts = [page.content]
    for address in re.findall(r'<(?:img|link)[^>]+(?:src|href)="([^"]+)"', page.text):
        if address.startswith("/static/"):
            parts.append((ROOT / address[1:]).read_bytes())
        else:
            parts.append((await site.client.get(unescape(address))).content)
    return sum(map(len, parts)), sum(len(gzip.compress(part, 6)) for part in parts)


@pytest.mark.parametrize("url", [*MAPS, *CARDS])
async def test_frame_weighs_less_than_50_kilobytes(site: Datasette, url: str) -> None:
    raw, packed = await weight(site, url)
    assert packed < LIMIT
    # As they are too, but for the 1,255 shapes of the map of intercommunalités and the communes of a département.
    assert raw < LIMIT or "niveau=EPCI" in url or "niveau=COM" in url


@pytest.mark.parametrize("url", [*MAPS, *CARDS])
async def test_frame_runs_no_script_and_leads_back(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    assert not re.search(r"<script|<style|style=|\son\w+=", page.text)
    links = re.findall(r"<a [^>]+>", page.text)
    assert links and all('target="_top"' in link for link in links)
    code = url.partition("?")[0].rpartition("/")[2]
    own = "/classements/departement" if code == "index" else f"/{code}"
    assert any(own in link for link in links)
    assert page.text.count("<h1>") == 1 and "noindex" in page.text


async def test_frozen_frame_says_its_edition_and_asks_for_its_map(site: Datasette) -> None:
    frozen, live = [(await site.client.get(f"/integrer/indicateurs/index{q}")).text for q in ("?edition=2024.1", "")]
    assert "Édition 2024.1, figée" in frozen and "edition=2024.1" in re.findall(r'<img src="([^"]+)', frozen)[0]
    assert "figée" not in live and "edition=" not in re.findall(r'<img src="([^"]+)', live)[0]


async def test_card_says_what_the_table_of_scores_says(site: Datasette) -> None:
    page = (await site.client.get("/integrer/territoires/DEP-68")).text
    rows = await site.get_database("donnees").execute(
        "select d.title, s.score, s.rank, s.peer_count from scores s join domains d on d.code = s.node"
        " where s.ref_area = 'DEP-68' and s.rank is not null"
    )
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(page)))
    assert len(rows.rows) > 0
    for title, score, rank, count in rows.rows:
        raised = "1ᵉʳ" if rank == 1 else f"{rank}ᵉ"
        assert f"{title} " in said and f"{score:.1f}".replace(".", ",") in said and f"{raised} sur {count}" in said


@pytest.mark.parametrize(
    "url",
    [
        "/integrer/territoires/rien", "/integrer/territoires/DEP-68?edition=1900.1", "/integrer/indicateurs/rien",
        "/integrer/indicateurs/index?niveau=FRA", "/integrer/indicateurs/index?niveau=COM&departement=../68",
        "/integrer/indicateurs/index?edition=%3Cscript%3E", "/integrer/indicateurs/index?niveau=DEP&departement=68",
    ],
)  # fmt: skip
async def test_frame_of_nothing_is_refused_in_french(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    assert page.status_code == 404 and "Page introuvable" in page.text and "<script>" not in page.text


async def test_hostile_territory_is_neither_drawn_nor_written_as_it_is(site: Datasette) -> None:
    page = await site.client.get("/integrer/indicateurs/index?territoire=%22%3E%3Cscript%3E")
    assert page.status_code == 200 and "<script" not in page.text and 'class="mine"' not in page.text


async def test_english_frame_shows_the_english_map_and_leads_to_english_pages(site: Datasette) -> None:
    page = (await site.client.get("/en/integrer/indicateurs/index")).text
    assert '<img src="/en/graphiques/carte-index-dep.svg' in page and 'href="/en/classements/departement"' in page
    assert "Not ranked" in page and "Non classé" not in page and "Source: " in page
    card = (await site.client.get("/en/integrer/territoires/DEP-68")).text
    assert "Digital maturity: level, score out of 100" in card and "Rang" not in card


def test_code_to_paste_is_one_frame_with_a_whole_address() -> None:
    code = embeds.frame("https://exemple.fr/integrer/x?a=1&b=2", 'Carte "fine" <b>', 640)
    assert code == (
        '<iframe src="https://exemple.fr/integrer/x?a=1&amp;b=2" title="Carte &quot;fine&quot; &lt;b&gt;"'
        ' width="100%" height="640" loading="lazy"></iframe>'
    )
    assert links.here("/integrer/x") == "/integrer/x"
    with languages.speaking("en"):
        assert links.here("/integrer/x") == "/en/integrer/x"


async def test_figure_offers_its_table_its_files_and_both_frames(site: Datasette) -> None:
    env: Environment = site.jinja_env
    page = env.from_string(
        '{% set drawing = chart("index", "DEP", mine="DEP-68") %}{% set narrowed = {"territoire": "DEP-68"} %}'
        '{% include "_figure.html" %}'
    )
    text = await page.render_async(request=Request.fake("/"))
    for href in ("/classements/departement", "/graphiques/carte-index-dep.png?territoire=DEP-68"):
        assert f'href="{href}"' in text
    live, frozen = (unescape(t) for t in re.findall(r"<textarea[^>]*>(.*?)</textarea>", text, re.S))
    assert 'src="http://localhost/integrer/indicateurs/index?niveau=DEP&amp;territoire=DEP-68"' in live
    assert "edition=" not in live and "&amp;edition=2024.1" in frozen
    assert "Passer les 101 liens de la carte" in text and "Entouré sur la carte" in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r' for="([^"]+)"', text)) <= set(ids) and 'href="#carte-index-dep-suite"' in text


@MARKS[0]
@contextmanager
def another_site(html: str) -> Iterator[str]:
    """Address of a site of one page, on a port of its own: another origin than the portal's."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()


def test_pasted_frame_shows_the_map_in_another_site(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    pasted = embeds.frame(f"{server}/integrer/indicateurs/index?territoire=DEP-68", "Carte", 720)
    with another_site(f"<!DOCTYPE html><title>Ailleurs</title>{pasted}") as elsewhere:
        page.goto(elsewhere)
        shows_the_map(page)
    page.close()


def shows_the_map(page: Page) -> None:
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", level=1).wait_for()
    drawn = frame.locator("img")
    assert drawn.evaluate("img => img.decode().then(() => img.naturalWidth)") > 0
    assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")
    assert "Entouré sur la carte" in frame.locator("main").inner_text()
