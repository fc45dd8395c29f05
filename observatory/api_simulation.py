"""Scores computed now with other weights, another mean or another normalisation: never those that are published."""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from observatory import simulation
from observatory.api_filters import malformed
from observatory.api_resources import SIMULATED
from observatory.languages import gettext as _
from observatory.model import INDEX
from observatory.problem_details import Refused
from observatory.scoring_tree import ScoringError
from observatory.simulation import Published, Standing
from observatory.simulation_options import AGGREGATIONS, NORMALISATIONS, Asked, Impossible
from observatory.simulation_reading import read

PARAMETERS = ("weights", "aggregation", "normalisation")
# The API's words are those of the engine, without what sets it: "geometric(floor=1)" is asked for as "geometric".
AGGREGATION = {engine.partition("(")[0]: word for word, engine in AGGREGATIONS.items()}
NORMALISATION = {engine: word for word, engine in NORMALISATIONS.items()}
PAIR = re.compile(r"([a-z0-9-]+):([0-9]{1,3}(?:\.[0-9]{1,6})?)")


def asked(given: Mapping[str, str]) -> bool:
    """Whether the parameters ask for a simulation."""
    return any(name in given for name in PARAMETERS)


def method_of(base: Published, given: Mapping[str, str]) -> Asked:
    """How the parameters want scores to be computed; Refused with what is wrong."""
    words = {"agregation": ("aggregation", AGGREGATION), "normalisation": ("normalisation", NORMALISATION)}
    parameters = weights(base, given["weights"]) if "weights" in given else {}
    for ours, (name, known) in words.items():
        if name in given and given[name] not in known:
            raise malformed(name, given[name], _("un mot de la liste"), list(known))
        if name in given:
            parameters[ours] = known[given[name]]
    try:
        return read(base, parameters)
    except Impossible as fault:
        raise Refused("malformed-weights", given.get("weights", ""), codes(base), str(fault)) from fault


def codes(base: Published) -> list[str]:
    """What may be weighed: domains, then indicators."""
    return [node.code for node in (*base.domains, *base.indicators)]


def weights(base: Published, text: str) -> dict[str, str]:
    """Weights written "mediation:2,infrastructures:1", as the parameters of a simulation."""
    found: dict[str, str] = {}
    for part in text.split(","):
        pair = PAIR.fullmatch(part.strip())
        if pair is None:
            said = _("« {part} » n’est pas un poids ; écrivez code:nombre, comme mediation:2,infrastructures:1.")
            raise Refused("malformed-weights", text, codes(base), said.format(part=part[:60]))
        if pair[1] not in codes(base):
            said = _("« {code} » n’est ni un domaine ni un indicateur noté.").format(code=pair[1][:60])
            raise Refused("malformed-weights", pair[1], codes(base), said)
        if f"poids.{pair[1]}" in found:
            said = _("« {code} » a plusieurs poids.").format(code=pair[1])
            raise Refused("malformed-weights", text, codes(base), said)
        found[f"poids.{pair[1]}"] = pair[2]
    return found


def fill(db: sqlite3.Connection, path: str | Path, given: Mapping[str, str]) -> dict[str, Any]:
    """Write the simulated scores in a temporary table of the connection; how they were computed.

    `given` are all the parameters of the request; Refused when they want what cannot be simulated.
    """
    base = simulation.published(path)
    how = method_of(base, given)
    _computed(base, given)
    period = db.execute("select time_period from current_edition").fetchone()[0]
    try:
        rows = [row for group in base.categories for row in _of_group(base, group, how, period)]
    except ScoringError as fault:
        raise Refused("malformed-weights", given.get("weights", ""), codes(base), str(fault)) from fault
    names = ", ".join(SIMULATED.columns)
    marks = ", ".join("?" * len(SIMULATED.columns))
    db.execute(f"drop table if exists temp.{SIMULATED.source}")
    db.execute(f"create temp table {SIMULATED.source} ({names}, primary key ({', '.join(SIMULATED.key)}))")
    db.executemany(f"insert into {SIMULATED.source} values ({marks})", rows)
    return {
        "simulated": True,
        "aggregation": next(word for word, ours in AGGREGATION.items() if ours == how.aggregation),
        "normalisation": next(word for word, ours in NORMALISATION.items() if ours == how.normalisation),
        "weights": dict(how.weights),
    }


def _computed(base: Published, given: Mapping[str, str]) -> None:
    """Refuse the filters of scores that are never simulated: an empty answer would say that there are none."""
    for name, only, kind in (("edition", base.edition, "unknown-version"), ("node", INDEX, "unknown-code")):
        if given.get(name, only) != only:
            said = _("Des scores simulés n’ont que « {only} » pour {name}.").format(only=only, name=name)
            raise Refused(kind, given[name], [only], said)


def _of_group(base: Published, group: str, how: Asked, period: str) -> list[Sequence[Any]]:
    """Those of a category, ranked among themselves."""
    places = [place for place, territory in enumerate(base.territories) if territory.peer_group == group]
    if not places:
        return []
    standings = simulation.simulate(base, np.array(places, dtype=np.intp), how.method)
    return [_row(base, number, standing, period) for number, standing in enumerate(standings, start=1)]


def _row(base: Published, number: int, standing: Standing, period: str) -> Sequence[Any]:
    territory = standing.territory
    known: dict[str, Any] = {"ref_area": territory.ref_area, "name": territory.name, "peer_group": territory.peer_group}
    known |= {"position": number, "node": INDEX, "node_type": INDEX, "time_period": period, "edition": base.edition}
    known |= {"score": standing.score, "rank": standing.rank, "published_score": territory.score}
    known |= {"published_rank": standing.published_rank, "places_gained": standing.gain}
    known |= {"reason": standing.reason, "simulated": 1}
    return [known[name] for name in SIMULATED.columns]
