"""Reads the table of a dataset: columns in the schema's names, cells typed by Frictionless, faults in French."""

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from frictionless import FrictionlessException, Schema
from numpy.typing import NDArray

from observatory import sheets
from observatory.cell_reading import TEXTS as TEXTS
from observatory.cell_reading import Judge as Judge
from observatory.cell_reading import judged, sorted_out
from observatory.cells import Fault
from observatory.columns import Encoded, flagged
from observatory.csvfiles import DELIMITERS, read_sheet
from observatory.headers import (
    Meant,
    described,
    headings,
    level_named,
    meant,
    report_crossed,
    report_doubtful,
    report_headless,
    report_misspelled,
    report_stranger,
)
from observatory.lint import grouped, schema_faults
from observatory.model import Dataset
from observatory.plain import plain_reader
from observatory.problems import Problem, problem
from observatory.sheets import Dialect, Sheet
from observatory.unfilled import leave_out_unfilled
from observatory.yamlfiles import shown_path

SCHEMA_NOTES = {
    r'field type "(.*)" is not supported': "le type « {} » n'existe pas",
    r'constraint "(.*)" is not supported by type "(.*)"': "la contrainte « {} » n'existe pas pour le type « {} »",
    r'example value "(.*)" for field "(.*)" is not valid': "l'exemple « {} » de la colonne « {} » n'est pas valide",
    r"'(.*)' is a required property": "il manque « {} »",
}
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "iso-8859-15")
ROLES = ("value", "numerator", "denominator")
LEVELS = ("ref_area", "FRA", "REG", "DEP", "EPCI", "COM")
Tell = Callable[[str, int, int], None]  # what has just been done, how many parts are, of how many


@runtime_checkable
class Told(Protocol):
    """A judge that the name of its column tells more: the level of the territories that it holds, or nothing."""

    def told(self, level: str) -> None:
        """Takes note of it, before any cell is judged."""


class SchemaFault(Exception):
    """The Table Schema itself cannot be used; the message says why, in French."""


@dataclass
class Table:
    """A table in columns: `raw` as written, `cells` as typed by Frictionless (None: empty or faulty)."""

    dataset: Dataset
    sheet: Sheet
    raw: dict[str, Encoded] = field(default_factory=dict)
    cells: dict[str, Encoded] = field(default_factory=dict)
    unfilled: bool = False  # whether rows were left out, which hold nothing but their key

    @cached_property
    def height(self) -> int:
        """Number of rows that could be read."""
        return len(self.sheet.rows)

    def unread(self, name: str) -> NDArray[np.bool_]:
        """Rows whose cell is at fault: something is written, which has no value."""
        raw = self.raw[name]
        blank = flagged(raw, [code for code, text in enumerate(raw.values) if not text])
        return (self.cells[name].codes < 0) & ~blank

    def report(self, code: str, row: int, column: str | None = None, **details: object) -> None:
        """Notes a problem of the row of that index."""
        self.sheet.report(code, self.sheet.lines[row], column, **details)

    @property
    def problems(self) -> list[Problem]:
        """What has been found so far."""
        return self.sheet.problems


def read_rows(dataset: Dataset) -> Iterator[dict[str, object]]:
    """The rows of a valid dataset, typed by its schema; ValueError at the first fault (validate first)."""
    table = read_table(dataset, dataset.csv_path.parent)
    if found := next((p for p in table.problems if p.severity == "error"), None):
        raise ValueError(f"{found.file}:{found.line}: {found.sentence}")
    names = list(table.cells)
    for cells in zip(*table.cells.values(), strict=True):
        yield dict(zip(names, cells, strict=True))


def read_table(
    dataset: Dataset,
    root: Path,
    judges: dict[str, Judge] | None = None,
    tell: Tell = lambda part, done, total: None,
    part: bool = False,
) -> Table:
    """The dataset's table with all faults of form and of cells; `judges` know more of some columns.

    A judge answers what is wrong with a cell (or None) and speaks before Frictionless. `tell(part, done, total)` is
    called once the file is in columns, then after each column of the schema. A `part` of a table may hold rows that
    nobody filled in.
    """
    schema = table_schema(dataset.schema)
    file = shown_path(dataset.csv_path, root)
    table = Table(dataset, read_sheet(dataset.csv_path, file, declared(dataset), headings(schema)))
    present = match_header(table.sheet, schema, dataset)
    if part:
        stated = dataset.schema.get("primaryKey", [])
        key = [stated] if isinstance(stated, str) else stated
        places = {position for position, name in present.items() if name in key}
        table.unfilled = leave_out_unfilled(table.sheet, places)
    for name, judge in (judges or {}).items():
        if isinstance(judge, Told):
            judge.told(level_named(table.sheet.written.get(name, name)))
    tell("lecture", 1, len(present) + 1)
    for done, (position, name) in enumerate(present.items(), start=2):
        field_ = schema.get_field(name)
        table.raw[name] = table.sheet.column(position)
        read_column(table, field_, (judges or {}).get(name))
        tell(name, done, len(present) + 1)
    return table


