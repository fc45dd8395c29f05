"""Columns of a table as distinct values and codes, so that what repeats itself is kept, read and judged once.

A million rows of a long dataset name 35,000 territories: a column holds the 35,000 texts and a million small codes.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import accumulate, compress
from typing import Any, cast, overload

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Rows = NDArray[np.intp]
CHUNK = 65_536  # rows, or distinct texts, handed out at a time
WIDEST = 2**62  # combinations of codes that one integer can number


class Encoded(Sequence[Any]):
    """A column: `codes[row]` is the place of the row's value in `values`; -1 is None, an empty or faulty cell.

    `values` may hold more than the rows show: `shown()` gives those that a row has.
    """

    __slots__ = ("codes", "values")

    def __init__(self, values: Sequence[Any], codes: Codes) -> None:
        self.values = values
        self.codes = codes

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> Any: ...

    @overload
    def __getitem__(self, row: slice) -> "Encoded": ...

    def __getitem__(self, row: int | slice) -> Any:
        if isinstance(row, slice):
            return Encoded(self.values, self.codes[row])
        code = int(self.codes[row])
        return None if code < 0 else self.values[code]

    def __iter__(self) -> Iterator[Any]:
        values = [*self.values, None]  # where code -1 leads
        for start in range(0, len(self.codes), CHUNK):
            yield from map(values.__getitem__, self.codes[start : start + CHUNK].tolist())

    def shown(self) -> list[Any]:
        """The distinct values that at least one row has, in the order of their codes."""
        used = np.zeros(len(self.values) + 1, dtype=np.bool_)
        used[self.codes] = True
        return list(compress(self.values, used[:-1].tolist()))

    def keeping(self, values: Sequence[Any], none: Iterable[int]) -> "Encoded":
        """The same rows with other values, those of the codes `none` being None."""
        lost = np.fromiter(none, dtype=np.intp)
        return Encoded(values, np.where(flagged(self, lost), np.int32(-1), self.codes) if len(lost) else self.codes)

    def taken(self, kept: NDArray[Any]) -> "Encoded":
        """The rows that a mask or a list of places keeps."""
        return Encoded(self.values, self.codes[kept])


class Texts(Sequence[str]):
    """Distinct texts held in Arrow arrays, four times smaller than Python's own strings."""

    def __init__(self, arrays: Sequence[Any]) -> None:
        self._arrays = arrays
        self._ends = list(accumulate(map(len, arrays)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        array = bisect_right(self._ends, place)
        return str(self._arrays[array][place - self._ends[array]].as_py())

    def __iter__(self) -> Iterator[str]:
        for array in self._arrays:
            for start in range(0, len(array), CHUNK):
                yield from array.slice(start, CHUNK).to_pylist()


class TableRows(Sequence[list[str]]):
    """The rows of a table in columns, each put together when it is asked for."""

    def __init__(self, columns: Sequence[Encoded], height: int) -> None:
        self.columns = columns
        self._height = height

    def __len__(self) -> int:
        return self._height

    @overload
    def __getitem__(self, row: int) -> list[str]: ...

    @overload
    def __getitem__(self, row: slice) -> "TableRows": ...

    def __getitem__(self, row: int | slice) -> "list[str] | TableRows":
        if isinstance(row, slice):
            return TableRows([column[row] for column in self.columns], len(range(*row.indices(self._height))))
        if not -self._height <= row < self._height:
            raise IndexError(row)
        return [column[row] for column in self.columns]

    def __iter__(self) -> Iterator[list[str]]:
        return map(list, zip(*self.columns, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(list.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]


def encode(cells: Sequence[Any]) -> Encoded:
    """The column of these cells, its values in order of appearance; None becomes code -1."""
    places: dict[Any, int] = dict.fromkeys(cells, 0)
    empty = places.pop(None, None) is not None
    places = {value: place for place, value in enumerate(places)}
    values = list(places)
    if empty:
        places[None] = -1
    return Encoded(values, np.fromiter(map(places.__getitem__, cells), dtype=np.int32, count=len(cells)))


def flagged(column: Encoded, codes: Iterable[int] | NDArray[Any]) -> NDArray[np.bool_]:
    """For each row, whether it holds one of these codes (-1: None)."""
    flags = np.zeros(len(column.values) + 1, dtype=np.bool_)
    flags[codes if isinstance(codes, np.ndarray) else np.fromiter(codes, dtype=np.intp)] = True
    return flags[column.codes]


def where(column: Encoded, sought: Collection[Any] | Callable[[Any], bool]) -> Rows:
    """Rows whose value is one of those sought, or passes the test, which is asked once for each distinct value."""
    test = sought if callable(sought) else sought.__contains__
    codes = [code for code, value in enumerate(column.values) if test(value)]
    return np.flatnonzero(flagged(column, codes))


def numbers(column: Encoded) -> NDArray[np.float64]:
    """A column of numbers as floats; NaN where there is no value."""
    used = np.zeros(len(column.values) + 1, dtype=np.bool_)
    used[column.codes] = True
    floats = (float(value) if seen else np.nan for value, seen in zip(column.values, used, strict=False))
    return np.append(np.fromiter(floats, dtype=np.float64, count=len(column.values)), np.nan)[column.codes]


def joined(columns: Sequence[Encoded]) -> NDArray[np.int64]:
    """One number a row, equal for two rows when their values are equal in all the columns (None equals None)."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    combinations = 1
    for column in columns:
        codes, count = _by_value(column)
        if combinations * count > WIDEST:
            distinct, key = np.unique(key, return_inverse=True)
            combinations = len(distinct)
        key = key * count + codes
        combinations *= count
    return key


def _by_value(column: Encoded) -> tuple[NDArray[np.int64], int]:
    """Codes from 0 on, one for each value: two texts that mean the same number have one."""
    codes = column.codes.astype(np.int64)
    if isinstance(column.values, Texts):
        return codes + 1, len(column.values) + 1
    places: dict[Any, int] = {}
    try:
        same = [places.setdefault(value, len(places)) for value in column.values]
    except TypeError:  # lists and objects
        same = [places.setdefault(repr(value), len(places)) for value in column.values]
    return np.array([*same, -1], dtype=np.int64)[codes] + 1, len(places) + 1


def duplicates(columns: Sequence[Encoded], left_out: NDArray[np.bool_] | None = None) -> list[tuple[int, int]]:
    """(row, first row) of each row whose values are those of a row before it, in all the columns; in order of row.

    Rows of `left_out` are not compared.
    """
    rows = np.arange(len(columns[0])) if left_out is None else np.flatnonzero(~left_out)
    key = joined(columns)[rows]
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    again = np.flatnonzero(sorted_key[1:] == sorted_key[:-1]) + 1
    if not len(again):
        return []
    firsts = order[np.searchsorted(sorted_key, sorted_key[again])]
    found = sorted(zip(rows[order[again]].tolist(), rows[firsts].tolist(), strict=True))
    return cast(list[tuple[int, int]], found)
