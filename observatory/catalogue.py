"""Reads the descriptors datasets/*.resource.yaml: the only place that knows their form."""

import csv
import re
from pathlib import Path
from typing import Any

from observatory.decoding import MAX_BYTES
from observatory.designations import at_key, check_keys, neighbour, schema_path, schema_problems
from observatory.french import key, number
from observatory.judges import ISO_DATE, PeriodJudge
from observatory.model import Dataset
from observatory.ordinary import hindrance
from observatory.problems import Problem, did_you_mean, nearest, problem, shown
from observatory.shapes import shape_problems
from observatory.yamlfiles import Document, read_document, read_schema, shown_path

ENDING = ".resource.yaml"
WRONG_ENDING = ".resource.yml"
NAME = re.compile(r"[a-z][a-z0-9_]*")
VIEWS = Path(__file__).with_name("views")
# (earlier, later): a source's state may be of the middle of its last year, never of before its first day.
ORDER = (("temporal.start", "temporal.end"), ("temporal.start", "last_update"), ("last_update", "next_update"))
HOUSE = ("codelists", "indicators", "schemas")  # what every verdict rests on
FORMS = ("long", "wide", "register")


def house_problems(root: Path) -> list[Problem]:
    """Files of the lists, forms and indicators that are not ordinary, or too large: nothing is read before they go."""
    found = []
    for path in sorted(entry for folder in HOUSE for entry in _entries(root / folder)):
        file = shown_path(path, root)
        if reason := hindrance(path):
            found.append(problem("unreadable-file", file, value=reason))
        elif (size := path.stat().st_size) > MAX_BYTES:
            most = number(MAX_BYTES // 10**6)
            found.append(problem("file-too-large", file, size=number(size // 10**6), limit=most))
    return found


def _entries(folder: Path) -> list[Path]:
    """The folder itself when it is a link; else all that is below it, folders left aside and links not followed."""
    if folder.is_symlink():
        return [folder]
    return [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]


def read_catalogue(root: Path) -> tuple[list[Dataset], list[Problem]]:
    """Every dataset of the repository in order of name, and what is wrong with descriptors and missing files."""
    folder = root / "datasets"
    datasets: list[Dataset] = []
    if elsewhere := _elsewhere(folder, root):
        return [], elsewhere
    problems = [problem_ for path in sorted(folder.glob("*")) for problem_ in stray_problems(path, root)]
    for path in sorted(folder.glob(f"*{ENDING}")):
        dataset, found = read_dataset(path, root)
        problems += found
        if dataset is not None:
            datasets.append(dataset)
    return datasets, problems


def _elsewhere(folder: Path, root: Path) -> list[Problem]:
    """The folder of the datasets is a link: what it leads to is nobody's contribution."""
    if folder == root / "datasets" and folder.is_symlink():
        return [problem("unreadable-file", "datasets", value="c'est un lien symbolique")]
    return []


def stray_problems(path: Path, root: Path) -> list[Problem]:
    """What is wrong with a file that no descriptor speaks for, or that is no ordinary file."""
    file = shown_path(path, root)
    if reason := hindrance(path):
        return [problem("unreadable-file", file, value=reason)]
    if path.name.endswith(WRONG_ENDING):
        return [problem("yml-ending", file, expected=path.name.removesuffix(WRONG_ENDING) + ENDING)]
    if path.suffix.lower() == ".csv" and not any(descriptor_of(path, end).exists() for end in (ENDING, WRONG_ENDING)):
        return [problem("missing-descriptor", file, value=descriptor_of(path).name)]
    if path.suffix.lower() != ".csv" and not path.name.endswith(ENDING):
        return [problem("stray-file", file, value=shown(path.name))]
    return []


def descriptor_of(csv_path: Path, ending: str = ENDING) -> Path:
    """Where the descriptor of a CSV file is expected: beside it, under the same name."""
    return csv_path.with_name(csv_path.stem + ending)


def read_dataset(path: Path, root: Path) -> tuple[Dataset | None, list[Problem]]:
    """The dataset of a descriptor and the problems of the latter; None when its table cannot be read."""
    if elsewhere := _elsewhere(path.parent, root):
        return None, elsewhere
    document = read_document(path, root)
    if document.value is None:
        return None, document.problems
    descriptor: dict[str, Any] = document.value
    check_keys(document)
    _check_name(document, path, root)
    _check_licence(document, root)
    _check_dates(document)
    csv_path = neighbour(document, path, path.name.removesuffix(ENDING), root)
    schema = _schema(document, root)
    if schema is not None:
        _check_period(document, schema)
    _add_shape(document, root)
    if csv_path is None or schema is None or descriptor.get("form") not in FORMS:
        return None, document.problems
    name = path.name.removesuffix(ENDING)
    return Dataset(name, descriptor["form"], descriptor, schema, path, csv_path), document.problems


def _add_shape(document: Document, root: Path) -> None:
    """Judges the descriptor by its JSON Schema, silent on the keys that already have a problem of their own."""
    spoken = {entry.column for entry in document.problems}
    if any(entry.code == "name-not-allowed" for entry in document.problems):
        spoken.add("path")
    schema = read_schema(root / "schemas" / "resource.jsonschema.json")
    for entry in shape_problems(document.value, schema, document.file, document.mark):
        top = (entry.column or str(entry.value)).partition(".")[0]
        if top not in spoken:
            document.problems.append(entry)


def reserved_names(root: Path) -> set[str]:
    """Names that the tables and views of the database already have."""
    files = [*(root / "schemas" / "tables").glob("*.schema.json"), *VIEWS.glob("*.sql")]
    return {path.name.partition(".")[0] for path in files}


def _check_name(document: Document, path: Path, root: Path) -> None:
    name, expected = document.value.get("name"), path.name.removesuffix(ENDING)
    if not isinstance(name, str):
        return
    if not NAME.fullmatch(expected):
        example = "_".join(key(expected).split()) or "jeu_de_donnees"
        at_key(document, "name-not-allowed", "name", value=shown(expected), suggestion=shown(example))
    elif expected in reserved_names(root) or expected.startswith("sqlite_") or "_fts" in expected:
        at_key(document, "name-reserved", "name", value=shown(expected), suggestion=f"{expected}_donnees")
    elif name != expected:
        at_key(document, "wrong-name", "name", value=shown(name), expected=expected)


def _check_licence(document: Document, root: Path) -> None:
    licences = document.value.get("licenses")
    texts = [entry for entry in licences if isinstance(entry, str)] if isinstance(licences, list) else [licences]
    if texts and texts[0]:
        written = texts[0].get("name") if isinstance(texts[0], dict) else texts[0]
        at_key(
            document,
            "licence-form",
            "licenses",
            value=_quoted(texts[0]),
            suggestion=f"licenses: [{{name: {shown(written)}}}]",
        )
        return
    names = [entry.get("name") for entry in licences if isinstance(entry, dict)] if isinstance(licences, list) else []
    if not names or not all(names):
        at_key(document, "missing-licence", "licenses")
        return
    with (root / "codelists" / "licences.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["licence"]: row["share_alike"] == "1" for row in csv.DictReader(stream)}
    if document.value.get("form") in ("long", "wide") and any(known.get(str(name)) for name in names):
        at_key(document, "share-alike-figures", "licenses", value=shown(names[0]))
    for name in names:
        if str(name) not in known:
            near = did_you_mean(nearest(str(name), known))
            details = {"value": shown(name), "suggestion": near, "expected": ", ".join(known)}
            at_key(document, "unknown-licence", "licenses", **details)


def _quoted(value: object) -> str:
    return "ce bloc" if isinstance(value, dict) else f"« {shown(value)} »"


def _check_dates(document: Document) -> None:
    """The dates of a descriptor follow one another; no clock is asked, so that a verdict never changes by itself."""
    temporal = document.value.get("temporal")
    dates = {f"temporal.{name}": date for name, date in temporal.items()} if isinstance(temporal, dict) else {}
    dates |= {name: document.value.get(name) for name in ("last_update", "next_update")}
    for earlier, later in ORDER:
        first, last = str(dates.get(earlier)), str(dates.get(later))
        if ISO_DATE.fullmatch(first) and ISO_DATE.fullmatch(last) and last < first:
            details = {"value": last, "earlier": earlier, "expected": first}
            document.report("dates-disordered", document.mark(tuple(later.split("."))), later, **details)


def _schema(document: Document, root: Path) -> dict[str, Any] | None:
    """The Table Schema, or None once said why it cannot be used."""
    target = schema_path(document, root)
    if target is None:
        return None
    for entry in schema_problems(target, root):
        document.problems.append(entry)
        return None
    schema = read_schema(target)
    if document.value.get("form") in ("long", "wide") and not schema.get("primaryKey"):
        fault = "sans primaryKey, deux lignes pourraient donner deux fois la même figure"
        document.problems.append(problem("invalid-schema", shown_path(target, root), value=fault))
        return None
    return schema


def _check_period(document: Document, schema: dict[str, Any]) -> None:
    """A table of figures has one period for all rows, or a column for it."""
    dated = any(entry.get("period") for entry in schema["fields"])
    judge = PeriodJudge(document.value.get("temporal"))
    fixed = document.value.get("time_period")
    if isinstance(fixed, str) and (fault := judge(fixed)) and fault.code == "outside-temporal":
        at_key(document, fault.code, "time_period", **fault.details)
    if document.value.get("form") == "wide" and not dated and "time_period" not in document.value:
        line, position = document.mark(())
        expected = ' : la période de toutes les lignes, comme "2022-Q3"'
        document.problems.append(
            problem("key-missing", document.file, line, value="time_period", expected=expected, position=position)
        )