def declared(dataset: Dataset) -> Dialect:
    """The dialect that the descriptor declares; what it declares wrongly is said elsewhere and left aside here."""
    stated = dataset.descriptor.get("dialect")
    dialect = stated if isinstance(stated, dict) else {}
    delimiter = dialect.get("delimiter")
    encoding = dataset.descriptor.get("encoding")
    return Dialect(
        delimiter if isinstance(delimiter, str) and delimiter in DELIMITERS else ",",
        encoding if encoding in ENCODINGS else "utf-8",
        str(dialect.get("sheet", "")),
        dataset.may_be_empty,
    )


def table_schema(descriptor: dict[str, Any]) -> Any:
    """The Frictionless schema, its patterns made to match whole cells; SchemaFault when it is not usable."""
    descriptor = deepcopy(descriptor)
    try:
        _group_patterns(descriptor)
        check_properties(descriptor)
        schema = Schema.from_descriptor(descriptor)
        for field_ in schema.fields:
            field_.create_cell_reader()("1")
    except re.error as error:
        raise SchemaFault(f"l'expression régulière « {error.pattern!s} » est mal écrite") from None
    except FrictionlessException as exception:
        notes = [_schema_note(error.note) for error in exception.reasons or [exception.error]]
        raise SchemaFault(" ; ".join(notes)) from None
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise SchemaFault(f"« fields » ou « constraints » mal formés ({error})") from None
    return schema


def _group_patterns(descriptor: dict[str, Any]) -> None:
    """Makes the patterns match whole cells, once nothing is wrong with them nor with the bounds; or SchemaFault."""
    ruled = [(entry, entry.get("constraints", {})) for entry in descriptor["fields"]]
    patterned = [(entry, rules) for entry, rules in ruled if "pattern" in rules]
    for _, rules in patterned:
        re.compile(rules["pattern"])
    if found := schema_faults(descriptor):
        raise SchemaFault(" ; ".join(found))
    for entry, rules in patterned:
        entry["pattern"] = _in_words(entry)
        rules["pattern"] = grouped(rules["pattern"])


def _in_words(entry: dict[str, Any]) -> str:
    """What a column with a pattern holds, for people: the first sentence of its description, or its title."""
    words = str(entry.get("description", "")).partition(". ")[0].rstrip(".") or str(entry.get("title", entry["name"]))
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def check_properties(descriptor: dict[str, Any]) -> None:
    """SchemaFault when keys, or our own properties of fields (territory, feeds, aliases), do not hold together."""
    names = [entry["name"] for entry in descriptor["fields"]]
    if "foreignKeys" in descriptor:
        raise SchemaFault(
            "foreignKeys n'est pas jugé ici ; territory et feeds lient aux territoires et aux indicateurs"
        )
    key = descriptor.get("primaryKey", [])
    for name in [key] if isinstance(key, str) else key:
        if name not in names:
            raise SchemaFault(f"la clé primaire cite « {name} », qui n'est pas une colonne")
    for entry in descriptor["fields"]:
        if names.count(entry["name"]) > 1:
            raise SchemaFault(f"la colonne « {entry['name']} » est décrite deux fois")
        _check_field(entry, entry["name"])


def _check_field(entry: dict[str, Any], name: str) -> None:
    if entry.get("territory", "COM") not in LEVELS:
        raise SchemaFault(f"territory de « {name} » : attendu {', '.join(LEVELS)}")
    if not _are_texts(entry.get("aliases", [])):
        raise SchemaFault(f"aliases de « {name} » : attendu une liste de noms")
    if any(feed["as"] not in ROLES or not isinstance(feed["indicator"], str) for feed in entry.get("feeds", ())):
        raise SchemaFault(f"feeds de « {name} » : attendu indicator, et as parmi {', '.join(ROLES)}")


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _schema_note(note: str) -> str:
    """Frictionless' note on a schema, in French when it is one that people meet."""
    for english, french in SCHEMA_NOTES.items():
        if found := re.match(english, note):
            return french.format(*found.groups())
    return f"« {note} »"


def optional(entry: Any, dataset: Dataset) -> bool:
    """Whether the column may be left out: declared so, or not required in the shared schema of observations."""
    return bool(entry.custom.get("optional", dataset.form == "long" and not entry.required))


