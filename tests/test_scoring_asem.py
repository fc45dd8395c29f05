"""From raw values to scores, every table that COINr printed on ASEM is found again, or proved wrong.

Families 00 to 04 and 09 of ../shared/reference/coinr: a file without an entry in CHECKS fails.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial

import numpy as np
import pytest
from coinr import FOLDER, Table, agree, number, records, table

from observatory import scoring
from observatory.scoring import Floats
from observatory.scoring_denominate import denominate
from observatory.scoring_missing import availability, availability_by_group, impute, impute_by_row, screen
from observatory.scoring_normalise import (
    Ties,
    borda,
    distance_to_reference,
    fraction_of_best,
    goalposts,
    minmax,
    percentile_rank,
    ranks,
    zscore,
)
from observatory.scoring_outliers import Treatment, treat, winsorise
from observatory.scoring_panel import impute_panel, normalise_panel, percent_change
from observatory.scoring_shape import Limits, kurtosis, skewness
from observatory.scoring_transforms import TRANSFORMS, boxcox
from observatory.scoring_tree import ScoringError, Tree, aggregate, tree

pytestmark = pytest.mark.conformance
STEPS = ("Raw", "Denominated", "Imputed", "Screened", "Treated", "Normalised")
SHAPE = 1e-10
# Profiles of one country written from the tables compared here; no step of the engine.
PROFILES = {"01_strengths_FRA", "01_weaknesses_FRA"}


@cache
def meta(column: str) -> dict[str, str]:
    """A column of the indicators' description, by code."""
    return {row["iCode"]: row[column] for row in records("00_iMeta") if row["Type"] == "Indicator"}


@cache
def index() -> Tree:
    nodes = [row for row in records("00_iMeta") if row["Type"] in ("Indicator", "Aggregate")]
    parents = {row["iCode"]: row["Parent"] or None for row in nodes}
    return tree(parents, {row["iCode"]: float(row["Weight"]) for row in nodes})


def directions(names: tuple[str, ...]) -> Floats:
    return np.array([float(meta("Direction")[name]) for name in names])


def members(level: str, names: tuple[str, ...]) -> list[str]:
    """The node above each indicator at a level of the tree."""
    above = {row["Indicator"]: row[level] for row in records("01_lineage")}
    return [above[name] for name in names]


@cache
def units(column: str, rows: tuple[str, ...]) -> list[str]:
    """A column of the countries' description, in the order of the rows."""
    found = {row["uCode"]: row[column] for row in records("00_iData")}
    return [found[row] for row in rows]


@cache
def raw() -> Table:
    """ASEM's indicators, from the file that COINr was given."""
    found, names = records("00_iData"), tuple(meta("Direction"))
    values = [[float(row[name]) if row[name] else np.nan for name in names] for row in found]
    return Table(tuple(row["uCode"] for row in found), names, np.array(values))


@cache
def step(name: str) -> Table:
    """Our own chain, each step from ours before it."""
    if name == "Raw":
        return raw()
    data = step(STEPS[STEPS.index(name) - 1])
    values = {
        "Denominated": lambda: denominate(data.values, denominators(data), np.ones(len(data.names)), data.names),
        "Imputed": lambda: impute(data.values, "mean", units("EurAsia_group", data.rows)),
        "Screened": lambda: data.values[screen(data.values, "data", 0.9, 0.05).included],
        "Treated": lambda: treated().values,
        "Normalised": lambda: minmax(data.values, directions(data.names), data.names),
    }[name]()
    return data.of(values)


def denominators(data: Table) -> Floats:
    ones = ["1"] * len(data.rows)
    columns = [units(by, data.rows) if (by := meta("Denominator")[name]) else ones for name in data.names]
    return np.array([[number(cell) for cell in column] for column in columns]).T


def treated(points: int = 5, transform: str = "log_ct", combine: bool = False, data: Table | None = None) -> Treatment:
    data = data or step("Screened")
    return treat(data.values, data.names, Limits(points), transform, combine=combine)


