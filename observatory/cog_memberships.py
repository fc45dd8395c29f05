"""Existence of territories and their memberships as intervals, from all vintages together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from observatory import cog_special as special
from observatory.cog import Vintage, departement_of
from observatory.cog_history import Interval, joined


@dataclass(frozen=True, order=True)
class Membership:
    """From `valid_from` to the day before `valid_to` ("" = open), `member` is part of `parent`."""

    member: str
    parent: str
    valid_from: str
    valid_to: str


Existence = dict[str, list[Interval]]


def existence_of(vintages: list[Vintage], history: Mapping[str, list[Interval]]) -> Existence:
    """Intervals of existence of every territory, by ref_area, in order."""
    existence = communes_existence(vintages, history)
    groups = {v.date: set(v.groups) for v in vintages}
    for code, runs in presence(groups).items():
        existence[f"EPCI-{code}"] = runs
    districts = {v.date: set(v.districts) for v in vintages if v.districts}
    for code, runs in presence(districts).items():
        existence[f"EPCI-{code}"] = [(special.DISTRICTS_FROM, end) for _, end in runs]
    last = vintages[-1]
    fixed = [f"DEP-{code}" for code in last.departements] + [f"REG-{code}" for code in last.regions]
    for ref_area in [*fixed, special.ALSACE, "FRA"]:
        existence[ref_area] = [("", "")]
    for ref_area, start in special.VALID_FROM.items():
        existence[ref_area] = [(start, existence[ref_area][-1][1])]
    return existence


def communes_existence(vintages: list[Vintage], history: Mapping[str, list[Interval]]) -> Existence:
    """Intervals of communes: those of the history up to the first vintage, then those that vintages show."""
    runs = presence({v.date: set(v.communes) for v in vintages})
    existence: Existence = {}
    for code in sorted(set(runs) | set(history)):
        past = list(history.get(code, ()))
        later = [(start or past_start(past, vintages[0].date), end) for start, end in runs.get(code, ())]
        closed = [interval for interval in past if interval[1]]
        existence[f"COM-{code}"] = joined([*closed, *later])
    return existence


def past_start(past: list[Interval], date: str) -> str:
    """Start of the interval that holds a date, "" when none is known."""
    return next((start for start, end in past if start <= date and (not end or end > date)), "")


def presence(seen: Mapping[str, Iterable[str]]) -> dict[str, list[Interval]]:
    """Runs of dates in which each key is seen; a run from the first date has an unknown start ("")."""
    dates = sorted(seen)
    runs: dict[str, list[Interval]] = defaultdict(list)
    opened: dict[str, str] = {}
    for position, date in enumerate(dates):
        present = set(seen[date])
        for key in sorted(set(opened) - present):
            runs[key].append((opened.pop(key), date))
        for key in present - set(opened):
            opened[key] = date if position else ""
    for key, start in opened.items():
        runs[key].append((start, ""))
    return dict(runs)


def crossed(intervals: Iterable[Interval], bounds: Iterable[Interval]) -> list[Interval]:
    """What two lists of intervals have in common."""
    result = []
    limits = list(bounds)
    for start, end in intervals:
        for low, high in limits:
            left = max(start, low)
            right = min(end or "9", high or "9")
            if left < right:
                result.append((left, "" if right == "9" else right))
    return result


def memberships_of(vintages: list[Vintage], existence: Existence) -> list[Membership]:
    """All memberships: communes in EPCI, EPT, département and région, then those between higher levels."""
    pairs: dict[tuple[str, str], list[Interval]] = {}
    groups = {v.date: [(c, g.code) for g in v.groups.values() for c in g.members] for v in vintages}
    districts = {v.date: [(c, g.code) for g in v.districts.values() for c in g.members] for v in vintages}
    for seen in (groups, {date: found for date, found in districts.items() if found}):
        for (member, parent), runs in runs_of_pairs(seen).items():
            pairs[f"COM-{member}", f"EPCI-{parent}"] = runs
    region = {code: record["region"] for code, record in vintages[-1].departements.items()}
    for ref_area in existence:
        level, _, code = ref_area.partition("-")
        departement = departement_of(code)
        if level == "COM" and departement in region:
            pairs[ref_area, f"DEP-{departement}"] = [("", "")]
            pairs[ref_area, f"REG-{region[departement]}"] = [("", "")]
    for code, parent in region.items():
        pairs[f"DEP-{code}", f"REG-{parent}"] = [("", "")]
        if parent not in special.OVERSEAS:
            pairs[f"REG-{parent}", "FRA"] = [("", "")]
    for departement in special.ALSACE_MEMBERS:
        pairs[departement, special.ALSACE] = [("", "")]
    pairs[special.ALSACE, special.ALSACE_REGION] = [("", "")]
    return sorted(
        Membership(member, parent, start, end)
        for (member, parent), runs in pairs.items()
        for start, end in crossed(within(member, parent, runs, existence), existence[parent])
    )


def within(member: str, parent: str, runs: list[Interval], existence: Existence) -> list[Interval]:
    """Runs of a membership within the existence of the member.

    Memberships of EPCI come from the vintages and are so already; one that the first vintage shows keeps its
    unknown start, since the commune may be much older than its EPCI.
    """
    return runs if parent.startswith("EPCI-") else crossed(runs, existence[member])


def runs_of_pairs(seen: Mapping[str, Iterable[tuple[str, str]]]) -> dict[tuple[str, str], list[Interval]]:
    """Runs of dates in which each pair (member, parent) is seen, as `presence` gives them."""
    keyed = {date: [f"{member} {parent}" for member, parent in pairs] for date, pairs in seen.items()}
    return {tuple_of(key): runs for key, runs in presence(keyed).items()}


def tuple_of(key: str) -> tuple[str, str]:
    """The two words of a key."""
    first, _, second = key.partition(" ")
    return first, second
