"""The parameters of a ranking's address: what is shown of which territories, and every refusal at once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from observatory.languages import gettext as _
from observatory.ranking import Line, Ranking
from observatory.resolving import Resolved
from observatory.simulation import Published
from observatory.simulation_options import Asked, Fault, Impossible
from observatory.simulation_reading import LONGEST, printable, read, short
from observatory.spoken import number

NAMES = ("noeud", "dans", "taille", "territoire", "vue", "page")
SPREAD = "repartition"
# Filters, and twice the weights of sixty nodes.
MOST = 150


class View(NamedTuple):
    """What is asked of a ranking; `weights` is None when the published ones are, `strange` holds what is ignored.

    `unnamed` holds the words for my territory that name none, or several.
    """

    inside: str = ""
    size: str = ""
    followed: Line | None = None
    stranger: str = ""
    spread: bool = False
    weights: Asked | None = None
    strange: tuple[str, ...] = ()
    unnamed: Resolved = Resolved()


def view_of(
    base: Published, shown: Ranking, parameters: Mapping[str, str], mine: Resolved, repeated: Iterable[str] = ()
) -> tuple[View, list[Fault]]:
    """What the parameters ask, without what is wrong in them, and what is wrong; the page is for who paginates.

    `mine` is what the parameter territoire stands for.
    """
    if len(parameters) > MOST or sum(len(name) + len(text) for name, text in parameters.items()) > LONGEST:
        said = _("elle dépasse {most} paramètres ou {longest} caractères.")
        return View(), [Fault("adresse", said.format(most=number(MOST), longest=number(LONGEST)))]
    faults = [Fault(short(name), _("donné plusieurs fois ; une seule valeur est attendue.")) for name in repeated]
    text = {name: parameters.get(name, "").strip() for name in NAMES}
    inside, size = _place(shown, text["dans"], faults), _size(shown, text["taille"], faults)
    followed, stranger = _followed(shown, mine)
    faults.extend(unnamed(mine))
    if text["vue"] not in ("", SPREAD):
        said = _("« {typed} » n’est pas un choix possible. Choix possibles : {choices}.")
        faults.append(Fault("vue", said.format(typed=short(text["vue"]), choices=SPREAD), _("Vue")))
    return View(
        inside,
        size,
        followed,
        stranger,
        text["vue"] == SPREAD,
        _weights(base, shown, parameters, faults),
        tuple(short(name) for name in parameters if name not in NAMES and not name.startswith("poids.")),
        Resolved() if mine.territory else replace(mine, text=printable(mine.text)),
    ), faults


def _place(shown: Ranking, typed: str, faults: list[Fault]) -> str:
    if not typed or typed in shown.places:
        return typed
    said = _("« {typed} » n’est pas une région ni un département où se trouve un territoire de cette catégorie.")
    faults.append(Fault("dans", said.format(typed=short(typed)), _("Région ou département")))
    return ""


def _size(shown: Ranking, typed: str, faults: list[Fault]) -> str:
    sizes = sorted(shown.sizes.keys() - {""}, key=lambda code: int(code.partition("-")[0]))
    if not typed or typed in sizes:
        return typed
    said = _("« {typed} » n’est pas un choix possible. Choix possibles : {choices}.")
    faults.append(Fault("taille", said.format(typed=short(typed), choices=", ".join(sizes)), _("Population")))
    return ""


def unnamed(mine: Resolved) -> list[Fault]:
    """The fault of words that are no single territory; the page tells it beside its rows, which do not change."""
    said = printable(mine.said())
    return [Fault("territoire", said[0].lower() + said[1:], _("Mon territoire"), short(mine.text))] if said else []


def _followed(shown: Ranking, mine: Resolved) -> tuple[Line | None, str]:
    """The line of my territory; else its identifier, when it is of another category, which is no mistake."""
    if mine.territory is None:
        return None, ""
    area = mine.territory["ref_area"]
    line = next((line for line in shown.lines if line.ref_area == area), None)
    return line, "" if line else area


def _weights(base: Published, shown: Ranking, parameters: Mapping[str, str], faults: list[Fault]) -> Asked | None:
    """The weights that differ from the published ones, None when none does; a wrong one keeps its published value."""
    given = {name: text for name, text in parameters.items() if name.startswith("poids.")}
    if not given:
        return None
    category = {"categorie": shown.category} if shown.category in base.categories else {}
    try:
        asked = read(base, {**category, **given})
    except Impossible as impossible:
        faults.extend(impossible.faults)
        wrong = {fault.parameter for fault in impossible.faults}
        good = {name: text for name, text in given.items() if short(name) not in wrong}
        try:
            asked = read(base, {**category, **good})
        except Impossible:
            return None
    usual = {node.code: node.weight for node in base.nodes}
    return asked if dict(asked.weights) != usual else None
