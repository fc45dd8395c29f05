"""Times a thousand variants of an index, scores and ranks, beside a plain loop over the engine in the same run."""

import os

# Before numpy: a second thread gains nothing reliable, and the loop beside would not have it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from observatory.scoring import Floats, rank
from observatory.scoring_designs import noisy, saltelli
from observatory.scoring_missing import impute
from observatory.scoring_normalise import normalise_by
from observatory.scoring_runs import Runs
from observatory.scoring_sensitivity import intervals, outputs, sobol_indices
from observatory.scoring_tree import Tree, aggregate, tree
from observatory.scoring_uncertainty import plain, quantiles, replicate
from observatory.scoring_variants import FACTORS, Alternatives, Published, variants

RUNS = 1000
NORMALISATIONS = ("goalposts", "minmax", "zscore", "percentile_rank")
MEANS = ("arithmetic", "geometric")
SEED = 20260101


class Case(NamedTuple):
    """A set of territories and indicators, the most seconds that it may take, and the runs of the loop beside."""

    title: str
    territories: int
    indicators: int
    holes: float
    most: float
    rounds: int
    beside: int


CASES = (
    Case("51 × 49 (ASEM)", 51, 49, 0.0, 0.05, 15, 1000),
    Case("1 255 × 60 complet", 1_255, 60, 0.0, 0.15, 9, 200),
    Case("1 255 × 60 à trous (3 %)", 1_255, 60, 0.03, 0.3, 9, 200),
    Case("35 000 × 60 complet", 35_000, 60, 0.0, 8.0, 3, 10),
    Case("35 000 × 60 à trous (3 %)", 35_000, 60, 0.03, 8.0, 3, 10),
)


def index(indicators: int) -> Tree:
    """A tree of three levels: indicators, eight domains, two halves, the index."""
    parents: dict[str, str | None] = {f"i{k}": f"d{k % 8}" for k in range(indicators)}
    parents |= {f"d{k}": f"s{k % 2}" for k in range(8)} | {"s0": "index", "s1": "index", "index": None}
    return tree(parents, {})


def values(territories: int, indicators: int, holes: float) -> Floats:
    """Made-up values from 1 to 100, some missing."""
    random = np.random.default_rng(SEED)
    found = random.uniform(1, 100, (territories, indicators))
    found[random.uniform(size=found.shape) < holes] = np.nan
    return found


def cached(raw: Floats) -> list[Floats]:
    """The distinct normalised matrices: four normalisations, holes left or filled; 1 at least, for geometric means."""
    low, high, up = np.zeros(raw.shape[1]), np.full(raw.shape[1], 100.0), np.ones(raw.shape[1])
    filled = [raw, impute(raw, "median")] if np.isnan(raw).any() else [raw]
    return [np.maximum(normalise_by(name, one, up, low, high), 1.0) for name in NORMALISATIONS for one in filled]


def drawn(found: Tree, matrices: int, count: int) -> Runs:
    """Runs of random weights (± 25 % at every level), matrices and means."""
    random = np.random.default_rng(SEED)
    weights = noisy(found.weights, 0.25 * found.weights, count, random)
    return Runs(random.integers(matrices, size=count), [MEANS[k] for k in random.integers(2, size=count)], weights)


def median(rounds: int, action: Callable[[], object]) -> float:
    """Median seconds of an action."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def replications() -> None:
    """A thousand variants from cached matrices, beside the loop."""
    print("| 1 000 variantes, scores et rangs | ici (s) | au plus (s) | boucle sur le moteur (s) | rapport |")
    print("|---|---|---|---|---|")
    for case in CASES:
        found = index(case.indicators)
        matrices = cached(values(case.territories, case.indicators, case.holes))
        runs = drawn(found, len(matrices), RUNS)
        some = Runs(runs.matrices[: case.beside], runs.means[: case.beside], runs.weights[: case.beside])
        ours = median(case.rounds, partial(replicate, found, matrices.__getitem__, runs))
        loop = median(3, partial(plain, found, matrices.__getitem__, some)) * RUNS / case.beside
        note = "" if case.beside == RUNS else f" (mesurée sur {case.beside})"
        verdict = "" if ours <= case.most else " **dépassé**"
        print(f"| {case.title} | {ours:.3f}{verdict} | {case.most} | {loop:.1f}{note} | × {loop / ours:.0f} |")


def study() -> None:
    """All that the build does for one group, from raw values: five factors, quantiles, Sobol' indices, bootstrap."""
    raw = values(1_255, 60, 0.03)
    found = index(60)
    low, high = np.zeros(60), np.full(60, 100.0)
    published = Published(found, raw, np.ones(raw.shape, dtype=np.bool_), low, high, "arithmetic", 1.0)
    others = Alternatives(0.25, 0.1, NORMALISATIONS, (*MEANS, "ampi"), ("available_case", "peer_median"))
    drawn_once = variants(published, others, 1024, np.random.default_rng(SEED))
    design = saltelli(1024, len(FACTORS))
    print("\n| étude de 1 255 × 60 à trous, cinq facteurs, matrices comprises | s |\n|---|---|")
    base = median(3, lambda: replicate(found, drawn_once.matrix, drawn_once.runs(design.base)))
    print(f"| 1 024 variantes | {base:.2f} |")
    start = time.perf_counter()
    ranks = replicate(found, drawn_once.matrix, drawn_once.runs(design.points)).ranks
    print(f"| 7 168 variantes du plan de Sobol’ | {time.perf_counter() - start:.2f} |")
    print(f"| quantiles de 1 024 rangs | {median(3, lambda: quantiles(ranks[:1024], (0.05, 0.5, 0.95))):.3f} |")
    blocks = outputs(ranks, design.size)
    print(f"| indices de Sobol’ de chaque territoire | {median(3, lambda: sobol_indices(blocks)):.2f} |")
    resampled = median(1, lambda: intervals(blocks, 400, np.random.default_rng(SEED)))
    print(f"| leurs intervalles, 400 rééchantillonnages | {resampled:.2f} |")


def reweighting() -> None:
    """One new set of weights on the cached matrix, as a page asks for it."""
    found = index(60)
    print("\n| nouveaux poids, 1 255 × 60, scores et rangs | ms | au plus (ms) |\n|---|---|---|")
    for title, holes in (("complet", 0.0), ("à trous (3 %)", 0.03)):
        matrix = np.asfortranarray(values(1_255, 60, holes))
        weights = found.weights * 1.1

        def once(matrix: Floats = matrix, weights: Floats = weights) -> Floats:
            return rank(aggregate(found.reweighted(weights), matrix)[:, -1])

        print(f"| {title} | {1000 * median(201, once):.2f} | 1 |")


def growth() -> None:
    """Seconds a territory as territories grow: linear when the last column does not."""
    print("\n| territoires (× 60, à trous, 100 variantes) | s | µs par territoire |\n|---|---|---|")
    found = index(60)
    for count in (3_500, 11_000, 35_000, 110_000, 350_000):
        matrices = cached(values(count, 60, 0.03))[:2]
        runs = drawn(found, len(matrices), 100)
        seconds = median(3, partial(replicate, found, matrices.__getitem__, runs))
        print(f"| {count:,} | {seconds:.2f} | {1e6 * seconds / count:.1f} |".replace(",", " "))


def main() -> None:
    """Print four Markdown tables."""
    replications()
    study()
    reweighting()
    growth()


if __name__ == "__main__":
    main()
