"""What a reader must know of rows that leave the database: title, sources, licences, date, edition, columns."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from observatory import english, french, languages
from observatory.languages import gettext as _
from observatory.spreadsheets import Sheet

WORD = re.compile(r"[a-z][a-z0-9_]*")
OWN_LICENCE = "etalab-2.0"  # of all that the observatory writes itself
MOST_TEXT = 4000  # characters of a query or of an address that are repeated


@dataclass(frozen=True)
class Asked:
    """What Datasette was asked for: a table, a view or a query, and whether it gave all the rows."""

    table: str | None
    sql: str
    url: str
    whole: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    truncated: bool = False
    title: str = ""


def described(connection: sqlite3.Connection, asked: Asked) -> Sheet:
    """The rows with all that must travel with them, in the language of the answer."""
    named = _mentioned(connection, asked.sql if asked.table is None else asked.table)
    datasets = _datasets(connection, named, asked)
    about = _columns(connection, asked, named)
    title = asked.title or _title(connection, asked.table) or asked.table or _("Requête SQL")
    return Sheet(
        title=title,
        columns=asked.columns,
        rows=asked.rows,
        dates=frozenset(name for name, column in about.items() if column["type"] == "date"),
        notes=_notes(connection, asked, datasets),
        dictionary=[_entry(name, about.get(name)) for name in asked.columns],
    )


def _mentioned(connection: sqlite3.Connection, text: str) -> set[str]:
    """Tables and views that the text names, and those that these views are made of."""
    views = dict(connection.execute("select name, sql from sqlite_master where type = 'view'"))
    known = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")} | set(views)
    found: set[str] = set()
    waiting = set(WORD.findall(text.lower())) & known
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= (set(WORD.findall(views.get(name, "").lower())) & known) - found
    return found


def _datasets(connection: sqlite3.Connection, named: set[str], asked: Asked) -> list[Any]:
    """Datasets that the rows come from: those named, and those of the column `dataset`."""
    place = asked.columns.index("dataset") if "dataset" in asked.columns else None
    told = set() if place is None else {row[place] for row in asked.rows}
    every = connection.execute(
        "select d.*, l.title as licence_title, l.url as licence_url from datasets d"
        " left join licences l on l.licence = d.licence order by d.name"
    ).fetchall()
    return [row for row in every if row["name"] in named or row["name"] in told]


def _title(connection: sqlite3.Connection, table: str | None) -> str:
    found = connection.execute("select title from datasets where name = ?", [table]).fetchone()
    return languages.data(found["title"]) if found else ""


def _columns(connection: sqlite3.Connection, asked: Asked, named: set[str]) -> dict[str, Any]:
    """Each column as the dictionary describes it, when all the tables that may have given it agree on its type."""
    every = connection.execute("select * from columns order by table_name").fetchall()
    found = {}
    for name in asked.columns:
        of_name = [row for row in every if row["name"] == name]
        near = [row for row in of_name if row["table_name"] == asked.table]
        near = near or [row for row in of_name if row["table_name"] in named]
        if near and len({row["type"] for row in near}) == 1:
            found[name] = near[0]
    return found


def _entry(name: str, column: Any) -> Mapping[str, str]:
    if column is None:
        return {"name": name, "title": "", "type": "", "description": ""}
    words = _voice()
    texts = {key: languages.data(column[key] or "") for key in ("title", "description")}
    return {"name": name, "type": words.word(column["type"], "type"), **texts}


def _voice() -> Any:
    return english if languages.current() == "en" else french


def _notes(connection: sqlite3.Connection, asked: Asked, datasets: list[Any]) -> list[tuple[str, str]]:
    facts = dict(connection.execute("select key, value from provenance").fetchall())
    words = _voice()
    rows = [(_("Lignes"), words.number(len(asked.rows)))]
    if asked.truncated:
        rows.append(
            (
                _("Attention"),
                _("Il y a d’autres lignes : ce fichier s’arrête à {count}. Le CSV les donne toutes : {url}").format(
                    count=words.number(len(asked.rows)), url=asked.whole[:MOST_TEXT]
                ),
            )
        )
    for dataset in datasets:
        rows += _of_dataset(dataset, words)
    if not datasets:
        rows.append(
            (
                _("Source"),
                _(
                    "Observatoire de la maturité numérique des territoires ; "
                    "les sources de chaque valeur sont sur la page /jeux-de-donnees."
                ),
            )
        )
        rows.append((_("Licence"), _licence(connection)))
    rows.append((_("Édition de la méthode"), facts.get("edition", "")))
    rows.append((_("Version du code"), facts.get("commit", "")))
    rows.append((_("Adresse"), asked.url[:MOST_TEXT]))
    if asked.sql:
        rows.append((_("Requête SQL"), asked.sql[:MOST_TEXT]))
    return rows


def _licence(connection: sqlite3.Connection) -> str:
    found = connection.execute("select title, url from licences where licence = ?", [OWN_LICENCE]).fetchone()
    return f"{languages.data(found['title'])} – {found['url']}" if found else OWN_LICENCE


def _of_dataset(dataset: Any, words: Any) -> list[tuple[str, str]]:
    """Its title, sources, licence and date; what a share-alike licence asks is written out."""
    sources = (
        s["title"] + (f" – {s['path']}" if s.get("path") else "") for s in json.loads(dataset["sources"] or "[]")
    )
    licence = f"{languages.data(dataset['licence_title'])} – {dataset['licence_url']}"
    if dataset["share_alike"]:
        licence += ". " + _(
            "Partage à l’identique : toute base de données qui en dérive se diffuse sous la même licence."
        )
    return [
        (_("Jeu de données"), languages.data(dataset["title"])),
        (_("Source"), " ; ".join(sources)),
        (_("Licence"), licence),
        (_("Données du"), words.date(dataset["last_update"])),
    ]
