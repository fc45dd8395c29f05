"""How far the published scores and ranks depend on choices of the method: rows of two tables, for each peer group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory import scoring, scoring_tree
from observatory.languages import kept
from observatory.model import HEIGHTS, INDEX, Framework
from observatory.score_cells import Member, Values, cells_of, index_tree
from observatory.scoring import Bools, Floats
from observatory.scoring_designs import Design, saltelli
from observatory.scoring_levels import gated
from observatory.scoring_runs import Means, refuses_zero
from observatory.scoring_sensitivity import complete, intervals, outputs, sobol_indices
from observatory.scoring_tree import Tree
from observatory.scoring_uncertainty import (
    Judge,
    Ranks,
    Replications,
    level_shares,
    quantiles,
    rank_shift,
    replicate,
)
from observatory.scoring_variants import FACTORS, Alternatives, Published, Variants, variants

# What the view choice_shares calls the factors, for the catalogue of translations.
TITLES = (
    kept("Les poids"),
    kept("La façon de placer sur 100"),
    kept("La façon de réunir (moyenne)"),
    kept("Les bornes du 0 et du 100"),
    kept("Ce qui remplace une donnée manquante"),
)
TAILS = (0.05, 0.5, 0.95)
RESAMPLES = 400
Row = dict[str, object]


class Ranked(NamedTuple):
    """A territory that the method ranks at a node, in its peer group."""

    node: str
    peer_group: str
    ref_area: str


@dataclass(frozen=True)
class Group:
    """A peer group at a node of the tree: the territories ranked there, and the study of their variants."""

    framework: Framework
    node: str
    peer_group: str
    members: list[Member]
    study: Variants
    judge: Judge

    @property
    def key(self) -> Row:
        """The columns that both tables share."""
        return {"edition": self.framework.edition, "peer_group": self.peer_group}


def groups(framework: Framework, ranked: Iterable[Ranked], values: Values) -> Iterator[Group]:
    """The peer groups to study, from `ranked` in the order of node, peer group and territory.

    Only those of the index: without an index, a peer group has no place in a study of the whole method.
    """
    every = [(key, list(same)) for key, same in groupby(ranked, key=lambda r: (r.node, r.peer_group))]
    indexed = {peers for (node, peers), _ in every if node == INDEX}
    for (node, peer_group), same in every:
        if peer_group in indexed:
            members = [Member(one.ref_area, peer_group, True) for one in same]
            yield _group(framework, node, members, values)


def uncertainty_rows(group: Group) -> Iterator[Row]:
    """Rows of `score_uncertainty`: what scores, ranks and levels become when the method could have been otherwise.

    Ranks are over every variant that did not fail; scores and levels over the same variants with the published
    normalisation, since under another 0 and 100 mean something else.
    """
    points, study = _design(group.framework).base, group.study
    otherwise = replicate(study.published.tree, study.matrix, study.runs(points))
    same = replicate(study.published.tree, study.matrix, study.runs(study.on_scale(points)), group.judge)
    assert same.levels is not None
    scores = scoring.published(quantiles(same.scores, TAILS))
    # A rank that lies between two is rounded away from the middle: an interval must not promise too much.
    low, middle, high = quantiles(otherwise.ranks, TAILS)
    ranks = np.stack([np.floor(low), np.floor(middle + 0.5), np.ceil(high)]).astype(np.int64)
    shares = scoring.published(level_shares(same.levels, len(group.framework.levels)))
    for place, member in enumerate(group.members):
        yield {
            **group.key,
            "node": group.node,
            "ref_area": member.ref_area,
            **_named("score", scores[:, place]),
            **_named("rank", ranks[:, place]),
            **{f"p_level_{level}": float(share) for level, share in enumerate(shares[:, place], start=1)},
            "runs": len(otherwise.ranks),
            "score_runs": len(same.scores),
            "failed": otherwise.failed + same.failed,
        }


def sensitivity_rows(group: Group) -> Iterator[Row]:
    """Rows of `score_sensitivity`: which choice moves the ranks, for the group as a whole and for each territory.

    Of the group, the output is the mean absolute change of rank; of a territory, its rank. A rank that never moves
    has no cause and no row.
    """
    design = _design(group.framework)
    found = replicate(group.study.published.tree, group.study.matrix, group.study.runs(design.points))
    ranks = _in_place(found)
    both = np.column_stack([rank_shift(ranks, ranks[0]), ranks])
    points = complete(found.kept, design.size)
    blocks = outputs(both, design.size, points)
    indices = sobol_indices(blocks)
    random = np.random.default_rng(group.framework.uncertainty.seed)
    low, high = (_published(*ends) for ends in intervals(blocks, RESAMPLES, random))
    first, total = _published(*indices)
    for place, ref_area in enumerate([None, *(member.ref_area for member in group.members)]):
        if not indices.total[:, place].any():
            continue
        for row, factor in enumerate(FACTORS):
            yield {
                **group.key,
                "ref_area": ref_area,
                "factor": factor,
                "first_order": float(first[row, place]),
                "first_low": float(low[0][row, place]),
                "first_high": float(high[0][row, place]),
                "total_order": float(total[row, place]),
                "total_low": float(low[1][row, place]),
                "total_high": float(high[1][row, place]),
                "runs": len(points) * (len(FACTORS) + 2),
            }


def _published(first: Floats, total: Floats) -> tuple[Floats, Floats]:
    return scoring.published(first), scoring.published(total)


def _named(what: str, values: Floats | NDArray[np.int64]) -> Row:
    return {f"{what}_p{round(100 * tail):02}": value.item() for tail, value in zip(TAILS, values, strict=True)}


def _in_place(found: Replications) -> Ranks:
    """Ranks in the order of the design; those of a failed run are never read."""
    ranks = np.zeros((len(found.kept), found.ranks.shape[1]), dtype=np.int32)
    ranks[found.kept] = found.ranks
    return ranks


def _design(framework: Framework) -> Design:
    return saltelli(framework.uncertainty.runs, len(FACTORS))


def _group(framework: Framework, node: str, members: list[Member], values: Values) -> Group:
    whole = index_tree(framework)
    cells = cells_of(framework, members, values)
    own = _below(whole, node)
    # What no member has says nothing of them; what does not apply to them is part of that.
    unseen = [name for name, column in zip(whole.names, cells.score.T, strict=False) if np.isnan(column).all()]
    tree, _ = own.without([name for name in unseen if name in own.names])
    places = [whole.names.index(name) for name in tree.names[: tree.leaves]]
    published = _method(framework, tree, members, values, ~np.isnan(cells.share[:, places]))
    plan, normalisation = framework.uncertainty, str(framework.details.get("normalisation", "goalposts"))
    others = Alternatives(
        weights=plan.weights,
        goalposts=plan.goalposts,
        normalisation=tuple(dict.fromkeys((normalisation, *plan.normalisation))),
        aggregation=tuple(dict.fromkeys((published.means, *plan.aggregation))),
        missing=plan.missing,
    )
    study = variants(published, others, plan.runs, np.random.default_rng(plan.seed))
    coverage = scoring.published(scoring_tree.aggregate(whole, cells.share))
    parts = [whole.names.index(tree.names[child]) for child in tree.children[-1]]
    judge = _judge(framework, tree, coverage[:, parts] >= framework.min_coverage_domain)
    return Group(framework, node, members[0].peer_group, members, study, judge)


def _method(framework: Framework, tree: Tree, members: list[Member], values: Values, applies: Bools) -> Published:
    codes = tree.names[: tree.leaves]
    indicators = {i.code: i for i in framework.scored}
    seen = [[_value(values, code, member.ref_area) for code in codes] for member in members]
    return Published(
        tree=tree,
        values=np.where(applies, np.array(seen, dtype=np.float64), np.nan),
        applies=applies,
        low=np.array([indicators[code].low for code in codes]),
        high=np.array([indicators[code].high for code in codes]),
        means=_means(framework, tree),
        floor=framework.floor,
        floored=any(refuses_zero(framework.mean_of(height)) for height in HEIGHTS.values()),
    )


def _value(values: Values, code: str, ref_area: str) -> float:
    observed = values.get(code, {}).get(ref_area)
    return np.nan if observed is None or observed.value is None else observed.value


def _means(framework: Framework, tree: Tree) -> Means:
    names = tuple(framework.mean_of(height) for height in sorted(HEIGHTS.values()))[: max(tree.heights)]
    return names[0] if len(set(names)) == 1 else names


def _below(whole: Tree, node: str) -> Tree:
    """The tree of a node: what is below it."""
    if node == INDEX:
        return whole
    children = whole.children[whole.names.index(node)]
    parents: dict[str, str | None] = {whole.names[child]: node for child in children}
    return scoring_tree.tree({**parents, node: None}, {whole.names[c]: float(whole.weights[c]) for c in children})


def _judge(framework: Framework, tree: Tree, enough: Bools) -> Judge:
    """Level of each score; the index is held down by its weakest domain, among those covered `enough` (n × d)."""
    gate = framework.gate if tree.names[-1] == INDEX else None
    counted = [tree.names[child] in gate.domains or not gate.domains for child in tree.children[-1]] if gate else []

    def judge(scores: Floats, children: list[Floats], some: slice) -> Floats:
        levels = scoring.levels(scores, framework.bands)
        if gate is None or not any(counted):
            return levels
        parts = np.where(enough[some] & np.array(counted), np.stack(children, axis=-1), np.nan)
        return gated(levels, parts, framework.bands, gate.below)[0]

    return judge
