"""A contributed table as it was written: its cells, where each row stands, and what is wrong with its form."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from observatory.columns import Encoded, TableRows, encode
from observatory.french import number
from observatory.problems import Problem, kinds, problem

FORM = ("fichier", "en-tête", "lignes")
REPEATED = ("duplicate-key", "duplicate-value")  # at fault, yet read
MAX_COLUMNS = 1_000
FLOOD = 20_000  # problems of one kind in one column told one by one; past them, the others are counted
WRONG = "Cellule fausse"  # title of what is wrong with cells that are only counted
Record = tuple[int, list[str]]  # the line where it begins, and its cells


@dataclass
class Sheet:
    """A table as text cells: `lines[i]` is the physical line (the row, in a spreadsheet) where `rows[i]` begins.

    `first_column` is the number (1: A) of the spreadsheet's column where the header begins; None for a CSV.
    `written` says how the header writes a column that the schema names otherwise: {name in the schema: as written}.
    """

    file: str
    header: list[str] = field(default_factory=list)
    header_line: int = 1
    rows: Sequence[list[str]] = field(default_factory=list)
    lines: Sequence[int] = field(default_factory=lambda: array("i"))
    first_column: int | None = None
    written: dict[str, str] = field(default_factory=dict)
    _told: list[Problem] = field(default_factory=list, repr=False)
    _counts: Counter[tuple[str, str | None]] = field(default_factory=Counter, repr=False)
    _last: dict[tuple[str, str | None], int | None] = field(default_factory=dict, repr=False)
    _crowds: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)

    @property
    def problems(self) -> list[Problem]:
        """What is wrong, one by one; then, of the kinds that flood the file, how many others there are."""
        others = [self._others(code, column) for code, column in self._last]
        return [*self._told, *others, *map(self._unexplained, self._crowds)]

    @property
    def flooded(self) -> bool:
        """Whether problems are counted that are not told one by one."""
        return bool(self._last or self._crowds)

    @property
    def damaged(self) -> bool:
        """Whether its form is at fault, so that what can be read of it is not to be counted."""
        return any(
            kinds()[entry.code].group in FORM and entry.severity == "error"
            for entry in self._told
            if entry.code not in REPEATED
        )

    def column(self, position: int) -> Encoded:
        """The cells of a column, from its position in the header."""
        if isinstance(self.rows, TableRows):
            return self.rows.columns[position]
        return encode([row[position] for row in self.rows])

    def report(self, code: str, line: int | None, column: str | None = None, **details: object) -> None:
        """Notes a problem at that line of the file."""
        if self.floods(code, column, line):
            return
        details.setdefault("cell", self.address(line, column))
        self._told.append(problem(code, self.file, line, column, **details))

    def repeat(self, entry: Problem, line: int) -> None:
        """Notes, at that line, a problem of a column that another line has word for word; ask `floods` first."""
        self._told.append(replace(entry, line=line, cell=self.address(line, entry.column)))

    def amend(self, change: Callable[[Problem], Problem | None]) -> None:
        """Passes each problem told through `change`, which gives it back, another in its stead, or None to drop it."""
        self._told[:] = [amended for entry in self._told if (amended := change(entry)) is not None]

    def forget_rows(self) -> None:
        """Drops what was said of rows, once the header shows that they are not those of the table."""
        self._told[:] = [entry for entry in self._told if kinds()[entry.code].group != "lignes"]
        self._last = {key: line for key, line in self._last.items() if kinds()[key[0]].group != "lignes"}

    def floods(self, code: str, column: str | None, line: int | None) -> bool:
        """Counts a problem; whether so many of its kind are told that it is only counted."""
        self._counts[code, column] += 1
        if self._counts[code, column] <= FLOOD:
            return False
        self._last[code, column] = line
        return True

    def crowd(self, column: str, count: int, last: int) -> None:
        """Counts rows whose cell is wrong in that column, in ways that nobody looked for; `last` is their last line."""
        self._crowds[column] = count, last

    def _unexplained(self, column: str) -> Problem:
        count, last = self._crowds[column]
        told = sum(1 for entry in self._told if entry.column == column and kinds()[entry.code].group not in FORM)
        texts = {"value": number(count), "title": WRONG, "expected": number(told), "last": number(last)}
        return problem("many-more", self.file, None, column, **texts)

    def _others(self, code: str, column: str | None) -> Problem:
        count, last = self._counts[code, column] - FLOOD, self._last[code, column]
        details = {
            "value": number(count),
            "title": kinds()[code].title,
            "expected": number(FLOOD),
            "last": number(last or 0),
        }
        return replace(problem("many-more", self.file, None, column, **details), severity=kinds()[code].severity)

    def address(self, line: int | None, column: str | None) -> str | None:
        """Address of a spreadsheet's cell, as people read it (B12); None in a CSV, or without line and column."""
        name = self.written.get(column, column) if column else column
        if self.first_column is None or line is None or name not in self.header:
            return None
        return f"{letters(self.first_column + self.header.index(name))}{line}"


@dataclass(frozen=True)
class Dialect:
    """How the descriptor says the file is written; nothing of it is guessed."""

    delimiter: str = ","
    encoding: str = "utf-8"
    sheet: str = ""  # of a workbook, or member of an archive: the one asked for
    may_be_empty: bool = False  # a header alone is no fault


def letters(column: int) -> str:
    """Name of a spreadsheet's column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(ord("A") + place) + name
    return name
