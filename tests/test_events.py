"""Every event since 2016, with figures on every commune: counts are kept, ratios recomputed, shares by weight told."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from observatory.aggregation import Observation
from observatory.aggregator import Aggregator
from observatory.model import Framework, Indicator
from observatory.territories import level_of, read_territories

ROOT = Path(__file__).resolve().parent.parent
TERRITORIES = read_territories(ROOT)
LAST = TERRITORIES.vintages[-1]
TODAY = f"{LAST}-01-01"
LEVELS = ("COM", "EPCI", "DEP", "REG", "FRA")
SHARE = Indicator(
    **{"code": "share", "domain": "d", "status": "active", "unit": "percent", "direction": "higher", "weight": 1},
    **{"low": 0, "high": 100, "levels": LEVELS, "scored_levels": LEVELS, "max_age": 5, "published": "numerator"},
    **{"denominator_source": "dataset", "aggregation": "ratio", "absent": "missing", "details": {}},
)
METHOD = Framework("1", LAST, "", 0, 0, 1, (), (), (SHARE,), {})
SAME = Fraction(1, 10**9)  # shares are written with ten decimals
Exact = Fraction | int
NOTHING = (0, 0, False)
FIRST = 2015  # communes of that year go through the events of 2016


class Event(NamedTuple):
    """What became of one territory on one day."""

    date: str
    kind: str
    ref_area: str
    heirs: tuple[tuple[str, Exact], ...]

    def __str__(self) -> str:
        return f"{self.date} {self.kind} {self.ref_area}"


def read_events() -> list[Event]:
    found: dict[tuple[str, str, str], list[tuple[str, Exact]]] = defaultdict(list)
    with (ROOT / "codelists" / "territory_events.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            weight = Fraction(row["weight"])
            # A whole number is as exact as a fraction, and ten times as fast.
            heir = row["to_area"], weight if weight.denominator > 1 else weight.numerator
            found[row["date"], row["type"], row["from_area"]].append(heir)
    return [Event(*key, tuple(heirs)) for key, heirs in sorted(found.items())]


EVENTS = read_events()
SINCE_2016 = [event for event in EVENTS if event.date >= "2016-01-01"]
BY_AREA: dict[str, list[Event]] = defaultdict(list)
for _event in EVENTS:
    BY_AREA[_event.ref_area].append(_event)


def parts(ref_area: str, after: str) -> dict[str, Exact]:
    """Today's heirs of a territory of day `after` and their shares, read from the file alone, in exact fractions."""
    following = next((e for e in BY_AREA[ref_area] if after < e.date <= TODAY), None)
    if following is None:
        return {ref_area: 1}
    found: dict[str, Exact] = defaultdict(int)
    for heir, weight in following.heirs:
        for last, share in parts(heir, following.date).items():
            found[last] += weight * share
    return found


@cache
def counts(ref_area: str) -> tuple[int, int]:
    """Whole numbers unlike any other commune's."""
    code = int.from_bytes(ref_area.encode(), "big")
    return code % 997, 1000 + code % 9973


class Exercise(NamedTuple):
    """The figures of one year, carried by the product and by hand: (numerator, denominator, estimated)."""

    communes: list[str]
    theirs: dict[str, Observation]
    constant: dict[str, Observation]
    expected: dict[str, tuple[Exact, Exact, bool]]


def exercise(year: int) -> Exercise:
    day = f"{year}-01-01"
    communes = TERRITORIES.existing("COM", day)
    published = [
        Observation(c, "share", str(year), None, "A", *map(float, counts(c)), 1.0, "x", str(year)) for c in communes
    ]
    work = Aggregator(METHOD, TERRITORIES, {"percent": 100.0})
    completed = work.complete_all(published)
    theirs = work.of_their_time(completed)
    constant = {o.ref_area: o for o in (*theirs, *work.in_geography(completed, theirs, LAST))}
    expected: dict[str, tuple[Exact, Exact, bool]] = {}
    for commune in communes:
        top, bottom = counts(commune)
        for heir, weight in parts(commune, day).items():
            one, other, estimated = expected.get(heir, NOTHING)
            expected[heir] = one + weight * top, other + weight * bottom, estimated or weight < Fraction(1) - SAME
    return Exercise(communes, {o.ref_area: o for o in theirs}, constant, expected)


def differs(found: Observation | None, expected: tuple[Exact, Exact, bool]) -> str:
    """Why a figure is not what was computed by hand; "" when it is."""
    if found is None or found.numerator is None or not found.denominator or found.value is None:
        return "no figure"
    for value, exact in ((found.numerator, expected[0]), (found.denominator, expected[1])):
        if value != exact and abs(Fraction(value) - exact) > SAME * max(1, exact):
            return f"{value}, {float(exact)} expected"
    if abs(found.value - 100 * found.numerator / found.denominator) > 1e-9:
        return f"value {found.value} is not the ratio"
    if found.estimated != expected[2]:
        return f"estimated is {found.estimated}"
    return ""


