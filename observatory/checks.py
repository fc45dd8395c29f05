"""Checks of a dataset that need more than its own table: territories, indicators, counts, expectations."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from observatory.columns import Rows, duplicates, numbers, where
from observatory.constants import report_constants
from observatory.editions import check_expectations, report_lost_coverage
from observatory.evidence import settle
from observatory.french import compact
from observatory.judges import BY, FORMATS, IndicatorJudge, PeriodJudge, period_format
from observatory.levels import report_levels
from observatory.model import Dataset
from observatory.places import Gazetteer, TerritoryJudge
from observatory.plausibility import report_implausible, report_ratios
from observatory.problems import Problem, has_errors, problem, shown
from observatory.reading import Judge, Table, Tell, read_table
from observatory.references import IndicatorFile, Sighting, feeds, report_overlaps
from observatory.register_checks import Repository, check_things
from observatory.register_checks import judges as register_judges
from observatory.series import Series, series_of, territories_of
from observatory.statuses import report_statuses
from observatory.sums import Counts, counts_of
from observatory.territories import level_of
from observatory.verdict import verdict
from observatory.yamlfiles import shown_path

VINTAGE = re.compile(r"[0-9]{4}")


@dataclass
class Context:
    """What the checks of one dataset know of the rest of the repository.

    `formats`, `sightings` and `counts` fill as datasets are read.
    """

    root: Path
    gazetteer: Gazetteer
    indicators: dict[str, IndicatorFile]
    formats: dict[str, tuple[str, str]] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    tell: Tell = lambda part, done, total: None

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

    def is_count(self, code: str, role: str) -> bool:
        """Whether what plays that role in the indicator adds up from members to parents."""
        content = self.indicators[code].content if code in self.indicators else {}
        method = self.aggregation(code).get("method", "none")
        return method == "sum" or (method == "ratio" and role != "value") if content else False

    def aggregation(self, code: str) -> dict[str, Any]:
        """How the indicator's file says that its values add up."""
        stated = self.indicators[code].content.get("aggregation")
        return stated if isinstance(stated, dict) else {}

    @cached_property
    def repository(self) -> Repository:
        """What the registers may name."""
        paths = {code: indicator.path.removeprefix("indicators/") for code, indicator in self.indicators.items()}
        return Repository(self.root, self.gazetteer, paths)

    @property
    def absent_is_zero(self) -> list[str]:
        """Indicators of which a commune without a row has none."""
        return [code for code in self.indicators if self.aggregation(code).get("absent") == "zero"]

    def kind(self, ref_area: str) -> str:
        """The category of a territory, within which it is compared."""
        territory = self.gazetteer.territories.get(ref_area)
        return territory.category if territory else level_of(ref_area)


@dataclass(frozen=True)
class Columns:
    """Which columns of a table hold what; `judge` turns a bare code into an identifier."""

    territory: str | None
    period: str | None
    judge: TerritoryJudge | None

    def ref_area(self, table: Table, row: int) -> str:
        """Identifier of the row's territory."""
        return self.judge.ref_area(table.raw[self.territory][row]) if self.judge and self.territory else ""


@dataclass(frozen=True)
class Judged:
    """A table that was read, and everything wrong with it."""

    table: Table
    problems: list[Problem]


def check_dataset(dataset: Dataset, context: Context, part: bool = False) -> Judged:
    """The dataset's table with every problem, in itself and against the other files.

    A `part` holds rows to add to the published ones or to replace them: nothing is expected of how many they are, and
    those of a template that nobody filled in are left out.
    """
    fields = dataset.schema["fields"]
    columns, judges = _judges(dataset, context, fields)
    table = read_table(dataset, context.root, judges, context.tell, part)
    _check_keys(table)
    if not table.sheet.header:
        return Judged(table, table.problems)
    settle(table, judges)
    if dataset.form == "long" and "indicator" in table.raw:
        _check_observations(table, context)
        report_statuses(table)
    check_things(table, judges, context.repository, part)
    report_overlaps(table, context.sightings)
    roles = {code: found for code, found in feeds(fields).items() if set(found.values()) <= set(table.raw)}
    for code, names in roles.items():
        _check_ratio(table, context, code, names)
    if not has_errors(table.problems):
        _check_values(table, context, columns, roles, part)
    # Frictionless would read again the rows that were left out.
    last_word = [] if table.unfilled else verdict(table)
    problems = [*table.problems, *last_word, *_feed_problems(dataset, context)]
    if not part:
        problems += check_expectations(table, columns.territory, context.root)
    return Judged(table, problems)


def _check_values(
    table: Table, context: Context, columns: Columns, roles: dict[str, dict[str, str]], part: bool
) -> None:
    """What the figures of a table without error say of each other."""
    series = _series(table, columns, roles)
    shares = _shares(context, roles)
    report_implausible(table, series, context.kind)
    report_ratios(table, series, shares)
    report_constants(table, series, shares)
    if not part:
        report_lost_coverage(table, series, context.gazetteer)
    context.counts.append(counts_of(table, series, _measures(context, roles)))


