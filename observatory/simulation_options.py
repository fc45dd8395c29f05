"""What a visitor asks of a simulation, read from the parameters of an address with bounds and French refusals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from observatory.simulation import INDEX, Method, Published, Rows

WEIGHT = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,15})?")
HEAVIEST = 1000.0
MOST_AREAS = 200
# All the parameters of an address together: 60 indicators and 200 identifiers fit twice.
LONGEST = 8_000


class Choice(NamedTuple):
    """A way to compute: its name in the engine, its title for a reader, and what it changes."""

    engine: str
    title: str
    meaning: str


NORMALISATIONS = {
    "bornes": Choice("goalposts", "Bornes fixes", "celles de la méthode, les mêmes pour tous"),
    "min-max": Choice("minmax", "Du moins bon au meilleur", "0 au moins bon du périmètre, 100 au meilleur"),
    "ecarts": Choice("zscore", "Écart à la moyenne", "50 à la moyenne du périmètre, 10 points par écart-type"),
    "rangs": Choice("percentile_rank", "Part des territoires dépassés", "seul compte l’ordre, pas l’écart"),
}
AGGREGATIONS = {
    "arithmetique": Choice("arithmetic", "Moyenne arithmétique", "un point fort compense un point faible"),
    "geometrique": Choice("geometric(floor=1)", "Moyenne géométrique", "un point faible pèse davantage"),
    "harmonique": Choice("harmonic(floor=1)", "Moyenne harmonique", "un point faible pèse bien davantage"),
    "ampi": Choice("ampi", "Moyenne moins le déséquilibre", "l’écart entre domaines est retranché (indice AMPI)"),
    "mediane": Choice("median", "Médiane pondérée", "ni le meilleur ni le moins bon ne compte"),
}
USUAL_NORMALISATION, USUAL_AGGREGATION = "bornes", "arithmetique"


class Impossible(ValueError):
    """What was asked has no answer; `parameter` names what to mend, the message says how, in French."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(f"{parameter} : {message}")
        self.parameter = parameter


@dataclass(frozen=True)
class Asked:
    """A simulation: who is ranked (a list, or a category or level, maybe inside a place) and how."""

    perimeter: str
    inside: str
    areas: tuple[str, ...]
    normalisation: str
    aggregation: str
    weights: Mapping[str, float]
    highlighted: str

    @property
    def method(self) -> Method:
        """The same in the names of the engine."""
        return Method(
            NORMALISATIONS[self.normalisation].engine, AGGREGATIONS[self.aggregation].engine, dict(self.weights)
        )


def read(base: Published, parameters: Mapping[str, str]) -> Asked:
    """What the parameters ask; those that are not ours are left aside. Raises Impossible."""
    if sum(len(name) + len(text) for name, text in parameters.items()) > LONGEST:
        raise Impossible("adresse", f"elle dépasse {LONGEST} caractères.")
    known = {t.ref_area: t for t in base.territories}
    highlighted = parameters.get("territoire", "").strip().upper()
    if highlighted and highlighted not in known:
        raise Impossible("territoire", f"« {_short(highlighted)} » n’a pas d’indice. Un identifiant s’écrit DEP-84.")
    usual = known[highlighted].peer_group if highlighted else usual_perimeter(base)
    return Asked(
        perimeter=_one_of("categorie", parameters, usual, {*perimeters(base), *(t.peer_group for t in known.values())}),
        inside=_one_of("dans", parameters, "", base.parents),
        areas=_areas(base, parameters.get("territoires", "")),
        normalisation=_one_of("normalisation", parameters, USUAL_NORMALISATION, NORMALISATIONS),
        aggregation=_one_of("agregation", parameters, USUAL_AGGREGATION, AGGREGATIONS),
        weights=_weights(base, parameters),
        highlighted=highlighted,
    )


def usual_perimeter(base: Published) -> str:
    """The category shown to whoever asks for none."""
    return "departement" if "departement" in base.categories else next(iter(base.categories), "")


