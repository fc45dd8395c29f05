"""The whole path of a contribution in Chromium: choose, template, messy file, mendings, effect, send, follow."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import MARKS, WIDTHS, served
from playwright.sync_api import Browser, Page, expect

MESSY = (
    "Relevé du Haut-Rhin;;;\n"
    "ref_area;indicator;time_period;obs_value\n"
    "Haut-Rhin;couverture-fibre;T4 2022;93,5\n"
    "68;couverture-fibre;2023-Q1;94 %\n"
    "DEP-68;couverture-fibre;2023-Q2;environ 95\n"
).encode("cp1252")

pytestmark = MARKS


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[str]:
    """Address of the portal, served as `make serve` does, with a folder outbox."""
    yield from served(database)


def opened(browser: Browser, server: str, scripts: bool = True) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=server, java_script_enabled=scripts)
    context.set_default_timeout(60_000)
    return context.new_page()


def is_accessible(page: Page) -> None:
    """The page as it stands has no fault that axe knows and does not scroll sideways, wide or narrow."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def declare(page: Page) -> None:
    page.get_by_label("Organisation", exact=True).fill("Département du Haut-Rhin")
    page.get_by_label("Source", exact=True).fill("Relevé trimestriel des opérateurs")
    page.get_by_label("L’organisation déclare").check()
    page.get_by_role("button", name="Envoyer à l’observatoire").click()


def test_messy_file_becomes_a_followed_contribution(browser: Browser, server: str, database: Path) -> None:
    page = opened(browser, server)
    page.goto("/contribuer")
    page.get_by_role("link", name=re.compile("Couverture en fibre")).click()
    page.get_by_label("Nom ou code").fill("haut rhin")
    page.locator("main").get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Haut-Rhin", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel (XLSX)").click()
    assert download.value.suggested_filename == "couverture_fibre-DEP-68.xlsx"
    is_accessible(page)

    page.get_by_label("Votre fichier").set_input_files({"name": "relevé.csv", "mimeType": "text/csv", "buffer": MESSY})
    page.get_by_role("button", name="Vérifier ce fichier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("à corriger")
    expect(page.get_by_role("heading", name="Ce que nous avons compris")).to_be_visible()
    is_accessible(page)

    page.get_by_role("button", name=re.compile("Écrire « 93.5 »")).click()
    expect(page.get_by_text("1 correction appliquée")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Appliquer les \d+ corrections")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 erreur")
    page.get_by_label("Valeur observée, ligne 4").fill("95")
    page.get_by_label("Valeur observée, ligne 4").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Aucune erreur")
    is_accessible(page)

    page.get_by_role("button", name="Voir l’effet avant d’envoyer").click()
    expect(page.get_by_role("heading", name="Sur la page de Haut-Rhin")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("4ᵉ trimestre 2022"))).to_contain_text("93,5")
    is_accessible(page)

    declare(page)
    page.wait_for_url("**/contribuer/suivi/*")
    is_accessible(page)
    reference = page.url.rpartition("/")[2]
    bundle = database.parent / "contributions" / reference
    table = (bundle / "datasets" / "couverture_fibre.csv").read_text(encoding="utf-8")
    assert [line for line in table.splitlines() if re.match("DEP-68,couverture-fibre,(2022-Q4|2023)", line)] == [
        "DEP-68,couverture-fibre,2022-Q4,93.5",
        "DEP-68,couverture-fibre,2023-Q1,94",
        "DEP-68,couverture-fibre,2023-Q2,95",
    ]
    with (bundle / "status.yml").open("a", encoding="utf-8") as stream:
        stream.write('- {state: declined, date: "2099-01-01", reason: "Une autre source fait foi."}\n')
    page.goto("/contribuer/suivi")
    page.get_by_label("Référence").fill(reference.upper())
    page.get_by_role("button", name="Suivre").click()
    expect(page.locator("main")).to_contain_text("Non retenue")
    expect(page.locator("main")).to_contain_text("Une autre source fait foi.")
    page.context.close()


def test_path_works_without_javascript(browser: Browser, server: str) -> None:
    page = opened(browser, server, scripts=False)
    page.goto("/contribuer/couverture_fibre?territoire=DEP-68")
    page.get_by_label("Période, ligne 3").fill("2022-Q4")
    page.get_by_label("Valeur observée, ligne 3").fill("93,5")
    page.get_by_role("button", name="Vérifier ce tableau").click()
    page.get_by_role("button", name=re.compile("Appliquer cette correction")).click()
    page.get_by_role("button", name="Voir l’effet avant d’envoyer").click()
    declare(page)
    page.wait_for_url("**/contribuer/suivi/*")
    assert "Vérifiée" in page.inner_text("main")
    page.context.close()


def test_cells_pasted_in_the_grid_take_their_places(browser: Browser, server: str) -> None:
    page = opened(browser, server)
    page.goto("/contribuer/couverture_fibre?territoire=DEP-68")
    rows = page.locator("form[data-grid] tbody tr")
    before = rows.count()
    page.get_by_label(f"Période, ligne {before}").focus()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "2022-Q4\\t93\\n2023-Q1\\t94\\n");
            const said = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", said));
        }"""
    )
    assert rows.count() == before + 1
    assert page.get_by_label(f"Valeur observée, ligne {before + 1}").input_value() == "94"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.ariaLabel") == f"Période, ligne {before + 1}"
    page.context.close()


def test_dropped_file_takes_the_place_of_a_chosen_one(browser: Browser, server: str) -> None:
    page = opened(browser, server)
    page.goto("/contribuer/couverture_fibre?territoire=DEP-68")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["a,b"], "depose.csv"));
            const said = {dataTransfer: data, bubbles: true, cancelable: true};
            document.querySelector("form[data-drop]").dispatchEvent(new DragEvent("drop", said));
        }"""
    )
    assert page.evaluate("document.querySelector('#fichier').files[0].name") == "depose.csv"
    expect(page.get_by_text("depose.csv est prêt à être vérifié.")).to_be_visible()
    page.context.close()


def test_on_a_phone_every_cell_is_in_sight_and_a_strange_heading_is_settled(browser: Browser, server: str) -> None:
    page = opened(browser, server)
    page.set_viewport_size({"width": WIDTHS[1], "height": 900})
    page.goto("/contribuer/couverture_fibre?territoire=DEP-68")
    box = page.get_by_label("Valeur observée, ligne 1", exact=True).bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= WIDTHS[1]
    strange = (
        "Territoire;Indicateur;Période;Ratio\nHaut-Rhin;couverture-fibre;2022-Q4;n.d.\n"
        "DEP-68;couverture-fibre;2023-Q1;94\n"
    )
    page.get_by_label("Votre fichier").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": strange.encode()}
    )
    page.get_by_role("button", name="Vérifier ce fichier").click()
    expect(page.get_by_label(re.compile("Laquelle de vos colonnes est"))).to_have_value("Ratio")
    is_accessible(page)
    page.get_by_role("button", name="Continuer avec cette colonne").click()
    page.get_by_role("button", name="Retirer cette ligne").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Aucune erreur")
    page.context.close()
