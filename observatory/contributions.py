"""Judges what a visitor of /contribuer gives, mends it, and says what it would change. Called in a process of its own.

Each function answers plain data and keeps nothing: the table travels in the visitor's form, and is judged again at
every step.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from observatory.catalogue import ENDING, read_dataset
from observatory.changes import Effect, ScoreChange
from observatory.checks import Judged
from observatory.contributions_input import as_csv
from observatory.differences import Difference, difference, merged, reader, schema_key
from observatory.effects import effect
from observatory.mending import mend
from observatory.model import Dataset
from observatory.problems import Problem, has_errors, kinds
from observatory.reports import FORMATS
from observatory.reports_html import html_report
from observatory.scores import INDEX
from observatory.sheets import FORM, KEPT
from observatory.validation import Bench, bench

SHOWN_ROWS = 60
SHOWN_CHANGES = 40
EXAMPLES = 3
EXTRA = "extra-column"
REPEATED = ("duplicate-key", "duplicate-value")
MOST_CORRECTIONS = 20_000
WHOLE_ROW = -1
Correction = tuple[int, int, str, str]


@dataclass(frozen=True)
class Asked:
    """A table to judge: the repository, the dataset it is for, where it stands and how its author names it."""

    bench: Bench
    dataset: Dataset
    path: Path
    name: str
    sheet: str = ""

    def judge(self) -> Judged:
        """The table and its problems, which name the file as its author does."""
        judged = self.bench.judge(self.path, self.dataset, self.sheet)
        return Judged(judged.table, [replace(entry, file=self.name) for entry in judged.problems])


def asked(what: Mapping[str, str]) -> Asked:
    """What is asked (root, dataset, path, name, sheet), the dataset allowed to reach `today`; KeyError when unknown."""
    root = Path(what["root"])
    found, _ = read_dataset(root / "datasets" / f"{what['dataset']}{ENDING}", root)
    if found is None:
        raise KeyError(what["dataset"])
    return Asked(bench(root), until(found, what["today"]), Path(what["path"]), what["name"], what.get("sheet", ""))


def until(dataset: Dataset, today: str) -> Dataset:
    """The dataset, whose next figures may be of any period that has begun: a contribution brings the newest ones."""
    temporal = dataset.descriptor.get("temporal")
    if not isinstance(temporal, dict) or str(temporal.get("end")) >= today:
        return dataset
    end = f"{date.fromisoformat(today).year}-12-31"
    return replace(dataset, descriptor={**dataset.descriptor, "temporal": {**temporal, "end": end}})


def examine(**what: str) -> dict[str, Any]:
    """The report of a table: what was understood, every problem, the rows at fault, the certain mendings.

    What only its form needs is mended at once; `table` is then the table as text, empty when its form forbids it.
    """
    question = asked(what)
    judged = question.judge()
    form = [entry for entry in judged.problems if kinds()[entry.code].group in FORM and entry.code not in KEPT]
    mended = mend(judged.table, form)
    if mended.unread or any(entry.severity == "error" and entry.code != EXTRA for entry in mended.left):
        return {**_problems(judged.problems), "understood": [], "table": "", "rows": len(judged.table.sheet.rows)}
    understood = [entry for entry in form if entry not in mended.left]
    left = [entry for entry in judged.problems if entry not in understood]
    lines = judged.table.sheet.lines
    if has_errors(understood) and not has_errors(left):
        # Values are looked at only once nothing is wrong, and nothing is any more.
        path = question.path.with_name("repare.csv")
        path.write_text(as_csv(mended.header, mended.rows), encoding="utf-8", newline="")
        judged = replace(question, path=path, sheet="").judge()
        left, lines = judged.problems, judged.table.sheet.lines
    repair = Repair(mended.header, mended.rows, lines, left)
    return {**_problems(left), **repair.page(), "understood": [entry.message for entry in understood]}


def _problems(problems: Sequence[Problem]) -> dict[str, Any]:
    """All the problems, counted, and as the report that people read."""
    return {
        "errors": sum(entry.severity == "error" for entry in problems),
        "warnings": sum(entry.severity == "warning" for entry in problems),
        "report": html_report(problems) if problems else "",
    }


@dataclass(frozen=True)
class Repair:
    """A table whose cells can be mended on the page; `lines[i]` is where `rows[i]` stands in its author's file."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    problems: Sequence[Problem]

    def page(self) -> dict[str, Any]:
        """The table as text, its certain mendings, and its rows at fault, cell by cell."""
        certain = self._certain()
        numbers = {(row, place): number for number, (row, place, _, _) in enumerate(certain)}
        faults = self._faults()
        return {
            "table": as_csv(self.header, self.rows),
            "rows": len(self.rows),
            "header": list(self.header),
            "extra": [entry.value for entry in self.problems if entry.code == EXTRA and entry.value in self.header],
            "certain": certain,
            "mendings": self._groups(certain),
            "faulty": [self._row(row, faults[row], numbers) for row in sorted(faults)[:SHOWN_ROWS]],
            "faulty_rows": len(faults),
        }

    @cached_property
    def _places(self) -> dict[int, int]:
        return {line: row for row, line in enumerate(self.lines)}

    def _column(self, entry: Problem) -> int:
        return list(self.header).index(str(entry.column)) if entry.column in self.header else WHOLE_ROW

    def _faults(self) -> dict[int, dict[int, list[Problem]]]:
        """{row: {column: its problems}}."""
        found: dict[int, dict[int, list[Problem]]] = defaultdict(lambda: defaultdict(list))
        for entry in self.problems:
            if entry.line in self._places:
                found[self._places[entry.line]][self._column(entry)].append(entry)
        return found

    def _certain(self) -> list[Correction]:
        """Each certain mending: (row, column, its kind, the text to write); a repeated row is left out whole."""
        found: dict[tuple[int, int], Correction] = {}
        for entry in self.problems:
            row, place = self._places.get(entry.line or 0, -1), self._column(entry)
            kind = f"{entry.code}:{entry.column or ''}"
            if entry.correction is not None and row >= 0 and place >= 0:
                found.setdefault((row, place), (row, place, kind, entry.correction))
            elif entry.code in REPEATED and row in self._repeated:
                found.setdefault((row, WHOLE_ROW), (row, WHOLE_ROW, f"{REPEATED[0]}:", ""))
        return list(found.values())[:MOST_CORRECTIONS]

    @cached_property
    def _repeated(self) -> set[int]:
        """Rows that say exactly what an earlier one says."""
        first: dict[tuple[str, ...], int] = {}
        return {row for row, cells in enumerate(self.rows) if first.setdefault(tuple(cells), row) != row}

    def _groups(self, certain: Sequence[Correction]) -> list[dict[str, Any]]:
        groups: dict[str, list[Correction]] = defaultdict(list)
        for correction in certain:
            groups[correction[2]].append(correction)
        return [
            {
                "apply": kind,
                "title": kinds()[kind.partition(":")[0]].title,
                "column": kind.partition(":")[2],
                "count": len(found),
                "examples": [(self._text(row, place), text) for row, place, _, text in found[:EXAMPLES]],
            }
            for kind, found in groups.items()
        ]

    def _text(self, row: int, place: int) -> str:
        return f"ligne {self.lines[row]}" if place == WHOLE_ROW else self.rows[row][place]

    def _row(self, row: int, found: dict[int, list[Problem]], numbers: dict[tuple[int, int], int]) -> dict[str, Any]:
        return {
            "row": row,
            "line": self.lines[row],
            "cells": [
                {
                    "text": text,
                    "said": [entry.sentence for entry in found.get(place, ())],
                    "address": next((entry.cell for entry in found.get(place, ()) if entry.cell), ""),
                    "severity": min((entry.severity for entry in found.get(place, ())), default=""),
                    "apply": numbers.get((row, place)),
                }
                for place, text in enumerate(self.rows[row])
            ],
            "whole": [entry.sentence for entry in found.get(WHOLE_ROW, ())],
        }


