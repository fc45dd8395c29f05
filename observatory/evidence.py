"""What a whole table says of the cells that one look cannot settle: order of dates, commas, keys taken twice.

A correction that the table proves is given; one that would not hold is taken back. What remains is certain.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from observatory import dates, figures
from observatory.cells import faults, trimmed
from observatory.coordinates import settle_coordinates
from observatory.problems import Problem, problem
from observatory.reading import TEXTS, Judge, Table, table_schema
from observatory.refusals import refused


class Column:
    """What the distinct texts of one column prove, found once however many cells ask."""

    def __init__(self, texts: set[str]) -> None:
        self.texts = texts

    @cached_property
    def date_proofs(self) -> tuple[str, str]:
        """A date that can only be read day first, and one that can only be read month first; empty without any."""
        others = {text: found for text in self.texts if (found := dates.both_orders(text))}
        day_first = min((text for text, (day, month) in others.items() if day and not month), default="")
        month_first = min((text for text, (day, month) in others.items() if month and not day), default="")
        return day_first, month_first

    @cached_property
    def comma_proofs(self) -> tuple[bool, bool]:
        """Whether a comma can only be decimal somewhere, and only of thousands somewhere."""
        decimal = any(figures.COMMA.fullmatch(t) and not figures.TWO_WAYS.fullmatch(t) for t in self.texts)
        return decimal, any(figures.ENGLISH.fullmatch(t) for t in self.texts)

    @cached_property
    def made_of_parts(self) -> bool:
        """Whether the numbers are parts of one: none above 1, and one at least strictly between 0 and 1."""
        values = [float(found.text) for text in self.texts if (found := figures.plain(text, "number"))]
        return any(0 < value < 1 for value in values) and max(values) <= 1


def settle(table: Table, judges: dict[str, Judge]) -> None:
    """Gives each problem of the table the correction that the table proves, and takes back those that fail."""
    columns: dict[str, Column] = {}

    def settled(entry: Problem) -> Problem:
        settler = SETTLERS.get(entry.code)
        if settler is None or entry.column not in table.raw:
            return entry
        if entry.column not in columns:
            columns[entry.column] = Column({trimmed(text) for text in table.raw[entry.column].shown()})
        return settler(entry, columns[entry.column])

    table.sheet.amend(settled)
    settle_coordinates(table)
    _keep_what_holds(table, judges)
    _keep_keys_apart(table)


def rows_of(table: Table, problems: Iterable[Problem]) -> dict[int, int]:
    """{line: row} of the lines of these problems."""
    wanted = {entry.line for entry in problems}
    return {line: row for row, line in enumerate(table.sheet.lines) if line in wanted}


def _again(entry: Problem, code: str, suggestion: str, correction: str | None) -> Problem:
    """The same problem with other advice."""
    certain = {} if correction is None else {"correction": correction}
    details = {"value": entry.value, "suggestion": suggestion, "cell": entry.cell, **certain}
    return problem(code, entry.file, entry.line, entry.column, **details)


def _settle_date(entry: Problem, column: Column) -> Problem:
    """Day or month first? The dates of the column that have only one reading tell, when they agree."""
    orders = dates.both_orders(trimmed(entry.value or ""))
    if orders is None or orders[0] == orders[1]:
        return entry
    day_proof, month_proof = column.date_proofs
    text, proof = (orders[0], day_proof) if day_proof else (orders[1], month_proof)
    if not text or bool(day_proof) == bool(month_proof) or (day_proof and entry.correction):
        return entry
    order = "le jour précède le mois" if day_proof else "le mois précède le jour"
    return _again(entry, entry.code, f"{text} : dans cette colonne, {order} (comme dans {proof})", text)


def _settle_comma(entry: Problem, column: Column) -> Problem:
    """Decimals or thousands? The numbers of the column that have only one reading tell, when they agree."""
    text = trimmed(entry.value or "")
    if not figures.TWO_WAYS.fullmatch(text):
        return entry
    decimal, english = column.comma_proofs
    if decimal == english:
        return entry
    if english:
        return _again(entry, "thousands-separator", plain := text.replace(",", ""), plain)
    if entry.code == "thousands-separator":
        return entry  # a decimal in a column of integers is for a person
    return _again(entry, "decimal-comma", plain := text.replace(",", "."), plain)


def _settle_percent(entry: Problem, column: Column) -> Problem:
    """« 99% » is 99, unless the rest of the column is made of parts of one."""
    if entry.correction is None or not column.made_of_parts:
        return entry
    words = f"{entry.correction}, ou sa part de 1 comme dans le reste de la colonne"
    return _again(entry, entry.code, words, None)


SETTLERS: dict[str, Callable[[Problem, Column], Problem]] = {
    "not-a-date": _settle_date,
    "decimal-comma": _settle_comma,
    "thousands-separator": _settle_comma,
    "percent-sign": _settle_percent,
}


def _keep_what_holds(table: Table, judges: dict[str, Judge]) -> None:
    """Takes back the corrections that would be at fault in their turn."""
    schema = table_schema(table.dataset.schema)
    known: dict[tuple[str, str], bool] = {}

    def kept(entry: Problem) -> Problem:
        if entry.correction is None or entry.column not in table.raw:
            return entry
        key = entry.column, entry.correction
        if key not in known:
            known[key] = _holds(entry.correction, schema.get_field(entry.column), judges.get(entry.column))
        return entry if known[key] else replace(entry, correction=None)

    table.sheet.amend(kept)


def _holds(text: str, field: Any, judge: Judge | None) -> bool:
    """Whether a cell of the column may be written so."""
    if text == "":
        return not field.required
    if field.type in TEXTS and refused(text, "pattern" in field.constraints):
        return False
    return (judge is None or judge(text) is None) and not faults(text, field, field.create_cell_reader()(text)[1])


def _keep_keys_apart(table: Table) -> None:
    """Takes back the corrections that would give two different rows one key."""
    key = table.dataset.schema.get("primaryKey", [])
    names = [key] if isinstance(key, str) else list(key)
    if not names or not all(name in table.raw for name in names):
        return
    suspects = [p for p in table.problems if p.correction is not None and p.column in names]
    rows = rows_of(table, suspects) if suspects else {}
    corrected: dict[int, dict[str, str]] = defaultdict(dict)
    for entry in table.problems:
        if entry.correction is not None and entry.line in rows and entry.column:
            corrected[rows[entry.line]][entry.column] = entry.correction
    taken = _taken(table, names, corrected)

    def apart(entry: Problem) -> Problem:
        other = taken.get(rows.get(entry.line or 0, -1))
        if other is None or entry.correction is None or entry.column not in names:
            return entry
        words = f" Mais la ligne {table.sheet.lines[other]} aurait alors la même clé : vérifiez les deux."
        return replace(entry, correction=None, mending=entry.mending + words)

    if taken:
        table.sheet.amend(apart)


def _taken(table: Table, names: list[str], corrected: dict[int, dict[str, str]]) -> dict[int, int]:
    """{corrected row: another row that would have its key, without being the same in everything}."""

    def written(row: int, columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(corrected.get(row, {}).get(name, table.raw[name][row]) for name in columns)

    sharing: dict[tuple[str, ...], list[int]] = {written(row, names): [] for row in corrected}
    for row, key in enumerate(zip(*(table.raw[name] for name in names), strict=True)) if sharing else ():
        key = written(row, names) if row in corrected else key
        if key in sharing:
            sharing[key].append(row)
    found: dict[int, int] = {}
    for rows in sharing.values():
        if len({written(row, table.raw) for row in rows}) > 1:
            found |= {row: next(other for other in rows if other != row) for row in rows if row in corrected}
    return found
