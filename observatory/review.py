"""The review of a contribution: is it publishable, what does it change, and what follows for scores and ranks.

The base judges: its validator, schemas, indicators and lists. Of the contribution only datasets/ is read.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from observatory.catalogue import ENDING, read_dataset
from observatory.changes import Effect
from observatory.database import BuildError, build
from observatory.differences import Difference, Row, difference, reader, schema_key
from observatory.effects import effects
from observatory.framework import read_framework
from observatory.model import Dataset
from observatory.problems import Problem, has_errors, publishable, visible
from observatory.published import StaleDatabase
from observatory.reading import read_table
from observatory.records import codelist
from observatory.review_sources import MAX_FILES, Change, Entry, Source, changes, lay_out, overlay, refusal
from observatory.validation import validate

NEW, CHANGED, REMOVED = "nouveau", "modifié", "retiré"
# What the portal's outbox adds beside a dataset: the report and the declaration of the contribution.
BUNDLES = "contributions/"


@dataclass(frozen=True)
class KeyChange:
    """A key of a descriptor that changes, written `temporal.end`; None where it is absent."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class DatasetReview:
    """What happens to a dataset; `difference` is None when its rows cannot be read, which the problems explain."""

    name: str
    state: str
    title: str
    descriptor: list[KeyChange]
    difference: Difference | None


@dataclass(frozen=True)
class Words:
    """What the base calls things: units and goalposts of indicators, levels and categories of territories."""

    symbols: dict[str, str] = field(default_factory=dict)
    spans: dict[str, float] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Review:
    """Everything that the review says, before it is put into words."""

    base: str
    head: str
    problems: list[Problem] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    datasets: list[DatasetReview] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    effect: Effect | None = None
    no_effect: str = ""
    bundle: bool = False
    # The files that a certain correction would change, as they were judged.
    mendable: dict[str, bytes] = field(default_factory=dict, repr=False)
    words: Words = field(default_factory=Words)

    @property
    def publishable(self) -> bool:
        """Whether nothing prevents the publication of the data; a change of code is for people to judge."""
        return not self.refused and publishable(self.problems)


@dataclass
class Desk:
    """Where a contribution is judged: the base laid out, and the same with the contributed datasets."""

    base: Path
    head: Path
    touched: dict[str, Entry | None]

    @property
    def names(self) -> list[str]:
        """Names of the datasets of which a file changes."""
        return sorted({PurePosixPath(path).name.split(".")[0] for path in self.touched})

    def dataset(self, home: Path, name: str) -> Dataset | None:
        """The dataset of that name in one of the two states, if its descriptor can be read."""
        path = home / "datasets" / f"{name}{ENDING}"
        return read_dataset(path, home)[0] if path.is_file() else None


def review(base: Source, head: Source, database: Path | None = None) -> Review:
    """Judge what `head` brings to `base`.

    `database` is the published one when it was built of `base`; without it, it is built for the occasion.
    """
    found = changes(base, head)
    data = [change for change in found if change.path.startswith("datasets/")]
    refused = [(visible(change.path), why) for change in data if (why := refusal(change))]
    if len(data) > MAX_FILES:
        refused = [("datasets/", f"{len(data)} fichiers changent à la fois ; la limite est {MAX_FILES}")]
    judged = Review(base.label, head.label, refused=refused, **_elsewhere(found))
    with _desk(base, head, found) as desk:
        return _judged(judged, desk, database) if desk.touched else judged


def build_preview(base: Source, head: Source, target: Path) -> None:
    """Write the database as it would be with the datasets of `head`; BuildError when they are not valid."""
    with _desk(base, head, changes(base, head)) as desk:
        build(desk.head, target, lambda step, seconds: None)


@contextmanager
def _desk(base: Source, head: Source, found: list[Change]) -> Iterator[Desk]:
    """Both states laid out in a temporary folder, when there are files to read and not too many of them."""
    data = [change for change in found if change.path.startswith("datasets/")]
    kept = {change.path: change.after for change in data if refusal(change) is None} if len(data) <= MAX_FILES else {}
    with tempfile.TemporaryDirectory(prefix="revue-") as scratch:
        desk = Desk(Path(scratch) / "base", Path(scratch) / "head", kept)
        if kept:
            lay_out(base, desk.base)
            shutil.copytree(desk.base, desk.head)
            overlay(head, kept, desk.head)
        yield desk


