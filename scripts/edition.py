"""Fige l’édition en cours de la méthode dans indicators/editions/, quand elle est publiée."""

import sys
from datetime import date
from pathlib import Path

import click

from observatory.frozen import Closed, freeze

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.option("--root", type=click.Path(path_type=Path, exists=True), default=ROOT, help="Dossier de l’observatoire.")
def main(root: Path) -> None:
    """Write the file of the edition, or say why not and exit 1."""
    try:
        path = freeze(root, date.today().isoformat())
    except Closed as reason:
        click.echo(f"Impossible : {reason}", err=True)
        sys.exit(1)
    click.echo(f"{path.relative_to(root)} écrit ; la méthode ne change plus que sous un nouveau numéro d’édition.")


if __name__ == "__main__":
    main()
