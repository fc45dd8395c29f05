"""Reads the sheets of an ODS as people see them, expanding repeated rows and cells within bounds."""

import re
from collections.abc import Callable

from observatory.archives import Archive, Unreadable
from observatory.numberformats import number_text, time_kind
from observatory.workbooks import MAX_CELLS, MAX_PART, Grid, check_sheets
from observatory.xmlparts import MAX_STYLES, Attributes, Enough, Stream

CODE = re.compile(r"([^0-9]*)(0[0-9]+)([^0-9]*)")
DURATION = re.compile(r"PT([0-9]+)H([0-9]+)M([0-9]+)(?:[.,][0-9]+)?S")
MAX_SPACES = 1_000


class OdsFile:
    """An ODS in memory: the names of its sheets, and each of them read on demand."""

    def __init__(self, archive: Archive) -> None:
        manifest = "meta-inf/manifest.xml"
        if manifest in archive and b"encryption-data" in archive.read(manifest, MAX_PART):
            raise archive.refusal("un mot de passe le protège")
        self._content = archive.read("content.xml", MAX_PART)
        self._grids: dict[str, Grid] = {}
        self.names: dict[str, bool] = {}
        self.foreign = False
        # One reading of the heads also lists the sheets, since a single part holds them all.
        self._heads = self._read("", 20)

    def sheet(self, name: str, head: int = 0) -> Grid:
        """The cells of a sheet, or of its first `head` rows."""
        return self._heads[name] if head else self._read(name, 0)[name]

    def _read(self, wanted: str, head: int) -> dict[str, Grid]:
        reader = _ContentReader(wanted, head)
        reader.stream.read(self._content)
        self.names, self.foreign = reader.names, reader.foreign
        return reader.grids


