"""Photographie chaque sorte de page à 1280 et 390 px, avec le Chromium du système ; le portail doit être servi."""

import shutil
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "accueil": "/",
    "territoire": "/territoires/DEP-68",
    "indicateur": "/indicateurs/eligibilite-1-gbits",
    "domaine": "/domaines/infrastructures",
    "classement": "/classements/departement",
    "comparaison": "/comparer?t=DEP-68&t=DEP-67",
    "simulation": "/simulation?territoire=DEP-68&poids.mediation=3",
    "qualite": "/qualite",
    "contribution": "/contribuer/couverture_fibre?territoire=DEP-68",
    "jeu-de-donnees": "/jeux-de-donnees/eligibilite_fixe",
    "methode": "/methode",
    "table": "/donnees/territories?level=DEP",
}


@click.command(help=__doc__)
@click.option("--site", default="http://127.0.0.1:8001", help="Adresse du portail servi.")
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "build" / "screenshots", help="Dossier.")
def main(site: str, target: Path) -> None:
    """Write <page>-<width>.png for each page and width."""
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name, path in PAGES.items():
                page.goto(site + path, wait_until="networkidle")
                page.screenshot(path=target / f"{name}-{width}.png", full_page=True)
                click.echo(f"  {name}-{width}.png", err=True)
        browser.close()


if __name__ == "__main__":
    main()
