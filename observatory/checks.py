"""Checks of a dataset that need more than its own table: territories, indicators, counts, expectations."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from observatory.french import compact, count, number
from observatory.judges import (
    BY,
    FORMATS,
    NAMES,
    Gazetteer,
    IndicatorJudge,
    PeriodJudge,
    TerritoryJudge,
    period_format,
    period_judge,
)
from observatory.model import Dataset
from observatory.plausibility import Point, Series, report_implausible, report_ratios
from observatory.problems import Problem, has_errors, problem, shown
from observatory.reading import Judge, Table, read_table
from observatory.references import IndicatorFile, Sighting, feeds, report_overlaps
from observatory.territories import level_of
from observatory.yamlfiles import read_document, shown_path

VINTAGE = re.compile(r"[0-9]{4}")


@dataclass
class Context:
    """What the checks of one dataset know of the rest of the repository.

    `formats` and `sightings` fill as datasets are read.
    """

    root: Path
    gazetteer: Gazetteer
    indicators: dict[str, IndicatorFile]
    formats: dict[str, tuple[str, str]] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)

    def levels(self, code: str) -> list[str]:
        """Levels of territory that the indicator admits; empty when its file does not say."""
        return self.indicators[code].levels if code in self.indicators else []

    def is_planned(self, code: str) -> bool:
        """Whether the indicator is announced, without definition yet."""
        return self.indicators[code].content.get("status") == "planned"

    def is_percent(self, code: str) -> bool:
        """Whether the indicator is a share, between 0 and 100."""
        return code in self.indicators and self.indicators[code].content.get("unit") == "percent"

    def published(self, code: str) -> str:
        """What obs_value holds for the indicator: its value, or its numerator."""
        return str(self.indicators[code].content.get("published", "value")) if code in self.indicators else ""


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what; `judge` turns a bare code into an identifier."""

    territory: str | None
    period: str | None
    judge: TerritoryJudge | None

    def ref_area(self, table: Table, row: int) -> str:
        """Identifier of the row's territory."""
        return self.judge.ref_area(table.raw[self.territory][row]) if self.judge and self.territory else ""


def check_dataset(dataset: Dataset, context: Context) -> list[Problem]:
    """Every problem of the dataset's table, in itself and against the other files."""
    fields = dataset.schema["fields"]
    columns, judges = _judges(dataset, context, fields)
    table = read_table(dataset, context.root, judges)
    _check_keys(table)
    if not table.sheet.header:
        return table.problems
    if "indicator" in table.raw:
        _check_observations(table, context)
    report_overlaps(table, context.sightings)
    roles = {code: found for code, found in feeds(fields).items() if set(found.values()) <= set(table.raw)}
    for code, names in roles.items():
        _check_ratio(table, context, code, names)
    if not has_errors(table.problems):
        series = _series(table, columns, roles)
        report_implausible(table, series)
        report_ratios(table, series, _shares(context, roles))
    return [*table.problems, *_feed_problems(dataset, context), *_expectations(table, columns, context.root)]


def _judges(dataset: Dataset, context: Context, fields: list[dict[str, Any]]) -> tuple[Columns, dict[str, Judge]]:
    judges: dict[str, Judge] = {}
    territory, period, main = None, None, None
    cog = str(dataset.descriptor.get("cog"))
    vintage = cog if VINTAGE.fullmatch(cog) else ""
    for entry in fields:
        name = entry["name"]
        if "territory" in entry:
            judge = TerritoryJudge(context.gazetteer, entry["territory"], vintage)
            judges[name] = judge
            territory, main = (territory, main) if territory else (name, judge)
        elif entry.get("period") or (name == "time_period" and dataset.form == "long"):
            judges[name] = PeriodJudge(dataset.descriptor.get("temporal"))
            period = name
    if dataset.form == "long":
        planned = {code for code in context.indicators if context.is_planned(code)}
        paths = {code: indicator.path.removeprefix("indicators/") for code, indicator in context.indicators.items()}
        judges["indicator"] = IndicatorJudge(paths, planned)
    return Columns(territory, period, main), judges


def _check_keys(table: Table) -> None:
    """Duplicates of the primary key, and of columns that must be unique."""
    schema = table.dataset.schema
    key = schema.get("primaryKey", [])
    keys = [[key] if isinstance(key, str) else list(key)]
    keys += [[entry["name"]] for entry in schema["fields"] if entry.get("constraints", {}).get("unique")]
    for place, names in enumerate(keys):
        if names and all(name in table.cells for name in names):
            _check_key(table, names, "duplicate-value" if place else "duplicate-key")


def _check_key(table: Table, names: list[str], code: str) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for row, cells in enumerate(zip(*(table.cells[name] for name in names), strict=True)):
        raw = [table.raw[name][row] for name in names]
        if any(cell is None and (text or len(names) == 1) for cell, text in zip(cells, raw, strict=True)):
            continue  # faulty or missing: said already
        first = seen.setdefault(cells, row)
        if first != row:
            written = [shown(text) for text in raw]
            value = f"({', '.join(written)})" if code == "duplicate-key" else written[0]
            column = None if code == "duplicate-key" else names[0]
            table.report(code, row, column, value=value, other_line=table.sheet.lines[first])


