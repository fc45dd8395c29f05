"""What if: the published values scored anew by the same functions, with other weights, another mean, other peers."""

import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory import scoring, scoring_tree
from observatory.languages import gettext as _
from observatory.languages import ngettext
from observatory.model import INDEX as INDEX
from observatory.scoring import Bools, Floats
from observatory.scoring_normalise import normalise_by
from observatory.scoring_tree import Tree

Rows = NDArray[np.intp]


class Territory(NamedTuple):
    """A territory as published: where it stands, and why it is not ranked when it is not."""

    ref_area: str
    name: str
    peer_group: str
    score: float | None
    rank: int | None
    reason: str | None

    @property
    def level(self) -> str:
        """Level of the territory: the prefix of its identifier."""
        return self.ref_area.split("-")[0]


class Node(NamedTuple):
    """An indicator or a domain of the method, with the parent where it weighs."""

    code: str
    title: str
    parent: str
    weight: float


@dataclass(frozen=True, eq=False)
class Published:
    """What a database publishes and a simulation needs: n territories × m indicators, and the rules of the edition.

    `applicable` is 1 where the indicator is scored for the territory, else 0; `coverage` is 0 where there is no value.
    """

    edition: str
    min_domains: int
    min_coverage: float
    territories: tuple[Territory, ...]
    nodes: tuple[Node, ...]
    tree: Tree
    values: Floats
    normalised: Floats
    coverage: Floats
    applicable: Floats
    low: Floats
    high: Floats
    categories: Mapping[str, str]
    levels: Mapping[str, str]
    parents: Mapping[str, str]
    within: Mapping[str, frozenset[str]]

    @property
    def indicators(self) -> tuple[Node, ...]:
        """Nodes that are measured, in the order of the columns."""
        return tuple(node for node in self.nodes if node.parent != INDEX)

    @cached_property
    def rankable(self) -> Bools:
        """Whether the category of each territory is one that is ranked."""
        return np.array([territory.peer_group in self.categories for territory in self.territories], dtype=np.bool_)

    @cached_property
    def ranked_scores(self) -> Floats:
        """The published score of each territory that is ranked, NaN for the others."""
        scores = [t.score if t.rank is not None else None for t in self.territories]
        return np.array(scores, dtype=np.float64)

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """Category of each territory, by identifier."""
        return {territory.ref_area: territory.peer_group for territory in self.territories}

    @property
    def domains(self) -> tuple[Node, ...]:
        """Nodes just below the index."""
        return tuple(node for node in self.nodes if node.parent == INDEX)


@dataclass(frozen=True)
class Method:
    """How a simulation computes: names of `normalise_by` and of `aggregate`, weights by node (1,000 at most)."""

    normalisation: str
    aggregation: str
    weights: Mapping[str, float]


class Outcome(NamedTuple):
    """Arrays of length n; `needed` domains with a score make an index; a rank is NaN where it is withheld."""

    score: Floats
    coverage: Floats
    seen: Rows
    needed: NDArray[np.intp]
    rank: Floats


class Standing(NamedTuple):
    """Where the simulation places a territory; `published_rank` is counted among the same territories."""

    territory: Territory
    score: float | None
    rank: int | None
    published_rank: int | None
    reason: str | None

    @property
    def gain(self) -> int | None:
        """Places gained on the published ranking, negative when lost; None when not ranked in both."""
        return None if self.rank is None or self.published_rank is None else self.published_rank - self.rank


