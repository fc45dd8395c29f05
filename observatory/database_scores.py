"""Writes figures of every level and the scores made of them, with what can be said of how sure they are."""

from contextlib import ExitStack
from typing import NamedTuple

from observatory import audits, peers, records, score_gaps, scores, studies
from observatory.aggregation import Observation
from observatory.aggregator import Aggregator
from observatory.building import Build
from observatory.figure_statuses import Statuses
from observatory.model import Framework
from observatory.score_changes import changes
from observatory.score_series import History, series


class Aggregated(NamedTuple):
    """Figures as published and of every level, each in the perimeters of its time, and what added them up."""

    aggregator: Aggregator
    completed: list[Observation]
    theirs: list[Observation]


def write_scores(b: Build) -> None:
    """Observations, scores of every edition, and the tables that say how sure and how well explained they are."""
    with b.step("observations"):
        aggregated = _aggregated(b)
        current = _write_observations(b, aggregated)
    with ExitStack() as stack:
        with b.step("scores"):
            members = _members(b)
            values = [_values(edition, current) for edition in b.editions]
            # First, so that they are under way while rows are written.
            found = stack.enter_context(studies.beside(b.framework, members, values[-1]))
            for edition, counted in zip(b.editions, values, strict=True):
                b.fill("scores", scores.score(edition, members, counted))
        with b.step("audit"):
            _write_audit(b)
        with b.step("évolution"):
            history = History(b.editions, *aggregated, b.ranked)
            b.fill("score_series", series(history))
            b.fill("score_changes", changes(history))
        with b.step("incertitude"):
            for table, rows in found.result().items():
                b.fill(table, rows)
    with b.step("voisins et bornes"):
        b.fill("score_gaps", score_gaps.gap_rows(b.framework, b.db.conn))
        features = peers.features(b.root, aggregated.aggregator.geography(b.territories.vintages[-1]), b.ranked)
        b.fill("peer_features", peers.feature_rows(features))
        b.fill("peers", peers.peer_rows(features))


def _aggregated(b: Build) -> Aggregated:
    """Figures as published and of every level, and what adds them up."""
    factors = {row["unit"]: float(row["factor"]) for row in records.codelist(b.root, "units")}
    aggregator = Aggregator(b.framework, b.territories, factors)
    completed = aggregator.complete_all(b.published)
    return Aggregated(aggregator, completed, aggregator.of_their_time(completed))


def _write_observations(b: Build, aggregated: Aggregated) -> dict[str, list[Observation]]:
    """Fills both tables of observations; returns those of today's perimeters, by indicator."""
    aggregator, completed, theirs = aggregated
    todays = aggregator.in_geography(completed, theirs, b.territories.vintages[-1])
    statuses = Statuses(b.root, b.datasets)
    b.fill("observations", map(statuses.row, theirs))
    b.fill("observations_constant", map(statuses.row, todays))
    # Today's territories are scored in today's perimeters.
    current = {o.key: o for o in (*theirs, *todays)}
    by_indicator: dict[str, list[Observation]] = {}
    for o in current.values():
        by_indicator.setdefault(o.indicator, []).append(o)
    return by_indicator


def _values(edition: Framework, current: dict[str, list[Observation]]) -> scores.Values:
    """What counts for an edition at its period."""
    return {i.code: scores.latest(current.get(i.code, ()), i, edition.time_period) for i in edition.scored}


def _members(b: Build) -> list[scores.Member]:
    ranked = b.ranked
    rows = b.db.query("select ref_area, category from territories where valid_to is null order by ref_area")
    return [scores.Member(r["ref_area"], r["category"], r["category"] in ranked) for r in rows]


def _write_audit(b: Build) -> None:
    inhabitants = b.db.query("select ref_area, population from territories where population is not null")
    populations = {row["ref_area"]: row["population"] for row in inhabitants}
    for edition in b.editions:
        rows = b.db.query(
            "select edition, time_period, peer_group, node, ref_area, score, rank from scores where edition = ?"
            " and peer_group in (select peer_group from scores where node = 'index' and rank is not null)",
            [edition.edition],
        )
        found = audits.panels(edition, rows, populations)
        b.fill("audit_nodes", audits.node_rows(found))
        b.fill("audit_correlations", audits.correlation_rows(found))
