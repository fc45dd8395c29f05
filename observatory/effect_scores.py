"""Scores, levels and ranks that change with the observed values of some territories, from the published ones."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from observatory import scores, scoring
from observatory.effect_values import Areas
from observatory.model import Framework
from observatory.published import Published, Standing
from observatory.score_cells import NOT_APPLICABLE, index_tree

NOWHERE = Standing(None, None, None, None)


@dataclass(frozen=True)
class Shift:
    """A territory that stands otherwise for a node of the tree, within its peer group."""

    ref_area: str
    peer_group: str
    node: str
    before: Standing
    after: Standing


def shifts(
    framework: Framework, published: Published, newest: scores.Values, areas: Areas | None, ref_area: str | None
) -> Iterator[Shift]:
    """Every standing that changes, by node then territory; with `ref_area`, only its own.

    `newest` holds, of some indicators, the values that count from now on in the `areas` (None: everywhere). Only who
    has another value is scored again: no other score depends on it, and ranks follow from the published scores.
    """
    members = [m for m in published.members() if areas is None or m.ref_area in areas]
    if ref_area is not None:
        groups = {m.peer_group for m in published.members() if m.ref_area == ref_area}
        members = [m for m in members if m.peer_group in groups]
    values = published.scored_values(framework.edition, [m.ref_area for m in members])
    again = [m for m in members if _moved(m.ref_area, values, newest)]
    if not again:
        return
    for node, scored in _rows(framework, again, {**values, **newest}).items():
        found = [shift for group in _by_group(scored) for shift in _in_group(published, framework.edition, node, group)]
        kept = (shift for shift in found if ref_area in (None, shift.ref_area))
        yield from sorted(kept, key=lambda shift: shift.ref_area)


def _rows(framework: Framework, again: list[scores.Member], values: scores.Values) -> dict[str, list[dict[str, Any]]]:
    """Rows of the members scored again by node; an empty one where nothing below the node applies any more."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in index_tree(framework).names}
    for row in scores.score(framework, again, values):
        rows[str(row["node"])].append(row)
    said = {area for cells in values.values() for area, cell in cells.items() if cell.status == NOT_APPLICABLE}
    nothing = dict.fromkeys(Standing._fields)
    for found in rows.values() if said else ():
        there = {row["ref_area"] for row in found}
        lost = (m for m in again if m.ref_area in said and m.ref_area not in there)
        found.extend({"ref_area": m.ref_area, "peer_group": m.peer_group, **nothing} for m in lost)
    return {node: found for node, found in rows.items() if found}


def _moved(ref_area: str, values: scores.Values, newest: scores.Values) -> bool:
    return any(now.get(ref_area) != values.get(code, {}).get(ref_area) for code, now in newest.items())


def _by_group(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["peer_group"], []).append(row)
    return groups.values()


def _in_group(published: Published, edition: str, node: str, scored: list[dict[str, Any]]) -> Iterator[Shift]:
    """The changes of a peer group, of which some members are scored again."""
    peer_group = scored[0]["peer_group"]
    again = {row["ref_area"]: Standing(row["score"], row["level"], row["rank"], row["coverage"]) for row in scored}
    old = published.standings(edition, node, peer_group, again)
    if all(_place(old.get(area, NOWHERE)) == _place(now) for area, now in again.items()):
        # Nobody overtakes anybody; ranks among the only ones scored again say nothing.
        ranks = {area: old.get(area, NOWHERE).rank for area in again}
    else:
        old = published.standings(edition, node, peer_group)
        ranks = _ranks({**old, **again})
    for area, rank in ranks.items():
        before = old.get(area, NOWHERE)
        if rank != before.rank or area in again:
            after = again.get(area, before)._replace(rank=rank)
            if after != before:
                yield Shift(area, peer_group, node, before, after)


def _place(standing: Standing) -> tuple[float | None, bool]:
    """What the ranks of a group are made of: the score, and whether it is ranked."""
    return standing.score, standing.rank is not None


def _ranks(standings: Mapping[str, Standing]) -> dict[str, int | None]:
    """The rank of each territory among those that are ranked, None for the others."""
    ranked = [area for area, standing in standings.items() if standing.rank is not None]
    ranks = scoring.rank(np.array([standings[area].score for area in ranked], dtype=np.float64))
    return {**dict.fromkeys(standings), **dict(zip(ranked, map(int, ranks.tolist()), strict=True))}
