"""Commence un jeu de données (son CSV et son descripteur à remplir), ou donne le modèle d'un jeu existant.

Usage : new.py NOM [--schema NOM] [--form long|wide|register] [--territory REF] [--format csv|xlsx|ods] [-o FICHIER]
        new.py --template JEU [--territory REF] [--format csv|csv-fr|xlsx|ods] [-o FICHIER]

Exemples : new.py bornes_velo --territory COM-68224
           new.py --template france_services --territory EPCI-200066009 --format xlsx -o modele.xlsx
Options : --root DOSSIER_DU_DÉPÔT ; un fichier qui existe n'est jamais remplacé.
Avec --territory, les lignes du territoire et de ses membres sont préremplies de ce qui est déjà publié.
Avec un NOM et un autre format que csv, le modèle à remplir est aussi écrit dans FICHIER (NOM.xlsx, NOM.ods).
Code de sortie : 0 si les fichiers sont écrits, 2 si la commande est mal écrite ou impossible.
"""

import sys
from pathlib import Path
from typing import Any

import click

from observatory.blanks import UnknownForm, UnknownTerritory
from observatory.drafts import Impossible, existing, new_dataset, write_blank


@click.command(add_help_option=False)
@click.argument("name", default="")
@click.option("--schema", default="")
@click.option("--form", default="")
@click.option("--territory", default=None)
@click.option("--format", "file_form", default="csv")
@click.option("--template", default="")
@click.option("-o", "--output", default=None, type=click.Path(path_type=Path))
@click.option("--root", default=Path(__file__).resolve().parent.parent, type=click.Path(path_type=Path))
@click.option("--help", "wants_help", is_flag=True)
def main(root: Path, name: str, template: str, wants_help: bool, **given: Any) -> None:
    """Write the files of a new dataset, or the template of one that exists."""
    if wants_help:
        click.echo(__doc__)
        return
    if bool(name) == bool(template):
        raise click.UsageError("donnez un NOM, ou --template JEU (voir --help).")
    area, form, target = given["territory"], given["file_form"], given["output"]
    dataset = existing(root, template) if template else new_dataset(root, name, given["schema"], given["form"], area)
    written = [] if template else [dataset.csv_path, dataset.descriptor_path]
    if template or form != "csv" or target:
        written.append(
            write_blank(target or Path(f"{dataset.name}.{form.partition('-')[0]}"), root, dataset, area, form)
        )
    click.echo("\n".join(f"Écrit : {path}" for path in written))
    if name:
        click.echo("Complétez-les, puis lancez « make validate », qui dit ce qui reste à remplir.")


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except (click.UsageError, Impossible, UnknownForm, UnknownTerritory) as error:
        option = getattr(error, "option_name", None)
        click.echo(f"Erreur : {f'option « {option} » inconnue ou sans valeur.' if option else error}", err=True)
        sys.exit(2)
