"""The figures of a table, by what they measure: who, when, how much. What plausibility, sums and coverage look at."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from observatory import periods
from observatory.columns import Encoded, encode, numbers
from observatory.judges import period_judge
from observatory.reading import Table
from observatory.territories import level_of

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Series:
    """What one column measures: one entry a figure, in order of row; codes of `areas` and `times` lead to names."""

    what: str
    column: str
    rows: Rows
    areas: Encoded
    times: Encoded
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)

    def taken(self, kept: NDArray[np.bool_] | Rows) -> "Series":
        """The figures that a mask or a list of places keeps."""
        areas, times = self.areas.taken(kept), self.times.taken(kept)
        return Series(self.what, self.column, self.rows[kept], areas, times, self.values[kept])

    @cached_property
    def positive(self) -> "Series":
        """The figures above zero, whose logarithm means something."""
        return self.taken(self.values > 0)

    def grouped(self, groups: Sequence[str]) -> Iterator[tuple[str, "Series"]]:
        """The figures by group of their territory; `groups` gives the group of each code of `areas`."""
        names = np.array(groups, dtype=object)
        own = names[self.areas.codes] if len(self) else names[:0]
        for group in sorted(set(own.tolist())):
            yield group, self.taken(own == group)

    @property
    def by_level(self) -> Iterator[tuple[str, "Series"]]:
        """The figures by level of territory."""
        return self.grouped([level_of(str(area)) for area in self.areas.values])

    @property
    def by_time(self) -> Iterator[tuple[str, "Series"]]:
        """The figures by period, oldest first."""
        used = {int(code) for code in np.unique(self.times.codes)}
        for code in sorted(used, key=lambda code: periods.end_month(self.times.values[code])):
            yield str(self.times.values[code]), self.taken(self.times.codes == code)

    @cached_property
    def steps(self) -> tuple[Rows, Rows]:
        """Places of each figure and of the one before it in the same territory: (before, after)."""
        ends = np.array([_month(time) for time in self.times.values], dtype=np.int64)
        order = np.lexsort((ends[self.times.codes], self.areas.codes)) if len(self) else np.zeros(0, np.intp)
        areas = self.areas.codes[order]
        same = np.flatnonzero(areas[1:] == areas[:-1])
        return order[same], order[same + 1]


def _month(period: str) -> int:
    year, month = periods.end_month(period)
    return 12 * year + month


def series_of(table: Table, territory: Encoded, names: Sequence[str], period: str | None) -> list[Series]:
    """The figures of a long or wide table: `territory` as identifiers, `names` the columns that measure something."""
    times = _times(table, period)
    if times is None or table.dataset.form == "register":
        return []
    found: list[Series] = []
    for name in names:
        values = numbers(_encoded(table.cells[name]))
        whole = Series(name, name, np.arange(table.height), territory, times, values)
        given = ~np.isnan(values) & (territory.codes >= 0) & (times.codes >= 0)
        if name != "obs_value":
            found.append(whole.taken(given))
            continue
        indicators = _encoded(table.cells["indicator"])
        for code, what in enumerate(indicators.values):
            own = given & (indicators.codes == code)
            if own.any():
                found.append(replace(whole.taken(own), what=str(what)))
    return found


def _encoded(column: Sequence[object]) -> Encoded:
    return column if isinstance(column, Encoded) else encode(column)


def _times(table: Table, period: str | None) -> Encoded | None:
    """The period of each row; None when the descriptor's is not one."""
    if period:
        return _encoded(table.cells[period])
    fixed = str(table.dataset.descriptor.get("time_period", ""))
    return None if period_judge(fixed) else Encoded([fixed], np.zeros(table.height, np.int32))


def territories_of(column: Sequence[object], identifier: Callable[[str], str]) -> Encoded:
    """A column of codes as one of identifiers."""
    codes = _encoded(column)
    return Encoded([identifier(str(code)) for code in codes.values], codes.codes)
