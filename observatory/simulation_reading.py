"""The parameters of an address turned into a simulation: bounds, and every refusal at once."""

import re
from collections.abc import Iterable, Mapping

from observatory.languages import data
from observatory.languages import gettext as _
from observatory.model import INDEX
from observatory.simulation import Node, Published, Territory
from observatory.simulation_options import (
    AGGREGATIONS,
    NORMALISATIONS,
    USUAL_AGGREGATION,
    USUAL_NORMALISATION,
    Asked,
    Fault,
    Impossible,
    perimeters,
    usual_perimeter,
)
from observatory.spoken import compact

WEIGHT = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,15})?")
IDENTIFIER = re.compile(r"FRA|[A-Z]+-[0-9][0-9A-Z]*")
HEAVIEST = 1000.0
MOST_AREAS = 200
# All the parameters of an address together: 60 indicators and 200 identifiers fit twice.
LONGEST = 8_000
# What a page of results adds to the address.
PAGE = "page"
NAMES = ("categorie", "dans", "territoire", "territoires", "agregation", "normalisation")


def read(base: Published, parameters: Mapping[str, str], repeated: Iterable[str] = ()) -> Asked:
    """What the parameters ask; `repeated` names those given several times. Raises Impossible, with every fault."""
    if sum(len(name) + len(text) for name, text in parameters.items()) > LONGEST:
        raise Impossible(Fault("adresse", _("elle dépasse {most} caractères.").format(most=compact(LONGEST))))
    reader = _Reader(base, parameters)
    reader.strange()
    for name in repeated:
        reader.fault(name, _("donné plusieurs fois ; une seule valeur est attendue."))
    known = reader.known
    highlighted = reader.followed()
    usual = known[highlighted].peer_group if highlighted else usual_perimeter(base)
    categories = dict.fromkeys([*perimeters(base), *(t.peer_group for t in known.values())])
    asked = Asked(
        perimeter=reader.one_of("categorie", usual, categories),
        inside=reader.one_of("dans", "", base.parents),
        areas=reader.areas(),
        normalisation=reader.one_of("normalisation", USUAL_NORMALISATION, NORMALISATIONS),
        aggregation=reader.one_of("agregation", USUAL_AGGREGATION, AGGREGATIONS),
        weights=reader.weights(),
        highlighted=highlighted,
    )
    if reader.faults:
        raise Impossible(*reader.faults)
    return asked


