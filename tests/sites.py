"""The portal over a tiny database: what test_site asks through Datasette and test_browser through Chromium."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

import yaml
from datasette.app import Datasette
from jinja2 import FileSystemBytecodeCache
from repositories import ROOT, SITE, copy_demonstration, copy_site

from observatory.database import build

# A contribution under review, in the folder outbox of the tiny site.
REFERENCE = "20261123-abcdefghjk"
STATUS = """- {state: received, date: "2026-11-23"}
- {state: checked, date: "2026-11-23"}
- {state: review, date: "2026-11-24", reason: "La source est demandée au service."}
"""
# One page of each template of templates/pages, that exists in the tiny repository.
PAGES = {
    "accessibilite": "/accessibilite",
    "aide/erreurs": "/aide/erreurs",
    "api": "/api",
    "citation": "/citation?territoire=DEP-85&indicateur=couverture-fibre&periode=2022-Q3",
    "classements": "/classements",
    "classements/{category}": "/classements/departement",
    "comparer": "/comparer?t=DEP-68&t=DEP-85",
    "agenda": "/agenda",
    "contribuer": "/contribuer",
    "contribuer/{dataset}": "/contribuer/couverture_fibre?territoire=DEP-68",
    "contribuer/suivi": "/contribuer/suivi",
    "contribuer/suivi/{reference}": f"/contribuer/suivi/{REFERENCE}",
    "domaines": "/domaines",
    "domaines/{code}": "/domaines/infrastructures",
    "editions": "/editions",
    "editions/{version}": "/editions/2024.1.1",
    "indicateurs": "/indicateurs",
    "indicateurs/{code}": "/indicateurs/eligibilite-1-gbits",
    "integrer/figures/{name}": "/integrer/figures/repartition-eligibilite-1-gbits?territoire=DEP-68&niveau=DEP",
    "integrer/indicateurs/{code}": "/integrer/indicateurs/eligibilite-1-gbits?territoire=DEP-68",
    "integrer/territoires/{ref_area}": "/integrer/territoires/DEP-68",
    "jeux-de-donnees": "/jeux-de-donnees",
    "jeux-de-donnees/{name}": "/jeux-de-donnees/initiatives",
    "mentions-legales": "/mentions-legales",
    "methode": "/methode",
    "methode/detail": "/methode/detail",
    "methode/{edition}": "/methode/2024.1",
    "methode/fiabilite": "/methode/fiabilite",
    "qualite": "/qualite",
    "plan-du-site": "/plan-du-site",
    "recherche": "/recherche?q=mulhouse",
    "registres": "/registres",
    "reseau": "/reseau",
    "simulation": "/simulation",
    "telechargements": "/telechargements",
    "territoires": "/territoires",
    "territoires/{ref_area}": "/territoires/DEP-68",
    "territoires/{ref_area}/agir": "/territoires/DEP-68/agir",
    "territoires/{ref_area}/score": "/territoires/DEP-68/score",
}
# Other faces of the same templates.
VARIANTS = [
    "/",
    "/recherche",
    "/recherche?q=introuvable",
    "/recherche?q=alsace",
    "/recherche?q=fibre",
    "/territoires/FRA",
    "/territoires/REG-84",
    "/territoires/EPCI-200066009",
    "/territoires/COM-68224",
    "/territoires/COM-01091?vue=ancien",
    "/territoires/COM-01033?depuis=COM-01091",
    "/territoires/FRA/score",
    "/territoires/COM-68224/score",
    "/territoires/COM-01091/score?vue=ancien",
    "/citation",
    "/citation?territoire=DEP-68,DEP-85&noeud=index",
    "/citation?categorie=departement",
    "/territoires/DEP-2A",
    "/indicateurs/conseillers-numeriques",
    "/indicateurs/eligibilite-1-gbits?niveau=COM",
    "/indicateurs/eligibilite-1-gbits?territoire=COM-01033&geographie=constante",
    "/indicateurs/couverture-fibre?territoire=DEP-68&tri=nom",
    "/indicateurs?statut=active",
    "/classements/departement?noeud=mediation",
    "/classements/grande-ville",
    "/classements/departement?territoire=DEP-68&dans=REG-44",
    "/classements/departement?poids.mediation=3&territoire=DEP-68",
    "/classements/departement?vue=repartition&territoire=DEP-68",
    "/domaines/infrastructures?territoire=DEP-68",
    "/methode?territoire=EPCI-200066009",
    "/methode/2024.1?territoire=COM-68224",
    "/editions/2024.1",
    "/methode/fiabilite?categorie=grande-ville",
    "/simulation?territoire=DEP-68&poids.mediation=3&agregation=geometrique",
    "/simulation?categorie=agglomeration&dans=REG-44&normalisation=rangs",
    "/simulation?categorie=departement&territoire=REG-44",
    "/comparer",
    "/comparer?t=DEP-68",
    "/comparer?t=COM-68224,REG-44",
    "/comparer?t=DEP-68&t=DEP-85&indicateur=couverture-fibre",
    "/comparer?t=DEP-68,DEP-01,DEP-85&tri=ecart&differences=1",
    "/comparer?t=Paris&t=COM-01091&t=DEP-01",
    "/integrer/indicateurs/index?niveau=DEP&edition=2024.1",
    "/integrer/territoires/COM-68224?edition=2024.1",
    "/integrer/indicateurs/eligibilite-1-gbits?niveau=COM",
    "/integrer/figures/scores-departement?territoire=DEP-68&edition=2024.1",
    "/integrer/figures/evolution-couverture-fibre?territoire=DEP-68",
    "/contribuer?territoire=COM-68224",
    "/jeux-de-donnees?domaine=mediation&licence=etalab-2.0",
    "/jeux-de-donnees/eligibilite_fixe",
    "/qualite?indicateur=eligibilite-1-gbits",
    "/qualite?indicateur=conseillers-numeriques",
    "/qualite?territoire=DEP-68",
    "/qualite?territoire=COM-68224&indicateur=eligibilite-1-gbits",
    "/contribuer/couverture_fibre",
    "/contribuer/couverture_fibre?q=rhin",
    "/contribuer/couverture_fibre?territoire=tous",
    "/contribuer/couverture_fibre?territoire=rien",
    "/contribuer/initiatives?territoire=COM-68224",
    "/contribuer/suivi?reference=autre",
]
# The pages of registers, which ask for the site of the demonstration: one of each template, then other faces of them.
THINGS = {
    "initiatives": "capteurs-eau",
    "programmes": "ville-sobre",
    "labels": "exemplaire-2024",
    "candidatures": "exemplaire-2024-haut-rhin",
    "appels": "ville-sobre-2024",
    "consortiums": "eau-sobre-alsace",
    "besoins": "eau-sobre",
    "organisations": "aqua-capteurs",
    "offres": "detection-de-fuites",
    "avis": "fuites-piles",
    "evenements": "forum-eau-2024",
    "rapports": "eau-connectee",
    "recommandations": "mesurer-les-fuites",
    "reponses": "fuites-mulhouse",
}
DEMONSTRATED = {name: f"/{name}" for name in THINGS} | {
    f"{name}/{{id}}": f"/{name}/{one}" for name, one in THINGS.items()
}
DEMONSTRATED["contribuer/{dataset}/formulaire"] = "/contribuer/initiatives/formulaire"
DEMONSTRATED_VARIANTS = [
    "/contribuer",
    "/contribuer/offres/formulaire?id=detection-de-fuites",
    "/registres",
    "/agenda",
    "/reseau",
    "/reseau?domaine=infrastructures&territoire=DEP-68",
    "/initiatives?q=capteurs&domaine=infrastructures&etat=deployee&region=REG-44&annee=2022&preuve=trace-publique",
    "/initiatives?etat=terminee",
    "/initiatives/fibre-pour-tous",
    "/evenements/atelier-mediation-2025",
    "/territoires/DEP-68/agir",
    "/territoires/EPCI-200066009",
    "/indicateurs/couverture-fibre",
    "/domaines/infrastructures",
    "/recherche?q=capteurs",
]
DATASETTE = [
    "/donnees",
    "/donnees/territories",
    "/donnees/france_services_carte",
    "/donnees/observations?_facet=indicator&ref_area=DEP-68",
    "/donnees/territories/DEP-68",
    "/donnees?sql=select+name+from+territories",
    "/donnees/reproduire_un_score?ref_area=DEP-68",
    "/donnees/recalculated_scores?ref_area=DEP-68",
    "/donnees/simuler_avec_vos_poids?categorie=departement",
    "/donnees/simuler_un_classement?categorie=departement",
    "/-/databases",
]


# Where the site is built once.
BUILT: dict[str, Path] = {}


def build_site(target: Path) -> Path:
    """The database of the tiny repository, copied at `target`, with the real contours so that the map is drawn."""
    shutil.copytree(_built(), target)
    return target / "donnees.db"


def build_demonstration(target: Path) -> Path:
    """The database of the site whose registers hold invented things, copied at `target`."""
    shutil.copytree(_built("demonstration"), target)
    return target / "donnees.db"


def share(folder: Path) -> None:
    """Have the site built in that folder by the first of the processes of a run, and only copied by the others."""
    BUILT["folder"] = folder


def _folder() -> Path:
    if "folder" not in BUILT:
        share(Path(tempfile.mkdtemp()))
    return BUILT["folder"]


def _built(kind: str = "tiny") -> Path:
    folder = _folder()
    built = folder / f"{kind}-site"
    with (folder / f"{kind}-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            copy = copy_site if kind == "tiny" else copy_demonstration
            root = copy(folder / f"{kind}-site-unfinished")
            shutil.copytree(SITE / "editions", root / "editions")
            shutil.copytree(ROOT / "codelists" / "contours", root / "codelists" / "contours", dirs_exist_ok=True)
            build(root, root / "donnees.db", lambda step, seconds: None)
            status = root / "contributions" / REFERENCE / "status.yml"
            status.parent.mkdir(parents=True)
            status.write_text(STATUS, encoding="utf-8")
            root.rename(built)
    return built


def environment(database: Path) -> dict[str, str]:
    """The environment of a server of that site, with its folder outbox."""
    return {**os.environ, "OBSERVATORY_ROOT": str(database.parent), "OBSERVATORY_OUTBOX": "contributions"}


def portal(database: Path, outbox: str | None = "contributions") -> Datasette:
    """Datasette as `make serve` starts it, over that database; /contribuer is closed without `outbox`."""
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
    metadata["plugins"]["bulk"] = {"folder": str(database.parent / "build")}
    metadata["plugins"]["contribute"] = {"root": str(database.parent), "outbox": outbox}
    opened = Datasette(
        immutables=[str(database)],
        metadata=metadata,
        plugins_dir=str(ROOT / "plugins"),
        template_dir=str(ROOT / "templates"),
        static_mounts=[("static", str(ROOT / "static"))],
        settings={"suggest_facets": False},
    )
    # Sixty templates take half a second to compile: once for a run.
    opened.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(_folder()))
    return opened