class _ContentReader:
    """Turns the events of content.xml into grids: that of the sheet `wanted`, or all when it is ""."""

    def __init__(self, wanted: str, head: int) -> None:
        self._wanted, self._head = wanted, head
        self.grids: dict[str, Grid] = {}
        self.names: dict[str, bool] = {}
        self.foreign = False
        self._styles: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._parts: set[str] | None = None
        self._data_style = ""
        self._hidden_styles: set[str] = set()
        self._grid: Grid | None = None
        self._columns: list[tuple[int, str]] = []
        self._row = self._column = self._rows = 0
        self._row_style = ""
        self._cell: Attributes = {}
        self._paragraphs: list[str] = []
        self._aside = 0
        cells = {"table-cell": self._start_cell, "covered-table-cell": self._start_cell}
        texts = {"p": self._start_text, "s": self._spaces, "tab": self._tab, "line-break": self._line_break}
        parts = dict.fromkeys(("year", "month", "day", "hours", "minutes", "seconds"))
        self.stream = Stream(
            {
                "style": self._style, "table-properties": self._table_style, "date-style": self._start_date,
                "time-style": self._start_date, "table": self._start_table, "table-column": self._start_column,
                "table-row": self._start_row, "annotation": self._start_aside, "table-source": self._foreign,
                **cells, **texts, **{part: self._part(part) for part in parts},
            },
            {
                "date-style": self._end_date, "time-style": self._end_date, "table": self._end_table,
                "table-row": self._end_row, "table-cell": self._end_cell, "covered-table-cell": self._end_cell,
                "annotation": self._end_aside, "p": self._end_text,
            },
        )  # fmt: skip

    def _style(self, attributes: Attributes) -> None:
        name = attributes.get("style:name", "")
        self._data_style = name
        if len(self._styles) < MAX_STYLES and "style:data-style-name" in attributes:
            self._styles[name] = attributes["style:data-style-name"]

    def _table_style(self, attributes: Attributes) -> None:
        if attributes.get("table:display") == "false":
            self._hidden_styles.add(self._data_style)

    def _start_date(self, attributes: Attributes) -> None:
        self._data_style, self._parts = attributes.get("style:name", ""), set()

    def _part(self, part: str) -> Callable[[Attributes], None]:
        def note(_: Attributes) -> None:
            if self._parts is not None:
                self._parts.add(part)

        return note

    def _end_date(self) -> None:
        parts = self._parts or set()
        time = bool(parts & {"hours", "minutes", "seconds"})
        self._kinds[self._data_style] = time_kind("year" in parts, "month" in parts, "day" in parts, time)
        self._parts = None

    def _start_table(self, attributes: Attributes) -> None:
        name = attributes.get("table:name", "")
        if name.startswith("'file:"):  # a copy of another workbook's sheet, which no one sees
            self.foreign = True
            return
        check_sheets(len(self.names) + 1)
        self.names[name] = attributes.get("table:style-name", "") not in self._hidden_styles
        self._row, self._columns = 0, []
        if self._wanted in ("", name):
            self._grid = self.grids[name] = Grid(name)

    def _foreign(self, _: Attributes) -> None:
        self.foreign, self._grid = True, None

    def _end_table(self) -> None:
        if self._grid and self._wanted:
            raise Enough
        self._grid = None

    def _start_column(self, attributes: Attributes) -> None:
        if self._grid is None or len(self._columns) > 2000:
            return
        first = self._columns[-1][0] + 1 if self._columns else 1
        last = first + _count(attributes, "table:number-columns-repeated") - 1
        self._columns.append((last, attributes.get("table:default-cell-style-name", "")))
        if attributes.get("table:visibility", "visible") != "visible":
            self._grid.hide_columns(first, last)

    def _start_row(self, attributes: Attributes) -> None:
        self._rows, self._column = _count(attributes, "table:number-rows-repeated"), 0
        self._row_style = attributes.get("table:default-cell-style-name", "")
        if self._grid is not None and attributes.get("table:visibility", "visible") != "visible":
            self._grid.hide_rows(self._row + 1, self._row + self._rows)

    def _end_row(self) -> None:
        """A repeated row is written out when it holds something."""
        first, self._row = self._row + 1, self._row + self._rows
        if self._grid is None or self._rows == 1 or first not in self._grid.rows:
            return
        cells = self._grid.rows[first]
        if self._grid.size + (self._rows - 1) * len(cells) > MAX_CELLS:
            raise Unreadable("sheet-too-large", value=f"la ligne {first} y est répétée {self._rows} fois")
        for row in range(first + 1, first + self._rows):
            for column, text in cells.items():
                self._grid.put(row, column, text)

    def _start_cell(self, attributes: Attributes) -> None:
        self._cell = attributes
        self._paragraphs = []

    def _start_aside(self, _: Attributes) -> None:
        self._aside += 1

    def _end_aside(self) -> None:
        self._aside -= 1

    def _start_text(self, _: Attributes) -> None:
        if self._grid is not None and not self._aside:
            self.stream.capture()

    def _end_text(self) -> None:
        if self._grid is not None and not self._aside:
            self._paragraphs.append(self.stream.captured())

    def _spaces(self, attributes: Attributes) -> None:
        self._write(" " * min(_count(attributes, "text:c"), MAX_SPACES))

    def _tab(self, _: Attributes) -> None:
        self._write("\t")

    def _line_break(self, _: Attributes) -> None:
        self._write("\n")

    def _write(self, text: str) -> None:
        if self._grid is not None and not self._aside:
            self.stream.add(text)

    def _end_cell(self) -> None:
        """Places the cell as many times as it is repeated."""
        count = _count(self._cell, "table:number-columns-repeated")
        first, self._column = self._column + 1, self._column + count
        grid, row = self._grid, self._row + 1
        if grid is None or self._head and row > self._head:
            return
        text = self._text(grid, row, first)
        self._merges(grid, row, first)
        if text:
            if grid.size + count > MAX_CELLS:
                raise Unreadable("sheet-too-large", value=f"la cellule de la ligne {row} y est répétée {count} fois")
            for column in range(first, first + count):
                grid.put(row, column, text)

    def _merges(self, grid: Grid, row: int, column: int) -> None:
        rows = _count(self._cell, "table:number-rows-spanned")
        columns = _count(self._cell, "table:number-columns-spanned")
        if rows > 1 or columns > 1:
            grid.merge(row, column, row + rows - 1, column + columns - 1)

    def _text(self, grid: Grid, row: int, column: int) -> str:
        """The text of the cell; "" when it is empty, or at fault, which is noted."""
        cell, seen = self._cell, "\n".join(self._paragraphs)
        kind = cell.get("office:value-type", "")
        formula = cell.get("table:formula", "")
        if cell.get("calcext:value-type") == "error" or formula and seen.startswith(("#", "Err:")):
            grid.fault("formula-error", row, column, seen)
            return ""
        if formula and not kind and not seen:
            grid.fault("formula-without-value", row, column, formula.removeprefix("of:"))
            return ""
        if formula:
            grid.compute(row, column)
        if kind in ("float", "currency", "percentage"):
            return self._number(grid, (row, column), kind, seen)
        if kind in ("date", "time"):
            return self._moment(grid, row, column)
        if kind == "boolean":
            return cell.get("office:boolean-value", seen)
        return seen or cell.get("office:string-value", "")

    def _number(self, grid: Grid, place: tuple[int, int], kind: str, seen: str) -> str:
        try:
            value = float(self._cell.get("office:value", ""))
        except ValueError:
            return seen
        if not abs(value) < 1e308:
            return seen
        if kind == "percentage":
            text = number_text(value * 100)
            grid.note("percent", *place, text)
            return text
        # What is seen tells a code: zeros before its digits.
        if (found := CODE.fullmatch(seen)) and int(found[2]) == value:
            return seen
        return number_text(value)

    def _moment(self, grid: Grid, row: int, column: int) -> str:
        written = self._cell.get("office:date-value", "")
        if found := DURATION.fullmatch(self._cell.get("office:time-value", "")):
            return ":".join(part.rjust(2, "0") for part in found.groups())
        kind = self._kinds.get(self._data_style_of(column)) or ("datetime" if "T" in written else "date")
        if kind == "datetime":
            text = written[:19] if "T" in written else f"{written}T00:00:00"
            grid.note(kind, row, column, text)
            return text
        return written[: {"year": 4, "month": 7}.get(kind, 10)]

    def _data_style_of(self, column: int) -> str:
        """The number style of the cell: its own, or that of its row, or that of its column."""
        below = next((style for last, style in self._columns if column <= last), "")
        name = self._cell.get("table:style-name") or self._row_style or below
        return self._styles.get(name, "")


def _count(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1
