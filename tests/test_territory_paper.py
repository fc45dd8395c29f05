"""The page of a territory in a browser: what a phone folds, and what paper prints."""

import re
from collections.abc import Iterator

import pytest
from chromium import MARKS, chromium, served
from playwright.sync_api import Browser
from repositories import ROOT

REAL = ROOT / "donnees.db"
real = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from served(REAL)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


# Size in points of each text that is printed, to a hundredth.
SIZES = """() => {
  const found = {}, walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    const size = parseFloat(getComputedStyle(parentElement).fontSize) * 0.75 + 0.01;
    if (data.trim() && parentElement.checkVisibility()) found[data] = size;
  }
  return found;
}"""
FOLDED = ["/territoires/DEP-68", "/territoires/EPCI-200066009", "/jeux-de-donnees/couverture_fibre"]
SEEN = "folds => folds.map(fold => [...fold.children].slice(1).some(part => part.checkVisibility()))"


class TestFolded:
    pytestmark = [*MARKS, real]

    @pytest.mark.parametrize("url", FOLDED)
    def test_details_are_folded_on_a_phone_only(self, browser: Browser, server: str, url: str) -> None:
        page = browser.new_page(viewport={"width": 390, "height": 900})
        page.goto(server + url)
        assert page.evaluate("document.documentElement.scrollHeight") < 8500
        folds = page.locator(".fold")
        assert folds.count() > 3 and not any(folds.evaluate_all(SEEN))
        # What a link leads to is never in a fold.
        assert page.locator(".fold [id]").count() == 0
        folds.first.locator("> summary").press("Enter")
        assert folds.evaluate_all(SEEN)[0]
        page.set_viewport_size({"width": 1280, "height": 900})
        assert all(folds.evaluate_all(SEEN)) and page.locator(".fold > summary:visible").count() == 0
        page.close()

    def test_what_is_put_beside_is_not_folded(self, browser: Browser, server: str) -> None:
        page = browser.new_page(viewport={"width": 390, "height": 900})
        page.goto(f"{server}/territoires/DEP-68?avec=DEP-67")
        assert page.locator("table.compare").is_visible()
        page.close()


class TestPrinted:
    pytestmark = [*MARKS, real]

    @pytest.mark.parametrize("area", ["DEP-68", "DEP-24", "EPCI-200066009", "COM-68224", "REG-44", "DEP-976", "FRA"])
    def test_the_report_fits_two_pages_of_a4(self, browser: Browser, server: str, area: str) -> None:
        page = browser.new_page()
        page.goto(f"{server}/territoires/{area}")
        document = page.pdf(prefer_css_page_size=True)
        page.emulate_media(media="print")
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", document)) <= 2
        assert page.locator(".sheet").is_visible()
        sizes = page.evaluate(SIZES)
        assert min(sizes.values()) >= 7 and all(size >= 8 for text, size in sizes.items() if "Dans les dessins" in text)
        # Its files are of no use on paper.
        assert all(page.locator(".fold:not(.noprint *):has(> :not(summary, .noprint))").evaluate_all(SEEN))
        assert page.locator("form:visible, nav:visible, button:visible").count() == 0
        page.close()

    def test_the_button_prints_and_the_paper_is_dated(self, browser: Browser, server: str) -> None:
        page = browser.new_page()
        page.add_init_script("window.print = () => { window.printed = true; dispatchEvent(new Event('beforeprint')); }")
        page.goto(f"{server}/territoires/DEP-68")
        page.get_by_role("button", name="Imprimer").click()
        assert page.evaluate("window.printed")
        page.emulate_media(media="print")
        assert re.search(r"Imprimé le \d+", page.locator(".sheet").inner_text())
        page.close()