def _check_observations(table: Table, context: Context) -> None:
    """Period and range of each row of a long table."""
    nothing = [None] * table.height
    times = table.cells.get("time_period", nothing)
    values = table.cells.get("obs_value", nothing)
    shares = _shares(context, {})
    for row, code in enumerate(table.cells["indicator"]):
        if code is None:
            continue
        if times[row] is not None:
            _check_format(table, context, row, code)
        _check_level(table, context, row, code)
        if code in shares and values[row] is not None and not 0 <= values[row] <= 100:
            texts = {"value": table.raw["obs_value"][row], "expected": "un pourcentage, entre 0 et 100"}
            table.report("out-of-range", row, "obs_value", **texts)
    names: dict[str, str] = {role: role for role in ("numerator", "denominator") if role in table.cells}
    for code in sorted({code for code in table.cells["indicator"] if code}):
        _check_ratio(table, context, code, names)


def _shares(context: Context, roles: dict[str, dict[str, str]]) -> set[str]:
    """Indicators whose obs_value is a percentage, and columns that hold the percentage of one."""
    shares = {c for c in context.indicators if context.is_percent(c) and context.published(c) == "value"}
    return shares | {found["value"] for code, found in roles.items() if context.is_percent(code) and "value" in found}


def _check_level(table: Table, context: Context, row: int, code: str) -> None:
    """A long table observes an indicator only for the levels where it has a meaning."""
    ref_area = table.cells["ref_area"][row] if "ref_area" in table.cells else None
    levels = context.levels(code)
    if ref_area is not None and levels and (level := level_of(ref_area)) not in levels:
        texts = {"value": ref_area, "found": NAMES[level], "indicator": code}
        expected = " ou ".join(f"{NAMES.get(name, name)} ({name})" for name in levels)
        table.report("indicator-level", row, "ref_area", expected=expected, **texts)


def _check_format(table: Table, context: Context, row: int, code: str) -> None:
    """One format of period per indicator, through all datasets."""
    raw = table.raw["time_period"][row]
    found = period_format(raw)
    place = f"{table.sheet.file}:{table.sheet.lines[row]}"
    expected, first = context.formats.setdefault(code, (found, place))
    if found != expected:
        texts = {"found": FORMATS[found], "expected": BY[expected], "other": first, "indicator": code}
        table.report("mixed-time-period", row, "time_period", value=raw, **texts)


def _check_ratio(table: Table, context: Context, code: str, names: dict[str, str]) -> None:
    """Numerator and denominator of each row that measures the indicator."""
    if not {"numerator", "denominator"} <= set(names):
        return
    percent = context.is_percent(code)
    only = table.cells.get("indicator") if table.dataset.form == "long" else None
    pairs = zip(table.cells[names["numerator"]], table.cells[names["denominator"]], strict=True)
    for row, (above, below) in enumerate(pairs):
        if above is None or below is None or (only and only[row] != code):
            continue
        texts = {"indicator": code}
        if below < 0 or (below == 0 and above > 0):
            texts |= {"value": compact(float(below)), "expected": compact(float(above))}
            table.report("zero-denominator", row, names["denominator"], **texts)
        elif percent and above > below:
            texts |= {"value": compact(float(above)), "expected": compact(float(below))}
            table.report("numerator-over-denominator", row, names["numerator"], **texts)


def _series(table: Table, columns: Columns, roles: dict[str, dict[str, str]]) -> Series:
    """The positive values of each indicator, by level."""
    series: Series = defaultdict(list)
    names = {name for found in roles.values() for name in found.values()}
    names |= {"obs_value"} & set(table.cells) if table.dataset.form == "long" else set()
    fixed = str(table.dataset.descriptor.get("time_period", ""))
    if not columns.period and period_judge(fixed):
        return {}
    for name in sorted(names):
        for row, value in enumerate(table.cells[name]):
            if value is not None and value > 0 and table.dataset.form != "register":
                ref_area = columns.ref_area(table, row)
                period = table.raw[columns.period][row] if columns.period else fixed
                what = table.raw["indicator"][row] if name == "obs_value" else name
                series[what, level_of(ref_area)].append(Point(row, name, ref_area, period, float(value)))
    return series


def _feed_problems(dataset: Dataset, context: Context) -> Iterator[Problem]:
    """Indicators that the schema feeds and that do not exist, or not yet."""
    judge = IndicatorJudge(
        {code: indicator.path.removeprefix("indicators/") for code, indicator in context.indicators.items()},
        {code for code in context.indicators if context.is_planned(code)},
    )
    schema = context.root / "datasets" / str(dataset.descriptor["schema"])
    for code, names in feeds(dataset.schema["fields"]).items():
        if fault := judge(code):
            column = next(iter(names.values()))
            yield problem(fault.code, shown_path(schema, context.root), None, f"{column}.feeds", **fault.details)


def _expectations(table: Table, columns: Columns, root: Path) -> Iterator[Problem]:
    """Counts that leave the bounds of the descriptor: fewer is an error, more a warning."""
    expected = table.dataset.descriptor.get("expectations")
    if not isinstance(expected, dict) or table.sheet.damaged:
        return  # rows set aside already have their problem
    counts = {"rows": (table.height, "ligne", "aucune ligne")}
    if columns.territory in table.raw:
        counts["territories"] = (len(set(table.raw[str(columns.territory)])), "territoire", "aucun territoire")
    document = read_document(table.dataset.descriptor_path, root)
    for key, (height, what, none) in counts.items():
        bounds = expected.get(key)
        low, high = (bounds.get("min"), bounds.get("max")) if isinstance(bounds, dict) else (None, None)
        for code, bound in (("fewer-than-expected", low), ("more-than-expected", high)):
            if isinstance(bound, int) and (height < bound if code.startswith("fewer") else height > bound):
                line, position = document.mark(("expectations", key))
                texts = {"value": count(height, what) if height else none, "what": f"{what}s"}
                texts |= {"expected": number(bound), "key": key}
                yield problem(code, document.file, line, f"expectations.{key}", position=position, **texts)
