"""What a territory's page puts first, by rule and never by hand: headline figures, strengths and gaps, positions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST, LEAST = 5, 3
# Below this many points of score, a difference with the territories alike is not worth a line.
LEAST_GAP = 1.0


def headlines(values: Sequence[Any], weights: Mapping[str, float]) -> list[Any]:
    """Three to five rows of territory_values, chosen by rule; `weights` are the effective weights of the indicators.

    1. Only indicators that have a value, recent enough for the method (its `max_age`).
    2. Those that count in the score come first, the heaviest first (at equal weights, in the order of the method), at
       most one a domain, at most five.
    3. With fewer than three, others complete up to three: first from a domain not yet seen, then scored ones, then
       published ones, in the order of the method.
    """
    recent = [v for v in values if v["obs_value"] is not None and not v["too_old"]]
    ordered = sorted(recent, key=lambda v: (v["score"] is None, -weights.get(v["indicator"], 0.0), v["position"]))
    chosen = _one_a_domain([v for v in ordered if v["score"] is not None], set())[:MOST]
    others = _without(ordered, chosen)
    fresh = _one_a_domain(others, {v["domain"] for v in chosen})
    completed = [*fresh, *_without(others, fresh)]
    return chosen + completed[: max(0, LEAST - len(chosen))]


def _one_a_domain(values: Iterable[Any], seen: set[str]) -> list[Any]:
    first: dict[str, Any] = {}
    for v in values:
        if v["domain"] not in seen:
            first.setdefault(v["domain"], v)
    return list(first.values())


def _without(values: Iterable[Any], taken: Iterable[Any]) -> list[Any]:
    codes = {v["indicator"] for v in taken}
    return [v for v in values if v["indicator"] not in codes]


def furthest(standings: Iterable[Any], indicators: Iterable[str], most: int = 3) -> tuple[list[Any], list[Any]]:
    """Rows of peer_standings furthest above and below the median of the territories alike, furthest first.

    Only `indicators`, whose scores share one scale; those within one point of the median are neither.
    """
    known = set(indicators)
    compared = [s for s in standings if s["node"] in known and s["peers_median"] is not None]
    gaps = sorted(((s["score"] - s["peers_median"], s["node"], s) for s in compared), key=lambda x: (x[0], x[1]))
    above = [s for gap, _, s in reversed(gaps) if gap >= LEAST_GAP]
    below = [s for gap, _, s in gaps if gap <= -LEAST_GAP]
    return above[:most], below[:most]


def quarter(value: float, spread: Any) -> str:
    """Where the value lies in a row of value_distributions: lowest, low, high, highest quarter; same when all agree."""
    if spread["minimum"] == spread["maximum"]:
        return "same"
    if value == spread["median"]:
        return "median"
    if value < spread["median"]:
        return "lowest" if value < spread["quartile_1"] else "low"
    return "highest" if value > spread["quartile_3"] else "high"


def middle(values: Iterable[float], least: int = 5) -> float | None:
    """The median; None with fewer than `least` values, of which a median says nothing."""
    ordered = sorted(values)
    count = len(ordered)
    if count < least:
        return None
    return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
