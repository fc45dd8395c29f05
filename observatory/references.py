"""Checks across files: what one cites, another must hold; what one dataset observes, no other may."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from observatory.csvfiles import read_sheet
from observatory.framework import read_framework
from observatory.model import Dataset
from observatory.problems import Problem, did_you_mean, nearest, problem, shown
from observatory.reading import Table, declared
from observatory.sheets import Sheet
from observatory.yamlfiles import Document, read_document, shown_path

# codelist: {column: list that must hold it}
CITED = {
    "categories": {"level": "levels"},
    "territories": {"level": "levels", "category": "categories"},
    "populations": {"ref_area": "territories"},
    "memberships": {"member": "territories", "parent": "territories"},
    "territory_events": {"type": "event_types", "from_area": "territories", "to_area": "territories"},
    "territory_aliases": {"ref_area": "territories"},
    "points": {"ref_area": "territories"},
}
KEYS = {"territories": "ref_area", "levels": "level", "categories": "category", "event_types": "type"}


@dataclass(frozen=True)
class IndicatorFile:
    """An indicator as its file states it, before the framework accepts it."""

    code: str
    path: str
    document: Document

    @property
    def content(self) -> dict[str, Any]:
        """What the file says; empty when it cannot be read."""
        return self.document.value or {}

    @property
    def levels(self) -> list[str]:
        """Levels of territory where it applies; empty when the file does not say."""
        levels = self.content.get("levels")
        return levels if isinstance(levels, list) else []


def read_indicators(root: Path) -> dict[str, IndicatorFile]:
    """Every indicator file by code; of two with one code, the first in order of path."""
    files: dict[str, IndicatorFile] = {}
    for path in sorted((root / "indicators").glob("*/*.yml")):
        if path.name != "index.yml":
            files.setdefault(path.stem, IndicatorFile(path.stem, shown_path(path, root), read_document(path, root)))
    return files


def check_framework(root: Path, indicators: dict[str, IndicatorFile]) -> list[Problem]:
    """Everything wrong with the tree indicators/: missing or ill-formed files, unknown units, reversed goalposts."""
    if not (root / "indicators" / "index.yml").is_file():
        return [problem("missing-framework-file", "indicators/index.yml", value="indicators/index.yml")]
    problems = list(_missing_indexes(root))
    if not problems:
        problems += read_framework(root)[1]
    units = list(codes(root, "units"))
    for indicator in indicators.values():
        problems += _check_indicator(indicator, units)
    return list(dict.fromkeys(problems + list(_duplicates(root, indicators))))


def codes(root: Path, codelist: str) -> Iterator[str]:
    """The codes of a codelist: its first column."""
    with (root / "codelists" / f"{codelist}.csv").open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows, None)
        yield from (row[0] for row in rows if row)


def _missing_indexes(root: Path) -> Iterator[Problem]:
    for home in sorted(path for path in (root / "indicators").iterdir() if path.is_dir()):
        if not (home / "index.yml").is_file():
            file = f"indicators/{home.name}/index.yml"
            yield problem("missing-framework-file", file, value=file)


def _duplicates(root: Path, indicators: dict[str, IndicatorFile]) -> Iterator[Problem]:
    for path in sorted((root / "indicators").glob("*/*.yml")):
        file = shown_path(path, root)
        first = indicators.get(path.stem)
        if first and first.path != file:
            yield problem("duplicate-indicator", file, value=path.stem, other=first.path)


def _check_indicator(indicator: IndicatorFile, units: list[str]) -> Iterator[Problem]:
    content, document = indicator.content, indicator.document
    unit = content.get("unit")
    if isinstance(unit, str) and unit not in units:
        near = did_you_mean(nearest(unit, units))
        details = {"value": shown(unit), "suggestion": near, "expected": ", ".join(units)}
        yield _at(document, "unknown-unit", "unit", **details)
    posts = content.get("goalposts")
    low, high = (posts.get("low"), posts.get("high")) if isinstance(posts, dict) else (None, None)
    if _is_number(low) and _is_number(high) and low >= high:
        yield _at(document, "goalposts-reversed", "goalposts", value=low, expected=high)
    thresholds = content.get("thresholds")
    if isinstance(thresholds, list) and all(map(_is_number, thresholds)):
        falling = content.get("direction") == "lower"
        if thresholds != sorted(set(thresholds), reverse=falling):
            sense = "du plus grand au plus petit" if falling else "du plus petit au plus grand"
            written = ", ".join(map(str, thresholds))
            yield _at(document, "thresholds-disordered", "thresholds", value=f"[{written}]", expected=sense)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _at(document: Document, code: str, key: str, **details: object) -> Problem:
    line, position = document.mark((key,))
    return problem(code, document.file, line, key, position=position, **details)


def check_codelists(root: Path) -> list[Problem]:
    """Every code that a codelist cites and that its own list does not hold."""
    known = {name: set(codes(root, name)) for name in KEYS}
    problems: list[Problem] = []
    for name, cited in CITED.items():
        path = root / "codelists" / f"{name}.csv"
        if path.exists():
            problems += _check_citations(path, cited, known)
    return problems


def _check_citations(path: Path, cited: dict[str, str], known: dict[str, set[str]]) -> Iterator[Problem]:
    file = f"codelists/{path.name}"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows, [])
        places = [(header.index(column), column, target) for column, target in cited.items() if column in header]
        for row in rows:
            for place, column, target in places:
                if row[place] and row[place] not in known[target]:
                    expected = f"codelists/{target}.csv"
                    yield problem(
                        "codelist-reference", file, rows.line_num, column, value=shown(row[place]), expected=expected
                    )


class Sighting(NamedTuple):
    """What a dataset observes: `lines` is {(indicator, period): {ref_area: line of the file}}."""

    dataset: str
    file: str
    lines: dict[tuple[str, str], dict[str, int]]


def feeds(fields: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """{indicator: {value | numerator | denominator: column}} as the schema's `feeds` say."""
    roles: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in fields:
        for feed in entry.get("feeds", ()):
            roles[feed["indicator"]][feed["as"]] = entry["name"]
    return dict(roles)


