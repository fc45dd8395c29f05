"""Fixtures that several test files share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from repositories import ROOT, copy_site
from sites import share

from observatory.territories import Territory, read_territories

TODAY = "2026-01-01"

# A loaded machine is not a fault of the code.
settings.register_profile("observatory", deadline=None)
settings.load_profile("observatory")


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of a browser test is spent waiting for the browser and the server."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session", autouse=True)
def built_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The tiny site is built once for all the workers of a run, whose folders are side by side."""
    mine = tmp_path_factory.getbasetemp()
    share(mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A valid tiny repository of its own for each test."""
    return copy_site(tmp_path / "site")


@pytest.fixture(scope="session")
def current() -> list[Territory]:
    """The real territories that exist today."""
    territories = read_territories(ROOT)
    return [t for t in territories if territories.exists(t.ref_area, TODAY)]
