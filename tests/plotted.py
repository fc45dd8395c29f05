"""Figures of the tiny site that several test files ask for, by the name and parameters of their frames."""

from pathlib import Path

from observatory import plots, plots_asked

# Each kind of figure with the page that shows it, and words that its file must hold.
FIGURES = {
    "repartition-eligibilite-1-gbits?territoire=DEP-68": (
        "/indicateurs/eligibilite-1-gbits?territoire=DEP-68&niveau=DEP", "répartition des départements, septembre 2019"
    ),
    "evolution-couverture-fibre?territoire=DEP-68": (
        "/indicateurs/couverture-fibre?territoire=DEP-68&niveau=DEP", "du 2e trimestre 2022 au 3e trimestre 2022"
    ),
    "scores-departement?territoire=DEP-68": (
        "/classements/departement?vue=repartition&territoire=DEP-68", "Édition 2024.1"
    ),
    "annees-DEP-68": ("/territoires/DEP-68/score", "de 2019 à 2024"),
    "comparaison?t=DEP-68&t=DEP-85&indicateur=couverture-fibre": (
        "/comparer?t=DEP-68&t=DEP-85&indicateur=couverture-fibre", "du 2e trimestre 2022 au 3e trimestre 2022"
    ),
}  # fmt: skip


def figure(database: Path, asked: str) -> plots.Plot:
    """The figure at that address of the tiny site, Refusal without one."""
    name, _, query = asked.partition("?")
    parameters: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        parameters.setdefault(pair.partition("=")[0], []).append(pair.partition("=")[2])
    return plots_asked.read(database, name, parameters)


def written(name: str, kind: str) -> str:
    """The address of a figure as a file."""
    stem, mark, query = name.partition("?")
    return f"/graphiques/{stem}.{kind}{mark}{query}"
