"""Fixtures that several test files share."""

from pathlib import Path

import pytest
from hypothesis import settings
from repositories import ROOT, copy_site

from observatory.territories import Territory, read_territories

TODAY = "2026-01-01"

# A loaded machine is not a fault of the code.
settings.register_profile("observatory", deadline=None)
settings.load_profile("observatory")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A valid tiny repository of its own for each test."""
    return copy_site(tmp_path / "site")


@pytest.fixture(scope="session")
def current() -> list[Territory]:
    """The real territories that exist today."""
    territories = read_territories(ROOT)
    return [t for t in territories if territories.exists(t.ref_area, TODAY)]
