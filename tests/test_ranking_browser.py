"""The sliders of a ranking in Chromium: keys change the table and the address; without JavaScript the button does."""

import pytest
from chromium import MARKS
from playwright.sync_api import Page, expect

pytestmark = MARKS
RANKING = "/classements/departement"
FIELD, OTHER = "[id='poids.mediation']", "[id='poids.infrastructures']"


def scores(page: Page) -> dict[str, str]:
    """The score that the table ranks by, name by name, in its order."""
    rows = page.locator("#classement tbody tr[id]")
    found = rows.evaluate_all(
        "rows => rows.map(r => [r.querySelector('th').innerText, r.querySelector('.num').innerText])"
    )
    return dict(found)


def opened(page: Page, url: str = RANKING) -> None:
    page.goto(url)
    page.locator("#ponderer > summary").click()


def test_keys_on_a_slider_change_the_table_and_the_address(page: Page) -> None:
    opened(page)
    before = scores(page)
    slider = page.get_by_role("slider", name="Curseur : Infrastructures numériques du territoire")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(OTHER)).to_have_value("0")
    page.wait_for_url("**?poids.infrastructures=0")
    expect(page.locator("#classement")).to_contain_text("ce n’est pas le classement publié")
    expect(page.locator("#ponderer [role=status]")).to_contain_text("Classement recalculé")
    expect(page.locator("[data-share=infrastructures]")).to_contain_text("0,0")
    assert scores(page) != before and scores(page).keys() == before.keys()
    # The focus has not moved, and the next key goes on from there.
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**?poids.infrastructures=0.25")
    expect(page.locator(OTHER)).to_have_value("0,25")
    # The page that this address gives is the one on screen.
    shown = scores(page)
    page.reload()
    assert scores(page) == shown
    # Back at the published weight, nothing is left in the address.
    page.get_by_role("slider", name="Curseur : Infrastructures numériques du territoire").focus()
    page.locator(OTHER).fill("1")
    page.wait_for_url(f"**{RANKING}")
    expect(page.locator("#classement")).not_to_contain_text("ce n’est pas le classement publié")
    assert scores(page) == before


def test_a_number_typed_moves_its_slider_and_nonsense_is_told(page: Page) -> None:
    opened(page, f"{RANKING}?dans=REG-44")
    page.locator(FIELD).fill("12,5")
    page.wait_for_url("**?poids.mediation=12.5&dans=REG-44")
    slider = page.get_by_role("slider", name="Curseur : Médiation numérique")
    assert slider.input_value() == "12.5"
    page.locator(FIELD).fill("-3")
    expect(page.get_by_role("alert")).to_contain_text("« -3 » n’est pas un poids")
    assert page.locator(FIELD).get_attribute("aria-invalid") is not None
    assert page.evaluate("document.activeElement.id") == "poids.mediation"


def test_the_table_follows_a_slider_wherever_the_focus_is(page: Page) -> None:
    opened(page)
    page.locator("#classement [tabindex='0']").first.focus()
    # A drag that leaves the focus where it was, as in Safari.
    page.locator("#ponderer input[type=range]").first.evaluate(
        "slider => { slider.value = 0; slider.dispatchEvent(new Event('input')); }"
    )
    expect(page.locator("#classement")).to_contain_text("ce n’est pas le classement publié")
    assert page.evaluate("document.activeElement.closest('#classement') !== null")


def test_a_wrong_weight_of_the_address_has_no_slider_until_it_is_mended(page: Page) -> None:
    page.goto(f"{RANKING}?poids.mediation=-5")
    slider = page.locator(".slide", has=page.locator(FIELD)).locator("input[type=range]")
    expect(slider).to_be_hidden()
    expect(page.locator("h1 + #classement [role=alert]")).to_be_visible()
    page.locator(FIELD).fill("2")
    expect(page.locator("#ponderer + #classement table.ranking")).to_be_visible()
    expect(slider).to_be_visible()
    assert slider.input_value() == "2" and page.get_by_role("alert").count() == 0


def test_a_row_of_a_phone_is_a_few_lines(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(RANKING)
    tall = page.locator("table.ranking tbody tr").evaluate_all("rows => rows.map(r => r.offsetHeight)")
    assert tall and max(tall) < 190
    lines = page.locator("table.ranking tbody tr").first.evaluate(
        "r => [...r.children].slice(0, 3).map(cell => Math.round(cell.getBoundingClientRect().bottom / 8))"
    )
    assert len(set(lines)) == 1


def test_english_sliders_stay_in_english(page: Page) -> None:
    opened(page, f"/en{RANKING}")
    page.get_by_role("slider", name="Slider: Digital inclusion").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/en{RANKING}?poids.mediation=1.25")
    expect(page.locator("#classement")).to_contain_text("this is not the published ranking")
    expect(page.locator(FIELD)).to_have_value("1.25")


@pytest.mark.parametrize("page", [{"scripts": False}], indirect=True)
def test_without_scripts_the_button_recalculates(page: Page) -> None:
    opened(page)
    before = scores(page)
    assert page.get_by_role("slider").count() == 0
    page.locator(OTHER).fill("0")
    page.get_by_role("button", name="Recalculer").click()
    page.wait_for_url("**poids.infrastructures=0*")
    assert scores(page) != before
    expect(page.locator("#classement")).to_contain_text("ce n’est pas le classement publié")
    page.get_by_role("link", name="Revenir aux poids publiés").first.click()
    page.wait_for_url(f"**{RANKING}")
    assert scores(page) == before
