"""Reads at once the plainest cells of near-unique columns, which Frictionless would accept with the same value.

Measures and addresses differ from row to row, so that reading each distinct text once saves nothing there. Whatever is
not of the plainest form is left to Frictionless.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Reader = Callable[[str], Any]  # the typed cell, or None when Frictionless must read it

NUMBERS: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "number": (re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?"), Decimal),
    "integer": (re.compile(r"-?(?:0|[1-9][0-9]{0,17})"), int),
}
# Neither sign nor place for an address of mail, a telephone number, a tag or a formula.
ADDRESS = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._-]+)*/?")
LONGEST = 1000  # characters; far below what a cell may hold
OWN_WRITING = {"decimal_char", "group_char", "bare_number", "float_number", "missing_values"}


def plain_reader(entry: Any) -> Reader | None:
    """A reader of the plainest cells of a Frictionless field; None when the field asks for more than that."""
    if entry.missing_values != [""] or (entry.schema and entry.schema.missing_values != [""]):
        return None
    if entry.type in NUMBERS and set(entry.constraints) <= {"required", "minimum", "maximum"}:
        return None if OWN_WRITING & set(entry.list_defined()) else _number_reader(entry)
    if entry.type == "string" and entry.format == "uri" and set(entry.constraints) <= {"required"}:
        return lambda raw: raw if len(raw) <= LONGEST and ADDRESS.fullmatch(raw) else None
    return None


def _number_reader(entry: Any) -> Reader:
    pattern, typed = NUMBERS[entry.type]
    read = entry.create_value_reader()
    low, high = (
        None if entry.constraints.get(name) is None else read(entry.constraints[name])
        for name in ("minimum", "maximum")
    )

    def reader(raw: str) -> Any:
        if not pattern.fullmatch(raw):
            return None
        value = typed(raw)
        return None if (low is not None and value < low) or (high is not None and value > high) else value

    return reader
