"""Écrit la revue d’une contribution : ce que TETE change à BASE, jugé par les règles de BASE.

Usage : review.py BASE TETE [--root DEPOT] [--database BASE.db] [--preview-url ADRESSE]
        [--format markdown|html|text|json|github|sarif|codequality] [--output FICHIER] [--folder DOSSIER]
BASE et TETE sont des révisions git ou des dossiers. --folder écrit tout à la fois : revue.md, revue.html,
annotations.txt, problemes.sarif, codequality.json et, si c’est publiable, l’aperçu donnees.db.
Code de sortie : 0 si rien n’empêche la publication, 1 sinon, 2 si la commande est mal écrite.
"""

import sys
from pathlib import Path
from typing import Any

import click

from observatory.review import build_preview, review
from observatory.review_files import FORMATS, PREVIEW, write_folder
from observatory.review_sources import UnknownSource, source

FILE = click.Path(path_type=Path)


@click.command(add_help_option=False)
@click.argument("states", nargs=-1)
@click.option("--root", type=FILE, default=Path(__file__).resolve().parent.parent)
@click.option("--database", type=FILE)
@click.option("--format", "form", default="markdown")
@click.option("--output", type=FILE)
@click.option("--folder", type=FILE)
@click.option("--preview-url")
@click.option("--help", "wants_help", is_flag=True)
def main(states: tuple[str, ...], root: Path, database: Path | None, **options: Any) -> None:
    """Write the review, and exit 1 when something prevents the publication."""
    if options["wants_help"]:
        return click.echo(__doc__)
    if len(states) != 2 or options["form"] not in FORMATS:
        raise click.UsageError(f"deux états et un format ({', '.join(FORMATS)}) sont attendus ; voir --help.")
    folder, address = options["folder"], options["preview_url"]
    base, head = (source(root, state) for state in states)
    found = review(base, head, database)
    if folder is not None:
        write_folder(found, folder, address)
        if found.publishable and found.datasets:
            build_preview(base, head, folder / PREVIEW)
    if options["output"] is not None:
        options["output"].write_text(FORMATS[options["form"]](found, address), encoding="utf-8")
    elif folder is None:
        click.echo(FORMATS[options["form"]](found, address), nl=False)
    sys.exit(0 if found.publishable else 1)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except (click.UsageError, UnknownSource) as error:
        option = getattr(error, "option_name", None)
        click.echo(f"Erreur : {f'option « {option} » inconnue ou sans valeur.' if option else error}", err=True)
        sys.exit(2)
