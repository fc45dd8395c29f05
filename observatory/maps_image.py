"""Choropleths as files that stand alone: colours written out, title, legend, source, date and address burnt in."""

import gzip
import html
import re
import textwrap
from functools import lru_cache
from io import StringIO

import vl_convert

from observatory.languages import gettext as _
from observatory.maps import Drawing, said

# One hue family, lightness falling steadily: the order reads without colour vision and in grey print.
COLOURS = ("#f1e8c9", "#b9d6b3", "#6cb3a8", "#2f7f95", "#134a6b")
NONE, HATCH, INK, SOFT, LINE, PAPER, MINE = "#e3e6e8", "#8b98a2", "#17232e", "#4c5b68", "#53626d", "#ffffff", "#a8431a"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH, MARGIN, TALLEST = 1200, 40, 900
VIEW = re.compile(r'viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"')


def file(drawing: Drawing, kind: str, address: str | None, packed: bool) -> tuple[bytes, dict[str, str]]:
    """The map as a file, "svg" or "png", and its HTTP headers; the drawing alone without `address`.

    SVG is compressed when the reader takes it `packed`.
    """
    svg = standalone(drawing, address) if address else bare(drawing)
    headers = {"Cache-Control": "max-age=3600", "Content-Disposition": f'inline; filename="{drawing.name}.{kind}"'}
    if kind == "png":
        return png(svg), headers
    headers["Vary"] = "Accept-Encoding"
    if packed:
        return gzip.compress(svg.encode(), 6, mtime=0), {**headers, "Content-Encoding": "gzip"}
    return svg.encode(), headers


def standalone(drawing: Drawing, address: str) -> str:
    """The whole figure as one SVG that needs no stylesheet; `address` is that of its page."""
    out = StringIO()
    y = MARGIN + 24
    for line in textwrap.wrap(drawing.title, 62):
        y = _line(out, line, y, 34, 44, bold=True)
    # Fonts of servers have no raised letters: « 3ᵉ » would change the font of its line.
    period = said("period")(drawing.time_period).replace("ʳ", "r").replace("ᵉ", "e")
    for line in textwrap.wrap(f"{period}. {drawing.description}", 105):
        y = _line(out, line, y, 20, 28, SOFT)
    left, top, width, height = (float(n) for n in _view(drawing.svg))
    scale = min((WIDTH - 2 * MARGIN) / width, TALLEST / height)
    x = (WIDTH - width * scale) / 2
    out.write(
        f'<svg x="{x:.0f}" y="{y - 8}" width="{width * scale:.0f}" height="{height * scale:.0f}"'
        f' viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}">{coloured(drawing.svg)}</svg>'
    )
    y = _legend(out, drawing, round(y + height * scale) + 20)
    for text in (_("Source : {source}").format(source=drawing.source), address):
        for line in textwrap.wrap(text, 105, break_long_words=True):
            y = _line(out, line, y, 20, 28, SOFT)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 10}" viewBox="0 0 {WIDTH} {y + 10}"'
        f' font-family="{FONT}" role="img"><title>{html.escape(drawing.title)}</title>'
        f'<desc>{html.escape(drawing.description)}</desc><rect width="{WIDTH}" height="{y + 10}" fill="{PAPER}"/>'
        f"{out.getvalue()}</svg>"
    )


def bare(drawing: Drawing) -> str:
    """The drawing alone, one path a class: what a frame in another site shows under a title of its own."""
    view = " ".join(_view(drawing.svg))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" font-family="{FONT}">'
    return f"{head}{coloured(drawing.svg)}</svg>"


def coloured(svg: str) -> str:
    """The inside of a map of the pages with its colours written out, the shapes of a colour in one path."""
    paths: dict[str, list[str]] = {}
    for fill, path in re.findall(r'<path (?:class="([a-z0-9]+)" |fill="[^"]*" )d="([^"]*)"', svg):
        if fill != "halo":
            paths.setdefault(fill or "l0", []).append(path)
    unit = float(_view(svg)[2]) / 1000
    line = (0.6 if 'class="choropleth fine"' in svg else 1.0) * unit
    fills = {f"l{n}": f'fill="{COLOURS[n - 1]}"' for n in range(1, 6)} | {"l0": 'fill="url(#vide)"'}
    fills["mine"] = f'fill="none" stroke="{MINE}" stroke-width="{5 * unit:.1f}"'
    areas = "".join(
        f'<path {fills[fill]} d="{"".join(found)}"/>' for fill, found in sorted(paths.items()) if fill != "mine"
    )
    mine = "".join(f'<path {fills["mine"]} d="{path}"/>' for path in paths.get("mine", []))
    for at in re.findall(r'<circle class="ring" ([^>]*)/>', svg):
        mine += f'<circle fill="none" stroke="{MINE}" stroke-width="{5 * unit:.1f}" {at}/>'
    labels = "".join(re.findall(r"<text .*?</text>", svg))
    return (
        f'{_hatching()}<g stroke="{LINE}" stroke-width="{line:.2f}" stroke-linejoin="round">{areas}</g>'
        f'{mine}<g font-size="{24 * unit:.0f}" fill="{SOFT}">{labels}</g>'
    )


@lru_cache(maxsize=48)
def png(svg: str) -> bytes:
    """The same figure in points, as wide as the SVG says; kept for whoever asks next."""
    return vl_convert.svg_to_png(svg, scale=1.0, ppi=72.0)


def _view(svg: str) -> tuple[str, ...]:
    found = VIEW.search(svg)
    if found is None:
        raise ValueError("a map without viewBox")
    return found.groups()


def _line(out: StringIO, text: str, y: int, size: int, step: int, colour: str = INK, bold: bool = False) -> int:  # noqa: PLR0913 (one line of text)
    weight = ' font-weight="700"' if bold else ""
    out.write(f'<text x="{MARGIN}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{html.escape(text)}</text>')
    return y + step


def _legend(out: StringIO, drawing: Drawing, top: int) -> int:
    entries = drawing.legend
    rows = (len(entries) + 1) // 2
    for number, entry in enumerate(entries):
        x, y = MARGIN + (number // rows) * 570, top + (number % rows) * 38
        fill = COLOURS[entry.colour - 1] if entry.colour else "url(#vide)"
        out.write(f'<rect x="{x}" y="{y}" width="34" height="24" fill="{fill}" stroke="{LINE}"/>')
        out.write(f'<text x="{x + 48}" y="{y + 19}" font-size="21" fill="{INK}">{html.escape(entry.label)}</text>')
    return top + rows * 38 + 30


def _hatching() -> str:
    return (
        '<defs><pattern id="vide" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="12" height="12" fill="{NONE}"/><rect width="3" height="12" fill="{HATCH}"/></pattern></defs>'
    )
