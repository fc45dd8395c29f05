"""Explique l’évolution entre deux bases publiées : données propres, méthode, pairs, périmètre, correction, mesure.

Usage : compare.py AVANT.db APRES.db [--output evolutions.csv] [--root DEPOT]
Écrit un CSV, une ligne par score et par rang changés, et un court résumé. La méthode de chaque base est lue dans le
dépôt, éditions figées comprises. Code de sortie : 0, ou 2 si une base ne peut pas être comparée.
"""

import sys
from pathlib import Path

import click

from observatory.comparison import Incomparable, compare, read_publication, summary, write_changes

ROOT = Path(__file__).resolve().parent.parent
DATABASE = click.Path(path_type=Path)


@click.command(help=__doc__)
@click.argument("before", type=DATABASE)
@click.argument("after", type=DATABASE)
@click.option("--output", type=click.Path(path_type=Path), default=Path("evolutions.csv"), help="CSV à écrire.")
@click.option("--root", type=click.Path(path_type=Path, exists=True), default=ROOT, help="Dossier de l’observatoire.")
def main(before: Path, after: Path, output: Path, root: Path) -> None:
    """Compare two databases; exit 2 when one of them cannot be read."""
    try:
        rows = list(compare(*(read_publication(root, database) for database in (before, after))))
    except Incomparable as error:
        click.echo(f"Erreur : {error}", err=True)
        sys.exit(2)
    write_changes(rows, output)
    click.echo(summary(rows))
    click.echo(f"{output} : {len(rows)} lignes.", err=True)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.UsageError:
        click.echo(
            "Erreur : la commande s’écrit : compare.py AVANT.db APRES.db [--output CSV] [--root DÉPÔT].", err=True
        )
        sys.exit(2)
