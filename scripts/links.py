"""Demande chaque lien des registres, et dit ceux qui sont morts (make links).

C'est la seule commande qui aille ainsi sur le réseau : la vérification d'une contribution n'y va jamais. Seules des
adresses publiques du web sont demandées.
"""

import sys
from pathlib import Path

import click

from observatory.dead_links import dead, links, told

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.option("--root", type=click.Path(path_type=Path, exists=True), default=ROOT, help="Dossier de l’observatoire.")
def main(root: Path) -> None:
    """Say every dead link, and leave with 1 when there is one."""
    found = [told(link, reason) for link, reason in dead(root)]
    count = len({link.url for link in links(root)})
    click.echo("\n".join(found) or (f"{count} liens demandés, tous répondent." if count else "Aucun lien à demander."))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
