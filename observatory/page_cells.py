"""Cells of the tables of a page as a reader reads them, in the order of the page; `page_columns` types them."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

Given = dict[str, str | None]  # attributes of an element
VOID = {"br", "hr", "img", "input", "wbr"}
BREAKS = {"br", "p", "div", "li"}
DRAWN = {"svg", "script", "style", "template"}  # what a drawing says is in the cells beside it
SMALL = {"small", "tag", "best"}  # what is said beside the content of a cell: its period, its status, its bounds
BLANKS = " \u00a0\u202f"
ARROWS = re.compile(r"\s*[↑↓▲▼]")  # how a table is sorted is no part of its headings
TERRITORY = re.compile(r"(?:/en)?/territoires/([A-Z]+(?:-[0-9A-Z]+)?)(?:[?#].*)?")


@dataclass
class Cell:
    """A cell: all its text; apart, what it holds and what is said beside in small; the territories it leads to."""

    text: str = ""
    lead: str = ""
    detail: str = ""
    span: int = 1
    heading: bool = False
    numeric: bool = False  # the page aligns it as a number
    areas: list[str] = field(default_factory=list)


@dataclass
class Row:
    """The cells of a row, and the territory that the page says it is about when no link does."""

    cells: list[Cell] = field(default_factory=list)
    area: str = ""

    def territory(self) -> str:
        """The code of the territory that it is about, "" when it is about none."""
        named = next((cell for cell in self.cells if cell.heading), next(iter(self.cells), Cell()))
        return self.area or (named.areas[0] if len(set(named.areas)) == 1 else "")


@dataclass
class Region:
    """A table: the label of its region, its headings, its rows; of a paged one, its first row and all of them."""

    label: str
    heads: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    first: int = 1
    total: int | None = None
    whole: str = ""  # the address of all the rows


@dataclass
class Open:
    """An element that is open in a cell: whether it is out of what is read, or said in small."""

    tag: str
    hidden: bool
    small: bool


def regions(html: str) -> list[Region]:
    """The tables of the page, in its order: those of the regions that scroll, which say their name."""
    reader = _Reader()
    reader.feed(html)
    return reader.found


def clean(text: str) -> str:
    """The text of a cell on one line; narrow and hard spaces stay: they tell numbers."""
    return re.sub(r"[ \t\r\n]+", " ", text).replace("\u00a0 ", "\u00a0").replace("\u202f ", "\u202f").strip(BLANKS)


def _unread(tag: str, given: Given, classes: set[str]) -> bool:
    """Whether an element is no part of what a reader reads: drawings, actions, signs that the words beside repeat."""
    marked = "hidden" in given or "data-empty" in given or given.get("aria-hidden") == "true"
    return tag in DRAWN or "noprint" in classes or marked


class _Reader(HTMLParser):
    """Gathers tables from the events of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Region] = []
        self._region: Region | None = None
        self._table: Region | None = None
        self._row: Row | None = None
        self._cell: Cell | None = None
        self._open: list[Open] = []
        self._texts: list[tuple[bool, str]] = []
        self._head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        if tag == "div" and "scroll" in classes:
            total = given.get("data-total")
            self._region = Region(
                given.get("aria-label") or "",
                first=int(given.get("data-first") or 1),
                total=int(total) if total else None,
                whole=given.get("data-whole") or "",
            )
        elif tag == "table" and self._region is not None and self._region.label:
            self._table, self._region = self._region, None
        elif self._cell is not None:
            self._within(self._cell, tag, given, classes)
        elif self._table is not None:
            self._around(tag, given, classes)

    def _around(self, tag: str, given: Given, classes: set[str]) -> None:
        """What opens in a table, out of its cells."""
        if tag == "thead":
            self._head = True
        elif tag == "tr":
            self._row = Row(area=given.get("data-area") or "")
        elif tag in ("td", "th") and self._row is not None:
            span = int(given.get("colspan") or 1)
            self._cell = Cell(span=span, heading=tag == "th", numeric="num" in classes)
            self._texts, self._open = [], []

    def _within(self, cell: Cell, tag: str, given: Given, classes: set[str]) -> None:
        """What opens in a cell: of a fold, only its title is read."""
        above = self._open[-1] if self._open else Open("", False, False)
        folded = above.tag == "details" and tag != "summary"
        hidden = above.hidden or folded or _unread(tag, given, classes)
        small = above.small or bool(classes & SMALL)
        if not hidden and (tag in BREAKS or small > above.small):
            self._texts.append((small, " "))
        found = TERRITORY.fullmatch(given.get("href") or "")
        if tag == "a" and found and not hidden:
            cell.areas.append(found[1])
        if tag not in VOID:
            self._open.append(Open(tag, hidden, small))

    def handle_endtag(self, tag: str) -> None:
        if self._cell is not None and tag in ("td", "th"):
            self._end_cell(self._cell)
        elif self._cell is not None:
            places = [place for place, one in enumerate(self._open) if one.tag == tag]
            del self._open[places[-1] if places else len(self._open) :]
        elif self._table is not None:
            self._end_part(self._table, tag)

    def _end_cell(self, cell: Cell) -> None:
        cell.text = clean("".join(text for _small, text in self._texts))
        cell.lead = clean("".join(text for small, text in self._texts if not small))
        cell.detail = clean("".join(text for small, text in self._texts if small))
        if self._row is not None:
            self._row.cells.append(cell)
        self._cell = None

    def _end_part(self, table: Region, tag: str) -> None:
        if tag == "thead":
            self._head = False
        elif tag == "tr" and self._row is not None:
            if self._head:
                table.heads = [ARROWS.sub("", text) for cell in self._row.cells for text in _spread(cell)]
            elif self._row.cells:
                table.rows.append(self._row)
            self._row = None
        elif tag == "table":
            self.found.append(table)
            self._table = None

    def handle_data(self, data: str) -> None:
        above = self._open[-1] if self._open else Open("", False, False)
        if self._cell is not None and not above.hidden and above.tag != "details":
            self._texts.append((above.small, data))


def _spread(cell: Cell) -> list[str]:
    return [cell.text, *[""] * (cell.span - 1)]
