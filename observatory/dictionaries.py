"""Columns from Arrow's arrays: the distinct texts of all the batches of a long table, and their codes.

Arrow is imported when first needed: small files do not pay for it.
"""

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from observatory.columns import CHUNK, Codes, Encoded, Rows, Texts, encode

M_MMAP_THRESHOLD = -3  # of mallopt
PARTS = 16
AT_ONCE = 4096
GATHERED = 131_072  # rows held as Python's texts; as many of eight cells weigh 70 MB
LONGEST = 131_072  # bytes of a cell; the strict reader refuses as many characters


class Unsure(Exception):
    """The text may be at fault: only the strict reader can say what it holds."""


@cache
def pool() -> Any:
    """Where Arrow keeps its columns: the system's memory, told to take back each large piece as soon as it is free."""
    import pyarrow as pa

    system = ctypes.CDLL(None)
    if hasattr(system, "mallopt"):  # GNU; elsewhere the same, in more memory
        system.mallopt(M_MMAP_THRESHOLD, 1 << 18)
    return pa.system_memory_pool()


def unified(chunks: list[Any]) -> Encoded:
    """One column from Arrow's dictionary arrays, which it empties.

    Many texts are told apart in parts, by the sum of their bytes: Arrow's dictionary of a whole near-unique column
    would weigh four times the column.
    """
    codes: list[Codes] = [chunk.indices.to_numpy() for chunk in chunks]
    dictionaries = [chunk.dictionary for chunk in chunks]
    chunks.clear()
    many = sum(map(len, dictionaries)) > CHUNK
    parts = [_parts(texts) % np.uint8(PARTS if many else 1) for texts in dictionaries]
    places = [np.zeros(len(texts), dtype=np.int32) for texts in dictionaries]
    found: list[Any] = []
    for part in range(PARTS if many else 1) if dictionaries else ():
        _unify(dictionaries, [np.flatnonzero(own == part) for own in parts], places, found)
    values = Texts(found)
    column = (
        np.concatenate([place[own] for place, own in zip(places, codes, strict=True)])
        if codes
        else np.zeros(0, np.int32)
    )
    return Encoded(values if len(values) > CHUNK else list(values), column)


def _unify(dictionaries: list[Any], own: list[Rows], places: list[Codes], found: list[Any]) -> None:
    """Adds to `found` the distinct texts of these places of the dictionaries, and notes in `places` where they are."""
    import pyarrow as pa
    from pyarrow import compute

    pieces = [
        compute.take(some, pa.array(rows), memory_pool=pool()) for some, rows in zip(dictionaries, own, strict=True)
    ]
    encoded = compute.dictionary_encode(pa.concat_arrays(pieces, pool()), memory_pool=pool())
    if (compute.max(compute.binary_length(encoded.dictionary)).as_py() or 0) > LONGEST:
        raise Unsure
    codes = encoded.indices.to_numpy() + np.int32(sum(map(len, found)))
    for place, rows, piece in zip(places, own, np.split(codes, np.cumsum([len(rows) for rows in own])), strict=False):
        place[rows] = piece
    found.append(encoded.dictionary)


def _parts(texts: Any) -> NDArray[np.uint8]:
    """A number for each text, the same for equal texts: the sum of its bytes."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32, count=len(texts) + 1, offset=4 * texts.offset)
    filled = np.flatnonzero(bounds[1:] > bounds[:-1])
    sums = np.zeros(len(texts), dtype=np.uint8)
    if len(filled):
        sums[filled] = np.add.reduceat(np.frombuffer(data, np.uint8, bounds[-1]), bounds[filled], dtype=np.uint8)
    return sums


class Gathering:
    """Puts rows into columns as they come: a long table is never held as rows, which Python is slow to watch over."""

    def __init__(self, width: int) -> None:
        self._rows: list[list[str]] = []
        self._cells: list[list[str]] = [[] for _ in range(width)]
        self._chunks: list[list[Any]] = [[] for _ in range(width)]
        self._height = 0

    def add(self, cells: list[str]) -> None:
        """One more row, of the width given."""
        self._rows.append(cells)
        if len(self._rows) == AT_ONCE:
            self._turn()
            if self._height >= GATHERED:
                self._flush()

    def _turn(self) -> None:
        for column, cells in zip(self._cells, zip(*self._rows, strict=True), strict=False):
            column.extend(cells)
        self._height += len(self._rows)
        self._rows.clear()

    def _flush(self) -> None:
        import pyarrow as pa

        for chunk, cells in zip(self._chunks, self._cells, strict=True):
            chunk.append(pa.array(cells, pa.string()).dictionary_encode())
            cells.clear()
        self._height = 0

    def columns(self) -> list[Encoded]:
        """The columns, without Arrow when they are short."""
        self._turn()
        if not any(self._chunks):
            return [encode(cells) for cells in self._cells]
        if self._height:
            self._flush()
        return [unified(chunk) for chunk in self._chunks]