def of_year(year: int, level: str) -> list[Event]:
    """Events that communes (or EPCI) of that 1 January go through before the next one, included."""
    span = f"{year}-01-01", f"{year + 1}-01-01"
    return [e for e in SINCE_2016 if span[0] < e.date <= span[1] and level_of(e.ref_area) == level]


def members(day: str) -> dict[str, set[str]]:
    """Communes of each EPCI and département on a day, from the file alone."""
    found: dict[str, set[str]] = defaultdict(set)
    with (ROOT / "codelists" / "memberships.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["member"].startswith("COM-") and row["valid_from"] <= day < (row["valid_to"] or "9999"):
                found[row["parent"]].add(row["member"])
    return found


YEARS = range(FIRST, int(LAST))


def test_no_event_is_left_out() -> None:
    seen = [event for year in YEARS for level in ("COM", "EPCI") for event in of_year(year, level)]
    assert sorted(seen) == sorted(SINCE_2016) and len(seen) > 3000


def along_events(year: int, found: Exercise) -> Iterator[tuple[str, str]]:
    """Events of communes whose heirs of today have other figures than by hand."""
    for event in of_year(year, "COM"):
        if abs(sum(weight for _, weight in event.heirs) - 1) > SAME:
            yield str(event), "weights do not sum to 1"
        for heir in {last for first, _ in event.heirs for last in parts(first, event.date)}:
            if reason := differs(found.constant.get(heir), found.expected.get(heir, NOTHING)):
                yield f"{event} → {heir}", reason


def in_communes(found: Exercise) -> Iterator[tuple[str, str]]:
    """Communes of today with other figures than by hand, and figures lost or made on the way."""
    for area in TERRITORIES.existing("COM", TODAY):
        if reason := differs(found.constant.get(area), found.expected.get(area, NOTHING)):
            yield area, reason
    for place, name in ((0, "numerators"), (1, "denominators")):
        before = sum(counts(c)[place] for c in found.communes)
        after = sum(Fraction(getattr(found.constant[area], name[:-1])) for area in found.expected)
        if abs(after - before) > SAME * before:
            yield name, f"{before} become {float(after)}"


def in_sums(year: int, found: Exercise) -> Iterator[tuple[str, str]]:
    """EPCI and départements of today that are not the sums of what their communes received."""
    inside: dict[str, list[str]] = defaultdict(list)
    homes = {area: communes for area, communes in members(TODAY).items() if level_of(area) in ("EPCI", "DEP")}
    for area, communes in homes.items():
        for commune in communes:
            inside[commune].append(area)
    received: dict[str, dict[str, Exact]] = defaultdict(lambda: defaultdict(int))
    for commune in found.communes:
        for heir, weight in parts(commune, f"{year}-01-01").items():
            for area in inside[heir]:
                received[area][commune] += weight
    for area in homes:
        shares = received[area].items()
        sums = [sum(w * counts(c)[place] for c, w in shares) for place in (0, 1)]
        if reason := differs(found.constant.get(area), (sums[0], sums[1], any(w < 1 - SAME for _, w in shares))):
            yield area, reason


def in_their_time(year: int, found: Exercise) -> Iterator[tuple[str, str]]:
    """EPCI of the year that are not the sums of their communes of the year."""
    for area, communes in members(f"{year}-01-01").items():
        if level_of(area) == "EPCI":
            sums = [sum(counts(commune)[place] for commune in communes) for place in (0, 1)]
            if reason := differs(found.theirs.get(area), (sums[0], sums[1], False)):
                yield area, reason


@pytest.mark.parametrize("year", YEARS)
def test_figures_go_through_every_event(year: int) -> None:
    """One test a year, so that its figures are carried once; each failure has the name of its event."""
    found = exercise(year)
    wrong = [*along_events(year, found), *in_communes(found), *in_sums(year, found)]
    if year >= int(TERRITORIES.vintages[0]):  # memberships of before are not known
        wrong += in_their_time(year, found)
    assert wrong == []


@pytest.mark.parametrize("year", YEARS)
def test_communes_of_an_epci_are_found_in_its_heirs(year: int) -> None:
    """An event of an EPCI and the memberships of its communes tell the same story."""
    before, after = members(f"{year}-12-31"), members(f"{year + 1}-01-01")
    wrong: dict[str, list[str]] = {}
    for event in of_year(year, "EPCI"):
        if event.date != f"{year + 1}-01-01" or event.kind == "rename":
            continue
        heirs = {commune for heir, _ in event.heirs for commune in after[heir]}
        left = [
            commune
            for commune in sorted(before[event.ref_area])
            if not {h for h, _ in TERRITORIES.successors(commune, event.date, f"{year}-12-31")} <= heirs
        ]
        if left:
            wrong[str(event)] = left
    assert wrong == {}
