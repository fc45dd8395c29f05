"""Reads a contributed workbook (XLSX, ODS) as records of text: the sheet that is meant, as people see it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from observatory.archives import Archive, Unreadable
from observatory.french import number
from observatory.problems import shown
from observatory.sheets import Record, Sheet, letters

MAX_PART = 64_000_000  # bytes of one XML part
MAX_CELLS = 1_000_000
MAX_COLUMNS = 16_384
MAX_HIDDEN = 10_000  # rows hidden at once
MAX_ROWS = 250_000
MAX_TEXT = 200_000_000  # characters of all cells
MAX_COLUMNS = 1_000
MAX_SHEETS = 100
HEADER_WITHIN = 20  # rows
PLACES = 3  # named in a message
MIDNIGHT = "T00:00:00"


@dataclass
class Grid:
    """A sheet's cells that hold something, and what is to be said of them; rows and columns count from 1."""

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    faults: list[tuple[str, int, int, str]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    kinds: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    size: int = 0
    length: int = 0

    def put(self, row: int, column: int, text: str) -> None:
        """Keeps the text of a cell; Unreadable when the sheet is larger than what is read here."""
        if not text:
            return
        self.rows.setdefault(row, {})[column] = text
        self.size += 1
        self.length += len(text)
        if self.size > MAX_CELLS or self.length > MAX_TEXT:
            raise Unreadable("sheet-too-large", value=f"plus de {number(MAX_CELLS)} cellules remplies")
        if len(self.rows) > MAX_ROWS:
            raise Unreadable("sheet-too-large", value=f"plus de {number(MAX_ROWS)} lignes remplies")

    def fault(self, code: str, row: int, column: int, value: str) -> None:
        """Notes a cell without a usable value."""
        if len(self.faults) < MAX_CELLS:
            self.faults.append((code, row, column, value))

    def note(self, kind: str, row: int, column: int) -> None:
        """Remembers the cells whose format calls for a word, or for a second look."""
        if kind in ("percent", "datetime"):
            self.kinds.setdefault(kind, []).append((row, column))

    def hide_rows(self, first: int, last: int) -> None:
        """Remembers hidden rows; a list that repeats itself without end is left where it is."""
        if len(self.hidden_rows) <= MAX_ROWS:
            self.hidden_rows += range(first, min(last, first + MAX_HIDDEN) + 1)

    def hide_columns(self, first: int, last: int) -> None:
        """Remembers hidden columns, in the same bounds."""
        if len(self.hidden_columns) <= MAX_COLUMNS:
            self.hidden_columns += range(first, min(last, MAX_COLUMNS) + 1)

    def merge(self, row: int, column: int, last_row: int, last_column: int) -> None:
        """Remembers that cells are merged."""
        self.merges.append((row, column, last_row, last_column))


class Book(Protocol):
    """What both kinds of workbook offer."""

    @property
    def names(self) -> dict[str, bool]:
        """Whether each sheet is visible, in the workbook's order."""

    @property
    def foreign(self) -> bool:
        """Whether the workbook cites other workbooks."""

    def sheet(self, name: str, head: int = 0) -> Grid:
        """The cells of a sheet, or of its first `head` rows."""


def read_workbook(archive: Archive, sheet: Sheet, wanted: str, names: Sequence[str]) -> tuple[str, list[Record]]:
    """Name of the sheet that is meant and its records, its problems noted; `names` are the columns of the schema.

    Unreadable when nothing can be read, or when the sheet has to be chosen by a person.
    """
    book = _book(archive)
    if len(book.names) > MAX_SHEETS:
        raise Unreadable("sheet-too-large", value=f"{number(len(book.names))} feuilles")
    grid = book.sheet(_chosen(book, wanted, names))
    if book.foreign:
        sheet.report("external-link", None)
    return grid.name, _records(grid, sheet, names)


def _book(archive: Archive) -> Book:
    from observatory.ods import OdsFile
    from observatory.xlsx import XlsxFile

    return XlsxFile(archive) if "xl/workbook.xml" in archive else OdsFile(archive)


def _chosen(book: Book, wanted: str, names: Sequence[str]) -> str:
    """The sheet of that name or, when none is asked for, the one whose header is plainly that of the schema."""
    if not book.names:
        raise Unreadable("workbook-refused", value="aucune feuille de calcul ne s'y trouve")
    if wanted:
        return _named(book, wanted)
    shown_ = [name for name, visible in book.names.items() if visible] or list(book.names)
    if len(shown_) == 1:
        return shown_[0]
    scores = {name: _header(book.sheet(name, HEADER_WITHIN), names)[1] for name in shown_}
    best = max(scores, key=lambda name: scores[name])
    others = [score for name, score in scores.items() if name != best]
    if scores[best] * 2 >= min(2, len(names)) and scores[best] > max(others):
        return best
    filled = [name for name in shown_ if book.sheet(name, HEADER_WITHIN).rows]
    if len(filled) == 1:
        return filled[0]
    raise _to_choose("aucune feuille de ce classeur n'est à coup sûr celle des données", shown_)


def _named(book: Book, wanted: str) -> str:
    found = [name for name in book.names if name.strip().casefold() == wanted.strip().casefold()]
    if not found:
        raise _to_choose(f"ce classeur n'a pas de feuille « {shown(wanted)} »", list(book.names))
    return wanted if wanted in found else found[0]


def _to_choose(reason: str, names: list[str]) -> Unreadable:
    return Unreadable("sheet-to-choose", reason=reason, value=", ".join(f"« {shown(name)} »" for name in names))


def _header(grid: Grid, names: Sequence[str]) -> tuple[int, int]:
    """The row that holds most of the schema's columns among the first ones, and how many it holds."""
    known = set(names)
    first = sorted(grid.rows)[:HEADER_WITHIN]
    scores = {row: len(known & {text.strip() for text in grid.rows[row].values()}) for row in first}
    best = max(first, key=lambda row: (scores[row], -row), default=0)
    return best, scores.get(best, 0)


def _records(grid: Grid, sheet: Sheet, names: Sequence[str]) -> list[Record]:
    """Rectangular records of what the sheet holds; of a run of blank rows, only the first is kept."""
    for _, row, column, _ in grid.faults:  # a faulty cell has a place, and no text
        grid.rows.setdefault(row, {}).setdefault(column, "")
    used = {column for cells in grid.rows.values() for column in cells}
    if not used:
        return []
    left, right = min(used), max(used)
    if right - left >= MAX_COLUMNS:
        raise Unreadable("sheet-too-large", value=f"{number(right - left + 1)} colonnes")
    rows = sorted(grid.rows)
    if len(rows) * (right - left + 1) > 4 * MAX_CELLS:
        raise Unreadable("sheet-too-large", value=f"{number(len(rows) * (right - left + 1))} cellules")
    _shorten_dates(grid)
    sheet.first_column = left
    _report(grid, sheet, _header(grid, names)[0] or rows[0])
    records: list[Record] = []
    width = range(left, right + 1)
    for row in rows:
        if records and row > records[-1][0] + 1:
            records.append((records[-1][0] + 1, [""] * len(width)))
        cells = grid.rows[row]
        records.append((row, [cells.get(column, "") for column in width]))
    return records


def _shorten_dates(grid: Grid) -> None:
    """Leaves midnight out of a column that knows no other hour: many programs write dates so."""
    places = grid.kinds.get("datetime", [])
    hours = {column for row, column in places if not grid.rows[row][column].endswith(MIDNIGHT)}
    for row, column in places:
        if column not in hours:
            grid.rows[row][column] = grid.rows[row][column].removesuffix(MIDNIGHT)


def _report(grid: Grid, sheet: Sheet, header: int) -> None:
    """Says what the text of the cells does not tell, from the header on."""
    titles = grid.rows.get(header, {})
    last_row, last_column = max(grid.rows), max(titles, default=0)
    for code, row, column, value in grid.faults:
        if row >= header:
            details = {"value": shown(value), "cell": f"{letters(column)}{row}"}
            sheet.report(code, row, titles.get(column), **details)
    for row, column, end_row, end_column in grid.merges:
        if header <= end_row and row <= last_row and column <= last_column:
            first = f"{letters(column)}{row}"
            area = f"{first}:{letters(end_column)}{end_row}"
            sheet.report("merged-cells", row, titles.get(column), value=area, expected=first, cell=first)
    for column in sorted({place[1] for place in grid.kinds.get("percent", ())}):
        _report_percents(grid, sheet, column, titles.get(column))
    _report_hidden(grid, sheet, header, last_row)
    formulas = [place for place in grid.formulas if place[0] > header]
    if formulas:
        sheet.report("formula-read", None, value=_places(formulas))


def _report_percents(grid: Grid, sheet: Sheet, column: int, title: str | None) -> None:
    places = [place for place in grid.kinds["percent"] if place[1] == column]
    row = places[0][0]
    seen = grid.rows[row][column]
    count = f"{number(len(places))} cellule" + ("s" if len(places) > 1 else "")
    details = {"count": count, "value": seen, "cell": f"{letters(column)}{row}"}
    sheet.report("percent-format", row, title, **details)


def _report_hidden(grid: Grid, sheet: Sheet, header: int, last_row: int) -> None:
    rows = [row for row in grid.hidden_rows if header < row <= last_row and row in grid.rows]
    used = {column for cells in grid.rows.values() for column in cells}
    columns = sorted(used & set(grid.hidden_columns))
    found = []
    if rows:
        found.append(("les lignes " if len(rows) > 1 else "la ligne ") + _spans(rows, str))
    if columns:
        found.append(("les colonnes " if len(columns) > 1 else "la colonne ") + _spans(columns, letters))
    if found:
        sheet.report("hidden-cells", None, value=" et ".join(found))


def _spans(places: list[int], say: Callable[[int], str]) -> str:
    """3, 5 à 9 et 12: runs of places in words, the first ones only."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    words = [say(a) if a == b else f"{say(a)} à {say(b)}" for a, b in runs[:PLACES]]
    return ", ".join(words) + (f" et {number(len(runs) - PLACES)} autres groupes" if len(runs) > PLACES else "")


def _places(places: list[tuple[int, int]]) -> str:
    words = [f"{letters(column)}{row}" for row, column in places[:PLACES]]
    more = len(places) - PLACES
    return ", ".join(words) + (f" et {number(more)} autre{'s' if more > 1 else ''}" if more > 0 else "")
