"""What a contribution makes of its dataset: the rows that change, and what the whole table then says of them.

A few rows are too few to be compared with each other: among those already published, a slip of the keyboard shows.
"""

import csv
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from observatory.checks import Context, Judged, check_dataset
from observatory.contributions_input import as_csv
from observatory.differences import Difference, Row, difference, merged, reader, schema_key
from observatory.model import Dataset
from observatory.problems import Problem
from observatory.validation import Bench

LEAP = 30  # points: no département's fibre has gained more in a quarter (24 at most)
SERIES = ("ref_area", "indicator")


@dataclass(frozen=True)
class Merged:
    """The published rows, those given, and their difference; `dataset` is the one whose CSV holds them all."""

    dataset: Dataset
    before: list[Row]
    given: list[Row]
    after: list[Row]
    change: Difference

    def key(self, row: Row) -> tuple[str, ...]:
        """What tells a row from the others."""
        return tuple(str(row.get(name) or "") for name in self.change.key or row)

    @property
    def touched(self) -> list[Row]:
        """The rows that are new or that change, as they are given."""
        return [*(entry.after for entry in self.change.changed), *self.change.added]


def merge(dataset: Dataset, judged: Judged, folder: Path) -> Merged:
    """The valid table among the published rows, written in the folder as the dataset's CSV would be."""
    key = schema_key(dataset.schema)
    with dataset.csv_path.open(encoding="utf-8", newline="") as stream:
        before = list(csv.DictReader(stream))
    given = [dict(zip(judged.table.sheet.header, row, strict=True)) for row in judged.table.sheet.rows]
    after = merged(before, given, key)
    change = difference(before, after, key, reader(dataset.schema))
    future = folder / f"{dataset.name}.csv"
    columns = list(before[0]) if before else judged.table.sheet.header
    future.write_text(as_csv(columns, [[row[name] for name in columns] for row in after]), encoding="utf-8", newline="")
    return Merged(replace(dataset, csv_path=future), before, given, after, change)


def surprises(whole: Merged, judged: Judged, bench: Bench, name: str) -> list[Problem]:
    """The warnings that the rows given deserve among all the others, and that they did not when judged alone.

    They name the lines of the file given. A row that is published already, as it is, deserves none.
    """
    if not whole.change:
        return []
    lines = dict(zip(map(whole.key, whole.given), judged.table.sheet.lines, strict=True))
    rows = {line: row for row, line in lines.items()}
    told = {(entry.code, rows.get(entry.line or 0)) for entry in judged.problems}
    touched = {whole.key(row) for row in whole.touched}
    accepted = {entry["problem"] for entry in whole.dataset.descriptor.get("accepted") or ()}
    # Other datasets only tell overlaps, which the rows given were searched for already.
    found = check_dataset(whole.dataset, Context(bench.root, bench.gazetteer, bench.indicators))
    keys = dict(zip(found.table.sheet.lines, map(whole.key, whole.after), strict=True))
    return [
        replace(entry.at_desk, file=name, line=lines[keys[entry.line]], cell=None)
        for entry in found.problems
        if entry.severity == "warning" and entry.code not in accepted and entry.line in keys
        if keys[entry.line] in touched and (entry.code, keys[entry.line]) not in told
    ]


def leaps(whole: Merged, bench: Bench) -> dict[str, tuple[float, float]]:
    """{label of a row: the percentage that is published and the one given}, when they are far from each other.

    Published for the same period, which the row replaces, or else for the period before.
    """
    if not {*SERIES, "time_period"} <= set(whole.change.key):
        return {}
    context = Context(bench.root, bench.gazetteer, bench.indicators)
    published: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for row, value in _figures(whole.before, context):
        published[tuple(row[name] for name in SERIES)][row["time_period"]] = value
    periods = {series: sorted(values) for series, values in published.items()}
    widest: dict[str, float] = defaultdict(lambda: LEAP)  # an indicator that leaps in what is published is let leap
    for (area, indicator), values in published.items():
        steps = [values[period] for period in periods[area, indicator]]
        widest[indicator] = max([widest[indicator], *(abs(b - a) for a, b in pairwise(steps))])
    told = {}
    for row, value in _figures(whole.touched, context):
        series, period = tuple(row[name] for name in SERIES), row["time_period"]
        known = periods.get(series, [])
        place = bisect_left(known, period)
        place -= place == len(known) or known[place] != period
        if place >= 0 and abs(value - (old := published[series][known[place]])) > widest[row["indicator"]]:
            told[whole.change.label(row)] = old, value
    return told


def _figures(rows: list[Row], context: Context) -> Iterator[tuple[Row, float]]:
    """The rows that give a percentage, and it."""
    shares = {code for code in context.indicators if context.is_percent(code) and context.published(code) == "value"}
    for row in rows:
        if row["indicator"] in shares and row["obs_value"]:
            yield row, float(row["obs_value"])
