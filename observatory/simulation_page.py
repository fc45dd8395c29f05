"""What the page /simulation shows: the form as it was filled in, the standings, and what was changed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from observatory.languages import data
from observatory.languages import gettext as _
from observatory.ranking import opened
from observatory.resolving import Resolved, proposed, resolve
from observatory.scoring_tree import ScoringError
from observatory.simulation import Node, Published, Rows, Standing, published, simulate
from observatory.simulation_options import (
    USUAL_AGGREGATION,
    USUAL_NORMALISATION,
    Asked,
    Fault,
    Impossible,
    aggregations,
    normalisations,
    parameters_of,
    perimeters,
    rows_of,
    written,
)
from observatory.simulation_reading import HEAVIEST, printable, read
from observatory.simulation_sql import options_of
from observatory.spoken import compact, decimal

ADDRESS = "/simulation"
LONGEST = 200  # characters of words that may name a territory
QUERY = "/donnees/simuler_avec_vos_poids"


def screen(path: str | Path, parameters: Mapping[str, str], repeated: Iterable[str] = ()) -> dict[str, Any]:
    """Everything that the template shows for these parameters; `faults` holds all that is wrong with them.

    `repeated` names the parameters that the address gives several times.
    """
    base = published(path)
    given, (parameters, mine, near) = parameters, _followed(path, base, parameters)
    asked, rows, standings, faults = _simulated(base, parameters, repeated)
    return {
        "base": base,
        "asked": asked,
        "faults": faults,
        "typed": {name: printable(text) for name, text in parameters.items()} if faults else {},
        "perimeters": perimeters(base),
        "title": perimeters(base).get(asked.perimeter, ""),
        "place": base.parents.get(asked.inside),
        "places": _places(base),
        "heaviest": HEAVIEST,
        "normalisations": normalisations(),
        "aggregations": aggregations(),
        "domains": weighed_domains(base, rows, asked),
        "ranked": [s for s in standings if s.rank is not None],
        "unranked": [s for s in standings if s.rank is None],
        "words": replace(mine, text=printable(mine.text)),
        "proposed": near,
        "follow": lambda area: f"{ADDRESS}?{urlencode({**given, 'territoire': area})}#resultat",
        "mine": next((s for s in standings if s.territory.ref_area == asked.highlighted), None),
        "followed": next((t for t in base.territories if t.ref_area == asked.highlighted), None),
        "moved": sum(1 for s in standings if s.gain),
        "changes": changes(base, asked),
        "page_of": f"{ADDRESS}?{urlencode(parameters_of(base, asked))}",
        "presets": _presets(base, asked),
        "ranking": _ranking(base, asked),
        "download": urlencode({"categorie": asked.perimeter, "options": options_of(base, asked)}),
        "query": QUERY,
    }


def _simulated(
    base: Published, parameters: Mapping[str, str], repeated: Iterable[str]
) -> tuple[Asked, Rows, list[Standing], tuple[Fault, ...]]:
    """What is asked, the rows of the territories that it compares, their standings, and all that forbids them."""
    asked, rows = read(base, {}), np.arange(len(base.territories))
    try:
        asked = read(base, parameters, repeated)
        rows = rows_of(base, asked)
        return asked, rows, simulate(base, rows, asked.method), ()
    except Impossible as impossible:
        return asked, rows, [], impossible.faults
    except ScoringError as impossible:
        return asked, rows, [], (Fault("methode", str(impossible)),)


def _presets(base: Published, asked: Asked) -> list[tuple[str, str, bool]]:
    """The title and the address of each ready-made choice, and whether it is the one on screen."""
    usual = replace(asked, normalisation=USUAL_NORMALISATION, aggregation=USUAL_AGGREGATION, weights=_usual(base))
    return [
        (_("Méthode publiée"), _address(base, usual), not changes(base, asked)),
        (_("Poids égaux"), *_preset(base, asked, replace(usual, weights=dict.fromkeys(usual.weights, 1.0)))),
        (_("Moyenne géométrique"), *_preset(base, asked, replace(usual, aggregation="geometrique"))),
    ]


def _followed(
    path: str | Path, base: Published, parameters: Mapping[str, str]
) -> tuple[Mapping[str, str], Resolved, tuple[Any, ...]]:
    """The parameters with the identifier of the territory to follow in the place of the words that name it.

    Words that name none that can be ranked change nothing else: they are taken away, and given back with what they
    stand for and the territories to propose.
    """
    typed = parameters.get("territoire", "").strip()
    known = {territory.ref_area for territory in base.territories}
    if not typed or typed.upper() in known or len(typed) > LONGEST:
        return parameters, Resolved(), ()

    def fits(card: Any) -> bool:
        return card["ref_area"] in known

    with opened(path) as db:
        mine = resolve(db, typed).preferring(fits)
        if mine.territory and fits(mine.territory):
            return {**parameters, "territoire": mine.territory["ref_area"]}, Resolved(), ()
        near = () if mine.territory else proposed(db, mine, fits)
    return {name: text for name, text in parameters.items() if name != "territoire"}, mine, near


def _ranking(base: Published, asked: Asked) -> str:
    """The address of the ranking with the same weights; empty when no category has just this perimeter."""
    if asked.areas or asked.perimeter not in base.categories:
        return ""
    found = {name: text for name, text in parameters_of(base, asked).items() if name.startswith("poids.")}
    found |= {"dans": asked.inside} if asked.inside else {}
    return f"/classements/{asked.perimeter}{'?' if found else ''}{urlencode(found)}"


def _places(base: Published) -> dict[str, dict[str, str]]:
    """Places by the title of their level, régions first: an overseas one is a région and a département."""
    found: dict[str, dict[str, str]] = {}
    for area, name in base.parents.items():
        found.setdefault(data(base.levels[area.split("-")[0]]), {})[area] = name
    return found


def _usual(base: Published) -> dict[str, float]:
    return {node.code: node.weight for node in base.nodes}


def _address(base: Published, asked: Asked) -> str:
    return f"{ADDRESS}?{urlencode(parameters_of(base, asked))}"


def _preset(base: Published, asked: Asked, other: Asked) -> tuple[str, bool]:
    """The address of a ready-made choice, and whether it is the one on screen."""
    return _address(base, other), parameters_of(base, asked) == parameters_of(base, other)


def weighed_domains(base: Published, rows: Rows, asked: Asked) -> list[dict[str, Any]]:
    """The domains that apply to the perimeter, with their weight, their share of the index, and their indicators'."""
    applies: list[bool] = np.asarray(base.applicable[rows].any(axis=0)).tolist()
    measured = [node for node, here in zip(base.indicators, applies, strict=True) if here]
    domains = [d for d in base.domains if any(node.parent == d.code for node in measured)]
    found = []
    for domain, share in _shares(domains, asked, 1.0):
        below = [node for node in measured if node.parent == domain.code]
        indicators = [_weighed(node, asked, part) for node, part in _shares(below, asked, share)]
        found.append({**_weighed(domain, asked, share), "indicators": indicators})
    return found


