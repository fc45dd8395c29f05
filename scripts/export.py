"""Écrit dans build/ chaque table et chaque jeu de données, en CSV et en JSON, avec son descripteur."""

from pathlib import Path

import click

from observatory.export import export

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.option("--database", type=click.Path(path_type=Path, exists=True), default=ROOT / "donnees.db", help="Base.")
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "build", help="Dossier à écrire.")
def main(database: Path, target: Path) -> None:
    """Export every table, one line each."""
    for name, rows in export(ROOT, database, target):
        click.echo(f"  {name:<28}{rows:>9} lignes", err=True)
    click.echo(f"Exports écrits dans {target}.", err=True)


if __name__ == "__main__":
    main()
