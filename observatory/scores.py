"""Scores of every territory for one edition: observations laid out as matrices, scored, and written as rows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from observatory import scoring, scoring_tree
from observatory.languages import kept
from observatory.model import INDEX, Framework
from observatory.score_cells import MISSING, NOT_APPLICABLE, NOTHING, SUPPRESSED, Cells, Statuses, cells_of, index_tree
from observatory.score_cells import Member as Member
from observatory.score_cells import Observed as Observed
from observatory.score_cells import Values as Values
from observatory.score_cells import latest as latest
from observatory.scoring import Bools, Floats
from observatory.scoring_levels import gated
from observatory.scoring_tree import Tree

KINDS = ("indicator", "domain", "index")
WITHOUT = {
    MISSING: kept("Aucune donnée publiée pour ce territoire."),
    NOT_APPLICABLE: kept("Sans objet pour ce territoire."),
    SUPPRESSED: kept("La valeur est couverte par le secret statistique."),
}
UNRANKED = kept("Cette catégorie de territoires n’est pas classée.")
# By number of domains that have data: none, one, more.
NO_DATA = (
    kept("La méthode n’a de données dans aucun domaine à cet échelon ; il en faut {needed} pour un indice."),
    kept(
        "La méthode n’a de données que dans {count} domaine sur {total} à cet échelon ; "
        "il en faut {needed} pour un indice."
    ),
    kept(
        "La méthode n’a de données que dans {count} domaines sur {total} à cet échelon ; "
        "il en faut {needed} pour un indice."
    ),
)
ONE_SEEN = kept("Données insuffisantes : un seul domaine observé, il en faut {needed}.")
MORE_SEEN = kept("Données insuffisantes : {seen} domaines observés, il en faut {needed}.")
LITTLE_WEIGHT = kept("Données insuffisantes : {share} % du poids est observé, il en faut {least} %.")


@dataclass(frozen=True)
class Node:
    """A node of the tree (an indicator, a domain or the index) scored for all territories (arrays of length n).

    `status` says of an indicator what each cell is; `capped_by` of the index which domain holds its level down.
    """

    name: str
    kind: str
    score: Floats
    low: Floats
    high: Floats
    coverage: Floats
    level: Floats
    applicable: Bools
    min_coverage: float
    children_seen: NDArray[np.intp]
    children_applicable: NDArray[np.intp]
    status: Statuses
    capped_by: Statuses


def score(framework: Framework, members: list[Member], values: Values) -> Iterator[dict[str, object]]:
    """Rows of the table `scores`: every applicable node of the tree for every territory, and what is not applicable.

    `values` gives, for each indicator's code, what is observed for each territory.
    """
    for node in _nodes(framework, cells_of(framework, members, values)):
        yield from _rows(framework, members, _published(node), values.get(node.name, {}))


def _nodes(framework: Framework, cells: Cells) -> Iterator[Node]:
    """Every node of the tree, indicators first; a level is that of the score, then of the gate."""
    tree = index_tree(framework)
    score, low, high = (scoring_tree.aggregate(tree, m, framework.mean) for m in (cells.score, cells.low, cells.high))
    coverage = scoring_tree.aggregate(tree, cells.share)
    # Of too few domains, an index would only be one of them under another name.
    enough = (~np.isnan(score[:, list(tree.children[-1])])).sum(axis=1) >= framework.min_domains
    score[:, -1] = np.where(enough, score[:, -1], np.nan)
    nobody: Statuses = (None,) * len(score)
    for place, name in enumerate(tree.names):
        below, capped_by = list(tree.children[place]), nobody
        level = scoring.levels(score[:, place], framework.bands) if below else cells.level[:, place]
        if name == INDEX and framework.gate:
            level, capped_by = _gate(framework, tree, level, score, coverage)
        kind = KINDS[tree.heights[place]]
        yield Node(
            name=name,
            kind=kind,
            score=score[:, place],
            low=low[:, place],
            high=high[:, place],
            coverage=coverage[:, place],
            level=level,
            applicable=~np.isnan(coverage[:, place]),
            min_coverage=framework.min_coverage_index if kind == INDEX else framework.min_coverage_domain,
            children_seen=(~np.isnan(score[:, below])).sum(axis=1),
            children_applicable=(~np.isnan(coverage[:, below])).sum(axis=1),
            status=nobody if below else cells.status[place],
            capped_by=capped_by,
        )


def _gate(framework: Framework, tree: Tree, level: Floats, score: Floats, coverage: Floats) -> tuple[Floats, Statuses]:
    """The index's levels held down by the weakest domain of which enough is observed to judge it, and that domain."""
    assert framework.gate
    places = [p for p in tree.children[-1] if tree.names[p] in (framework.gate.domains or tree.names)]
    if not places:
        return level, (None,) * len(level)
    judged = scoring.published(coverage[:, places]) >= framework.min_coverage_domain
    parts = np.where(judged, score[:, places], np.nan)
    found, weakest = gated(level, parts, framework.bands, framework.gate.below)
    return found, tuple(None if place < 0 else tree.names[places[place]] for place in weakest.tolist())


