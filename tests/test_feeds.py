"""Feeds and calendar: valid by grammars and readers that are not ours, dated by the data, the same each time."""

import re
import sqlite3
from datetime import date as Date
from datetime import datetime
from pathlib import Path

import feedparser
import icalendar
import pytest
from datasette.app import Datasette
from ical.calendar_stream import IcsCalendarStream
from ical.exceptions import CalendarParseError
from lxml import etree
from repositories import ROOT

from observatory import calendars, feeds, identity

FEEDS = ["/atom.xml", "/territoires/DEP-68/atom.xml", "/territoires/COM-01091/atom.xml",
         "/indicateurs/eligibilite-1-gbits/atom.xml", "/en/atom.xml"]  # fmt: skip
GRAMMAR = etree.RelaxNG(etree.parse(ROOT / "tests" / "fixtures" / "atom.rng"))
ATOM = f"{{{feeds.ATOM}}}"
WHO = identity.Identity("https://observatoire.example", "Titre", "Éditeur", "Contact", "a@b.example")
MUTANTS = {
    "no id": (r"<id>[^<]*</id>", ""),
    "no updated": (r"<updated>[^<]*</updated>", ""),
    "no title": (r"<title>[^<]*</title>", ""),
    "a date without hour": (r"T00:00:00Z", ""),
    "a link without address": (r' href="[^"]*"', ""),
    "a word of nobody": (r"<summary>([^<]*)</summary>", r"<resume>\1</resume>"),
}


# RFC 3987, absolute: what the grammar of RFC 4287 leaves a text (« atomUri = text ») and its prose asks for.
IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
MUTANTS["an address that is none"] = (r' href="https?://', ' href="//a b/')
MUTANTS["an identifier that is no IRI"] = (r"<id>tag:", "<id>")


def faults(text: str) -> list[str]:
    """What the grammar, the reader and the prose of RFC 4287 find wrong."""
    tree, found = etree.fromstring(text.encode()), []
    if not GRAMMAR.validate(tree):
        found.append(str(GRAMMAR.error_log.last_error))
    if feedparser.parse(text)["bozo"]:
        found.append("bozo")
    ids = [one.text for one in tree.iter(f"{ATOM}id")]
    addresses = [*ids, *tree.xpath("//a:link/@href", namespaces={"a": feeds.ATOM})]
    found += [f"no IRI: {one}" for one in addresses if not IRI.fullmatch(one or "")]
    if len(ids) != len(set(ids)):
        found.append("two entries have one id")
    if not tree.xpath("a:author", namespaces={"a": feeds.ATOM}):
        found.append("nobody wrote it")
    if not tree.xpath("a:link[@rel='self']", namespaces={"a": feeds.ATOM}):
        found.append("it does not say where it is")
    return found


@pytest.mark.parametrize("path", FEEDS)
async def test_feed_is_valid_and_its_links_lead_to_pages(site: Datasette, path: str) -> None:
    answer = await site.client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"] == feeds.TYPE
    assert faults(answer.text) == []
    read = feedparser.parse(answer.text)
    assert read.entries and read.feed.title and read.feed.updated == max(entry.updated for entry in read.entries)
    for entry in read.entries:
        assert entry.title and entry.summary and entry.id.startswith("tag:observatoire.example,2026:/")
        page = await site.client.get(entry.link.removeprefix("http://localhost"), follow_redirects=True)
        assert page.status_code == 200, entry.link


@pytest.mark.parametrize("change", MUTANTS.values(), ids=MUTANTS.keys())
async def test_a_broken_feed_is_caught(site: Datasette, change: tuple[str, str]) -> None:
    text = (await site.client.get("/territoires/DEP-68/atom.xml")).text
    broken = re.sub(*change, text)
    assert broken != text and faults(broken)


