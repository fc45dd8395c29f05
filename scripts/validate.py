"""Vérifie les jeux de données, les indicateurs et les listes de codes."""

import sys
from pathlib import Path

import click

from observatory.problems import has_errors
from observatory.reports import FORMATS
from observatory.validation import UnknownFile, validate

ROOT = Path(__file__).resolve().parent.parent


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", default="text", help="text, json ou github (annotations).")
@click.option("--root", default=ROOT, type=click.Path(path_type=Path), help="Dossier du dépôt.")
def main(files: tuple[Path, ...], form: str, root: Path) -> None:
    """Vérifie FILES (CSV, descripteurs, indicateurs), ou tout le dépôt ; rend 1 s'il y a des erreurs."""
    if form not in FORMATS:
        raise click.UsageError(f"format « {form} » inconnu ; formats possibles : {', '.join(FORMATS)}.")
    tell = (lambda step: click.echo(f"… {step}", err=True)) if sys.stderr.isatty() else None
    try:
        problems = validate(root, files, tell)
    except UnknownFile as error:
        raise click.UsageError(str(error)) from None
    click.echo(FORMATS[form](problems))
    sys.exit(1 if has_errors(problems) else 0)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.UsageError as error:
        option = getattr(error, "option_name", None)
        click.echo(f"Erreur : {f'option « {option} » inconnue ou sans valeur.' if option else error.message}", err=True)
        sys.exit(2)
