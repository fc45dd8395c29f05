"""What the page /comparer shows, and its twins in JSON and CSV: the verdict, the scores, the rows, the course."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from observatory.comparability import Verdict, judge, judge_row, judge_score
from observatory.comparability_rules import COMPARABLE, GRADES, REFUSED, Figure, Measure, Standing, holders_of
from observatory.comparing_asked import LEAST, MOST, Asked, meaning, written
from observatory.comparing_asked import asked as asked_for
from observatory.comparing_facts import Facts, Row, cards, connected, facts, others, rows, scored_levels
from observatory.comparing_trend import Points, trend
from observatory.maps_reading import Asked as MapAsked
from observatory.maps_reading import period, sources
from observatory.plots_curves import month
from observatory.resolving import resolve

# « Uniquement les différences »: beyond so many points of score or, out of the score, this share of the largest.
POINTS, SHARE = 1.0, 0.01
# Periods from which a course is worth drawing without being asked for.
COURSE = 3


@dataclass(frozen=True)
class Line:
    """One row of the table: an indicator or a score, what each territory has (None: nothing) and what it may say.

    `gap` is in the unit of the row, `points` on the scale from 0 to 100; both are None where they may not be told.
    `overlapping` says of scores that none is told the best, because the interval of another reaches the highest's.
    """

    head: Row
    cells: tuple[Row | None, ...]
    verdict: Verdict
    best: frozenset[str] = frozenset()
    gap: float | None = None
    points: float | None = None
    overlapping: bool = False

    @property
    def alike(self) -> Row | None:
        """A cell that says the period and the origin of every value, None when they are not the same for all."""
        known = [cell for cell in self.cells if cell and cell["obs_value"] is not None]
        said = {tuple(cell[name] for name in ("time_period", "obs_status", "recalculated")) for cell in known}
        return known[0] if len(said) == 1 else None

    @property
    def differs(self) -> bool:
        """Whether the values differ beyond the tolerance; False where they may not be compared."""
        if self.points is not None:
            return self.points > POINTS
        largest = max((abs(cell["obs_value"] or 0) for cell in self.cells if cell), default=0)
        return self.gap is not None and self.gap > SHARE * largest


def comparison(path: str | Path, typed: Sequence[str], options: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the page shows for the values of its parameters `t`, and for the other ones."""
    with closing(connected(path)) as db:
        found = [meaning(resolve(db, text)) for text in written(typed)]
    return screen(path, asked_for(found, options))


def screen(path: str | Path, asked: Asked, edition: str | None = None) -> dict[str, Any]:
    """Everything that the page shows for this state; without two territories, what helps to choose them.

    With an edition of the method, the course stops at the last period that it used.
    """
    db = connected(path)
    try:
        shown: dict[str, Any] = {
            "asked": asked,
            "cards": cards(db, asked.areas[:MOST]),
            "too_many": len(asked.areas) > MOST,
        }
        named = {area for one in asked.others for area in (*one.choices, one.vanished) if area}
        shown["named"] = {card["ref_area"]: card for card in cards(db, sorted(named))}
        gone = {code for card in shown["named"].values() for code in (card["successors"] or "").split()}
        shown["successors"] = {card["ref_area"]: card for card in cards(db, sorted(gone))}
        if shown["too_many"]:
            return {**shown, "ready": False, "first": replace(asked, areas=asked.areas[:MOST]).address()}
        known = facts(db, asked.areas)
        shown["others"] = [(row, others(db, row)) for row in known.territories]
        shown["ready"] = len(asked.areas) >= LEAST
        if not shown["ready"]:
            return shown
        return {**shown, **compared(known, asked), "course": _course(db, known, asked, edition)}
    finally:
        db.close()


