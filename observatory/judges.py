"""What only the other files can tell of a cell: is this indicator, this period what it should be?

Territories are judged in places.py.
"""

import re
from collections.abc import Sequence

from observatory import dates, periods
from observatory.cells import Fault, surrounded, trimmed
from observatory.french import date as french_date
from observatory.french import key
from observatory.problems import did_you_mean, nearest, shown

ISO_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
MONTHS = {"year": 12, "quarter": 3, "month": 1}
FORMATS = {"year": "une année", "quarter": "un trimestre", "month": "un mois"}
LONGER = "choisissez la période que la valeur décrit"
BY = {"year": "année", "quarter": "trimestre", "month": "mois"}


def period_judge(raw: str) -> Fault | None:
    """What is wrong with a time_period, or None."""
    if raw != (bare := trimmed(raw)):
        return around(raw, bare, period_judge(bare))
    try:
        periods.year(raw)
    except ValueError:
        return _wrong_period(raw)
    return None


def around(raw: str, bare: str, fault: Fault | None) -> Fault | None:
    """What is wrong with a text that has spaces around it, from what is wrong with it without them."""
    if fault:
        return Fault(fault.code, {**fault.details, "value": shown(raw)})
    if bare:
        return surrounded(raw, bare)
    return None  # nothing but spaces: the reader says so


class PeriodJudge:
    """Judges a column of periods, each of which must touch the time that the descriptor says is covered.

    `grain` is the length of the periods that are published (year, quarter or month), when there is one only.
    """

    def __init__(self, temporal: object, grain: str = "") -> None:
        stated = temporal if isinstance(temporal, dict) else {}
        self.grain = grain
        self.start, self.end = (str(stated.get(key, "")) for key in ("start", "end"))
        self.known = all(map(ISO_DATE.fullmatch, (self.start, self.end))) and self.start <= self.end

    def __call__(self, raw: str) -> Fault | None:
        if (fault := period_judge(raw)) or raw != trimmed(raw) or not self.known:
            strange = fault and fault.code == "wrong-time-period"
            return self._dated(trimmed(raw)) or self._of_the_grain(fault) if fault and strange else fault
        year, last = periods.end_month(raw)
        first = last - MONTHS[period_format(raw)] + 1
        if f"{year}-{first:02}" <= self.end[:7] and f"{year}-{last:02}" >= self.start[:7]:
            return None
        sense = "après la fin" if f"{year}-{first:02}" > self.end[:7] else "avant le début"
        covered = {"start": french_date(self.start), "end": french_date(self.end)}
        return Fault("outside-temporal", {"value": raw, "sense": sense, **covered})

    def holds(self, raw: str) -> bool:
        """Whether nothing is wrong with the cell, without looking for what may be."""
        return raw == trimmed(raw) and is_period(raw) and self(raw) is None

    def _of_the_grain(self, fault: Fault) -> Fault:
        """The fault, its correction kept only when it is a period as long as those that are published."""
        period = fault.details.get("correction", "")
        if not self.grain or not period or period_format(period) == self.grain:
            return fault
        return Fault(fault.code, {name: text for name, text in fault.details.items() if name != "correction"})

    def _dated(self, text: str) -> Fault | None:
        """What is wrong with a day: the period that ends then is certain, that which only holds it is a proposal."""
        day = dates.read_date(text)
        if day is None or not day.sure or not self.grain:
            return None
        found = dates.period_that_ends(day.text, self.grain)
        doubt = "" if found.sure else f", qui contient ce jour mais finit plus tard : {LONGER}"
        details = {"value": shown(text), "suggestion": f" ; ici, {found.text}{doubt}"}
        return Fault("wrong-time-period", {**details, "correction": found.text} if found.sure else details)


def is_period(text: str) -> bool:
    """Whether the text is a well-written SDMX period."""
    try:
        periods.year(text)
    except ValueError:
        return False
    return True


def period_format(period: str) -> str:
    """year, quarter or month: the length of a well-written SDMX period."""
    if len(period) == 4:
        return "year"
    return "quarter" if "Q" in period else "month"


def _wrong_period(raw: str) -> Fault:
    found = dates.read_period(raw)
    details = {"value": shown(raw), "suggestion": ""}
    if found and found.sure:
        details |= {"suggestion": f" ; ici, {found.text}", "correction": found.text}
    elif found:
        details["suggestion"] = f" ; ici, {found.text} sans doute"
    return Fault("wrong-time-period", details)


class IndicatorJudge:
    """Judges the codes of an `indicator` column; `paths` gives the file of each indicator, `planned` those to come."""

    def __init__(self, paths: dict[str, str], planned: set[str], own: Sequence[str] = ()) -> None:
        self.paths = paths
        self.planned = planned
        self.own = own  # those that the dataset observes already

    def __call__(self, raw: str) -> Fault | None:
        if raw in self.planned:
            return Fault("planned-indicator", {"value": raw, "path": self.paths[raw]})
        if raw in self.paths:
            return None
        if raw != (bare := trimmed(raw)):
            return around(raw, bare, self(bare) if bare else None)
        same = [code for code in self.paths if key(code) == key(raw) and code not in self.planned]
        if len(same) == 1:
            details = {"suggestion": f" C'est « {same[0]} ».", "correction": same[0]}
        else:
            details = {"suggestion": did_you_mean(nearest(raw, self.paths)) or self._choices()}
        return Fault("unknown-indicator", {"value": shown(raw), **details})

    def holds(self, raw: str) -> bool:
        """Whether nothing is wrong with the cell, without looking for what may be."""
        return (raw in self.paths and raw not in self.planned) or not trimmed(raw)

    def _choices(self) -> str:
        quoted = " ou ".join(f"« {code} »" for code in self.own[:5])
        return f" Ce jeu observe {quoted}." if quoted else ""
