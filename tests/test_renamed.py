"""Renamed codes: every address that held one leads to the same with the code of today; nothing else moves."""

import csv
import sqlite3
from pathlib import Path

import pytest
from repositories import ROOT, copy_site
from sites import portal

from observatory import renamed
from observatory.codelists import check_codelists

KNOWN = {
    ("indicator", "ftth"): "couverture-fibre",
    ("domain", "reseaux"): "infrastructures",
    ("dataset", "fibre"): "couverture_fibre",
}
MOVED = [
    ("/indicateurs/ftth", "", "/indicateurs/couverture-fibre"),
    ("/indicateurs/ftth", "territoire=DEP-68&q=a%20b", "/indicateurs/couverture-fibre?territoire=DEP-68&q=a%20b"),
    ("/indicateurs/ftth.csv", "", "/indicateurs/couverture-fibre.csv"),
    ("/indicateurs/ftth/atom.xml", "", "/indicateurs/couverture-fibre/atom.xml"),
    ("/integrer/indicateurs/ftth", "", "/integrer/indicateurs/couverture-fibre"),
    ("/api/v1/indicators/ftth.json", "", "/api/v1/indicators/couverture-fibre.json"),
    ("/api/v1/observations.csv", "indicator=ftth", "/api/v1/observations.csv?indicator=couverture-fibre"),
    ("/graphiques/carte-ftth-dep.svg", "", "/graphiques/carte-couverture-fibre-dep.svg"),
    ("/graphiques/evolution-ftth.png", "", "/graphiques/evolution-couverture-fibre.png"),
    ("/domaines/reseaux", "", "/domaines/infrastructures"),
    ("/classements/departement", "noeud=ftth&page=2", "/classements/departement?noeud=couverture-fibre&page=2"),
    ("/classements/departement", "poids.reseaux=2", "/classements/departement?poids.infrastructures=2"),
    ("/jeux-de-donnees/fibre", "", "/jeux-de-donnees/couverture_fibre"),
    ("/contribuer/fibre", "", "/contribuer/couverture_fibre"),
    ("/donnees/fibre.csv", "_size=max", "/donnees/couverture_fibre.csv?_size=max"),
    # Lists, pairs, and columns of Datasette with how they are compared.
    ("/api/v1/observations", "indicator=ftth,x", "/api/v1/observations?indicator=couverture-fibre,x"),
    ("/api/v1/observations", "dataset=x,fibre", "/api/v1/observations?dataset=x,couverture_fibre"),
    ("/api/v1/scores", "weights=reseaux:2,ftth:1", "/api/v1/scores?weights=infrastructures:2,couverture-fibre:1"),
    ("/donnees/observations", "indicator__exact=ftth", "/donnees/observations?indicator__exact=couverture-fibre"),
    ("/donnees/observations", "indicator__in=ftth,b", "/donnees/observations?indicator__in=couverture-fibre,b"),
    ("/donnees/scores", "node__notin=%5B%22reseaux%22%5D", "/donnees/scores?node__notin=%5B%22infrastructures%22%5D"),
    ("/citation", "indicateur=ftth&periode=2022", "/citation?indicateur=couverture-fibre&periode=2022"),
    # Codes in the name of a parameter, in an address that another one holds, in the key of a row, in other places.
    ("/simulation", "poids.ftth=2&q=a", "/simulation?poids.couverture-fibre=2&q=a"),
    ("/tableaux.csv", "page=/indicateurs/ftth?a=1&tableau=x",
     "/tableaux.csv?page=%2Findicateurs%2Fcouverture-fibre%3Fa%3D1&tableau=x"),
    ("/donnees/observations/ftth,DEP-68,2022~2DQ3", "", "/donnees/observations/couverture-fibre,DEP-68,2022~2DQ3"),
    ("/integrer/figures/repartition-ftth", "niveau=DEP", "/integrer/figures/repartition-couverture-fibre?niveau=DEP"),
    ("/graphiques/carte-reseaux-com-68.png", "", "/graphiques/carte-infrastructures-com-68.png"),
    ("/api/v1/registers/fibre.csv", "", "/api/v1/registers/couverture_fibre.csv"),
    ("/api/v1/datasets/fibre/rows.csv", "", "/api/v1/datasets/couverture_fibre/rows.csv"),
    ("/telechargements/fibre.resource.yaml", "", "/telechargements/couverture_fibre.resource.yaml"),
    ("/telechargements/jeux-de-donnees/fibre.zip", "", "/telechargements/jeux-de-donnees/couverture_fibre.zip"),
    ("/telechargements/packages/fibre.json", "", "/telechargements/packages/couverture_fibre.json"),
    ("/telechargements/parquet/observations/indicator=ftth/donnees.parquet", "",
     "/telechargements/parquet/observations/indicator=couverture-fibre/donnees.parquet"),
]  # fmt: skip
KEPT = [
    ("/indicateurs/couverture-fibre", ""),
    ("/domaines/ftth", ""),
    ("/ftth", ""),
    ("/recherche", "q=ftth"),
    ("/classements/departement", "dans=ftth"),
    ("/graphiques/carte-index-dep.svg", ""),
    ("/graphiques/evolution-tres-ftth.svg", ""),
    ("/graphiques/carte-ftth-bis-dep.svg", ""),
    ("/donnees/observations", "indicator__contains=ftth"),
    ("/donnees/observations", "indicator=tres-ftth,ftth_2"),
    ("/tableaux.csv", "page=ftth&tableau=ftth"),
    ("/editions/2024.1/jeux-de-donnees/fibre.zip", ""),
    ("/editions/2024.1/parquet/observations/indicator=ftth/donnees.parquet", ""),
    ("/", ""),
]


