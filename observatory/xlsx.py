"""Reads the sheets of an XLSX as people see them: formats applied, cached results of formulas, sparse rows.

openpyxl gives either a formula or its result, builds every object of the file and expands what a hostile one claims;
the format needs only these events.
"""

import re
from functools import lru_cache

from observatory.archives import Archive, Unreadable
from observatory.numberformats import BUILTIN, PLAIN, Format, read_format, shown_number
from observatory.workbooks import MAX_PART, Grid, check_sheets
from observatory.xmlparts import MAX_STYLES, Attributes, Enough, Stream

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
MERGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
MAX_COLUMN = 16_384


class XlsxFile:
    """An XLSX in memory: the names of its sheets, and each of them read on demand."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.since_1904 = False
        self._sheets: dict[str, tuple[str, bool]] = {}
        self._targets: dict[str, str] = {}
        self._strings: list[str] | None = None
        self._formats: list[Format] = []
        self._read_book()
        if "xl/styles.xml" in archive:
            self._formats = _read_formats(archive.read("xl/styles.xml", MAX_PART))

    @property
    def names(self) -> dict[str, bool]:
        """Whether each sheet is visible, in the workbook's order."""
        return {name: visible for name, (_, visible) in self._sheets.items()}

    @property
    def foreign(self) -> bool:
        """Whether the workbook cites other workbooks."""
        return any(name.startswith("xl/externallinks/") for name in self._archive.members)

    def sheet(self, name: str, head: int = 0) -> Grid:
        """The cells of a sheet, or of its first `head` rows."""
        if self._strings is None:
            self._strings = self._read_strings()
        part = self._targets.get(self._sheets[name][0], "").lstrip("/")
        part = part if part.lower().startswith("xl/") else f"xl/{part}"
        if part not in self._archive:
            raise Unreadable("workbook-refused", value=f"la feuille « {name} » y manque")
        return _SheetReader(self, name, head).read(self._archive.read(part, MAX_PART))

    def string(self, place: str) -> str:
        """The shared text of that place."""
        strings = self._strings or []
        return strings[int(place)] if place.isascii() and place.isdigit() and int(place) < len(strings) else ""

    def format(self, style: str) -> Format:
        """The number format of a cell's style."""
        place = int(style) if style.isascii() and style.isdigit() else 0
        return self._formats[place] if place < len(self._formats) else PLAIN

    def _read_book(self) -> None:
        def sheet(attributes: Attributes) -> None:
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            check_sheets(len(self._sheets) + 1)
            self._sheets[attributes.get("name", "")] = key, attributes.get("state", "visible") == "visible"

        def properties(attributes: Attributes) -> None:
            self.since_1904 = attributes.get("date1904") in ("1", "true")

        def relation(attributes: Attributes) -> None:
            check_sheets(len(self._targets) + 1)
            if attributes.get("TargetMode") != "External" and attributes.get("Type", "").endswith("/worksheet"):
                self._targets[attributes.get("Id", "")] = attributes.get("Target", "")

        Stream({"sheet": sheet, "workbookPr": properties}, {}).read(self._archive.read("xl/workbook.xml", MAX_PART))
        relations = "xl/_rels/workbook.xml.rels"
        if relations in self._archive:
            Stream({"Relationship": relation}, {}).read(self._archive.read(relations, MAX_PART))
        # A chart sheet has no cells.
        self._sheets = {name: entry for name, entry in self._sheets.items() if entry[0] in self._targets}

    def _read_strings(self) -> list[str]:
        if "xl/sharedstrings.xml" not in self._archive:
            return []
        strings: list[str] = []
        pieces: list[str] = []
        texts = _Texts(pieces)

        def end() -> None:
            strings.append(_unescaped("".join(pieces)))
            pieces.clear()

        stream = Stream(
            {"t": lambda _: texts.open(stream), "rPh": lambda _: texts.mute()},
            {"t": lambda: texts.close(stream), "rPh": lambda: texts.unmute(), "si": end},
        )
        stream.read(self._archive.read("xl/sharedstrings.xml", MAX_PART))
        return strings


class _Texts:
    """Gathers the runs of a rich text, without the pronunciation that Japanese files note beside."""

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._muted = False

    def open(self, stream: Stream) -> None:
        if not self._muted:
            stream.capture()

    def close(self, stream: Stream) -> None:
        if not self._muted:
            self._pieces.append(stream.captured())

    def mute(self) -> None:
        self._muted = True

    def unmute(self) -> None:
        self._muted = False


