"""What is wrong with the register of statuses: unknown figures, corrections that correct nothing, dates."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from observatory import loading, records
from observatory.aggregation import DECIMALS
from observatory.aggregator import Aggregator
from observatory.catalogue import read_catalogue
from observatory.figure_statuses import CORRECTED, WITHDRAWN, Key, key_of, numbered, register_path
from observatory.framework import read_framework
from observatory.periods import PERIOD, year
from observatory.problems import Problem, did_you_mean, nearest, problem, shown
from observatory.reading import read_rows
from observatory.territories import read_territories
from observatory.yamlfiles import shown_path

Figures = Mapping[Key, float | None]


class Stated(NamedTuple):
    """A row of the register at its place; `last` one of its figure, or not; `gone`: that one withdraws the figure."""

    file: str
    line: int
    row: dict[str, str]
    last: bool
    gone: bool


def check_register(root: Path, today: str) -> list[Problem]:
    """Problems of the register of a repository that has no other error, on that day (YYYY-MM-DD)."""
    path = register_path(root)
    rows = list(numbered(path))
    if not rows:
        return []
    latest = {key_of(row): row for _, row in sorted(rows, key=lambda found: found[1]["status_date"])}
    figures = figures_of(root, {row["indicator"] for _, row in rows})
    file = shown_path(path, root)
    stated = [
        Stated(file, line, row, (last := latest[key_of(row)]) is row, last["status"] == WITHDRAWN) for line, row in rows
    ]
    return [entry for one in stated for entry in (*_dated(one, today), *_figured(one, figures))]


def figures_of(root: Path, indicators: set[str]) -> Figures:
    """Every figure of these indicators as the database will hold it: today's perimeters win over those of the time."""
    framework, _ = read_framework(root)
    if framework is None:
        return {}
    territories = read_territories(root)
    published = [
        o
        for dataset in read_catalogue(root)[0]
        if dataset.form != "register"
        for o in loading.observations(dataset, loading.resolved(dataset, read_rows(dataset), territories), framework)
        if o.indicator in indicators
    ]
    factors = {row["unit"]: float(row["factor"]) for row in records.codelist(root, "units")}
    aggregator = Aggregator(framework, territories, factors)
    completed = aggregator.complete_all(published)
    theirs = aggregator.of_their_time(completed)
    todays = aggregator.in_geography(completed, theirs, territories.vintages[-1])
    return {o.key: o.value for o in (*theirs, *todays)}


def _dated(stated: Stated, today: str) -> Iterator[Problem]:
    day, period = stated.row["status_date"], stated.row["time_period"]
    if day > today:
        yield _problem(stated, "status-in-future", "status_date", value=day)
    elif day < _first_day(period):
        yield _problem(stated, "status-before-figure", "status_date", value=day, expected=period)


def _first_day(period: str) -> str:
    """The first day of an SDMX period."""
    found = PERIOD.match(period)
    quarter, month = (found["quarter"], found["month"]) if found else (None, None)
    return f"{year(period)}-{3 * int(quarter) - 2 if quarter else int(month or 1):02}-01"


def _figured(stated: Stated, figures: Figures) -> Iterator[Problem]:
    row, previous = stated.row, stated.row["previous_value"]
    if stated.gone:
        if stated.last and figures.get(key_of(row)) is not None:
            yield _problem(stated, "withdrawn-still-published", "status")
    elif key_of(row) not in figures:
        yield _unknown(stated, figures)
    elif row["status"] != CORRECTED and previous:
        yield _problem(stated, "previous-without-correction", "previous_value", value=previous, status=row["status"])
    elif row["status"] == CORRECTED and not previous:
        yield _problem(stated, "correction-without-previous", "previous_value")
    elif row["status"] == CORRECTED and stated.last and _same(figures[key_of(row)], float(previous)):
        yield _problem(stated, "correction-unchanged", "previous_value", value=previous)


def _same(current: float | None, previous: float) -> bool:
    return current is not None and round(current, DECIMALS) == round(previous, DECIMALS)


def _unknown(stated: Stated, figures: Figures) -> Problem:
    """Nobody publishes the figure: the periods that exist for this territory, else the indicators."""
    row = stated.row
    periods = sorted({time for code, area, time in figures if (code, area) == (row["indicator"], row["ref_area"])})
    if periods:
        column, near = "time_period", did_you_mean(nearest(row["time_period"], periods) or periods[-1:])
    else:
        codes = sorted({code for code, area, _ in figures if area == row["ref_area"]})
        column, near = "indicator", did_you_mean(nearest(row["indicator"], codes))
    texts = {name: shown(row[name]) for name in ("ref_area", "indicator", "time_period")}
    return _problem(stated, "unknown-figure", column, suggestion=near, **texts)


def _problem(stated: Stated, code: str, column: str, **details: object) -> Problem:
    return problem(code, stated.file, stated.line, column, **details)
