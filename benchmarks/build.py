"""Times each step of two builds in two folders and compares their bytes."""

import hashlib
import shutil
import tempfile
import time
from pathlib import Path

from observatory.database import build

ROOT = Path(__file__).resolve().parent.parent
# The steps that score: every territory, edition, period and interval; and the most seconds they may take together.
SCORING, MOST = ("scores", "évolution", "incertitude", "voisins et bornes"), 10
FOLDERS = ("codelists", "datasets", "docs", "indicators", "observatory", "schemas")


def main() -> None:
    """Print a Markdown table: step, seconds in the repository, seconds in a copy of it elsewhere."""
    times: list[dict[str, float]] = [{}, {}]
    digests = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        for name in (*FOLDERS, ".git"):
            shutil.copytree(ROOT / name, copy / name)
        for n, root in enumerate((ROOT, copy)):
            start = time.perf_counter()
            build(root, Path(folder) / f"{n}.db", times[n].__setitem__)
            times[n]["total"] = time.perf_counter() - start
            digests.append(hashlib.sha256((Path(folder) / f"{n}.db").read_bytes()).hexdigest())
    print("| étape | ici (s) | ailleurs (s) |\n|---|---|---|")
    for step, seconds in times[0].items():
        print(f"| {step} | {seconds:.1f} | {times[1][step]:.1f} |")
    scoring = [sum(found[step] for step in SCORING) for found in times]
    print(f"| dont noter ({MOST} au plus) | {scoring[0]:.1f} | {scoring[1]:.1f} |")
    print(f"\nSHA-256 : {digests[0]}\n{'identiques' if digests[0] == digests[1] else 'DIFFÉRENTES : ' + digests[1]}")


if __name__ == "__main__":
    main()
