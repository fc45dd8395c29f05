"""Contrôle que les fichiers d’un export sont ceux qui ont été publiés, à l’octet près (SHA256SUMS)."""

import sys
from pathlib import Path

import click

from observatory.bulk import verify

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=ROOT / "build")
def main(folder: Path) -> None:
    """Say every fault, and leave with 1 when there is one."""
    faults = verify(folder)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    click.echo("Tous les fichiers sont ceux qui ont été publiés.")


if __name__ == "__main__":
    main()
