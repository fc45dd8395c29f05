"""Latency of pages beside the very SQL that they run, and beside Datasette's own table of the same rows.

All of it in one run, interleaved, medians: only the ratios compare from one machine to another.
"""

import asyncio
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

import yaml
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
# The rows that each page is made of, as Datasette shows them without our plugins nor our templates.
STOCK = {
    "territoire": "/donnees/territory_values?ref_area={}",
    "score en détail": "/donnees/score_terms?ref_area={}",
}
MOST = 5  # times the SQL of a territory's page
Query = tuple[str, Any]


async def served() -> Datasette:
    """The portal as `make serve` starts it."""
    site = Datasette(
        [],
        immutables=[str(ROOT / "donnees.db")],
        plugins_dir=str(ROOT / "plugins"),
        template_dir=str(ROOT / "templates"),
        metadata=yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8")),
        settings={"suggest_facets": False},
    )
    await site.invoke_startup()
    return site


async def stock() -> Datasette:
    """Datasette over the same file, as it comes."""
    site = Datasette([], immutables=[str(ROOT / "donnees.db")])
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


async def timed(site: Datasette, url: str) -> float:
    """Milliseconds of one answer."""
    start = time.perf_counter()
    page = await site.client.get(url)
    assert page.status_code == 200, url
    return 1000 * (time.perf_counter() - start)


async def measure(name: str, urls: list[str]) -> tuple[float, float, float | None, int]:
    """Median milliseconds of the pages, of their SQL and of Datasette's table, and how many queries a page runs."""
    site, plain = await served(), await stock()
    connection = sqlite3.connect(f"file:{ROOT / 'donnees.db'}?mode=ro", uri=True)
    asked = {url: await queries(site, url) for url in urls}
    pages, direct, tables = [], [], []
    for _ in range(ROUNDS):
        for url in urls:
            pages.append(await timed(site, url))
            start = time.perf_counter()
            run(connection, asked[url])
            direct.append(1000 * (time.perf_counter() - start))
            if name in STOCK:
                tables.append(await timed(plain, STOCK[name].format(url.split("/")[2])))
    count = round(statistics.mean(len(q) for q in asked.values()))
    return statistics.median(pages), statistics.median(direct), statistics.median(tables) if tables else None, count


def main() -> None:
    """Print a Markdown table of medians and ratios."""
    print("| page | requêtes | page (ms) | SQL seul (ms) | rapport | table de Datasette nu (ms) |")
    print("|---|---|---|---|---|---|")
    for name, urls in PAGES.items():
        page, sql, table, count = asyncio.run(measure(name, urls))
        late = " **dépassé**" if name == "territoire" and (page > MOST * sql or (table or page) < page) else ""
        beside = f"{table:.1f}" if table else "–"
        print(f"| {name} | {count} | {page:.1f} | {sql:.1f} | {page / sql:.1f}{late} | {beside} |", flush=True)


if __name__ == "__main__":
    main()
