"""Construit donnees.db : valide les contributions, calcule les scores, écrit la base d’un seul geste."""

import sys
from pathlib import Path

import click

from observatory.database import BuildError, build
from observatory.reports import text_report

ROOT = Path(__file__).resolve().parent.parent


@click.command(help=__doc__)
@click.option("--target", type=click.Path(path_type=Path), default=ROOT / "donnees.db", help="Base à écrire.")
@click.option("--root", type=click.Path(path_type=Path, exists=True), default=ROOT, help="Dossier de l’observatoire.")
def main(target: Path, root: Path) -> None:
    """Build, one line a step; exit 1 with the problems when a contribution is not valid."""

    def report(step: str, seconds: float) -> None:
        click.echo(f"  {step:<28}{seconds:6.1f} s", err=True)

    click.echo("Construction de la base :", err=True)
    try:
        build(root, target, report)
    except KeyboardInterrupt:
        click.echo(f"Construction interrompue ; {target.name} n’a pas été modifiée.", err=True)
        sys.exit(130)
    except BuildError as stopped:
        click.echo(text_report(stopped.problems))
        click.echo(f"Construction arrêtée ; {target.name} n’a pas été modifiée.", err=True)
        sys.exit(1)
    click.echo(f"{target.name} est prête ({target.stat().st_size / 1e6:.0f} Mo).", err=True)


if __name__ == "__main__":
    main()
