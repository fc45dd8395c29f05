"""Judges the cells of a column: each distinct text once, by the reader that Frictionless itself made for the field.

In a column of distinct texts (numbers, addresses), a kernel in C first passes what it can prove to be right.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from observatory.lint import plain_pattern
from observatory.screen_keys import Keys, code

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]
Kernel = Callable[[Any], Any]
MEMORY = 100_000  # distinct texts remembered by column
WIDE = 0.25  # distinct texts by row, above which a kernel is quicker than a dictionary
BOUNDS = {"minimum", "maximum"}
# Strictly less than what rfc3986 accepts, and Decimal, and int.
ADDRESS = r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[A-Za-z0-9._~-]+)*/?(?:\?[A-Za-z0-9._~=&-]*)?"
NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?"
INTEGER = r"-?[0-9]{1,15}"
MARGIN = 1e-9  # how near its bound a number goes to Frictionless, which compares decimals


class Column:
    """The judge of one column: a dictionary of the texts met so far, with what Frictionless' reader said of each.

    `lookups` are the keys of the tables that the column refers to; `keyed` asks for codes, `kept` for typed cells.
    """

    def __init__(self, field: Any, lookups: Sequence[Any] = (), keyed: bool = False, kept: bool = False) -> None:
        own = field.has_defined("missing_values") or not field.schema
        missing = field.missing_values if own else field.schema.missing_values
        self.lookups, self.keyed, self.kept = list(lookups), keyed, kept
        self._empty = pa.array(sorted({*missing, ""}), pa.string())
        self._reader = field.create_cell_reader()
        usable = not self.lookups and not kept and (field.type == "string" or not keyed)
        self._kernel = kernel(field) if usable else None
        required = bool(field.constraints.get("required"))
        self.filled = required and "" in missing  # its empty cells are flagged as such
        # A kernel knows nothing of missing values; those that it would pass are read when that matters.
        self._guarded = (required or keyed) and bool(self._kernel and compute.any(self._kernel(self._empty)).as_py())
        self._wide = False
        self._forget()

    def _forget(self) -> None:
        self._words = pa.array([], pa.string())
        self._bad = np.zeros(0, np.bool_)
        self._codes = np.zeros(0, np.uint64)
        self._values: list[Any] = []

    def blank(self, cells: Any) -> Mask:
        """Which cells may be empty for Frictionless."""
        return _mask(compute.is_in(cells, value_set=self._empty))

    def read(self, cell: str | None) -> Any:
        """The typed cell of a row that stands apart."""
        return self._reader(cell)[0]

    def judge(self, cells: Any) -> tuple[Mask | None, Keys | None]:
        """Which cells are flagged (None: none is), and the codes of all when the column is part of a key."""
        if self._wide and self._kernel:
            return self._pass(cells)
        places = compute.index_in(cells, value_set=self._words)
        if places.null_count:
            strangers = cells.filter(places.is_null()).unique()
            self._wide = len(strangers) > WIDE * len(cells)
            if self._wide and self._kernel:
                return self._pass(cells)
            self._learn(strangers, cells)
            places = compute.index_in(cells, value_set=self._words)
        return self._found(places.to_numpy())

    def typed(self, cells: Any) -> tuple[list[Any], Places]:
        """Typed texts of the dictionary and the place of each row in it; the column must have judged these cells."""
        return self._values, self._places(cells)

    def _places(self, cells: Any) -> Places:
        places: Places = compute.index_in(cells, value_set=self._words).to_numpy()
        return places

    def _found(self, places: Places) -> tuple[Mask | None, Keys | None]:
        flagged = self._bad[places] if self._bad.any() else None
        return flagged, self._codes[places] if self.keyed else None

    def _pass(self, cells: Any) -> tuple[Mask | None, Keys | None]:
        """Passes what the kernel proves; the rest is looked up and read."""
        assert self._kernel is not None
        passed = self._kernel(cells)
        if self._guarded:
            passed = compute.and_not(passed, compute.is_in(cells, value_set=self._empty))
        rest = np.flatnonzero(~_mask(passed))
        codes = np.fromiter(map(hash, cells.to_pylist()), np.int64, len(cells)).view(np.uint64) if self.keyed else None
        if not len(rest):
            return None, codes
        others = cells.take(pa.array(rest))
        self._learn(others.filter(compute.index_in(others, value_set=self._words).is_null()).unique(), others)
        bad, others_codes = self._found(self._places(others))
        if codes is not None and others_codes is not None:
            codes[rest] = others_codes
        if bad is None:
            return None, codes
        flagged = np.zeros(len(cells), np.bool_)
        flagged[rest] = bad
        return flagged, codes

    def _learn(self, strangers: Any, cells: Any) -> None:
        """Reads texts not met yet; a dictionary grown too large starts again from the texts of these cells."""
        if len(self._words) + len(strangers) > MEMORY:
            self._forget()
            strangers = cells.unique()
        read = [self._reader(word) for word in strangers.to_pylist()]
        self._words = pa.concat_arrays([self._words, strangers])
        bad = [bool(notes) or self._is_stranger(value) for value, notes in read]
        self._bad = np.concatenate([self._bad, np.array(bad, np.bool_)])
        if self.keyed:
            self._codes = np.concatenate([self._codes, np.array([code(value) for value, _ in read], np.uint64)])
        if self.kept:
            self._values += [value for value, _ in read]

    def _is_stranger(self, value: Any) -> bool:
        return value is not None and any((value,) not in lookup for lookup in self.lookups)


def _mask(booleans: Any) -> Mask:
    mask: Mask = booleans.to_numpy(zero_copy_only=False)
    return mask


def kernel(field: Any) -> Kernel | None:
    """What proves in C that cells of the field are valid, or None; it may well not prove it of a valid cell."""
    rules = set(field.constraints) - {"required", "unique"}
    if field.type == "any" and not rules:
        return _anything
    if field.type == "string":
        return _text_kernel(field, rules)
    if field.type in ("number", "integer") and rules <= BOUNDS:
        return _number_kernel(field)
    return None


def _anything(cells: Any) -> Any:
    return pa.array(np.ones(len(cells), np.bool_))


def _text_kernel(field: Any, rules: set[str]) -> Kernel | None:
    if field.format == "uri" and not rules:
        return _matching(ADDRESS)
    if field.format != "default":
        return None
    if not rules:
        return _anything
    if rules <= {"minLength", "maxLength"}:
        low, high = field.constraints.get("minLength", 0), field.constraints.get("maxLength", 1 << 30)
        return lambda cells: compute.and_(
            compute.greater_equal(lengths := compute.utf8_length(cells), low), compute.less_equal(lengths, high)
        )
    pattern = plain_pattern(field.constraints["pattern"]) if rules == {"pattern"} else None
    return None if pattern is None else _matching(pattern)


def _matching(pattern: str) -> Kernel:
    whole = rf"\A(?:{pattern})\z"
    compute.match_substring_regex(pa.array([""]), whole)  # what RE2 cannot compile, it says now
    return lambda cells: compute.match_substring_regex(cells, whole)


def _number_kernel(field: Any) -> Kernel | None:
    plain = (
        {"bare_number"} if field.type == "integer" else {"group_char", "decimal_char", "bare_number", "float_number"}
    )
    if plain & set(field.list_defined()):
        return None
    shape = _matching(INTEGER if field.type == "integer" else NUMBER)
    rules = field.constraints
    bounds = [float(rules[name]) if name in rules else None for name in ("minimum", "maximum")]
    if bounds == [None, None]:
        return shape
    low, high = bounds

    def within(cells: Any) -> Any:
        shaped = shape(cells)
        numbers = compute.cast(compute.if_else(shaped, cells, "0"), pa.float64())
        if low is not None:
            shaped = compute.and_(shaped, compute.greater(numbers, low + abs(low) * MARGIN))
        if high is not None:
            shaped = compute.and_(shaped, compute.less(numbers, high - abs(high) * MARGIN))
        return shaped

    return within
