"""What the pages of the database say of it in words: titles of tables and columns, and the page a value leads to."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from observatory.languages import SOURCE, current, data

AREA = re.compile(r"(FRA|(REG|DEP|EPCI|COM)-[0-9A-Z]{1,9})\Z")
CODE = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
# Columns that name something which has a page of its own: in any table, or as the key of that table.
PAGES = {
    "indicator": "/indicateurs/",
    "domain": "/domaines/",
    "dataset": "/jeux-de-donnees/",
    "indicators.code": "/indicateurs/",
    "domains.code": "/domaines/",
    "datasets.name": "/jeux-de-donnees/",
}
# The title and description of each column of a table; elsewhere the commonest title of a column of that name.
COLUMNS = """select name, title, case when table_name = :name then description end as description,
    count(*) over (partition by name, title) as uses
from columns order by table_name = :name, uses"""
# A key that another table explains, as Datasette writes it: its label, which leads there, then the key itself.
LABELLED = re.compile(r'(<a href="[^"]*">)([^<]+)(</a>&nbsp;<em>)')
ORIGIN = re.compile(r"https?://[^/]+")


class Named(NamedTuple):
    """A title and a description, in the language of the page."""

    title: str
    description: str


@lru_cache(maxsize=4)
def core_titles(root: Path) -> Mapping[str, tuple[str, str]]:
    """Title and description of each table that every build has, as its schema gives them; none without the files."""
    found = {}
    for path in sorted((root / "schemas" / "tables").glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        found[schema["name"]] = schema["title"], schema["description"]
    return found


def table_titles(root: Path, metadata: Mapping[str, Any], datasets: list[Any]) -> dict[str, Named]:
    """By name, the tables and views that have a title: those of the schemas, of metadata.yml, and the datasets."""
    found = dict(core_titles(root))
    found |= {d["name"]: (d["title"], d["description"]) for d in datasets}
    for name, said in metadata.items():
        if "title" in said:
            found[name] = said["title"], said.get("description", found.get(name, ("", ""))[1])
    return {name: Named(data(title), data(text or "")) for name, (title, text) in found.items()}


def column_titles(rows: list[Any], others: Mapping[str, Any]) -> dict[str, Named]:
    """By name, columns of COLUMNS, then `others`, the columns of views alone, that metadata.yml gives."""
    found = {name: Named(data(said["title"]), data(said.get("description", ""))) for name, said in others.items()}
    for row in rows:
        found[row["name"]] = Named(data(row["title"] or row["name"]), data(row["description"] or ""))
    return found


def page_of(table: str | None, column: str, value: object) -> str | None:
    """The page of this site about the value of a cell, None when there is none."""
    text = str(value)
    if AREA.match(text):
        return f"/territoires/{text}"
    place = PAGES.get(f"{table}.{column}") or PAGES.get(column)
    return place + text if place and CODE.match(text) else None


def relative(address: str | None) -> str:
    """The same address on this site, whatever the host and the language: Datasette writes some of them whole."""
    return ORIGIN.sub("", address or "", count=1)


def labelled(cell: Any) -> Any:
    """A cell of Datasette, with the label of its key in the language of the page; any other cell as it is."""
    if current() == SOURCE or not isinstance(cell, Markup):
        return cell
    return Markup(LABELLED.sub(lambda found: found[1] + str(escape(data(unescape(found[2])))) + found[3], cell))
