"""Every address of every published edition still answers, or leads to one that does.

In the tiny site, all of them: those that its editions held, and those that its next edition would hold. In the
repository, all but those of territories; of these, a spread of each kind, the same at each run, and every one must be
a territory that the database knows. URLS=all (make urls) asks for everything. Files of an export are asked for where
there is one.
"""

import gzip
import hashlib
import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.plugins import pm
from repositories import ROOT, SITE
from sites import portal

from observatory import addresses, bulk, links, outputs, prebuilt, releases
from observatory.api_resources import BASE, RESOURCES

REAL = ROOT / "donnees.db"
EDITIONS, TINY = releases.read(ROOT), releases.read(SITE)
MANY = re.compile(r"/territoires/(?P<ref_area>[A-Z]{3,4}-\w+)(?P<rest>/.*)?")
SPREAD = 5  # addresses of each sort of territory
EXPORT = "/telechargements/"
published_here = [
    pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build"),
    pytest.mark.skipif(not EDITIONS, reason="aucune édition n’est publiée"),
    pytest.mark.data,
]
# Doors that no link leads to: what is sent there is no reading (POST), or they are closed on purpose.
NOT_READ = ("contribuer/(?P<name>[a-z][a-z0-9_]*)/(?P<action>", "(?P<door>", "/-/mcp")


def held(editions: Sequence[releases.Release]) -> list[str]:
    """The addresses of all those editions, each once."""
    found: dict[str, None] = {}
    for release in editions:
        packed = (release.folder / releases.URLS).read_bytes()
        found.update(dict.fromkeys(gzip.decompress(packed).decode().split()))
    return list(found)


def asked(urls: list[str]) -> list[str]:
    """The addresses to ask for: all but those of territories, of which SPREAD of each level and sort of page."""
    if os.environ.get("URLS") == "all":
        return urls
    kept, many = [], dict[tuple[str, str], list[str]]()
    for url in urls:
        if found := MANY.fullmatch(url):
            many.setdefault((found["ref_area"].split("-")[0], found["rest"] or ""), []).append(url)
        else:
            kept.append(url)
    for same in many.values():
        kept += sorted(same, key=lambda url: hashlib.sha256(url.encode()).digest())[:SPREAD]
    return kept


async def dead(site: Datasette, urls: list[str]) -> dict[str, int]:
    """Those that lead nowhere, with the status that they end at; files of the export, heavy, are not read."""
    found = {}
    for url in urls:
        ask = site.client.head if url.startswith(EXPORT) else site.client.get
        status = (await ask(url, follow_redirects=True)).status_code
        if status != 200:
            found[url] = status
    return found


@pytest.fixture(scope="module")
def folder(database: Path) -> Path:
    """The export of the tiny site, where its portal serves it."""
    target = database.parent / "build"
    for _file in bulk.publish(database.parent, database, target):
        pass
    return target


@pytest.fixture(scope="module")
def coming(database: Path) -> list[str]:
    """The addresses that the next edition of the tiny site would hold."""
    with closing(sqlite3.connect(database)) as db:
        return addresses.everything(ROOT, db, [one.version for one in TINY])


@pytest.fixture(scope="module")
def of_registers(demonstration: Path, coming: list[str]) -> list[str]:
    """Those that the site whose registers hold things would hold beside."""
    with closing(sqlite3.connect(demonstration)) as db:
        named = re.compile("|".join([*(row[0] for row in db.execute("select register from registers")), "formulaire"]))
        return [url for url in addresses.everything(ROOT, db, []) if url not in coming and named.search(url)]


@pytest.fixture(scope="module")
async def exporting(database: Path, folder: Path) -> Datasette:
    assert folder.is_dir()
    opened = portal(database)
    await opened.invoke_startup()
    return opened


async def test_every_page_of_the_editions_of_the_tiny_site_answers(exporting: Datasette) -> None:
    urls = held(TINY)
    assert len(TINY) == 2 and len(urls) > 150
    assert await dead(exporting, urls) == {}


