"""Writes the certain mendings of a judged table to a canonical CSV, tells each, and leaves the rest to a person."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from observatory.cells import FORMULA
from observatory.columns import where
from observatory.problems import Problem
from observatory.reading import Table, declared
from observatory.sheets import REPEATED

# What writing the table anew mends by itself.
REWRITTEN = (
    *("byte-order-mark", "wrong-encoding", "mixed-encoding", "unmarked-utf", "wrong-delimiter", "spreadsheet-file"),
    *("zipped-file", "preamble", "repeated-header", "blank-row", "column-order", "footnote", "total-row"),
)
ENCODINGS = ("wrong-encoding", "mixed-encoding", "unmarked-utf")
# Rows that the reader had to set aside: a file written without them would have lost them.
UNREAD = ("missing-cell", "extra-cell", "unclosed-quote", "stray-quote", "nul-byte")
STRANGE = ("personal-column", "extra-column")
LACKING = ("missing-column", "ambiguous-column", "misspelled-column")  # the latter, when its right name is in doubt
LOST = "�"  # what no encoding could read
SWAP = "swapped-coordinates"  # its correction, from the other cell of the point, holds what is said of this one
ACTIVE = (*FORMULA, "\t", "\r")  # what a spreadsheet may run, or skip before what it runs


@dataclass(frozen=True)
class Change:
    """A mending: where it is in the original file, the text before and after, and why."""

    line: int | None
    cell: str | None
    column: str
    before: str
    after: str
    reason: str


@dataclass
class Mended:
    """A table in canonical form, the changes that led to it, and the problems `left` for a person to settle.

    `unread` are the lines of the original that the table does not hold, because they are no rows of it.
    """

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    left: list[Problem] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    delimiter: str = ","


def mend(table: Table, problems: Sequence[Problem], ours: bool = False) -> Mended:
    """The table with the certain corrections of these problems; nothing else of its cells is touched.

    `ours`: the columns that the schema has not are left out too, once none of its own is missing; those of personal
    data are, in any case.
    """
    mended = Mended(delimiter=declared(table.dataset).delimiter)
    corrected = _corrections(table, problems)
    strange = _strangers(problems) if ours else {}
    positions = _positions(table, mended, strange)
    _rename(problems, mended)
    dropped = _repeated_rows(table, problems, corrected)
    for row, written in enumerate(table.sheet.rows):
        if row in dropped:
            continue
        cells = list(written)
        for position, entry in corrected.get(row, {}).items():
            before, cells[position] = cells[position], str(entry.correction)
            mended.changes.append(
                Change(entry.line, entry.cell, str(entry.column), before, cells[position], entry.message)
            )
        mended.rows.append([cells[position] for position in positions])
    _tell_form(table, problems, dropped, mended)
    mended.changes.sort(key=lambda change: (change.line or 0, change.column))
    mended.left = [p for p in _left(table, problems, mended, dropped) if not (p.code in STRANGE and p.value in strange)]
    mended.unread = sorted({p.line for p in problems if p.code in UNREAD and p.line is not None})
    return mended


def write_csv(mended: Mended, path: Path) -> None:
    """Writes the table as UTF-8; FileExistsError rather than over a file that is there."""
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=mended.delimiter, lineterminator="\n")
        writer.writerow(mended.header)
        writer.writerows(mended.rows)


def write_changes(changes: Iterable[Change], path: Path) -> None:
    """Writes the list of changes as a CSV that a spreadsheet opens without running anything."""
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["ligne", "cellule", "colonne", "avant", "apres", "raison"])
        for change in changes:
            texts = [change.column, change.before, change.after, change.reason]
            writer.writerow([change.line or "", change.cell or "", *map(_harmless, texts)])


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ACTIVE and not text[1:2].isdigit() and len(text) > 1 else text


def _right(table: Table) -> dict[str, str]:
    """{name in the header: its right name}, for the misspelled columns that are certain."""
    return {written: name for name, written in table.sheet.written.items()}


def _places(table: Table) -> dict[str, int]:
    """Position in the file of each column of the schema."""
    right = _right(table)
    names = [right.get(name, name) for name in table.sheet.header]
    return {name: names.index(name) for name in table.raw}


def _corrections(table: Table, problems: Sequence[Problem]) -> dict[int, dict[int, Problem]]:
    """{row: {position: problem whose correction is to be written there}}."""
    places = _places(table)
    certain = [p for p in problems if p.correction is not None and p.column in places and p.line is not None]
    lines = {entry.line for entry in certain}
    rows = {line: row for row, line in enumerate(table.sheet.lines) if line in lines} if lines else {}
    found: dict[int, dict[int, Problem]] = defaultdict(dict)
    for entry in certain:
        if entry.line in rows and entry.column:
            cells = found[rows[entry.line]]
            if entry.code == SWAP or places[entry.column] not in cells:
                cells[places[entry.column]] = entry
    if table.sheet.flooded:
        _spread(table, certain, places, found)
    return found


def _spread(
    table: Table, certain: Sequence[Problem], places: dict[str, int], found: dict[int, dict[int, Problem]]
) -> None:
    """Gives the corrections to the rows that were only counted, where a text of the column has only one.

    Keys are left out: which rows may bear them takes another look.
    """
    key = table.dataset.schema.get("primaryKey", [])
    keys = [key] if isinstance(key, str) else key
    for name in {entry.column for entry in certain if entry.column not in keys and entry.code != SWAP}:
        if name is None:
            continue
        column, place = table.raw[name], places[name]
        texts = {column[row]: cells[place] for row, cells in found.items() if place in cells}
        lone = {text: entry for text, entry in texts.items() if entry.code != SWAP}
        for row in where(column, lone).tolist():
            if place not in found[row]:
                line = table.sheet.lines[row]
                found[row][place] = replace(lone[column[row]], line=line, cell=table.sheet.address(line, name))


def _strangers(problems: Sequence[Problem]) -> dict[str, Problem]:
    """The columns to leave out, each with the problem that says why."""
    lacking = any(entry.code in LACKING and entry.correction is None for entry in problems)
    codes = STRANGE[:1] if lacking else STRANGE  # a column that is missing may be computed from a strange one
    return {str(entry.value): entry for entry in problems if entry.code in codes}


def _positions(table: Table, mended: Mended, strange: dict[str, Problem]) -> list[int]:
    """Which columns of the file to write, in which order: the schema's, then the others that are not empty."""
    places = _places(table)
    ordered = [places[entry["name"]] for entry in table.dataset.schema["fields"] if entry["name"] in places]
    others = [place for place in range(len(table.sheet.header)) if place not in ordered]
    left_out = {place for place in others if table.sheet.header[place] in strange}
    for place in sorted(left_out):
        entry = strange[table.sheet.header[place]]
        reason = f"colonne laissée de côté : {entry.message}"
        mended.changes.append(Change(entry.line, None, str(entry.value), str(entry.value), "", reason))
    others = [place for place in others if place not in left_out]
    kept = [place for place in others if not _useless(table, place, ordered)]
    right = _right(table)
    mended.header = [right.get(name, name) for name in (table.sheet.header[place] for place in [*ordered, *kept])]
    for place in sorted(set(others) - set(kept)):
        name = table.sheet.header[place]
        reason = "colonne en double, identique à la première" if name.strip() else "colonne sans nom et vide"
        mended.changes.append(Change(table.sheet.header_line, None, name, name, "", reason))
    return [*ordered, *kept]


