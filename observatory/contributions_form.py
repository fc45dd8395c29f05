"""The form of a thing of a register: its boxes and lines made cells of a table, and the report told field by field."""

import csv
import io
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from observatory import french
from observatory.registers import SEPARATOR

# A hidden field that says that a form was filled, and not a grid.
FLAG = "formulaire"
BOX = re.compile(r"choix-([0-9]{1,3})-([a-zA-Z0-9-]{1,80})")
LIST = "liste-"
LONGEST = 80
# How people part what they list.
PARTS = re.compile(r"\s*[|;,\n]\s*")


def filled(fields: Mapping[str, str], schema: Sequence[Mapping[str, Any]], taken: set[str]) -> dict[str, str]:
    """The fields of a form as those of a grid of one row, in the order of the columns of `schema`.

    Boxes that are ticked become one cell; an identifier that is none of `taken`, those of published things, is made
    of the title.
    """
    found = {name: text for name, text in fields.items() if not BOX.fullmatch(name) and not name.startswith(LIST)}
    ticked: dict[int, list[str]] = {}
    for name in fields:
        if box := BOX.fullmatch(name):
            ticked.setdefault(int(box[1]), []).append(box[2])
    for place, entry in enumerate(schema):
        cell = f"cellule-0-{place}"
        if f"{LIST}{place}" in fields:
            found[cell] = SEPARATOR.join(ticked.get(place, []))
        elif several(entry) and cell in found:
            found[cell] = SEPARATOR.join(filter(None, PARTS.split(found[cell].strip())))
    names = [entry["name"] for entry in schema]
    own, title = (f"cellule-0-{names.index(name)}" for name in ("id", "titre"))
    # That of a published thing is its address; that of a new one follows its title, which may have been corrected.
    if title in found and found.get(own) not in taken:
        found[own] = identifier(found[title], taken)
    return found


def several(entry: Mapping[str, Any]) -> bool:
    """Whether a column names several things, parted by SEPARATOR."""
    return "relation" in entry and f"\\{SEPARATOR}" in str(entry.get("constraints", {}).get("pattern", ""))


def identifier(title: str, taken: set[str]) -> str:
    """An identifier made of the title, followed by a number when it is another's; "" for a title without letters.

    >>> identifier("Capteurs de l’eau", set()), identifier("Capteurs de l’eau", {"capteurs-de-l-eau"})
    ('capteurs-de-l-eau', 'capteurs-de-l-eau-2')
    """
    words = re.sub("[^a-z0-9]+", "-", french.key(title)).strip("-")[: LONGEST - 4].strip("-")
    if not words or words not in taken:
        return words
    return next(one for number in range(2, len(taken) + 3) if (one := f"{words}-{number}") not in taken)


def identifiers(database: Path, register: str) -> set[str]:
    """The identifiers of the things of the register that are published."""
    connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return {row[0] for row in connection.execute("select id from things where register = ?", [register])}
    finally:
        connection.close()


def told(table: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """What the page of a form shows of the first row of a table and of its report, by column.

    `values` are its cells, `said` what is wrong or doubtful with each, `apply` the (number, text) of a certain mending,
    `whole` what is said of the row.
    """
    rows = list(csv.reader(io.StringIO(table, newline="")))
    header, row = (rows[0], rows[1]) if len(rows) > 1 else ([], [])
    values = dict(zip(header, row, strict=False))
    found: dict[str, Any] = {"values": values, "said": {}, "apply": {}, "severity": {}, "whole": []}
    for faulty in report.get("faulty", ())[:1]:
        found["whole"] = faulty["whole"]
        for name, cell in zip(report["header"], faulty["cells"], strict=False):
            if cell["said"]:
                found["said"][name], found["severity"][name] = cell["said"], cell["severity"]
            if cell["apply"] is not None:
                found["apply"][name] = (cell["apply"], report["certain"][cell["apply"]][3])
    return found