def _judges(dataset: Dataset, context: Context, fields: list[dict[str, Any]]) -> tuple[Columns, dict[str, Judge]]:
    territory, period, main = None, None, None
    cog = str(dataset.descriptor.get("cog"))
    vintage = cog if VINTAGE.fullmatch(cog) else ""
    judges = register_judges(dataset, context.repository, vintage)
    own = [known for known in context.sightings if known.dataset == dataset.name]
    for entry in fields:
        name = entry["name"]
        if "territory" in entry:
            judge = TerritoryJudge(context.gazetteer, entry["territory"], vintage)
            judge.optional = not entry.get("constraints", {}).get("required")
            judge.locates = dataset.form == "register"
            judges[name] = judge
            territory, main = (territory, main) if territory else (name, judge)
        elif entry.get("period") or (name == "time_period" and dataset.form == "long"):
            grains = {period_format(text) for seen in own for _, text, _ in seen.firsts()}
            judges[name] = PeriodJudge(dataset.descriptor.get("temporal"), grains.pop() if len(grains) == 1 else "")
            period = name
    if dataset.form == "long":
        planned = {code for code in context.indicators if context.is_planned(code)}
        paths = {code: indicator.path.removeprefix("indicators/") for code, indicator in context.indicators.items()}
        judges["indicator"] = IndicatorJudge(paths, planned, sorted({code for seen in own for code in seen.indicators}))
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
    # Faulty, or the only column and missing: said already.
    unread = [table.unread(name) if len(names) > 1 else table.cells[name].codes < 0 for name in names]
    for row, first in duplicates([table.cells[name] for name in names], np.logical_or.reduce(unread)):
        written = [shown(table.raw[name][row]) for name in names]
        value = f"({', '.join(written)})" if code == "duplicate-key" else written[0]
        column = None if code == "duplicate-key" else names[0]
        table.report(code, row, column, value=value, other_line=table.sheet.lines[first])


def _check_observations(table: Table, context: Context) -> None:
    """Period and range of each row of a long table."""
    shares = _shares(context, {})
    observed, values = table.cells["indicator"], table.cells.get("obs_value")
    beyond = where(values, lambda value: value is not None and not 0 <= value <= 100) if values else ()
    for code in observed.shown():
        rows = where(observed, {code})
        for row in _strange_periods(table, context, code, rows):
            _check_format(table, context, row, code)
        report_levels(table, code, rows, context.levels(code))
        for row in np.intersect1d(rows, beyond).tolist() if code in shares else ():
            texts = {"value": table.raw["obs_value"][row], "expected": "un pourcentage, entre 0 et 100"}
            table.report("out-of-range", row, "obs_value", **texts)
    names: dict[str, str] = {role: role for role in ("numerator", "denominator") if role in table.cells}
    for code in sorted(observed.shown()):
        _check_ratio(table, context, code, names)


def _shares(context: Context, roles: dict[str, dict[str, str]]) -> set[str]:
    """Indicators whose obs_value is a percentage, and columns that hold the percentage of one."""
    shares = {c for c in context.indicators if context.is_percent(c) and context.published(c) == "value"}
    return shares | {found["value"] for code, found in roles.items() if context.is_percent(code) and "value" in found}


def _strange_periods(table: Table, context: Context, code: str, rows: Rows) -> list[int]:
    """The first row of the indicator that has a period, and those whose period is not of the expected format."""
    if "time_period" not in table.cells:
        return []
    times = table.cells["time_period"]
    dated = rows[times.codes[rows] >= 0]
    formats = np.array([period_format(text) for text in times.values], dtype=object)[times.codes[dated]]
    expected = context.formats.get(code, (formats[:1].tolist() or [""]))[0]
    return [*dated[:1].tolist(), *dated[1:][formats[1:] != expected].tolist()]


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
    numerator, denominator = table.cells[names["numerator"]], table.cells[names["denominator"]]
    high, low = numbers(numerator), numbers(denominator)
    suspect = (low < 0) | ((low == 0) & (high > 0)) | (percent & (high > low))
    rows = np.flatnonzero(suspect) if only is None else np.intersect1d(np.flatnonzero(suspect), where(only, {code}))
    for row in rows.tolist():
        above, below = numerator[row], denominator[row]
        texts = {"indicator": code}
        if below < 0 or (below == 0 and above > 0):
            texts |= {"value": compact(float(below)), "expected": compact(float(above))}
            table.report("zero-denominator", row, names["denominator"], **texts)
        elif percent and above > below:
            texts |= {"value": compact(float(above)), "expected": compact(float(below))}
            table.report("numerator-over-denominator", row, names["numerator"], **texts)


def _series(table: Table, columns: Columns, roles: dict[str, dict[str, str]]) -> list[Series]:
    """The figures of each indicator, or of each column that feeds one."""
    names = {name for found in roles.values() for name in found.values()}
    names |= {"obs_value"} & set(table.cells) if table.dataset.form == "long" else set()
    if columns.judge is None or columns.territory not in table.cells:
        return []
    areas = territories_of(table.cells[columns.territory], columns.judge.ref_area)
    return series_of(table, areas, sorted(names), columns.period)


def _measures(context: Context, roles: dict[str, dict[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """The (indicator, role) that each series feeds and that adds up from members to parents."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code in context.indicators:
        given = roles.get(code) or {context.published(code): code}
        for role, what in given.items():
            if context.is_count(code, role):
                found[what].append((code, role))
    return found


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
