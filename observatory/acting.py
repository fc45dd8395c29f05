"""From a gap to what may be done: initiatives of territories alike, partners, offers, open calls, next events."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from observatory import periods
from observatory.headlines import middle
from observatory.languages import rows

MOST = 6
# Things of a register that name an indicator, or its domain: those that name the indicator first, then those whose
# territories are like the one asked for. A thing that aims at other indicators only is not for this one.
ABOUT = """
select t.*, max(r.target = 'indicators') as aimed,
    (select min(p.position) from relations w join peers p on p.peer = w.target_id and p.ref_area = :area
        where w.register = t.register and w.id = t.id and w.target = 'territories') as alike
from things t join relations r on r.register = t.register and r.id = t.id
where t.register = :register and (
    (r.target = 'indicators' and r.target_id = :indicator)
    or (r.target = 'domains' and r.target_id = :domain and not exists (
        select 1 from relations o where o.register = t.register and o.id = t.id and o.target = 'indicators'
    ))
)
group by t.id
order by aimed desc, alike is null, alike, t.start_date is null, t.start_date desc, t.title
"""
WHERE = """
select a.ref_area, a.name from relations r join territories a on a.ref_area = r.target_id
where r.register = ? and r.id = ? and r.target = 'territories' order by r.role, r.position
"""
PARTNERS = """
select distinct t.* from relations r join things t on t.register = r.target and t.id = r.target_id
where r.register = 'initiatives' and r.role = 'partenaires' and r.id in ({marks}) order by t.title
"""
# Territories whose calls are for this one too: the country, itself, what holds it or a commune of it.
AROUND = """
select 'FRA' union select :area
union select parent from memberships where member = :area and valid_to is null
union select h.parent from memberships c join memberships h on h.member = c.member and h.valid_to is null
    where c.parent = :area and c.valid_to is null and :area like 'EPCI-%'
"""
PERIMETER = "select target_id from relations where register = 'appels' and id = ? and role = 'perimetre'"
VALUES = """
select time_period, obs_value from current_values
where ref_area = ? and indicator = ? and obs_value is not null order by time_period
"""
PEERS = """
select b.obs_value - a.obs_value from peers p
join current_values a on a.ref_area = p.peer and a.indicator = :indicator and a.time_period = :before
join current_values b on b.ref_area = p.peer and b.indicator = :indicator and b.time_period = :after
where p.ref_area = :area and a.obs_value is not null and b.obs_value is not null
"""
AIMED = """
select a.ref_area, a.name, i.code, i.title, i.symbol, i.decimals
from relations r join territories a on a.ref_area = r.target_id
join relations g on g.register = r.register and g.id = r.id and g.target = 'indicators'
join indicator i on i.code = g.target_id
where r.register = 'initiatives' and r.id = ? and r.target = 'territories'
order by r.role = 'porteurs' desc, r.position, g.position
"""


@dataclass(frozen=True)
class Steps:
    """What may be done about an indicator: rows of `things`, the nearest first; `places` those of an initiative."""

    initiatives: Sequence[Any]
    partners: Sequence[Any]
    offers: Sequence[Any]
    calls: Sequence[Any]
    events: Sequence[Any]
    places: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Effect:
    """An indicator that an initiative aims at, in a territory: before it began, last known, and what those alike did.

    `peers` is the median change of the territories alike between the same periods, None with fewer than five.
    """

    about: Any
    before_period: str
    before: float
    after_period: str
    after: float
    peers: float | None


def steps(db: sqlite3.Connection, area: str, indicator: str, domain: str, today: str) -> Steps:
    """What the registers hold for a territory that is behind on that indicator of that domain."""

    def about(register: str) -> list[Any]:
        names = {"register": register, "area": area, "indicator": indicator, "domain": domain}
        return rows(db.execute(ABOUT, names).fetchall())

    initiatives = about("initiatives")[:MOST]
    keys = [one["id"] for one in initiatives]
    partners = db.execute(PARTNERS.format(marks=",".join("?" * len(keys))), keys).fetchall()
    around = {row[0] for row in db.execute(AROUND, {"area": area})}
    calls = [one for one in about("appels") if is_open(one["end_date"], today) and _reaches(db, one["id"], around)]
    events = [one for one in about("evenements") if is_open(one["end_date"] or one["start_date"], today)]
    events.sort(key=lambda one: one["start_date"])
    places = {key: db.execute(WHERE, ["initiatives", key]).fetchall() for key in keys}
    return Steps(initiatives, rows(partners)[:MOST], about("offres")[:MOST], calls[:MOST], events[:MOST], places)


def is_open(end: str | None, today: str) -> bool:
    """Whether a thing that ends then (a year, a month or a day) is not over; a thing without an end is not known to be.

    >>> is_open("2026", "2026-11-24"), is_open("2026-10", "2026-11-24"), is_open(None, "2026-11-24")
    (True, False, False)
    """
    return bool(end) and str(end) >= today[: len(str(end))]


def _reaches(db: sqlite3.Connection, call: str, around: set[str]) -> bool:
    return any(row[0] in around for row in db.execute(PERIMETER, [call]))


def effects(db: sqlite3.Connection, initiative: str) -> list[Effect]:
    """What the indicators that an initiative aims at did since it began, in its territories, where both are known."""
    start = db.execute("select start_date from things where register = 'initiatives' and id = ?", [initiative])
    began = (start.fetchone() or [None])[0]
    if not began:
        return []
    found = []
    for about in rows(db.execute(AIMED, [initiative]).fetchall()):
        area, code = about["ref_area"], about["code"]
        values = [(row[0], row[1]) for row in db.execute(VALUES, [area, code])]
        earlier = [one for one in values if _ends(one[0]) < _month(began)]
        if not earlier or _ends(values[-1][0]) < _month(began):
            continue
        (before_period, before), (after_period, after) = earlier[-1], values[-1]
        between = {"area": area, "indicator": code, "before": before_period, "after": after_period}
        changes = [row[0] for row in db.execute(PEERS, between)]
        found.append(Effect(about, before_period, before, after_period, after, middle(changes)))
    return found


def _ends(period: str) -> str:
    year, month = periods.end_month(period)
    return f"{year}-{month:02}"


def _month(date: str) -> str:
    """The month of a partial date: January of a year alone."""
    return date[:7] if len(date) >= 7 else f"{date}-01"