def chained(stem: str, name: str) -> None:
    agree(step(name), table(stem))


def aggregated(stem: str) -> None:
    agree(scored(), table(stem))


@cache
def scored() -> Table:
    normalised, nodes = step("Normalised"), index()
    leaves = [normalised.names.index(name) for name in nodes.names[: nodes.leaves]]
    return Table(normalised.rows, nodes.names, aggregate(nodes, normalised.values[:, leaves]))


def ranked(stem: str) -> None:
    """Same ranks, but where two scores are one to six decimals: those share a rank here, and not in COINr."""
    expected, scores = table(stem), scored().like(table(stem)).values
    ours = rank_columns(scores)
    one = [np.unique(scoring.published(column)).size < np.unique(column).size for column in scores.T]
    np.testing.assert_array_equal(ours[:, np.logical_not(one)], expected.values[:, np.logical_not(one)])
    assert {name for name, same in zip(expected.names, one, strict=True) if same} <= {"Elec", "TolMin"}
    assert (ours != expected.values).sum() == 6


def rank_columns(values: Floats) -> Floats:
    return np.column_stack([scoring.rank(column) for column in values.T])


def full_scores(stem: str) -> None:
    expected = table(stem)
    agree(scored(), expected.only(*(name for name in expected.names if name != "Rank")))
    rank = Table(scored().rows, ("Rank",), rank_columns(scored().only("Index").values))
    agree(rank, expected.only("Rank"), 0)


def ranked_in_groups(stem: str) -> None:
    wanted = [row["uCode"] for row in records(stem)]
    group = dict(zip(wanted, (row["GDP_group"] for row in records(stem)), strict=True))
    scores = scored().only(*(name for name in records(stem)[0] if name not in ("uCode", "GDP_group")))
    for name in set(group.values()):
        rows = tuple(row for row in wanted if group[row] == name)
        ours = rank_columns(scores.like(Table(rows, scores.names, np.empty(0))).values)
        theirs = [[float(row[c]) for c in scores.names] for row in records(stem) if row["GDP_group"] == name]
        np.testing.assert_array_equal(ours, theirs)


def summary_of_france(stem: str) -> None:
    ranks_of, place = rank_columns(scored().values), scored().rows.index("FRA")
    for row in records(stem):
        node = scored().names.index(row["Code"])
        assert scored().values[place, node] == pytest.approx(float(row["Score"]), rel=1e-12)
        assert ranks_of[place, node] == float(row["Rank"])


def lineage(stem: str) -> None:
    nodes = index()
    for row in records(stem):
        place = nodes.names.index(row["Indicator"])
        for level in ("Pillar", "Sub-index", "Index"):
            place = nodes.parents[place]
            assert nodes.names[place] == row[level]


def same_records(stem: str, other: str, key: str) -> None:
    """The same description, which COINr reorders."""
    theirs = {row[key]: row for row in records(other)}
    assert {row[key] for row in records(stem)} == set(theirs)
    assert all(row.items() <= theirs[row[key]].items() for row in records(stem))


def world(stem: str) -> None:
    """Not used by ASEM: its income per head is its income over its population, to the digits that are printed."""
    data = table_of_numbers(stem, "GDP", "Population", "GDPpc")
    found = denominate(data[:, :1], data[:, 1:2], np.ones(1))[:, 0]
    known = ~np.isnan(found) & ~np.isnan(data[:, 2])
    assert known.sum() > 150
    np.testing.assert_allclose(np.median(np.abs(found[known] / data[known, 2] - 1)), 0, atol=1e-12)


def table_of_numbers(stem: str, *names: str) -> Floats:
    return np.array([[float(row[name] or "nan") for name in names] for row in records(stem)])


def screened(stem: str, by: str, known: float = 0.95, nonzero: float = 0.9, data: str = "Denominated") -> None:
    have = step(data)
    found = screen(have.values, by, known, nonzero)
    low = np.column_stack([found.low_data, found.low_nonzero, found.low_data | found.low_nonzero, found.included])
    names = ("LowData", "LowNonZero", "LowDatOrZeroFlag", "Included")
    expected = table(stem)
    agree(Table(have.rows, names, low.astype(float)), expected.only(*names), 0)
    available(stem, data)