async def test_two_entries_with_one_id_are_caught(site: Datasette) -> None:
    text = (await site.client.get("/atom.xml")).text
    assert "two entries have one id" in faults(re.sub(r"<id>[^<]*</id>", "<id>tag:a,2026:b</id>", text))
    assert "nobody wrote it" in faults(re.sub(r"<author>.*?</author>", "", text, flags=re.S))
    assert "it does not say where it is" in faults(text.replace('rel="self"', 'rel="related"'))


@pytest.fixture(scope="module")
def db(database: Path) -> sqlite3.Connection:
    opened = sqlite3.connect(database)
    opened.row_factory = sqlite3.Row
    return opened


def test_a_feed_holds_what_concerns_its_subject(db: sqlite3.Connection) -> None:
    kinds = {row["kind"] for row in feeds.everything(db).rows}
    assert {"dataset", "event"} <= kinds and "score" not in kinds
    (gone,) = [row for row in feeds.territory(db, "COM-01091").rows if row["kind"] == "event"]
    assert gone["date"] == "2019-01-01" and "COM-01033" in gone["subject"]
    mine = feeds.indicator(db, "eligibilite-1-gbits").rows
    assert {row["dataset"] for row in mine if row["kind"] == "dataset"} == {"eligibilite_fixe"}
    with pytest.raises(LookupError):
        feeds.territory(db, "DEP-999")
    updates = dict(db.execute("select name, last_update from datasets"))
    told = {row["dataset"]: row["date"] for row in feeds.everything(db).rows if row["kind"] == "dataset"}
    assert told == updates


def test_words_of_changes_of_method_and_of_scores() -> None:
    row = {
        "kind": "rule",
        "title": "changed",
        "name": "2027.1",
        "detail": '{"rule": "weight", "before": "1", "after": "2"}',
    }
    assert feeds.WORDS["rule"](row) == ("Méthode 2027.1 : l’indicateur change", "Poids : 1 → 2.")
    score = {"name": "Haut-Rhin", "title": "2026.2",
             "detail": '{"change": -6.04, "before": "2024", "after": "2026", "edition": "2026.1"}'}  # fmt: skip
    assert feeds.WORDS["score"](score) == (
        "Haut-Rhin : −6,0 sur 100 à l’indice",
        "De 2024 (édition 2026.1) à 2026 (édition 2026.2). La page dit pourquoi.",
    )


async def test_a_feed_of_nobody_is_not_found(site: Datasette) -> None:
    for path in ("/territoires/DEP-999/atom.xml", "/indicateurs/rien/atom.xml"):
        assert (await site.client.get(path)).status_code == 404


async def test_feeds_and_calendar_are_found_from_pages(site: Datasette) -> None:
    for page, feed in (
        ("/methode", "/atom.xml"),
        ("/territoires/DEP-68", "/territoires/DEP-68/atom.xml"),
        ("/indicateurs/eligibilite-1-gbits", "/indicateurs/eligibilite-1-gbits/atom.xml"),
    ):
        assert f'<link rel="alternate" type="application/atom+xml" href="{feed}"' in (await site.client.get(page)).text
    assert 'href="/calendrier.ics"' in (await site.client.get("/jeux-de-donnees")).text


def missing(text: str) -> list[str]:
    """What RFC 5545 requires and a calendar has not: read strictly, property by property."""
    read, found = icalendar.Calendar.from_ical(text), list[str]()
    try:
        # A library that is not the one that writes, and refuses what it does not understand.
        IcsCalendarStream.calendar_from_ics(text)
    except (CalendarParseError, ValueError) as error:
        found.append(f"ical: {error}")
    found += [name for part in read.walk() for name in part.required if name not in part]
    found += [f"error in {name}" for part in read.walk() for name, _ in part.errors]
    uids = [str(event.get("uid")) for event in read.walk("VEVENT")]
    found += ["two events have one UID"] if len(uids) != len(set(uids)) else []
    found += ["a line is too long"] if any(len(line) > 75 for line in text.encode().split(b"\r\n")) else []
    return found + (["a line does not end as it must"] if "\n" in text.replace("\r\n", "") else [])


