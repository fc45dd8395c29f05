"""Atom feeds (RFC 4287) of what has changed: everywhere, for a territory, for an indicator; dated by the data alone."""

import itertools
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from observatory import method_words
from observatory.formats import spoken
from observatory.identity import Identity
from observatory.languages import current, data
from observatory.languages import gettext as _
from observatory.releases import order

Row = Mapping[str, Any]
TYPE = "application/atom+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BEGAN = "2026"  # of the tags: the year in which the identifiers began
VERSIONED = ("edition", "published")  # kinds whose title is a version
MOST, MOST_EVENTS = 100, 50  # entries of a feed, the newest; of them, changes of territories in the feed of everything
NEWEST = "order by date desc, kind, subject, path limit"
EVERYTHING = f"""
    select * from (select * from news where kind in ('dataset', 'edition', 'published', 'rule'))
    union all
    select * from (select * from news where kind = 'event' and subject like 'to/%' {NEWEST} {MOST_EVENTS})
    {NEWEST} {MOST}"""
OF_TERRITORY = f"""
    select * from news where ref_area = :code
    union all
    select * from news where kind = 'dataset'
        and dataset in (select distinct dataset from observations where ref_area = :code)
    union all
    select * from news where kind in ('edition', 'published')
    {NEWEST} {MOST}"""
OF_INDICATOR = f"""
    select * from news where indicator = :code
    union all
    select * from news where kind = 'dataset'
        and dataset in (select dataset from indicator_datasets where indicator = :code)
    union all
    select * from news where kind in ('edition', 'published')
    {NEWEST} {MOST}"""


@dataclass(frozen=True)
class Feed:
    """A feed to write: its path and that of its page from the root of the site, its title, its rows of `news`."""

    path: str
    page: str
    title: str
    rows: Sequence[Row]
    since: str


def everything(db: sqlite3.Connection) -> Feed:
    """What has changed in the observatory."""
    return _feed(db, "", _("Ce qui a changé dans l’observatoire"), EVERYTHING)


def territory(db: sqlite3.Connection, ref_area: str) -> Feed:
    """What has changed for a territory, of today or gone; LookupError when nobody knows it."""
    name = _name(db, "select name from territories where ref_area = ?", ref_area)
    page = f"/territoires/{ref_area}"
    title = _("Ce qui a changé pour {name}").format(name=name)
    return _feed(db, page, title, OF_TERRITORY, ref_area)


def indicator(db: sqlite3.Connection, code: str) -> Feed:
    """What has changed for an indicator; LookupError when nobody knows it."""
    name = data(_name(db, "select title from indicators where code = ?", code))
    page = f"/indicateurs/{code}"
    title = _("Ce qui a changé pour l’indicateur « {name} »").format(name=name)
    return _feed(db, page, title, OF_INDICATOR, code)


def _name(db: sqlite3.Connection, sql: str, code: str) -> str:
    found = db.execute(sql, [code]).fetchone()
    if found is None:
        raise LookupError(code)
    return str(found[0])


def _feed(db: sqlite3.Connection, page: str, title: str, sql: str, code: str = "") -> Feed:
    rows = _newest_first(db.execute(sql, {"code": code} if code else {}).fetchall())
    (since,) = db.execute("select max(last_update) from datasets").fetchone()
    return Feed(f"{page}/atom.xml", page or "/", title, rows, since)


def _newest_first(rows: Sequence[Row]) -> list[Row]:
    """Rows from the newest day to the oldest, and among the editions of a day, from the last version to the first."""
    found: list[Row] = []
    for (_day, kind), same in itertools.groupby(rows, key=lambda row: (row["date"], row["kind"])):
        held = list(same)
        found += sorted(held, key=lambda row: order(row["title"]), reverse=True) if kind in VERSIONED else held
    return found


