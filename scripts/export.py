"""Écrit dans build/ tout ce que l’observatoire publie : tables, archives, Parquet, SQLite, et leurs empreintes."""

from pathlib import Path

import click

from observatory.bulk import publish
from observatory.identity import WARNING, read_identity

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.option("--database", type=click.Path(path_type=Path, exists=True), default=ROOT / "donnees.db", help="Base.")
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "build", help="Dossier à écrire.")
def main(database: Path, target: Path) -> None:
    """Export everything, one line a file."""
    if read_identity(ROOT).unset:
        click.echo(WARNING, err=True)
    for name, size in publish(ROOT, database, target):
        click.echo(f"  {name:<60}{size / 1000:>10.0f} ko", err=True)
    click.echo(f"Exports écrits dans {target} ; make verify les contrôle.", err=True)


if __name__ == "__main__":
    main()
