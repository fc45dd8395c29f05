"""Every address of every published edition still answers, or leads to one that does.

All pages but those of territories are asked for; of these, a spread of each kind, the same at each run, and every one
must be a territory that the database knows. URLS=all (make urls) asks for everything.
"""

import gzip
import hashlib
import os
import re
import sqlite3

import pytest
from datasette.app import Datasette
from repositories import ROOT

from observatory import releases

REAL = ROOT / "donnees.db"
EDITIONS = releases.read(ROOT)
MANY = re.compile(r"/territoires/(?P<ref_area>[A-Z]{3,4}-\w+)(?P<rest>/.*)?")
SPREAD = 12  # addresses of each sort of territory
pytestmark = [
    pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build"),
    pytest.mark.skipif(not EDITIONS, reason="aucune édition n’est publiée"),
    pytest.mark.data,
]


def addresses() -> list[str]:
    """Those of all editions, each once."""
    found: dict[str, None] = {}
    for release in EDITIONS:
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
    """Those that lead nowhere, with the status that they end at."""
    found = {}
    for url in urls:
        status = (await site.client.get(url, follow_redirects=True)).status_code
        if status != 200:
            found[url] = status
    return found


async def test_every_page_of_former_editions_answers(published: Datasette) -> None:
    chosen = asked(addresses())
    assert len(chosen) > 100
    assert await dead(published, chosen) == {}


def test_every_territory_of_former_editions_is_known() -> None:
    with sqlite3.connect(f"file:{REAL}?mode=ro", uri=True) as db:
        known = {row[0] for row in db.execute("select ref_area from territories")}
    cited = {found["ref_area"] for url in addresses() if (found := MANY.fullmatch(url))}
    assert len(cited) > 36_000 and cited - known == set()
