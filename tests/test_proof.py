"""Every page of the portal: accessible, narrow windows and the dark included, silent, walked through by keyboard."""

from collections.abc import Iterator

import pytest
from accessibility import Witness, overflow, violations, walked
from chromium import MARKS, WIDTHS
from playwright.sync_api import Browser, BrowserContext
from sites import DATASETTE, PAGES, VARIANTS

MISSING = ["/introuvable", "/territoires/mulouse", "/donnees/observations?_sort=rien"]
# One page of each kind, as in French: what they have of their own is their words, so their narrow window is dark.
ENGLISH = [f"/en{url}" for url in ("/", *PAGES.values(), "/donnees", "/donnees/territories")]
TOOLS = ["/donnees/territories?level=DEP&_carte=1", "/donnees/observations?ref_area=DEP-68&_graphique=1"]
FRENCH = [*PAGES.values(), *VARIANTS, *DATASETTE, *MISSING]
# One page of each kind: what is dear is asked of these only.
KINDS = ["/", *PAGES.values(), *DATASETTE[:6]]
DAY, NIGHT = "rgb(255, 255, 255)", "rgb(16, 24, 30)"

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
        assert overflow(page) == 0, width
        # One page of each kind is judged at both widths; its other faces where there is the least room, English in the
        # dark.
        if width == min(WIDTHS) or url in (*KINDS, *TOOLS):
            dark = width == min(WIDTHS) and url in (*ENGLISH, *TOOLS)
            page.emulate_media(color_scheme="dark" if dark else "light")
            # A frame keeps the light of the page around it.
            behind = NIGHT if dark and "/integrer/" not in url else DAY
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == behind
            assert violations(page) == [], (width, dark)
    # datasette-vega writes specifications older than the Vega it brings, which says so.
    said = [text for text in witness.said if "spec uses Vega" not in text]
    assert (witness.strangers, said) == ([], [])
    page.close()


def test_every_kind_of_page_is_seen_in_the_dark() -> None:
    assert {url.removeprefix("/en") for url in ENGLISH} >= {"/", *PAGES.values()}


@pytest.mark.parametrize("url", [*KINDS, *TOOLS])
def test_keyboard_goes_through_the_page_and_is_always_seen(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.goto(url, wait_until="networkidle" if url in TOOLS else "load")
    walk = walked(page)
    # A frame for other sites has little to stop at.
    assert walk["back"] and walk["stops"] > (0 if url.startswith("/integrer/") else 10)
    assert walk["hidden"] == []
    page.close()


def test_chart_of_a_table_names_its_columns_as_the_rows_do(context: BrowserContext) -> None:
    for root, title in (("", "Valeur"), ("/en", "Value")):
        page = context.new_page()
        page.add_init_script(
            "window.drawn = []; const own = CanvasRenderingContext2D.prototype, write = own.fillText;"
            "own.fillText = function (...given) { drawn.push(given[0]); write.apply(this, given); }"
        )
        page.goto(root + TOOLS[1], wait_until="networkidle")
        assert page.evaluate("(title) => drawn.includes(title)", title)
        assert not page.evaluate("drawn.includes('obs_value')")
        chosen = page.locator("select[name=y_column]")
        assert chosen.evaluate("s => s.selectedOptions[0].label") == f"{title} (obs_value)"
        assert chosen.input_value() == "obs_value"
        page.close()


@pytest.mark.parametrize(("root", "credit"), [("", "Contours\xa0: IGN, INSEE"), ("/en", "Outlines: IGN, INSEE")])
def test_map_of_a_table_credits_its_outlines_in_the_language_of_the_page(
    context: BrowserContext, root: str, credit: str
) -> None:
    page = context.new_page()
    page.goto(root + TOOLS[0], wait_until="networkidle")
    assert page.locator(".leaflet-control-attribution").inner_text().endswith(credit)
    page.close()
