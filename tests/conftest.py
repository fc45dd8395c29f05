"""Fixtures that several test files share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from datasette.app import Datasette
from hypothesis import settings
from repositories import ROOT, copy_site
from sites import build_demonstration, build_site, portal, share

from observatory.territories import Territory, read_territories

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TODAY = "2026-01-01"
LONG = {"test_screen_equivalence", "test_attacks", "test_events", "test_site", "test_publishing", "test_urls_never_die"}

# A loaded machine is not a fault of the code.
settings.register_profile("observatory", deadline=None)
settings.load_profile("observatory")


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of a browser test is spent waiting for the browser and the server."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first: begun last, one of them would keep a process busy while the others wait."""
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="session", autouse=True)
def built_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The tiny site is built once for all the workers of a run, whose folders are side by side."""
    mine = tmp_path_factory.getbasetemp()
    share(mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine)


@pytest.fixture(scope="session", autouse=True)
def programs_as_in_production() -> None:
    """The programs that tests start have nothing to import that production has not; the tests themselves do."""
    known = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tests" / "production"), *known])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A valid tiny repository of its own for each test."""
    return copy_site(tmp_path / "site")


@pytest.fixture(scope="session")
def current() -> list[Territory]:
    """The real territories that exist today."""
    territories = read_territories(ROOT)
    return [t for t in territories if territories.exists(t.ref_area, TODAY)]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the tiny site, which the tests of one file share."""
    return build_site(tmp_path_factory.mktemp("portal") / "site")


@pytest.fixture(scope="module")
async def site(database: Path) -> Datasette:
    """The portal over that database: templates are read once for a file, which takes longer than most of its tests."""
    datasette = portal(database)
    await datasette.invoke_startup()
    return datasette


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the site whose registers hold invented things."""
    return build_demonstration(tmp_path_factory.mktemp("demonstration") / "site")


@pytest.fixture(scope="module")
async def registers(demonstration: Path) -> Datasette:
    """The portal over that database."""
    datasette = portal(demonstration)
    await datasette.invoke_startup()
    return datasette


@pytest.fixture(scope="module")
async def published() -> Datasette:
    """The portal over the real database, which has to be built."""
    datasette = portal(ROOT / "donnees.db")
    await datasette.invoke_startup()
    return datasette


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the portal over the tiny database, served as `make serve` does once for all the files of a worker.

    A file that gives something to the portal serves its own.
    """
    from chromium import served  # what only browser tests need

    yield from served(build_site(tmp_path_factory.mktemp("served") / "site"))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A headless Chromium; of one file only, because as long as it is there no test may await."""
    from chromium import chromium

    yield from chromium()


@pytest.fixture
def page(browser: "Browser", server: str, request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A page of the portal; WINDOW of the file and the parameter of the fixture are options of `chromium.window`."""
    from chromium import window

    options = {**getattr(request.module, "WINDOW", {}), **getattr(request, "param", {})}
    with window(browser, server, **options) as opened:
        yield opened