def compared(known: Facts, asked: Asked) -> dict[str, Any]:
    """The verdict, the scores and the rows, filtered and sorted as asked; `counts` are those of all rows by grade."""
    verdict = judge(known.sides)
    lines = indicator_lines(known, verdict)
    grades = [line.verdict.grade for line in lines]
    return {
        "territories": known.territories,
        "verdict": verdict,
        "ranked": len({row["category"] for row in known.territories if row["category_ranked"]}) == 1
        and all(row["category_ranked"] for row in known.territories),
        "scores": [] if verdict.refusals else score_lines(known, verdict),
        "lines": lines,
        "shown": chosen(lines, asked),
        "groups": grouped(chosen(lines, asked), asked),
        "counts": {grade: grades.count(grade) for grade in GRADES if grade in grades},
        "together": _levels(known.territories) if verdict.refusals else [],
    }


def indicator_lines(known: Facts, overall: Verdict) -> list[Line]:
    """One row for each indicator that at least one of the territories has, in the order of the method."""
    codes = dict.fromkeys(code for _, code in known.values)
    return [_indicator(known, known.indicators[code], overall) for code in sorted(codes, key=_position(known))]


def _position(known: Facts) -> Callable[[str], int]:
    return lambda code: int(known.indicators[code]["position"])


def _indicator(known: Facts, indicator: Row, overall: Verdict) -> Line:
    code = indicator["code"]
    cells = tuple(known.values.get((side.ref_area, code)) for side in known.sides)
    head = {**next(cell for cell in cells if cell), "code": code, "unit": indicator["unit"]}
    scored = head["status"] == "active" and {s.level for s in known.sides} <= set(scored_levels(indicator))
    measure = Measure(code, indicator["unit"] == "count", holders_of(indicator["competence"]), scored)
    figures = [_figure(s.ref_area, cell) for s, cell in zip(known.sides, cells, strict=True)]
    line = Line(head, cells, judge_row(known.sides, measure, figures, overall))
    if line.verdict.grade == REFUSED:
        return line
    pairs = [(c["ref_area"], c["obs_value"]) for c in cells if c and c["obs_value"] is not None]
    values, scores = [value for _, value in pairs], [c["score"] for c in cells if c and c["score"] is not None]
    return replace(
        line,
        best=frozenset() if measure.counts_things else best(pairs, head["direction"], head["decimals"] or 0),
        gap=max(values) - min(values),
        points=max(scores) - min(scores) if len(scores) == len(values) else None,
    )


def _figure(area: str, cell: Row | None) -> Figure:
    if cell is None:
        return Figure(area)
    return Figure(
        ref_area=area,
        value=cell["obs_value"],
        period=cell["time_period"],
        status=cell["obs_status"],
        dataset=cell["dataset"],
        coverage=cell["coverage"],
        recalculated=bool(cell["recalculated"]),
    )


def best(pairs: Sequence[tuple[str, float]], direction: str | None, decimals: int) -> frozenset[str]:
    """Territories that have the best value as it is printed; none when all print the same, or no way is better."""
    printed = {area: round(value, decimals) for area, value in pairs}
    if direction not in ("higher", "lower") or len(set(printed.values())) < 2:
        return frozenset()
    top = (max if direction == "higher" else min)(printed.values())
    return frozenset(area for area, value in printed.items() if value == top)


def score_lines(known: Facts, overall: Verdict) -> list[Line]:
    """The index, then each domain that at least one of the territories has a row for."""
    heads = {row["node"]: row for row in known.nodes.values() if row["node_type"] in ("index", "domain")}
    order = sorted(heads.values(), key=lambda row: (row["node_type"] == "domain", row["position"] or 0))
    return [_score(known, head, overall) for head in order]


def _score(known: Facts, head: Row, overall: Verdict) -> Line:
    cells = tuple(known.nodes.get((side.ref_area, head["node"])) for side in known.sides)
    standings = [_standing(known, s.ref_area, head, cell) for s, cell in zip(known.sides, cells, strict=True)]
    verdict = judge_score(known.sides, standings, overall)
    pairs = [(x.ref_area, x.score) for x in standings if x.score is not None]
    if verdict.grade == REFUSED:
        return Line(head, cells, verdict)
    gap = max(score for _, score in pairs) - min(score for _, score in pairs)
    top = best(pairs, "higher", 1)
    overlapping = bool(top) and overlaps(cells, top)
    kept = frozenset[str]() if overlapping or less_covered(cells, top) else top
    return Line(head, cells, verdict, kept, gap, gap, overlapping)


