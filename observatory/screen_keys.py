"""Keys as integers: which rows share one, and which have one that the other table lacks.

A key here is a hash of the cells as typed: equal keys are never missed; two keys that only collide make one row more
to look at, which Frictionless then finds right.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
PART = 4_000_000  # keys sorted at a time: 32 MB
NONE = 0x9E3779B97F4A7C15  # the code of an empty cell
# Drawn at each start, like the hashes of texts, so that no file can be written to make keys collide.
FACTOR = random.SystemRandom().getrandbits(64) | 1


def code(value: Any) -> int:
    """Code of a typed cell: equal cells have equal codes."""
    return NONE if value is None else hash(value) & 0xFFFFFFFFFFFFFFFF


def combined(columns: Sequence[Keys]) -> Keys:
    """One code per row out of those of its cells."""
    keys = columns[0].copy()
    for column in columns[1:]:
        keys *= np.uint64(FACTOR)
        keys += column
    return keys


class Repeats:
    """Finds the rows whose key is not theirs alone, in a memory that does not grow with the file."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.empty = combined([np.array([NONE], np.uint64)] * width)[0]
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        self._count = 0
        self._others: list[int] = []

    def close(self) -> None:
        """Gives back what it wrote on disk."""
        self._file.close()

    def add(self, codes: Sequence[Keys]) -> npt.NDArray[np.bool_] | None:
        """Takes the codes of the next rows, column by column; which rows have no key at all, if some have none."""
        keys = combined(codes)
        self._file.write(keys.tobytes())
        self._count += len(keys)
        empty = keys == self.empty
        return empty if empty.any() else None

    def add_other(self, values: Sequence[Any]) -> None:
        """Takes the typed key of a row that stands apart, being flagged already."""
        self._others.append(int(combined([np.array([code(value)], np.uint64) for value in values])[0]))

    def rows(self) -> npt.NDArray[np.int64]:
        """Places of the rows that share their key with another row."""
        repeated = np.concatenate(list(self._repeated()))
        repeated = repeated[repeated != self.empty]
        if not len(repeated):
            return np.zeros(0, np.int64)
        places, start = [np.zeros(0, np.int64)], 0
        for keys in self._pieces():
            places.append(start + np.flatnonzero(np.isin(keys, repeated)))
            start += len(keys)
        return np.concatenate(places)

    def _repeated(self) -> Iterator[Keys]:
        others = np.array(self._others, np.uint64)
        parts = 1 + self._count // PART
        for part in range(parts):
            pieces = [keys[keys % np.uint64(parts) == part] if parts > 1 else keys for keys in self._pieces()]
            held = np.sort(np.concatenate([*pieces, others]))
            yield np.unique(held[1:][held[1:] == held[:-1]])

    def _pieces(self) -> Iterator[Keys]:
        self._file.seek(0)
        while data := self._file.read(PART * 8):
            yield np.frombuffer(data, np.uint64)
