"""The territories of the codelists through time: existence, successors, memberships and populations."""

import csv
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

WEIGHT = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory of any vintage; `valid_to` is the first day on which it no longer exists, "" = still exists."""

    ref_area: str
    code: str
    level: str
    name: str
    kind: str
    category: str
    siren: str
    powers: str
    valid_from: str
    valid_to: str


# (date, target, weight) of an event, (other end, valid_from, valid_to) of a membership
Link = tuple[str, str, float]
Tie = tuple[str, str, str]


def level_of(ref_area: str) -> str:
    """Level of an identifier: its prefix."""
    return ref_area.partition("-")[0]


def holds(start: str, end: str, on: str) -> bool:
    """Whether an interval contains a day; "" is open, the end is excluded."""
    return start <= on and (not end or on < end)


class Territories:
    """Answers on territories at any date (ISO strings); unknown identifiers give None, False or empty lists."""

    def __init__(
        self,
        territories: Iterable[Territory],
        events: Iterable[tuple[str, str, str, float]] = (),
        memberships: Iterable[tuple[str, str, str, str]] = (),
        populations: Path | None = None,
    ) -> None:
        """Take events as (date, from_area, to_area, weight), memberships as (member, parent, from, to)."""
        self.by_ref = {territory.ref_area: territory for territory in territories}
        self._forward: dict[str, list[Link]] = defaultdict(list)
        self._back: dict[str, list[Link]] = defaultdict(list)
        self._up: dict[str, list[Tie]] = defaultdict(list)
        self._down: dict[str, list[Tie]] = defaultdict(list)
        self._populations = populations
        for date, source, target, weight in sorted(events):
            self._forward[source].append((date, target, weight))
            self._back[target].append((date, source, weight))
        for member, parent, start, end in memberships:
            self._up[member].append((parent, start, end))
            self._down[parent].append((member, start, end))

    def __iter__(self) -> Iterator[Territory]:
        return iter(self.by_ref.values())

    def __len__(self) -> int:
        return len(self.by_ref)

    def get(self, ref_area: str) -> Territory | None:
        """The territory of that identifier, whatever its dates."""
        return self.by_ref.get(ref_area)

    def resolve(self, code: str, level: str) -> str | None:
        """Identifier of a bare code at a level, if any vintage knows it."""
        ref_area = level if level == "FRA" else f"{level}-{code}"
        return ref_area if ref_area in self.by_ref else None

    @cached_property
    def _gaps(self) -> dict[str, list[tuple[str, str]]]:
        """Intervals between two existences of one identifier (a commune that merged, then was restored)."""
        gaps: dict[str, list[tuple[str, str]]] = {}
        for ref_area, links in self._forward.items():
            kept = {date for date, target, _ in links if target == ref_area}
            for end in sorted({date for date, _, _ in links} - kept):
                back = min((date for date, _, _ in self._back.get(ref_area, ()) if date > end), default="")
                if back:
                    gaps.setdefault(ref_area, []).append((end, back))
        return gaps

    def exists(self, ref_area: str, on: str) -> bool:
        """Whether a territory exists on a day."""
        territory = self.by_ref.get(ref_area)
        if territory is None or not holds(territory.valid_from, territory.valid_to, on):
            return False
        gaps = self._gaps.get(ref_area)
        return not gaps or not any(start <= on < end for start, end in gaps)

    def successors(self, ref_area: str, on: str, since: str | None = None) -> list[tuple[str, float]]:
        """Territories of day `on` that a territory leads to through events, with weights summing to 1.

        With `since`, the identifier is read as of that day and every event after it counts (a commune split in
        two gives two shares even when one kept the code). Without, an identifier that exists `on` is itself, and
        another is followed from its last end before. Empty when unknown, not born yet, or removed without heir.
        """
        if ref_area not in self._forward and self.exists(ref_area, on):
            return [(ref_area, 1.0)]  # nothing ever happened to most of them
        if since is not None and self.exists(ref_area, since):
            return sorted(self._follow(ref_area, since, on).items())
        if self.exists(ref_area, on):
            return [(ref_area, 1.0)]
        end = self._last_end(ref_area, on)
        return sorted(self._follow(ref_area, end, on, including=True).items()) if end else []

    def origins(self, ref_area: str) -> list[tuple[str, str]]:
        """(date, ref_area) of the territories that events say one came from, oldest first; itself included."""
        return [(date, source) for date, source, _ in self._back.get(ref_area, ())]

    def unsettled(self, since: str, on: str) -> set[str]:
        """Communes of which something changed after day `since`, up to day `on`: themselves, or what they are part of.

        Whoever is not among them has, on both days, the same identifier and the same territories above.
        """
        first, last = (bisect_right(self._changes, (day, "~")) for day in (since, on))
        moved = {ref_area for _, ref_area in self._changes[first:last]}
        inside = (self.children(area, "COM", day) for area in moved - {"FRA"} for day in (since, on))
        return {area for area in moved if level_of(area) == "COM"}.union(*inside)

    @cached_property
    def _changes(self) -> list[tuple[str, str]]:
        """(day, ref_area) of every event and of every end of a membership, oldest first."""
        events = ((link[0], ref_area) for ref_area, links in self._forward.items() for link in links)
        ties = ((day, ref_area) for ref_area, found in self._up.items() for tie in found for day in tie[1:] if day)
        return sorted({*events, *ties})

    def _last_end(self, ref_area: str, on: str) -> str:
        """Last day up to `on` on which a territory ceased to exist, "" if none."""
        territory = self.by_ref.get(ref_area)
        if territory is None:
            return ""
        ends = [start for start, _ in self._gaps.get(ref_area, ())] + [territory.valid_to]
        return max((end for end in ends if end and end <= on), default="")

    def _follow(self, ref_area: str, after: str, on: str, including: bool = False) -> dict[str, float]:
        """Shares of the territories of day `on`; dates strictly increase along the way, so it ends."""
        links = [
            link
            for link in self._forward.get(ref_area, ())
            if link[0] <= on and (link[0] > after or (including and link[0] == after))
        ]
        if not links:
            return {ref_area: 1.0} if self.exists(ref_area, on) else {}
        result: dict[str, float] = defaultdict(float)
        first = links[0][0]
        for date, target, weight in links:
            if date == first:
                for found, share in self._follow(target, date, on).items():
                    result[found] += weight * share
        return result

    def existing(self, level: str, on: str) -> list[str]:
        """Every territory of a level that exists on a day, sorted."""
        return [ref_area for ref_area in self._by_level.get(level, ()) if self.exists(ref_area, on)]

    @cached_property
    def _by_level(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for ref_area in sorted(self.by_ref):
            found[self.by_ref[ref_area].level].append(ref_area)
        return found

    @cached_property
    def vintages(self) -> list[str]:
        """Vintages of the official geographic code with populations, oldest first."""
        return sorted({vintage for counts in self._counts.values() for vintage in counts})

    def nearest_vintage(self, year: str) -> str:
        """The last vintage with populations up to a year, or the oldest known when the year precedes it."""
        return max((v for v in self.vintages if v <= year), default=self.vintages[0])

    def nearest_year(self, year: str) -> str:
        """The year itself where memberships are known, else the nearest that has them.

        They are known from the first vintage with populations to the last, years without populations included.
        """
        return min(max(year, self.vintages[0]), self.vintages[-1])

    def parents(self, ref_area: str, level: str, on: str) -> list[str]:
        """Territories of a level of which one is part on a day; an EPCI across two départements has both.

        A commune of Grand Paris has two EPCI: the métropole, then its EPT. Parents that no membership states are
        those of its communes, the one that holds most of them first.
        """
        direct = [parent for parent, start, end in self._up.get(ref_area, ()) if holds(start, end, on)]
        found = [parent for parent in direct if level_of(parent) == level]
        if found or level_of(ref_area) == level:
            return sorted(found, key=lambda parent: (self._is_ept(parent), parent))
        if level == "FRA":
            regions = self.parents(ref_area, "REG", on)
            return sorted({top for region in regions for top in self.parents(region, level, on)})
        if level_of(ref_area) == "COM":
            return []
        counts = Counter(p for c in self.children(ref_area, "COM", on) for p in self.parents(c, level, on))
        return sorted(counts, key=lambda parent: (-counts[parent], parent))

    def _is_ept(self, ref_area: str) -> bool:
        territory = self.by_ref.get(ref_area)
        return territory is not None and territory.kind == "ept"

    def children(self, ref_area: str, level: str, on: str) -> list[str]:
        """Territories of a level that are part of one on a day; for EPCI, those with at least one commune in it."""
        direct = [member for member, start, end in self._down.get(ref_area, ()) if holds(start, end, on)]
        found = {member for member in direct if level_of(member) == level}
        if not found and level == "EPCI":
            communes = self.children(ref_area, "COM", on)
            found = {parent for commune in communes for parent in self.parents(commune, level, on)}
        elif not found:
            found = {low for member in direct for low in self.children(member, level, on)}
        return sorted(found - {ref_area})

    @cached_property
    def _counts(self) -> dict[str, dict[str, int]]:
        """Municipal population by ref_area and vintage, read when first asked for."""
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        if self._populations is not None:
            for ref_area, vintage, population in rows_of(self._populations, 3):
                if population.isdecimal():
                    counts[ref_area][vintage] = int(population)
        return counts

    def population(self, ref_area: str, vintage: str | int | None = None) -> int | None:
        """Municipal population of a territory in a vintage (a year), by default the latest known."""
        counts = self._counts.get(ref_area)
        if not counts:
            return None
        return counts.get(str(vintage) if vintage else max(counts))


def rows_of(path: Path, width: int) -> Iterator[list[str]]:
    """Rows of a codelist without its header; those of another width, which its check reports, are left out."""
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        rows = csv.reader(stream)
        next(rows, None)
        yield from (row for row in rows if len(row) == width)


def read_territories(root: Path) -> Territories:
    """The territories of the repository at `root`, from codelists/; populations are read when first asked for."""
    folder = root / "codelists"
    events = (
        (date, source, target, float(weight))
        for date, _, source, target, weight in rows_of(folder / "territory_events.csv", 5)
        if WEIGHT.fullmatch(weight)
    )
    memberships = (
        (member, parent, start, end) for member, parent, start, end in rows_of(folder / "memberships.csv", 4)
    )
    territories = (Territory(*row) for row in rows_of(folder / "territories.csv", 10))
    return Territories(territories, events, memberships, folder / "populations.csv")