def overlaps(cells: Sequence[Row | None], top: frozenset[str]) -> bool:
    """Whether the interval of a score out of `top` reaches the interval of one of `top`."""
    known = [cell for cell in cells if cell and cell["score"] is not None]
    lows = [cell["score_low"] for cell in known if cell["ref_area"] in top]
    return any(cell["score_high"] >= min(lows) for cell in known if cell["ref_area"] not in top)


def less_covered(cells: Sequence[Row | None], top: frozenset[str]) -> bool:
    """Whether a score of `top` rests on less than another one does."""
    known = [cell for cell in cells if cell and cell["score"] is not None]
    most = max(cell["coverage"] for cell in known)
    return any(cell["coverage"] < most - 0.005 for cell in known if cell["ref_area"] in top)


def _standing(known: Facts, area: str, head: Row, cell: Row | None) -> Standing:
    below = [row for (ref_area, _), row in known.nodes.items() if ref_area == area and row["score"] is not None]
    parts = [
        row["node"]
        for row in below
        if (row["node_type"] == "domain" if head["node_type"] == "index" else row["domain"] == head["node"])
    ]
    return Standing(area, cell["score"], cell["coverage"], frozenset(parts)) if cell else Standing(area)


def chosen(lines: Iterable[Line], asked: Asked) -> list[Line]:
    """The rows that the filters keep; by gap, the widest come first, then the unmeasured, then the refused."""
    kept = [
        line
        for line in lines
        if (not asked.differences or line.differs) and (not asked.comparables or line.verdict.grade == COMPARABLE)
    ]
    if asked.by_gap:
        kept.sort(key=lambda line: (line.verdict.grade == REFUSED, line.points is None, -(line.points or 0)))
    return kept


def grouped(lines: Iterable[Line], asked: Asked) -> list[tuple[Row | None, list[Line]]]:
    """The rows by domain; by gap, they are one group without a domain."""
    if asked.by_gap:
        return [(None, list(lines))]
    found = groupby(lines, key=lambda line: line.head["domain"])
    return [(own[0].head, own) for own in (list(group) for _, group in found)]


def _levels(territories: Sequence[Row]) -> list[list[Row]]:
    # What a refused comparison leaves possible: the territories of one level among them.
    levels = dict.fromkeys(row["level"] for row in territories)
    own = [[row for row in territories if row["level"] == level] for level in levels]
    return [group for group in own if LEAST <= len(group) < len(territories)]


def _course(db: Any, known: Facts, asked: Asked, edition: str | None) -> dict[str, Any]:
    series: dict[str, dict[str, list[tuple[str, float]]]] = {}
    for area in asked.areas:
        sql = "select * from territory_series where ref_area = :area order by indicator, time_period"
        for row in rows(db, sql, area=area):
            own = series.setdefault(row["indicator"], {one: [] for one in asked.areas})
            own[area].append((row["time_period"], row["obs_value"]))
    drawable = [code for code, own in series.items() if max(len(points) for points in own.values()) > 1]
    drawable.sort(key=_position(known))
    long = [code for code in drawable if max(len(points) for points in series[code].values()) >= COURSE]
    code = asked.indicator or next(iter(long), "")
    return {
        "choices": [_title(known, one) for one in drawable],
        "code": code if code in series else "",
        "unknown": bool(asked.indicator) and asked.indicator not in known.indicators,
        "drawn": trend(_until(db, known, code, edition, series[code])) if code in drawable else None,
        "sources": sources(db, code),
    }


def _until(db: Any, known: Facts, code: str, edition: str | None, series: Mapping[str, Points]) -> Mapping[str, Points]:
    if edition is None:
        return series
    last = period(db, MapAsked(code, known.sides[0].level, edition=edition))
    return {area: [(p, v) for p, v in points if last and month(p) <= month(last)] for area, points in series.items()}


def _title(known: Facts, code: str) -> Row:
    return next((row for (_, one), row in known.values.items() if one == code), {"indicator": code, "title": code})
