"""Écrit eligibilite_fixe.csv à partir des classes de débit fixe de l'Arcep par commune."""

from pathlib import Path

import click

from observatory.sources import write_csv
from observatory.sources_arcep import HEADER, eligibility

ROOT = Path(__file__).parent.parent


@click.command(help=__doc__)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    default=ROOT / "../shared/sources/arcep-fixed-2019/raw_commune-debit-beta.csv",
    help="Fichier d’origine.",
)
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "datasets", help="Dossier à écrire.")
def main(source: Path, target: Path) -> None:
    count = write_csv(target / "eligibilite_fixe.csv", HEADER, eligibility(source))
    click.echo(f"eligibilite_fixe.csv : {count} lignes")


if __name__ == "__main__":
    main()
