"""Charts that are not maps: what a figure says, its marks, and the one rendering of its Vega-Lite as SVG."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlencode

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from observatory import images
from observatory.images import ACCENT, COLUMN, FONT, INK, LINE, PAPER, RANGE, SOFT, WARM

# Drawn for a telephone: the page lets it grow and makes its letters smaller, a file too.
WIDTH, HEIGHT, LETTERS = 350, 150, 12
SHAPES = {
    "triangle-down": "M-4.5 -4h9l-4.5 8z",
    "diamond": "M0 -4.5l4.5 4.5-4.5 4.5-4.5-4.5z",
    "circle": "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
    "square": "M-3.5 -3.5h7v7h-7z",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How a curve or a vertical mark is drawn: each kind has a dash or a shape of its own, never a colour alone."""

    colour: str
    dash: tuple[int, ...] = ()
    shape: str = ""
    width: float = 2
    hollow: bool = False


MARKS = {
    "own": Mark(WARM, (), "triangle-down", 2.5),
    "other": Mark(WARM, (2, 3), "", 1.5),
    "parent": Mark(ACCENT, (7, 4), "diamond"),
    "median": Mark(INK, (2, 3), "circle", 2, True),
    "score": Mark(ACCENT, (), "circle", 2.5),
    "today": Mark(WARM, (7, 5), "square"),
    # Of a long course only the end has a shape: no two dashes are the same.
    "1": Mark(ACCENT, (), "circle", 2.5),
    "2": Mark(WARM, (6, 3), "square", 2.5),
    "3": Mark(INK, (2, 3), "diamond"),
    "4": Mark(SOFT, (7, 3, 2, 3), "triangle-down"),
    "5": Mark(ACCENT, (10, 4, 2, 4), "square", 2, True),
    "6": Mark(WARM, (2, 6), "circle", 2, True),
}


class Content(Protocol):
    """What is drawn, hashable and whole (labels are in the language of the page): equal contents are one drawing."""

    def __hash__(self) -> int: ...

    def chart(self) -> alt.LayerChart:
        """The Vega-Lite of it."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure and all that must be said with it.

    `description` says the drawing to who does not see it, `notes` are the sentences under it, `key` the marks and
    their words. `path` and `query` are where it is shown, `twin` where the same figures are
    a table (an anchor of the page, or another address); `edition` is the one it is frozen to, `unfrozen` why it is
    never frozen to any.
    """

    name: str
    title: str
    description: str
    notes: tuple[str, ...]
    source: str
    time_period: str
    path: str
    query: tuple[tuple[str, str], ...]
    twin: str
    key: tuple[tuple[str, str], ...]
    content: Content
    edition: str = ""
    unfrozen: str = ""

    @property
    def page(self) -> str:
        """The page that shows it, with its parameters; where none does, the table of the same figures."""
        return self.twin if self.twin.startswith("/") else address(self.path, self.query)

    @property
    def dated(self) -> bool:
        """Whether the period is still to be said, beside a title without it."""
        return self.time_period not in self.title

    @property
    def svg(self) -> str:
        """The drawing for a page: named, described, without a style of its own."""
        return named(self)

    @property
    def samples(self) -> list[tuple[str, str]]:
        """Each entry of the key, its mark drawn."""
        return [(sample(kind), label) for kind, label in self.key]

    def files(self, kind: str) -> str:
        """The address of the figure as a file, "svg" or "png"."""
        return address(f"/graphiques/{self.name}.{kind}", self._asked)

    @property
    def frame(self) -> str:
        """The address of the figure for another site."""
        return address(f"/integrer/figures/{self.name}", self._asked)

    @property
    def table(self) -> str:
        """The address of the same figures as a table."""
        return self.page if self.twin.startswith("/") else f"{self.page}#{self.twin}"

    @property
    def _asked(self) -> tuple[tuple[str, str], ...]:
        return (*self.query, ("edition", self.edition)) if self.edition else self.query


def address(path: str, query: tuple[tuple[str, str], ...]) -> str:
    """A path and its parameters."""
    return f"{path}?{urlencode(query)}" if query else path


@lru_cache(maxsize=512)
def drawing(content: Content) -> str:
    """The SVG of a content as Vega draws it, with nothing but shapes and letters; nothing is asked of the network."""
    # Altair would check each piece against the schema as it is made, a tenth of a second: tests do it instead.
    with images.ONE, debug_mode(False):
        spec = json.dumps(content.chart().to_dict(validate=False), ensure_ascii=False)
        drawn = vl_convert.vegalite_to_svg(spec, show_warnings=False, allowed_base_urls=[])
    return bare(drawn)


def bare(svg: str) -> str:
    """Vega's SVG without what only its own runtime reads: classes, roles, empty groups, invisible paths.

    What it would say of a shape to a screen reader becomes what the pointer reads there.
    """
    svg = re.sub(r'<path ([^>]*?)aria-label="([^"]*)"([^>]*)/>', r"<path \1\3><title>\2</title></path>", svg)
    svg = re.sub(
        r'<path [^>]*(?:display="none"|opacity="0"|d="M0,0h0v0h0Z")[^>]*/>|<rect [^>]*fill="transparent"/>', "", svg
    )
    svg = re.sub(r' (?:class|role|aria-[a-z]+|pointer-events|xmlns:xlink|version|stroke-miterlimit)="[^"]*"', "", svg)
    svg = re.sub(r' (?:font-weight="normal"|font-style="normal"|opacity="1"|transform="translate\(0,0\)")', "", svg)
    svg = re.sub(r"<[^>]+>", lambda tag: re.sub(r"(\d\.\d{2})\d+", r"\1", tag[0]), svg)  # not in words
    svg = re.sub(r'<path d="[^"]*"/>', "", svg)
    before = ""
    while before != svg:
        before, svg = svg, re.sub(r"<g>(?:\s*)</g>|<g [^>]*></g>", "", svg)
    return svg


