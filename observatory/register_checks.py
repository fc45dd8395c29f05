"""Checks of a register: its judges, made of what the repository holds, and what only a whole row or table can tell."""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from observatory import french
from observatory.columns import flagged
from observatory.judges import IndicatorJudge
from observatory.model import Dataset
from observatory.ordinary import hindrance
from observatory.places import Gazetteer, TerritoryJudge
from observatory.problems import shown
from observatory.reading import Judge, Table
from observatory.register_judges import Items, Links, Named, PartialDate, Siren, disordered
from observatory.registers import (
    DOMAINS,
    INDICATORS,
    SEPARATOR,
    TERRITORIES,
    Register,
    items,
    of_dataset,
    read_registers,
)

# Titles that share this much (rapidfuzz, 0 to 100) may be two names of one thing; past that many pairs, only the same
# title is looked for.
LIKE, MOST_PAIRS = 90, 10_000_000
MOST_BYTES = 20_000_000
NUMBERS = re.compile(r"\d+")


class Repository:
    """What a register may name: the things of the others, the domains, the indicators, the territories.

    `indicators` gives the file of each indicator, in the repository at `root`.
    """

    def __init__(self, root: Path, gazetteer: Gazetteer, indicators: Mapping[str, str]) -> None:
        self.root, self.gazetteer, self.indicators = root, gazetteer, indicators
        self._titles: dict[str, dict[str, str]] = {}
        self._judges: dict[str, Items] = {}

    @cached_property
    def registers(self) -> dict[str, Register]:
        """Every register that a schema declares, by name."""
        return read_registers(self.root)

    def titles(self, register: str) -> dict[str, str]:
        """Title of each thing of a register, by identifier, as its file gives it; none where it cannot be read."""
        if register not in self._titles:
            self._titles[register] = _titles(self.root / "datasets" / f"{register}.csv")
        return self._titles[register]

    def judge(self, target: str, optional: bool, vintage: str = "") -> Items:
        """What judges the cells that name things of that target, territories as they were in the year `vintage`."""
        if target == TERRITORIES:
            territory = TerritoryJudge(self.gazetteer, "ref_area", vintage)
            territory.optional, territory.locates = optional, True
            return Items(territory)
        if target == INDICATORS:
            return Items(IndicatorJudge(dict(self.indicators), set()))
        if target == DOMAINS:
            folders = sorted(path.parent.name for path in (self.root / "indicators").glob("*/index.yml"))
            return Items(Named("la liste des domaines", {name: name for name in folders}))
        if target not in self._judges:
            title = self.registers[target].schema["title"] if target in self.registers else target
            self._judges[target] = Items(Named(f"le registre « {title} »", self.titles(target)))
        return self._judges[target]

    @cached_property
    def names(self) -> Named:
        """What judges the name of a register."""
        return Named("la liste des registres", {one.name: one.schema["title"] for one in self.registers.values()})


def judges(dataset: Dataset, repository: Repository, vintage: str) -> dict[str, Judge]:
    """The judge of each column of a register, by name; none for a dataset of another kind."""
    register = of_dataset(dataset)
    found: dict[str, Judge] = {}
    for field in register.schema["fields"] if register else ():
        name = field["name"]
        if "relation" in field and "of" not in field:
            optional = not field.get("constraints", {}).get("required")
            found[name] = repository.judge(field["relation"], optional, vintage)
        elif field.get("link"):
            found[name] = Links()
        elif field.get("siren") or name == "siren":
            found[name] = Siren()
        elif name == "date" or name.startswith("date_"):
            found[name] = PartialDate()
    return found


