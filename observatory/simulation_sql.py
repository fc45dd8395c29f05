"""Simulations for whoever writes SQL: two functions over the published values, and a query over the wide table."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from observatory.normalised import column
from observatory.scoring_tree import ScoringError
from observatory.simulation import Node, Published, Standing, published, simulate
from observatory.simulation_options import LONGEST, Asked, Impossible, parameters_of, read, rows_of

Function = Callable[..., Any]


def functions(path: str | Path) -> Mapping[str, tuple[int, Function]]:
    """SQL functions over that database, with how many arguments each takes.

    `maturity_score(ref_area, options)`: the simulated score of a territory in its category, null when it has none.
    `maturity_scores(category, options)`: a JSON array, best first, that `json_each` reads as a table.
    `options` is a JSON object: {"poids": {code: weight}, "agregation": …, "normalisation": …, "dans": …}; empty, the
    published method. What cannot be computed is said in French, in the place of the answer: never an SQL error.
    """
    return {
        "maturity_score": (2, lambda ref_area, options: _score(path, ref_area, options)),
        "maturity_scores": (2, lambda category, options: _scores(path, category, options)),
    }


def options_of(base: Published, asked: Asked) -> str:
    """The options, as JSON, that ask the same as `asked`; its category and highlighted territory apart."""
    found: dict[str, Any] = {}
    for name, text in parameters_of(base, asked).items():
        if name.startswith("poids."):
            found.setdefault("poids", {})[name.removeprefix("poids.")] = float(text)
        elif name not in ("categorie", "territoire"):
            found[name] = text
    return json.dumps(found, ensure_ascii=False)


def _score(path: str | Path, ref_area: Any, options: Any) -> float | str | None:
    base = published(path)
    group = base.groups.get(ref_area)
    if group is None:
        return None
    found = _scored(base, group, options)
    return found if isinstance(found, str) else found.get(ref_area)


def _scores(path: str | Path, category: Any, options: Any) -> str:
    found = _simulated(published(path), category, options)
    rows = [{"raison": found}] if isinstance(found, str) else [row_of(standing) for standing in found]
    return json.dumps(rows, ensure_ascii=False)


def row_of(standing: Standing) -> dict[str, Any]:
    """A standing as rows of SQL have it."""
    return {
        "rang": standing.rank,
        "ref_area": standing.territory.ref_area,
        "nom": standing.territory.name,
        "score": standing.score,
        "score_publie": standing.territory.score,
        "rang_publie": standing.published_rank,
        "places_gagnees": standing.gain,
        "raison": standing.reason,
    }


# A query calls a function once a row, often with the same options.
@lru_cache(maxsize=32)
def _simulated(base: Published, category: Any, options: Any) -> list[Standing] | str:
    """The standings, or the French sentence that says why there is none."""
    try:
        asked = read(base, {"categorie": str(category or ""), **_parameters(str(options or ""))})
        return simulate(base, rows_of(base, asked), asked.method)
    except (Impossible, ScoringError) as fault:
        # A lone surrogate, which JSON can hold, is no text for SQLite.
        return f"Erreur. {fault}".encode("utf-8", "replace").decode()


@lru_cache(maxsize=32)
def _scored(base: Published, category: str, options: Any) -> dict[str, float | None] | str:
    found = _simulated(base, category, options)
    return found if isinstance(found, str) else {s.territory.ref_area: s.score for s in found}


def _parameters(options: str) -> dict[str, str]:
    """The options as parameters of an address."""
    if len(options) > LONGEST:
        raise Impossible("options", f"elles dépassent {LONGEST} caractères.")
    try:
        asked = json.loads(options or "{}")
    except (ValueError, RecursionError):
        asked = None
    weights = asked.get("poids", {}) if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or not isinstance(weights, dict):
        raise Impossible("options", 'elles s’écrivent en JSON, comme {"poids": {"mediation": 2}}.')
    if strange := sorted(asked.keys() - {"poids", "agregation", "normalisation", "dans", "territoires"}):
        raise Impossible("options", f"« {strange[0][:40]} » n’en est pas une.")
    named = {name: str(value) for name, value in asked.items() if name != "poids"}
    return named | {f"poids.{code}": str(weight) for code, weight in weights.items()}


def ranking_query(base: Published) -> str:
    """SQL that ranks a category anew over the wide table: parameters `categorie` and `poids_<domain>`, empty as usual.

    Territories that the published method does not rank stay out. Each step is materialised: SQLite would otherwise
    compute a mean again wherever it is named.
    """
    names = [column(domain.code) for domain in base.domains]
    weights = [
        f"max(0, cast(coalesce(nullif(replace(:poids_{name}, ',', '.'), ''), {domain.weight!r}) as real)) as {name}"
        for name, domain in zip(names, base.domains, strict=True)
    ]
    means = [f"{_mean(_members(base, domain))} as {column(domain.code)}" for domain in base.domains]
    index = _mean([(f"d.{name}", f"p.{name}") for name in names])
    comma = ",\n        "
    return f"""with poids as materialized (
    select
        {comma.join(weights)}
),
domaines as materialized (
    select
        ref_area,
        {comma.join(means)}
    from normalised_values
    where edition = (select max(edition) from method) and peer_group = :categorie
),
simulation as materialized (
    select d.ref_area, floor({index} * 1000000 + 0.500001) / 1000000 as score
    from domaines d cross join poids p
)
select
    rank() over (order by x.score desc) as rang, t.name as territoire, x.score,
    s.rank as rang_publie, s.score as score_publie, x.ref_area
from simulation x
join scores s on s.edition = (select max(edition) from method) and s.node = 'index' and s.ref_area = x.ref_area
join territories t on t.ref_area = x.ref_area
where s.rank is not null and x.score is not null
order by rang, territoire"""  # noqa: S608 (codes and weights of our own method)


def _members(base: Published, domain: Node) -> list[tuple[str, str]]:
    return [(column(node.code), repr(node.weight)) for node in base.indicators if node.parent == domain.code]


def _mean(terms: list[tuple[str, str]]) -> str:
    """SQL of the weighted mean of (value, weight): a missing value gives its weight to its neighbours."""
    total = " + ".join(f"coalesce({value} * {weight}, 0)" for value, weight in terms)
    seen = " + ".join(f"({value} is not null) * {weight}" for value, weight in terms)
    return f"({total})\n            / nullif({seen}, 0)"
