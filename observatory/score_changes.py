"""Why each score and rank moved between two situations: periods, editions of the method, or publications."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from observatory import scores
from observatory.model import INDEX, Framework
from observatory.score_series import LEVELS, History
from observatory.scores import Member, Observed, Values
from observatory.scoring import Floats
from observatory.scoring_change import CAUSES, split

Row = dict[str, object]
ValuesOf = Callable[[Framework], Values]  # what counts under the rules of an edition
DECIMALS = 10  # of a part, so that parts still sum to the change to 1e-9
OWN, METHOD, PEERS, PERIMETER, CORRECTION, COVERAGE = (1 << bit for bit in range(len(CAUSES)))


@dataclass(frozen=True)
class Situation:
    """What scores were made of: an edition at its period, the territories, and the values that counted."""

    framework: Framework
    members: list[Member]
    values: ValuesOf


@dataclass(frozen=True)
class Passage:
    """From one situation to another.

    `again` gives the values that counted before as they are known after: in the perimeters of after, or corrected.
    `corrected` names the (indicator, territory) of which it is a correction; of the others, it is the perimeter.
    """

    before: Situation
    after: Situation
    again: ValuesOf
    corrected: frozenset[tuple[str, str]] = frozenset()


class Sides(NamedTuple):
    """What counts under one edition: before, the same as known after, and after."""

    framework: Framework
    old: Values
    new: Values
    last: Values


@dataclass(frozen=True)
class _Scores:
    """Published scores (areas × nodes) of one computation, NaN without score, and who is ranked."""

    score: Floats
    ranked: NDArray[np.bool_]


class _Table:
    """Places of territories and nodes in the matrices of one passage."""

    def __init__(self, passage: Passage) -> None:
        members = {m.ref_area: m for side in (passage.before, passage.after) for m in side.members}
        self.areas = {area: place for place, area in enumerate(sorted(members))}
        both = (passage.before.framework, passage.after.framework)
        names = [n for f in both for n in (*(i.code for i in f.scored), *(d.code for d in f.domains), INDEX)]
        self.nodes = {name: place for place, name in enumerate(dict.fromkeys(names))}

    def scored(self, framework: Framework, members: list[Member], values: Values) -> _Scores:
        """The scores of some territories, laid out."""
        shape = len(self.areas), len(self.nodes)
        found = _Scores(np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_))
        for row in scores.score(framework, members, values):
            place = self.areas[str(row["ref_area"])], self.nodes[str(row["node"])]
            if isinstance(row["score"], float):
                found.score[place] = row["score"]
            found.ranked[place] = row["rank"] is not None
        return found

    def groups(self, members: list[Member]) -> dict[str, list[int]]:
        """Places of the members of each peer group that is ranked."""
        found: dict[str, list[int]] = defaultdict(list)
        for member in members:
            if member.ranked:
                found[member.peer_group].append(self.areas[member.ref_area])
        return found


def explain(passage: Passage) -> Iterator[Row]:
    """Rows of the table `score_changes`: the change of each score and rank, as the sum of its six causes.

    own data: other values of what is observed of the territory on both sides; coverage: an indicator that begins or
    ceases to be observed there, whose step says nothing of a progress; method: the edition; peers: the
    others of the peer group, with their data and perimeters (nothing for a score under fixed goalposts); perimeter:
    that of before against that of after; correction: a value published before with another figure. Only of
    territories that have a score (or a rank) on both sides; none where nothing moved, the index excepted.
    """
    table = _Table(passage)
    sides = [
        Sides(framework, passage.before.values(framework), passage.again(framework), passage.after.values(framework))
        for framework in (passage.before.framework, passage.after.framework)
    ]
    acting = _acting(passage, sides)
    outcomes = _outcomes(passage, table, sides, acting)
    ranks = _ranks(passage, table, outcomes, acting)
    kept = {m.ref_area for m in passage.before.members} & {m.ref_area for m in passage.after.members}
    for kind, values in (("score", [o.score for o in outcomes]), ("rank", ranks)):
        yield from _rows(passage, table, kind, values, kept)


def _acting(passage: Passage, sides: list[Sides]) -> int:
    """The causes that can change the score of a territory; the others need not be computed."""
    before, after = passage.before.framework, passage.after.framework
    found = METHOD if replace(before, time_period=after.time_period) != after else 0
    for side in sides:
        for code, last in side.last.items():
            old, new = side.old.get(code, {}), side.new.get(code, {})
            for area in last.keys() | new.keys():
                if last.get(area) != new.get(area):
                    found |= _step(old.get(area), new.get(area), last.get(area))
    if any(side.old != side.new for side in sides):
        found |= PERIMETER | (CORRECTION if passage.corrected else 0)
    return found


def _outcomes(passage: Passage, table: _Table, sides: list[Sides], acting: int) -> list[_Scores]:
    """Scores of every coalition of causes; those of peers change nothing in a score under fixed goalposts."""
    members = {m.ref_area: m for side in (passage.after, passage.before) for m in side.members}
    # Whoever is in a ranked category on one side only has no rank on the other, nor is a peer there.
    everyone = [replace(members[area], ranked=True) for area in table.areas]
    known: dict[int, _Scores] = {}
    for causes in range(1 << len(CAUSES)):
        if (seen := causes & acting) not in known:
            side = sides[bool(seen & METHOD)]
            known[seen] = table.scored(side.framework, everyone, _mixed(side, seen, passage.corrected))
    return [known[causes & acting] for causes in range(1 << len(CAUSES))]


def _mixed(side: Sides, causes: int, corrected: frozenset[tuple[str, str]]) -> Values:
    """Of each territory, the values of before with those causes acting."""
    found: Values = {}
    for indicator in side.framework.scored:
        code = indicator.code
        old, new, last = (values.get(code, {}) for values in (side.old, side.new, side.last))
        cells: dict[str, Observed] = {}
        for area in old.keys() | new.keys() | last.keys():
            cause = CORRECTION if (code, area) in corrected else PERIMETER
            cell = (new if causes & cause else old).get(area)
            if causes & _step(old.get(area), new.get(area), last.get(area)) and last.get(area) != new.get(area):
                cell = last.get(area) if causes & cause else _moved(old.get(area), new.get(area), last.get(area))
            if cell is not None:
                cells[area] = cell
        found[code] = cells
    return found


def _moved(old: Observed | None, new: Observed | None, last: Observed | None) -> Observed | None:
    """What is observed after, without the perimeter or correction: the figure of before, moved by the own step.

    Straight to the figure of after, half of what a merger or a correction does would be credited to the territory.
    """
    if last is None or last.value is None:
        return last
    steps = [cell.value for cell in (old, new) if cell is not None and cell.value is not None]
    return last._replace(value=last.value + steps[0] - steps[1]) if len(steps) == 2 else last


def _step(old: Observed | None, new: Observed | None, last: Observed | None) -> int:
    """The cause of the step to what is observed after: a figure where there was none, or none any more, is no news."""
    return COVERAGE if (last is None) != (old is None) and (last is None) != (new is None) else OWN


def _ranks(passage: Passage, table: _Table, outcomes: list[_Scores], acting: int) -> list[Floats]:
    """Ranks (areas × nodes) of each coalition: how many peers are above, peers being as before or as after.

    As a score depends on no other, those of the peers are outcomes too: nothing acting, or everything.
    """
    whole = outcomes[0].ranked & outcomes[-1].ranked
    known: dict[int, Floats] = {}
    for causes in range(1 << len(CAUSES)):
        if (seen := causes & (acting | PEERS)) not in known:
            side, theirs = (passage.after, ~METHOD) if causes & PEERS else (passage.before, 0)
            found = np.full(whole.shape, np.nan)
            peers = outcomes[(theirs | causes & METHOD) % len(outcomes)]
            _place(found, outcomes[causes].score, peers, table.groups(side.members))
            known[seen] = np.where(whole, found, np.nan)
    return [known[causes & (acting | PEERS)] for causes in range(1 << len(CAUSES))]


def _place(ranks: Floats, score: Floats, peers: _Scores, groups: dict[str, list[int]]) -> None:
    """Fill ranks (areas × nodes): one more than the other members of the group that are ranked with a better score."""
    for places in groups.values():
        own, theirs, counts = score[places], peers.score[places], peers.ranked[places]
        for node in range(own.shape[1]):
            among = np.sort(theirs[counts[:, node], node])
            above = len(among) - np.searchsorted(among, own[:, node], side="right")
            itself = counts[:, node] & (theirs[:, node] > own[:, node])
            ranks[places, node] = np.where(np.isnan(own[:, node]), np.nan, 1.0 + above - itself)


def _rows(passage: Passage, table: _Table, kind: str, outcomes: list[Floats], kept: set[str]) -> Iterator[Row]:
    before, after = passage.before.framework, passage.after.framework
    common = {"edition_from": before.edition, "period_from": before.time_period}
    common |= {"edition_to": after.edition, "period_to": after.time_period}
    names = list(table.areas)
    for node, column in table.nodes.items():
        values = np.stack([outcome[:, column] for outcome in outcomes])
        whole = np.isfinite(values[0]) & np.isfinite(values[-1])
        places = [place for place in np.flatnonzero(whole).tolist() if names[place] in kept]
        if not places:
            continue
        parts = split(values[:, places])
        change = values[-1, places] - values[0, places]
        for row, place in enumerate(places):
            causes = {cause: round(float(part[row]), DECIMALS) for cause, part in parts.items()}
            if node == INDEX or change[row] or any(causes.values()):
                what = {"node": node, "ref_area": names[place], "kind": kind}
                yield {**common, **what, **causes, "change": round(float(change[row]), DECIMALS)}


def changes(history: History) -> Iterator[Row]:
    """Rows between the last two periods of each level that has two, then between the last two editions."""
    periods = {level: found for level in LEVELS if len(found := history.periods(level)) > 1}
    for level, found in periods.items():
        yield from explain(between_periods(history, level, found[-2], found[-1]))
    if len(history.editions) > 1:
        yield from explain(between_editions(history, list(periods)))


def between_periods(history: History, level: str, sooner: str, later: str) -> Passage:
    """From the territories and perimeters of a period to today's at another, under the current edition."""
    then, today = history.perimeter(sooner), history.today
    old, new = (replace(history.framework, time_period=period) for period in (sooner, later))
    return Passage(
        Situation(old, history.members(then, [level]), _values(history, [level], sooner, then)),
        Situation(new, history.members(today, [level]), _values(history, [level], later, today)),
        _values(history, [level], sooner, today),
    )


def between_editions(history: History, levels: list[str]) -> Passage:
    """From the edition before to the current one, at the period of the current one."""
    period, today = history.framework.time_period, history.today
    members, values = history.members(today, levels), _values(history, levels, period, today)
    old, new = (replace(edition, time_period=period) for edition in history.editions[-2:])
    return Passage(Situation(old, members, values), Situation(new, members, values), values)


def _values(history: History, levels: list[str], period: str, perimeter: str) -> ValuesOf:
    return lambda framework: history.values(replace(framework, time_period=period), perimeter, levels)