class _SheetReader:
    """Turns the events of a sheet's XML into a grid."""

    def __init__(self, book: XlsxFile, name: str, head: int) -> None:
        self._book, self._head = book, head
        self._grid = Grid(name)
        self._row = self._column = 0
        self._cell: Attributes = {}
        self._value: str | None = None
        self._formula: str | None = None
        self._inline: list[str] = []
        self._texts = _Texts(self._inline)
        self._stream = Stream(
            {
                "row": self._start_row, "c": self._start_cell, "v": self._capture, "f": self._capture,
                "t": lambda _: self._texts.open(self._stream), "rPh": lambda _: self._texts.mute(),
                "col": self._columns, "mergeCell": self._merge,
            },
            {
                "v": self._end_value, "f": self._end_formula, "c": self._end_cell,
                "t": lambda: self._texts.close(self._stream), "rPh": lambda: self._texts.unmute(),
            },
        )  # fmt: skip

    def read(self, data: bytes) -> Grid:
        self._stream.read(data)
        return self._grid

    def _start_row(self, attributes: Attributes) -> None:
        self._row, self._column = _number(attributes.get("r", ""), self._row + 1), 0
        if self._head and self._row > self._head:
            raise Enough
        if attributes.get("hidden") in ("1", "true"):
            self._grid.hide_rows(self._row, self._row)

    def _columns(self, attributes: Attributes) -> None:
        if attributes.get("hidden") in ("1", "true"):
            first, last = _number(attributes.get("min", ""), 1), _number(attributes.get("max", ""), 1)
            self._grid.hide_columns(first, last)

    def _merge(self, attributes: Attributes) -> None:
        if found := MERGE.fullmatch(attributes.get("ref", "")):
            self._grid.merge(int(found[2]), _column(found[1]), int(found[4]), _column(found[3]))

    def _capture(self, _: Attributes) -> None:
        self._stream.capture()

    def _start_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r", "").rstrip("0123456789")
        self._column = _column(reference) if reference else self._column + 1
        self._cell, self._value, self._formula = attributes, None, None

    def _end_value(self) -> None:
        self._value = self._stream.captured()

    def _end_formula(self) -> None:
        self._formula = self._stream.captured()

    def _end_cell(self) -> None:
        kind = self._cell.get("t", "n")
        if self._formula is not None and not self._value and kind != "str":
            return self._grid.fault("formula-without-value", self._row, self._column, f"={self._formula}")
        if kind == "e":
            return self._grid.fault("formula-error", self._row, self._column, self._value or "#N/A")
        if self._formula is not None:
            self._grid.compute(self._row, self._column)
        if kind == "inlineStr":
            text = _unescaped("".join(self._inline))
            self._inline.clear()
        elif self._value is None:
            return None
        else:
            text = self._text(kind, self._value)
        return self._grid.put(self._row, self._column, text)

    def _text(self, kind: str, value: str) -> str:
        if kind == "s":
            return self._book.string(value)
        if kind == "b":
            return "true" if value == "1" else "false"
        if kind == "d":
            return value.removesuffix("Z").partition("T00:00:00")[0]
        if kind == "str":
            return _unescaped(value)
        try:
            number = float(value)
        except ValueError:
            return value
        if not abs(number) < 1e308:  # NaN and infinities, which no spreadsheet writes
            return value
        form = self._book.format(self._cell.get("s", "0"))
        text = shown_number(number, form, self._book.since_1904)
        self._grid.note(form.kind, self._row, self._column, text)
        return text


def _read_formats(data: bytes) -> list[Format]:
    """The number format of each cell style, by its place."""
    codes = dict(BUILTIN)
    used: list[int] = []
    inside: list[bool] = []

    def style(attributes: Attributes) -> None:
        if inside and len(used) < MAX_STYLES:
            used.append(_number(attributes.get("numFmtId", ""), 0))

    def custom(attributes: Attributes) -> None:
        if len(codes) < MAX_STYLES:
            codes[_number(attributes.get("numFmtId", ""), 0)] = attributes.get("formatCode", "")[:200]

    Stream(
        {
            "numFmt": custom,
            "cellXfs": lambda _: inside.append(True),
            "xf": style,
        },
        {"cellXfs": inside.clear},
    ).read(data)
    return [read_format(codes.get(number, "")) for number in used]


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else default


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    """Number of a column: 1 for A; that of the last one for what no spreadsheet has."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return min(max(number, 1), MAX_COLUMN)


def _unescaped(text: str) -> str:
    """The text without the _x000D_ by which XLSX writes what XML may not hold."""
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).encode(errors="replace").decode()
    return text.replace("\r\n", "\n")
