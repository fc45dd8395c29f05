"""Écrit les cinq jeux longs tirés du Baromètre des résultats de l'action publique."""

from pathlib import Path

import click

from observatory.sources import LONG_HEADER, write_csv
from observatory.sources_barometre import DATASETS, observations

ROOT = Path(__file__).parent.parent


@click.command(help=__doc__)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    default=ROOT / "../shared/sources/etalab-barometre",
    help="Dossier d’origine.",
)
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "datasets", help="Dossier à écrire.")
def main(source: Path, target: Path) -> None:
    for dataset in DATASETS:
        count = write_csv(target / f"{dataset}.csv", LONG_HEADER, observations(source, dataset))
        click.echo(f"{dataset}.csv : {count} lignes")


if __name__ == "__main__":
    main()
