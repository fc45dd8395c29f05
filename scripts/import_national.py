"""Écrit les lignes d'un registre d'après un fichier au schéma national ; ce qu'il ne dit pas reste à compléter.

Usage : import_national.py projets-territoire|dispositif-aide FICHIER.csv > lignes.csv
Aucune colonne qui nomme une personne n'est lue. La base du portail doit être construite (make build).
"""

import csv
import sqlite3
import sys
from pathlib import Path

from observatory import national

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Read the file, write our rows, and say what is left to complete."""
    if arguments == ["--help"]:
        print(__doc__)
        return 0
    if len(arguments) != 2 or arguments[0] not in national.SCHEMAS:
        print(__doc__, file=sys.stderr)
        return 2
    schema = national.SCHEMAS[arguments[0]]
    with sqlite3.connect(f"file:{ROOT / 'donnees.db'}?mode=ro", uri=True) as db:
        about = national.known(db, schema.register)
        names = [row[1] for row in db.execute(f"pragma table_info({schema.register})")]
    with Path(arguments[1]).open(encoding="utf-8-sig", newline="") as stream:
        given = list(csv.DictReader(stream))
    if not given or not {"id"} <= set(given[0]):
        print(f"{arguments[1]} : aucune ligne au schéma {arguments[0]} n'a été lue.", file=sys.stderr)
        return 1
    rows = [schema.read(row, about) for row in given]
    sys.stdout.write(national.as_csv(names, rows))
    empty = [name for name in names if not any(row.get(name) for row in rows)]
    print(f"{len(rows)} lignes. À compléter : {', '.join(empty)}.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
