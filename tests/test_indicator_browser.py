"""The page of an indicator in Chromium: the two geographies, the bar of choices, the buttons that copy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import MARKS
from playwright.sync_api import Browser, Page, expect

PAGE = "/indicateurs/eligibilite-1-gbits?territoire=COM-01033"

pytestmark = MARKS
WINDOW = {"width": 390}
with_and_without_scripts = pytest.mark.parametrize(
    "page", [{"scripts": True}, {"scripts": False}], ids=["script", "no script"], indirect=True
)


@with_and_without_scripts
def test_switch_of_geography_changes_every_figure_and_comes_back(page: Page) -> None:
    page.goto(PAGE)
    value = page.locator(".score")
    expect(value).to_contain_text("0,0")
    assert page.get_by_role("link", name="Châtillon-en-Michaille").count() == 1
    page.get_by_label("Géographie du tableau").get_by_role("link", name="Géographie constante").click()
    page.wait_for_url("**geographie=constante#valeurs")
    expect(value).to_contain_text("0,1")
    expect(page.locator("#date")).to_contain_text("recalculé dans le périmètre d’aujourd’hui")
    # The commune that was merged is no longer a row; the territory chosen is still the same.
    assert page.get_by_role("link", name="Châtillon-en-Michaille").count() == 0
    assert page.get_by_label("Mon territoire").input_value() == "Valserhône"
    page.get_by_label("Géographie", exact=True).get_by_role("link", name="Géographie d’époque").click()
    expect(value).to_contain_text("0,0")
    assert "geographie" not in page.url


@with_and_without_scripts
def test_bar_keeps_the_other_choices(page: Page) -> None:
    page.goto(f"{PAGE}&geographie=constante&tri=nom")
    page.get_by_label("Mon territoire").fill("mulhouse")
    page.get_by_role("form", name="Territoire, échelon et période").get_by_role("button").click()
    page.wait_for_url("**territoire=mulhouse**")
    assert "geographie=constante" in page.url and "tri=nom" in page.url
    expect(page.get_by_role("heading", name="Mulhouse", exact=True)).to_be_visible()
    page.get_by_label("Échelon", exact=True).select_option("DEP")
    page.get_by_role("form", name="Territoire, échelon et période").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Haut-Rhin", exact=True)).to_be_visible()


def test_buttons_copy_the_citation(browser: Browser, server: str) -> None:
    context = browser.new_context(base_url=server, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(PAGE)
    block = page.locator(".copy", has=page.locator("#citation"))
    block.get_by_role("button", name="Copier").click()
    expect(block.get_by_role("status")).to_have_text("Copié")
    assert "empreinte des données" in page.evaluate("navigator.clipboard.readText()")
    assert Axe().run(page).response["violations"] == []
    context.close()


def test_without_script_there_is_no_dead_button(browser: Browser, server: str) -> None:
    context = browser.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE)
    assert page.get_by_role("button", name="Copier").count() == 0
    assert page.locator("#citation").is_visible()
    context.close()
