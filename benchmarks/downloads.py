"""All the observations as files: over HTTP beside Datasette and the shell of SQLite, then beside each library bare.

One run, interleaved, best of each: only the ratios compare from one machine to another.
"""

import csv
import io
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import httpx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from observatory import outputs
from observatory.selections import Selection, download, reader

ROOT = Path(__file__).resolve().parent.parent
DATABASE = ROOT / "donnees.db"
SQL = "select * from observations order by indicator, ref_area, time_period"  # that of the pages
ROUNDS, BATCH = 3, 50_000
OURS = ["--metadata", "metadata.yml", "--plugins-dir", "plugins", "--template-dir", "templates"]


@contextmanager
def served(options: list[str]) -> Iterator[str]:
    """The address of a Datasette of its own over the database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "datasette", "serve", "--immutable", str(DATABASE), "--port", port]
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            for _try in range(300):
                try:
                    httpx.get(f"{base}/-/versions.json")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield base
        finally:
            server.terminate()


def fetched(address: str) -> tuple[float, int]:
    """Seconds and bytes of a download."""
    start, size = time.perf_counter(), 0
    with httpx.stream("GET", address, timeout=600) as answer:
        assert answer.status_code == 200, address
        size = sum(map(len, answer.iter_raw()))
    return time.perf_counter() - start, size


def made_in_advance(address: str) -> bool:
    """Whether the answer is a file of `make export`, sent as it is."""
    with httpx.stream("GET", address, timeout=600) as answer:
        return "x-prebuilt" in answer.headers


def by_shell() -> tuple[float, int]:
    """The same by the shell of SQLite; by the bare module csv of Python where there is no shell."""
    start = time.perf_counter()
    if shutil.which("sqlite3"):
        command = ["sqlite3", "-readonly", "-csv", "-header", str(DATABASE), SQL]
        return _timed(start, len(subprocess.run(command, capture_output=True, check=True).stdout))
    text = io.StringIO()
    csv.writer(text).writerows(sqlite3.connect(DATABASE).execute(SQL))
    return _timed(start, len(text.getvalue()))


def _timed(start: float, size: int) -> tuple[float, int]:
    return time.perf_counter() - start, size


def bare_parquet(target: BinaryIO) -> None:
    """pyarrow alone: the types are known, the rows are given by batches."""
    cursor = sqlite3.connect(DATABASE).execute(SQL)
    names = [found[0] for found in cursor.description]
    rows = iter(cursor)
    first = pa.table(dict(zip(names, map(list, zip(*islice(rows, BATCH), strict=True)), strict=True)))
    kinds = {
        "obs_value": pa.float64(),
        "numerator": pa.float64(),
        "denominator": pa.float64(),
        "coverage": pa.float64(),
    }
    schema = pa.schema([(name, kinds.get(name, pa.int64() if name == "estimated" else pa.string())) for name in names])
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        writer.write_table(first.cast(schema))
        while batch := list(islice(rows, BATCH)):
            columns = zip(zip(*batch, strict=True), schema, strict=True)
            writer.write_batch(pa.record_batch([pa.array(column, f.type) for column, f in columns], schema=schema))


def bare_xlsx(target: BinaryIO) -> None:
    """openpyxl alone, in the mode that keeps no row."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    for row in sqlite3.connect(DATABASE).execute(SQL):
        page.append(row)
    book.save(target)


def ours(word: str, times: int = 1) -> Callable[[BinaryIO], None]:
    """Our writer of that format, over the rows taken that many times."""
    many = f"select o.* from observations o, json_each('{list(range(times))}')" if times > 1 else SQL
    return lambda target: outputs.named(word).write(download(Selection(reader(DATABASE), many)), target)


def seconds(write: Callable[[BinaryIO], None]) -> float:
    """Seconds that a writer takes."""
    start = time.perf_counter()
    write(io.BytesIO())
    return time.perf_counter() - start


def peak(word: str, times: int) -> float:
    """Megabytes that a process of its own needs at most to write the rows taken that many times."""
    command = [sys.executable, __file__, word, str(times)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout)


def alone(word: str, times: str) -> None:
    """Write in the void, and print the peak of this process."""
    with Path("/dev/null").open("wb") as void:
        ours(word, int(times))(void)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def over_http() -> None:
    """Print the speeds of CSV: ours, Datasette's, the shell's."""
    found: dict[str, list[tuple[float, int]]] = {"nous": [], "prêt": [], "Datasette": [], "sqlite3": []}
    whole = "/donnees/observations.csv"
    filtered = f"{whole}?_neuf=1"  # never a file made in advance
    with served(OURS) as portal, served([]) as stock:
        for _round in range(ROUNDS):
            found["nous"].append(fetched(portal + filtered))
            if made_in_advance(portal + whole):
                found["prêt"].append(fetched(portal + whole))
            found["sqlite3"].append(by_shell())
            if len(found["Datasette"]) < 1:
                found["Datasette"].append(fetched(f"{stock}/donnees/observations.csv?_stream=on&_size=max"))
    speed = {name: max(size / spent for spent, size in times) / 1e6 for name, times in found.items() if times}
    shell = "shell sqlite3" if shutil.which("sqlite3") else "csv de Python seul (pas de shell sqlite3 ici)"
    print(f"| CSV par HTTP | {speed['nous']:.1f} Mo/s | Datasette `_stream=on` | {speed['Datasette']:.1f} Mo/s "
          f"| × {speed['nous'] / speed['Datasette']:.1f} (au moins 3) |")  # fmt: skip
    print(f"| CSV par HTTP | {speed['nous']:.1f} Mo/s | {shell} | {speed['sqlite3']:.1f} Mo/s "
          f"| ÷ {speed['sqlite3'] / speed['nous']:.2f} (au plus 2) |")  # fmt: skip
    if not found["prêt"]:
        print("| fichier prêt | non mesuré : build/ ne vient pas de cette base (`make export`) | | | |", flush=True)
        return
    print(f"| fichier prêt (`make export`) | {speed['prêt']:.1f} Mo/s | {shell} | {speed['sqlite3']:.1f} Mo/s "
          f"| ÷ {speed['sqlite3'] / speed['prêt']:.2f} |", flush=True)  # fmt: skip


def main() -> None:
    """Print a Markdown table of speeds, then of peaks of memory."""
    print("| écrit | nous | à côté | à côté | rapport |\n|---|---|---|---|---|")
    over_http()
    for word, bare, name in (("parquet", bare_parquet, "pyarrow"), ("xlsx", bare_xlsx, "openpyxl")):
        times = [(seconds(ours(word)), seconds(bare)) for _round in range(ROUNDS)]
        mine, theirs = (min(column) for column in zip(*times, strict=True))
        print(
            f"| {word} | {mine:.2f} s | {name} nu | {theirs:.2f} s | × {mine / theirs:.2f} (au plus 1,5) |", flush=True
        )
    print("\n| format | pic, toutes les observations (Mo) | pic, dix fois plus (Mo) |\n|---|---|---|")
    for word in ("csv", "parquet", "xlsx"):
        print(f"| {word} | {peak(word, 1):.0f} | {peak(word, 10):.0f} |", flush=True)


if __name__ == "__main__":
    alone(*sys.argv[1:]) if sys.argv[1:] else main()