async def test_every_page_that_its_next_edition_would_hold_answers(exporting: Datasette, coming: list[str]) -> None:
    assert len(coming) == len(set(coming)) > 400
    assert await dead(exporting, [url for url in coming if url not in held(TINY)]) == {}


async def test_every_page_of_registers_answers(registers: Datasette, of_registers: list[str]) -> None:
    assert {"/offres", "/evenements/forum-eau-2024.ics", f"{BASE}/registers/avis/fuites-piles"} <= set(of_registers)
    assert await dead(registers, [url for url in of_registers if not url.startswith(EXPORT)]) == {}


async def test_an_address_that_dies_is_seen(exporting: Datasette) -> None:
    gone = ["/indicateurs/disparu", "/telechargements/disparu.csv", f"{BASE}/domains/disparu"]
    assert await dead(exporting, ["/", *gone]) == dict.fromkeys(gone, 404)


def test_every_template_resource_format_and_language_is_there(coming: list[str], of_registers: list[str]) -> None:
    bare = {url.partition("?")[0] for url in [*coming, *of_registers]}
    folder = ROOT / "templates" / "pages"
    for template in folder.rglob("*.html"):
        name = re.sub(r"\{\w+\}", "[^/]+", template.relative_to(folder).with_suffix("").as_posix())
        if "reference" in template.name:  # of a contribution: no edition knows it
            continue
        for form in (f"/{name}", f"/en/{name}"):
            assert [url for url in bare if re.fullmatch(form, url)], form
    for resource in RESOURCES.values():
        mine = [
            f"{BASE}/{resource.name}.{word}" for word in outputs.FORMATS if outputs.suits(word, [*resource.columns])
        ]
        assert {f"{BASE}/{resource.name}", links.localised(f"{BASE}/{resource.name}"), *mine} <= bare
        if resource.item or resource.name == "registers":
            assert [url for url in bare if re.fullmatch(f"{BASE}/{resource.name}/[^/]+", url)], resource.name


async def test_every_route_of_the_plugins_is_asked_for(
    exporting: Datasette, coming: list[str], of_registers: list[str]
) -> None:
    every, folder = pm.hook.register_routes.get_hookimpls(), ROOT / "plugins"
    ours = [one for one in every if Path(one.plugin.__file__ or "").parent == folder]
    calls = [one.function(*[exporting for _name in one.argnames]) for one in ours]
    routes = [route for found in calls for route, _view in found]
    bare = {url.partition("?")[0] for url in [*coming, *of_registers]}
    read = [route for route in routes if not any(part in route for part in NOT_READ)]
    assert len(read) > 15 and all(any(part in route for route in routes) for part in NOT_READ)
    assert [route for route in read if not any(re.match(route, url) for url in bare)] == []


def test_every_file_of_an_export_is_there_and_no_other(folder: Path, coming: list[str]) -> None:
    named = {url.removeprefix(EXPORT) for url in coming if url.startswith(EXPORT)}
    assert named == set(prebuilt.files(folder))


def test_every_territory_has_its_page(database: Path, coming: list[str]) -> None:
    with closing(sqlite3.connect(database)) as db:
        areas = {row[0] for row in db.execute("select ref_area from territories")}
    assert {f"/territoires/{area}" for area in areas} <= set(coming)


class TestOfTheRepository:
    """What this repository published, over its own database."""

    pytestmark = published_here

    async def test_every_page_of_former_editions_answers(self, published: Datasette) -> None:
        exported = bool(prebuilt.files(ROOT / "build"))
        chosen = [url for url in asked(held(EDITIONS)) if exported or not url.startswith(EXPORT)]
        assert len(chosen) > 100
        assert await dead(published, chosen) == {}

    def test_every_territory_of_former_editions_is_known(self) -> None:
        with sqlite3.connect(f"file:{REAL}?mode=ro", uri=True) as db:
            known = {row[0] for row in db.execute("select ref_area from territories")}
        cited = {found["ref_area"] for url in held(EDITIONS) if (found := MANY.fullmatch(url))}
        assert len(cited) > 36_000 and cited - known == set()
