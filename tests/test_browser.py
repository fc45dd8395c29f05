"""The portal in Chromium: search, maps and charts of Datasette's pages, and all of it without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import MARKS
from playwright.sync_api import Browser, Page

pytestmark = MARKS


@pytest.fixture
def page(page: Page, server: str, request: pytest.FixtureRequest) -> Page:
    """A page whose requests to any other host are kept in `request.node.strangers`."""
    request.node.strangers = []
    page.on("request", lambda r: _note(r.url, server, request.node.strangers))
    return page


def _note(url: str, server: str, strangers: list[str]) -> None:
    if not url.startswith((server, "data:", "blob:")):
        strangers.append(url)


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
    assert page.locator("script[src*=static-plugins]").count() == 0
    page.get_by_role("link", name="Voir sur une carte").click()
    page.wait_for_selector(".leaflet-marker-icon")
    # Some départements are far from this view, and theirs are empty paths.
    drawn = "[...document.querySelectorAll('path.contour')].filter(p => p.getAttribute('d') !== 'M0 0').length"
    page.wait_for_function(f"{drawn} > 50")
    assert page.locator("path.contour").count() > 90
    assert page.get_by_role("link", name="Revenir aux lignes seules").count() == 1
    assert request.node.strangers == []


@pytest.mark.parametrize("url", ["/donnees/observations?ref_area=DEP-68", "/donnees?sql=select+*+from+domains"])
def test_chart_tool_speaks_french(page: Page, url: str) -> None:
    page.goto(url, wait_until="networkidle")
    page.get_by_role("link", name="Tracer un graphique").click()
    page.wait_for_selector("form.datasette-vega")
    assert re.findall(r"Show|Chart|Bar\b|Scatter|column|none", page.inner_text("form.datasette-vega")) == []


def test_portal_reads_without_javascript(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=server)
    page = context.new_page()
    page.goto("/classements/departement?noeud=mediation")
    page.get_by_role("row", name=re.compile("Haut-Rhin")).get_by_role("link").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Haut-Rhin"
    context.close()


def test_suggestions_are_chosen_with_the_arrows(page: Page) -> None:
    page.goto("/")
    field, options = page.locator("#q"), page.locator("#q-suggestions [role=option]")
    field.press_sequentially("mulh")
    options.first.wait_for()
    assert (field.get_attribute("role"), field.get_attribute("aria-expanded")) == ("combobox", "true")
    assert field.get_attribute("aria-activedescendant") is None
    count = options.count()
    assert re.fullmatch(rf"{count} propositions?", page.locator("#q-suggestions + [role=status]").inner_text())
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert options.first.get_attribute("aria-selected") == "true"
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") == options.last.get_attribute("id")
    assert Axe().run(page).response["violations"] == []
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false" and options.first.is_hidden()
    assert field.input_value() == "mulh"
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/territoires/COM-68224")


def test_suggestions_of_the_header_open_with_the_mouse_and_enter_alone_searches(page: Page) -> None:
    page.goto("/en/methode")
    page.locator("#q-top").press_sequentially("mulh")
    page.get_by_role("option", name="Mulhouse Commune").click()
    page.wait_for_url("**/en/territoires/COM-68224")
    page.locator("#q-top").press_sequentially("mulh")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/recherche?q=mulh")


def test_enter_on_the_name_of_one_territory_opens_its_page(page: Page) -> None:
    page.goto("/en/methode")
    page.locator("#q-top").press_sequentially("haut rhin")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/territoires/DEP-68")


def test_language_switch_keeps_the_page_and_what_was_asked(page: Page) -> None:
    page.goto("/classements/departement?noeud=mediation")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/en/classements/departement?noeud=mediation")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_role("link", name="Français").click()
    page.wait_for_url(re.compile(r"//[^/]+/classements/departement\?noeud=mediation$"))
    assert page.evaluate("document.documentElement.lang") == "fr"


@pytest.mark.parametrize("page", [{"width": 390}], indirect=True)
def test_menu_of_a_telephone_opens_and_closes_with_the_keyboard(page: Page) -> None:
    page.goto("/methode")
    link = page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="Indicateurs")
    assert link.count() == 0 or link.is_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    link.wait_for()
    page.keyboard.press("Escape")
    link.wait_for(state="hidden")
    page.get_by_role("button", name="Menu").click()
    link.click()
    page.wait_for_url("**/indicateurs")


def test_search_works_without_javascript(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=server)
    page = context.new_page()
    page.goto("/methode")
    page.locator("#q-top").fill("bourtzwiller")
    page.locator("#q-top").press("Enter")
    page.get_by_role("link", name="Mulhouse").first.click()
    page.wait_for_url("**/territoires/COM-68224")
    context.close()


@pytest.mark.parametrize("url", ["/telechargements", "/api", "/jeux-de-donnees/couverture_fibre"])
def test_long_commands_are_seen_whole(page: Page, url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(url)
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
    assert page.locator("pre").count() and page.locator("pre").evaluate_all(cut) == []
