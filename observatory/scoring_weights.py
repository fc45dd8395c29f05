"""Weights of an index other than those that its method gives: equal, disturbed, or chosen for what they bring about."""

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_correlation import covariance
from observatory.scoring_tree import ScoringError, Tree

# Sums of shares this close to 1 are 1.
SAME = 1e-9


def equal_weights(tree: Tree) -> Floats:
    """One for every node (k): each counts as much as its siblings."""
    return np.ones(len(tree.names))


def noisy_weights(weights: Floats, draws: Floats, share: float) -> Floats:
    """Weights disturbed by at most ± `share` of themselves: w·(1 + (2u − 1)·share), each u (0–1) in `draws`.

    `draws` (… × k) may hold many replications. Rule of COINr's `get_noisy_weights`.
    """
    return np.asarray(weights + (draws * 2.0 - 1.0) * share * weights)


def optimised_weights(tree: Tree, scores: Floats, height: int, target: Floats) -> Floats:
    """Weights of all nodes (k), those at `height` bringing their correlations with the root nearest to `target`.

    `scores` (n × k) are those of every node, aggregated by arithmetic means; `target` (c, any scale) is the relative
    importance wanted of each node at that height, in the tree's order; rows with a hole are left out. With B the
    covariances of the nodes divided by their own deviation, the correlations are proportional to B·v, v the
    effective weights: to share them as the target is a linear least-squares problem under linear constraints (each
    family keeps its share of the root), solved exactly. Becker et al., Ecological Indicators 80 (2017), search for
    these weights; solved, they are nearest of all and depend on no starting point.

    A target out of reach of positive weights gives negative ones, which `Tree.reweighted` refuses by name. Raises
    ScoringError when these nodes do not make up the whole root, when one never
    varies, or when the nearest weights of a family sum to less than zero.
    """
    places = [place for place, high in enumerate(tree.heights) if high == height and tree.parents[place] >= 0]
    if abs(float(tree.effective_weights[places].sum()) - 1.0) > SAME:
        raise ScoringError(f"Les nœuds de hauteur {height} ne font pas tout l’indice : d’autres y pèsent à côté d’eux.")
    whole = scores[~np.isnan(scores[:, places]).any(axis=1)][:, places]
    cross = covariance(whole, whole)
    variances = np.diag(cross)
    if still := [tree.names[p] for p, variance in zip(places, variances, strict=True) if not variance > 0]:
        raise ScoringError(f"« {', '.join(still)} » ne varie pas : aucun poids ne change sa corrélation.")
    found = _nearest(cross / np.sqrt(variances)[:, None], target / target.sum(), _families(tree, places))
    if found is None:
        raise ScoringError("Cible hors d’atteinte : il y faudrait des poids dont la somme est négative.")
    weights = tree.weights.copy()
    weights[places] = found
    return weights


def _families(tree: Tree, places: list[int]) -> Floats:
    """Effective weight of the parent of each node (rows: families; columns: nodes), 0 outside its family."""
    parents = [tree.parents[place] for place in places]
    return np.array([[tree.effective_weights[p] if p == parent else 0.0 for p in parents] for parent in set(parents)])


def _nearest(slopes: Floats, target: Floats, families: Floats) -> Floats | None:
    """Effective weights v whose slopes·v, shared to sum to 1, is nearest to `target` (least squares); None if none.

    Unknowns are q = v ÷ (sum of slopes·v) and the common factor λ of the families' shares: minimise |slopes·q −
    target|² with sum(slopes·q) = 1 and, for each family, sum(q) = λ·share, by its normal equations with multipliers.
    """
    size = len(target)
    shares = families.max(axis=1)
    constraints = np.block(
        [[slopes.sum(axis=0)[None, :], np.zeros((1, 1))], [(families > 0).astype(float), -shares[:, None]]]
    )
    wide = np.hstack([slopes, np.zeros((size, 1))])
    count = len(constraints)
    system = np.block([[wide.T @ wide, constraints.T], [constraints, np.zeros((count, count))]])
    given = np.concatenate([wide.T @ target, [1.0], np.zeros(len(shares))])
    solved = np.linalg.lstsq(system, given, rcond=None)[0]
    factor = solved[size]
    return None if factor <= 0 else np.asarray(solved[:size] / factor)