async def test_calendar_is_valid_and_dated_by_the_data(site: Datasette, db: sqlite3.Connection) -> None:
    answer = await site.client.get("/calendrier.ics")
    assert answer.headers["content-type"] == calendars.TYPE and missing(answer.text) == []
    assert (await site.client.get("/calendrier.ics")).content == answer.content
    read = icalendar.Calendar.from_ical(answer.text)
    days = {str(event["uid"]): event for event in read.walk("VEVENT")}
    for name, last, following in db.execute("select name, last_update, next_update from datasets").fetchall():
        event = days[f"released-{name}-{last}@observatoire.example"]
        assert event.decoded("dtstart") == Date.fromisoformat(last) and event["dtstamp"].dt.isoformat()[:10] == last
        assert (f"announced-{name}@observatoire.example" in days) == following[0].isdigit()
        page = str(event["url"]).removeprefix("http://localhost")
        assert page == f"/jeux-de-donnees/{name}" and (await site.client.get(page)).status_code == 200


def test_an_announced_release_keeps_its_identifier_when_its_day_moves(database: Path, tmp_path: Path) -> None:
    moved = sqlite3.connect(tmp_path / "moved.db")
    moved.row_factory = sqlite3.Row
    sqlite3.connect(database).backup(moved)
    uids = []
    for day in ("2027-01-15", "2027-02-01"):
        moved.execute("update datasets set next_update = ? where name = 'couverture_fibre'", [day])
        read = icalendar.Calendar.from_ical(calendars.written(moved, WHO, "https://x.fr"))
        (event,) = [one for one in read.walk("VEVENT") if one.decoded("dtstart") == Date.fromisoformat(day)]
        uids.append(str(event["uid"]))
    assert uids == ["announced-couverture_fibre@observatoire.example"] * 2
    assert isinstance(event["dtstamp"].dt, datetime)


@pytest.mark.parametrize("line", ["UID", "DTSTAMP", "VERSION", "PRODID"])
async def test_a_broken_calendar_is_caught(site: Datasette, line: str) -> None:
    text = (await site.client.get("/calendrier.ics")).text
    assert missing(re.sub(rf"(?m)^{line}:.*\r\n(?: .*\r\n)*", "", text))
    assert "two events have one UID" in missing(re.sub(r"(?m)^UID:.*\r\n(?: .*\r\n)*", "UID:a\r\n", text))


async def test_another_library_reads_the_same_days(site: Datasette) -> None:
    text = (await site.client.get("/calendrier.ics")).text
    mine = {(str(one["uid"]), one.decoded("dtstart"), str(one["summary"]))
            for one in icalendar.Calendar.from_ical(text).walk("VEVENT")}  # fmt: skip
    read = IcsCalendarStream.calendar_from_ics(text).events
    assert {(one.uid, one.dtstart, one.summary) for one in read} == mine and len(read) == len(mine) > 5
    refused = [
        text.replace("END:VEVENT", "", 1),
        re.sub(r"DTSTART;VALUE=DATE:\d+", "DTSTART;VALUE=DATE:20241332", text, count=1),
        re.sub(r"DTEND;VALUE=DATE:\d+", "DTEND:demain", text, count=1),
    ]
    for broken in refused:
        with pytest.raises((CalendarParseError, ValueError)):
            IcsCalendarStream.calendar_from_ics(broken)


KINDS = {
    "released": ("eligibilite_fixe", "Données arrêtées à ce jour : "),
    "announced": ("couverture_fibre", "Mise à jour annoncée : "),
    "edition": ("2024.1", "Édition 2024.1 de la méthode : clôture"),
    "published": ("2024.1.1", "Édition 2024.1.1 : publication des données figées"),
    "territories": ("2024-01-01", "Territoires : 1\xa0commune dont le nom, le code ou le périmètre change"),
}