def written(feed: Feed, who: Identity, base: str) -> str:
    """The feed as XML, for links that lead to the site at `base`; identifiers are those of the permanent address."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed", {LANG: current()})
    _text(root, "id", _tag(who, feed.path))
    _text(root, "title", feed.title)
    _text(root, "updated", _instant(max((row["date"] for row in feed.rows), default=feed.since)))
    author = ET.SubElement(root, f"{{{ATOM}}}author")
    _text(author, "name", data(who.publisher))
    _text(root, "rights", _("Licence Ouverte 2.0, sauf jeux de données sous ODbL"))
    links = (("self", feed.path, "application/atom+xml"), ("alternate", feed.page, "text/html"))
    for rel, path, kind in links:
        ET.SubElement(root, f"{{{ATOM}}}link", {"rel": rel, "type": kind, "href": base + path})
    for row in feed.rows:
        _entry(root, row, who, base)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _entry(root: ET.Element, row: Row, who: Identity, base: str) -> None:
    title, summary = WORDS[row["kind"]](row)
    entry = ET.SubElement(root, f"{{{ATOM}}}entry")
    _text(entry, "id", _tag(who, f"{row['path']}/{row['kind']}/{row['subject']}"))
    _text(entry, "title", title)
    _text(entry, "updated", _instant(row["date"]))
    ET.SubElement(entry, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": base + row["path"]})
    ET.SubElement(entry, f"{{{ATOM}}}category", {"term": row["kind"]})
    _text(entry, "summary", summary)


def _dataset(row: Row) -> tuple[str, str]:
    title = _("Données à jour : {title}").format(title=data(row["title"]))
    return title, _("L’observatoire publie l’état du {day}.").format(day=spoken().date(row["date"]))


def _edition(row: Row) -> tuple[str, str]:
    return _("Édition {edition} de la méthode").format(edition=row["title"]), data(row["detail"] or "")


def _published(row: Row) -> tuple[str, str]:
    title = _("Édition {edition} : données publiées").format(edition=row["title"])
    return title, _("Des données figées et citables, avec leurs empreintes.")


def _rule(row: Row) -> tuple[str, str]:
    detail = json.loads(row["detail"])
    title = _("Méthode {edition} : l’indicateur change").format(edition=row["name"])
    if row["title"] != "changed":
        said = {
            "added": _("L’indicateur entre dans le score."),
            "removed": _("L’indicateur sort du score."),
            "renamed": _("L’indicateur prend un autre code."),
            "moved": _("L’indicateur change de domaine."),
        }
        return title, said[row["title"]]
    rule = detail["rule"]
    before, after = (method_words.rule_value(rule, json.loads(detail[side])) for side in ("before", "after"))
    return title, f"{method_words.rule_title(rule)} : {before} → {after}."


def _event(row: Row) -> tuple[str, str]:
    detail = json.loads(row["detail"])
    title = _("{name} : {event}").format(name=row["name"], event=data(row["title"]).lower())
    day = spoken().date(row["date"])
    if detail["code"] == row["ref_area"]:
        return title, _("Depuis le {day}.").format(day=day)
    said = _("Le {day}, vers {other} ({code}).") if detail["way"] == "to" else _("Le {day}, depuis {other} ({code}).")
    return title, said.format(day=day, other=detail["name"], code=detail["code"])


def _score(row: Row) -> tuple[str, str]:
    detail, words = json.loads(row["detail"]), spoken()
    change = ("+" if detail["change"] > 0 else "−") + words.number(abs(detail["change"]), 1)
    title = _("{name} : {change} sur 100 à l’indice").format(name=row["name"], change=change)
    said = _("De {before} (édition {first}) à {after} (édition {second}). La page dit pourquoi.")
    facts = {"before": words.period(detail["before"]), "after": words.period(detail["after"])}
    return title, said.format(**facts, first=detail["edition"], second=row["title"])


def _status(row: Row) -> tuple[str, str]:
    detail, words = json.loads(row["detail"]), spoken()
    title = _("{name} : valeur {status}").format(name=row["name"], status=data(row["title"]).lower())
    said = [f"{data(detail['indicator'])}, {words.period(detail['period'])}."]
    if detail["previous"] is not None:
        said.append(_("Valeur d’avant : {value}.").format(value=words.number(detail["previous"], 2)))
    return title, " ".join([*said, detail["reason"], f"({detail['stated_by']})"])


WORDS = {
    **{"dataset": _dataset, "edition": _edition, "rule": _rule, "event": _event, "score": _score},
    **{"published": _published, "status": _status},
}


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _tag(who: Identity, path: str) -> str:
    return f"tag:{who.host},{BEGAN}:{path}"


def _instant(day: str) -> str:
    """A day of the data, as the moment that Atom asks for."""
    return f"{day}T00:00:00Z"