@pytest.mark.parametrize(("path", "query", "there"), MOVED)
def test_an_address_with_a_former_code_leads_to_the_present_one(path: str, query: str, there: str) -> None:
    assert renamed.moved(KNOWN, path, query) == there
    again = renamed.moved(KNOWN, *(there.split("?") if "?" in there else (there, "")))
    assert again is None


@pytest.mark.parametrize(("path", "query"), KEPT)
def test_another_address_stays(path: str, query: str) -> None:
    assert renamed.moved(KNOWN, path, query) is None and renamed.moved({}, path, query) is None


@pytest.fixture(scope="module")
def database(database: Path) -> Path:
    """The tiny site, with codes that were renamed once, twice, in a circle, and one in use again."""
    rows = [
        ("indicator", "ftth", "couverture-ftth"),
        ("indicator", "couverture-ftth", "couverture-fibre"),
        ("indicator", "a", "b"),
        ("indicator", "b", "a"),
        ("indicator", "conseillers-numeriques", "couverture-fibre"),
        ("dataset", "fibre", "couverture_fibre"),
    ]
    with sqlite3.connect(database) as db:
        db.executemany("insert into renamed_codes (kind, former, current) values (?, ?, ?)", rows)
    db.close()
    return database


def test_chains_are_followed_and_a_code_in_use_is_its_holders(database: Path) -> None:
    with sqlite3.connect(database) as db:
        known = renamed.names(db)
    assert known["indicator", "ftth"] == known["indicator", "couverture-ftth"] == "couverture-fibre"
    assert ("indicator", "conseillers-numeriques") not in known and len(known) == 5


async def test_the_site_redirects_for_good_in_both_languages(database: Path) -> None:
    site = portal(database)
    await site.invoke_startup()
    for asked, there in (
        ("/indicateurs/ftth?territoire=DEP-68", "/indicateurs/couverture-fibre?territoire=DEP-68"),
        ("/en/jeux-de-donnees/fibre", "/en/jeux-de-donnees/couverture_fibre"),
        ("/donnees/fibre.json", "/donnees/couverture_fibre.json"),
    ):
        page = await site.client.get(asked)
        assert (page.status_code, page.headers["location"]) == (301, there)
        assert (await site.client.get(there)).status_code == 200


def test_a_faulty_list_is_told(tmp_path: Path) -> None:
    root = copy_site(tmp_path / "site")
    head = "kind,former,current,date,reason\n"
    path = root / "codelists" / "renamed_codes.csv"
    path.write_text(f"{head}indicator,ftth,couverture-fibre,hier,\n,a,b,2026-01-01,\n", encoding="utf-8")
    assert {(one.line, one.column) for one in check_codelists(root)} == {(2, "date"), (3, "kind")}


def test_every_renamed_code_of_the_repository_leads_to_one_in_use() -> None:
    with (ROOT / "codelists" / "renamed_codes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    live = {
        "indicator": {path.stem for path in (ROOT / "indicators").glob("*/*.yml")},
        "domain": {path.parent.name for path in (ROOT / "indicators").glob("*/index.yml")},
        "dataset": {path.stem for path in (ROOT / "datasets").glob("*.csv")},
    }
    former = {(row["kind"], row["former"]) for row in rows}
    assert [r for r in rows if r["former"] in live[r["kind"]]] == []
    assert [r for r in rows if r["current"] not in live[r["kind"]] and (r["kind"], r["current"]) not in former] == []
