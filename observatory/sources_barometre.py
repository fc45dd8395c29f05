"""Turns the files of the Baromètre des résultats de l'action publique into long observations."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from observatory.sources import plain_number, read_csv

Row = tuple[str, str, str, str]

DETAIL_DEPARTEMENT = "barometre-resultats-services-publics-et-territoires-detail-departemental.csv"
DETAIL_REGION = "barometre-resultats-detail-regional.csv"
SUMMARY_DEPARTEMENT = "barometre-resultats-synthese-departemental.csv"

# dataset -> {identifier in the source: (indicator of the observatory, granularity of its periods)}
DATASETS = {
    "couverture_fibre": {"taux-deploiement-fibre": ("couverture-fibre", "quarter")},
    "france_services_ouvertures": {"nb-labellisations-france-services": ("france-services-labellisations", "month")},
    "cheques_diagnostics": {
        "nb-entreprises-cheaque-numerique": ("cheques-numeriques", "month"),
        "nb-diagnostics-individualises": ("diagnostics-numeriques", "month"),
    },
    "bornes_recharge": {"nb-points-recharge": ("bornes-recharge", "month")},
    "transparence_resultats": {"tx-transparence-resultats": ("transparence-resultats", "year")},
}

# In the file of the régions, eight quarters give Normandie the figure of Île-de-France and Grand Est that of
# Corse: equal to the unit each time, and far outside the range of their own départements. They are left out.
MISPLACED_AREAS = ("REG-28", "REG-44")
MISPLACED_PERIODS = (
    *("2018-Q1", "2018-Q2", "2018-Q3", "2018-Q4"),
    *("2019-Q1", "2019-Q2", "2019-Q3", "2020-Q1"),
)

# Of this indicator the source has five régions only, overseas, each with the figure of its one département.
DEPARTEMENTS_ONLY = "transparence-resultats"


def period_of(date: str, granularity: str) -> str:
    """SDMX period of an ISO date: « 2022 », « 2022-09 » or « 2022-Q3 »."""
    year, month, _day = date.split("-")
    if granularity == "year":
        return year
    if granularity == "quarter":
        return f"{year}-Q{(int(month) + 2) // 3}"
    return f"{year}-{month}"


def observations(source: Path, dataset: str) -> list[Row]:
    """The published values of the dataset's indicators, by département and région, at each date.

    The détail of the départements covers three indicators only; for the others the synthèse gives
    the départements at the latest date. Raises ValueError when two values meet under one key.
    """
    wanted = DATASETS[dataset]
    found: dict[tuple[str, str, str], str] = {}
    for area, identifier, date, value in _published(source, wanted):
        indicator, granularity = wanted[identifier]
        key = (area, indicator, period_of(date, granularity))
        if found.setdefault(key, plain_number(value)) != plain_number(value):
            raise ValueError(f"{' '.join(key)}: {found[key]} et {value} dans la source")
    return [(*key, value) for key, value in found.items() if not _left_out(*key)]


def _left_out(area: str, indicator: str, period: str) -> bool:
    if indicator == DEPARTEMENTS_ONLY:
        return area.startswith("REG-")
    return indicator == "couverture-fibre" and area in MISPLACED_AREAS and period in MISPLACED_PERIODS


def _published(source: Path, wanted: Iterable[str]) -> Iterator[Row]:
    files = (
        (DETAIL_DEPARTEMENT, "DEP", "code_departement", "date", "valeur"),
        (DETAIL_REGION, "REG", "code_region", "date", "valeur"),
        (SUMMARY_DEPARTEMENT, "DEP", "code_departement", "date_valeur_actuelle", "valeur_actuelle"),
    )
    for name, level, code, date, value in files:
        for row in read_csv(source / name):
            if row["id_indicateur"] in wanted:
                yield f"{level}-{row[code]}", row["id_indicateur"], row[date], row[value]