def published(path: str | Path) -> Published:
    """What the database at `path` publishes, read once for each state of the file."""
    state = Path(path).stat()
    return _read(str(path), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _read(path: str, changed: int, size: int) -> Published:
    db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    try:
        method = db.execute("select * from current_edition").fetchone()
        rows = db.execute(INDICATORS).fetchall()
        territories = tuple(Territory(*row) for row in db.execute(TERRITORIES))
        cells = _cells(db, [t.ref_area for t in territories], [row["code"] for row in rows])
        domains = {row["domain"]: Node(row["domain"], row["domain_title"], INDEX, row["domain_weight"]) for row in rows}
        leaves = [Node(row["code"], row["title"], row["domain"], row["weight"]) for row in rows]
        nodes = (*leaves, *domains.values())
        return Published(
            edition=method["edition"],
            min_domains=method["min_domains"],
            min_coverage=method["min_coverage_index"],
            territories=territories,
            nodes=nodes,
            tree=scoring_tree.tree(
                {n.code: n.parent for n in nodes} | {INDEX: None}, {n.code: n.weight for n in nodes}
            ),
            low=np.array([row["goalpost_low"] for row in rows]),
            high=np.array([row["goalpost_high"] for row in rows]),
            categories=dict(db.execute(CATEGORIES).fetchall()),
            levels=dict(db.execute(LEVELS).fetchall()),
            **_places(db, {t.ref_area for t in territories if t.rank is not None}),
            **cells,
        )
    finally:
        db.close()


INDICATORS = """
select i.code, i.short_title as title, i.domain, i.weight, i.goalpost_low, i.goalpost_high,
    d.title as domain_title, d.weight as domain_weight
from indicators i join domains d on d.code = i.domain
where i.status = 'active'
order by d.position, i.position
"""
TERRITORIES = """
select n.ref_area, t.name, n.peer_group, s.score, s.rank, s.reason
from normalised_values n
join territories t on t.ref_area = n.ref_area
join scores s on s.edition = n.edition and s.node = 'index' and s.ref_area = n.ref_area
where n.edition = (select edition from method where current)
order by n.ref_area
"""
CELLS = """
select r.ref_area, r.indicator, r.obs_value, r.score, r.coverage
from normalised_values n
join recalculated_indicators r on r.edition = n.edition and r.ref_area = n.ref_area
where n.edition = (select edition from method where current)
"""
CATEGORIES = """
select category, title_plural from categories
where ranked = 1 and category in (select peer_group from normalised_values)
order by position
"""
LEVELS = "select level, title_plural from levels order by position"
# A département sits among its own kind, below the régions.
PARENTS = """
select ref_area, name from territories
where level in ('REG', 'DEP') and valid_to is null
order by level = 'DEP', name
"""
# A département is in its région, an EPCI wherever one of its communes is.
WITHIN = """
select member, parent from memberships
where valid_to is null and parent_level = 'REG' and member like 'DEP-%'
union
select a.parent, b.parent from memberships a
join memberships b on b.member = a.member and b.valid_to is null and b.parent_level in ('DEP', 'REG')
where a.valid_to is null and a.parent_level = 'EPCI'
"""


def _cells(db: sqlite3.Connection, areas: list[str], codes: list[str]) -> dict[str, Any]:
    """The matrices of `Published`, one row an area and one column a code."""
    row_of, column_of = ({name: place for place, name in enumerate(names)} for names in (areas, codes))
    values, normalised = (np.full((len(areas), len(codes)), np.nan) for _ in range(2))
    coverage, applicable = np.zeros_like(values), np.zeros_like(values)
    for ref_area, code, value, score, share in db.execute(CELLS):
        place = row_of[ref_area], column_of[code]
        applicable[place], coverage[place] = 1.0, share
        if value is not None:
            values[place], normalised[place] = value, score
    return {"values": values, "normalised": normalised, "coverage": coverage, "applicable": applicable}


def _places(db: sqlite3.Connection, ranked: set[str]) -> dict[str, Any]:
    """Where each territory is, and the names of the places where somebody is ranked."""
    found: dict[str, set[str]] = {}
    for member, parent in db.execute(WITHIN):
        found.setdefault(member, set()).add(parent)
    peopled = set[str]().union(*(parents for member, parents in found.items() if member in ranked))
    return {
        "within": {member: frozenset(parents) for member, parents in found.items()},
        "parents": {area: name for area, name in db.execute(PARENTS) if area in peopled},
    }


def simulate(base: Published, rows: Rows, method: Method) -> list[Standing]:
    """The territories at these rows, scored by that method and ranked among themselves: ranked first, then by name.

    Raises ScoringError (French) when the weights, the mean or the normalisation have no meaning.
    """
    outcome = compute(base, rows, method)
    territories = [base.territories[row] for row in rows.tolist()]
    reasons = [
        None if ranked else _reason(base, territory, *why)
        for ranked, territory, *why in zip(
            (outcome.rank > 0).tolist(),
            territories,
            *(column.tolist() for column in (outcome.seen, outcome.coverage, outcome.needed)),
            strict=True,
        )
    ]
    before = _wholes(scoring.rank(base.ranked_scores[rows]))
    columns = (territories, _numbers(outcome.score), _wholes(outcome.rank), before, reasons)
    standings = [Standing(*row) for row in zip(*columns, strict=True)]
    return sorted(standings, key=lambda s: (s.rank is None, s.rank or 0, s.territory.name))


def compute(base: Published, rows: Rows, method: Method) -> Outcome:
    """Index, coverage and rank of the territories at these rows, by that method. Raises ScoringError."""
    weights = np.array([method.weights.get(name, 1.0) for name in base.tree.names])
    tree = base.tree.reweighted(weights)
    scores = scoring_tree.aggregate(tree, _leaves(base, rows, method.normalisation), method.aggregation)
    domains = list(tree.children[-1])
    inside = _inside(tree)
    applicable = base.applicable[rows] @ inside
    coverage = _coverage(base.coverage[rows] @ inside, applicable, tree)
    # Of too few domains, an index would only be one of them under another name; one weighed at nothing is not asked.
    needed = np.minimum(base.min_domains, ((applicable > 0) & (weights[domains] > 0)).sum(axis=1))
    seen = (~np.isnan(scores[:, domains]) & (weights[domains] > 0)).sum(axis=1)
    index = scoring.published(np.where(seen >= needed, scores[:, -1], np.nan))
    ranked = base.rankable[rows] & (seen >= needed) & (coverage >= base.min_coverage)
    return Outcome(index, coverage, seen, needed, scoring.rank(np.where(ranked, index, np.nan)))


def _leaves(base: Published, rows: Rows, normalisation: str) -> Floats:
    if normalisation == "goalposts":
        return base.normalised[rows]
    directions = np.where(base.high > base.low, 1.0, -1.0)
    return normalise_by(normalisation, base.values[rows], directions, base.low, base.high)


def _inside(tree: Tree) -> Floats:
    """Weights of the indicators (rows) in their own domain (columns), 0 elsewhere: a sum a domain in one product."""
    inside = np.zeros((tree.leaves, len(tree.children[-1])))
    for position, place in enumerate(tree.children[-1]):
        leaves = list(tree.children[place])
        inside[leaves, position] = tree.weights[leaves]
    return inside


def _coverage(observed: Floats, applicable: Floats, tree: Tree) -> Floats:
    """Observed share of the weight that applies to each row, from those of each domain (n × d)."""
    shares = observed / np.where(applicable > 0, applicable, 1.0)
    return scoring.published(scoring.coverage(shares, applicable > 0, tree.weights[list(tree.children[-1])]))


def _reason(base: Published, territory: Territory, seen: int, share: float, needed: int) -> str:
    """Why the territory is not ranked, by the rules of the edition applied to the weights of the simulation."""
    if not seen:
        return _("Rien de ce qui pèse ici n’est observé.")
    if seen < needed:
        said = ngettext(
            "Données insuffisantes : un seul domaine observé, il en faut {needed}.",
            "Données insuffisantes : {seen} domaines observés, il en faut {needed}.",
            seen,
        )
        return said.format(seen=seen, needed=needed)
    if territory.peer_group not in base.categories:
        return _("Cette catégorie de territoires n’est pas classée.")
    part, least = math.floor(100 * share), round(100 * base.min_coverage)
    said = _("Données insuffisantes : {part} % du poids choisi est observé, il en faut {least} %.")
    return said.format(part=part, least=least)


def _numbers(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _wholes(values: Floats) -> list[int | None]:
    return [None if np.isnan(value) else int(value) for value in values]
