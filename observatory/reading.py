"""Reads the table of a dataset: columns in the schema's names, cells typed by Frictionless, faults in French."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from frictionless import FrictionlessException, Schema

from observatory.cells import Fault, faults
from observatory.csvfiles import DELIMITERS, read_sheet
from observatory.model import Dataset
from observatory.problems import Problem, nearest, shown
from observatory.shapes import HTML
from observatory.sheets import Dialect, Sheet
from observatory.yamlfiles import shown_path

SCHEMA_NOTES = {
    r'field type "(.*)" is not supported': "le type « {} » n'existe pas",
    r'constraint "(.*)" is not supported by type "(.*)"': "la contrainte « {} » n'existe pas pour le type « {} »",
    r'example value "(.*)" for field "(.*)" is not valid': "l'exemple « {} » de la colonne « {} » n'est pas valide",
    r"'(.*)' is a required property": "il manque « {} »",
}
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "iso-8859-15")
TEXTS = ("string", "any")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
PHONE = re.compile(r"(?<![\w+=/.-])(?:0|(?:\+|00)33\s?(?:\(0\))?\s?)[1-9]([\s.-]?)\d{2}(?:\1\d{2}){3}(?![\w=/]|[.-]\d)")
ROLES = ("value", "numerator", "denominator")
LEVELS = ("ref_area", "FRA", "REG", "DEP", "EPCI", "COM")
# (a+)+ and its like: a repeated group that is only a repetition, which a hostile cell makes endless.
NESTED = re.compile(r"\((?:\?:)?(?:\\?[^\[\]()]|\[[^\]]*\])[+*]\)[+*{]")
Judge = Callable[[str], Fault | None]


class SchemaFault(Exception):
    """The Table Schema itself cannot be used; the message says why, in French."""


@dataclass
class Table:
    """A table in columns: `raw` as written, `cells` as typed by Frictionless (None: empty or faulty)."""

    dataset: Dataset
    sheet: Sheet
    raw: dict[str, list[str]] = field(default_factory=dict)
    cells: dict[str, list[Any]] = field(default_factory=dict)
    faulty: set[int] = field(default_factory=set)

    @cached_property
    def height(self) -> int:
        """Number of rows that could be read."""
        return len(self.sheet.rows)

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


def read_table(dataset: Dataset, root: Path, judges: dict[str, Judge] | None = None) -> Table:
    """The dataset's table with all faults of form and of cells; `judges` know more of some columns.

    A judge answers what is wrong with a cell (or None) and speaks before Frictionless.
    """
    schema = table_schema(dataset.schema)
    file = shown_path(dataset.csv_path, root)
    table = Table(dataset, read_sheet(dataset.csv_path, file, declared(dataset), schema.field_names))
    present = match_header(table.sheet, schema, dataset)
    for position, name in present.items():
        field_ = schema.get_field(name)
        table.raw[name] = [row[position] for row in table.sheet.rows]
        _read_column(table, field_, (judges or {}).get(name))
    return table


def declared(dataset: Dataset) -> Dialect:
    """The dialect that the descriptor declares; what it declares wrongly is said elsewhere and left aside here."""
    dialect = dataset.descriptor.get("dialect")
    delimiter = dialect.get("delimiter") if isinstance(dialect, dict) else None
    encoding = dataset.descriptor.get("encoding")
    return Dialect(
        delimiter if isinstance(delimiter, str) and delimiter in DELIMITERS else ",",
        encoding if encoding in ENCODINGS else "utf-8",
    )


def table_schema(descriptor: dict[str, Any]) -> Any:
    """The Frictionless schema, its patterns made to match whole cells; SchemaFault when it is not usable."""
    descriptor = deepcopy(descriptor)
    try:
        for entry in descriptor["fields"]:
            rules = entry.get("constraints", {})
            if "pattern" in rules:
                re.compile(rules["pattern"])
                if NESTED.search(rules["pattern"]):
                    raise SchemaFault(
                        f"le motif de « {entry['name']} » répète une répétition, ce qui peut ne pas finir"
                    )
                entry["pattern"] = _in_words(entry)
                # Frictionless anchors ^pattern$ without a group: a|b would match « aZZ », and « a⏎ » would pass.
                rules["pattern"] = rf"(?:{rules['pattern']})\Z"
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


def _in_words(entry: dict[str, Any]) -> str:
    """What a column with a pattern holds, for people: the first sentence of its description, or its title."""
    words = str(entry.get("description", "")).partition(". ")[0].rstrip(".") or str(entry.get("title", entry["name"]))
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def check_properties(descriptor: dict[str, Any]) -> None:
    """SchemaFault when keys, or our own properties of fields (territory, feeds), do not hold together."""
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
        name = entry["name"]
        if names.count(name) > 1:
            raise SchemaFault(f"la colonne « {name} » est décrite deux fois")
        if entry.get("territory", "COM") not in LEVELS:
            raise SchemaFault(f"territory de « {name} » : attendu {', '.join(LEVELS)}")
        if any(feed["as"] not in ROLES or not isinstance(feed["indicator"], str) for feed in entry.get("feeds", ())):
            raise SchemaFault(f"feeds de « {name} » : attendu indicator, et as parmi {', '.join(ROLES)}")


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
    found = {name: position for position, name in reversed(list(enumerate(sheet.header))) if name in known}
    missing = [n for n in known if n not in found and not optional(schema.get_field(n), dataset)]
    _report_unknown(sheet, known, missing, dataset)
    expected = ", ".join(known)
    for name in missing:
        title = schema.get_field(name).title or name
        sheet.report("missing-column", sheet.header_line, value=name, field_title=title, expected=expected)
    order = sorted(found, key=lambda name: found[name])
    if order != sorted(order, key=known.index):
        rank = ", ".join(sorted(order, key=known.index))
        sheet.report("column-order", sheet.header_line, expected=rank)
    return {position: name for name, position in found.items()}


def _report_unknown(sheet: Sheet, known: list[str], missing: list[str], dataset: Dataset) -> None:
    """Reports unknown, nameless and repeated columns; takes from `missing` those that are only misspelled."""
    for position, (name, count) in enumerate(Counter(sheet.header).items(), start=1):
        if not name.strip():
            sheet.report("blank-column", sheet.header_line, value=position)
        elif count > 1:
            sheet.report("duplicate-column", sheet.header_line, value=name, count=count)
        elif name not in known:
            _report_stranger(sheet, name, missing, dataset)


def _report_stranger(sheet: Sheet, name: str, missing: list[str], dataset: Dataset) -> None:
    near = nearest(name.strip().lower(), missing)
    if near:
        missing.remove(near[0])
        sheet.report("misspelled-column", sheet.header_line, value=name, suggestion=near[0])
    else:
        schema = str(dataset.descriptor.get("schema", "")).removeprefix("../")
        sheet.report("extra-column", sheet.header_line, value=name, schema=schema)


def _read_column(table: Table, entry: Any, judge: Judge | None) -> None:
    """Types a column: each distinct text is read once, since columns repeat themselves."""
    reader = entry.create_cell_reader()
    typed: dict[str, Any] = {}
    wrong: dict[str, Sequence[Fault]] = {}
    for raw in set(table.raw[entry.name]):
        typed[raw], notes = _read_cell(reader, raw)
        known = judge(raw) if judge and typed[raw] is not None or judge and notes and raw else None
        if found := [known] if known else faults(raw, entry, notes):
            wrong[raw], typed[raw] = found, None
        elif entry.type in TEXTS and (refused := _refused(raw, entry)):
            wrong[raw], typed[raw] = [refused], None
    table.cells[entry.name] = [typed[raw] for raw in table.raw[entry.name]]
    if wrong:
        _report_cells(table, entry.name, wrong)


def _refused(raw: str, entry: Any) -> Fault | None:
    """What no text may hold, however well formed: personal data, which is not repeated here, and HTML."""
    if found := HTML.search(raw):
        return Fault("html-tag", {"value": shown(found[0])})
    if "@" in raw and EMAIL.search(raw):
        return Fault("personal-data", {"what": "une adresse électronique"})
    # Ten digits in a row may be a code, when the schema gives the column a form.
    if (found := PHONE.search(raw)) and not (found[0].isdigit() and "pattern" in entry.constraints):
        return Fault("personal-data", {"what": "un numéro de téléphone"})
    return None


def _read_cell(reader: Any, raw: str) -> tuple[Any, dict[str, str] | None]:
    try:
        cell, notes = reader(raw)
    except ArithmeticError:  # a signalling NaN against a bound
        return None, {"type": "number"}
    return cell, notes


def _report_cells(table: Table, name: str, wrong: dict[str, Sequence[Fault]]) -> None:
    for row, raw in enumerate(table.raw[name]):
        for fault in wrong.get(raw, ()):
            table.faulty.add(row)
            table.report(fault.code, row, name, **fault.details)
