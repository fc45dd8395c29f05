"""The portal over a tiny database: what test_site asks through Datasette and test_browser through Chromium."""

import shutil
from pathlib import Path

import yaml
from datasette.app import Datasette
from repositories import ROOT, copy_site

from observatory.database import build

# One page of each template of templates/pages, that exists in the tiny repository.
PAGES = {
    "accessibilite": "/accessibilite",
    "classements": "/classements",
    "classements/{category}": "/classements/departement",
    "contribuer": "/contribuer",
    "domaines": "/domaines",
    "domaines/{code}": "/domaines/infrastructures",
    "indicateurs": "/indicateurs",
    "indicateurs/{code}": "/indicateurs/eligibilite-1-gbits",
    "jeux-de-donnees": "/jeux-de-donnees",
    "jeux-de-donnees/{name}": "/jeux-de-donnees/initiatives",
    "mentions-legales": "/mentions-legales",
    "methode": "/methode",
    "recherche": "/recherche?q=mulhouse",
    "territoires": "/territoires",
    "territoires/{ref_area}": "/territoires/DEP-68",
}
# Other faces of the same templates.
VARIANTS = [
    "/",
    "/recherche",
    "/recherche?q=introuvable",
    "/territoires/FRA",
    "/territoires/REG-84",
    "/territoires/EPCI-200066009",
    "/territoires/COM-68224",
    "/territoires/COM-01091",
    "/indicateurs/conseillers-numeriques",
    "/indicateurs/eligibilite-1-gbits?niveau=COM",
    "/classements/departement?noeud=mediation",
    "/classements/grande-ville",
    "/methode?territoire=EPCI-200066009",
]
DATASETTE = [
    "/donnees",
    "/donnees/territories",
    "/donnees/france_services_carte",
    "/donnees/observations?_facet=indicator&ref_area=DEP-68",
    "/donnees/territories/DEP-68",
    "/donnees?sql=select+name+from+territories",
    "/donnees/reproduire_un_score?ref_area=DEP-68",
    "/-/databases",
]


def build_site(target: Path) -> Path:
    """The database of the tiny repository, copied at `target`, with the real contours so that the map is drawn."""
    root = copy_site(target)
    shutil.copytree(ROOT / "codelists" / "contours", root / "codelists" / "contours", dirs_exist_ok=True)
    build(root, root / "donnees.db", lambda step, seconds: None)
    return root / "donnees.db"


def portal(database: Path) -> Datasette:
    """Datasette as `make serve` starts it, over that database."""
    return Datasette(
        immutables=[str(database)],
        metadata=yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8")),
        plugins_dir=str(ROOT / "plugins"),
        template_dir=str(ROOT / "templates"),
        static_mounts=[("static", str(ROOT / "static"))],
        settings={"suggest_facets": False},
    )
