"""What only the other files can tell of a cell: is this territory, this indicator, this period what it should be?"""

import csv
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from observatory import periods
from observatory.cells import FRENCH_DATE, Fault
from observatory.french import date as french_date
from observatory.french import key
from observatory.problems import did_you_mean, nearest, shown
from observatory.territories import Territories, Territory

WIDTHS = {"COM": 5, "DEP": 2, "REG": 2, "EPCI": 9}
NAMES = {
    "COM": "une commune",
    "EPCI": "un EPCI",
    "DEP": "un département",
    "REG": "une région",
    "FRA": "un pays",
}
REF_AREA = re.compile(r"FRA|(REG|DEP|EPCI|COM)-([0-9A-Z]+)")
NONE = {
    "COM": "aucune commune",
    "EPCI": "aucun EPCI",
    "DEP": "aucun département",
    "REG": "aucune région",
    "FRA": "aucun pays",
}
ALNUM = "0123456789"
ISO_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
MONTHS = {"year": 12, "quarter": 3, "month": 1}
FORMATS = {"year": "une année", "quarter": "un trimestre", "month": "un mois"}
BY = {"year": "année", "quarter": "trimestre", "month": "mois"}


class Gazetteer:
    """The territories, with what is needed to guess which one a wrong code meant."""

    def __init__(self, territories: Territories, aliases: Path) -> None:
        self.territories = territories
        self._aliases = aliases

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        for territory in self.territories:
            names[key(territory.name)].append(territory.ref_area)
        if self._aliases.exists():
            with self._aliases.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    names[key(row["alias"])].append(row["ref_area"])
        return names

    def named(self, name: str, level: str) -> list[str]:
        """Identifiers of the territories of that level (any if empty) that bear the name or the alias."""
        return sorted({ref for ref in self._names.get(key(name), ()) if ref.startswith(level)})

    def close(self, ref_area: str) -> list[str]:
        """The territory that one wrong or swapped character separates from the code, if it is the only one."""
        level, _, code = ref_area.partition("-")
        swapped = {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)}
        changed = {code[:i] + sign + code[i + 1 :] for i in range(len(code)) for sign in ALNUM}
        found = [ref for c in swapped | changed if (ref := self.territories.resolve(c, level))]
        return found if len(found) == 1 else []

    @cached_property
    def _olds(self) -> dict[str, list[str]]:
        olds: dict[str, list[str]] = defaultdict(list)
        for old in self.territories:
            if old.valid_to:
                for heir, _ in self.territories.successors(old.ref_area, old.valid_to):
                    olds[heir].append(old.ref_area)
        return olds

    def predecessors(self, territory: Territory) -> list[str]:
        """Territories that ended the day this one began, and that it continues."""
        olds = (self.territories.get(ref) for ref in self._olds.get(territory.ref_area, ()))
        return sorted(old.ref_area for old in olds if old and old.valid_to == territory.valid_from)

    def name(self, ref_area: str) -> str:
        """Name of a known territory."""
        territory = self.territories.get(ref_area)
        return territory.name if territory else ref_area


class TerritoryJudge:
    """Judges the codes of a column: bare codes of a level, or full identifiers when `level` is ref_area."""

    def __init__(self, gazetteer: Gazetteer, level: str, vintage: str) -> None:
        self.places = gazetteer
        self.level = "" if level == "ref_area" else level
        self.vintage = vintage
        self.on = f"{vintage}-01-01" if vintage else ""

    def __call__(self, raw: str) -> Fault | None:
        if raw != raw.strip():
            return None  # the spaces are the fault, and the reader says so
        ref_area = f"{self.level}-{raw}" if self.level and self.level != "FRA" else raw
        if not self.level and not REF_AREA.fullmatch(raw):
            return self._malformed(raw)
        territory = self.places.territories.get(ref_area)
        # Without a declared vintage, a territory of any time will do.
        if territory and (not self.on or self.places.territories.exists(ref_area, self.on)):
            return None
        return self._out_of_time(raw, territory) if territory else self._unknown(raw, ref_area)

    def ref_area(self, raw: str) -> str:
        """The identifier that a valid cell stands for."""
        return f"{self.level}-{raw}" if self.level and self.level != "FRA" else raw

    def _quoted(self, ref_area: str) -> str:
        """A territory as this column writes it, with its name."""
        return f"« {self._written(ref_area)} » ({self.places.name(ref_area)})"

    def _written(self, ref_area: str) -> str:
        return ref_area.partition("-")[2] if self.level and self.level != "FRA" else ref_area

    def _malformed(self, raw: str) -> Fault:
        found = [ref for level in WIDTHS if (ref := self._padded(level, raw.upper()))]
        found = found or self.places.named(raw, "")
        if REF_AREA.fullmatch(raw.upper()) and self.places.territories.get(raw.upper()):
            found = [raw.upper()]
        return Fault("not-a-ref-area", {"value": shown(raw), "suggestion": self._guess(found)})

    def _guess(self, found: list[str]) -> str:
        guesses = " ou ".join(self._quoted(ref) for ref in found[:3])
        return f" Vouliez-vous dire {guesses} ?" if guesses else ""

    def _padded(self, level: str, code: str) -> str | None:
        return self.places.territories.resolve(code.zfill(WIDTHS[level]), level)

    def _unknown(self, raw: str, ref_area: str) -> Fault:
        level, _, code = ref_area.partition("-")
        padded = self._padded(level, code) if level in WIDTHS else None
        if padded:
            details = {"suggestion": self._written(padded), "name": self.places.name(padded)}
            return Fault("lost-zero", {"value": shown(raw), "none": NONE[level], **details})
        if self.level and (elsewhere := self._elsewhere(code)):
            found, name = NAMES[elsewhere.level], elsewhere.name
            expected = f"le code d'{NAMES[level]}"
            return Fault("wrong-level", {"value": shown(raw), "found": found, "name": name, "expected": expected})
        guesses = self._upper(level, code) or self.places.named(raw, level) or self.places.close(ref_area)
        details = {"value": shown(raw), "none": NONE.get(level, "aucun territoire"), "suggestion": self._guess(guesses)}
        return Fault("unknown-territory", details)

    def _upper(self, level: str, code: str) -> list[str]:
        found = self.places.territories.resolve(code.upper(), level)
        return [found] if found else []

    def _elsewhere(self, code: str) -> Territory | None:
        """The territory of another level that bears this very code, or whose full identifier it is."""
        for level in WIDTHS:
            found = self.places.territories.resolve(code, level) if level != self.level else None
            if found:
                return self.places.territories.get(found)
        return self.places.territories.get(code)

    def _out_of_time(self, raw: str, territory: Territory) -> Fault:
        details = {"value": shown(raw), "name": territory.name, "vintage": self.vintage}
        if self.on < territory.valid_from:
            details["date"] = french_date(territory.valid_from)
            return Fault("future-territory", {**details, "predecessor": self._predecessor(territory)})
        heirs = [ref for ref, _ in self.places.territories.successors(territory.ref_area, self.on)]
        # Without date: it merged before, and was restored later.
        gone = territory.valid_to if territory.valid_to <= self.on else ""
        details["date"] = f" : disparition le {french_date(gone)}" if gone else ""
        return Fault("vanished-territory", {**details, "successor": self._successor(heirs)})

    def _successor(self, heirs: list[str]) -> str:
        cog = "déclarez dans cog le millésime des codes du fichier"
        if not heirs:
            return f"Retirez la ligne, ou {cog}."
        if len(heirs) == 1:
            return f"Écrivez {self._quoted(heirs[0])}, qui lui succède ; ou {cog}."
        shared = " et ".join(self._quoted(heir) for heir in heirs[:4])
        return f"Son territoire est partagé entre {shared} ; ou {cog}."

    def _predecessor(self, territory: Territory) -> str:
        olds = self.places.predecessors(territory)
        if not olds:
            return f"Déclarez dans cog un millésime à partir de {territory.valid_from[:4]}."
        names = " et ".join(self._quoted(old) for old in olds[:4])
        many = f" et {len(olds) - 4} autres" if len(olds) > 4 else ""
        return f"Avant cette date : {names}{many}. Reprenez ces codes, ou déclarez dans cog le millésime du fichier."