def _observed(dataset: Dataset, sheet: Sheet) -> dict[tuple[str, str], dict[str, int]]:
    """Which indicators the rows of a long or wide dataset observe, of which period, for which territory, and where."""
    fields = dataset.schema["fields"]
    places = {name: place for place, name in reversed(list(enumerate(sheet.header)))}
    territory = next((f for f in fields if "territory" in f and f["name"] in places), None)
    period = next((f["name"] for f in fields if f.get("period")), "time_period")
    if dataset.form == "register" or territory is None:
        return {}
    level = territory["territory"]
    prefix = "" if level in ("ref_area", "FRA") else f"{level}-"
    where, when, what = places[territory["name"]], places.get(period), places.get("indicator")
    fixed = str(dataset.descriptor.get("time_period", ""))
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for cells, line in zip(sheet.rows, sheet.lines, strict=True):
        key = (cells[what] if what is not None else "", cells[when] if when is not None else fixed)
        if cells[where] and all(key if dataset.form == "long" else key[1:]):
            found[key].setdefault(prefix + cells[where], line)
    if dataset.form == "long":
        return dict(found)
    # One dictionary serves all the indicators that a row feeds.
    return {(code, key[1]): lines for key, lines in found.items() for code in feeds(fields)}


def sightings(datasets: Iterable[Dataset], root: Path) -> Iterator[Sighting]:
    """What the datasets observe, without a judgement on them."""
    for dataset in datasets:
        if dataset.form != "register":
            file = shown_path(dataset.csv_path, root)
            names = [entry["name"] for entry in dataset.schema["fields"]]
            sheet = read_sheet(dataset.csv_path, file, declared(dataset), names)
            yield Sighting(dataset.name, file, _observed(dataset, sheet))


def report_overlaps(table: Table, known: list[Sighting]) -> None:
    """Each observation comes from one dataset: reports those of `known`, then adds the table to them."""
    own = _observed(table.dataset, table.sheet)
    for name, file, others in known:
        if name == table.dataset.name:
            continue  # a copy of this very dataset, checked in its stead
        doubles: dict[tuple[int, int, str, str], list[str]] = defaultdict(list)
        for code, period in sorted(own.keys() & others.keys()):
            mine, theirs = own[code, period], others[code, period]
            for ref_area in mine.keys() & theirs.keys():
                doubles[mine[ref_area], theirs[ref_area], ref_area, period].append(code)
        for (line, other, ref_area, period), codes_ in doubles.items():
            texts = {"value": shown(ref_area), "period": shown(period), "other": f"{file}:{other}"}
            table.sheet.report("observed-twice", line, None, indicator=", ".join(map(shown, codes_)), **texts)
    known.append(Sighting(table.dataset.name, table.sheet.file, own))
