"""COINr's own uncertainty and sensitivity runs on ASEM, replayed from the screened data through our whole chain.

Family 10 of ../shared/reference/coinr: 1,000 drawn and 200 × 6 designed variants of outlier treatment, normalisation,
weights and aggregation, with COINr's scores, ranks and statistics of each.
"""

from functools import cache

import numpy as np
import pytest
from references import REFERENCE, agree, table

from observatory.scoring import Floats
from observatory.scoring_designs import choose
from observatory.scoring_normalise import minmax, zscore
from observatory.scoring_outliers import treat
from observatory.scoring_runs import Runs
from observatory.scoring_sensitivity import complete, outputs, sobol_indices
from observatory.scoring_shape import Limits
from observatory.scoring_tree import Tree, aggregate, tree
from observatory.scoring_uncertainty import Ranks, Replications, plain, quantiles, rank_rows, rank_shift, replicate

pytestmark = pytest.mark.conformance
MEANS = {"a_amean": "arithmetic", "a_gmean": "geometric"}
ALTERNATIVES = {
    "Winmax": ("1", "2", "3", "4", "5"),
    "Normalisation": ("n_minmax", "n_zscore"),
    "Weights": tuple(str(k) for k in range(1, 101)),
    "Aggregation": tuple(MEANS),
}
READ = {
    *(f"10_{name}_{what}" for name in ("UA1000", "SA200") for what in ("design", "params", "rankstats")),
    *("10_UA1000_scores", "10_UA1000_ranks", "10_SA200_y", "10_noisy_weights"),
}


@cache
def asem() -> Tree:
    nodes = [row for row in table("coinr/00_iMeta.csv").rows if row["Level"]]
    weights = {row["iCode"]: float(row["Weight"]) for row in nodes}
    return tree({row["iCode"]: row["Parent"] or None for row in nodes}, weights)


@cache
def directions() -> Floats:
    signs = {row["iCode"]: float(row["Direction"]) for row in table("coinr/00_iMeta.csv").rows if row["Direction"]}
    return np.array([signs[name] for name in asem().names[: asem().leaves]])


