"""Vérifie les fichiers donnés (CSV, descripteurs, indicateurs, listes de codes), ou tout le dépôt.

Usage : validate.py [--help] [--root DOSSIER_DU_DÉPÔT] [--format text|json|github (annotations)] [FICHIER]…
Code de sortie : 0 si rien n'empêche la publication, 1 s'il y a des erreurs, 2 si la commande est mal écrite.
"""

import sys
from pathlib import Path

import click

from observatory.problems import has_errors
from observatory.reports import FORMATS
from observatory.validation import UnknownFile, validate


@click.command(add_help_option=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", default="text")
@click.option("--root", default=Path(__file__).resolve().parent.parent, type=click.Path(path_type=Path))
@click.option("--help", "wants_help", is_flag=True)
def main(files: tuple[Path, ...], form: str, root: Path, wants_help: bool) -> None:
    """Write the problems of the files, and exit 1 when one of them is an error."""
    if wants_help:
        return click.echo(__doc__)
    if form not in FORMATS:
        raise click.UsageError(f"format « {form} » inconnu ; formats possibles : {', '.join(FORMATS)}.")
    problems = validate(root, files, (lambda step: click.echo(f"… {step}", err=True)) if sys.stderr.isatty() else None)
    click.echo(FORMATS[form](problems))
    sys.exit(1 if has_errors(problems) else 0)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except (click.UsageError, UnknownFile) as error:
        option = getattr(error, "option_name", None)
        click.echo(f"Erreur : {f'option « {option} » inconnue ou sans valeur.' if option else error}", err=True)
        sys.exit(2)
