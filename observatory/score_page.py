"""What the pages of a territory decide of its scores: the one that is told first, why each moved, what is found again.

Rows are those of the views node_scores, score_changes, recalculated_scores, territory_values and observations.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, NamedTuple

from observatory.model import INDEX
from observatory.rounding import adding_up
from observatory.scoring_change import CAUSES

Row = Mapping[str, Any]

SCORE = "score"
# Decimals that are printed, of a score and of a rank: the parts are rounded to them, and still add up.
DECIMALS = {SCORE: 2, "rank": 1}
MARGIN = 0.15
NODE_TYPES = ("index", "domain", "indicator")


class Step(NamedTuple):
    """One cause of a change: its part, rounded, from where to where it goes, and whether it is for the better."""

    cause: str
    part: float
    start: float
    end: float
    better: bool


@dataclass(frozen=True)
class Waterfall:
    """The change of one score or rank, cause by cause; the drawing goes from `low` to `high`, `still` did nothing."""

    change: Row
    start: float
    end: float
    steps: tuple[Step, ...]
    still: tuple[str, ...]
    low: float
    high: float

    @property
    def shown(self) -> float:
        """The change as the two printed ends give it."""
        decimals = DECIMALS[self.change["kind"]]
        return round(self.end, decimals) - round(self.start, decimals)

    @property
    def moved(self) -> bool:
        """Whether any cause did something, even if it does not show."""
        return any(self.change[cause] for cause in CAUSES)


def waterfall(change: Row, end: float) -> Waterfall:
    """The steps from what a score or a rank was to `end`, what it is; a rank that falls in number is better."""
    scored, decimals = change["kind"] == SCORE, DECIMALS[change["kind"]]
    start = end - change["change"]
    total = round(end, decimals) - round(start, decimals)
    parts = adding_up([change[cause] for cause in CAUSES], total, decimals)
    at, steps = start, []
    for cause, part in zip(CAUSES, parts, strict=True):
        if part:
            steps.append(Step(cause, part, at, at + part, (part > 0) == scored))
            at += part
    still = tuple(cause for cause, part in zip(CAUSES, parts, strict=True) if not part)
    return Waterfall(
        change, start, end, tuple(steps), still, *_scale([start, end, *(step.end for step in steps)], scored)
    )


def _scale(values: Sequence[float], scored: bool) -> tuple[float, float]:
    """Round ends with some room on both sides; no score is below 0, no rank is better than the first."""
    margin = (max(values) - min(values)) * MARGIN or 1
    low, high = max(min(values) - margin, 0), max(values) + margin
    return (floor(low * 10) / 10, ceil(high * 10) / 10) if scored else (max(floor(low), 1), ceil(high))


def waterfalls(changes: Iterable[Row], nodes: Iterable[Row], codes: Iterable[str], period: str) -> list[Waterfall]:
    """Those of the scores of `codes`, in their order, until that period and within one edition of the method.

    What has no score or rank today is left out, as is what stayed the same, except the index.
    """
    now = {node["node"]: node for node in nodes}
    told = [c for c in changes if c["edition_from"] == c["edition_to"] and c["period_to"] == period]
    found = []
    for code in codes:
        for change in told:
            end = now[code]["score" if change["kind"] == SCORE else "rank"] if code in now else None
            if change["node"] == code and end is not None and (change["change"] or code == INDEX):
                found.append(waterfall(change, end))
    return found


@dataclass(frozen=True)
class Recalculated:
    """The published scores, each with the one that the public query finds (None: it finds none), the index first."""

    pairs: tuple[tuple[Row, float | None], ...]

    @property
    def equal(self) -> int:
        """How many are found again, to their last decimal."""
        return sum(node["score"] == again for node, again in self.pairs)

    @property
    def whole(self) -> bool:
        """Whether all of them are."""
        return self.equal == len(self.pairs)

    def of(self, code: str) -> float | None:
        """What the query finds for that node."""
        return next((again for node, again in self.pairs if node["node"] == code), None)

    def same(self, code: str) -> bool:
        """Whether it is what was published for that node."""
        return any(node["node"] == code and node["score"] == again for node, again in self.pairs)


def recalculated(nodes: Iterable[Row], again: Iterable[Row]) -> Recalculated | None:
    """Published scores beside those of the query; None when it finds nothing for the territory."""
    found = {row["node"]: row["score"] for row in again}
    published = sorted(
        (node for node in nodes if node["score"] is not None), key=lambda node: NODE_TYPES.index(node["node_type"])
    )
    return Recalculated(tuple((node, found.get(node["node"])) for node in published)) if found else None


def told_first(index: Row | None, domains: Sequence[Row]) -> Row | None:
    """The score that speaks for a territory: its index, else its only domain that has one, else none."""
    if index and index["score"] is not None:
        return index
    scored = [domain for domain in domains if domain["score"] is not None]
    return scored[0] if len(scored) == 1 else None


def shown_values(
    values: Iterable[Row], alone: Sequence[str], observed: Iterable[Row] | None = None
) -> list[dict[str, Any]]:
    """The values as the page shows them; with `observed`, in the perimeters of the time wherever they differ.

    Those of the time have neither rank nor score, which are of today's perimeters. `alone` are the indicators that are
    a yes or a no for the territory.
    """
    known = {(row["indicator"], row["time_period"]): row for row in observed or ()}
    found = []
    for value in values:
        if observed is None or not value["recalculated"]:
            found.append({**dict(value), "alone": value["indicator"] in alone})
            continue
        then = known.get((value["indicator"], value["time_period"]), {"obs_value": None, "coverage": None})
        kept = {"obs_value": then["obs_value"], "coverage": then["coverage"]}
        found.append({**dict(value), **kept, "recalculated": 0, "rank": None, "score": None})
    return found
