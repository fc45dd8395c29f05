"""Scores of every territory for one edition: observations laid out as matrices, scored, and written as rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from observatory import scoring
from observatory.aggregation import DECIMALS, Observation
from observatory.model import Framework, Indicator
from observatory.periods import end_month, year
from observatory.scoring import Bools, Floats

INDEX = "index"


@dataclass(frozen=True, slots=True)
class Place:
    """A territory to score: its identifier and the peer group (category) within which it is ranked, if any."""

    ref_area: str
    peer_group: str
    ranked: bool

    @property
    def level(self) -> str:
        """Level of the territory, which is the prefix of its identifier."""
        return self.ref_area.split("-")[0]


@dataclass(frozen=True)
class Node:
    """A column of the tree (an indicator, a domain or the index) scored for all places (arrays of length n)."""

    name: str
    kind: str
    score: Floats
    low: Floats
    high: Floats
    coverage: Floats
    level: Floats
    applicable: Bools
    min_coverage: float
    domains_seen: Floats | None = None


def latest(observations: Iterable[Observation], indicator: Indicator, time_period: str) -> dict[str, tuple[float, str]]:
    """Last value and its period for each territory, no later than `time_period` and at most `max_age` years older."""
    oldest = year(time_period) - indicator.max_age
    found: dict[str, tuple[float, str]] = {}
    for o in observations:
        if o.value is None or not oldest <= year(o.time_period) <= year(time_period):
            continue
        if o.ref_area not in found or end_month(o.time_period) > end_month(found[o.ref_area][1]):
            # As published, so that whoever starts from the published value finds the published score.
            found[o.ref_area] = (round(o.value, DECIMALS), o.time_period)
    return found


def score(
    framework: Framework, places: list[Place], values: dict[str, dict[str, tuple[float, str]]]
) -> Iterator[dict[str, object]]:
    """Rows of the table `scores`: every applicable node of the tree for every place.

    `values` gives, for each indicator's code, the value and period observed for each territory.
    """
    nodes = _indicator_nodes(framework, places, values)
    domains = _domain_nodes(framework, places, nodes)
    everything = [*nodes.values(), *domains, _index_node(framework, places, domains)]
    for node in everything:
        observed = values.get(node.name, {})
        yield from _rows(framework, places, _published(node), observed)


def _indicator_nodes(
    framework: Framework, places: list[Place], values: dict[str, dict[str, tuple[float, str]]]
) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for indicator in framework.scored:
        observed = values.get(indicator.code, {})
        raw = np.array([observed.get(p.ref_area, (np.nan,))[0] for p in places], dtype=np.float64)
        applies = np.array([p.level in indicator.levels for p in places], dtype=np.bool_)
        raw = np.where(applies, raw, np.nan)
        scored = scoring.normalise(raw, indicator.low, indicator.high)
        seen = (~np.isnan(scored)).astype(np.float64)
        found[indicator.code] = Node(
            name=indicator.code,
            kind="indicator",
            score=scored,
            low=np.where(np.isnan(scored), 0.0, scored),
            high=np.where(np.isnan(scored), 100.0, scored),
            coverage=seen,
            level=scoring.levels(raw, [float(t) for t in indicator.details["thresholds"]]),
            applicable=applies,
            min_coverage=1.0,
        )
    return found


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
        domains_seen=(~np.isnan(cells)).sum(axis=1).astype(np.float64),
    )


def _domain_nodes(framework: Framework, places: list[Place], nodes: dict[str, Node]) -> list[Node]:
    found = []
    for domain in framework.domains:
        indicators = [i for i in framework.scored if i.domain == domain.code]
        if indicators:
            weights = np.array([i.weight for i in indicators])
            node = _combine(domain.code, "domain", [nodes[i.code] for i in indicators], weights, framework.bands)
            found.append(_with_coverage(node, framework.min_coverage_domain))
    return found


def _index_node(framework: Framework, places: list[Place], domains: list[Node]) -> Node:
    weight = {d.code: d.weight for d in framework.domains}
    weights = np.array([weight[node.name] for node in domains])
    node = _combine(INDEX, "index", domains, weights, framework.bands)
    return _with_coverage(node, framework.min_coverage_index)


def _published(node: Node) -> Node:
    return replace(
        node,
        score=scoring.published(node.score),
        low=scoring.published(node.low),
        high=scoring.published(node.high),
        coverage=scoring.published(node.coverage),
    )


def _with_coverage(node: Node, minimum: float) -> Node:
    return replace(node, min_coverage=minimum)


def _rows(
    framework: Framework, places: list[Place], node: Node, observed: dict[str, tuple[float, str]]
) -> Iterator[dict[str, object]]:
    reasons = [_why_unranked(framework, place, node, row) for row, place in enumerate(places)]
    ranks = _ranks(places, node, reasons)
    for row, place in enumerate(places):
        if not node.applicable[row]:
            continue
        position, best, worst, peers = ranks.get(row, (None, None, None, None))
        yield {
            "ref_area": place.ref_area,
            "node": node.name,
            "node_type": node.kind,
            "time_period": framework.time_period,
            "edition": framework.edition,
            "score": _number(node.score[row]),
            "score_low": _number(node.low[row]),
            "score_high": _number(node.high[row]),
            "coverage": _number(node.coverage[row]),
            "level": _whole(node.level[row]),
            "rank": position,
            "rank_low": best,
            "rank_high": worst,
            "peer_group": place.peer_group,
            "peer_count": peers,
            "reason": reasons[row],
            "observed_period": observed[place.ref_area][1] if place.ref_area in observed else None,
        }


def _why_unranked(framework: Framework, place: Place, node: Node, row: int) -> str | None:
    if np.isnan(node.score[row]):
        return "Aucune donnée publiée pour ce territoire."
    if not place.ranked:
        return "Cette catégorie de territoires n’est pas classée."
    if node.coverage[row] < node.min_coverage:
        seen, needed = round(100 * float(node.coverage[row])), round(100 * node.min_coverage)
        return f"Données insuffisantes : {seen} % du poids est observé, il en faut {needed} %."
    if node.kind == INDEX and node.domains_seen is not None and node.domains_seen[row] < framework.min_domains:
        count = int(node.domains_seen[row])
        seen_domains = f"{count} domaines observés" if count > 1 else "un seul domaine observé"
        return f"Données insuffisantes : {seen_domains}, il en faut {framework.min_domains}."
    return None


def _ranks(
    places: list[Place], node: Node, reasons: list[str | None]
) -> dict[int, tuple[int | None, int | None, int | None, int | None]]:
    groups: dict[str, list[int]] = {}
    for row, place in enumerate(places):
        if reasons[row] is None and node.applicable[row]:
            groups.setdefault(place.peer_group, []).append(row)
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
