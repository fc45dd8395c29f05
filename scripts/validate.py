"""Vérifie les jeux de données, les indicateurs et les listes de codes."""

import sys
from pathlib import Path

import click

from observatory.problems import has_errors, render_catalogue
from observatory.reports import FORMATS
from observatory.validation import UnknownFile, validate

ROOT = Path(__file__).resolve().parent.parent


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", default="text", help="text, json ou github (annotations d'une demande de fusion).")
@click.option("--root", default=ROOT, type=click.Path(path_type=Path), help="Dossier du dépôt.")
@click.option("--catalogue", is_flag=True, help="Écrit la page docs/problems.md et s'arrête.")
def main(files: tuple[Path, ...], form: str, root: Path, catalogue: bool) -> None:
    """Vérifie FILES (CSV, descripteurs, indicateurs), ou tout le dépôt ; rend 1 s'il y a des erreurs."""
    if form not in FORMATS:
        raise click.UsageError(f"format « {form} » inconnu ; formats possibles : {', '.join(FORMATS)}.")
    if catalogue:
        click.echo(render_catalogue(), nl=False)
        return
    progress = (lambda step: click.echo(f"… {step}", err=True)) if sys.stderr.isatty() else None
    try:
        problems = validate(root, files, progress)
    except UnknownFile as error:
        raise click.UsageError(str(error)) from None
    click.echo(FORMATS[form](problems))
    sys.exit(1 if has_errors(problems) else 0)


if __name__ == "__main__":
    main()
