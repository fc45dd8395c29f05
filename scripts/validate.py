"""Vérifie les fichiers donnés (CSV, descripteurs, indicateurs, listes de codes), ou tout le dépôt.

Usage : validate.py [--help] [--root DOSSIER_DU_DÉPÔT] [--format {formats}]
                    [--dataset JEU] [--sheet FEUILLE] [--fix] [FICHIER]…
Un fichier (CSV, XLSX, ODS, zip) hors de datasets/ est jugé comme une partie d'un jeu : --dataset le nomme, sinon il est
reconnu à ses colonnes ; --sheet choisit la feuille. --fix écrit à côté un fichier corrigé (<nom>.corrige.csv), où seul
le certain est changé, et la liste des corrections (<nom>.corrections.csv) ; l'original n'est jamais touché.
Code de sortie : 0 si rien n'empêche la publication, 1 s'il reste une erreur ou un avertissement sans justification dans
le descripteur, 2 si la commande est mal écrite.
"""

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click

from observatory.fixing import NotMended
from observatory.problems import publishable
from observatory.reports import FORMATS
from observatory.submissions import Asked, problems_of
from observatory.validation import UnknownFile


@click.command(add_help_option=False)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", default="text")
@click.option("--root", default=Path(__file__).resolve().parent.parent, type=click.Path(path_type=Path))
@click.option("--dataset", default="")
@click.option("--sheet", default="")
@click.option("--fix", is_flag=True)
@click.option("--help", "wants_help", is_flag=True)
def main(form: str, wants_help: bool, **asked: Any) -> None:
    """Write the problems of the files, and exit 1 when one of them keeps them from being published."""
    if wants_help:
        return click.echo(str(__doc__).format(formats="|".join(FORMATS)))
    if form not in FORMATS:
        raise click.UsageError(f"format « {form} » inconnu ; formats possibles : {', '.join(FORMATS)}.")
    with click.progressbar(length=100, file=sys.stderr) if sys.stderr.isatty() else nullcontext() as bar:
        tell = partial(advance, bar) if bar else None
        problems = problems_of(Asked(**asked), partial(click.echo, err=True), tell)
    click.echo(FORMATS[form](problems))
    sys.exit(0 if publishable(problems) else 1)


def advance(bar: Any, name: str, done: int, total: int) -> None:
    """Shows which file is read, and how much of it has been."""
    bar.label = bar.label if done else name.ljust(28)[:28]
    bar.update(100 * done // total - bar.pos)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except (click.UsageError, UnknownFile, NotMended) as error:
        option = getattr(error, "option_name", None)
        click.echo(f"Erreur : {f'option « {option} » inconnue ou sans valeur.' if option else error}", err=True)
        sys.exit(2)
