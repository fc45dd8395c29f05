"""A distribution: bars of counts between round numbers, with the marks of territories over them."""

from dataclasses import dataclass
from typing import Any

import altair as alt

from observatory import plots
from observatory.distributions import ticks
from observatory.images import COLUMN, PAPER, WARM
from observatory.spoken import number

# A bar of few beside one of many is still seen: this share of the height at least.
LEAST = 0.01
# Where a mark has its shape, in pixels from the top: the one of the territory above the others.
TOP = {"own": 2, "parent": 8, "median": 8}


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars (from, to, count), the number of the one that holds the territory, marks (kind, value), graduations.

    `told` says each bar to the pointer.
    """

    bars: tuple[tuple[float, float, int], ...]
    mine: int | None
    marks: tuple[tuple[str, float], ...]
    values: tuple[tuple[float, str], ...]
    counts: tuple[tuple[float, str], ...]
    told: tuple[str, ...] = ()

    def chart(self) -> alt.LayerChart:
        """Bars under marks; a count of nobody has no bar."""
        most = self.counts[-1][0]
        rows = [
            {
                "low": low,
                "high": high,
                "held": held,
                "tall": max(held, LEAST * most),
                "mine": n == self.mine,
                "told": told,
            }
            for n, ((low, high, held), told) in enumerate(
                zip(self.bars, self.told or [""] * len(self.bars), strict=True)
            )
            if held
        ]
        along = alt.Scale(domain=[self.bars[0][0], self.bars[-1][1]], nice=False, zero=False)
        below = alt.Axis(grid=False, labelFlush=True, **plots.labels(self.values))
        aside = alt.Axis(domain=False, ticks=False, **plots.labels(self.counts))
        bars = [
            plots.layer([row for row in rows if row["mine"] == mine])
            .mark_bar(color=colour, binSpacing=1.5, aria=bool(self.told))
            .encode(
                x=alt.X("low:Q", bin="binned", scale=along, axis=below),
                x2="high:Q",
                y=alt.Y("tall:Q", scale=alt.Scale(domain=[0, most], nice=False), axis=aside),
                description="told:N",
            )
            for mine, colour in ((False, COLUMN), (True, WARM))
        ]
        return plots.whole([*bars, *(one for mark in reversed(self.marks) for one in _mark(*mark))], above=8)


def _mark(kind: str, value: float) -> list[alt.Chart]:
    style, rows = plots.MARKS[kind], [{"at": value}]
    dash: dict[str, Any] = {"strokeDash": list(style.dash)} if style.dash else {}
    rule = plots.layer(rows).mark_rule(color=style.colour, strokeWidth=style.width, **dash)
    shape = plots.points(kind, rows).encode(x="at:Q", y=alt.value(TOP[kind]))
    # A line is read over any bar, the filled one included.
    halo = plots.layer(rows).mark_rule(color=PAPER, strokeWidth=style.width + 2).encode(x="at:Q")
    return [halo, rule.encode(x="at:Q"), shape]


def counted(most: int) -> tuple[tuple[float, str], ...]:
    """Graduations of counts up to at least `most`, whole numbers in the words of the page."""
    return tuple((tick, number(tick)) for tick in ticks(0, max(most, 1), 4) if tick % 1 == 0)