def matrix(number: int) -> Floats:
    """Screened data with at most winmax points brought in, normalised; number = 2 · (winmax − 1) + normalisation."""
    screened = table("coinr/01_4_Screened.csv").columns(list(asem().names[: asem().leaves]))
    treated = treat(screened, limits=Limits(points=number // 2 + 1)).values
    if number % 2:
        return zscore(treated, directions(), mean=10.0, deviation=2.0)
    return minmax(treated, directions(), interval=(1.0, 100.0))


def replayed(name: str) -> tuple[Runs, Replications]:
    params = table(f"coinr/10_{name}_params.csv")
    noisy = table("coinr/10_noisy_weights.csv")
    own = {row["iCode"]: [float(row[f"w{k}"]) for k in range(1, 101)] for row in noisy.rows}
    weights = np.array([own[node] for node in asem().names]).T
    runs = Runs(
        np.array([2 * (int(row["winmax"]) - 1) + (row["norm"] == "n_zscore") for row in params.rows]),
        [MEANS[row["agg"]] for row in params.rows],
        weights[params.column("wset").astype(int) - 1],
    )
    return runs, replicate(asem(), matrix, runs)


def cut(drawn: Floats, pieces: int) -> list[int]:
    """As R's `cut(x, n)`: pieces of one width between the least and the greatest that was drawn, each with its end."""
    ends = np.linspace(drawn.min(), drawn.max(), pieces + 1)
    return [int(place) for place in np.searchsorted(ends[1:-1], drawn, side="left")]


def picked(name: str) -> list[tuple[str, ...]]:
    """What COINr makes of its design: the alternatives of each run, as its parameters write them."""
    design = table(f"coinr/10_{name}_design.csv")
    columns = [
        [values[place] for place in cut(design.column(factor), len(values))] for factor, values in ALTERNATIVES.items()
    ]
    return list(zip(*columns, strict=True))


def nominal() -> Floats:
    screened = table("coinr/01_4_Screened.csv").columns(list(asem().names[: asem().leaves]))
    return aggregate(asem(), minmax(treat(screened).values, directions()))[:, -1]


def nominal_ranks() -> Ranks:
    return np.asarray(rank_rows(nominal()[None])[0])


def rank_statistics(ranks: Ranks) -> Floats:
    return np.vstack([nominal_ranks(), ranks.mean(axis=0), quantiles(ranks, (0.5, 0.05, 0.95))]).T


def test_no_file_is_left_out() -> None:
    if not (REFERENCE / "coinr").exists():
        pytest.skip("référence absente : coinr")
    assert {path.stem for path in (REFERENCE / "coinr").glob("10_*.csv")} == READ


@pytest.mark.parametrize("name", ["UA1000", "SA200"])
def test_the_parameters_are_those_that_the_design_picks(name: str) -> None:
    """COINr cuts what was drawn between its extremes, so that a draw depends on the others; `choose` cuts [0, 1)."""
    rows = table(f"coinr/10_{name}_params.csv").rows
    params = [(row["winmax"], row["norm"], row["wset"], row["agg"]) for row in rows]
    assert picked(name) == params
    design = table(f"coinr/10_{name}_design.csv")
    for place, (factor, values) in enumerate(ALTERNATIVES.items()):
        ours = [values[chosen] for chosen in choose(design.column(factor), len(values))]
        agreed = np.mean([one == row[place] for one, row in zip(ours, params, strict=True)])
        # Both differ for the draws that lie nearest the ends of a piece.
        assert agreed > 0.9 and (len(values) > 2 or agreed == 1)


def test_a_thousand_drawn_variants_are_those_of_coinr() -> None:
    expected, ranks = table("coinr/10_UA1000_scores.csv"), table("coinr/10_UA1000_ranks.csv")
    runs, found = replayed("UA1000")
    assert found.failed == 0
    names = [f"r_{k}" for k in range(1, 1001)]
    agree(found.scores.T, expected.columns(names))
    assert (ranks.columns(names) == found.ranks.T).all()
    agree(nominal(), expected.column("Nominal"))
    assert (nominal_ranks() == ranks.column("Nominal")).all()
    statistics = table("coinr/10_UA1000_rankstats.csv")
    assert statistics.units == expected.units
    agree(rank_statistics(found.ranks), statistics.columns(["Nominal", "Mean", "Median", "Q5", "Q95"]))
    loop = plain(asem(), [matrix(k) for k in range(10)].__getitem__, runs)
    agree(found.scores, loop.scores)
    assert (found.ranks == loop.ranks).all()


def test_the_sensitivity_runs_are_those_of_coinr() -> None:
    _, found = replayed("SA200")
    assert found.failed == 0
    shift = rank_shift(found.ranks, nominal_ranks())
    agree(shift, table("coinr/10_SA200_y.csv").column("y"))
    statistics = table("coinr/10_SA200_rankstats.csv")
    # Of the 1,200 runs, the first 400 are drawn freely (A and B); the others repeat them but for one factor.
    agree(rank_statistics(found.ranks[:400]), statistics.columns(["Nominal", "Mean", "Median", "Q5", "Q95"]))
    points = table("coinr/10_SA200_design.csv").columns(["Winmax", "Normalisation", "Weights", "Aggregation"])
    a, b, *crossed = points.reshape(6, 200, 4)
    for factor, block in enumerate(crossed):
        assert (block == np.where(np.arange(4) == factor, b, a)).all()
    indices = sobol_indices(outputs(shift[:, None], 200))
    assert (indices.total >= 0).all() and (indices.first <= indices.total + 0.1).all()


def test_one_failed_run_does_not_empty_the_others() -> None:
    """One failed replication makes every Sobol index of COINr NaN; here its base point is left out."""
    runs, whole = replayed("SA200")
    weights = runs.weights.copy()
    weights[207] = 0.0
    found = replicate(asem(), matrix, runs._replace(weights=weights))
    assert found.failed == 1 and len(found.scores) == 1199
    points = complete(found.kept, 200)
    assert points.tolist() == [k for k in range(200) if k != 7]
    shift = np.zeros(1200)
    shift[found.kept] = rank_shift(found.ranks, nominal_ranks())
    indices = sobol_indices(outputs(shift[:, None], 200, points))
    expected = sobol_indices(outputs(rank_shift(whole.ranks, nominal_ranks())[:, None], 200))
    for ours, theirs in zip(indices, expected, strict=True):
        assert np.isfinite(ours).all() and np.abs(ours - theirs).max() < 0.05
