"""Which dataset is this file? Told by its name, its neighbour the descriptor, or else the columns it has."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from observatory.catalogue import descriptor_of, read_catalogue, read_dataset
from observatory.csvfiles import DELIMITERS, HEADER_WITHIN
from observatory.decoding import opened
from observatory.headers import Headings, headings, matched, skeleton
from observatory.model import Dataset
from observatory.ordinary import no_file
from observatory.problems import did_you_mean, nearest
from observatory.reading import table_schema
from observatory.sheets import Dialect, Sheet
from observatory.validation import UnknownFile

HALF = 0.5  # of the columns of a dataset: with no more, a file may be of another one
SAMPLE = 200  # rows read to see which indicators a file holds


class Recognised(NamedTuple):
    """A dataset, and what made it chosen, in French; empty when it was asked for."""

    dataset: Dataset
    reason: str = ""


def recognise(path: Path, root: Path, name: str = "", sheet: str = "") -> Recognised:
    """The dataset that the file is to be judged as; UnknownFile, which lists the datasets, when none is clear."""
    if not path.is_file():
        raise UnknownFile(no_file(path))
    datasets = read_catalogue(root)[0]
    if name:
        return Recognised(_named(name, datasets))
    if descriptor_of(path).is_file() and (beside := read_dataset(descriptor_of(path), root)[0]):
        return Recognised(beside)
    heads = {dataset.name: headings(table_schema(dataset.schema)) for dataset in datasets}
    rows = _first_rows(path, list(heads.values()), sheet)
    scores = {name: _score(rows, names) for name, names in heads.items()}
    best = max(scores.values(), default=(0.0, 0))
    found = [dataset for dataset in datasets if scores[dataset.name] == best]
    if len(found) > 1:
        found = _observing(rows, found)
    names = ", ".join(dataset.name for dataset in (found if best[0] > HALF else datasets))
    if best[0] <= HALF:
        raise UnknownFile(f"aucun jeu n'a les colonnes de « {path.name} » ; dites lequel par --dataset : {names}.")
    if len(found) != 1:
        raise UnknownFile(f"plusieurs jeux ont les colonnes de « {path.name} » ; dites lequel par --dataset : {names}.")
    columns = len(found[0].schema["fields"])
    colonnes = f"{best[1]} colonne{'s' if best[1] > 1 else ''} sur {columns}"
    return Recognised(found[0], f"jeu reconnu : {found[0].name} ({colonnes}) ; --dataset pour un autre")


def _named(name: str, datasets: Sequence[Dataset]) -> Dataset:
    found = next((dataset for dataset in datasets if dataset.name == name), None)
    if found is None:
        names = [dataset.name for dataset in datasets]
        near = did_you_mean(nearest(name, names))
        raise UnknownFile(f"le jeu de données « {name} » n'existe pas.{near} Jeux : {', '.join(names)}.")
    return found


def _first_rows(path: Path, heads: Sequence[Headings], sheet: str) -> list[list[str]]:
    """The first rows of the file, cut where its likeliest delimiter is."""
    names = sorted({name for known in heads for name in known})
    told = Sheet(path.name)
    content = opened(path, told, Dialect(sheet=sheet), names)
    if content is None:
        said = next(entry.sentence for entry in told.problems if entry.severity == "error")
        raise UnknownFile(f"« {path.name} » : {said}")
    if not (content.strip() if isinstance(content, str) else content):
        raise UnknownFile(f"« {path.name} » est vide : il n'y a rien à vérifier.")
    if not isinstance(content, str):
        return [cells for _, cells in content[:SAMPLE]]
    lines = content.split("\n", SAMPLE)[:SAMPLE]
    cut = {sign: [line.split(sign) for line in lines[:HEADER_WITHIN]] for sign in DELIMITERS}
    found = {sign: max(matched(cells, known) for cells in rows for known in heads) for sign, rows in cut.items()}
    best = max(DELIMITERS, key=lambda sign: found[sign])
    return [next(csv.reader([line.rstrip("\r")], delimiter=best), []) for line in lines]


def _score(rows: Sequence[Sequence[str]], names: Headings) -> tuple[float, int]:
    """(share, number) of the columns that the likeliest header has."""
    best = max((matched(cells, names) for cells in rows[:HEADER_WITHIN]), default=0)
    return best / len(names), best


def _observing(rows: Sequence[Sequence[str]], datasets: Sequence[Dataset]) -> list[Dataset]:
    """Of long datasets, which have the same columns, those that publish the indicators of the file."""
    cells = {skeleton(cell) for row in rows for cell in row}
    found = [dataset for dataset in datasets if dataset.form == "long" and cells & _indicators(dataset)]
    return found or list(datasets)


def _indicators(dataset: Dataset) -> set[str]:
    with dataset.csv_path.open(encoding="utf-8", newline="", errors="replace") as stream:
        return {skeleton(str(row.get("indicator") or "")) for row in csv.DictReader(stream)} - {""}
