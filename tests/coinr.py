"""The tables of COINr's own run on ASEM, where ../shared holds them: one matrix each, rows and columns named."""

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from observatory.scoring import Floats

FOLDER = Path(__file__).resolve().parent.parent / "../shared/reference/coinr"
BOOLEANS = {"TRUE": 1.0, "FALSE": 0.0, "": np.nan, "NaN": np.nan}


@dataclass(frozen=True)
class Table:
    """A matrix with the codes of its rows and columns."""

    rows: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats

    def like(self, other: "Table") -> "Table":
        """The same cells, in the order of rows and columns of another table."""
        rows, names = [self.rows.index(row) for row in other.rows], [self.names.index(name) for name in other.names]
        return Table(other.rows, other.names, self.values[np.ix_(rows, names)])

    def of(self, values: Floats) -> "Table":
        """Other values for the same rows and columns."""
        assert values.shape == self.values.shape
        return replace(self, values=values)

    def only(self, *names: str) -> "Table":
        """Some of the columns."""
        return Table(self.rows, names, self.values[:, [self.names.index(name) for name in names]])


@cache
def records(stem: str) -> tuple[dict[str, str], ...]:
    """The rows of a file, as text; skips the test where the folder is absent."""
    path = FOLDER / f"{stem}.csv"
    if not path.exists():
        pytest.skip(f"référence absente : {path.name}")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def number(cell: str) -> float:
    return BOOLEANS[cell] if cell in BOOLEANS else float(cell)


@cache
def table(stem: str, *keys: str) -> Table:
    """A file as a table whose rows are named by the columns `keys` (uCode unless told)."""
    keys = keys or ("uCode",)
    found = records(stem)
    names = tuple(name for name in found[0] if name not in keys)
    values = np.array([[number(row[name]) for name in names] for row in found])
    return Table(tuple(" ".join(row[key] for key in keys) for row in found), names, values)


def agree(found: Table, expected: Table, tolerance: float = 1e-12) -> None:
    """Same rows, columns and missing cells, and |a − b| ≤ tolerance · max(1, |b|) everywhere else."""
    assert set(found.rows) == set(expected.rows) and set(found.names) == set(expected.names)
    ours, theirs = found.like(expected).values, expected.values
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    far = np.nan_to_num(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs)))
    worst = np.unravel_index(far.argmax(), far.shape)
    assert far[worst] <= tolerance, (expected.rows[worst[0]], expected.names[worst[1]], ours[worst], theirs[worst])
