"""The pages of registers in Chromium: accessible, narrow windows and the dark included, walked through by keyboard."""

from collections.abc import Iterator

import pytest
from accessibility import Witness, overflow, violations, walked
from chromium import MARKS, WIDTHS, served
from playwright.sync_api import Browser, BrowserContext
from sites import DEMONSTRATED, DEMONSTRATED_VARIANTS, build_demonstration

FRENCH = [*DEMONSTRATED.values(), *DEMONSTRATED_VARIANTS]
# What each kind of page has of its own in English is its words: one list, one thing and the pages apart.
ENGLISH = [f"/en{url}" for url in ("/initiatives", "/initiatives/capteurs-eau", "/registres", "/agenda", "/reseau")]
KINDS = [
    "/contribuer/initiatives/formulaire",
    "/initiatives",
    "/offres/detection-de-fuites",
    "/registres",
    "/agenda",
    "/reseau",
    "/territoires/DEP-68/agir",
]

pytestmark = MARKS


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site whose registers hold invented things, served."""
    yield from served(build_demonstration(tmp_path_factory.mktemp("shown") / "site"))


@pytest.fixture(scope="module")
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=address, reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.mark.parametrize("url", [*FRENCH, *ENGLISH])
def test_page_is_accessible_fits_and_says_nothing_to_anyone(context: BrowserContext, address: str, url: str) -> None:
    page = context.new_page()
    witness = Witness(page, address)
    page.goto(url)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) == 0, width
        dark = width == min(WIDTHS) and url in ENGLISH
        page.emulate_media(color_scheme="dark" if dark else "light")
        if width == min(WIDTHS) or url in KINDS:
            assert violations(page) == [], (width, dark)
    assert (witness.strangers, witness.said) == ([], [])
    page.close()


@pytest.mark.parametrize("url", KINDS)
def test_keyboard_goes_through_the_page_and_is_always_seen(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.goto(url)
    walk = walked(page)
    assert walk["back"] and walk["stops"] > 10 and walk["hidden"] == []
    page.close()


def test_drawing_of_the_network_leads_to_who_is_in_it(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/reseau")
    drawn = page.eval_on_selector_all("svg.network a", "all => all.map((one) => one.getAttribute('href'))")
    assert {"/territoires/DEP-68", "/organisations/aqua-capteurs", "/initiatives/capteurs-eau"} <= set(drawn)
    for url in drawn:
        assert page.locator(f'table a[href="{url}"]').count() > 0
    page.close()
