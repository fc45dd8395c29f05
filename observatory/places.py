"""Is this the code of a territory, of the right level, at the right time? If not, which one was meant?"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from observatory import figures
from observatory.cells import NOTHING, Fault, trimmed
from observatory.french import date as french_date
from observatory.french import key
from observatory.judges import around
from observatory.problems import shown
from observatory.territories import Territories, Territory, level_of

WIDTHS = {"COM": 5, "DEP": 2, "REG": 2, "EPCI": 9}
NAMES = {
    "COM": "une commune",
    "EPCI": "un EPCI",
    "DEP": "un département",
    "REG": "une région",
    "FRA": "un pays",
}
REF_AREA = re.compile(r"FRA|(REG|DEP|EPCI|COM)-([0-9A-Z]+)")
# « COM 68224 », « dep_68 » and, as Insee writes them, « D01 » and « R84 ».
LOOSE = re.compile(r"(REG|DEP|EPCI|COM|R|D)[\s_.:-]*([0-9][0-9A-Z]*)")
MARKERS = NOTHING - {"nc"}  # which may be New Caledonia
FLOATED = re.compile(r"([0-9]+)\.0+")
LETTERED = re.compile(r"[A-Z]{2,5}[ _-]([0-9][0-9AB][0-9]?)")
LETTERS = {"R": "REG", "D": "DEP"}
COUNTRY = {"fr", "fra", "france", "france entiere", "la france"}
NONE = {
    "COM": "aucune commune",
    "EPCI": "aucun EPCI",
    "DEP": "aucun département",
    "REG": "aucune région",
    "FRA": "aucun pays",
}
TOGETHER = {
    "COM": "les communes réunies",
    "EPCI": "les EPCI réunis",
    "DEP": "les départements réunis",
    "REG": "les régions réunies",
}
ALNUM = "0123456789"
LONGEST = 12  # characters; past it, what is wrong in a code is no slip of the finger
SIREN = re.compile(r"[0-9]{9}")
# How the names of EPCI begin in the official list, and in full.
KINDS = {"cc": "communaute de communes", "ca": "communaute d agglomeration", "cu": "communaute urbaine"}


class Gazetteer:
    """The territories, with what is needed to guess which one a wrong code meant."""

    def __init__(self, territories: Territories, aliases: Path) -> None:
        self.territories = territories
        self._aliases = aliases

    @cached_property
    def _official(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        for territory in self.territories:
            for name in spellings(territory):
                names[name].append(territory.ref_area)
        return names

    @cached_property
    def _others(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        if self._aliases.exists():
            with self._aliases.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    names[key(row["alias"])].append(row["ref_area"])
        return names

    def official(self, name: str, level: str) -> list[str]:
        """Identifiers of the territories of that level (any if empty) whose own name it is."""
        return sorted({ref for ref in self._official.get(key(name), ()) if ref.startswith(level)})

    def named(self, name: str, level: str) -> list[str]:
        """Identifiers of the territories of that level (any if empty) that bear the name or the alias."""
        others = {ref for ref in self._others.get(key(name), ()) if ref.startswith(level)}
        return sorted(others.union(self.official(name, level)))

    @cached_property
    def _sirens(self) -> dict[str, list[str]]:
        sirens: dict[str, list[str]] = defaultdict(list)
        for territory in self.territories:
            if territory.siren:
                sirens[territory.siren].append(territory.ref_area)
        return sirens

    def of_siren(self, siren: str) -> list[str]:
        """Identifiers of the territories of that SIREN."""
        return self._sirens.get(siren, [])

    def close(self, ref_area: str) -> list[str]:
        """The territory that one wrong or swapped character separates from the code, if it is the only one."""
        level, _, code = ref_area.partition("-")
        if len(code) > LONGEST:
            return []
        swapped = {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)}
        changed = {code[:i] + sign + code[i + 1 :] for i in range(len(code)) for sign in ALNUM}
        found = [ref for c in swapped | changed if (ref := self.territories.resolve(c, level))]
        return found if len(found) == 1 else []

    def padded(self, level: str, code: str) -> str | None:
        """Identifier of the code once the zeros that it may have lost are back."""
        return self.territories.resolve(code.zfill(WIDTHS[level]), level)

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

    def continues_alone(self, heir: str, old: str, on: str) -> bool:
        """Whether the heir is the old territory under another name or code, and holds nothing else on that day."""
        ref_area, before = heir, f"{on}~"  # the day itself included
        while ref_area != old:
            dated = [(date, source) for date, source in self.territories.origins(ref_area) if date < before]
            last = max((date for date, _ in dated), default="")
            sources = {source for date, source in dated if date == last}
            known = self.territories.get(ref_area)
            if len(sources) != 1 or (ref_area not in sources and known and known.valid_from < last):
                return False  # made of several, or there already when the old one joined it
            (ref_area,), before = sources, last
        return True

    def name(self, ref_area: str) -> str:
        """Name of a known territory."""
        territory = self.territories.get(ref_area)
        return territory.name if territory else ref_area


def spellings(territory: Territory) -> set[str]:
    """The name of a territory, ready to be compared, with and without what kind of EPCI it is."""
    name = key(territory.name)
    kind, _, rest = name.partition(" ")
    if territory.level != "EPCI" or kind not in KINDS:
        return {name}
    bare = re.sub(r"^(?:du|des|de la|de l|de|d) ", "", rest)
    return {name, f"{KINDS[kind]} {rest}", rest, bare}


class TerritoryJudge:
    """Judges the codes of a column: bare codes of a level, or full identifiers when `level` is ref_area."""

    def __init__(self, gazetteer: Gazetteer, level: str, vintage: str) -> None:
        self.places = gazetteer
        self.level = "" if level == "ref_area" else level
        self.vintage = vintage
        self.on = f"{vintage}-01-01" if vintage else ""
        self.hint = ""
        self.optional = False  # whether the column may be left empty
        self.locates = False  # whether it says where a thing stands, rather than what figures are those of

    def told(self, level: str) -> None:
        """Takes note of the level that the name of the column tells, for bare codes that several levels share."""
        self.hint = "" if self.level else level

    def __call__(self, raw: str) -> Fault | None:
        if raw != (bare := trimmed(raw)):
            return around(raw, bare, self(bare) if bare else None)
        if raw.lower() in MARKERS:
            return self._marker(raw)
        if floated := FLOATED.fullmatch(raw):
            return self._floated(raw, floated[1])
        ref_area = self.ref_area(raw)
        if not self.level and not REF_AREA.fullmatch(raw):
            return self._malformed(raw)
        territory = self.places.territories.get(ref_area)
        if territory and self._exists(ref_area):
            return None
        return self._out_of_time(raw, territory) if territory else self._unknown(raw, ref_area)

    def holds(self, raw: str) -> bool:
        """Whether nothing is wrong with the cell, without looking for which territory it may mean."""
        ref_area = self.ref_area(raw)
        return self.places.territories.get(ref_area) is not None and self._exists(ref_area) or not trimmed(raw)

    def ref_area(self, raw: str) -> str:
        """The identifier that a valid cell stands for."""
        return f"{self.level}-{raw}" if self.level and self.level != "FRA" else raw

    def _exists(self, ref_area: str) -> bool:
        """Whether the territory exists at the vintage; without a declared vintage, a territory of any time will do."""
        places = self.places.territories
        return places.exists(ref_area, self.on) if self.on else places.get(ref_area) is not None

    def _quoted(self, ref_area: str) -> str:
        """A territory as this column writes it, with its name."""
        return f"« {self._written(ref_area)} » ({self.places.name(ref_area)})"

    def _written(self, ref_area: str) -> str:
        return ref_area.partition("-")[2] if self.level and self.level != "FRA" else ref_area

    def _one(self, found: Iterable[str]) -> str:
        """The only territory of the vintage among those found, or an empty text."""
        living = {ref for ref in found if self._exists(ref)}
        return living.pop() if len(living) == 1 else ""

    def _advice(self, sure: str, guesses: list[str]) -> dict[str, str]:
        """Words of the message, and the correction when there is no doubt."""
        if sure:
            return {"suggestion": f" C'est {self._quoted(sure)}.", "correction": self._written(sure)}
        words = " ou ".join(self._quoted(ref) for ref in guesses[:3])
        return {"suggestion": f" Vouliez-vous dire {words} ?" if words else ""}

    def _malformed(self, raw: str) -> Fault:
        if code := figures.digits(raw):
            return self._scientific(raw, code)
        loose = LOOSE.fullmatch(raw.upper())
        if loose:
            level = LETTERS.get(loose[1], loose[1])
            found = [ref for ref in [self.places.padded(level, loose[2])] if ref]
        elif key(raw) in COUNTRY:
            found = [ref for ref in ["FRA"] if self.places.territories.get(ref)]
        elif tail := LETTERED.fullmatch(raw.upper()) if self.hint else None:
            # « ARA-84 »: a code behind letters that are not ours.
            return Fault("not-a-ref-area", {"value": shown(raw), **self._advice("", self._bare(tail[1]))})
        else:
            found = self._bare(raw.upper())
        sure = self._one(found) or self._named(raw, found)
        advice = self._advice(sure, found or self._guesses(raw))
        if self.optional and not advice["suggestion"]:
            advice["suggestion"] = " S'il n'y en a pas de cette sorte, laissez la cellule vide."
        return Fault("not-a-ref-area", {"value": shown(raw), **advice})

    def _bare(self, code: str) -> list[str]:
        """Territories of every level that a bare code may be, zeros lost or not; and by its SIREN."""
        levels = [self.hint] if self.hint else list(WIDTHS)
        found = [ref for level in levels if (ref := self.places.padded(level, code))]
        return found or (self.places.of_siren(code) if SIREN.fullmatch(code) else [])

    def _named(self, raw: str, found: list[str]) -> str:
        """The only territory that bears this name, of the column's level, when no alias is another's."""
        official = self.places.official(raw, self.level)
        if found or not self._one(official):
            return ""
        return self._one(self.places.named(raw, self.level))

    def _guesses(self, raw: str) -> list[str]:
        return self.places.named(raw, self.level)

    def _scientific(self, raw: str, code: str) -> Fault:
        """A code that a spreadsheet took for a number: sure when it kept all the digits of one territory."""
        found = [self.places.padded(self.level, code)] if self.level in WIDTHS else self._bare(code)
        sure = self._one(ref for ref in found if ref)
        advice = {"suggestion": f" : {self._quoted(sure)}", "correction": self._written(sure)} if sure else {}
        return Fault("scientific-notation", {"value": shown(raw), "suggestion": "", **advice})

    def _marker(self, raw: str) -> Fault:
        """« - »: the territory is not known; the cell stays empty, where it may."""
        advice = {"suggestion": "laissez la cellule vide", "correction": ""}
        if not self.optional:
            advice = {"suggestion": "supprimez la ligne, car la colonne est obligatoire"}
        return Fault("missing-marker", {"value": shown(raw), "expected": "un territoire", **advice})

    def _floated(self, raw: str, code: str) -> Fault:
        """« 1004.0 »: sure when the code without its useless decimals is one, or has a certain mending itself."""
        fault = self(code)
        sure = code if fault is None else fault.details.get("correction")
        if fault and not sure:
            return Fault(fault.code, {**fault.details, "value": shown(raw)})
        text = str(sure)
        quoted = f" : {self._quoted(self.ref_area(text))}"
        return Fault("scientific-notation", {"value": shown(raw), "suggestion": quoted, "correction": text})

    def _unknown(self, raw: str, ref_area: str) -> Fault:
        level, _, code = ref_area.partition("-")
        if digits := figures.digits(code):
            return self._scientific(raw, digits)
        padded = self.places.padded(level, code) if level in WIDTHS else None
        if padded:
            details = {"suggestion": self._written(padded), "name": self.places.name(padded)}
            certain = {"correction": details["suggestion"]} if self._one([padded]) else {}
            return Fault("lost-zero", {"value": shown(raw), "none": NONE[level], **details, **certain})
        same = self._same(level, code)
        if self.level and not same and (elsewhere := self._elsewhere(code)):
            found, name = NAMES[elsewhere.level], elsewhere.name
            expected = f"le code d'{NAMES[level]}"
            return Fault("wrong-level", {"value": shown(raw), "found": found, "name": name, "expected": expected})
        sure = self._one(same) or self._named(raw, same)
        guesses = same or self.places.named(raw, level) or self.places.close(ref_area)
        details = {"value": shown(raw), "none": NONE.get(level, "aucun territoire"), **self._advice(sure, guesses)}
        return Fault("unknown-territory", details)

    def _same(self, level: str, code: str) -> list[str]:
        """The territory whose code this is but for its case, or for the level written before it."""
        found = self.places.territories.resolve(code.upper(), level)
        loose = LOOSE.fullmatch(code.upper())
        if not found and loose and LETTERS.get(loose[1], loose[1]) == level:
            found = self.places.padded(level, loose[2])
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
        alone = len(heirs) == 1 and self._stands_for(heirs[0], territory.ref_area)
        certain = {"correction": self._written(heirs[0])} if alone else {}
        words = f"{self._successor(heirs, alone)} ou déclarez dans cog le millésime des codes du fichier."
        return Fault("vanished-territory", {**details, "successor": words, **certain})

    def _stands_for(self, heir: str, old: str) -> bool:
        """Whether the only heir may be written instead: a thing is there now; the figure of a part is not the whole."""
        return self.locates or self.places.continues_alone(heir, old, self.on)

    def _successor(self, heirs: list[str], alone: bool) -> str:
        if not heirs:
            return "Retirez la ligne,"
        if alone:
            return f"Écrivez {self._quoted(heirs[0])}, qui lui succède ;"
        if len(heirs) == 1:
            together = TOGETHER.get(level_of(heirs[0]), "les territoires réunis")
            return f"{self._quoted(heirs[0])} lui succède, dont il n'est qu'une partie : additionnez {together},"
        shared = " et ".join(self._quoted(heir) for heir in heirs[:4])
        return f"Son territoire est partagé entre {shared} ;"

    def _predecessor(self, territory: Territory) -> str:
        olds = self.places.predecessors(territory)
        if not olds:
            return f"Déclarez dans cog un millésime à partir de {territory.valid_from[:4]}."
        names = " et ".join(self._quoted(old) for old in olds[:4])
        many = f" et {len(olds) - 4} autres" if len(olds) > 4 else ""
        return f"Avant cette date : {names}{many}. Reprenez ces codes, ou déclarez dans cog le millésime du fichier."
