"""Columns of the tables of the portal's pages: numbers as numbers, their units, and what is said beside them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from observatory import languages
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.page_cells import Cell, Region, Row, regions

NONE = {"", "—", "–"}
SPACE = "[\u202f\u00a0 ]"
UNIT = r"([%€]|[^\W\d_]\D{0,19}|(?:pour|per) 100[,\u202f\u00a0 ]000 \D{1,15})"
# Beyond three digits, numbers of the portal are grouped: what is not is a year or a code.
FRENCH = re.compile(rf"([+−-]?){SPACE}?((?:[1-9]\d{{0,2}}(?:[\u202f\u00a0]\d{{3}})*|0)(?:,\d+)?)(?:{SPACE}{UNIT})?")
ENGLISH = re.compile(rf"([+−-]?){SPACE}?((?:[1-9]\d{{0,2}}(?:,\d{{3}})*|0)(?:\.\d+)?)(?:{SPACE}?{UNIT})?")
RAW = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")  # as a dataset holds it
ORDINAL = re.compile(r"([1-9]\d{0,2}(?:[,\u202f\u00a0]\d{3})*)(?:ᵉʳ|ʳᵉ|ᵉ|st|nd|rd|th)")
SAME = "="  # a rank that did not move
CODES = re.compile(r"\b(?:code|siren|siret|insee|édition|edition|version)\b", re.I)
YEARS = range(1900, 2101)
# Units that may stand in one column, each row saying its own.
MIXED = re.compile(rf"|%|points?|(?:pour|per) 100\D000 .*|{re.escape(SAME)}")


@dataclass(frozen=True)
class Number:
    """A number of a cell, in the unit that the cell writes; `rank` of an ordinal, `year` of what may be one."""

    value: int | float
    unit: str = ""
    rank: bool = False
    year: bool = False


@dataclass
class Column:
    """A column of a file: its heading and its values, their unit or that of each, and what is said beside them."""

    head: str
    values: list[Any]
    unit: str = ""
    units: list[str | None] = field(default_factory=list)
    remarks: list[str | None] = field(default_factory=list)


class Table(Region):
    """A table of a page, as columns."""

    def columns(self) -> tuple[list[str], list[list[Any]]]:
        """Names and columns: the code of the territory of each row first when its heading leads to one.

        The unit that all the numbers of a column share goes to its name. Columns of drawings are left out.
        """
        lines, remarks = _lines(self.rows, len(self.heads))
        heads = [*self.heads, *[""] * max([len(line) - len(self.heads) for line in lines], default=0)]
        found = [
            _column(head, [line[place] for line in lines])
            for place, head in enumerate(heads)
            if not lines or any(line[place].text for line in lines)
        ]
        areas = [row.territory() or None for row in self.rows]
        shown = [Column("ref_area", areas)] if any(areas) else []
        shown += _with_units(found)
        shown += [Column(_("Remarque"), remarks)] if any(remarks) else []
        return _distinct([column.head for column in shown]), [column.values for column in shown]

    def extent(self) -> dict[str, int]:
        """Rows of a table that goes on other pages: `first` and `last` of those on screen, and `total`; else empty."""
        last = self.first + len(self.rows) - 1
        return {} if self.total in (None, len(self.rows)) else {"first": self.first, "last": last, "total": self.total}

    def said(self) -> list[tuple[str, str]]:
        """The same for a reader, with the address of the whole table."""
        if not self.extent():
            return []
        number = spoken().number
        shown = {name: number(value) for name, value in self.extent().items()}
        lines = (_("Lignes à l’écran"), _("lignes {first} à {last} sur {total}").format(**shown))
        return [lines, *([(_("Toutes les lignes"), self.whole)] if self.whole else [])]

    def about(self) -> Mapping[str, Any]:
        """The same for a machine."""
        extent = self.extent()
        return {"extent": extent, **({"whole": self.whole} if self.whole else {})} if extent else {}


def tables(html: str) -> list[Table]:
    """The tables of the page, in its order."""
    return [Table(**vars(region)) for region in regions(html)]


def _lines(rows: Sequence[Row], width: int) -> tuple[list[list[Cell]], list[str | None]]:
    """The cells of each row, one a column, and its sentence that runs over several columns."""
    lines, remarks = [], []
    for row in rows:
        wide = [cell for cell in row.cells if cell.span > 1 and not cell.heading]
        line = [
            one for cell in row.cells for one in ([Cell()] if cell in wide else [cell]) + [Cell()] * (cell.span - 1)
        ]
        lines.append(line)
        remarks.append(" ".join(cell.text for cell in wide) or None)
    width = max([width, *map(len, lines)])
    return [[*line, *[Cell()] * (width - len(line))] for line in lines], remarks


def _column(head: str, cells: Sequence[Cell]) -> Column:
    """The numbers of the cells, and apart what is said beside them; their texts when they are no numbers."""
    numbers = [_number(cell) for cell in cells]
    found = [number for number in numbers if number]
    if CODES.search(head) or not found or not _typed(cells, numbers):
        return _texts(head, cells)
    units = {number.unit for number in found} - {SAME}
    beside = [
        cell.detail if number else "" if cell.text in NONE else cell.text
        for cell, number in zip(cells, numbers, strict=True)
    ]
    return Column(
        head,
        [number.value if number else None for number in numbers],
        next(iter(units), "") if len(units) == 1 else "",
        [number.unit if number else None for number in numbers] if len(units) > 1 else [],
        [text or None for text in beside] if any(beside) else [],
    )


def _texts(head: str, cells: Sequence[Cell]) -> Column:
    """The texts of the cells; what is said beside the headings of rows goes apart, so that these join other files."""
    apart = all(cell.heading and cell.lead and cell.span == 1 for cell in cells)
    texts = [cell.lead if apart else cell.text for cell in cells]
    beside = [cell.detail or None for cell in cells] if apart else []
    return Column(head, [None if text in NONE else text for text in texts], remarks=beside if any(beside) else [])


def _typed(cells: Sequence[Cell], numbers: Sequence[Number | None]) -> bool:
    """Whether a column is one of numbers: all that it holds are, or most where the page aligns them so; not years."""
    found = [number for number in numbers if number]
    other = [cell for cell, number in zip(cells, numbers, strict=True) if not number and cell.lead not in NONE]
    if other and not (all(cell.numeric for cell in other) and len(found) >= len(other)):
        return False
    if len({number.rank for number in found}) > 1 or all(number.year for number in found):
        return False
    units = {number.unit for number in found} - {SAME}
    return len(units) < 2 or all(MIXED.fullmatch(unit) for unit in units)


def _number(cell: Cell) -> Number | None:
    """What the cell holds as a number, as the language of the page or as a dataset writes it."""
    if cell.lead == SAME:
        return Number(0, SAME)
    if rank := ORDINAL.fullmatch(cell.lead):
        return Number(int(re.sub(r"\D", "", rank[1])), "", True)
    french = languages.current() == languages.SOURCE
    match = (FRENCH if french else ENGLISH).fullmatch(cell.lead)
    if match is None:
        return _raw(cell)
    text = re.sub(r"[\u202f\u00a0]", "", match[2])
    text = text.replace(",", ".") if french else text.replace(",", "")
    value = float(text) if "." in text else int(text)
    unit = (match[3] or "").strip()
    return Number(-value if match[1] in ("-", "−") else value, "points" if unit == "point" else unit)


def _raw(cell: Cell) -> Number | None:
    """A number as a dataset holds it, in a cell that the page aligns as one."""
    match = RAW.fullmatch(cell.lead) if cell.numeric else None
    value = float(match[0]) if match and "." in match[0] else int(match[0]) if match else None
    return None if value is None else Number(value, year=value in YEARS)


def _with_units(columns: Sequence[Column]) -> list[Column]:
    """The columns with those of their units, which are one when each row has one unit, and of their remarks."""
    mixed = [column.units for column in columns if column.units]
    shared = [{unit for unit in units if unit is not None} for units in zip(*mixed, strict=True)]
    one = bool(mixed) and all(len(units) < 2 for units in shared)
    shown = []
    for column in columns:
        if column.units and one and column.units is mixed[0]:
            shown.append(Column(_("Unité"), [next(iter(units), "") or None for units in shared]))
        shown.append(Column(f"{column.head} ({column.unit})" if column.unit else column.head, column.values))
        if column.units and not one:
            shown.append(Column(_("{head}, unité").format(head=column.head), [unit or None for unit in column.units]))
        if column.remarks:
            shown.append(Column(_("{head}, précisions").format(head=column.head), column.remarks))
    return shown


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, each once: those of columns without a heading say their place."""
    told: list[str] = []
    for place, name in enumerate(names, start=1):
        text = name or f"{_('Colonne')} {place}"
        again = sum(one == text or one.startswith(f"{text} (n° ") for one in told)
        told.append(f"{text} (n° {again + 1})" if again else text)
    return told
