"""The rows of a template: those of a territory that are published, then those to complete."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from observatory.csvfiles import read_sheet
from observatory.model import Dataset
from observatory.periods import following, next_period
from observatory.references import IndicatorFile
from observatory.sheets import Dialect
from observatory.territories import Territories, level_of

LEVELS = ("FRA", "REG", "DEP", "EPCI", "COM")
AHEAD = 4  # periods proposed after the last one
PERIOD = "time_period"


class Asked(NamedTuple):
    """What a long dataset asks of a territory: an indicator, its last period and the one that comes next ("": none)."""

    indicator: str
    last: str
    then: str
    levels: Sequence[str]


class Published:
    """What a dataset publishes, read once: its rows, in the order of the schema's columns."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.names = [entry["name"] for entry in dataset.schema["fields"]]
        entry = next((entry for entry in dataset.schema["fields"] if "territory" in entry), None)
        self.column = entry["name"] if entry else ""
        self.level = entry["territory"] if entry else ""

    @cached_property
    def rows(self) -> list[list[str]]:
        """Its rows; none when it has no file yet."""
        if not self.dataset.csv_path.is_file():
            return []
        sheet = read_sheet(self.dataset.csv_path, self.dataset.csv_path.name, Dialect(), self.names)
        places = [sheet.header.index(name) if name in sheet.header else -1 for name in self.names]
        return [["" if place < 0 else cells[place] for place in places] for cells in sheet.rows]

    def texts(self, name: str) -> list[str]:
        """The distinct texts of a column, sorted."""
        return sorted({row[self.names.index(name)] for row in self.rows} - {""}) if name in self.names else []

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels of the territories that it takes: those of its schema or, when it takes any, those it has."""
        if self.level != "ref_area":
            return (self.level,)
        seen = {level_of(ref) for ref in self.texts(self.column)} if self.dataset.form == "long" else set()
        return tuple(level for level in LEVELS if level in seen) or LEVELS

    def periods(self, indicator: str) -> list[str]:
        """The periods at which it observes an indicator, oldest first."""
        what, when = self.names.index("indicator"), self.names.index(PERIOD)
        return sorted({row[when] for row in self.rows if row[what] == indicator})

    @cached_property
    def likely_periods(self) -> list[str]:
        """The periods that a row may be of: those published, and the next ones of each indicator."""
        if self.dataset.form != "long" or not {"indicator", PERIOD} <= set(self.names):
            return []
        ahead = {then for code in self.texts("indicator") for then in following(self.periods(code), AHEAD)}
        return sorted(ahead.union(self.texts(PERIOD)), reverse=True)


class Scope:
    """A territory and its members, in the geography of a dataset."""

    def __init__(self, published: Published, territories: Territories, ref_area: str) -> None:
        self._published, self._territories = published, territories
        self._day = f"{published.dataset.descriptor.get('cog', '2000')}-01-01"
        self.column = published.column
        self._prefix = "" if published.level in ("", "ref_area", "FRA") else f"{published.level}-"
        self._tops = self._then(ref_area)

    def _then(self, ref_area: str) -> list[str]:
        """The territory at the dataset's vintage: itself, or those that it was made of."""
        if self._territories.exists(ref_area, self._day):
            return [ref_area]
        origins = {source for _, source in self._territories.origins(ref_area)}
        return sorted(origin for origin in origins if self._territories.exists(origin, self._day))

    def members(self, levels: Iterable[str]) -> list[str]:
        """The territory and its members at these levels, as the dataset writes them."""
        found = {top for top in self._tops if level_of(top) in levels}
        for level in levels:
            found |= {low for top in self._tops for low in self._territories.children(top, level, self._day)}
        return [ref.removeprefix(self._prefix) for ref in sorted(found)]

    @cached_property
    def choices(self) -> list[str]:
        """What the territory column may hold."""
        return self.members(self._published.levels)

    def rows(self, indicators: dict[str, IndicatorFile]) -> list[list[str]]:
        """The published rows of the scope, then those to complete."""
        if not self.column:
            return self._published.rows
        place, scope = self._published.names.index(self.column), set(self.choices)
        known = [row for row in self._published.rows if row[place] in scope]
        return known + [self._row(given) for given in self._unanswered(indicators)]

    def _row(self, known: dict[str, str]) -> list[str]:
        return [known.get(name, "") for name in self._published.names]

    def _unanswered(self, indicators: dict[str, IndicatorFile]) -> list[dict[str, str]]:
        """What is known of each row to complete."""
        answered = set(self._published.texts(self.column))
        if self._published.dataset.form == "register":
            return []
        if self._published.level != "ref_area":
            return [{self.column: code} for code in self.choices if code not in answered]
        if not self._published.rows:
            return [{self.column: code} for code in self._tops if code in self.choices]
        asked_for = self._asked(indicators)
        return [
            {self.column: code, "indicator": asked.indicator, PERIOD: period}
            for code in self.choices
            for asked in asked_for
            if not asked.levels or level_of(code) in asked.levels
            for period in ("" if code in answered else asked.last, asked.then)
            if period
        ]

    def _asked(self, indicators: dict[str, IndicatorFile]) -> list[Asked]:
        """Each indicator of a long dataset, with the periods to complete and the levels that it admits."""
        return [
            Asked(code, periods[-1], next_period(periods), indicators[code].levels if code in indicators else ())
            for code in self._published.texts("indicator")
            if (periods := self._published.periods(code))
        ]