def _useless(table: Table, place: int, kept: list[int]) -> bool:
    """Whether a column is empty and nameless, or the twin of one that is kept."""
    name = table.sheet.header[place]
    if not name.strip():
        return not any(cells[place].strip() for cells in table.sheet.rows)
    twin = next((other for other in kept if table.sheet.header[other] == name), None)
    return twin is not None and all(cells[place] == cells[twin] for cells in table.sheet.rows)


def _rename(problems: Sequence[Problem], mended: Mended) -> None:
    for entry in problems:
        if entry.code in ("misspelled-column", "renamed-column") and entry.correction:
            change = Change(entry.line, entry.cell, entry.correction, str(entry.value), entry.correction, entry.message)
            mended.changes.append(change)


def _repeated_rows(
    table: Table, problems: Sequence[Problem], corrected: dict[int, dict[int, Problem]]
) -> dict[int, int]:
    """{row: earlier row that says exactly the same}, once both are mended, in a table where a key makes a row."""
    key = table.dataset.schema.get("primaryKey")
    lines = {p.line for p in problems if p.code == "duplicate-key"}
    suspects = {row for row, line in enumerate(table.sheet.lines) if line in lines} if lines else set()
    suspects |= set(corrected)
    if not key or not suspects:
        return {}

    def written(row: int, cells: Sequence[str]) -> tuple[str, ...]:
        changed = corrected.get(row, {})
        return tuple(str(changed[n].correction) if n in changed else cell for n, cell in enumerate(cells))

    sought = {written(row, table.sheet.rows[row]) for row in suspects}
    first: dict[tuple[str, ...], int] = {}
    repeated: dict[int, int] = {}
    for row, cells in enumerate(table.sheet.rows):
        text = written(row, cells)
        if text in sought and first.setdefault(text, row) != row:
            repeated[row] = first[text]
    return repeated


def _tell_form(table: Table, problems: Sequence[Problem], dropped: dict[int, int], mended: Mended) -> None:
    for row, first in dropped.items():
        reason = f"ligne identique à la ligne {table.sheet.lines[first]}"
        before = ",".join(table.sheet.rows[row])
        mended.changes.append(Change(table.sheet.lines[row], None, "", before, "", reason))
    for entry in problems:
        if entry.code in REWRITTEN:
            mended.changes.append(Change(entry.line, entry.cell, "", entry.value or "", "", entry.message))


def _left(table: Table, problems: Sequence[Problem], mended: Mended, dropped: dict[int, int]) -> list[Problem]:
    """The problems that no certain mending has settled."""
    gone = {table.sheet.lines[row] for row in dropped}
    unread = any(LOST in cell for cells in mended.rows for cell in cells)
    left = []
    for entry in problems:
        settled = entry.severity == "info" or (entry.code in REWRITTEN and not (entry.code in ENCODINGS and unread))
        settled |= entry.correction is not None or (entry.line in gone and entry.code in REPEATED)
        settled |= entry.code == "blank-column" and all(name.strip() for name in mended.header)
        settled |= entry.code == "duplicate-column" and mended.header.count(str(entry.value)) == 1
        if not settled:
            left.append(entry)
    return left
