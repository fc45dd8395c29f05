"""Tables of reference of ../shared, read as arrays, and the agreement that is asked with them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from observatory.scoring import Floats

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "../shared/reference"


@dataclass(frozen=True)
class Table:
    """A reference file: one row a unit, named by its first column; cells stay text until they are asked for."""

    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]

    @property
    def units(self) -> list[str]:
        return [row[self.header[0]] for row in self.rows]

    def column(self, name: str) -> Floats:
        return np.array([float(row[name]) if row[name] else np.nan for row in self.rows])

    def columns(self, names: list[str]) -> Floats:
        return np.column_stack([self.column(name) for name in names])


def table(name: str) -> Table:
    """The table of ../shared/reference with that path; the test is skipped where it is not there."""
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"référence absente : {name}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        return Table(tuple(reader.fieldnames or ()), tuple(reader))


def agree(found: Floats, expected: Floats, tolerance: float = 1e-12) -> None:
    """|a − b| ≤ tolerance × max(1, |b|) in every cell, and the same cells missing."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    assert (np.isnan(found) == np.isnan(expected)).all()
    gap = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    assert not (gap > tolerance).any(), f"largest difference: {np.nanmax(gap)}"