def perimeters(base: Published) -> dict[str, str]:
    """Ranked categories, then levels that hold several of them, with their titles."""
    levels: dict[str, set[str]] = {}
    for territory in base.territories:
        if territory.peer_group in base.categories:
            levels.setdefault(territory.level, set()).add(territory.peer_group)
    several = {level: title for level, title in base.levels.items() if len(levels.get(level, ())) > 1}
    return {**base.categories, **several}


def rows_of(base: Published, asked: Asked) -> Rows:
    """Places of the territories of the perimeter. Raises Impossible when there is none."""
    if asked.areas:
        chosen = set(asked.areas)
        found = [row for row, t in enumerate(base.territories) if t.ref_area in chosen]
    else:
        found = [
            row
            for row, t in enumerate(base.territories)
            if (t.peer_group == asked.perimeter or (t.level == asked.perimeter and t.peer_group in base.categories))
            and (not asked.inside or asked.inside in base.within.get(t.ref_area, ()))
        ]
    if not found:
        raise Impossible("dans", "aucun territoire de cette catégorie ne s’y trouve.")
    return np.array(found, dtype=np.intp)


def parameters_of(base: Published, asked: Asked) -> dict[str, str]:
    """The shortest parameters that ask the same: what differs from the published method."""
    found: dict[str, str] = {"territoires": " ".join(asked.areas)} if asked.areas else {"categorie": asked.perimeter}
    optional = {
        "dans": "" if asked.areas else asked.inside,
        "normalisation": asked.normalisation if asked.normalisation != USUAL_NORMALISATION else "",
        "agregation": asked.aggregation if asked.aggregation != USUAL_AGGREGATION else "",
        **{f"poids.{n.code}": written(asked.weights[n.code]) for n in base.nodes if asked.weights[n.code] != n.weight},
        "territoire": asked.highlighted,
    }
    return found | {name: text for name, text in optional.items() if text}


def written(weight: float) -> str:
    """The weight with all its digits and no exponent, as `read` takes it back."""
    return str(np.format_float_positional(weight, trim="-"))


def _one_of(name: str, parameters: Mapping[str, str], usual: str, allowed: object) -> str:
    found = parameters.get(name, "").strip() or usual
    choices: set[str] = set(allowed)  # type: ignore[call-overload]
    if found and found not in choices:
        raise Impossible(name, f"« {_short(found)} » n’est pas un choix possible.")
    return found


def _areas(base: Published, text: str) -> tuple[str, ...]:
    asked = list(dict.fromkeys(re.split(r"[\s,;]+", text.strip().upper())))
    if asked == [""]:
        return ()
    if not 2 <= len(asked) <= MOST_AREAS:
        raise Impossible("territoires", f"il en faut de 2 à {MOST_AREAS}.")
    known = {t.ref_area: t for t in base.territories}
    if strangers := [area for area in asked if area not in known]:
        raise Impossible("territoires", f"« {_short(strangers[0])} » n’a pas d’indice. Un identifiant s’écrit DEP-84.")
    if len({known[area].level for area in asked}) > 1:
        raise Impossible("territoires", "on ne range pas ensemble des territoires d’échelons différents.")
    return tuple(sorted(asked))


def _weights(base: Published, parameters: Mapping[str, str]) -> dict[str, float]:
    usual = {node.code: node.weight for node in base.nodes}
    found = dict(usual)
    for name, text in parameters.items():
        if not name.startswith("poids.") or not text.strip():
            continue
        code = name.removeprefix("poids.")
        if code not in usual:
            raise Impossible(_short(name), "ni domaine ni indicateur noté ne porte ce nom.")
        number = text.strip()
        if not WEIGHT.fullmatch(number) or float(number.replace(",", ".")) > HEAVIEST:
            raise Impossible(name, f"« {_short(number)} » n’est pas un poids. Un poids est un nombre de 0 à 1000.")
        found[code] = float(number.replace(",", "."))
    for parent in (*base.domains, None):
        name = parent.code if parent else INDEX
        if sum(found[node.code] for node in base.nodes if node.parent == name) == 0:
            title = f"les indicateurs de « {parent.title} »" if parent else "les domaines"
            where = f"poids.{next(node.code for node in base.nodes if node.parent == name)}"
            raise Impossible(where, f"{title} ont tous un poids nul ; il faut qu’au moins un pèse.")
    return found


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
