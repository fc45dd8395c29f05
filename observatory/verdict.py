"""Frictionless has the last word: what it refuses of a table in which we found nothing at that place."""

import re
from typing import Any

from frictionless import Dialect, Resource
from frictionless.formats import CsvControl

from observatory.problems import Problem, kinds, problem, shown
from observatory.reading import Table, declared, table_schema
from observatory.screen import screened

ENOUGH = 5000  # errors of Frictionless, after which a file that we refuse as well need not be read further
HARMLESS = ("byte-order-mark",)
REFUSED = {
    "type-error": "le type de cette cellule",
    "constraint-error": "une contrainte de cette cellule",
    "unique-error": "ce doublon",
    "primary-key": "la clé primaire de cette ligne",
    "foreign-key": "la référence de cette ligne",
    "blank-row": "cette ligne vide",
    "missing-cell": "cette ligne, trop courte",
    "extra-cell": "cette ligne, trop longue",
}
NOTES = {
    r'cells composing the primary keys are all "None"': "toutes les colonnes de la clé sont vides",
    r"the same as in the row at position (\d+)": "la même qu'au rang {} du fichier",
    r'type is "(.*)"': "attendu : {}",
    r'constraint "(.*?)" is "(.*)"': "{} : {}",
}


def verdict(table: Table) -> list[Problem]:
    """A problem for each error of Frictionless that none of ours tells at that line and column.

    Only a canonical file is judged: the form of another one is at fault, and that already forbids its publication.
    """
    if not _is_canonical(table):
        return []
    errors = [entry for entry in table.problems if entry.severity == "error"]
    cells = {(entry.line, entry.column) for entry in errors}
    lines = {entry.line for entry in errors}
    # Columns of which so many problems are told that the others are only counted.
    flooded = {entry.column for entry in errors if entry.code == "many-more"}
    found = []
    report, _ = screened(_resource(table), limit_errors=ENOUGH, brief=True)
    for number, column, kind, note in report.flatten(["rowNumber", "fieldName", "type", "note"]):
        line = table.sheet.lines[number - 2] if number else None
        if (line, column) in cells or column in flooded or (not column and (line in lines or flooded)):
            continue
        what = REFUSED.get(kind, "ce fichier")
        found.append(
            problem("frictionless-refuses", table.sheet.file, line, column or None, what=what, note=_in_french(note))
        )
    return found


def _in_french(note: str) -> str:
    """Frictionless' note in French when it is one that can be met, else as it is."""
    for english, french in NOTES.items():
        if found := re.fullmatch(english, note, re.DOTALL):
            return shown(french.format(*found.groups()))
    return shown(note)


def _is_canonical(table: Table) -> bool:
    """Whether the file is a CSV of our form, so that its rows are those that Frictionless will number."""
    sheet = table.sheet
    if sheet.first_column is not None or not sheet.header or sheet.damaged or sheet.flooded:
        return False
    return all(kinds()[entry.code].group != "fichier" or entry.code in HARMLESS for entry in sheet.problems)


def _resource(table: Table) -> Any:
    """The table as Frictionless reads it, without the columns that the file may leave out and does."""
    schema = table_schema(table.dataset.schema)
    for name in schema.field_names:
        if name not in table.raw:
            schema.remove_field(name)
    path, written = table.dataset.csv_path, declared(table.dataset)
    dialect = Dialect(header=True, header_rows=[1], controls=[CsvControl(delimiter=written.delimiter)])
    return Resource(
        name="table",
        path=path.name,
        basepath=str(path.parent),
        scheme="file",
        format="csv",
        encoding=written.encoding,
        dialect=dialect,
        schema=schema,
    )