class _Reader:
    """Reads one parameter after another, and keeps what is wrong with each."""

    def __init__(self, base: Published, parameters: Mapping[str, str]) -> None:
        self.base, self.parameters = base, parameters
        self.known: dict[str, Territory] = {t.ref_area: t for t in base.territories}
        self.nodes: dict[str, Node] = {node.code: node for node in base.nodes}
        self.faults: list[Fault] = []

    def fault(self, name: str, message: str, search: str = "") -> None:
        """Keep a fault beside the words that the form has for the parameter."""
        node = self.nodes.get(name.removeprefix("poids."))
        label = data(node.title) if node and name.startswith("poids.") else labels().get(name, "")
        self.faults.append(Fault(short(name), message, label, search))

    def text(self, name: str) -> str:
        """The parameter without the spaces around it, empty when it is not given."""
        return self.parameters.get(name, "").strip()

    def strange(self) -> None:
        """Refuse what is no parameter of ours: whoever mistypes one must not read a result that ignores it."""
        for name in self.parameters:
            if name.startswith("poids."):
                if name.removeprefix("poids.") not in self.nodes:
                    codes = ", ".join(self.nodes)
                    said = _("ni domaine ni indicateur noté ne porte ce nom. Noms possibles : {codes}.")
                    self.fault(name, said.format(codes=codes))
            elif name not in NAMES and name != PAGE:
                said = _("ce paramètre n’existe pas. Paramètres possibles : {possible}.")
                self.fault(name, said.format(possible=", ".join((*NAMES, "poids.…", PAGE))))

    def one_of(self, name: str, usual: str, allowed: Iterable[str]) -> str:
        """The choice made, `usual` when there is none."""
        found, choices = self.text(name) or usual, list(allowed)
        if not found or found in choices:
            return found
        place = _("un identifiant de région ou de département, comme REG-84")
        told = place if name == "dans" else ", ".join(choices)
        said = _("« {typed} » n’est pas un choix possible. Choix possibles : {choices}.")
        self.fault(name, said.format(typed=short(found), choices=told))
        return usual

    def followed(self) -> str:
        """The identifier of the territory to follow, empty when there is none."""
        typed = self.text("territoire")
        if typed and typed.upper() not in self.known:
            self.stranger("territoire", typed)
            return ""
        return typed.upper()

    def stranger(self, name: str, typed: str) -> None:
        """Say why no territory is ranked under these words."""
        if IDENTIFIER.fullmatch(typed.upper()):
            said = _("« {typed} » n’a pas d’indice, ou n’existe pas.")
        else:
            said = _("« {typed} » n’est pas un identifiant ; il en faut un, comme DEP-68.")
        self.fault(name, said.format(typed=short(typed)), short(typed))

    def areas(self) -> tuple[str, ...]:
        """The identifiers to rank alone, sorted; none when the perimeter is a category."""
        asked = list(dict.fromkeys(part for part in re.split(r"[\s,;]+", self.text("territoires").upper()) if part))
        if not asked:
            return ()
        if not 2 <= len(asked) <= MOST_AREAS:
            self.fault("territoires", _("il en faut de 2 à {most}.").format(most=MOST_AREAS))
            return ()
        strangers = [area for area in asked if area not in self.known]
        for area in strangers[:5]:
            self.stranger("territoires", area)
        if len({self.known[area].level for area in asked if area in self.known}) > 1:
            self.fault("territoires", _("on ne range pas ensemble des territoires d’échelons différents."))
        return tuple(sorted(asked))

    def weights(self) -> dict[str, float]:
        """The weight of every node: what is typed, else that of the method."""
        found = {code: self._weight(f"poids.{code}", node.weight) for code, node in self.nodes.items()}
        for parent in (*self.base.domains, None):
            name = parent.code if parent else INDEX
            below = [code for code, node in self.nodes.items() if node.parent == name]
            if sum(found[code] for code in below) == 0:
                said = _("les domaines ont tous un poids nul ; il faut qu’au moins un pèse.")
                if parent:
                    said = _("les indicateurs de « {title} » ont tous un poids nul ; il faut qu’au moins un pèse.")
                    said = said.format(title=data(parent.title))
                self.fault(f"poids.{below[0]}", said)
        return found

    def _weight(self, name: str, usual: float) -> float:
        typed = self.text(name)
        if not typed:
            return usual
        if not WEIGHT.fullmatch(typed) or float(typed.replace(",", ".")) > HEAVIEST:
            said = _("« {typed} » n’est pas un poids. Un poids est un nombre de 0 à {heaviest}.")
            self.fault(name, said.format(typed=short(typed), heaviest=compact(HEAVIEST)))
            return usual
        return float(typed.replace(",", "."))


def labels() -> dict[str, str]:
    """What the form calls each parameter, in the language of the page."""
    return {
        "categorie": _("Catégorie"),
        "dans": _("Dans"),
        "territoire": _("Territoire à suivre"),
        "territoires": _("Seulement ces territoires"),
        "agregation": _("Réunir par"),
        "normalisation": _("Placer sur 100 par"),
    }


def short(text: str) -> str:
    """The text, cut when a message could not hold it, without signs that no page can show."""
    return printable(text if len(text) <= 40 else f"{text[:40]}…")


def printable(text: str) -> str:
    """The text with a mark in the place of each sign that has no form: a page of HTML cannot hold some of them."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
