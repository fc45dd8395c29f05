"""Écrit france_services.csv à partir de la liste des France services de l'ANCT."""

from pathlib import Path

import click

from observatory.sources import write_csv
from observatory.sources_france_services import HEADER, counters_by_commune

ROOT = Path(__file__).parent.parent


@click.command(help=__doc__)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    default=ROOT / "../shared/sources/anct-france-services/liste-fs-20240801.csv",
    help="Fichier d’origine.",
)
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "datasets", help="Dossier à écrire.")
def main(source: Path, target: Path) -> None:
    count = write_csv(target / "france_services.csv", HEADER, counters_by_commune(source))
    click.echo(f"france_services.csv : {count} lignes")


if __name__ == "__main__":
    main()