def period_judge(raw: str) -> Fault | None:
    """What is wrong with a time_period, or None."""
    if raw != raw.strip():
        return None
    try:
        periods.year(raw)
    except ValueError:
        return Fault("wrong-time-period", {"value": shown(raw), "suggestion": _period_guess(raw)})
    return None


class PeriodJudge:
    """Judges a column of periods, each of which must touch the time that the descriptor says is covered."""

    def __init__(self, temporal: object) -> None:
        dates = temporal if isinstance(temporal, dict) else {}
        self.start, self.end = (str(dates.get(key, "")) for key in ("start", "end"))
        self.known = all(map(ISO_DATE.fullmatch, (self.start, self.end))) and self.start <= self.end

    def __call__(self, raw: str) -> Fault | None:
        if (fault := period_judge(raw)) or raw != raw.strip() or not self.known:
            return fault
        year, last = periods.end_month(raw)
        first = last - MONTHS[period_format(raw)] + 1
        if f"{year}-{first:02}" <= self.end[:7] and f"{year}-{last:02}" >= self.start[:7]:
            return None
        sense = "après la fin" if f"{year}-{first:02}" > self.end[:7] else "avant le début"
        covered = {"start": french_date(self.start), "end": french_date(self.end)}
        return Fault("outside-temporal", {"value": raw, "sense": sense, **covered})


def period_format(period: str) -> str:
    """year, quarter or month: the length of a well-written SDMX period."""
    if len(period) == 4:
        return "year"
    return "quarter" if "Q" in period else "month"


def _period_guess(raw: str) -> str:
    guess = ""
    if found := FRENCH_DATE.fullmatch(raw):
        guess = f"{found[3]}-{found[2]:0>2}"
    elif found := re.fullmatch(r"([0-9]{4})[-/. ]?[QqTt]([1-4])", raw):
        guess = f"{found[1]}-Q{found[2]}"
    elif found := re.fullmatch(r"[QqTt]([1-4])[-/. ]?([0-9]{4})", raw):
        guess = f"{found[2]}-Q{found[1]}"
    elif found := re.fullmatch(r"([0-9]{4})[-/.]?(0?[1-9]|1[0-2])(?:-[0-3][0-9])?", raw):
        guess = f"{found[1]}-{found[2]:0>2}"
    elif found := re.fullmatch(r"(0?[1-9]|1[0-2])/([0-9]{4})", raw):
        guess = f"{found[2]}-{found[1]:0>2}"
    return f" ; ici, {guess} sans doute" if guess else ""


class IndicatorJudge:
    """Judges the codes of an `indicator` column; `paths` gives the file of each indicator, `planned` those to come."""

    def __init__(self, paths: dict[str, str], planned: set[str]) -> None:
        self.paths = paths
        self.planned = planned

    def __call__(self, raw: str) -> Fault | None:
        if raw in self.planned:
            return Fault("planned-indicator", {"value": raw, "path": self.paths[raw]})
        if raw in self.paths or raw != raw.strip():
            return None
        return Fault("unknown-indicator", {"value": shown(raw), "suggestion": did_you_mean(nearest(raw, self.paths))})
