"""The tree of a composite index: leaves are columns of a matrix, every other node is a mean of its children."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_aggregate import MEANS, PARAMETRIC, Mean

# Beside a weight beyond this, the digits of the others are lost in the sum.
HEAVIEST = 1e12


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

    Leaves keep the order of the mapping. Raises ScoringError on a cycle, an unknown parent or weight, none or several
    roots, a weight that is negative or not finite, and weights that sum to 0.
    """
    unknown = sorted(({p for p in parents.values() if p is not None} | set(weights)) - set(parents))
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
    rules = {
        "doit être un nombre positif ou nul.": np.isfinite(found.weights) & (found.weights >= 0),
        "est trop grand : 10¹² au plus.": found.weights <= HEAVIEST,
    }
    for rule, meant in rules.items():
        if not meant.all():
            wrong = [name for name, right in zip(found.names, meant.tolist(), strict=True) if not right]
            raise ScoringError(f"Le poids de « {', '.join(wrong)} » {rule}")
    for place, below in enumerate(found.children):
        if below and found.weights[list(below)].sum() == 0:
            raise ScoringError(f"Les poids sous « {found.names[place]} » sont tous nuls : il n’y a rien à réunir.")
    return found


def aggregate(found: Tree, leaves: Floats, mean: str | Mapping[int, str] = "arithmetic", least: float = 0.0) -> Floats:
    """Scores of every node (n × k, in the tree's order) from those of the leaves (n × m), NaN where nothing is seen.

    `mean` names the aggregation of every node, or of each height from 1 up (see `mean_named`). A node of whose
    children a smaller share than `least` (0–1) has a score has none. Raises ScoringError when the leaves are not one
    column each, hold an infinite value, or a mean meets a score that it cannot take.
    """
    if leaves.ndim != 2 or leaves.shape[1] != found.leaves:
        raise ScoringError(f"Il faut une colonne pour chacun des {found.leaves} indicateurs.")
    infinite = [found.names[c] for c in np.flatnonzero(np.isinf(leaves).any(axis=0))]
    if infinite:
        raise ScoringError(f"Valeur infinie pour « {', '.join(infinite)} ».")
    # Columns one after the other in memory: a node reads and writes whole columns.
    scores = np.full((len(leaves), len(found.names)), np.nan, order="F")
    scores[:, : found.leaves] = leaves
    for place, below in enumerate(found.children):
        if below:
            columns = list(below)
            cells = scores[:, columns]
            step = _step(found, place, mean)
            _refuse(step, cells, [found.names[c] for c in columns])
            whole = step.function(cells, found.weights[columns])
            if least > 0:
                whole = np.where((~np.isnan(cells)).mean(axis=1) >= least, whole, np.nan)
            scores[:, place] = whole
    return scores


def mean_named(name: str) -> Mean:
    """The mean that a method calls « arithmetic », « geometric(floor=1) », « power(p=0.5) »…

    Raises ScoringError on an unknown name, and on a number that the mean cannot take.
    """
    if name in MEANS:
        return MEANS[name]
    kind, _, rest = name.partition("(")
    if kind in PARAMETRIC and rest.endswith(")"):
        expected, make = PARAMETRIC[kind]
        parameter, _, value = rest[:-1].rpartition("=")
        if parameter in ("", expected):
            return make(_number(name, expected, value))
    possible = ", ".join([*MEANS, *(f"{mean}({number}=…)" for mean, (number, _) in PARAMETRIC.items())])
    raise ScoringError(f"Agrégation inconnue : « {name} » ; sont possibles {possible}.")


def _number(name: str, parameter: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ScoringError(f"« {name} » : « {text} » n’est pas un nombre.") from error
    if not np.isfinite(value) or (parameter == "floor" and value <= 0):
        raise ScoringError(f"« {name} » : le paramètre doit être un nombre fini, et un plancher supérieur à 0.")
    return value


def _step(found: Tree, place: int, mean: str | Mapping[int, str]) -> Mean:
    if isinstance(mean, str):
        return mean_named(mean)
    height = found.heights[place]
    if height not in mean:
        raise ScoringError(f"Aucune agrégation déclarée à la hauteur {height}, celle de « {found.names[place]} ».")
    return mean_named(mean[height])


def _refuse(step: Mean, cells: Floats, names: list[str]) -> None:
    if not (step.positive or step.nonnegative):
        return
    bad = np.flatnonzero(((cells <= 0) if step.positive else (cells < 0)).any(axis=0))
    if bad.size:
        kind = "nuls ou négatifs" if step.positive else "négatifs"
        who = ", ".join(names[c] for c in bad)
        raise ScoringError(f"« {who} » a des scores {kind}, dont cette moyenne ne veut pas.")
