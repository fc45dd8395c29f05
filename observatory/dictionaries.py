"""Columns from Arrow's arrays: the distinct texts of all the batches of a long table, and their codes.

Arrow is imported when first needed: small files do not pay for it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from observatory.columns import CHUNK, Codes, Encoded, Texts, encode

PARTS = 16
GATHERED = 131_072  # rows held as rows; as many of eight cells weigh 70 MB
LONGEST = 131_072  # bytes of a cell; the strict reader refuses as many characters


class Unsure(Exception):
    """The text may be at fault: only the strict reader can say what it holds."""


def pool() -> Any:
    """Where Arrow keeps these columns: the system's memory, to which it gives back what it no longer needs."""
    import pyarrow as pa

    return pa.system_memory_pool()


def unified(chunks: list[Any]) -> Encoded:
    """One column from Arrow's dictionary arrays, which it empties."""
    import pyarrow as pa
    from pyarrow import compute

    codes: list[Codes] = [chunk.indices.to_numpy() for chunk in chunks]
    counts = [len(chunk.dictionary) for chunk in chunks]
    texts = pa.concat_arrays([chunk.dictionary for chunk in chunks], pool()) if chunks else pa.array([], pa.string())
    chunks.clear()
    if (compute.max(compute.binary_length(texts)).as_py() or 0) > LONGEST:
        raise Unsure
    places, found = _distinct(texts)
    del texts
    texts = pa.concat_arrays(found, pool())
    starts = np.cumsum([0, *counts])[:-1]
    parts = [places[own + start] for own, start in zip(codes, starts, strict=True)]
    values: Sequence[str] = Texts(texts) if len(texts) > CHUNK else texts.to_pylist()
    return Encoded(values, np.concatenate(parts) if parts else np.zeros(0, np.int32))


def _distinct(texts: Any) -> tuple[Codes, list[Any]]:
    """For each text its place among the distinct ones, and these, in one or several arrays.

    Many texts are told apart in parts, by the sum of their bytes: Arrow's dictionary of a whole near-unique column
    would weigh four times the column.
    """
    import pyarrow as pa
    from pyarrow import compute

    parts = _parts(texts) if len(texts) > CHUNK else None
    places, found, count = np.zeros(len(texts), dtype=np.int32), [], 0
    for part in range(1 if parts is None else PARTS):
        own = slice(None) if parts is None else np.flatnonzero(parts == part)
        some = texts if parts is None else compute.take(texts, pa.array(own), memory_pool=pool())
        encoded = compute.dictionary_encode(some, memory_pool=pool())
        places[own] = encoded.indices.to_numpy() + np.int32(count)
        found.append(encoded.dictionary)
        count += len(encoded.dictionary)
    return places, found


def _parts(texts: Any) -> NDArray[np.uint8]:
    """A part for each text, the same for equal texts: the sum of its bytes."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32, count=len(texts) + 1, offset=4 * texts.offset)
    filled = np.flatnonzero(bounds[1:] > bounds[:-1])
    sums = np.zeros(len(texts), dtype=np.uint8)
    if len(filled):
        sums[filled] = np.add.reduceat(np.frombuffer(data, np.uint8, bounds[-1]), bounds[filled], dtype=np.uint8)
    return sums % np.uint8(PARTS)


class Gathering:
    """Puts rows into columns as they come, so that a long table is never held as rows."""

    def __init__(self, width: int) -> None:
        self._rows: list[list[str]] = []
        self._chunks: list[list[Any]] = [[] for _ in range(width)]

    def add(self, cells: list[str]) -> None:
        """One more row, of the width given."""
        self._rows.append(cells)
        if len(self._rows) == GATHERED:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        for chunk, cells in zip(self._chunks, zip(*self._rows, strict=True), strict=True):
            chunk.append(pa.array(cells, pa.string(), memory_pool=pool()).dictionary_encode())
        self._rows = []

    def columns(self) -> list[Encoded]:
        """The columns, without Arrow when they are short."""
        if not any(self._chunks):
            return [encode(cells) for cells in zip(*self._rows, strict=True)] or [encode([]) for _ in self._chunks]
        if self._rows:
            self._flush()
        return [unified(chunk) for chunk in self._chunks]
