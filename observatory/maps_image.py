"""Choropleths as files that stand alone: their colours written out, their classes in the key."""

import re

from observatory import images
from observatory.images import FONT, SOFT
from observatory.maps import Drawing
from observatory.spoken import said

# One hue family, lightness falling steadily: the order reads without colour vision and in grey print.
COLOURS = ("#f1e8c9", "#b9d6b3", "#6cb3a8", "#2f7f95", "#134a6b")
NONE, HATCH, LINE, MINE = "#e3e6e8", "#8b98a2", "#53626d", images.WARM
VIEW = re.compile(r'viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"')


def file(drawing: Drawing, kind: str, address: str | None, packed: bool) -> tuple[bytes, dict[str, str]]:
    """The map as a file, "svg" or "png", and its HTTP headers; the drawing alone without `address`."""
    return images.file(drawing.name, kind, standalone(drawing, address) if address else bare(drawing), packed)


def standalone(drawing: Drawing, address: str) -> str:
    """The whole figure as one SVG that needs no stylesheet; `address` is that of its page."""
    said_under = f"{said('period')(drawing.time_period)}. {drawing.description}"
    key = [
        (f'<rect width="34" height="24" fill="{_fill(entry.colour)}" stroke="{LINE}"/>', entry.label)
        for entry in drawing.legend
    ]
    drawn = " ".join(f"{float(n):.0f}" for n in _view(drawing.svg)), coloured(drawing.svg)
    return images.sheet((drawing.title, said_under, drawing.source), drawn, key, address)


def _fill(colour: int) -> str:
    return COLOURS[colour - 1] if colour else "url(#vide)"


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


def _view(svg: str) -> tuple[str, ...]:
    found = VIEW.search(svg)
    if found is None:
        raise ValueError("a map without viewBox")
    return found.groups()


def _hatching() -> str:
    return (
        '<defs><pattern id="vide" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="12" height="12" fill="{NONE}"/><rect width="3" height="12" fill="{HATCH}"/></pattern></defs>'
    )
