"""Figures of every level, in the perimeters of their time and of any other year."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from observatory.aggregation import WITHHELD, Observation, Way, carry_counts, carry_up, complete, missing
from observatory.geography import Geography
from observatory.model import Framework, Indicator
from observatory.periods import year
from observatory.territories import Territories, level_of

Groups = dict[tuple[str, str, str, str], list[Observation]]  # by indicator, period, dataset, level


class Ground(NamedTuple):
    """Figures by what is summed together, those of their time by key, and the keys published above communes."""

    groups: Groups
    before: dict[tuple[str, str, str], Observation]
    published: set[tuple[str, str, str]]


class Aggregator:
    """Observations of every level, in the geography of their time and in today's."""

    def __init__(self, framework: Framework, territories: Territories, factors: dict[str, float]) -> None:
        self.framework = framework
        self.territories = territories
        self.factors = factors
        self.geography = lru_cache(maxsize=None)(lambda vintage: Geography(territories, vintage))

    def complete_all(self, published: Iterable[Observation]) -> list[Observation]:
        """Published observations, each with its denominator and value."""
        return [
            complete(o, i, self.factors[i.unit], self.geography(str(year(o.time_period))))
            for o in published
            if (i := self.framework.indicator(o.indicator)) is not None
        ]

    def of_their_time(self, completed: list[Observation]) -> list[Observation]:
        """Completed observations and what they add up to, by memberships of their own vintage.

        What is published for a territory itself wins over what is carried up to it.
        """
        found = {o.key: o for o in self._carried(self._grouped(completed), None)}
        found.update({o.key: o for o in completed if self._applies(o.indicator, o.ref_area)})
        for o in list(found.values()):
            if (twin := self._twins.get(o.ref_area)) and self._applies(o.indicator, twin):
                found.setdefault((o.indicator, twin, o.time_period), replace(o, ref_area=twin, status=_derived(o)))
        return [found[key] for key in sorted(found)]

    def in_geography(self, completed: list[Observation], theirs: list[Observation], vintage: str) -> list[Observation]:
        """The same figures in the perimeters of `vintage`, only where they differ from those of their time."""
        return self.carried_to(vintage, self.ground(completed, theirs))

    def ground(self, completed: list[Observation], theirs: list[Observation]) -> Ground:
        """What `carried_to` starts from, worked out once for several vintages."""
        # What is published for a level stays true of it; only sums of communes follow the perimeter.
        published = {o.key for o in completed if not o.ref_area.startswith("COM-")}
        return Ground(self._grouped(completed), {o.key: o for o in theirs}, published)

    def carried_to(self, vintage: str, ground: Ground) -> list[Observation]:
        """Figures that differ in the perimeters of `vintage` from what they are in those of their time.

        What was measured in later perimeters stays in them: events are followed forward only.
        """
        found: dict[tuple[str, str, str], Observation] = {}
        for o in self._carried(ground.groups, self.geography(vintage).vintage):
            old = ground.before.get(o.key)
            # A dataset that knows nothing of a territory takes nothing from what another says of it.
            silent = o.numerator is None and (old is None or old.dataset != o.dataset)
            if o.key not in ground.published and not silent and not _same(o, old):
                found[o.key] = o
        return [found[key] for key in sorted(found)]

    def _applies(self, code: str, ref_area: str) -> bool:
        indicator = self.framework.indicator(code)
        return indicator is not None and level_of(ref_area) in indicator.levels

    @cached_property
    def _twins(self) -> dict[str, str]:
        """A région made of one département, and that département: the same place, whose figures are the same."""
        date = f"{self.territories.vintages[-1]}-01-01"
        pairs = ((r, self.territories.children(r, "DEP", date)) for r in self.territories.existing("REG", date))
        alone = [(r, departements[0]) for r, departements in pairs if len(departements) == 1]
        return dict(alone) | {departement: region for region, departement in alone}

    def _grouped(self, completed: list[Observation]) -> Groups:
        """What is summed together."""
        groups: Groups = defaultdict(list)
        for o in completed:
            level = level_of(o.ref_area)
            if level in ("COM", "DEP") and (o.numerator is not None or o.status in WITHHELD):
                groups[o.indicator, o.time_period, o.dataset, level].append(o)
        return dict(sorted(groups.items()))

    def _carried(self, groups: Groups, vintage: str | None) -> Iterator[Observation]:
        """Sums of communes and départements in their own geography; of communes only, and where `vintage` differs."""
        for (code, period, dataset, level), rows in groups.items():
            indicator = self.framework.indicator(code)
            if indicator is None or indicator.aggregation == "none":
                continue
            if all(row.status in WITHHELD for row in rows):
                continue
            factor = self.factors[indicator.unit]
            if level == "COM":
                yield from self._carried_communes(rows, indicator, factor, vintage)
            elif vintage is None and (code, period, dataset, "COM") not in groups:
                carried = carry_counts(rows, indicator, factor, self.geography(str(year(period))))
                yield from (o for o in carried if level_of(o.ref_area) in indicator.levels)

    def _carried_communes(
        self, rows: list[Observation], indicator: Indicator, factor: float, vintage: str | None
    ) -> Iterator[Observation]:
        cog, measured = rows[0].cog, self.geography(rows[0].cog)
        if vintage is None:
            yield from carry_up(rows, indicator, factor, Way(measured, measured))
        elif vintage >= cog:
            geography = self.geography(vintage)
            areas = geography.changed(measured, cog)
            found = list(carry_up(rows, indicator, factor, Way(measured, geography, areas)))
            yield from found
            # Of what lost every commune with data, nothing is known any more.
            known = {o.ref_area for o in found}
            for ref_area in sorted(areas - known):
                if level_of(ref_area) in indicator.levels and self.territories.exists(ref_area, geography.date):
                    yield missing(rows[0], ref_area, geography.vintage)


def _derived(o: Observation) -> str:
    """The status of what is taken from another territory: computed, or without value for the same reason."""
    return "E" if o.value is not None else o.status


def _same(one: Observation, other: Observation | None) -> bool:
    return other is not None and (one.numerator, one.denominator) == (other.numerator, other.denominator)
