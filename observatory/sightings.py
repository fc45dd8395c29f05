"""What datasets observe: each observation comes from one dataset, and from one row of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from observatory import periods
from observatory.columns import Encoded, Rows, duplicates, flagged, joined, where
from observatory.csvfiles import read_sheet
from observatory.judges import BY, FORMATS, period_format
from observatory.model import Dataset
from observatory.problems import shown
from observatory.reading import Table, declared
from observatory.sheets import Sheet
from observatory.yamlfiles import shown_path


@dataclass(frozen=True)
class Sighting:
    """What the rows of a dataset observe: of which territory, at which period (as written), on which line.

    `indicator` holds the codes of a long dataset, row by row; `fed`, those that every row of a wide one feeds.
    """

    dataset: str
    file: str
    ref_area: Encoded
    time_period: Encoded
    indicator: Encoded | None
    fed: tuple[str, ...]
    lines: NDArray[np.int64]

    @property
    def indicators(self) -> set[str]:
        """Codes of the indicators observed."""
        return set(self.fed) if self.indicator is None else set(self.indicator.shown())

    def rows(self, code: str) -> Rows:
        """Rows that observe the indicator of that code, which is one of `indicators`."""
        return np.arange(len(self.lines)) if self.indicator is None else where(self.indicator, {code})

    def firsts(self) -> Iterator[tuple[str, str, int]]:
        """(indicator, period as written, line) of the first row of each indicator."""
        for code in sorted(self.indicators):
            for row in self.rows(code)[:1].tolist():
                yield code, self.time_period[row], int(self.lines[row])


def feeds(fields: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """{indicator: {value | numerator | denominator: column}} as the schema's `feeds` say."""
    roles: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in fields:
        for feed in entry.get("feeds", ()):
            roles[feed["indicator"]][feed["as"]] = entry["name"]
    return dict(roles)


def _seen(dataset: Dataset, sheet: Sheet) -> Sighting | None:
    """What the rows of a long or wide dataset observe; None for a register and where no territory is named."""
    fields = dataset.schema["fields"]
    territory = next((f for f in fields if "territory" in f and _place(f["name"], sheet) is not None), None)
    if dataset.form == "register" or territory is None:
        return None
    long = dataset.form == "long"
    period = next((f["name"] for f in fields if f.get("period")), "time_period")
    ref_area = _column(territory["name"], sheet)
    time_period = _column(period, sheet, str(dataset.descriptor.get("time_period", "")))
    indicator = _column("indicator", sheet)
    kept = np.ones(len(sheet.rows), dtype=np.bool_)
    for column in (ref_area, time_period, indicator) if long else (ref_area, time_period):
        kept &= ~flagged(column, [code for code, text in enumerate(column.values) if not text])
    level = territory["territory"]
    prefix = "" if level in ("ref_area", "FRA") else f"{level}-"
    return Sighting(
        dataset=dataset.name,
        file=sheet.file,
        ref_area=Encoded([prefix + code for code in ref_area.values], ref_area.codes[kept]),
        time_period=time_period.taken(kept),
        indicator=indicator.taken(kept) if long else None,
        fed=() if long else tuple(feeds(fields)),
        lines=np.array(sheet.lines, dtype=np.int64)[kept],
    )


def _place(name: str, sheet: Sheet) -> int | None:
    written = sheet.written.get(name, name)
    return sheet.header.index(written) if written in sheet.header else None


def _column(name: str, sheet: Sheet, absent: str = "") -> Encoded:
    """The column of that name, or the same text for every row."""
    place = _place(name, sheet)
    return Encoded([absent], np.zeros(len(sheet.rows), np.int32)) if place is None else sheet.column(place)


def sightings(datasets: Iterable[Dataset], root: Path) -> Iterator[Sighting]:
    """What the datasets observe, without a judgement on them."""
    for dataset in datasets:
        if dataset.form != "register":
            file = shown_path(dataset.csv_path, root)
            names = [entry["name"] for entry in dataset.schema["fields"]]
            if seen := _seen(dataset, read_sheet(dataset.csv_path, file, declared(dataset), names)):
                yield seen


def report_overlaps(table: Table, known: list[Sighting]) -> None:
    """Each observation comes from one dataset: reports those of `known`, then adds the table to them.

    2019-Q3 and 2019-09 end in the same month: two writings of one observation.
    """
    own = _seen(table.dataset, table.sheet)
    if own is None:
        return
    if own.indicator is None:
        _report_twice(table, own)
    for other in known:
        if other.dataset != own.dataset:  # else a copy of this very dataset, checked in its stead
            _report_shared(table, own, other)
    known.append(own)


def _report_shared(table: Table, own: Sighting, other: Sighting) -> None:
    """Reports the observations that both datasets hold, once for each pair of rows."""
    doubles: dict[tuple[int, int], list[str]] = defaultdict(list)
    for code in sorted(own.indicators & other.indicators):
        for pair in _pairs(own, other, code):
            doubles[pair].append(code)
    for (mine, theirs), codes in doubles.items():
        period, written = own.time_period[mine], other.time_period[theirs]
        place = f"{other.file}:{other.lines[theirs]}"
        place += f" pour {shown(written)}, qui s'achève le même mois" if written != period else ""
        texts = {"value": shown(own.ref_area[mine]), "period": shown(period), "other": place}
        table.sheet.report(
            "observed-twice", int(own.lines[mine]), None, indicator=", ".join(map(shown, codes)), **texts
        )


def _pairs(own: Sighting, other: Sighting, code: str) -> list[tuple[int, int]]:
    """(row, row of the other) that observe the indicator for one territory at one time; first rows only."""
    mine, theirs = own.rows(code), other.rows(code)
    areas = _together(own.ref_area.taken(mine), other.ref_area.taken(theirs))
    times = _together(_ends(own.time_period.taken(mine)), _ends(other.time_period.taken(theirs)))
    key = joined([areas, times])
    _, left, right = np.intersect1d(key[: len(mine)], key[len(mine) :], return_indices=True)
    return sorted(zip(mine[left].tolist(), theirs[right].tolist(), strict=True))


def _together(first: Encoded, second: Encoded) -> Encoded:
    """One column below the other."""
    codes = np.concatenate([first.codes, second.codes + np.int32(len(first.values))])
    return Encoded([*first.values, *second.values], codes)


def _ends(column: Encoded) -> Encoded:
    """The periods by their last month; what is no period, as written."""
    return Encoded([_end(text) for text in column.values], column.codes)


def _end(period: str) -> Any:
    try:
        return periods.end_month(period)
    except ValueError:
        return period


def _report_twice(table: Table, own: Sighting) -> None:
    """Rows of a wide dataset that say the same territory at the same time, the period being written otherwise."""
    for row, first in duplicates([own.ref_area, _ends(own.time_period)]):
        written, before = own.time_period[row], own.time_period[first]
        if written != before:
            texts = {"found": FORMATS[period_format(written)], "expected": BY[period_format(before)]}
            texts |= {"indicator": ", ".join(own.fed), "other": f"{own.file}:{own.lines[first]}"}
            name = next((f["name"] for f in table.dataset.schema["fields"] if f.get("period")), "time_period")
            table.sheet.report("mixed-time-period", int(own.lines[row]), name, value=written, **texts)
