"""Files as people have them: published rows put through the traps of real ones, one by one."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spreadsheets import grid, ods, ods_row, xlsx, zipped

SIGNS = {"semicolon": ";", "tab": "\t", "bar": "|"}
MARKED = "utf-8-sig"


@dataclass
class Messy:
    """A table in the making: its rows, header first, and how they are to be written."""

    rows: list[list[str]]
    delimiter: str = ","
    encoding: str = "utf-8"
    form: str = "csv"
    open_at: int = 0
    formats: dict[str, str] = field(default_factory=dict)

    def each(self, column: str, change: Callable[[str], str]) -> None:
        """Rewrites the cells of a column, below the header."""
        place = self.rows[0].index(column)
        for row in self.rows[1:]:
            row[place] = change(row[place])


def semicolon(table: Messy, _: Any) -> None:
    """As French spreadsheets save."""
    table.delimiter = ";"


def tab(table: Messy, _: Any) -> None:
    """As copied from a spreadsheet."""
    table.delimiter = "\t"


def encoding(table: Messy, name: str) -> None:
    """cp1252, utf-8-sig, or « mixed »: the first half in one, the second in the other."""
    table.encoding = name


def unclosed(table: Messy, line: int) -> None:
    """A quote that nobody closed, before the first cell of a line."""
    table.open_at = line


def preamble(table: Messy, lines: list[list[str]]) -> None:
    """A title and a note above the header."""
    table.rows[:0] = [list(line) for line in lines]


def ending(table: Messy, lines: list[list[str]]) -> None:
    """Notes, totals, blank rows below the table."""
    table.rows += [list(line) for line in lines]


def repeat_header(table: Messy, at: int) -> None:
    """Two files, end to end."""
    table.rows.insert(at, list(table.rows[0]))


def rename(table: Messy, names: dict[str, str]) -> None:
    """The columns as another producer heads them."""
    table.rows[0] = [names.get(name, name) for name in table.rows[0]]


def add(table: Messy, columns: dict[str, str]) -> None:
    """Columns that nobody asked for, the same text in every row."""
    for name, text in columns.items():
        table.rows[0].append(name)
        for row in table.rows[1:]:
            row.append(text)


def order(table: Messy, names: list[str]) -> None:
    """The columns in another order."""
    places = [table.rows[0].index(name) for name in names]
    table.rows = [[row[place] for place in places] for row in table.rows]


def write(table: Messy, cells: dict[str, dict[str, str]]) -> None:
    """Other texts for some values of a column: {column: {before: after}}."""
    for column, texts in cells.items():
        table.each(column, lambda text, texts=texts: texts.get(text, text))


def decimal_comma(table: Messy, column: str) -> None:
    """61.5 → 61,5."""
    table.each(column, lambda text: text.replace(".", ","))


def spaced(table: Messy, column: str) -> None:
    """57400 → 57 400, with the spaces that cannot be seen."""
    table.each(column, lambda text: f"{int(text):,}".replace(",", "\u00a0"))


def percent(table: Messy, column: str) -> None:
    """97 → 97 %."""
    table.each(column, lambda text: f"{text}\u00a0%")


def lost_zeros(table: Messy, column: str) -> None:
    """01004 → 1004."""
    table.each(column, lambda text: text.lstrip("0"))


def bare(table: Messy, column: str) -> None:
    """DEP-01 → 01."""
    table.each(column, lambda text: text.partition("-")[2])


def keep(table: Messy, starts: dict[str, str]) -> None:
    """Only the rows in which a column begins so."""
    for column, start in starts.items():
        place = table.rows[0].index(column)
        table.rows[1:] = [row for row in table.rows[1:] if row[place].startswith(start)]


def spreadsheet(table: Messy, form: str) -> None:
    """xlsx (with a sheet of words; twins: with another like it), ods or zip instead of a CSV."""
    table.form = form


def number_format(table: Messy, formats: dict[str, str]) -> None:
    """{column: format}: codes kept as numbers and shown under « 00000 »."""
    table.formats = formats


TRAPS: dict[str, Callable[[Messy, Any], None]] = {
    function.__name__: function
    for function in (
        *(
            semicolon,
            tab,
            encoding,
            unclosed,
            preamble,
            ending,
            repeat_header,
            rename,
            add,
            order,
            write,
            decimal_comma,
        ),
        *(spaced, percent, lost_zeros, bare, keep, spreadsheet, number_format),
    )
}


def messy(published: Path, traps: Sequence[dict[str, Any]], folder: Path) -> Path:
    """A file made of the published rows and of the traps, in that order."""
    with published.open(encoding="utf-8", newline="") as stream:
        table = Messy(list(csv.reader(stream)))
    for trap in traps:
        for name, detail in trap.items():
            TRAPS[name](table, detail)
    path = folder / f"fichier.{'xlsx' if table.form == 'twins' else table.form}"
    path.write_bytes(_bytes(table))
    return path


def _bytes(table: Messy) -> bytes:
    if table.form == "ods":
        return ods({"Feuille1": "".join(ods_row(*row) for row in table.rows)})
    if table.form == "xlsx":
        return xlsx(
            {"Lisez-moi": grid([["Fichier préparé pour l'observatoire"]]), "Données": _sheet(table)}, styles="00000"
        )
    if table.form == "twins":
        return xlsx({"2018": _sheet(table), "2019": _sheet(table)}, styles="00000")
    text = io.StringIO()
    csv.writer(text, delimiter=table.delimiter, lineterminator="\r\n").writerows(table.rows)
    if table.open_at:
        lines = text.getvalue().splitlines(keepends=True)
        lines[table.open_at - 1] = '"' + lines[table.open_at - 1]
        return "".join(lines).encode(table.encoding)
    if table.form == "zip":
        return zipped({"export.csv": text.getvalue()})
    if table.encoding != "mixed":
        return text.getvalue().encode(table.encoding)
    lines = text.getvalue().splitlines(keepends=True)
    half = len(lines) // 2
    return "".join(lines[:half]).encode() + "".join(lines[half:]).encode("cp1252")


def _sheet(table: Messy) -> str:
    styled = {place for place, name in enumerate(table.rows[0]) if table.formats.get(name) == "00000"}

    def cell(place: int, text: str) -> str:
        return f'<c s="1"><v>{int(text)}</v></c>' if place in styled and text.isdigit() else text

    return grid([table.rows[0], *([cell(n, text) for n, text in enumerate(row)] for row in table.rows[1:])])