def check_things(table: Table, known: Mapping[str, Judge], repository: Repository, part: bool) -> None:
    """What the judges of cells cannot tell; a `part` is compared with the published things too."""
    register = of_dataset(table.dataset)
    if register is None or "id" not in table.raw:
        return
    for name, judge in known.items():
        if isinstance(judge, Items) and name in table.raw:
            _report_others(table, name, judge)
    dated = [name for name, judge in known.items() if isinstance(judge, PartialDate) and name in table.raw]
    unread = {name: table.unread(name) for name in dated}
    for row in range(table.height):
        _check_pointed(table, row, register, repository)
        _check_claim(table, row, register)
        said = [(name, _text(table, name, row)) for name in dated if not unread[name][row]]
        for before, after in disordered(said):
            texts = {"value": _text(table, after, row), "other": before, "before": _text(table, before, row)}
            table.report("dates-reversed", row, after, **texts)
    _check_titles(table, repository.titles(register.name) if part else {})


def _report_others(table: Table, name: str, judge: Items) -> None:
    """The second fault of a cell and those that follow: its reader says the first one only."""
    several = {code for code, text in enumerate(table.raw[name].values) if SEPARATOR in str(text)}
    for row in np.flatnonzero(flagged(table.raw[name], several)).tolist():
        for fault in judge.faults(table.raw[name][row])[1:]:
            table.report(fault.code, row, name, **fault.details)


def _check_pointed(table: Table, row: int, register: Register, repository: Repository) -> None:
    """A thing of the register that another column names."""
    for field in register.relations:
        if "of" not in field or field["name"] not in table.raw:
            continue
        named, raw = _text(table, field["of"], row), _text(table, field["name"], row)
        if fault := repository.names(named):
            table.report(fault.code, row, field["of"], **fault.details)
        elif fault := repository.judge(named, False)(raw):
            table.report(fault.code, row, field["name"], **fault.details)


def _check_claim(table: Table, row: int, register: Register) -> None:
    """What a row must say: its grade, a link when it is a claim about others, a member when it is of several."""
    if "preuve" in table.raw and not _text(table, "preuve", row):
        table.report("claim-without-grade", row, "preuve")
    if register.declared.get("claims") and not _text(table, "source_url", row):
        table.report("claim-without-link", row, "source_url")
    members = register.declared.get("members", ())
    if members and not any(items(_text(table, name, row)) for name in members):
        table.report("no-member", row, members[0], columns=", ".join(members))


def _check_titles(table: Table, published: Mapping[str, str]) -> None:
    """Two things of one title, or of nearly the same, in the table or among the published ones."""
    if "titre" not in table.raw:
        return
    own = {_text(table, "id", row) for row in range(table.height)}
    seen = {french.key(title): (one, "") for one, title in published.items() if one not in own}
    few = table.height * (table.height + len(seen)) < MOST_PAIRS
    for row in range(table.height):
        title = _text(table, "titre", row)
        bare = french.key(title)
        if not bare:
            continue
        if bare in seen:
            one, place = seen[bare]
            table.report("duplicate-title", row, "titre", value=shown(title), other=one, place=place)
            continue
        if few and (like := _like(bare, seen)):
            one, place = seen[like]
            table.report("similar-title", row, "titre", value=shown(title), other=one, place=place)
        seen[bare] = (_text(table, "id", row), f", ligne {table.sheet.lines[row]}")


def _text(table: Table, name: str, row: int) -> str:
    return str(table.raw[name][row]).strip() if name in table.raw else ""


def _like(title: str, seen: Iterable[str]) -> str:
    """The title that is nearly this one, but for its numbers: two editions of a label are two things."""
    own = NUMBERS.findall(title)
    found = process.extract(title, list(seen), scorer=fuzz.ratio, score_cutoff=LIKE, limit=5)
    return next((other for other, _, _ in found if NUMBERS.findall(other) == own), "")


def _titles(path: Path) -> dict[str, str]:
    """Identifier and title of each row of a file, whatever else it holds; hostile ones are not opened."""
    if not path.is_file() or hindrance(path) or path.stat().st_size > MOST_BYTES:
        return {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        try:
            found: Iterable[Mapping[str, Any]] = list(csv.DictReader(stream))
        except csv.Error:
            return {}
    return {str(row["id"]): str(row.get("titre") or "") for row in found if row.get("id")}
