"""The calendar (RFC 5545) of releases and of changes of territories, dated by the data: the same bytes each time."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from typing import Any

from icalendar import Calendar, Event

from observatory.formats import spoken
from observatory.identity import Identity
from observatory.languages import data
from observatory.languages import gettext as _

TYPE = "text/calendar; charset=utf-8"
DAYS = "select * from calendar_days order by date, kind, subject"


def written(db: sqlite3.Connection, who: Identity, base: str) -> bytes:
    """Every day of the view `calendar_days`, for links that lead to the site at `base`."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{who.host}//calendrier//FR")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _("Observatoire : publications et événements"))
    calendar.add("x-wr-calname", _("Observatoire : publications et événements"))
    calendar.add("refresh-interval", timedelta(days=1), parameters={"VALUE": "DURATION"})
    for row in db.execute(DAYS).fetchall():
        calendar.add_component(_event(row, who, base))
    return bytes(calendar.to_ical())


def _event(row: Mapping[str, Any], who: Identity, base: str) -> Event:
    """A whole day; an announced release keeps its identifier when its day moves, a past one is of its day."""
    event, day = Event(), Date.fromisoformat(row["date"])
    moment = "" if row["kind"] == "announced" else f"-{row['date']}"
    event.add("uid", f"{row['kind']}-{row['subject']}{moment}@{who.host}")
    event.add("dtstamp", datetime.fromisoformat(row["stamp"]).replace(tzinfo=UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", _title(row))
    event.add("url", base + row["path"])
    event.add("categories", [row["kind"]])
    event.add("transp", "TRANSPARENT")
    return event


def _title(row: Mapping[str, Any]) -> str:
    if row["kind"] == "territories":
        communes = spoken().count(int(row["title"]), "commune")
        return _("Territoires : {communes} dont le nom, le code ou le périmètre change").format(communes=communes)
    return {
        "released": _("Données arrêtées à ce jour : {title}"),
        "announced": _("Mise à jour annoncée : {title}"),
        "edition": _("Édition {title} de la méthode : clôture"),
        "published": _("Édition {title} : publication des données figées"),
    }[row["kind"]].format(title=data(row["title"]))
