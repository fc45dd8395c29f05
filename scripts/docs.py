"""Régénère les pages de docs/ qui répètent les fichiers (dictionnaire, indicateurs, problèmes)."""

import sys
from pathlib import Path

import click

from observatory.documentation import stale, write

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Ne rien écrire ; échouer si une page n’est plus à jour.")
def main(check: bool) -> None:
    """Write the stale pages, or name them and exit 1."""
    pages = stale(ROOT) if check else write(ROOT)
    for page in pages:
        state = "n’est plus à jour : lancez make fix" if check else "réécrite"
        click.echo(f"{page.relative_to(ROOT)} {state}.")
    sys.exit(1 if check and pages else 0)


if __name__ == "__main__":
    main()
