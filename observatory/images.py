"""A figure as a file that stands alone: its title, key, source and address around its drawing, as SVG or PNG."""

import asyncio
import gzip
import html
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from observatory.languages import gettext as _
from observatory.problem_details import Refused

# Of the light scheme of the stylesheets.
INK, SOFT, LINE, PAPER, WARM = "#17232e", "#4c5b68", "#d5dbdf", "#ffffff", "#a8431a"
ACCENT, COLUMN, RANGE = "#0d4f66", "#2f7f95", "#9cc0c9"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH, MARGIN, TALLEST = 1200, 40, 900
TYPES = {"svg": "image/svg+xml; charset=utf-8", "png": "image/png"}
# One drawing at a time: Vega holds memory, and visitors of other pages wait for the same processor.
ONE = Lock()
AT_ONCE, MOST_WAITING = 2, 24
# In a process of its own: the conversion holds the interpreter, and with it the pages of everyone else.
POINTS = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.svg_to_png(sys.stdin.read(), scale=1.0, ppi=72.0))"
LONGEST = 20  # seconds; a map of the intercommunalities takes a third of one
T = TypeVar("T")


@dataclass
class Room:
    """Where work is done, and how much of it waits for a place there."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    waiting: int = 0


Rooms = WeakKeyDictionary[asyncio.AbstractEventLoop, Room]
ROOMS = Rooms()


async def aside(work: Callable[..., T], *given: Any) -> T:
    """What the work returns, made in a thread, in its turn; Refused("busy") when too many images wait already."""
    async with in_turn(ROOMS, _("Trop d’images sont demandées en ce moment.")):
        return await asyncio.to_thread(work, *given)


@asynccontextmanager
async def in_turn(rooms: Rooms, crowded: str) -> AsyncIterator[None]:
    """A place in a room, two of which are taken at a time; Refused("busy"), in those words, when two dozen wait."""
    room = rooms.setdefault(asyncio.get_running_loop(), Room())
    if room.waiting >= MOST_WAITING:
        raise Refused("busy", detail=crowded)
    room.waiting += 1
    try:
        async with room.places:
            yield
    finally:
        room.waiting -= 1


def sheet(texts: tuple[str, str, str], drawn: tuple[str, str], key: Sequence[tuple[str, str]], address: str) -> str:
    """The whole figure as one SVG that needs no stylesheet.

    `texts` are its title, what is said under it and its source, `drawn` the viewBox and the inside of its drawing,
    `key` drawings of 34 by 24 with their words, `address` that of its page.
    """
    title, description, source = texts
    out = StringIO()
    y = MARGIN + 24
    for text in textwrap.wrap(plain(title), 62):
        y = line(out, text, y, 34, 44, bold=True)
    for text in textwrap.wrap(plain(description), 105):
        y = line(out, text, y, 20, 28, SOFT)
    left, top, width, height = (float(n) for n in drawn[0].split())
    scale = min((WIDTH - 2 * MARGIN) / width, TALLEST / height)
    x = (WIDTH - width * scale) / 2
    out.write(
        f'<svg x="{x:.0f}" y="{y - 8}" width="{width * scale:.0f}" height="{height * scale:.0f}"'
        f' viewBox="{left:g} {top:g} {width:g} {height:g}">{drawn[1]}</svg>'
    )
    y = _key(out, key, round(y + height * scale) + 20)
    for paragraph in (_("Source : {source}").format(source=source), address):
        for text in textwrap.wrap(plain(paragraph), 105, break_long_words=True):
            y = line(out, text, y, 20, 28, SOFT)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 10}" viewBox="0 0 {WIDTH} {y + 10}"'
        f' font-family="{FONT}" role="img"><title>{html.escape(title)}</title>'
        f'<desc>{html.escape(description)}</desc><rect width="{WIDTH}" height="{y + 10}" fill="{PAPER}"/>'
        f"{out.getvalue()}</svg>"
    )


def plain(text: str) -> str:
    """The text without raised letters, which fonts of servers lack: « 3ᵉ » would change the font of its line."""
    return text.replace("ʳ", "r").replace("ᵉ", "e")


def file(name: str, kind: str, svg: str, packed: bool) -> tuple[bytes, dict[str, str]]:
    """An SVG as a file of that name, "svg" or "png", and its HTTP headers; SVG is compressed for who takes it so."""
    headers = {"Cache-Control": "max-age=3600", "Content-Disposition": f'inline; filename="{name}.{kind}"'}
    if kind == "png":
        return png(svg), headers
    headers["Vary"] = "Accept-Encoding"
    if packed:
        return gzip.compress(svg.encode(), 6, mtime=0), {**headers, "Content-Encoding": "gzip"}
    return svg.encode(), headers


@lru_cache(maxsize=48)
def png(svg: str) -> bytes:
    """The same figure in points, as wide as the SVG says; kept for whoever asks next."""
    command = [sys.executable, "-I", "-c", POINTS]
    return subprocess.run(command, input=svg.encode(), capture_output=True, timeout=LONGEST, check=True).stdout


def line(out: StringIO, text: str, y: int, size: int, step: int, colour: str = INK, bold: bool = False) -> int:  # noqa: PLR0913 (one line of text)
    """Write a line of text at `y`; where the next one goes."""
    weight = ' font-weight="700"' if bold else ""
    out.write(f'<text x="{MARGIN}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{html.escape(text)}</text>')
    return y + step


def _key(out: StringIO, key: Sequence[tuple[str, str]], top: int) -> int:
    rows = (len(key) + 1) // 2
    for number, (drawn, label) in enumerate(key):
        x, y = MARGIN + (number // rows) * 570, top + (number % rows) * 38
        out.write(f'<g transform="translate({x} {y})">{drawn}</g>')
        out.write(f'<text x="{x + 48}" y="{y + 19}" font-size="21" fill="{INK}">{html.escape(label)}</text>')
    return top + rows * 38 + 30 * bool(key)
