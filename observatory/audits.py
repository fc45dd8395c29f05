"""Audit of the published index, one peer group at a time: rows of `audit_nodes` and `audit_correlations`.

Thresholds of a correlation: −0.4 (opposed) and 0.3 (weak) are those of COINr's `plot_corr`; 0.92, above which two
figures are held to be one, is ours, a little stricter than COINr's 0.9. A correlation that chance explains (p > 0.05,
as in COINr's `get_corr`) raises no flag of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from observatory import scoring, scoring_audit, scoring_correlation
from observatory.languages import kept
from observatory.model import HEIGHTS, INDEX, Framework
from observatory.score_cells import index_tree
from observatory.scoring import Floats
from observatory.scoring_pca import principal_components
from observatory.scoring_tree import ScoringError, Tree

# Fewer territories than this, and a correlation says nothing.
LEAST = 10
OPPOSED, WEAK, REDUNDANT = -0.4, 0.3, 0.92
CHANCE = 0.05

Row = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """Published scores of the ranked territories of a peer group: one row each, one column a node of the tree."""

    framework: Framework
    peer_group: str
    tree: Tree
    scores: Floats
    populations: Floats


def panels(
    framework: Framework, rows: Iterable[Mapping[str, Any]], populations: Mapping[str, float | None]
) -> list[Panel]:
    """One panel for each peer group of at least LEAST territories ranked by the index.

    `rows` are those of `scores`, of any edition; `populations` counts inhabitants by territory.
    """
    ranked: dict[str, list[str]] = {}
    scores: dict[tuple[str, str], float] = {}
    for row in rows:
        if row["edition"] == framework.edition and row["time_period"] == framework.time_period:
            if row["score"] is not None:
                scores[row["node"], row["ref_area"]] = row["score"]
            if row["node"] == INDEX and row["rank"] is not None:
                ranked.setdefault(row["peer_group"], []).append(row["ref_area"])
    large = {group: sorted(areas) for group, areas in sorted(ranked.items()) if len(areas) >= LEAST}
    return [_panel(framework, group, areas, scores, populations) for group, areas in large.items()]


def _panel(
    framework: Framework,
    group: str,
    areas: list[str],
    scores: Mapping[tuple[str, str], float],
    populations: Mapping[str, float | None],
) -> Panel:
    found = index_tree(framework)
    empty = [name for name in found.names[: found.leaves] if not any((name, area) in scores for area in areas)]
    found, _ = found.without(empty)
    cells = [[scores.get((name, area), np.nan) for name in found.names] for area in areas]
    inhabitants = [populations.get(area) for area in areas]
    return Panel(
        framework,
        group,
        found,
        np.array(cells, dtype=np.float64),
        np.array([np.nan if p is None else p for p in inhabitants], dtype=np.float64),
    )


def node_rows(found: Iterable[Panel]) -> Iterator[Row]:
    """Rows of `audit_nodes`: what each node of the tree weighs on paper, and what it weighs in fact."""
    for panel in found:
        index = panel.scores[:, -1:]
        parts = _parts(panel)
        with_index = _measured(panel.scores, index)
        chance = scoring_correlation.p_values(with_index, scoring_correlation.common_rows(panel.scores, index))
        with_population = _measured(panel.scores, panel.populations[:, None], ranked=True)[:, 0]
        for place, name in enumerate(panel.tree.names):
            root = panel.tree.parents[place] < 0
            together = None if root else _number(with_index[place, 0])
            yield {
                "edition": panel.framework.edition,
                "peer_group": panel.peer_group,
                "node": name,
                "nominal_weight": float(panel.tree.weights[place]),
                "effective_weight": _number(panel.tree.effective_weights[place]),
                "correlation_index": together,
                "influence": None if together is None else _number(together**2),
                "variance_share": _number(parts[place]),
                "correlation_parent": None if root else _with_parent(panel, place),
                "correlation_population": _number(with_population[place]),
                **_coherence(panel, place),
                **_drop_one(panel, place),
                "n": int((~np.isnan(panel.scores[:, place])).sum()),
                "flag": _node_flag(together, chance[place, 0]),
            }


def correlation_rows(found: Iterable[Panel]) -> Iterator[Row]:
    """Rows of `audit_correlations`: every pair of indicators and every pair of domains."""
    for panel in found:
        linear = _measured(panel.scores, panel.scores)
        ranked = _measured(panel.scores, panel.scores, ranked=True)
        rows = scoring_correlation.common_rows(panel.scores, panel.scores)
        chance = scoring_correlation.p_values(linear, rows)
        for a, b in combinations(range(len(panel.tree.names)), 2):
            if panel.tree.heights[a] == panel.tree.heights[b]:
                yield {
                    "edition": panel.framework.edition,
                    "peer_group": panel.peer_group,
                    "node_a": panel.tree.names[a],
                    "node_b": panel.tree.names[b],
                    "pearson": _number(linear[a, b]),
                    "spearman": _number(ranked[a, b]),
                    "p_value": _number(chance[a, b]),
                    "n": int(rows[a, b]),
                    "flag": _pair_flag(_number(linear[a, b]), _number(chance[a, b])),
                }


def _measured(left: Floats, right: Floats, *, ranked: bool = False) -> Floats:
    """Correlations (p × q) over at least LEAST common rows, Spearman's if `ranked`, else Pearson's."""
    measure = scoring_correlation.spearman if ranked else scoring_correlation.pearson
    return np.where(scoring_correlation.common_rows(left, right) >= LEAST, measure(left, right), np.nan)


def _parts(panel: Panel) -> Floats:
    """Shares of the variance (k); NaN where the index is not a sum of its parts."""
    if all(panel.framework.mean_of(height) == "arithmetic" for height in HEIGHTS.values()):
        return scoring_audit.variance_shares(panel.tree, panel.scores)
    return np.full(len(panel.tree.names), np.nan)


def _with_parent(panel: Panel, place: int) -> float | None:
    parent = panel.tree.parents[place]
    return _number(_measured(panel.scores[:, [place]], panel.scores[:, [parent]])[0, 0])


def _coherence(panel: Panel, place: int) -> Row:
    below = list(panel.tree.children[place])
    cells = panel.scores[:, below]
    if len(below) < 2:
        return {"cronbach_alpha": None, "first_component": None}
    try:
        share = _number(principal_components(cells, tuple(panel.tree.names[c] for c in below)).shares[0])
    except ScoringError:
        # A child that never varies has no component.
        share = None
    return {"cronbach_alpha": _number(scoring_audit.cronbach_alpha(cells)), "first_component": share}


def _drop_one(panel: Panel, place: int) -> Row:
    shifts: tuple[float | None, float | None] = (None, None)
    if panel.tree.parents[place] >= 0:
        try:
            leaves = panel.scores[:, : panel.tree.leaves]
            drop = scoring_audit.drop_one(panel.tree, leaves, panel.tree.names[place], panel.framework.mean)
            shifts = _number(drop.mean_shift), _number(drop.max_shift)
        except ScoringError:
            # Nothing is left without it.
            pass
    return {"drop_one_mean_rank_shift": shifts[0], "drop_one_max_rank_shift": shifts[1]}


def _node_flag(correlation: float | None, chance: float) -> str | None:
    if correlation is None or WEAK <= correlation < REDUNDANT:
        return None
    if correlation >= REDUNDANT:
        return kept("dominant")
    return kept("contraire") if correlation <= OPPOSED and chance <= CHANCE else kept("muet")


def _pair_flag(correlation: float | None, chance: float | None) -> str | None:
    if correlation is None or chance is None or chance > CHANCE:
        return None
    if correlation >= REDUNDANT:
        return kept("redondants")
    return kept("opposés") if correlation <= OPPOSED else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(scoring.published(np.asarray(value)))
