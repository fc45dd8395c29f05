"""The agenda of territories: events, and the days on which a call closes, for pages and as iCalendar (RFC 5545)."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from typing import Any

from icalendar import Calendar, Event

from observatory.acting import is_open
from observatory.identity import Identity
from observatory.languages import data, rows
from observatory.languages import gettext as _

WHOLE_DAY = 10
EVENTS = """
select t.*, e.lieu as place, e.enregistrement as recording, d.last_update as stamp
from things t join evenements e on e.id = t.id join datasets d on d.name = 'evenements'
where t.register = 'evenements' order by t.start_date, t.id
"""
CLOSINGS = """
select t.*, null as place, null as recording, d.last_update as stamp
from things t join datasets d on d.name = 'appels'
where t.register = 'appels' and t.end_date is not null order by t.end_date, t.id
"""


@dataclass(frozen=True)
class Agenda:
    """Rows of events to come, soonest first, and past, latest first; calls still open, by the day they close."""

    coming: list[Any]
    past: list[Any]
    closing: list[Any]


def agenda(db: sqlite3.Connection, today: str) -> Agenda:
    """What the registers know of; nothing where they are not kept."""
    events, calls = _rows(db)
    coming = [one for one in events if is_open(one["end_date"] or one["start_date"], today)]
    past = [one for one in events if one not in coming]
    return Agenda(coming, past[::-1], [one for one in calls if is_open(one["end_date"], today)])


def _rows(db: sqlite3.Connection) -> tuple[list[Any], list[Any]]:
    kept = {row[0] for row in db.execute("select register from registers")}
    events = db.execute(EVENTS).fetchall() if "evenements" in kept else []
    calls = db.execute(CLOSINGS).fetchall() if "appels" in kept else []
    return rows(events), rows(calls)


def written(db: sqlite3.Connection, who: Identity, base: str) -> bytes:
    """Every event whose day is known and the last day of every call, for links that lead to the site at `base`."""
    events, calls = _rows(db)
    found = [_event(one, who, base) for one in events if dated(one["start_date"])]
    found += [_closing(one, who, base) for one in calls if dated(one["end_date"])]
    return _calendar(found, who)


def event(db: sqlite3.Connection, identifier: str, who: Identity, base: str) -> bytes:
    """One event; LookupError when there is none of that identifier, or when its day is not known."""
    one = next((one for one in _rows(db)[0] if one["id"] == identifier), None)
    if one is None or not dated(one["start_date"]):
        raise LookupError(identifier)
    return _calendar([_event(one, who, base)], who)


def dated(text: str | None) -> bool:
    """Whether a date is a whole day, without which a calendar has no place for it."""
    return len(text or "") == WHOLE_DAY


def _calendar(events: Iterable[Event], who: Identity) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{who.host}//agenda//FR")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _("Agenda des territoires"))
    calendar.add("x-wr-calname", _("Agenda des territoires"))
    calendar.add("refresh-interval", timedelta(days=1), parameters={"VALUE": "DURATION"})
    for one in events:
        calendar.add_component(one)
    return bytes(calendar.to_ical())


def _event(row: Any, who: Identity, base: str) -> Event:
    last = row["end_date"] if dated(row["end_date"]) else row["start_date"]
    found = _days(row, who, base, row["start_date"], last)
    found.add("summary", row["title"])
    if row["place"]:
        found.add("location", row["place"])
    if row["recording"]:
        found.add("attach", row["recording"])
    return found


def _closing(row: Any, who: Identity, base: str) -> Event:
    found = _days(row, who, base, row["end_date"], row["end_date"])
    found.add("summary", _("Clôture de l’appel : {title}").format(title=data(row["title"])))
    return found


def _days(row: Any, who: Identity, base: str, first: str, last: str) -> Event:
    """Whole days; the end of an event is the day after its last one."""
    found = Event()
    found.add("uid", f"{row['register']}-{row['id']}@{who.host}")
    found.add("dtstamp", datetime.fromisoformat(row["stamp"]).replace(tzinfo=UTC))
    found.add("dtstart", Date.fromisoformat(first))
    found.add("dtend", Date.fromisoformat(last) + timedelta(days=1))
    found.add("url", f"{base}/{row['register']}/{row['id']}")
    if row["summary"]:
        found.add("description", row["summary"])
    found.add("transp", "TRANSPARENT")
    return found
