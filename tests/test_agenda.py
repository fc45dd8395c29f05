"""The agenda: events and closings, as a page and as calendars that another program reads."""

import sqlite3
from datetime import date
from pathlib import Path

import icalendar
import pytest
from datasette.app import Datasette
from ical.calendar_stream import IcsCalendarStream

from observatory import agenda


@pytest.fixture
def db(demonstration: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(f"file:{demonstration}?mode=ro", uri=True)
    opened.row_factory = sqlite3.Row
    return opened


def test_events_are_to_come_or_past_by_the_last_day_that_is_known(db: sqlite3.Connection) -> None:
    found = agenda.agenda(db, "2024-05-17")
    assert [one["id"] for one in found.coming] == ["forum-eau-2024", "atelier-mediation-2025", "journee-fibre-2030"]
    assert [one["id"] for one in found.closing] == ["ville-sobre-2024", "fibre-rurale-2030"]
    after = agenda.agenda(db, "2025-11-01")
    assert [one["id"] for one in after.past] == ["atelier-mediation-2025", "forum-eau-2024"]
    assert [one["id"] for one in after.coming] == ["journee-fibre-2030"]


async def test_calendar_holds_whole_days_only(registers: Datasette) -> None:
    answer = await registers.client.get("/agenda.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    events = {str(one.uid).partition("@")[0]: one for one in IcsCalendarStream.calendar_from_ics(answer.text).events}
    assert set(events) == {"evenements-forum-eau-2024", "evenements-journee-fibre-2030", "appels-ville-sobre-2024",
                           "appels-fibre-rurale-2030"}  # fmt: skip
    forum = events["evenements-forum-eau-2024"]
    assert (forum.start, forum.end) == (date(2024, 5, 16), date(2024, 5, 18))
    assert forum.location == "Parc des expositions, Mulhouse" and forum.summary == "Forum de l'eau connectée"
    assert "/evenements/forum-eau-2024" in str(forum.url)
    assert str(events["appels-ville-sobre-2024"].summary).startswith("Clôture de l’appel")
    assert (await registers.client.get("/agenda.ics")).content == answer.content


async def test_one_event_is_a_file_for_an_agenda(registers: Datasette) -> None:
    answer = await registers.client.get("/evenements/forum-eau-2024.ics")
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == "Forum de l'eau connectée" and "https://www.example.org/video" in str(
        event["attach"]
    )
    for unknown in ("atelier-mediation-2025", "rien"):
        assert (await registers.client.get(f"/evenements/{unknown}.ics")).status_code == 404
    assert "Le jour n’est pas connu" in (await registers.client.get("/evenements/atelier-mediation-2025")).text


async def test_agenda_of_a_site_without_registers_is_empty_and_valid(site: Datasette) -> None:
    assert (await site.client.get("/agenda")).status_code == 200
    answer = await site.client.get("/agenda.ics")
    assert answer.status_code == 200 and list(IcsCalendarStream.calendar_from_ics(answer.text).events) == []
