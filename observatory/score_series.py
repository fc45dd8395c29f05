"""Scores through time, each year in the perimeters of its time and in today's."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from observatory import scores
from observatory.aggregation import Observation
from observatory.aggregator import Aggregator
from observatory.model import INDEX, Framework
from observatory.periods import year
from observatory.scores import Member, Values
from observatory.territories import level_of

EPOQUE, CONSTANTE = "epoque", "constante"
LEVELS = ("COM", "EPCI", "DEP", "REG", "FRA")
# Columns that the table `score_series` takes from a row of scores.
KEPT: tuple[str, ...] = ("node", "ref_area", "score", "score_low", "score_high", "coverage", "level", "rank")
KEPT += ("peer_group", "peer_count", "observed_period")
Shelves = dict[tuple[str, str], dict[tuple[str, str, str], Observation]]  # by indicator and level, then by key


class History:
    """The figures that count in scores, in the perimeters of any year, and the territories of that year."""

    def __init__(
        self,
        editions: Sequence[Framework],
        aggregator: Aggregator,
        completed: Iterable[Observation],
        theirs: Iterable[Observation],
        ranked: Collection[str],
    ) -> None:
        """`completed` are figures as published, `theirs` those of every level; `ranked` categories have ranks."""
        codes = {i.code for edition in editions for i in edition.scored}
        self.editions = editions
        self.framework = editions[-1]
        self.aggregator = aggregator
        self.territories = aggregator.territories
        self.ranked = ranked
        mine = [o for o in theirs if o.indicator in codes]
        self._ground = aggregator.ground([o for o in completed if o.indicator in codes], mine)
        self._theirs = _shelved(mine)
        self.figures = lru_cache(maxsize=None)(self._figures)
        self.periods = lru_cache(maxsize=None)(self._periods)

    @property
    def today(self) -> str:
        """Year of today's perimeters."""
        return self.territories.vintages[-1]

    def perimeter(self, period: str) -> str:
        """Year of the perimeters of a period: its own, or the nearest whose memberships are known."""
        return self.territories.nearest_year(period)

    def _figures(self, perimeter: str) -> Shelves:
        """Every figure by indicator and level, carried to the perimeters of a year where it was of an earlier one."""
        carried = _shelved(self.aggregator.carried_to(perimeter, self._ground))
        return self._theirs | {shelf: self._theirs.get(shelf, {}) | found for shelf, found in carried.items()}

    def moved(self, perimeter: str) -> set[str]:
        """Territories of which a figure is not the same in the perimeters of a year and in today's."""
        then, now = self.figures(perimeter), self.figures(self.today)
        changed = {area for shelf in then for (_, area, _), o in then[shelf].items() if now[shelf].get(o.key) != o}
        date = f"{perimeter}-01-01"
        return changed | {a for level in LEVELS for a in self.territories.existing(level, date) if not self._lasts(a)}

    def _lasts(self, ref_area: str) -> bool:
        return self.territories.exists(ref_area, f"{self.today}-01-01")

    def values(self, framework: Framework, perimeter: str, levels: Collection[str]) -> Values:
        """What counts for an edition at its own period, for some levels, in the perimeters of a year."""
        figures = self.figures(perimeter)
        return {
            i.code: scores.latest(
                [o for level in levels for o in figures.get((i.code, level), {}).values()], i, framework.time_period
            )
            for i in framework.scored
        }

    def members(self, perimeter: str, levels: Collection[str]) -> list[Member]:
        """The territories of some levels that existed on the first day of a year."""
        areas = sorted(a for level in levels for a in self.territories.existing(level, f"{perimeter}-01-01"))
        categories = [self.territories.by_ref[area].category for area in areas]
        return [Member(area, kind, kind in self.ranked) for area, kind in zip(areas, categories, strict=True)]

    def _periods(self, level: str) -> list[str]:
        """Years in which a value that counts for a level is new, or becomes too old; the others repeat the one before.

        None is later than the period of the current edition.
        """
        found: set[int] = set()
        for indicator in self.framework.scored:
            years: dict[str, set[int]] = defaultdict(set)
            for o in self.figures(self.today).get((indicator.code, level), {}).values():
                if o.value is not None and level in indicator.scored_levels:
                    years[o.ref_area].add(year(o.time_period))
            for known in years.values():
                ends = {last + indicator.max_age + 1 for last in known}
                found |= known | {end for end in ends if not any(end - indicator.max_age <= y <= end for y in known)}
        return [str(y) for y in sorted(found) if y <= year(self.framework.time_period)]


def series(history: History) -> Iterator[dict[str, object]]:
    """Rows of the table `score_series`: every score of the current edition, at each period of its level.

    Of a level that has only one period, as communes may, the table `scores` already says everything in today's
    perimeters: only the scores of that period which rest on other figures in the perimeters of the time are written,
    without ranks.
    """
    periods = {level: history.periods(level) for level in LEVELS}
    for period in sorted({period for found in periods.values() for period in found}):
        perimeter = history.perimeter(period)
        several = [level for level in LEVELS if period in periods[level] and len(periods[level]) > 1]
        for geography, place in ((EPOQUE, perimeter), (CONSTANTE, history.today)):
            yield from _scored(history, period, geography, history.members(place, several))
        alone = [level for level in LEVELS if periods[level] == [period]]
        if alone:
            moved = history.moved(perimeter)
            others = [m for m in history.members(perimeter, alone) if m.ref_area in moved]
            # All the peers are not scored again for them: their ranks of the time are not known.
            unknown = {"rank": None, "peer_count": None}
            yield from ({**row, **unknown} for row in _scored(history, period, EPOQUE, others))


def _scored(history: History, period: str, geography: str, members: list[Member]) -> Iterator[dict[str, object]]:
    perimeter = history.perimeter(period) if geography == EPOQUE else history.today
    framework = replace(history.framework, time_period=period)
    values = history.values(framework, perimeter, {m.level for m in members})
    estimated = _estimated(history, framework, perimeter, values)
    common = {"edition": framework.edition, "geography": geography, "time_period": period, "cog": perimeter}
    for row in scores.score(framework, members, values) if members else ():
        if row["score"] is not None:
            flag = int((row["node"], row["ref_area"]) in estimated)
            yield {**common, **{name: row[name] for name in KEPT}, "estimated": flag}


def _estimated(history: History, framework: Framework, perimeter: str, values: Values) -> set[tuple[str, str]]:
    """Nodes and territories whose score comes from at least one estimated figure."""
    shelves = history.figures(perimeter).values()
    shared = [key for shelf in shelves for key, o in shelf.items() if o.estimated]
    parents = {i.code: (i.code, i.domain, INDEX) for i in framework.scored}
    return {
        (node, ref_area)
        for code, ref_area, period in shared
        if code in parents and (cell := values[code].get(ref_area)) and cell.period == period
        for node in parents[code]
    }


def _shelved(observations: Iterable[Observation]) -> Shelves:
    found: Shelves = defaultdict(dict)
    for o in observations:
        found[o.indicator, level_of(o.ref_area)][o.key] = o
    return dict(found)
