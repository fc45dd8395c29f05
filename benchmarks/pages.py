"""Latency of pages beside the same SQL run directly on the same file, interleaved, medians."""

import asyncio
import sqlite3
import statistics
import time
from pathlib import Path

from datasette.app import Datasette

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 30
TERRITORIES = ("DEP-68", "EPCI-200066009", "REG-84", "COM-68224", "DEP-2A")
TERRITORY_VIEWS = ("territory", "territory_parents", "territory_values", "node_scores")


def run_sql(connection: sqlite3.Connection, ref_area: str) -> None:
    """The rows that a territory page shows."""
    for view in TERRITORY_VIEWS:
        connection.execute(f"select * from {view} where ref_area = ?", [ref_area]).fetchall()


def run_table_sql(connection: sqlite3.Connection) -> None:
    """The rows that the first table page shows, and their count."""
    connection.execute("select rowid, * from observations limit 101").fetchall()
    connection.execute("select count(*) from observations").fetchone()


async def measure() -> dict[str, list[float]]:
    """Seconds of each round: territory page and its SQL, table page and its SQL."""
    site = Datasette(
        [],
        immutables=[str(ROOT / "donnees.db")],
        plugins_dir=str(ROOT / "plugins"),
        template_dir=str(ROOT / "templates"),
        settings={"suggest_facets": False},
    )
    await site.invoke_startup()
    connection = sqlite3.connect(f"file:{ROOT / 'donnees.db'}?mode=ro", uri=True)
    found: dict[str, list[float]] = {"territory": [], "territory sql": [], "table": [], "table sql": []}
    for n in range(ROUNDS + len(TERRITORIES)):
        ref_area = TERRITORIES[n % len(TERRITORIES)]
        marks = [time.perf_counter()]
        page = await site.client.get(f"/territoires/{ref_area}")
        marks.append(time.perf_counter())
        run_sql(connection, ref_area)
        marks.append(time.perf_counter())
        table = await site.client.get("/donnees/observations")
        marks.append(time.perf_counter())
        run_table_sql(connection)
        marks.append(time.perf_counter())
        assert page.status_code == table.status_code == 200
        if n >= len(TERRITORIES):  # the first round of each page warms the caches
            for name, start, end in zip(found, marks, marks[1:], strict=False):
                found[name].append(end - start)
    return found


def main() -> None:
    """Print a Markdown table of medians and ratios."""
    medians = {name: 1000 * statistics.median(times) for name, times in asyncio.run(measure()).items()}
    print("| page | page (ms) | SQL seul (ms) | rapport |\n|---|---|---|---|")
    for name in ("territory", "table"):
        page, sql = medians[name], medians[f"{name} sql"]
        print(f"| {name} | {page:.1f} | {sql:.2f} | {page / sql:.1f} |")


if __name__ == "__main__":
    main()
