"""Latency of pages beside the very SQL that they run, executed directly on the same file; interleaved, medians."""

import asyncio
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 20
PAGES = {
    "territoire": [
        "/territoires/DEP-68",
        "/territoires/EPCI-200066009",
        "/territoires/REG-84",
        "/territoires/COM-68224",
    ],
    "score en détail": [
        "/territoires/DEP-68/score",
        "/territoires/EPCI-200066009/score",
        "/territoires/REG-84/score",
        "/territoires/COM-68224/score",
    ],
    "classement": ["/classements/departement", "/classements/metropole?noeud=mediation"],
    "table de Datasette": ["/donnees/observations", "/donnees/scores?node=index&peer_group=metropole"],
}
Query = tuple[str, Any]


async def served() -> Datasette:
    """The portal as `make serve` starts it."""
    site = Datasette(
        [],
        immutables=[str(ROOT / "donnees.db")],
        plugins_dir=str(ROOT / "plugins"),
        template_dir=str(ROOT / "templates"),
        settings={"suggest_facets": False},
    )
    await site.invoke_startup()
    return site


async def queries(site: Datasette, url: str) -> list[Query]:
    """What a page asks of the database."""
    seen: list[Query] = []
    execute = Database.execute

    async def watched(self: Database, sql: str, params: Any = None, **options: Any) -> Any:
        if self.name == "donnees":
            seen.append((sql, params))
        return await execute(self, sql, params, **options)

    Database.execute = watched
    try:
        page = await site.client.get(url)
    finally:
        Database.execute = execute
    assert page.status_code == 200, url
    return seen


def run(connection: sqlite3.Connection, asked: list[Query]) -> None:
    """The same queries, without Datasette."""
    for sql, params in asked:
        connection.execute(sql, params or {}).fetchall()


async def measure(urls: list[str]) -> tuple[float, float, int]:
    """Median milliseconds of the pages and of their SQL, and how many queries a page runs."""
    site = await served()
    connection = sqlite3.connect(f"file:{ROOT / 'donnees.db'}?mode=ro", uri=True)
    asked = {url: await queries(site, url) for url in urls}
    pages, direct = [], []
    for _ in range(ROUNDS):
        for url in urls:
            start = time.perf_counter()
            await site.client.get(url)
            middle = time.perf_counter()
            run(connection, asked[url])
            pages.append(1000 * (middle - start))
            direct.append(1000 * (time.perf_counter() - middle))
    count = round(statistics.mean(len(q) for q in asked.values()))
    return statistics.median(pages), statistics.median(direct), count


def main() -> None:
    """Print a Markdown table of medians and ratios."""
    print("| page | requêtes | page (ms) | SQL seul (ms) | rapport |\n|---|---|---|---|---|")
    for name, urls in PAGES.items():
        page, sql, count = asyncio.run(measure(urls))
        print(f"| {name} | {count} | {page:.1f} | {sql:.1f} | {page / sql:.1f} |")


if __name__ == "__main__":
    main()