def _weighed(node: Node, asked: Asked, share: float) -> dict[str, Any]:
    weight = asked.weights[node.code]
    return {
        "node": node,
        "title": data(node.title),
        "share": share,
        "written": decimal(written(weight)),
        "weight": weight,
        "usual": weight == node.weight,
        "method": decimal(written(node.weight)),
    }


def _shares(nodes: list[Node], asked: Asked, whole: float) -> list[tuple[Node, float]]:
    total = sum(asked.weights[node.code] for node in nodes)
    return [(node, whole * asked.weights[node.code] / total if total else 0.0) for node in nodes]


def changes(base: Published, asked: Asked) -> list[str]:
    """What differs from the published method, in sentences; the perimeter is no part of the method."""
    found = []
    if asked.normalisation != USUAL_NORMALISATION:
        choice = normalisations()[asked.normalisation]
        said = _("Passage à 100 : {title} ({meaning}), au lieu des bornes fixes.")
        found.append(said.format(title=choice.title.lower(), meaning=choice.meaning))
    if asked.aggregation != USUAL_AGGREGATION:
        choice = aggregations()[asked.aggregation]
        said = _("Agrégation : {title} ({meaning}), au lieu de la moyenne arithmétique.")
        found.append(said.format(title=choice.title.lower(), meaning=choice.meaning))
    for node in base.nodes:
        if asked.weights[node.code] != node.weight:
            now, before = _told(asked.weights[node.code]), _told(node.weight)
            said = _("Poids de « {title} » : {now} au lieu de {before}.")
            found.append(said.format(title=data(node.title), now=now, before=before))
    return found


def _told(weight: float) -> str:
    """The weight as a reader writes it, never rounded: one ten-millionth is not 0."""
    return compact(weight) if weight == round(weight, 2) else decimal(written(weight))
