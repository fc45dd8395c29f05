"""Contrôle que rien de publié n’a changé d’un octet : l’export de build/ et toutes les éditions, ou FOLDER."""

import sys
from pathlib import Path

import click

from observatory import bulk, releases

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--root", type=click.Path(path_type=Path, exists=True), default=ROOT, help="Dossier de l’observatoire.")
def main(folder: Path | None, root: Path) -> None:
    """Say every fault, and leave with 1 when there is one; a heavy file that is not here is said, and is no fault."""
    absent: list[str] = []
    if folder and (releases.VERSION.fullmatch(folder.name) or (folder / releases.ABOUT).is_file()):
        faults, absent = releases.verify(folder)
    else:
        faults = bulk.verify(folder or root / "build")
    if not folder:
        faults += releases.verify_all(root)
    for fault in faults:
        click.echo(fault, err=True)
    if absent:
        click.echo(f"Fichiers qui ne sont pas sur cette machine, non contrôlés : {', '.join(absent)}.", err=True)
    if faults:
        sys.exit(1)
    click.echo("Tous les fichiers présents sont ceux qui ont été publiés.")


if __name__ == "__main__":
    main()
