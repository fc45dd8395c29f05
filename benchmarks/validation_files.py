"""Writes the files of the validation benchmark: observations, valid or faulty, and their package."""

import csv
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

COMMUNES = 35_000
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


def commune(number: int) -> str:
    """Identifier of the commune of that number."""
    return f"COM-{number:05}"


def row(number: int, chance: random.Random) -> list[str]:
    """The observation of that number: a territory, an indicator and a year that no other has."""
    area, rest = number % COMMUNES, number // COMMUNES
    day = chance.randrange(900)
    return [
        commune(area),
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
    _write_list(folder / "communes.csv", "ref_area", [commune(number) for number in range(COMMUNES)])
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


def _write_list(path: Path, column: str, codes: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column, "nom"])
        writer.writerows([code, f"Nom de {code}"] for code in codes)