def removed(stem: str, by: str) -> None:
    found = screen(step("Denominated").values, by, 0.95, 0.9)
    gone = {row for row, stays in zip(step("Denominated").rows, found.included, strict=True) if not stays}
    assert gone == {row["uCode"] for row in records(stem)}


def available(stem: str, data: str = "Denominated") -> None:
    have, names = step(data), ("N_missing", "N_zero", "N_miss_or_zero", "Dat_Avail", "Non_Zero")
    found = availability(have.values)
    columns = [found.missing, found.zeros, found.missing + found.zeros, found.known, found.nonzero]
    agree(Table(have.rows, names, np.column_stack(columns)), table(stem).only(*names))


def available_by_group(stem: str) -> None:
    have, expected = step("Denominated"), table(stem)
    above = [members(level, have.names) for level in ("Pillar", "Sub-index", "Index")]
    groups = np.array([[any(node == one[c] for one in above) for c in range(49)] for node in expected.names])
    agree(Table(have.rows, expected.names, availability_by_group(have.values, groups)), expected)


def imputed(stem: str, centre: str, group: str = "") -> None:
    data = step("Denominated")
    groups = units(group, data.rows) if group else None
    agree(data.of(impute(data.values, centre, groups, data.names)), table(stem))


def imputed_by_row(stem: str, centre: str) -> None:
    data = step("Denominated")
    groups = members("Pillar", data.names)
    agree(data.of(impute_by_row(data.values, directions(data.names), groups, centre, data.names)), table(stem))


def transformed(stem: str, function: Callable[[Floats], Floats]) -> None:
    agree(step("Screened").of(function(step("Screened").values)), table(stem))


