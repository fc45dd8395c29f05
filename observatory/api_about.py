"""What travels with the rows of the API: title, licences, sources, date and edition, as with every download."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from observatory import languages
from observatory.api_resources import SIMULATED, Resource
from observatory.api_tables import Table
from observatory.downloads import Asked, described, heads
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.outputs import Download

# Formats whose values keep the types of JSON.
STRUCTURED = ("json", "ndjson", "geojson")


def title(resource: Resource) -> str:
    """The title of a resource in the language of the answer."""
    return languages.data(resource.title)


def meta(db: sqlite3.Connection, resource: Resource, datasets: Sequence[str], url: str) -> dict[str, Any]:
    """What a page of rows says of itself: licences, sources, date of the data, edition and version."""
    about = dict(sheet(db, resource, datasets, url).about)
    edition = db.execute("select value from provenance where key = 'edition'").fetchone()
    kept = ("title", "licenses", "sources", "modified", "version")
    return {**{key: about[key] for key in kept if key in about}, "edition": edition[0] if edition else None}


def sheet(db: sqlite3.Connection, resource: Resource, datasets: Sequence[str], url: str) -> Download:
    """A download without rows, with all that must be known of those of the resource that come from these datasets."""
    names = list(resource.columns)
    table = resource.like or resource.source or None
    found = described(db, Asked(names, lambda: iter(()), url, table=table, told=datasets))
    entries = {entry["name"]: entry for entry in found.dictionary} | _described(db, resource)
    return replace(
        found,
        title=title(resource),
        columns=names,
        kinds={name: kind for name, kind in resource.columns.items() if kind not in ("boolean", "array")},
        about={**found.about, "title": title(resource)},
        heads=heads([entries[name] for name in names]) if found.heads else (),
        dictionary=[entries[name] for name in names],
    )


def _described(db: sqlite3.Connection, resource: Resource) -> dict[str, Mapping[str, str]]:
    """The columns of the table that is the resource itself: in its view, others bear the same names."""
    sql = "select name, title, type, description from columns where table_name in (?, ?)"
    rows = db.execute(sql, [resource.name, resource.source]).fetchall()
    words = spoken()
    return {
        row["name"]: {
            "name": row["name"],
            "type": words.word(row["type"], "type"),
            "title": languages.data(row["title"] or ""),
            "description": languages.data(row["description"] or ""),
        }
        for row in rows
    }


def download(db: sqlite3.Connection, table: Table, rows: Any, word: str, url: str) -> Download:
    """The rows as a file in the format of that word; `rows` gives them each time it is called."""
    resource = table.resource
    shown = Shown(resource, word in STRUCTURED)
    bare = sheet(db, resource, table.datasets(), url)
    if resource is SIMULATED:
        warning = _("Scores simulés : ils ne sont pas publiés et ne se citent pas comme tels.")
        bare = replace(bare, notes=[(_("Attention"), warning), *bare.notes], about={**bare.about, "simulated": True})
    return replace(bare, rows=rows if not shown.changes else lambda: map(shown.row, rows()))


class Shown:
    """Rows of a resource as they are shown: texts in the language of the answer, types of JSON where it has them."""

    def __init__(self, resource: Resource, structured: bool) -> None:
        self.names = list(resource.columns)
        translated = resource.texts if languages.current() != languages.SOURCE else frozenset()
        self.changes = [
            (place, change)
            for place, (name, kind) in enumerate(resource.columns.items())
            if (change := _change(kind, name in translated, structured))
        ]

    def row(self, row: Sequence[Any]) -> Sequence[Any]:
        """A row."""
        if not self.changes:
            return row
        found = list(row)
        for place, change in self.changes:
            if found[place] is not None:
                found[place] = change(found[place])
        return found

    def object(self, row: Sequence[Any]) -> dict[str, Any]:
        """A row as an object."""
        return dict(zip(self.names, self.row(row), strict=True))


def _change(kind: str, translated: bool, structured: bool) -> Any:
    if structured and kind == "boolean":
        return bool
    if structured and kind == "array":
        return json.loads
    return languages.data if translated else None