def _elsewhere(found: list[Change]) -> dict[str, Any]:
    bundle = any(change.path.startswith(BUNDLES) for change in found)
    others = [visible(change.path) for change in found if not change.path.startswith(("datasets/", BUNDLES))]
    clashes = [visible(change.path) for change in found if change.clash and change.path.startswith("datasets/")]
    return {"others": others, "clashes": clashes, "bundle": bundle}


def _judged(begun: Review, desk: Desk, database: Path | None) -> Review:
    problems = validate(desk.head, list(_files(desk)))
    effect, why = _effect(desk, problems, database)
    datasets = [_dataset_review(desk, name) for name in desk.names]
    begun = replace(begun, words=_words(desk.base), mendable=_mendable(desk, problems))
    return replace(begun, problems=problems, datasets=datasets, effect=effect, no_effect=why)


def _mendable(desk: Desk, problems: list[Problem]) -> dict[str, bytes]:
    files = sorted({entry.file for entry in problems if entry.correction is not None and not entry.cell})
    return {file: (desk.head / file).read_bytes() for file in files if (desk.head / file).is_file()}


def _words(root: Path) -> Words:
    symbols = {row["unit"]: row["symbol"] for row in codelist(root, "units")}
    framework, _ = read_framework(root)
    indicators = framework.indicators if framework else ()
    return Words(
        symbols={i.code: symbols.get(i.unit) or "" for i in indicators},
        spans={i.code: abs(i.high - i.low) for i in indicators},
        levels={row["level"]: row["title_plural"] for row in codelist(root, "levels")},
        categories={row["category"]: row["title_plural"] for row in codelist(root, "categories")},
    )


def _files(desk: Desk) -> Iterator[Path]:
    """What there is to validate of the datasets touched: their descriptor, else the files that stand alone."""
    for name in desk.names:
        folder = desk.head / "datasets"
        if (folder / f"{name}{ENDING}").is_file():
            yield folder / f"{name}{ENDING}"
        else:
            yield from (path for path in sorted(folder.glob(f"{name}.*")) if path.is_file())


def _effect(desk: Desk, problems: list[Problem], database: Path | None) -> tuple[Effect | None, str]:
    datasets = [dataset for name in desk.names if (dataset := desk.dataset(desk.head, name))]
    removed = set(desk.names) - {dataset.name for dataset in datasets}
    if has_errors(problems):
        return None, "le calcul attend un jeu de données sans erreur"
    try:
        published = database or _built(desk)
        return effects(desk.base, published, datasets, removed), ""
    except (ValueError, BuildError, StaleDatabase, sqlite3.Error) as fault:
        return None, str(fault)


def _built(desk: Desk) -> Path:
    target = desk.base / "donnees.db"
    build(desk.base, target, lambda step, seconds: None)
    return target


def _dataset_review(desk: Desk, name: str) -> DatasetReview:
    before, after = desk.dataset(desk.base, name), desk.dataset(desk.head, name)
    state = CHANGED if before and after else NEW if after else REMOVED if before else NEW
    shown = after or before
    return DatasetReview(
        name=name,
        state=state,
        title=str(shown.descriptor.get("title", name)) if shown else name,
        descriptor=_key_changes(before, after) if after else [],
        difference=_difference(before, after),
    )


def _key_changes(before: Dataset | None, after: Dataset | None) -> list[KeyChange]:
    old, new = (dict(_flat(dataset.descriptor)) if dataset else {} for dataset in (before, after))
    return [
        KeyChange(key, old.get(key), new.get(key))
        for key in dict.fromkeys((*new, *old))
        if old.get(key) != new.get(key)
    ]


def _flat(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of a descriptor, as (`sources.1.title`, text)."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, part in enumerate(value, start=1):
            yield from _flat(part, f"{path}.{place}")
    else:
        yield path, "" if value is None else str(value)


def _difference(before: Dataset | None, after: Dataset | None) -> Difference | None:
    known = after or before
    if known is None:
        return None
    key = schema_key(known.schema)
    old, new = _rows(before), _rows(after)
    if after and (not new or any(name not in new[0] for name in key)):
        return None
    return difference(old, new, key, reader(known.schema))


def _rows(dataset: Dataset | None) -> list[Row]:
    """The rows as their file writes them, whatever is wrong with their cells."""
    if dataset is None:
        return []
    found = read_table(dataset, dataset.csv_path.parent.parent).raw
    raw = {entry["name"]: found[entry["name"]] for entry in dataset.schema["fields"] if entry["name"] in found}
    return [dict(zip(raw, cells, strict=True)) for cells in zip(*raw.values(), strict=True)]
