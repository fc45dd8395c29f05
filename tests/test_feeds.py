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


def faults(text: str) -> list[str]:
    """What the grammar, the reader and the prose of RFC 4287 find wrong."""
    tree, found = etree.fromstring(text.encode()), []
    if not GRAMMAR.validate(tree):
        found.append(str(GRAMMAR.error_log.last_error))
    if feedparser.parse(text)["bozo"]:
        found.append("bozo")
    ids = [one.text for one in tree.iter(f"{ATOM}id")]
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
    read = icalendar.Calendar.from_ical(text)
    found = [name for part in read.walk() for name in part.required if name not in part]
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
