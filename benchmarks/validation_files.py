"""Writes the files of the validation benchmark: observations, valid or faulty, and their package."""

import csv
import json
import random
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INDICATORS = [f"indicateur-{number:02}" for number in range(1, 13)]
AREA = "(?:COM-[0-9][0-9AB][0-9]{3})"
FIELDS = [
    {
        "name": "ref_area",
        "type": "string",
        "constraints": {"required": True, "pattern": AREA},
    },
    {"name": "indicator", "type": "string", "constraints": {"required": True}},
    {"name": "time_period", "type": "year", "constraints": {"required": True, "minimum": 2000}},
    {"name": "obs_value", "type": "number", "constraints": {"required": True, "minimum": 0, "maximum": 1_000_000_000}},
    {"name": "obs_status", "type": "string", "constraints": {"enum": ["A", "E", "P"]}},
    {"name": "updated", "type": "date", "constraints": {"required": True}},
    {"name": "source", "type": "string", "format": "uri"},
    {"name": "note", "type": "string", "constraints": {"maxLength": 200}},
]
NAMES = [str(entry["name"]) for entry in FIELDS]
SCHEMA = {
    "fields": FIELDS,
    "primaryKey": ["ref_area", "indicator", "time_period"],
    "foreignKeys": [
        {"fields": ["ref_area"], "reference": {"resource": "communes", "fields": ["ref_area"]}},
        {"fields": ["indicator"], "reference": {"resource": "indicators", "fields": ["indicator"]}},
    ],
}
NOTES = ["", "", "", "Valeur provisoire", "Estimation, d'après l'enquête", "Révisé « après contrôle »"]


@cache
def communes() -> list[str]:
    """Identifiers of today's communes, some 35,000."""
    with (ROOT / "codelists" / "territories.csv").open(encoding="utf-8", newline="") as stream:
        return [
            entry["ref_area"] for entry in csv.DictReader(stream) if entry["level"] == "COM" and not entry["valid_to"]
        ]


def row(number: int, chance: random.Random) -> list[str]:
    """The observation of that number: a territory, an indicator and a year that no other has."""
    rest, area = divmod(number, len(communes()))
    day = chance.randrange(900)
    return [
        communes()[area],
        INDICATORS[rest % len(INDICATORS)],
        str(2010 + rest // len(INDICATORS)),
        f"{chance.random() * 10 ** chance.randrange(1, 6):.{chance.randrange(4)}f}",
        chance.choice("AAAAAEP"),
        f"{2023 + day // 360}-{1 + day // 30 % 12:02}-{1 + day % 28:02}",
        f"https://www.data.gouv.fr/fr/datasets/r/{chance.getrandbits(48):012x}?ligne={number}",
        chance.choice(NOTES),
    ]


def _put(place: int, text: str) -> Callable[[list[str]], list[str]]:
    return lambda cells: [*cells[:place], text, *cells[place + 1 :]]


# Eighteen kinds, with the last: a row whose key another one has.
FAULTS: list[Callable[[list[str]], list[str]]] = [
    _put(0, ""), _put(0, "COM-1001"), _put(0, "COM-99999"), _put(1, "indicateur-99"), _put(2, "23"), _put(2, "1999"),
    _put(3, "12,5"), _put(3, ""), _put(3, "-1"), _put(3, "n.d."), _put(4, "X"), _put(5, "31/12/2023"),
    _put(6, "www.data.gouv.fr"), _put(7, "x" * 201),
    lambda cells: cells[:-1],
    lambda cells: [*cells, "de trop"],
    lambda cells: [],
]  # fmt: skip


def rows(count: int, faulty: bool) -> Iterator[list[str]]:
    """The rows of the file; one in a thousand has each kind of fault when it is to be faulty."""
    chance = random.Random(count)
    for number in range(count):
        kind = chance.randrange(1000) if faulty else 1000
        cells = row(number - 1 if kind == len(FAULTS) and number else number, chance)
        yield FAULTS[kind](cells) if kind < len(FAULTS) else cells


def write_package(folder: Path, count: int, faulty: bool) -> Path:
    """Writes observations.csv with its schema, and the tables that it refers to."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "observations.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(NAMES)
        writer.writerows(rows(count, faulty))
    _write_list(folder / "communes.csv", "ref_area", communes())
    _write_list(folder / "indicators.csv", "indicator", INDICATORS)
    keys = {"communes": "ref_area", "indicators": "indicator"}
    resources: list[dict[str, object]] = [{"name": "observations", "path": "observations.csv", "schema": SCHEMA}]
    for name, column in keys.items():
        fields = [{"name": column, "type": "string"}, {"name": "nom", "type": "string"}]
        resources.append({"name": name, "path": f"{name}.csv", "schema": {"fields": fields, "primaryKey": [column]}})
    described: dict[str, object] = {"name": "bench", "resources": resources}
    for resource in resources:
        resource |= {"type": "table", "encoding": "utf-8"}
    without = {key: value for key, value in SCHEMA.items() if key != "foreignKeys"}
    (folder / "schema.json").write_text(json.dumps(without), encoding="utf-8")  # for those that know no foreign key
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


DESCRIPTOR = """name: mesures
title: Mesures du banc d'essai
description: Observations tirées au sort pour mesurer la validation ; elles ne disent rien d'aucun territoire réel.
path: mesures.csv
schema: ../schemas/mesures.schema.json
encoding: utf-8
form: register
licenses: [{name: etalab-2.0}]
sources: [{title: Banc d'essai, path: "https://example.org/", version: "1"}]
contributors: [{title: Observatoire, role: publisher}]
temporal: {start: 2010-01-01, end: 2026-01-01}
accrual_periodicity: irregular
last_update: 2026-01-01
next_update: inconnue
cog: "2026"
expectations:
  rows: {min: 1}
"""


def write_site(folder: Path) -> None:
    """Makes of a written package a repository too, with the same observations as a dataset: for validate.py."""
    for name in ("codelists", "indicators"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    # Other names than those that our own checks give a meaning to.
    names = [name if name == "ref_area" else f"x_{name}" for name in NAMES]
    fields = [
        {**entry, "name": name, "title": name, "description": f"{name}."}
        for name, entry in zip(names, FIELDS, strict=True)
    ]
    fields[0]["territory"] = "ref_area"
    schema = {
        "name": "mesures",
        "title": "Mesures",
        "description": "Banc d'essai.",
        "version": "1.0.0",
        "fields": fields,
    }
    keyed = schema | {"primaryKey": names[:3], "missingValues": [""]}
    (folder / "schemas" / "mesures.schema.json").write_text(json.dumps(keyed), encoding="utf-8")
    (folder / "datasets").mkdir()
    (folder / "datasets" / "mesures.resource.yaml").write_text(DESCRIPTOR, encoding="utf-8")
    text = (folder / "observations.csv").read_text(encoding="utf-8")
    text = text.replace(",".join(NAMES), ",".join(names), 1)
    (folder / "datasets" / "mesures.csv").write_text(text, encoding="utf-8", newline="")


def _write_list(path: Path, column: str, codes: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column, "nom"])
        writer.writerows([code, f"Nom de {code}"] for code in codes)
