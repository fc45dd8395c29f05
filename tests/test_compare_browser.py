"""The comparison in Chromium without scripts: chosen by name, sorted by a form, readable on a telephone."""

import pytest
from chromium import MARKS
from playwright.sync_api import Page, expect

pytestmark = MARKS
WINDOW = {"scripts": False}


def test_two_names_then_a_third_then_a_sort(page: Page) -> None:
    page.goto("/comparer")
    page.get_by_label("Premier territoire").fill("haut rhin")
    page.get_by_label("Deuxième territoire").fill("Vendée")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_be_visible()
    page.get_by_label("Ajouter un territoire").fill("DEP-01")
    page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_count(3)
    page.get_by_label("Trier").select_option("ecart")
    page.get_by_label("uniquement les différences").check()
    page.get_by_role("button", name="Appliquer").click()
    page.wait_for_url("**tri=ecart**")
    assert all(part in page.url for part in ("t=DEP-68", "t=DEP-85", "t=DEP-01", "tri=ecart", "differences=1"))
    assert page.get_by_label("Trier").input_value() == "ecart"
    assert page.get_by_label("uniquement les différences").is_checked()
    page.get_by_role("link", name="Retirer Ain").click()
    expect(page.locator(".chips li")).to_have_count(2)
    assert "tri=ecart" in page.url


@pytest.mark.parametrize("page", [{"width": 390}], indirect=True)
def test_on_a_telephone_each_territory_has_its_line(page: Page) -> None:
    page.goto("/comparer?t=DEP-68&t=DEP-01&t=DEP-85")
    row = page.locator("table.compare").last.locator("tbody tr:not(.group)").first
    boxes = [cell.bounding_box() for cell in row.locator("td[data-label]").all()]
    assert len(boxes) == 4  # three territories and the gap
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(set(tops))
    assert all(box and box["width"] <= 390 for box in boxes)