def _published(node: Node) -> Node:
    return replace(
        node,
        score=scoring.published(node.score),
        low=scoring.published(node.low),
        high=scoring.published(node.high),
        coverage=scoring.published(node.coverage),
    )


def _rows(
    framework: Framework, members: list[Member], node: Node, observed: dict[str, Observed]
) -> Iterator[dict[str, object]]:
    reasons = [
        _why_unranked(framework, member, node, row) if node.applicable[row] else WITHOUT[NOT_APPLICABLE]
        for row, member in enumerate(members)
    ]
    ranks = _ranks(members, node, reasons)
    # As lists of Python's own numbers, made once: a cell of a matrix asked for alone is slow.
    score, low, high, coverage = map(_numbers, (node.score, node.low, node.high, node.coverage))
    level, applicable, seen = _wholes(node.level), node.applicable.tolist(), node.children_seen.tolist()
    for row, member in enumerate(members):
        if not applicable[row] and node.status[row] != NOT_APPLICABLE:
            continue
        position, best, worst, peers = ranks.get(row, (None, None, None, None))
        unjudged = reasons[row] not in (None, UNRANKED)
        yield {
            "ref_area": member.ref_area,
            "node": node.name,
            "node_type": node.kind,
            "time_period": framework.time_period,
            "edition": framework.edition,
            "score": score[row],
            "score_low": low[row],
            "score_high": high[row],
            "coverage": coverage[row],
            "domains_observed": seen[row] if node.kind == INDEX else None,
            # A level is a judgement: too little data, no judgement.
            "level": None if unjudged else level[row],
            "capped_by": None if unjudged else node.capped_by[row],
            "rank": position,
            "rank_low": best,
            "rank_high": worst,
            "peer_group": member.peer_group,
            "peer_count": peers,
            "reason": reasons[row],
            "observed_period": observed.get(member.ref_area, NOTHING).period or None,
            "status": node.status[row],
        }


def _why_unranked(framework: Framework, member: Member, node: Node, row: int) -> str | None:
    needed = framework.min_domains
    if node.kind == INDEX and node.children_applicable[row] < needed:
        count, total = int(node.children_applicable[row]), len(framework.domains)
        return NO_DATA[min(count, 2)].format(count=count, total=total, needed=needed)
    seen = int(node.children_seen[row])
    if node.kind == INDEX and 0 < seen < needed:
        return (MORE_SEEN if seen > 1 else ONE_SEEN).format(seen=seen, needed=needed)
    if np.isnan(node.score[row]):
        return WITHOUT[node.status[row] or MISSING]
    if node.coverage[row] < node.min_coverage:
        # Rounded down, or 66.6 would read as the 67 that is asked.
        share, least = math.floor(100 * float(node.coverage[row])), round(100 * node.min_coverage)
        return LITTLE_WEIGHT.format(share=share, least=least)
    return None if member.ranked else UNRANKED


def _ranks(
    members: list[Member], node: Node, reasons: list[str | None]
) -> dict[int, tuple[int | None, int | None, int | None, int | None]]:
    groups: dict[str, list[int]] = {}
    for row, member in enumerate(members):
        if reasons[row] is None and node.applicable[row]:
            groups.setdefault(member.peer_group, []).append(row)
    found: dict[int, tuple[int | None, int | None, int | None, int | None]] = {}
    for rows in groups.values():
        ranks = scoring.rank(node.score[rows])
        best, worst = scoring.rank_interval(node.score[rows], node.low[rows], node.high[rows])
        for row, *numbers in zip(rows, _wholes(ranks), _wholes(best), _wholes(worst), strict=True):
            found[row] = (numbers[0], numbers[1], numbers[2], len(rows))
    return found


def _numbers(values: Floats) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 (only NaN is not itself)


def _wholes(values: Floats) -> list[int | None]:
    return [None if value is None else int(value) for value in _numbers(values)]