def weigh(database: str, ref_area: str, **what: str) -> dict[str, Any]:
    """What a valid table would change: rows of the dataset, then values and scores; only `errors` when it is not."""
    question = asked(what)
    judged = question.judge()
    errors = sum(entry.severity == "error" for entry in judged.problems)
    if errors:
        return {"errors": errors}
    dataset = question.dataset
    key = schema_key(dataset.schema)
    with dataset.csv_path.open(encoding="utf-8", newline="") as stream:
        before = list(csv.DictReader(stream))
    given = [dict(zip(judged.table.sheet.header, row, strict=True)) for row in judged.table.sheet.rows]
    after = merged(before, given, key)
    change = difference(before, after, key, reader(dataset.schema))
    future = question.path.with_name(f"{dataset.name}.csv")
    columns = list(before[0]) if before else judged.table.sheet.header
    future.write_text(as_csv(columns, [[row[name] for name in columns] for row in after]), encoding="utf-8", newline="")
    future_dataset = replace(dataset, csv_path=future)
    territories = question.bench.gazetteer.territories
    consequence = effect(question.bench.root, Path(database), future_dataset, ref_area or None, territories)
    return {
        "errors": 0,
        "warnings": sum(entry.severity == "warning" for entry in judged.problems),
        "given": len(given),
        "difference": _difference(change, len(given)),
        "effect": _told(consequence),
    }


def _told(consequence: Effect) -> dict[str, Any]:
    """What a page can show of an effect: one figure may move the rank of every commune; and how much there is."""

    def size(change: ScoreChange) -> float:
        return -abs((change.score_after or 0.0) - (change.score_before or 0.0))

    ordered = sorted(consequence.scores, key=size)
    index, parts = ([s for s in ordered if (s.node == INDEX) is wanted] for wanted in (True, False))
    return {
        "values": [asdict(change) for change in consequence.values[:SHOWN_CHANGES]],
        "values_count": len(consequence.values),
        "scores": [asdict(change) for change in (*index[:SHOWN_CHANGES], *parts[:SHOWN_CHANGES])],
        "parts_count": len(parts),
        "coverage": [asdict(change) for change in consequence.coverage],
    }


def _difference(change: Difference, given: int) -> dict[str, Any]:
    return {
        "text": change.text,
        "added": len(change.added),
        "changed": len(change.changed),
        "unchanged": given - len(change.added) - len(change.changed),
        "added_rows": [
            (change.label(row), [(name, text) for name, text in row.items() if name not in change.key and text])
            for row in change.added[:SHOWN_CHANGES]
        ],
        "changed_rows": [
            (change.label(entry.after), [(name, entry.before[name], entry.after[name]) for name in entry.columns])
            for entry in change.changed[:SHOWN_CHANGES]
        ],
    }


def seal(**what: str) -> dict[str, Any]:
    """The rows of a valid table and the reports that go with them; only `errors` when it is not valid."""
    question = asked(what)
    judged = question.judge()
    errors = sum(entry.severity == "error" for entry in judged.problems)
    if errors:
        return {"errors": errors}
    reports = {"report.json": FORMATS["json"](judged.problems), "report.md": FORMATS["markdown"](judged.problems)}
    return {
        "errors": 0,
        "warnings": sum(entry.severity == "warning" for entry in judged.problems),
        "header": list(judged.table.sheet.header),
        "rows": [list(row) for row in judged.table.sheet.rows],
        "reports": reports,
    }