@pytest.fixture
def one_of_each(database: Path, tmp_path: Path) -> sqlite3.Connection:
    """A database in which every kind of day and of news is there."""
    copy = sqlite3.connect(tmp_path / "each.db")
    copy.row_factory = sqlite3.Row
    sqlite3.connect(database).backup(copy)
    copy.execute("update method set closed_on = '2025-01-10' where edition = '2024.1'")
    copy.execute("update datasets set next_update = '2027-01-15' where name = 'couverture_fibre'")
    return copy


def test_the_calendar_says_each_kind_of_day(one_of_each: sqlite3.Connection) -> None:
    read = icalendar.Calendar.from_ical(calendars.written(one_of_each, WHO, "https://x.fr"))
    days = {str(event["uid"]): event for event in read.walk("VEVENT")}
    rows = {(row["kind"], row["subject"]): row for row in one_of_each.execute("select * from calendar_days")}
    assert {kind for kind, _subject in rows} == set(KINDS)
    for kind, (subject, words) in KINDS.items():
        day = rows[kind, subject]["date"]
        event = days[f"{kind}-{subject}{'' if kind == 'announced' else f'-{day}'}@observatoire.example"]
        assert str(event["summary"]).startswith(words) and event.decoded("dtstart") == Date.fromisoformat(day)
    assert rows["edition", "2024.1"]["date"] == "2025-01-10"
    assert rows["published", "2024.1.1"]["date"] == "2025-06-20"
    # Of the changes of territories, those of the year of the newest data alone.
    assert [subject for kind, subject in rows if kind == "territories"] == ["2024-01-01"]


async def test_days_of_editions_and_of_territories_lead_to_pages(site: Datasette) -> None:
    text = (await site.client.get("/calendrier.ics")).text
    urls = [str(one["url"]) for one in icalendar.Calendar.from_ical(text).walk("VEVENT")]
    assert any("/editions/" in url for url in urls) and any("territory_events" in url for url in urls)
    for url in urls:
        page = await site.client.get(url.removeprefix("http://localhost"), follow_redirects=True)
        assert page.status_code == 200, url


def test_words_of_every_kind_of_news(one_of_each: sqlite3.Connection) -> None:
    rows: dict[str, sqlite3.Row] = {}
    for row in one_of_each.execute("select * from news order by date desc, kind, subject, path"):
        rows.setdefault(row["kind"], row)
    made = {
        "rule": {"title": "added", "name": "2024.1", "detail": "{}"},
        "score": {"name": "Haut-Rhin", "title": "2026.2",
                  "detail": '{"change": 1.0, "before": "2024", "after": "2026", "edition": "2026.1"}'},
    }  # fmt: skip
    assert {*rows, *made} == set(feeds.WORDS)
    said = {kind: feeds.WORDS[kind](dict(row)) for kind, row in {**rows, **made}.items()}
    for kind, words in {
        "dataset": ("Données à jour : ", "L’observatoire publie l’état du "),
        "edition": ("Édition 2024.1 de la méthode", ""),
        "published": ("Édition 2024.1.1 : données publiées", "Des données figées et citables"),
        "rule": ("Méthode 2024.1 : l’indicateur change", "L’indicateur entre dans le score."),
        "event": ("CC Terre Valserhône (CCTV) : changement de nom", "Depuis le 1ᵉʳ\xa0janvier 2025."),
        "score": ("Haut-Rhin : +1,0 sur 100 à l’indice", "De 2024"),
        "status": (
            "Corse-du-Sud : valeur corrigée",
            "Part des locaux raccordables à la fibre optique, 2ᵉ trimestre 2022.",
        ),
    }.items():
        assert said[kind][0].startswith(words[0]) and said[kind][1].startswith(words[1]), (kind, said[kind])
    for feed in (feeds.everything(one_of_each), feeds.territory(one_of_each, "DEP-68")):
        assert "2024.1.1" in {row["title"] for row in feed.rows if row["kind"] == "published"}