def match_header(sheet: Sheet, schema: Any, dataset: Dataset) -> dict[int, str]:
    """Position of each known column in the file, once every fault of the header is noted."""
    if not sheet.header:
        return {}
    known = list(schema.field_names)
    right = meant(sheet, schema)
    sheet.written = {name: written for written, name in right.certain.items()}
    names = [right.certain.get(name, name) for name in sheet.header]
    found = {name: position for position, name in reversed(list(enumerate(names))) if name in known}
    if not found and not right.doubtful and report_headless(sheet, known):
        return {}
    missing = [n for n in known if n not in found and not optional(schema.get_field(n), dataset)]
    missing = [name for name in missing if name not in right.doubtful]
    for name, candidates in right.doubtful.items():
        report_doubtful(sheet, schema.get_field(name), candidates)
    _report_unknown(sheet, right, schema, missing, dataset)
    for name in missing:
        entry = schema.get_field(name)
        texts = {"field_title": entry.title or name, "expected": described(entry)}
        sheet.report("missing-column", sheet.header_line, value=name, **texts)
    order = sorted(found, key=lambda name: found[name])
    if order != sorted(order, key=known.index):
        rank = ", ".join(sorted(order, key=known.index))
        sheet.report("column-order", sheet.header_line, expected=rank)
    return {position: name for name, position in found.items()}


def _report_unknown(sheet: Sheet, right: Meant, schema: Any, missing: list[str], dataset: Dataset) -> None:
    """Reports unknown, nameless and repeated columns; takes from `missing` those that are only misspelled."""
    said = {name for names in right.doubtful.values() for name in names}
    said.update(report_crossed(sheet, [name for name in sheet.header if not schema.has_field(name)], missing))
    for position, (name, count) in enumerate(Counter(sheet.header).items(), start=1):
        if not name.strip():
            sheet.report("blank-column", sheet.header_line, value=position)
        elif count > 1:
            sheet.report("duplicate-column", sheet.header_line, value=name, count=count)
        elif name in right.certain:
            report_misspelled(sheet, name, schema.get_field(right.certain[name]))
        elif not schema.has_field(name) and name not in said:
            report_stranger(sheet, name, missing, dataset)


@dataclass
class Wrong:
    """The wrong texts of a column, by their codes: those whose faults are told, and those that are only counted."""

    told: dict[int, Sequence[Fault]] = field(default_factory=dict)
    counted: "array[int]" = field(default_factory=lambda: array("i"))

    def read(self, code: int, raw: str, how: tuple[Any, Any, Judge | None]) -> Any:
        """The typed cell; None for a wrong one, once noted. `how`: its field, its reader and its judge."""
        if len(self.told) < sheets.FLOOD:
            cell, found = judged(raw, *how)
            if found:
                self.told[code] = found
            return None if found else cell
        cell, right = sorted_out(raw, *how)
        if not right:
            self.counted.append(code)
        return cell


def read_column(table: Table, entry: Any, judge: Judge | None = None) -> None:
    """Types the raw column of a Frictionless field; each distinct text is read once, since columns repeat.

    Once FLOOD wrong texts are explained, the others of the column are only counted: to explain takes time and room.
    """
    column = table.raw[entry.name]
    reader = entry.create_cell_reader()
    plain = None if judge else plain_reader(entry)
    same = entry.type in TEXTS  # Frictionless gives texts back as they are
    typed: list[Any] = []
    none: array[int] = array("i")
    wrong = Wrong()
    for code, raw in enumerate(column.values):
        cell = plain(raw) if plain else None
        if cell is None:
            cell = wrong.read(code, raw, (entry, reader, judge))
        if not same:
            typed.append(cell)
        if cell is None:
            none.append(code)
    table.cells[entry.name] = column.keeping(column.values if same else typed, none)
    if wrong.told:
        _report_cells(table, entry.name, wrong.told)
    if wrong.counted:
        _count_cells(table, entry.name, wrong.counted)


def _report_cells(table: Table, name: str, wrong: dict[int, Sequence[Fault]]) -> None:
    """Reports the faults of a column, found once for each text, at every row that has it."""
    column = table.raw[name]
    rows = np.flatnonzero(flagged(column, wrong)).tolist()
    said: dict[tuple[int, int], Problem] = {}
    for row, code in zip(rows, column.codes[rows].tolist(), strict=True):
        line = table.sheet.lines[row]
        for place, fault in enumerate(wrong[code]):
            if not table.sheet.floods(fault.code, name, line):
                entry = said.get((code, place)) or problem(fault.code, table.sheet.file, None, name, **fault.details)
                said[code, place] = entry
                table.sheet.repeat(entry, line)


def _count_cells(table: Table, name: str, counted: "array[int]") -> None:
    """Counts the rows of a column whose cell is wrong, when too many are for each to be told."""
    rows = np.flatnonzero(flagged(table.raw[name], np.asarray(counted)))
    if len(rows):
        table.sheet.crowd(name, len(rows), table.sheet.lines[int(rows[-1])])
