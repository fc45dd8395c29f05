"""The tree of a composite index: leaves are columns of a matrix, every other node is a mean of its children."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_aggregate import MEANS, Mean


class ScoringError(ValueError):
    """What is asked has no score; the message says in French which node or indicator, and why."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Nodes of an index, leaves first in the order of the matrix's columns, each parent after its children.

    `parents[i]` is the place of the parent of node i (-1: the root, which is last); `weights[i]` its weight there.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    weights: Floats

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Places of the children of each node, none for a leaf."""
        found: list[list[int]] = [[] for _ in self.names]
        for place, parent in enumerate(self.parents):
            if parent >= 0:
                found[parent].append(place)
        return tuple(map(tuple, found))

    @cached_property
    def leaves(self) -> int:
        """Number of leaves: the columns that a matrix of indicators must have."""
        return sum(not below for below in self.children)

    @cached_property
    def heights(self) -> tuple[int, ...]:
        """0 for a leaf, one more than its highest child for any other node."""
        found: list[int] = []
        for below in self.children:
            found.append(1 + max((found[child] for child in below), default=-1))
        return tuple(found)

    @cached_property
    def effective_weights(self) -> Floats:
        """Share of the root that each node weighs when nothing is missing: weights multiplied down the tree, root 1."""
        shares = np.ones(len(self.names))
        for place in reversed(range(len(self.names))):
            if below := list(self.children[place]):
                shares[below] = shares[place] * self.weights[below] / self.weights[below].sum()
        return shares

    def reweighted(self, weights: Floats) -> "Tree":
        """The same tree with other weights (one a node). Raises ScoringError on weights that mean nothing."""
        return _checked(Tree(self.names, self.parents, np.asarray(weights, dtype=np.float64)))

    def without(self, names: Collection[str]) -> tuple["Tree", tuple[int, ...]]:
        """The tree without these nodes, all that is below them and parents left empty; places of the leaves kept.

        Weights stay as they were, relative to fewer siblings. Raises ScoringError on an unknown name, when nothing
        is left, and when a node keeps only children that weigh nothing.
        """
        if unknown := sorted(set(names) - set(self.names)):
            raise ScoringError(f"Nœud inconnu : « {', '.join(unknown)} » n’est pas dans l’arbre.")
        dropped = [name in names for name in self.names]
        for place in reversed(range(len(dropped))):
            dropped[place] |= self.parents[place] >= 0 and dropped[self.parents[place]]
        for place, below in enumerate(self.children):
            dropped[place] |= bool(below) and all(dropped[child] for child in below)
        kept = [place for place, gone in enumerate(dropped) if not gone]
        if not kept:
            raise ScoringError(f"Sans « {', '.join(sorted(names))} », il ne reste rien de l’arbre.")
        moved = {old: new for new, old in enumerate(kept)} | {-1: -1}
        parents = tuple(moved[self.parents[old]] for old in kept)
        rest = Tree(tuple(self.names[old] for old in kept), parents, self.weights[kept])
        return _checked(rest), tuple(old for old in kept if old < self.leaves)


def tree(parents: Mapping[str, str | None], weights: Mapping[str, float]) -> Tree:
    """The tree whose nodes have the given parents (None: the root) and weights (1 where none is given).

    Leaves keep the order of the mapping. Raises ScoringError on a cycle, an unknown parent, none or several roots,
    a weight that is negative or not finite, and weights that sum to 0.
    """
    unknown = sorted({p for p in parents.values() if p is not None and p not in parents})
    if unknown:
        raise ScoringError(f"Nœud inconnu : « {', '.join(unknown)} » n’est pas dans l’arbre.")
    below: dict[str, list[str]] = {name: [] for name in parents}
    for name, parent in parents.items():
        if parent is not None:
            below[parent].append(name)
    try:
        order = list(TopologicalSorter(below).static_order())
    except CycleError as error:
        raise ScoringError(f"L’arbre tourne en rond : {' → '.join(error.args[1])}.") from error
    roots = [name for name, parent in parents.items() if parent is None]
    if len(roots) != 1:
        raise ScoringError(
            f"Un indice a une seule racine ; celui-ci en a {len(roots)} : {', '.join(roots) or 'aucune'}."
        )
    leaves = [name for name in parents if not below[name]]
    names = (*leaves, *(name for name in order if below[name]))
    places = {name: place for place, name in enumerate(names)}
    found = tuple(-1 if (parent := parents[name]) is None else places[parent] for name in names)
    return _checked(Tree(names, found, np.array([weights.get(name, 1.0) for name in names])))


def _checked(found: Tree) -> Tree:
    wrong = [name for name, w in zip(found.names, found.weights, strict=True) if not (np.isfinite(w) and w >= 0)]
    if wrong:
        raise ScoringError(f"Le poids de « {', '.join(wrong)} » doit être un nombre positif ou nul.")
    for place, below in enumerate(found.children):
        if below and found.weights[list(below)].sum() == 0:
            raise ScoringError(f"Les poids sous « {found.names[place]} » sont tous nuls : il n’y a rien à réunir.")
    return found


def aggregate(found: Tree, leaves: Floats, mean: str | Mapping[int, str] = "arithmetic") -> Floats:
    """Scores of every node (n × k, in the tree's order) from those of the leaves (n × m), NaN where nothing is seen.

    `mean` names the aggregation of every node, or of each height from 1 up (see MEANS). Raises ScoringError when
    the leaves are not one column each, hold an infinite value, or a mean meets a score that it cannot take.
    """
    if leaves.ndim != 2 or leaves.shape[1] != found.leaves:
        raise ScoringError(f"Il faut une colonne pour chacun des {found.leaves} indicateurs.")
    infinite = [found.names[c] for c in np.flatnonzero(np.isinf(leaves).any(axis=0))]
    if infinite:
        raise ScoringError(f"Valeur infinie pour « {', '.join(infinite)} ».")
    scores = np.full((len(leaves), len(found.names)), np.nan)
    scores[:, : found.leaves] = leaves
    for place, below in enumerate(found.children):
        if below:
            step = _mean(mean if isinstance(mean, str) else mean[found.heights[place]])
            columns = list(below)
            cells = scores[:, columns]
            if step.positive and (bad := np.flatnonzero((cells <= 0).any(axis=0))).size:
                names = ", ".join(found.names[columns[c]] for c in bad)
                raise ScoringError(f"« {names} » a des scores nuls ou négatifs, dont cette moyenne ne veut pas.")
            scores[:, place] = step.function(cells, found.weights[columns])
    return scores


def _mean(name: str) -> Mean:
    if name not in MEANS:
        raise ScoringError(f"Agrégation inconnue : « {name} » ; sont possibles {', '.join(MEANS)}.")
    return MEANS[name]
