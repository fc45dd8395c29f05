"""A table under repair on /contribuer: what was understood of its form, what to ask about its columns, its faults."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from observatory.contributions_input import as_csv
from observatory.formats import spoken
from observatory.headers import skeleton
from observatory.languages import data, ngettext
from observatory.languages import gettext as _
from observatory.mending import LACKING, STRANGE
from observatory.model import Dataset
from observatory.problems import Problem, kinds, nearest
from observatory.sheets import REPEATED

SHOWN_ROWS = 60
EXAMPLES = 3
SHOWN_LINES = 10  # line numbers in a sentence
SHOWN_MENDINGS = 200  # texts of one mending listed before it is applied
ASIDE = ("blank-row", "repeated-header", "footnote", "total-row")  # lines that are no rows of the table
MOST_CORRECTIONS = 20_000
WHOLE_ROW = -1
Correction = tuple[int, int, str, str]


def understood(entries: Iterable[Problem]) -> list[str]:
    """What was mended at once, one sentence for all that say the same, with the lines that were set aside."""
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    for entry in entries:
        lines[entry.code, entry.told[0]].append(entry.line or 0)
    return [
        _left_aside(found, at) if code in ASIDE else f"{found} {data(kinds()[code].desk)}".strip()
        for (code, found), at in lines.items()
    ]


def _left_aside(found: str, lines: Sequence[int]) -> str:
    told = ngettext("{found} : {places}, mise de côté.", "{found} : {places}, mises de côté.", len(lines))
    return told.format(found=found.rstrip("."), places=places(lines))


def places(lines: Sequence[int]) -> str:
    """« ligne 3 », « lignes 3, 8 et 12 », « lignes 3, 8, … et 40 autres »."""
    number = spoken().number
    shown = [number(line) for line in lines[:SHOWN_LINES]]
    if others := len(lines) - len(shown):
        told = ngettext("lignes {lines} et {others} autre", "lignes {lines} et {others} autres", others)
        return told.format(lines=", ".join(shown), others=number(others))
    if len(shown) == 1:
        return _("ligne {line}").format(line=shown[0])
    return _("lignes {lines} et {last}").format(lines=", ".join(shown[:-1]), last=shown[-1])


def questions(
    dataset: Dataset, header: Sequence[str], rows: Sequence[Sequence[str]], problems: Sequence[Problem]
) -> dict[str, Any]:
    """`wanted`, the columns that the table lacks, and `choices`, those of it that may be one; empty with none left."""
    lacking = [entry for entry in problems if entry.code in LACKING and entry.correction is None]
    fields = {entry["name"]: entry for entry in dataset.schema["fields"]}
    absent = [name for name in fields if name not in header]
    guesses = {
        near: str(entry.value)
        for entry in lacking
        if entry.code == "misspelled-column"
        for near in nearest(skeleton(str(entry.value)), absent)
    }
    wanted = [name for name in absent if name in guesses or name in {entry.value for entry in lacking}]
    choices = [name for name in header if name.strip() and name not in fields and list(header).count(name) == 1]
    if not wanted or not choices:
        return {}
    if len(wanted) == len(choices) == 1:
        guesses[wanted[0]] = choices[0]
    return {
        "wanted": [{"name": name, "guess": guesses.get(name, ""), **_in_words(fields[name])} for name in wanted],
        "choices": [{"name": name, "examples": _examples(rows, list(header).index(name))} for name in choices],
    }


def _in_words(entry: Mapping[str, Any]) -> dict[str, str]:
    first = data(str(entry.get("description", ""))).partition(". ")[0].rstrip(".")
    return {"title": data(str(entry.get("title", entry["name"]))), "description": first and f"{first}."}


def _examples(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    texts: dict[str, None] = {}
    for row in rows:
        if text := row[place].strip():
            texts[text[:40]] = None
        if len(texts) == EXAMPLES:
            break
    return list(texts)


def spaced(text: str) -> str:
    """The text with the spaces that begin or end it made visible."""
    bare = text.strip()
    start = text.index(bare) if bare else 0
    end = len(text) - start - len(bare)
    return f"{'␣' * start}{bare}{'␣' * end}" if bare else "␣" * len(text)


@dataclass(frozen=True)
class Repair:
    """A table whose cells can be mended on the page; `lines[i]` is where `rows[i]` stands in its author's file."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    problems: Sequence[Problem]

    def page(self) -> dict[str, Any]:
        """The table as text, its certain mendings, and its rows at fault, cell by cell."""
        certain = self.certain
        numbers = {(row, place): number for number, (row, place, _, _) in enumerate(certain)}
        faults = self._faults()
        said: set[str] = set()
        return {
            "table": as_csv(self.header, self.rows),
            "rows": len(self.rows),
            "header": list(self.header),
            "extra": [p.value for p in self.problems if p.code in STRANGE and p.value in self.header],
            "certain": certain,
            "remaining": sum(p.severity == "error" and not self._is_settled(p) for p in self.problems),
            "mendings": self._groups(certain),
            "faulty": [self._row(row, faults[row], numbers, said) for row in sorted(faults)[:SHOWN_ROWS]],
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

    @cached_property
    def certain(self) -> list[Correction]:
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

    def _is_settled(self, entry: Problem) -> bool:
        """Whether the certain mendings would leave nothing of this problem."""
        row = self._places.get(entry.line or 0, -1)
        return (row, WHOLE_ROW) in self._mended or (entry.correction is not None and self._has_cell(row, entry))

    def _has_cell(self, row: int, entry: Problem) -> bool:
        return (row, self._column(entry)) in self._mended

    @cached_property
    def _mended(self) -> set[tuple[int, int]]:
        return {(row, place) for row, place, _, _ in self.certain}

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
                "title": data(kinds()[kind.partition(":")[0]].title),
                "column": kind.partition(":")[2],
                "count": len(found),
                **self._texts(found),
            }
            for kind, found in groups.items()
        ]

    def _texts(self, found: Sequence[Correction]) -> dict[str, Any]:
        """`all` the distinct texts of a mending, each with its lines; `examples`, those that differ to the eye."""
        lines: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, place, _kind, text in found:
            lines[self._text(row, place), text].append(self.lines[row])
        looks: dict[tuple[str, str], tuple[str, str]] = {}
        for before, after in lines:
            looks.setdefault((" ".join(before.split()), after), (spaced(before), after))
        listed = [(spaced(before), after, places(at)) for (before, after), at in lines.items()]
        return {
            "examples": list(looks.values())[:EXAMPLES],
            "all": listed[:SHOWN_MENDINGS] if len(listed) > min(len(looks), EXAMPLES) else [],
            "distinct": len(listed),
        }

    def _text(self, row: int, place: int) -> str:
        return _("ligne {line}").format(line=self.lines[row]) if place == WHOLE_ROW else self.rows[row][place]

    def _row(
        self, row: int, found: dict[int, list[Problem]], numbers: dict[tuple[int, int], int], said: set[str]
    ) -> dict[str, Any]:
        return {
            "row": row,
            "line": self.lines[row],
            "cells": [
                {
                    "text": text,
                    "said": [_once(entry, said) for entry in found.get(place, ())],
                    "address": next((entry.cell for entry in found.get(place, ()) if entry.cell), ""),
                    "severity": min((entry.severity for entry in found.get(place, ())), default=""),
                    "apply": numbers.get((row, place)),
                }
                for place, text in enumerate(self.rows[row])
            ],
            "whole": [_once(entry, said) for entry in found.get(WHOLE_ROW, ())],
        }


def _once(entry: Problem, said: set[str]) -> str:
    """What is wrong, and how to mend it unless a row above says so already."""
    found, mending = entry.told
    if mending in said:
        return found
    said.add(mending)
    return f"{found} {mending}".strip()
