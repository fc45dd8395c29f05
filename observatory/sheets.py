"""A contributed table as it was written: its cells, where each row stands, and what is wrong with its form."""

from dataclasses import dataclass, field

from observatory.problems import Problem, kinds, problem

FORM = ("fichier", "en-tête", "lignes")
KEPT = ("duplicate-key", "duplicate-value")  # at fault, yet read
Record = tuple[int, list[str]]  # the line where it begins, and its cells


@dataclass
class Sheet:
    """A table as text cells: `lines[i]` is the physical line (the row, in a spreadsheet) where `rows[i]` begins.

    `first_column` is the number (1: A) of the spreadsheet's column where the header begins; None for a CSV.
    """

    file: str
    header: list[str] = field(default_factory=list)
    header_line: int = 1
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    first_column: int | None = None

    @property
    def damaged(self) -> bool:
        """Whether its form is at fault, so that what can be read of it is not to be counted."""
        return any(
            kinds()[entry.code].group in FORM and entry.severity == "error"
            for entry in self.problems
            if entry.code not in KEPT
        )

    def report(self, code: str, line: int | None, column: str | None = None, **details: object) -> None:
        """Notes a problem at that line of the file."""
        details.setdefault("cell", self.address(line, column))
        self.problems.append(problem(code, self.file, line, column, **details))

    def address(self, line: int | None, column: str | None) -> str | None:
        """Address of a spreadsheet's cell, as people read it (B12); None in a CSV, or without line and column."""
        if self.first_column is None or line is None or column not in self.header:
            return None
        return f"{letters(self.first_column + self.header.index(column))}{line}"


@dataclass(frozen=True)
class Dialect:
    """How the descriptor says the file is written; nothing of it is guessed."""

    delimiter: str = ","
    encoding: str = "utf-8"


def letters(column: int) -> str:
    """Name of a spreadsheet's column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(ord("A") + place) + name
    return name
