"""The portal in Chromium: accessible, narrow screens included, and silent towards other hosts."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from repositories import ROOT
from sites import DATASETTE, PAGES, VARIANTS, build_site, environment

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("background-networking", "component-update", "sync", "quic", "gpu")
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
WIDTHS = (1280, 390)
PORTAL = [*PAGES.values(), *VARIANTS, "/introuvable"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the portal, served as `make serve` does over the tiny database."""
    database = build_site(tmp_path_factory.mktemp("browser") / "site")
    command = [sys.executable, "-m", "datasette", "serve", "--immutable", str(database), "--port", "0"]
    command += ["--metadata", "metadata.yml", "--plugins-dir", "plugins", "--template-dir", "templates"]
    command += ["--static", "static:static", "--setting", "suggest_facets", "off"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(database),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        log.append(line)
        if found := re.search(r"running on (http://\S+)", line):
            yield found[1]
            break
    else:
        pytest.fail("".join(log))
    process.terminate()
    process.communicate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page whose requests to any other host are kept in `request.node.strangers`."""
    width = getattr(request, "param", WIDTHS[0])
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=server)
    opened = context.new_page()
    request.node.strangers = []
    opened.on("request", lambda r: _note(r.url, server, request.node.strangers))
    yield opened
    context.close()


def _note(url: str, server: str, strangers: list[str]) -> None:
    if not url.startswith((server, "data:", "blob:")):
        strangers.append(url)


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
@pytest.mark.parametrize("url", [*PORTAL, *DATASETTE])
def test_page_is_accessible_fits_and_asks_no_one_else(page: Page, url: str, request: pytest.FixtureRequest) -> None:
    page.goto(url, wait_until="networkidle")
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert request.node.strangers == []


def test_search_works_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("mulhouse")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche?q=mulhouse")
    page.get_by_role("link", name="Mulhouse", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/territoires/COM-68224")
    assert page.get_by_role("heading", level=1).inner_text() == "Mulhouse"


def test_focus_is_visible(page: Page) -> None:
    page.goto("/classements")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_map_of_a_table_draws_our_contours_and_points(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto("/donnees/territories?level=DEP", wait_until="networkidle")
    page.wait_for_selector(".leaflet-marker-icon")
    # Some départements are far from this view, and theirs are empty paths.
    drawn = "[...document.querySelectorAll('path.contour')].filter(p => p.getAttribute('d') !== 'M0 0').length"
    page.wait_for_function(f"{drawn} > 50")
    assert page.locator("path.contour").count() > 90
    assert page.get_by_role("button", name="Tracer un graphique").count() == 1
    assert request.node.strangers == []


@pytest.mark.parametrize("url", ["/donnees/observations?ref_area=DEP-68", "/donnees?sql=select+*+from+domains"])
def test_chart_tool_speaks_french(page: Page, url: str) -> None:
    page.goto(url, wait_until="networkidle")
    page.get_by_role("button", name="Tracer un graphique").click()
    page.wait_for_selector("form.datasette-vega")
    assert re.findall(r"Show|Chart|Bar\b|Scatter|column|none", page.inner_text("form.datasette-vega")) == []


def test_portal_reads_without_javascript(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=server)
    page = context.new_page()
    page.goto("/classements/departement?noeud=mediation")
    page.get_by_role("row", name=re.compile("Haut-Rhin")).get_by_role("link").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Haut-Rhin"
    context.close()
