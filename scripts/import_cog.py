"""Écrit les listes de territoires à partir des paquets npm @etalab/decoupage-administratif."""

import subprocess
import tarfile
from pathlib import Path

import click

from observatory.cog import PACKAGE, RELEASES, data_folder
from observatory.cog_aliases import aliases_of
from observatory.cog_codelists import read_code, write_code, write_rows


def fetch(folder: Path, version: str) -> None:
    """Download one version of the package with npm and unpack it, unless it is there."""
    if data_folder(folder, version).is_dir():
        return
    target = folder / f"v{version}"
    target.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", f"{PACKAGE}@{version}", "--silent", "--pack-destination", str(target)]
    subprocess.run(command, check=True)
    for archive in target.glob("*.tgz"):
        with tarfile.open(archive) as stream:
            stream.extractall(target, filter="data")


@click.command(help="Réécrit les listes de territoires à partir des paquets dépliés dans DOSSIER.")
@click.argument("folder", metavar="DOSSIER", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--codelists", default="codelists", type=click.Path(path_type=Path), show_default=True, help="Dossier à écrire."
)
def main(folder: Path, codelists: Path) -> None:
    """Fetch what is missing, read every vintage, write the codelists."""
    for release in RELEASES:
        fetch(folder, release.version)
    code = read_code(folder)
    write_code(code, codelists)
    write_rows(codelists / "territory_aliases.csv", "ref_area,type,alias", aliases_of(code))


if __name__ == "__main__":
    main()
