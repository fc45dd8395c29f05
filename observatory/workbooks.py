"""Reads a contributed workbook (XLSX, ODS) as records of text: the sheet that is meant, as people see it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from observatory.archives import Archive, Unreadable
from observatory.french import number
from observatory.headers import matched
from observatory.problems import shown
from observatory.sheets import MAX_COLUMNS, Record, Sheet, letters

MAX_PART = 64_000_000  # bytes of one XML part
MAX_CELLS = 1_000_000
MAX_ROWS = 250_000
MAX_TEXT = 200_000_000  # characters of all cells
MAX_SHEETS = 100
MAX_FAULTS = 20_000  # of one sort
MAX_SHOWN = 100  # characters of a formula
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
    formulas: list[tuple[int, int]] = field(default_factory=list)  # the first ones
    computed: int = 0  # all of them
    percents: dict[int, list[int]] = field(default_factory=dict)  # column: first row, and how many
    days_only: dict[int, bool] = field(default_factory=dict)  # column of moments: whether all are at midnight
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
        self.faults.append((code, row, column, value[:MAX_SHOWN]))
        if len(self.faults) > MAX_FAULTS:
            raise Unreadable("sheet-too-large", value=f"plus de {number(MAX_FAULTS)} formules en erreur")

    def note(self, kind: str, row: int, column: int, text: str) -> None:
        """Remembers a cell whose format calls for a word (percent), or for a second look (datetime)."""
        if kind == "percent":
            self.percents.setdefault(column, [row, 0])[1] += 1
        elif kind == "datetime":
            self.days_only[column] = self.days_only.get(column, True) and text.endswith(MIDNIGHT)

    def compute(self, row: int, column: int) -> None:
        """Counts a cell that a formula computes."""
        self.computed += 1
        if len(self.formulas) < MAX_COLUMNS:
            self.formulas.append((row, column))

    def merge(self, row: int, column: int, last_row: int, last_column: int) -> None:
        """Remembers that cells are merged."""
        self.merges.append((row, column, last_row, last_column))
        if len(self.merges) > MAX_FAULTS:
            raise Unreadable("sheet-too-large", value=f"plus de {number(MAX_FAULTS)} cellules fusionnées")

    def hide_rows(self, first: int, last: int) -> None:
        """Remembers hidden rows, as far as any sheet goes that is read here."""
        self.hidden_rows += range(first, min(last, first + MAX_ROWS - len(self.hidden_rows)) + 1)

    def hide_columns(self, first: int, last: int) -> None:
        """Remembers hidden columns, as far as any sheet goes."""
        self.hidden_columns += range(first, min(last, first + 16 * MAX_COLUMNS - len(self.hidden_columns)) + 1)


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
    grid = book.sheet(_chosen(book, wanted, names))
    if book.foreign:
        sheet.report("external-link", None)
    return grid.name, _records(grid, sheet, names)


def check_sheets(count: int) -> None:
    """Unreadable when there are more sheets than a workbook for people has."""
    if count > MAX_SHEETS:
        raise Unreadable("sheet-too-large", value=f"plus de {MAX_SHEETS} feuilles")


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
    first = sorted(grid.rows)[:HEADER_WITHIN]
    scores = {row: matched(list(grid.rows[row].values()), names) for row in first}
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
    columns = [column for column, all_midnight in grid.days_only.items() if all_midnight]
    for cells in grid.rows.values() if columns else ():
        for column in columns:
            if cells.get(column, "").endswith(MIDNIGHT):
                cells[column] = cells[column].removesuffix(MIDNIGHT)


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
    for column, (row, count) in sorted(grid.percents.items()):
        if row > header or count > 1:
            _report_percents(grid, sheet, (row, column), count, titles.get(column))
    _report_hidden(grid, sheet, header, last_row)
    formulas = [place for place in grid.formulas if place[0] > header]
    if formulas:
        sheet.report("formula-read", None, value=_places(formulas, grid.computed))


def _report_percents(grid: Grid, sheet: Sheet, place: tuple[int, int], count: int, title: str | None) -> None:
    row, column = place
    cells = f"{number(count)} cellule" + ("s" if count > 1 else "")
    details = {"count": cells, "value": grid.rows[row].get(column, ""), "cell": f"{letters(column)}{row}"}
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


def _places(places: list[tuple[int, int]], count: int) -> str:
    words = [f"{letters(column)}{row}" for row, column in places[:PLACES]]
    more = count - PLACES
    return ", ".join(words) + (f" et {number(more)} autre{'s' if more > 1 else ''}" if more > 0 else "")
