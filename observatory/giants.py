"""Finds a quoted cell so long that no reader should hold it, before any does."""

import re
from typing import NamedTuple

LONGEST = 1_000_000  # characters of a quoted cell, quotes included, past which its file is not read
WINDOW = LONGEST // 2  # a longer cell holds one window whole, wherever it begins
RUN = re.compile('"+')
CELL = re.compile(r'"[^"]*+(?:""[^"]*+)*+("(?!")|\Z)')
PATIENCE = 200_000  # lines that follow a quote never closed, past which they are not read one by one
AROUND = "\r\n,;\t|"  # what may stand on either side of a quoted cell


class Giant(NamedTuple):
    """A quoted cell that is too long: the line where it begins, its length, and the lines after that one it holds."""

    line: int
    length: int
    lines: int
    closed: bool


def quoted(text: str) -> Giant | None:
    """The first quoted cell of more than LONGEST characters; None when there is none.

    Quotes that are astray, or never closed and followed by few lines, are the reader's to tell.
    """
    before = 0  # quotes seen
    for start in range(0, len(text), WINDOW) if '"' in text else ():
        window = text[start : start + WINDOW]
        bare = window.lstrip('"')
        leading, count = len(window) - len(bare), bare.count('"')
        inner = bare.rstrip('"')
        # Only doubled quotes stand in the middle of a cell; an odd number of them has been passed.
        if (before + leading) % 2 and inner.count('"') == 2 * inner.count('""') or not bare:
            return _confirmed(text, start + leading, before + leading)
        before += leading + count
    return None


def _confirmed(text: str, inside: int, quotes: int) -> Giant | None:
    """The cell that holds this place, which so many quotes precede, when it is opened as a cell is."""
    low = max(0, inside - 2 * WINDOW - 1)
    near = text[low:inside]
    start = low + len(near.rstrip('"'))
    if (quotes - (inside - start)) % 2:  # opened before the quotes that touch the place: by the last that are odd
        runs = RUN.finditer(text, low, start)
        start = max((found.start() for found in runs if len(found[0]) % 2), default=len(text))
    found = CELL.match(text, start)
    if found is None or len(found[0]) <= LONGEST:
        return None
    if text[start - 1 : start].strip(AROUND) or text[found.end() : found.end() + 1].strip(AROUND):
        return None
    lines = text.count("\n", start, found.end())
    if not found[1] and lines < PATIENCE:
        return None
    return Giant(text.count("\n", 0, start) + 1, len(found[0]), lines, bool(found[1]))
