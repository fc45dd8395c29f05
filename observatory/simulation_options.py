"""What may be asked of a simulation: the choices, who they rank, and what is said when they have no answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from observatory.languages import data
from observatory.languages import gettext as _
from observatory.simulation import Method, Published, Rows


class Choice(NamedTuple):
    """A way to compute: its title for a reader, and what it changes."""

    title: str
    meaning: str


NORMALISATIONS = {"bornes": "goalposts", "min-max": "minmax", "ecarts": "zscore", "rangs": "percentile_rank"}
AGGREGATIONS = {
    "arithmetique": "arithmetic",
    "geometrique": "geometric(floor=1)",
    "harmonique": "harmonic(floor=1)",
    "ampi": "ampi",
    "mediane": "median",
}
USUAL_NORMALISATION, USUAL_AGGREGATION = "bornes", "arithmetique"


def normalisations() -> dict[str, Choice]:
    """The ways to place a value on 100, in the language of the page."""
    return {
        "bornes": Choice(_("Bornes fixes"), _("celles de la méthode, les mêmes pour tous")),
        "min-max": Choice(_("Du moins bon au meilleur"), _("0 au moins bon du périmètre, 100 au meilleur")),
        "ecarts": Choice(_("Écart à la moyenne"), _("50 à la moyenne du périmètre, 10 points par écart-type")),
        "rangs": Choice(_("Part des territoires dépassés"), _("seul compte l’ordre, pas l’écart")),
    }


def aggregations() -> dict[str, Choice]:
    """The ways to make one score of several, in the language of the page."""
    return {
        "arithmetique": Choice(_("Moyenne arithmétique"), _("un point fort compense un point faible")),
        "geometrique": Choice(_("Moyenne géométrique"), _("un point faible pèse davantage")),
        "harmonique": Choice(_("Moyenne harmonique"), _("un point faible pèse bien davantage")),
        "ampi": Choice(_("Moyenne moins le déséquilibre"), _("l’écart entre domaines est retranché (indice AMPI)")),
        "mediane": Choice(_("Médiane pondérée"), _("ni le meilleur ni le moins bon ne compte")),
    }


class Fault(NamedTuple):
    """What is wrong with a parameter, in words; `label` names it in the form, `search` is what to look for instead."""

    parameter: str
    message: str
    label: str = ""
    search: str = ""

    @property
    def said(self) -> str:
        """The fault in a sentence that names its parameter."""
        if not self.label:
            return _("{parameter} : {message}").format(parameter=self.parameter, message=self.message)
        said = _("« {label} » ({parameter}) : {message}")
        return said.format(label=self.label, parameter=self.parameter, message=self.message)


class Impossible(ValueError):
    """What was asked has no answer: everything that is to be mended."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(fault.said for fault in faults))
        self.faults = faults


class Nobody(Impossible):
    """The perimeter is well asked, and holds no territory."""


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
        return Method(NORMALISATIONS[self.normalisation], AGGREGATIONS[self.aggregation], dict(self.weights))


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
    return {code: data(title) for code, title in {**base.categories, **several}.items()}


def rows_of(base: Published, asked: Asked) -> Rows:
    """Places of the territories of the perimeter. Raises Nobody when there is none."""
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
        raise Nobody(Fault("dans", _("aucun territoire de cette catégorie ne s’y trouve."), _("Dans")))
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
