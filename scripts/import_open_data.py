"""Écrit organisations_open_data.csv à partir du classeur ODATER d'OpenDataFrance."""

from pathlib import Path

import click

from observatory.sources import write_csv
from observatory.sources_odater import HEADER, organisations, territories_by_siren

ROOT = Path(__file__).parent.parent


@click.command(help=__doc__)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    default=ROOT / "../shared/sources/odater/odater-v2.xlsx",
    help="Classeur d’origine.",
)
@click.option(
    "--territories", type=click.Path(path_type=Path), default=ROOT / "codelists/territories.csv", help="Territoires."
)
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "datasets", help="Dossier à écrire.")
def main(source: Path, territories: Path, target: Path) -> None:
    rows = organisations(source, territories_by_siren(territories))
    count = write_csv(target / "organisations_open_data.csv", HEADER, rows)
    click.echo(f"organisations_open_data.csv : {count} lignes")


if __name__ == "__main__":
    main()
