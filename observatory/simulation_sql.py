"""Simulations for whoever writes SQL: two functions over the published values, and a query over the wide table."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

from observatory.languages import gettext as _
from observatory.normalised import column
from observatory.scoring_tree import ScoringError
from observatory.simulation import Node, Published, Standing, published, simulate
from observatory.simulation_options import Asked, Fault, Impossible, Nobody, parameters_of, rows_of, written
from observatory.simulation_reading import LONGEST, read, short
from observatory.spoken import compact

Function = Callable[..., Any]


def functions(path: str | Path) -> Mapping[str, tuple[int, Function]]:
    """SQL functions over that database, with how many arguments each takes (-1: one or two).

    `maturity_score(ref_area, options)`: the simulated score of a territory in its category, null when it has none.
    `maturity_scores(category, options)`: a JSON array, best first, that `json_each` reads as a table.
    `maturity_check(options)`, `maturity_check(category, options)`: null, or what is wrong, in French.
    `options` is a JSON object: {"poids": {code: weight}, "agregation": …, "normalisation": …, "dans": …,
    "territoires": […]}; empty or null, the published method. What cannot be computed is an SQL error, for a text among
    numbers would count as 0; SQLite hides the message, `maturity_check` gives it.
    """
    return {
        "maturity_score": (2, lambda ref_area, options: _score(path, ref_area, options)),
        "maturity_scores": (2, lambda category, options: _scores(path, category, options)),
        "maturity_check": (-1, lambda *arguments: _check(path, *arguments)),
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


def _score(path: str | Path, ref_area: Any, options: Any) -> float | None:
    base = published(path)
    group = base.groups.get(ref_area)
    return _by_area(base, group or "", options).get(ref_area)


def _scores(path: str | Path, category: Any, options: Any) -> str:
    found = _simulated(published(path), category, options)
    return json.dumps([row_of(standing) for standing in found], ensure_ascii=False)


def _check(path: str | Path, *arguments: Any) -> str | None:
    """What makes `maturity_scores` fail, in French; of options alone, what would make it fail for every category."""
    *category, options = arguments
    base = published(path)
    try:
        if category:
            _simulated(base, *category, options)
        else:
            _asked(base, None, options)
    except (Impossible, ScoringError) as fault:
        # A lone surrogate, which JSON can hold, is no text for SQLite.
        return str(fault).encode("utf-8", "replace").decode()
    return None


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
def _simulated(base: Published, category: Any, options: Any) -> list[Standing]:
    asked = _asked(base, category, options)
    return simulate(base, rows_of(base, asked), asked.method)


@lru_cache(maxsize=32)
def _by_area(base: Published, category: str, options: Any) -> dict[str, float | None]:
    """Simulated scores of a category; a territory outside the perimeter has none, which is no mistake."""
    try:
        return {s.territory.ref_area: s.score for s in _simulated(base, category, options)}
    except Nobody:
        return {}


def _asked(base: Published, category: Any, options: Any) -> Asked:
    named = _parameters("" if options is None else str(options))
    return read(base, {"categorie": "" if category is None else str(category), **named})


def _parameters(options: str) -> dict[str, str]:
    """The options as parameters of an address; what is null is not given."""
    if len(options) > LONGEST:
        raise Impossible(Fault("options", _("elles dépassent {most} caractères.").format(most=compact(LONGEST))))
    try:
        asked = json.loads(options.strip() or "{}")
    except (ValueError, RecursionError):
        asked = False
    asked = {} if asked is None else asked
    weights = asked.get("poids", {}) if isinstance(asked, dict) else False
    weights = {} if weights is None else weights
    if not isinstance(weights, dict):
        raise Impossible(Fault("options", 'elles s’écrivent en JSON, comme {"poids": {"mediation": 2}}.'))
    if strange := sorted(asked.keys() - OPTIONS):
        names = ", ".join(f"« {short(name)} »" for name in strange)
        raise Impossible(
            Fault("options", f"{names} n’en est pas une. Options possibles : {', '.join(sorted(OPTIONS))}.")
        )
    given = {name: value for name, value in asked.items() if name != "poids"}
    given |= {f"poids.{code}": weight for code, weight in weights.items()}
    return {name: _text(name, value) for name, value in given.items() if value is not None}


OPTIONS = {"poids", "agregation", "normalisation", "dans", "territoires"}


def _text(name: str, value: Any) -> str:
    """A value of the options as an address holds it; what no address can hold stays JSON, never a word of Python."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and name == "territoires":
        return " ".join(_text("", item) for item in value)
    if isinstance(value, float) and isfinite(value):
        return written(value)
    return json.dumps(value, ensure_ascii=False)


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
    where edition = (select edition from method where current) and peer_group = :categorie
),
simulation as materialized (
    select d.ref_area, floor({index} * 1000000 + 0.500001) / 1000000 as score
    from domaines d cross join poids p
)
select
    rank() over (order by x.score desc) as rang, t.name as territoire, x.score,
    s.rank as rang_publie, s.score as score_publie, x.ref_area
from simulation x
join scores s on s.edition = (select edition from method where current) and s.node = 'index' and s.ref_area = x.ref_area
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
