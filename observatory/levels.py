"""A long table observes an indicator only for territories of the levels where it has a meaning."""

from collections.abc import Sequence

from observatory.columns import Rows, flagged
from observatory.evidence import rows_of
from observatory.places import NAMES, REF_AREA
from observatory.problems import shown
from observatory.reading import Table
from observatory.territories import level_of

COLUMN = "ref_area"


def report_levels(table: Table, indicator: str, rows: Rows, levels: Sequence[str]) -> None:
    """Reports the rows of an indicator whose territory is of another level than those that it admits, if it says.

    Of such a territory nothing else is said: to mend its code would only lead to a row that is not to be there.
    """
    if not levels or COLUMN not in table.raw:
        return
    found = _written(table, rows, levels) | _meant(table, rows, levels)
    if not found:
        return
    lines = {table.sheet.lines[row] for row in found}
    table.sheet.amend(lambda entry: None if entry.column == COLUMN and entry.line in lines else entry)
    expected = " ou ".join(f"{NAMES.get(level, level)} ({level})" for level in levels)
    for row, level in sorted(found.items()):
        texts = {"value": shown(table.raw[COLUMN][row]), "found": NAMES[level], "expected": expected}
        table.report("indicator-level", row, COLUMN, indicator=indicator, **texts)


def _written(table: Table, rows: Rows, levels: Sequence[str]) -> dict[int, str]:
    """{row: level} of the identifiers of another level, whether or not there is such a territory."""
    raw = table.raw[COLUMN]
    strange = [code for code, text in enumerate(raw.values) if (level := _level(text)) and level not in levels]
    return {row: level_of(raw[row]) for row in rows[flagged(raw, strange)[rows]].tolist()} if strange else {}


def _meant(table: Table, rows: Rows, levels: Sequence[str]) -> dict[int, str]:
    """{row: level} of the texts whose certain mending is a territory of another level."""
    wrong = [
        p for p in table.problems if p.column == COLUMN and (at := _level(p.correction or "")) and at not in levels
    ]
    places = rows_of(table, wrong) if wrong else {}
    ours = set(rows.tolist()) if wrong else set()
    found = {places[p.line]: _level(str(p.correction)) for p in wrong if p.line in places}
    return {row: level for row, level in found.items() if row in ours}


def _level(text: str) -> str:
    return level_of(text) if REF_AREA.fullmatch(text) else ""
