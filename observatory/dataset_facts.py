"""What the build finds of each dataset: what its validation said, how full its columns are, which criteria it meets."""

from collections.abc import Iterable, Iterator
from datetime import date as Date
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from observatory.model import Dataset
from observatory.problems import SEVERITIES, Problem, kinds

Row = dict[str, Any]
# How old, in years, the last data may be when the edition is published; a closed series is never renewed.
FRESH = {"monthly": 1, "quarterly": 1, "annual": 2, "irregular": 3}
FULL = 0.9  # share of the cells that must be filled
TALKATIVE = 100  # characters of a description that says something
MOST_LINES = 200  # problems of a dataset that are kept one by one
CRITERIA = (
    "filled",
    "bounded",
    "fresh",
    "announced",
    "documented",
    "sourced",
    "licensed",
    "checked",
    "keyed",
    "redone",
)


def check_rows(root: Path, dataset: Dataset, problems: Iterable[Problem]) -> Iterator[Row]:
    """What the validation said of the files of the dataset, then the warnings that its descriptor accepts, and why."""
    files = {str(path.relative_to(root)) for path in (dataset.csv_path, dataset.descriptor_path)}
    own = [p for p in problems if p.file in files]
    own.sort(key=lambda p: list(SEVERITIES).index(p.severity))
    rows: list[Row] = [
        {"severity": p.severity, "code": p.code, "file": p.file, "line": p.line, "column": p.column}
        | {"message": p.message, "mending": p.mending}
        for p in own[:MOST_LINES]
    ]
    for entry in dataset.descriptor.get("accepted") or []:
        kind = kinds()[entry["problem"]]
        rows.append(
            {"severity": kind.severity, "code": kind.code, "reason": entry.get("reason"), "message": kind.title}
        )
    yield from ({"dataset": dataset.name, "position": place, **row} for place, row in enumerate(rows, start=1))


def column_facts(db: Database, dataset: Dataset, schema: Row) -> Iterator[Row]:
    """Each column of the dataset's table: what its schema asks, and how many rows have a value."""
    names = [field["name"] for field in schema["fields"]]
    counts = ", ".join(f'count("{name}")' for name in names)
    filled = db.execute(f'select {counts} from "{dataset.name}"').fetchone()  # noqa: S608 (names of our schemas)
    key = _key(schema)
    for place, (field, count) in enumerate(zip(schema["fields"], filled, strict=True), start=1):
        rules = dict(field.get("constraints", {}))
        yield {
            "dataset": dataset.name,
            "name": field["name"],
            "position": place,
            "in_key": int(field["name"] in key),
            "required": int(bool(rules.pop("required", False))),
            "rules": rules,
            "territory": field.get("territory"),
            "feeds": sorted({feed["indicator"] for feed in field.get("feeds", ())}),
            "filled": count,
        }


def _key(schema: Row) -> list[str]:
    key = schema.get("primaryKey") or []
    return [key] if isinstance(key, str) else list(key)


def criterion_rows(db: Database, dataset: Dataset, year: int) -> Iterator[Row]:
    """The ten criteria of quality, each met or not; `year` is that of the edition, since a build has no clock."""
    counts = db.execute("select rows from datasets where name = ?", [dataset.name]).fetchone()[0]
    facts = [*db.query("select * from dataset_columns where dataset = ?", [dataset.name])]
    said = [*db.query("select * from dataset_checks where dataset = ? and reason is null", [dataset.name])]
    share = sum(fact["filled"] for fact in facts) / ((counts * len(facts)) or 1)
    found = {"filled": (share >= FULL, round(share, 4)), "checked": _checked(said), "keyed": _keyed(dataset)}
    found |= _declared(dataset.descriptor) | {"fresh": _fresh(dataset.descriptor, year)}
    found["documented"] = _documented(dataset)
    for place, name in enumerate(CRITERIA, start=1):
        met, measure = found[name]
        yield {"dataset": dataset.name, "criterion": name, "position": place, "met": int(met), "measure": measure}


def _checked(said: list[Row]) -> tuple[bool, Any]:
    faults = sum(row["severity"] != "info" for row in said)
    return faults == 0, faults


def _keyed(dataset: Dataset) -> tuple[bool, Any]:
    """A key of rows, and official codes of territories that lead to other data."""
    codes = [field["name"] for field in dataset.schema["fields"] if "territory" in field]
    return bool(_key(dataset.schema) and codes), ", ".join(_key(dataset.schema)) or None


def _declared(descriptor: Row) -> dict[str, tuple[bool, Any]]:
    """What the descriptor says, or leaves unsaid."""
    sources = descriptor.get("sources") or []
    expected = descriptor.get("expectations") or {}
    least = (expected.get("rows") or {}).get("min")
    coming = str(descriptor.get("next_update", ""))
    return {
        "bounded": (least is not None, least),
        "announced": (_is_day(coming), coming or None),
        "sourced": (bool(sources) and all(_followable(s) for s in sources), len(sources)),
        "licensed": (bool(descriptor.get("licenses")), descriptor["licenses"][0]["name"]),
        "redone": (bool(descriptor.get("script")), descriptor.get("script")),
    }


def _followable(source: Row) -> bool:
    return str(source.get("path", "")).startswith("https://")


def _is_day(text: str) -> bool:
    try:
        return bool(Date.fromisoformat(text))
    except ValueError:
        return False


def _fresh(descriptor: Row, year: int) -> tuple[bool, Any]:
    age = year - int(str(descriptor["last_update"])[:4])
    return age <= FRESH.get(descriptor["accrual_periodicity"], -1), age


def _documented(dataset: Dataset) -> tuple[bool, Any]:
    """The dataset is described at some length, and every column by a title, a sentence and an example."""
    bare = [
        field["name"]
        for field in dataset.schema["fields"]
        if not (field.get("title") and field.get("description") and field.get("example") is not None)
    ]
    return len(dataset.descriptor.get("description", "")) >= TALKATIVE and not bare, len(bare)
