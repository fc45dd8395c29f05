"""Scores of every territory for one edition: observations laid out as matrices, scored, and written as rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from observatory import scoring
from observatory.aggregation import DECIMALS, Observation
from observatory.model import Framework, Indicator
from observatory.periods import end_month, year
from observatory.scoring import Bools, Floats

INDEX = "index"


@dataclass(frozen=True, slots=True)
class Member:
    """A territory to score, as a member of the peer group (category) within which it may be ranked."""

    ref_area: str
    peer_group: str
    ranked: bool

    @property
    def level(self) -> str:
        """Level of the territory, which is the prefix of its identifier."""
        return self.ref_area.split("-")[0]


@dataclass(frozen=True)
class Node:
    """A column of the tree (an indicator, a domain or the index) scored for all territories (arrays of length n)."""

    name: str
    kind: str
    score: Floats
    low: Floats
    high: Floats
    coverage: Floats
    level: Floats
    applicable: Bools
    min_coverage: float
    children_seen: Floats
    children_applicable: Floats


class Observed(NamedTuple):
    """The value of an indicator that counts for a territory, with its period and its coverage (0–1)."""

    value: float
    period: str
    coverage: float


Values = dict[str, dict[str, Observed]]


def latest(observations: Iterable[Observation], indicator: Indicator, time_period: str) -> dict[str, Observed]:
    """Last observation of each territory, no later than `time_period` and at most `max_age` years older."""
    oldest = year(time_period) - indicator.max_age
    found: dict[str, Observed] = {}
    for o in observations:
        if o.value is None or not oldest <= year(o.time_period) <= year(time_period):
            continue
        if o.ref_area not in found or end_month(o.time_period) > end_month(found[o.ref_area].period):
            # As published, so that whoever starts from the published value finds the published score.
            found[o.ref_area] = Observed(round(o.value, DECIMALS), o.time_period, o.coverage)
    return found


def score(framework: Framework, members: list[Member], values: Values) -> Iterator[dict[str, object]]:
    """Rows of the table `scores`: every applicable node of the tree for every territory.

    `values` gives, for each indicator's code, what is observed for each territory.
    """
    nodes = {i.code: _indicator_node(framework, members, i, values.get(i.code, {})) for i in framework.scored}
    domains = _domain_nodes(framework, nodes)
    for node in (*nodes.values(), *domains, _index_node(framework, domains)):
        yield from _rows(framework, members, _published(node), values.get(node.name, {}))


def _indicator_node(
    framework: Framework, members: list[Member], indicator: Indicator, observed: dict[str, Observed]
) -> Node:
    nothing = Observed(np.nan, "", 0.0)
    applies = np.array([m.level in indicator.scored_levels for m in members], dtype=np.bool_)
    cells = [observed.get(m.ref_area, nothing) for m in members]
    raw = np.where(applies, np.array([cell.value for cell in cells], dtype=np.float64), np.nan)
    share = np.where(np.isnan(raw), 0.0, np.array([cell.coverage for cell in cells], dtype=np.float64))
    scored = scoring.normalise(raw, indicator.low, indicator.high)
    # What the value does not cover may be worth 0 or 100, as a missing cell may.
    known = np.nan_to_num(scored) * share
    return Node(
        name=indicator.code,
        kind="indicator",
        score=scored,
        low=known,
        high=known + 100.0 * (1.0 - share),
        coverage=share,
        level=scoring.levels(raw, [float(t) for t in indicator.details["thresholds"]]),
        applicable=applies,
        min_coverage=framework.min_coverage_domain,
        children_seen=np.ones(len(members)),
        children_applicable=np.ones(len(members)),
    )


def _combine(name: str, kind: str, children: list[Node], weights: Floats, bands: list[float]) -> Node:
    cells = np.column_stack([c.score for c in children])
    applies = np.column_stack([c.applicable for c in children])
    lows, highs = np.column_stack([c.low for c in children]), np.column_stack([c.high for c in children])
    shares = np.nan_to_num(np.column_stack([c.coverage for c in children]))
    mean = scoring.weighted_mean(cells, weights)
    low, high = scoring.bounds(lows, highs, applies, weights)
    return Node(
        name=name,
        kind=kind,
        score=mean,
        low=low,
        high=high,
        coverage=scoring.coverage(shares, applies, weights),
        level=scoring.levels(mean, bands),
        applicable=np.asarray(applies.any(axis=1)),
        min_coverage=0.0,
        children_seen=np.asarray((~np.isnan(cells)).sum(axis=1), dtype=np.float64),
        children_applicable=np.asarray(applies.sum(axis=1), dtype=np.float64),
    )


def _domain_nodes(framework: Framework, nodes: dict[str, Node]) -> list[Node]:
    found = []
    for domain in framework.domains:
        indicators = [i for i in framework.scored if i.domain == domain.code]
        if indicators:
            weights = np.array([i.weight for i in indicators])
            node = _combine(domain.code, "domain", [nodes[i.code] for i in indicators], weights, framework.bands)
            found.append(replace(node, min_coverage=framework.min_coverage_domain))
    return found


def _index_node(framework: Framework, domains: list[Node]) -> Node:
    weight = {d.code: d.weight for d in framework.domains}
    weights = np.array([weight[node.name] for node in domains])
    node = _combine(INDEX, "index", domains, weights, framework.bands)
    # Of too few domains, an index would only be one of them under another name.
    enough = node.children_seen >= framework.min_domains
    return replace(
        node,
        score=np.where(enough, node.score, np.nan),
        level=np.where(enough, node.level, np.nan),
        min_coverage=framework.min_coverage_index,
    )


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
        _why_unranked(framework, member, node, row) if node.applicable[row] else None
        for row, member in enumerate(members)
    ]
    ranks = _ranks(members, node, reasons)
    for row, member in enumerate(members):
        if not node.applicable[row]:
            continue
        position, best, worst, peers = ranks.get(row, (None, None, None, None))
        yield {
            "ref_area": member.ref_area,
            "node": node.name,
            "node_type": node.kind,
            "time_period": framework.time_period,
            "edition": framework.edition,
            "score": _number(node.score[row]),
            "score_low": _number(node.low[row]),
            "score_high": _number(node.high[row]),
            "coverage": _number(node.coverage[row]),
            "domains_observed": int(node.children_seen[row]) if node.kind == INDEX else None,
            # A level is a judgement: too little data, no judgement.
            "level": None if position is None and member.ranked else _whole(node.level[row]),
            "rank": position,
            "rank_low": best,
            "rank_high": worst,
            "peer_group": member.peer_group,
            "peer_count": peers,
            "reason": reasons[row],
            "observed_period": observed[member.ref_area].period if member.ref_area in observed else None,
        }


def _why_unranked(framework: Framework, member: Member, node: Node, row: int) -> str | None:
    needed = framework.min_domains
    if node.kind == INDEX and node.children_applicable[row] < needed:
        count, total = int(node.children_applicable[row]), len(framework.domains)
        some = f"que dans {count} domaine{'s' if count > 1 else ''} sur {total}" if count else "dans aucun domaine"
        return f"La méthode n’a de données {some} à cet échelon ; il en faut {needed} pour un indice."
    seen = int(node.children_seen[row])
    if node.kind == INDEX and 0 < seen < needed:
        some = f"{seen} domaines observés" if seen > 1 else "un seul domaine observé"
        return f"Données insuffisantes : {some}, il en faut {needed}."
    if np.isnan(node.score[row]):
        return "Aucune donnée publiée pour ce territoire."
    if not member.ranked:
        return "Cette catégorie de territoires n’est pas classée."
    if node.coverage[row] < node.min_coverage:
        share, least = round(100 * float(node.coverage[row])), round(100 * node.min_coverage)
        return f"Données insuffisantes : {share} % du poids est observé, il en faut {least} %."
    return None


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
        for row, *numbers in zip(rows, ranks, best, worst, strict=True):
            found[row] = (_whole(numbers[0]), _whole(numbers[1]), _whole(numbers[2]), len(rows))
    return found


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