def gii_does_nothing(stem: str) -> None:
    """COINr's log_GII returns what it was given: the file is its input, where the formula gives 0 and ln max."""
    given, printed = table("01_4_Screened"), table(stem)
    np.testing.assert_array_equal(given.values, printed.values)
    above = [name for name in given.names if np.nanmax(given.only(name).values) > 1]
    ours = TRANSFORMS["log_gii"](given.only(*above).values)
    np.testing.assert_allclose(np.nanmin(ours, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.nanmax(ours, axis=0), np.log(np.nanmax(given.only(*above).values, axis=0)))
    np.testing.assert_array_equal(
        ranks(ours, np.ones(len(above))), ranks(given.only(*above).values, np.ones(len(above)))
    )
    assert np.abs(ours - printed.only(*above).values).max() > 100
    for name in set(given.names) - set(above):
        with pytest.raises(ScoringError, match=f"{name}.*ne dépasse pas 1"):
            TRANSFORMS["log_gii"](given.only(name).values, [name])


def gii_chain_does_nothing(stem: str) -> None:
    """The same in the chain: columns said to be transformed are as before, those that winsorising settled agree."""
    given, printed = step("Screened"), table(stem)
    chain = treated(2)
    failed = {given.names[place] for place in np.flatnonzero(~np.isnan(chain.shapes[2].passes))}
    settled = [name for name in given.names if name not in failed]
    agree(given.of(chain.values).only(*settled), printed.only(*settled))
    agree(given.only(*sorted(failed)), printed.only(*sorted(failed)))
    able = [name for name in sorted(failed) if given.only(name).values.max() > 1]
    ours = treated(2, "log_gii", data=given.only(*able))
    np.testing.assert_allclose(ours.values, TRANSFORMS["log_gii"](given.only(*able).values))
    with pytest.raises(ScoringError, match="ne dépasse pas 1"):
        treated(2, "log_gii")


def forced(stem: str) -> None:
    """Two points at least of every column; COINr makes TIRcon, which only has two values, say nothing: ours stays."""
    data, expected = step("Screened"), table(stem)
    found = data.of(np.column_stack([winsorise(c, Limits(2), force=True).values for c in data.values.T]))
    others = [name for name in data.names if name != "TIRcon"]
    agree(found.only(*others), expected.only(*others))
    assert np.unique(expected.only("TIRcon").values).size == 1
    np.testing.assert_array_equal(found.only("TIRcon").values, data.only("TIRcon").values)


def treated_as(stem: str, points: int, transform: str = "log_ct", combine: bool = False) -> None:
    agree(step("Screened").of(treated(points, transform, combine).values), table(stem))


def details(stem: str, points: int) -> None:
    names, found = step("Screened").names, treated(points)
    columns = {"winsorise.nwin": found.winsorised}
    for place, one in enumerate(found.shapes):
        labels = (f"check_SkewKurt{place}.{part}" for part in ("Skew", "Kurt", "Pass"))
        columns |= dict(zip(labels, one, strict=True))
    expected = table(stem, "iCode")
    ours = Table(names, tuple(columns), np.column_stack(list(columns.values())))
    left_out = [name for name in ours.names if name not in expected.names]
    assert np.isnan(ours.only(*left_out).values).all()
    agree(ours.only(*expected.names), expected, SHAPE)


def shapes(stem: str) -> None:
    data = step("Screened")
    found = np.column_stack([skewness(data.values), kurtosis(data.values)])
    agree(Table(data.names, ("skew", "kurt"), found), table(stem, "iCode"), SHAPE)


def treated_points(stem: str) -> None:
    data, marks = step("Screened"), treated().points
    for row in records(stem):
        ours = dict(zip(data.names, marks[data.rows.index(row["uCode"])], strict=True))
        assert {name: row[name] for name in data.names} == ours


def normalised(stem: str, function: Callable[[Floats, Floats], Floats], data: str = "Treated") -> None:
    have = step(data)
    agree(have.of(function(have.values, directions(have.names))), table(stem))


def to_unit_17(stem: str) -> None:
    expected = table(stem)
    data = step("Treated").like(expected)
    agree(data.of(distance_to_reference(data.values, *toward(data.values[16], data.names), data.names)), expected)


def toward(references: Floats, names: tuple[str, ...]) -> tuple[Floats, Floats]:
    return directions(names), references


def parameter(column: str, names: tuple[str, ...]) -> Floats:
    found = {row["iCode"]: row[column] for row in records("04_iMeta_goalposts")}
    return np.array([float(found[name]) for name in names])


def to_target(stem: str) -> None:
    data = step("Denominated")
    references = parameter("Target", data.names)
    found = distance_to_reference(data.values, *toward(references, data.names), data.names, capped=True)
    agree(data.of(found), table(stem))


def between_goalposts(stem: str, kind: str = "goalpost", clip: bool = True) -> None:
    data = step("Denominated")
    low, high = parameter(f"{kind}_lower", data.names), parameter(f"{kind}_upper", data.names)
    up = directions(data.names) > 0
    found = goalposts(data.values, np.where(up, low, high), np.where(up, high, low), data.names, clip=clip)
    agree(data.of(found), table(stem))


def scaled(stem: str) -> None:
    between_goalposts(stem, "scaled", clip=False)


def scaled_by_hundred(stem: str) -> None:
    data = step("Treated")
    way = directions(data.names)
    agree(data.of(goalposts(data.values, 0 * way, 100 * way, clip=False)), table(stem))


def fractions(stem: str) -> None:
    """COINr divides −x by −min where less is better: more then scores more, and a minimum of 0 gives Inf and NaN."""
    expected = table(stem)
    data = step("Treated").like(expected)
    way = directions(data.names)
    positive = [n for n, w in zip(data.names, way, strict=True) if w > 0 and data.only(n).values.min() >= 0]
    ones, one = np.ones(len(positive)), np.ones(1)
    agree(data.only(*positive).of(fraction_of_best(data.only(*positive).values, ones)), expected.only(*positive))
    for name in (n for n, w in zip(data.names, way, strict=True) if w < 0):
        values, theirs = data.only(name).values, expected.only(name).values
        if values.min() == 0:
            assert not np.isfinite(theirs).any()
            with pytest.raises(ScoringError, match=name):
                fraction_of_best(values, -one, [name])
        else:
            np.testing.assert_array_equal(ranks(theirs, -one), ranks(values, -one))
            np.testing.assert_array_equal(ranks(fraction_of_best(values, -one, [name]), one), ranks(values, -one))


def panel(stem: str) -> tuple[Table, Floats, Floats]:
    """A file of the panel as a table, its block (times × countries × indicators) and its times."""
    found = table(stem, "Time", "uCode")
    times = sorted({row.split()[0] for row in found.rows})
    codes = sorted({row.split()[1] for row in found.rows})
    order = tuple(f"{time} {code}" for time in times for code in codes)
    found = found.like(Table(order, tuple(n for n in found.names if n in meta("Direction")), np.empty(0)))
    return found, found.values.reshape(len(times), len(codes), -1), np.array(times, dtype=float)


def panel_imputed(stem: str, method: str, reach: int | None = None) -> None:
    holes, block, times = panel("09_panel_with_holes")
    found = impute_panel(block, times, method, reach)
    agree(holes.of(found.reshape(holes.values.shape)), panel(stem)[0])


def panel_raw() -> tuple[Table, Floats, Floats]:
    """The panel that COINr was given, indicators only."""
    found, names = records("00_iData_panel"), tuple(meta("Direction"))
    values = table_of_numbers("00_iData_panel", *names)
    rows = tuple(f"{row['Time']} {row['uCode']}" for row in found)
    order = tuple(sorted(rows))
    data = Table(rows, names, values).like(Table(order, names, np.empty(0)))
    times = np.array(sorted({float(row["Time"]) for row in found}))
    return data, data.values.reshape(len(times), -1, len(names)), times


def with_holes(stem: str) -> None:
    """The panel of the imputations is that of the trends, less 400 cells."""
    ours, theirs = panel_raw()[0], panel(stem)[0]
    kept = ~np.isnan(theirs.like(ours).values)
    np.testing.assert_array_equal(ours.values[kept], theirs.like(ours).values[kept])
    assert 0 < (~kept & ~np.isnan(ours.values)).sum() <= 400


@cache
def purse() -> tuple[Table, Floats]:
    """Each year denominated, screened and treated on its own."""
    kept: list[Table] = []
    data, block, times = panel_raw()
    rows = np.array(data.rows).reshape(len(times), -1)
    for year, codes in zip(block, rows, strict=True):
        one = Table(tuple(codes.tolist()), data.names, year)
        stays = screen(one.values, "data", 0.9, 0.05).included
        values = year[stays]
        kept.append(Table(tuple(codes[stays].tolist()), data.names, treat(values, data.names).values))
    whole = Table(sum((one.rows for one in kept), ()), data.names, np.vstack([one.values for one in kept]))
    return whole, whole.values.reshape(len(times), -1, len(data.names))


def purse_treated(stem: str) -> None:
    agree(purse()[0], table(stem, "Time", "uCode"))


@cache
def purse_scores() -> Table:
    data, block = purse()
    found = normalise_panel(block, lambda values: minmax(values, directions(data.names), data.names))
    return data.of(found.reshape(data.values.shape))


def purse_normalised(stem: str) -> None:
    agree(purse_scores(), table(stem, "Time", "uCode"))


def purse_aggregated(stem: str) -> None:
    nodes, data = index(), purse_scores()
    leaves = data.only(*nodes.names[: nodes.leaves])
    agree(Table(data.rows, nodes.names, aggregate(nodes, leaves.values)), table(stem, "Time", "uCode"))


def trends(stem: str) -> None:
    """Same trends, but 103 series that COINr measures against a start of the wrong sign: most rise, it says they fall.

    COINr takes the line's start from its height in year 0, which loses digits: where we differ, we are closer to the
    exact slope and start, by rational arithmetic.
    """
    data, block, times = panel_raw()
    found = percent_change(block, times)
    codes = [row.split()[1] for row in data.rows[: block.shape[1]]]
    cells = tuple(f"{code} {name}" for code in codes for name in data.names)
    ours = Table(cells, ("prc_change", "Avail", "t_first", "t_latest"), np.column_stack([a.ravel() for a in found]))
    expected = table(stem, "uCode", "iCode").like(ours)
    agree(ours.only("Avail", "t_first", "t_latest"), expected.only("Avail", "t_first", "t_latest"))
    change, theirs, series = ours.values[:, 0], expected.values[:, 0], block.reshape(len(times), -1).T
    absurd = np.isnan(change) & ~np.isnan(theirs)
    assert absurd.sum() == 103 and not (np.isnan(theirs) & ~np.isnan(change)).any()
    for values, percent in zip(series[absurd], theirs[absurd], strict=True):
        slope, start = exact_line(values, times)
        assert percent == pytest.approx(float(100 * slope / start)) and any(start * Fraction(v) < 0 for v in values)
    far = np.abs(change - theirs) > 1e-12 * np.maximum(1, np.abs(theirs))
    for values, one, other in zip(series[far], change[far], theirs[far], strict=True):
        slope, start = exact_line(values, times)
        exact = 100 * slope / start
        assert abs(Fraction(one) - exact) < abs(Fraction(other) - exact)
    assert far.sum() < 0.05 * len(cells) and np.nanmax(np.abs(change / theirs - 1)[far]) < 1e-9


def exact_line(values: Floats, times: Floats) -> tuple[Fraction, Fraction]:
    """Slope and start of the least squares line, without rounding."""
    points = [(Fraction(t), Fraction(v)) for t, v in zip(times, values, strict=True) if not np.isnan(v)]
    middle, level = (sum(column) / Fraction(len(points)) for column in zip(*points, strict=True))
    slope = sum((t - middle) * (v - level) for t, v in points) / sum((t - middle) ** 2 for t, _ in points)
    return slope, level + slope * (points[0][0] - middle)


CHECKS: dict[str, Callable[[str], None]] = {
    "00_WorldDenoms": world,
    "00_iData": lambda stem: same_records("01_meta_unit", stem, "uCode"),
    "00_iData_panel": lambda stem: with_holes("09_panel_with_holes"),
    "00_iMeta": partial(same_records, other="01_meta_ind", key="iCode"),
    "01_7_Aggregated": aggregated,
    "01_lineage": lineage,
    "01_meta_ind": partial(same_records, other="00_iMeta", key="iCode"),
    "01_meta_unit": partial(same_records, other="00_iData", key="uCode"),
    "01_ranks": ranked,
    "01_results_full_ranks": ranked,
    "01_results_full_scores": full_scores,
    "01_results_groupranks": ranked_in_groups,
    "01_screen_summary": partial(screened, by="data", known=0.9, nonzero=0.05, data="Imputed"),
    "01_treat_details": partial(details, points=5),
    "01_treated_points": treated_points,
    "01_unit_summary_FRA": summary_of_france,
    "02_data_avail_bygroup": available_by_group,
    "02_data_avail_summary": available,
    "02_impute_i_mean_grp_GDP_group": partial(imputed, centre="mean", group="GDP_group"),
    "02_impute_i_mean_row_group2": partial(imputed_by_row, centre="mean"),
    "02_impute_i_median_row_group2": partial(imputed_by_row, centre="median"),
    "03_fun_boxcox_l0": partial(transformed, function=partial(boxcox, power=0)),
    "03_fun_boxcox_l0.5": partial(transformed, function=partial(boxcox, power=0.5)),
    "03_fun_log_GII": gii_does_nothing,
    "03_fun_winsorise_force2": forced,
    "03_skew_kurt": shapes,
    "03_treat_win2_combine": partial(treated_as, points=2, combine=True),
    "03_treat_win2_log_GII": gii_chain_does_nothing,
    "04_iMeta_goalposts": lambda stem: same_records("00_iMeta", stem, "iCode"),
    "04_norm_borda": partial(normalised, function=partial(borda, ties="min")),
    "04_norm_dist2max": partial(normalised, function=partial(minmax, interval=(0, 1))),
    "04_norm_dist2ref_17": to_unit_17,
    "04_norm_dist2targ_iMeta": to_target,
    "04_norm_fracmax": fractions,
    "04_norm_goalposts_iMeta": between_goalposts,
    "04_norm_minmax_0_100": partial(normalised, function=minmax),
    "04_norm_minmax_0_100_withNA": partial(normalised, function=minmax, data="Denominated"),
    "04_norm_minmax_1_100": partial(normalised, function=partial(minmax, interval=(1, 100))),
    "04_norm_scaled_0_100": scaled_by_hundred,
    "04_norm_scaled_iMeta": scaled,
    "04_norm_zscore_0_1": partial(normalised, function=zscore),
    "04_norm_zscore_withNA": partial(normalised, function=zscore, data="Denominated"),
    "09_impute_panel_constant": partial(panel_imputed, method="constant"),
    "09_impute_panel_latest": partial(panel_imputed, method="latest"),
    "09_impute_panel_latest_max1": partial(panel_imputed, method="latest", reach=1),
    # One file under two names: COINr's « linear » already takes the nearest value beyond the ends.
    "09_impute_panel_linear": partial(panel_imputed, method="linear"),
    "09_impute_panel_linear-constant": partial(panel_imputed, method="linear"),
    "09_panel_with_holes": with_holes,
    "09_purse_aggregated": purse_aggregated,
    "09_purse_normalised_global": purse_normalised,
    "09_purse_treated": purse_treated,
    "09_trends_prc_change": trends,
    **{f"01_{place}_{name}": partial(chained, name=name) for place, name in enumerate(STEPS, start=1)},
    **{f"03_treat_winmax{n}": partial(treated_as, points=n) for n in (1, 3, 4, 5)},
    **{f"03_treat_winmax{n}_details": partial(details, points=n) for n in (1, 2, 3, 4, 5)},
}
SCREENS = {"byNA": "data", "byzeros": "zeros", "byNAandzeros": "data_and_zeros"}
TIES: tuple[Ties, ...] = ("average", "max")
for theirs, by in SCREENS.items():
    CHECKS[f"02_screen_{theirs}_summary"] = partial(screened, by=by)
    CHECKS[f"02_screen_{theirs}_removed"] = partial(removed, by=by)
for centre in ("mean", "median"):
    CHECKS[f"02_impute_i_{centre}"] = partial(imputed, centre=centre)
    CHECKS[f"02_impute_i_{centre}_grp_EurAsia_group"] = partial(imputed, centre=centre, group="EurAsia_group")
for name in ("log_CT", "log_CT_plus", "log_CT_orig"):
    CHECKS[f"03_fun_{name}"] = partial(transformed, function=TRANSFORMS[name.lower()])
    CHECKS[f"03_treat_win2_{name}"] = partial(treated_as, points=2, transform=name.lower())
for name, function in {"rank": ranks, "prank": percentile_rank}.items():
    CHECKS[f"04_norm_{name}"] = partial(normalised, function=partial(function, ties="min"))
    for ties in TIES:
        CHECKS[f"04_norm_{name}_ties_{ties}"] = partial(normalised, function=partial(function, ties=ties))


@pytest.mark.parametrize("stem", sorted(CHECKS))
def test_table_is_found_again(stem: str) -> None:
    records(stem)
    CHECKS[stem](stem)


def test_no_table_is_left_out() -> None:
    if not FOLDER.exists():
        pytest.skip("référence absente : coinr")
    printed = {path.stem for family in ("00", "01", "02", "03", "04", "09") for path in FOLDER.glob(f"{family}_*.csv")}
    assert printed == set(CHECKS) | PROFILES