def opened(svg: str) -> tuple[str, str]:
    """The four numbers of its viewBox, and what is inside."""
    found = re.fullmatch(r'<svg [^>]*viewBox="([^"]+)"[^>]*>(.*)</svg>', svg, re.S)
    if found is None:
        raise ValueError("a drawing without viewBox")
    return found[1], found[2]


def named(plot: Plot) -> str:
    """The drawing as one image of a page, with its name and description; the stylesheet turns its colours dark."""
    view, inside = opened(drawing(plot.content))
    title, description = (html.escape(text, quote=False) for text in (plot.title, plot.description))
    inside = re.sub(r' font-(?:family|size)="[^"]*"', "", inside)
    return (
        f'<svg class="plot" viewBox="{view}" role="img" aria-labelledby="{plot.name}-titre {plot.name}-texte">'
        f'<title id="{plot.name}-titre">{title}</title><desc id="{plot.name}-texte">{description}</desc>{inside}</svg>'
    )


def standalone(plot: Plot, site: str) -> str:
    """The whole figure as one SVG that needs no stylesheet; `site` is the address of its page."""
    view, inside = opened(drawing(plot.content))
    # Letters that a telephone needs are too large in a file of this width.
    inside = re.sub(r'font-size="(\d+)px"', lambda found: f'font-size="{int(found[1]) * 0.6:g}px"', inside)
    key = [(f'<svg width="34" height="24" viewBox="0 0 28 14">{swatch(kind)}</svg>', label) for kind, label in plot.key]
    under = " ".join((*((f"{plot.time_period}.",) if plot.dated else ()), *plot.notes))
    return images.sheet((plot.title, under, plot.source), (view, inside), key, site)


def file(plot: Plot, kind: str, site: str, packed: bool) -> tuple[bytes, dict[str, str]]:
    """The figure as a file, "svg" or "png", and its HTTP headers."""
    return images.file(plot.name, kind, standalone(plot, site), packed)


def sample(kind: str) -> str:
    """How a mark is drawn, beside its words."""
    return f'<svg class="plot sample" viewBox="0 0 28 14" aria-hidden="true" focusable="false">{swatch(kind)}</svg>'


def swatch(kind: str) -> str:
    """The inside of a sample of 28 by 14: a bar, a band, or a line with its shape."""
    if kind in ("bar", "band"):
        fill = f'"{COLUMN}"' if kind == "bar" else f'"{RANGE}" fill-opacity="0.5" stroke="{SOFT}"'
        return f'<rect x="4" y="1" width="20" height="12" fill={fill}/>'
    mark = MARKS[kind]
    dash = f' stroke-dasharray="{" ".join(map(str, mark.dash))}"' if mark.dash else ""
    line = f'<line x1="0" x2="28" y1="7" y2="7" stroke="{mark.colour}" stroke-width="{mark.width}"{dash}/>'
    if not mark.shape:
        return line
    fill = PAPER if mark.hollow else mark.colour
    shape = f'<path transform="translate(14 7)" d="{SHAPES[mark.shape]}" fill="{fill}" stroke="{mark.colour}"'
    return f'{line}{shape} stroke-width="1.5"/>'


def points(kind: str, rows: list[dict[str, Any]], size: float = 55) -> alt.Chart:
    """The shapes of a kind at the `x` and `y` of rows."""
    mark = MARKS[kind]
    return layer(rows).mark_point(
        shape=mark.shape, size=size, filled=True, opacity=1, fill=PAPER if mark.hollow else mark.colour,
        stroke=mark.colour, strokeWidth=1.5,
    )  # fmt: skip


def layer(rows: list[dict[str, Any]]) -> alt.Chart:
    """A layer over its own rows."""
    return alt.Chart(alt.Data(values=rows))


def labels(ticks: tuple[tuple[float, str], ...]) -> dict[str, Any]:
    """Properties of an axis whose graduations have those words."""
    at, words = [value for value, _ in ticks], [label for _, label in ticks]
    chosen = f"{json.dumps(words, ensure_ascii=False)}[indexof({json.dumps(at)}, datum.value)]"
    # Vega would leave out every other one where it finds them too many.
    return {"values": at, "tickCount": len(at), "labelExpr": chosen}


def whole(layers: list[alt.Chart], height: int = HEIGHT, above: int = 5) -> alt.LayerChart:
    """Those layers over each other, the last on top, in the dress of the site."""
    axis: Mapping[str, Any] = {
        "labelColor": SOFT, "labelFont": FONT, "labelFontSize": LETTERS, "labelOverlap": False, "labelLimit": 0,
        "domainColor": SOFT, "tickColor": SOFT, "gridColor": LINE, "title": None,
    }  # fmt: skip
    config = alt.Config(
        aria=False, background="transparent", font=FONT, axis=alt.AxisConfig(**axis), view=alt.ViewConfig(stroke=None),
        padding=alt.Padding(left=2, right=4, top=above, bottom=2),
    )  # fmt: skip
    return alt.layer(*layers).properties(width=WIDTH, height=height, config=config)
