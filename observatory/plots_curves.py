"""A course through time: curves, a band of uncertainty, changes of perimeter, over months and round values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from observatory import plots
from observatory.images import INK, PAPER, RANGE, SOFT
from observatory.periods import end_month
from observatory.spoken import period as worded

MOST_YEARS, MOST_TARGETS = 9, 150
Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve in `pieces` (it breaks where a period is missing); `dots` have a shape, `number` is written at its end.

    A point is (month, value); `label` is the ordinate of the number, `told` says each point to the pointer.
    """

    kind: str
    pieces: tuple[tuple[Point, ...], ...]
    dots: tuple[Point, ...] = ()
    number: str = ""
    label: float = 0.0
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves, the first on top, and their axes; `band` is (month, low, high), `breaks` months that are numbered."""

    curves: tuple[Curve, ...]
    months: tuple[tuple[int, str], ...]
    values: tuple[tuple[float, str], ...]
    span: tuple[int, int]
    band: tuple[tuple[int, float, float], ...] = ()
    now: int | None = None
    breaks: tuple[int, ...] = ()

    def chart(self) -> alt.LayerChart:
        """What stands behind first, then the curves."""
        along = alt.Scale(domain=list(self.span), nice=False, zero=False)
        up = alt.Scale(domain=[self.values[0][0], self.values[-1][0]], nice=False, zero=False)
        below = alt.Axis(grid=False, labelFlush=True, **plots.labels(self.months))
        aside = alt.Axis(domain=False, ticks=False, labelPadding=7, **plots.labels(self.values))
        x, y = alt.X("x:Q", scale=along, axis=below), alt.Y("y:Q", scale=up, axis=aside)
        ground = plots.layer([{"x": month, "y": self.values[0][0]} for month in self.span])
        layers = [ground.mark_point(opacity=0, size=0).encode(x=x, y=y), *self._behind()]
        for curve in reversed(self.curves):
            layers += _curve(curve)
        layers += self._targets()
        return plots.whole(layers, 170, above=8)

    def _targets(self) -> list[alt.Chart]:
        # Where the pointer reads a value: nothing is seen there, and very long courses do without.
        rows = [
            {"x": x, "y": y, "told": told}
            for curve in reversed(self.curves)
            for (x, y), told in zip((point for piece in curve.pieces for point in piece), curve.told, strict=False)
        ]
        if not 0 < len(rows) <= MOST_TARGETS:
            return []
        mark = plots.layer(rows).mark_point(
            shape="square", size=120, filled=True, fill=PAPER, fillOpacity=0, strokeOpacity=0, aria=True
        )
        return [mark.encode(x="x:Q", y="y:Q", description="told:N")]

    def _behind(self) -> list[alt.Chart]:
        layers = []
        if self.band:
            # Too light to be seen alone: its edge is.
            rows = [{"x": month, "y": low, "high": high} for month, low, high in self.band]
            area = plots.layer(rows).mark_area(fill=RANGE, fillOpacity=0.5, stroke=SOFT, strokeWidth=1)
            layers.append(area.encode(x="x:Q", y="y:Q", y2="high:Q"))
        if self.now is not None:
            layers.append(plots.layer([{"x": self.now}]).mark_rule(color=SOFT, strokeWidth=3).encode(x="x:Q"))
        if self.breaks:
            marks: list[dict[str, Any]] = [{"x": month, "number": str(n)} for n, month in enumerate(self.breaks, 1)]
            rule = plots.layer(marks).mark_rule(color=SOFT, strokeDash=[2, 3])
            text = plots.layer(marks).mark_text(color=SOFT, fontSize=plots.LETTERS, baseline="bottom")
            layers += [rule.encode(x="x:Q"), text.encode(x="x:Q", y=alt.value(-3), text="number:N")]
        return layers


def _curve(curve: Curve) -> list[alt.Chart]:
    style = plots.MARKS[curve.kind]
    dash: dict[str, Any] = {"strokeDash": list(style.dash)} if style.dash else {}
    rows = [{"x": x, "y": y, "piece": n} for n, piece in enumerate(curve.pieces) for x, y in piece]
    line = plots.layer(rows).mark_line(color=style.colour, strokeWidth=style.width, strokeJoin="round", **dash)
    layers = [line.encode(x="x:Q", y="y:Q", detail="piece:N", order="x:Q")] if rows else []
    if curve.dots and style.shape:
        dots = [{"x": x, "y": y} for x, y in curve.dots]
        layers.append(plots.points(curve.kind, dots).encode(x="x:Q", y="y:Q"))
    if curve.number:
        ends = [{"x": max(x for piece in curve.pieces for x, _ in piece), "y": curve.label, "number": curve.number}]
        text = plots.layer(ends).mark_text(
            align="left", dx=8, color=INK, fontSize=plots.LETTERS, fontWeight="bold", baseline="middle"
        )
        layers.append(text.encode(x="x:Q", y="y:Q", text="number:N"))
    return layers


def month(period: str) -> int:
    """The last month of a period, counted since year 0."""
    year, last = end_month(period)
    return 12 * year + last


def day(text: str) -> int:
    """The month of an ISO date, counted the same."""
    return 12 * int(text[:4]) + int(text[5:7])


def pieces(points: Sequence[tuple[str, float]], periods: Sequence[str]) -> list[list[tuple[str, float]]]:
    """The points in runs, broken where one of `periods` has none."""
    known = dict(points)
    found: list[list[tuple[str, float]]] = [[]]
    for period in periods:
        if period in known:
            found[-1].append((period, known[period]))
        elif found[-1]:
            found.append([])
    return [piece for piece in found if piece]


def graduated(periods: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Months to write under a course, in order: its years, never too many, or its two ends when it is short."""
    first, last = month(periods[0]), month(periods[-1])
    if all(len(period) == 4 for period in periods):
        years = [(month(str(year)), str(year)) for year in range(first // 12 - 1, last // 12 + 1)]
    else:
        years = [(12 * year + 1, str(year)) for year in range(first // 12, last // 12 + 2)]
    inside = [(at, year) for at, year in years if first <= at <= last]
    if len(inside) < 2:
        return ((first, worded(periods[0])), (last, worded(periods[-1])))
    every = -(-len(inside) // MOST_YEARS)
    return tuple((at, year) for at, year in inside if int(year) % every == int(inside[-1][1]) % every)
