"""Every page of the portal: accessible, narrow windows and the dark included, silent, walked through by keyboard."""

from collections.abc import Iterator

import pytest
from accessibility import Witness, overflow, violations, walked
from chromium import MARKS, WIDTHS
from playwright.sync_api import Browser, BrowserContext
from sites import DATASETTE, PAGES, VARIANTS

MISSING = ["/introuvable", "/territoires/mulouse", "/donnees/observations?_sort=rien"]
ENGLISH = [f"/en{url}" for url in ("/", *PAGES.values(), "/donnees", "/donnees/territories")]
TOOLS = ["/donnees/territories?level=DEP&_carte=1", "/donnees/observations?ref_area=DEP-68&_graphique=1"]
FRENCH = [*PAGES.values(), *VARIANTS, *DATASETTE, *MISSING]
# One page of each kind: what is dear is asked of these only.
KINDS = ["/", *PAGES.values(), *DATASETTE[:6]]
DARK = [
    "/",
    "/territoires/DEP-68",
    "/classements/departement",
    "/indicateurs/eligibilite-1-gbits",
    PAGES["comparer"],
    "/donnees/territories",
]

pytestmark = MARKS


@pytest.fixture(scope="module")
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    """One for all the pages: the stylesheet is read once."""
    opened = browser.new_context(base_url=server, reduced_motion="reduce")
    yield opened
    opened.close()


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
    # datasette-vega writes specifications older than the Vega it brings, which says so.
    said = [text for text in witness.said if "spec uses Vega" not in text]
    assert (witness.strangers, said) == ([], [])
    page.close()


@pytest.mark.parametrize("url", DARK)
def test_page_is_accessible_in_the_dark(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(url)
    assert violations(page) == []
    page.close()


@pytest.mark.parametrize("url", KINDS)
def test_keyboard_goes_through_the_page_and_is_always_seen(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.goto(url)
    walk = walked(page)
    # A frame for other sites has little to stop at.
    assert walk["back"] and walk["stops"] > (0 if url.startswith("/integrer/") else 10)
    assert walk["hidden"] == []
    page.close()
