"""Validates the same files with each contestant, in fresh processes and in turn; prints a Markdown table of medians."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from validation_files import write_package, write_site

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
OURS, THEIRS = ROOT / ".venv" / "bin" / "python", ROOT / ".venv-bench" / "bin" / "python"
HEADER = "| outil | mur (s) | CPU (s) | lignes/s | × mur | × CPU | Mo | erreurs |\n" + "|---" * 8 + "|"
ROUNDS = {10_000: 5, 100_000: 3, 1_000_000: 3}
SLOW = 100_000  # rows beyond which those that are slow run once, or not at all


@dataclass(frozen=True)
class Contestant:
    """A tool as the table names it; `most` is the largest file that it is given."""

    name: str
    title: str
    python: Path
    most: int = 1_000_000
    slow: bool = False


CONTESTANTS = [
    Contestant("screen", "**crible** (le rapport de Frictionless, clés comprises)", OURS),
    Contestant("validate", "**scripts/validate.py** (en français, territoires compris)", OURS, most=SLOW),
    Contestant("frictionless", "Frictionless, clés comprises, sans limite", OURS, slow=True),
    Contestant("validata", "Validata 0.12.5, clé primaire seule, 1 000 erreurs", THEIRS, most=SLOW, slow=True),
    Contestant("pandera", "pandera sur Polars, décomptes seuls", THEIRS),
    Contestant("csvclean", "csvclean, forme seule", THEIRS),
]


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall: float
    cpu: float
    megabytes: int
    errors: str


def run(contestant: Contestant, folder: Path) -> Run:
    """Starts the contestant in a process of its own and measures it, its interpreter and its children included."""
    command = [str(contestant.python), str(HERE / "validation_contestants.py"), contestant.name, str(folder)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        said, noise = process.stdout.read(), process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = status
    if status or "(seul" in noise:
        raise RuntimeError(f"{contestant.name}: {noise[-500:]}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, said.strip())


def measure(folder: Path, rows: int) -> dict[Contestant, list[Run]]:
    """Every run of every contestant on one file, in turn."""
    if rows <= SLOW:
        write_site(folder)
    found: dict[Contestant, list[Run]] = defaultdict(list)
    for turn in range(ROUNDS.get(rows, 3)):
        for contestant in CONTESTANTS:
            if rows <= contestant.most and not (turn and contestant.slow and rows > SLOW):
                found[contestant].append(run(contestant, folder))
    return found


def line(contestant: Contestant, runs: list[Run], rows: int, base: tuple[float, float]) -> str:
    """The row of the table for a contestant; `base` is what Frictionless took (wall, CPU)."""
    wall, cpu = (statistics.median(getattr(r, what) for r in runs) for what in ("wall", "cpu"))
    megabytes = max(r.megabytes for r in runs)
    times = f"{wall:.2f} | {cpu:.2f} | {rows / wall:,.0f} | {base[0] / wall:.1f} | {base[1] / cpu:.1f}"
    figures = f"{times} | {megabytes} | {runs[0].errors} |".replace(",", " ").replace(".", ",")
    return f"| {contestant.title} | {figures}"


def main() -> None:
    """Print a table for each file: rows asked (all sizes by default), valid then faulty."""
    sizes = [int(size) for size in sys.argv[1:]] or sorted(ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            for faulty in (False, True):
                package = write_package(Path(folder) / f"{rows}-{faulty}", rows, faulty)
                found = measure(package, rows)
                base = next(runs for contestant, runs in found.items() if contestant.name == "frictionless")
                medians = (statistics.median(r.wall for r in base), statistics.median(r.cpu for r in base))
                state = "dix-huit sortes de fautes, une ligne sur mille chacune" if faulty else "valides"
                print(f"\n### {rows:,}".replace(",", " ") + f" lignes, {state}\n")
                print(HEADER)
                for contestant, runs in found.items():
                    print(line(contestant, runs, rows, medians), flush=True)


if __name__ == "__main__":
    main()
