"""Principal components of scores: whether one figure may stand for several, and with which weights it would best."""

from dataclasses import dataclass

import numpy as np

from observatory.scoring import Floats
from observatory.scoring_columns import checked
from observatory.scoring_tree import ScoringError, Tree

# Loadings this close in size are the same for the choice of a sign.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Components:
    """`deviations` (c) of the components, the greatest first, and `loadings` (m × c): the share of each column in each.

    A sign is arbitrary in principle; here the largest loading of a component, or the first of those, is positive.
    """

    deviations: Floats
    loadings: Floats

    @property
    def shares(self) -> Floats:
        """Share (0–1) of the columns' variance that each component explains."""
        variances = self.deviations**2
        return np.asarray(variances / variances.sum())


def principal_components(cells: Floats, names: tuple[str, ...]) -> Components:
    """Components of standardised columns (n × m, one name each), over the rows that have no hole.

    As R's `prcomp(scale = TRUE)`: divisor n − 1, min(n, m) components. OECD/JRC Handbook (2008), step 4. Raises
    ScoringError when a value is infinite, fewer than two rows are complete, or a column never varies in them.
    """
    whole = checked(cells, names)[~np.isnan(cells).any(axis=1)]
    if len(whole) < 2:
        raise ScoringError(f"Moins de deux territoires ont toutes les valeurs de « {', '.join(names)} ».")
    still = [name for name, column in zip(names, whole.T, strict=True) if column.max() == column.min()]
    if still:
        raise ScoringError(f"« {', '.join(still)} » ne varie pas : il n’y a pas de composante à en tirer.")
    standardised = (whole - whole.mean(axis=0)) / whole.std(axis=0, ddof=1)
    _, singular, rotation = np.linalg.svd(standardised, full_matrices=False)
    return Components(singular / np.sqrt(len(whole) - 1), _oriented(rotation.T))


def pca_weights(tree: Tree, scores: Floats, height: int) -> Floats:
    """Weights of all nodes (k), those at `height` being their loadings on their siblings' first component.

    `scores` (n × k) are those of every node. A loading may be negative, which no weight may be: `Tree.reweighted`
    then refuses it by name, where COINr lets it through.
    """
    weights = tree.weights.copy()
    for below in tree.children:
        places = [place for place in below if tree.heights[place] == height]
        if places:
            names = tuple(tree.names[place] for place in places)
            weights[places] = principal_components(scores[:, places], names).loadings[:, 0]
    return weights


def _oriented(loadings: Floats) -> Floats:
    sizes = np.abs(loadings)
    leading = (sizes >= sizes.max(axis=0) - SAME).argmax(axis=0)
    return loadings * np.where(loadings[leading, np.arange(loadings.shape[1])] < 0, -1.0, 1.0)
