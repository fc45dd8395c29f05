"""Rows of `score_gaps`: for each territory, the figures whose publication would narrow the interval of its scores."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from observatory.model import INDEX, Framework
from observatory.score_cells import index_tree
from observatory.scoring import Bools, Floats, published
from observatory.scoring_gaps import fewest, node_ranges, shares_below, widths_after
from observatory.scoring_tree import Tree

Row = dict[str, object]
# Shares of weight closer than this are equal.
DUST = 1e-9


@dataclass(frozen=True)
class _Cells:
    """Territories of which something is missing, and their cells (n × m, indicators in the order of the tree)."""

    areas: list[str]
    low: Floats
    high: Floats
    coverage: Floats
    observed: Bools


def gap_rows(framework: Framework, db: sqlite3.Connection) -> Iterator[Row]:
    """Rows for the scores of the edition that are already in `db`: domains and index, the widest narrowing first."""
    shape = index_tree(framework)
    cells = _read_cells(framework, db, shape)
    if not cells.areas:
        return
    lows, highs = node_ranges(shape, cells.low, cells.high, framework.mean)
    after = published(widths_after(shape, cells.low, cells.high, framework.mean))
    before = published(highs - lows)
    unranked = _unranked(framework, db)
    for place in range(shape.leaves, len(shape.names)):
        name = shape.names[place]
        least = (framework.min_coverage_index, framework.min_domains) if name == INDEX else _of_domain(framework)
        shares = shares_below(shape, ~np.isnan(cells.low), place)
        for row in np.flatnonzero(before[:, place] > 0):
            want = _Want(shape, shares[row], cells.coverage[row], cells.observed[row], least)
            if len(want.domains) < want.min_domains:
                continue  # no figure can give an index to a level that the method knows in too few domains
            open_ = (cells.areas[row], name) in unranked
            for position, leaf in enumerate(_told(before[row, place] - after[:, row, place], want), start=1):
                yield {
                    "edition": framework.edition,
                    "ref_area": cells.areas[row],
                    "node": name,
                    "indicator": shape.names[leaf],
                    "width_now": float(before[row, place]),
                    "width_after": float(after[leaf, row, place]),
                    "gain": round(float(before[row, place] - after[leaf, row, place]), 6),
                    "would_rank": int(open_ and want.fewest([leaf]) == [leaf]),
                    "needed": int(open_ and leaf in want.fewest(want.lacking)),
                    "position": position,
                }


class _Want:
    """What a territory would need to be ranked for a node: a share of the weight, in a number of domains."""

    def __init__(
        self, shape: Tree, shares: Floats, coverage: Floats, observed: Bools, least: tuple[float, int]
    ) -> None:
        applies = np.flatnonzero(shares > 0)
        min_coverage, self.min_domains = least
        self.gains = shares * (1.0 - coverage)
        self.lacking = [int(leaf) for leaf in applies if coverage[leaf] < 1]
        self.domains = {shape.parents[leaf] for leaf in applies}
        seen = {shape.parents[leaf] for leaf in applies if observed[leaf]}
        self._short = min_coverage - float(published(shares[applies] @ coverage[applies])) - DUST
        self._new = max(0, self.min_domains - len(seen))
        self._group = {leaf: -1 if shape.parents[leaf] in seen else shape.parents[leaf] for leaf in self.lacking}

    def fewest(self, leaves: list[int]) -> list[int]:
        """The fewest of these indicators that, once published, would let it be ranked; none when all are not enough."""
        found = fewest(
            [self.gains[leaf] for leaf in leaves], [self._group[leaf] for leaf in leaves], self._short, self._new
        )
        return [leaves[place] for place in found]


def _of_domain(framework: Framework) -> tuple[float, int]:
    return framework.min_coverage_domain, 1


def _told(gains: Floats, want: _Want) -> list[int]:
    """The indicators that lack something, those that narrow the interval most first, then in the order of the tree."""
    return sorted(want.lacking, key=lambda leaf: (-round(float(gains[leaf]), 6), leaf))


def _read_cells(framework: Framework, db: sqlite3.Connection, shape: Tree) -> _Cells:
    found = db.execute(
        "select ref_area, node, score, score_low, score_high, coverage from scores"
        " where edition = ? and node_type = 'indicator' and ref_area in ("
        "  select ref_area from scores where edition = ? and node_type <> 'indicator' and score_high > score_low"
        " ) order by ref_area, node",
        [framework.edition, framework.edition],
    ).fetchall()
    areas = sorted({row[0] for row in found})
    rows = {area: row for row, area in enumerate(areas)}
    columns = {name: place for place, name in enumerate(shape.names[: shape.leaves])}
    cells = np.full((4, len(areas), shape.leaves), np.nan)
    for area, node, *values in found:
        cells[:, rows[area], columns[node]] = [np.nan if value is None else value for value in values]
    score, low, high, coverage = cells
    return _Cells(areas, low, high, coverage, ~np.isnan(score))


def _unranked(framework: Framework, db: sqlite3.Connection) -> set[tuple[str, str]]:
    """Territories and nodes without a rank, although their category is ranked."""
    found = db.execute(
        "select ref_area, node from scores s join categories c on c.category = s.peer_group"
        " where s.edition = ? and s.rank is null and c.ranked = 1 and s.node_type <> 'indicator'",
        [framework.edition],
    )
    return {(area, node) for area, node in found}
