"""What assistants read of the site before they use it (llms.txt): what it holds, where it is, under what licence.

Markdown in the language of the address, every link whole; a page of a table says the same of it.
"""

import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observatory import links, outputs
from observatory.api_resources import BASE, DECLARED, SEARCH
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.titles import COLUMNS, Named, column_titles, table_titles

MOST_DESCRIBED = 300  # characters of a description in a list
SAMPLE, MOST_CELL, SECONDS = 3, 80, 0.25
DATASETS = "select name, title, description, licence_title from dataset order by name"


@dataclass(frozen=True)
class Site:
    """A site: its address, where its schemas are, its metadata, and its pages that need no data."""

    base: str
    root: Path
    metadata: Mapping[str, Any]
    pages: Iterable[tuple[str, str, str]]

    def titles(self, db: sqlite3.Connection) -> dict[str, Named]:
        """By name, the tables and views of the database that have a title."""
        tables = self.metadata["databases"]["donnees"]["tables"]
        datasets = db.execute("select name, title, description from datasets").fetchall()
        there = {row["name"] for row in db.execute("select name from sqlite_master where type in ('table', 'view')")}
        found = table_titles(self.root, tables, datasets)
        return {name: found[name] for name in sorted(there & found.keys())}


def index(db: sqlite3.Connection, site: Site) -> str:
    """The text of /llms.txt. Rows of `db` have names."""
    base, said = site.base, site.metadata
    description = _(
        "Observatoire public : où en sont régions, départements, intercommunalités et communes de France dans le "
        "numérique. Chaque chiffre a sa source, sa période, sa licence et son statut ; une valeur absente n’est pas "
        "un zéro."
    )
    licence = _(
        "Les données sont sous {licence} : citez le jeu de données, sa source et sa date. Chaque réponse de l’API et "
        "chaque fichier dit sa licence."
    ).format(licence=f"[{data(said['license'])}]({said['license_url']})")
    parts = [
        f"# {data(said['title'])}\n\n> {description}\n\n{licence}",
        _list(_("Lire les données"), _doors(base)),
        _list(_("Ressources de l’API"), [_resource(base, one) for one in (*DECLARED, SEARCH)]),
        _list(_("Jeux de données"), [_dataset(base, row) for row in db.execute(DATASETS)]),
        _list(_("Pages"), [_line(base + links.here(url), title, about) for url, title, about in site.pages]),
    ]
    return "\n\n".join(parts) + "\n"


def _doors(base: str) -> list[str]:
    doors = [
        (links.here("/api"), _("Mode d’emploi de l’API"), _("formats, filtres, pages, refus, exemples")),
        (f"{BASE}/openapi.json", _("Description de l’API"), "OpenAPI 3.1"),
        ("/catalog.jsonld", _("Catalogue"), _("DCAT-AP : jeux de données, fichiers, licences")),
        (links.here("/donnees.md"), _("Tables de la base"), _("schéma de la base SQLite, qui se lit en SQL")),
    ]
    asked = _(
        "- Model Context Protocol : {address} (outils list_databases, get_database_schema, execute_sql ; lecture seule)"
    )
    return [_line(base + url, title, about) for url, title, about in doors] + [asked.format(address=f"`{base}/-/mcp`")]


def _resource(base: str, resource: Any) -> str:
    # A search without words is refused.
    query = "?q=Mulhouse" if resource is SEARCH else ""
    return _line(f"{base}{BASE}/{resource.name}{query}", data(resource.title), data(resource.description))


def _dataset(base: str, row: Any) -> str:
    about = f"{_short(data(row['description'] or ''))} ({data(row['licence_title'] or '')})"
    return _line(f"{base}{links.here('/jeux-de-donnees/' + row['name'])}", data(row["title"]), about)


def _list(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"## {title}", "", *lines])


def _line(url: str, title: str, about: str) -> str:
    return f"- [{title}]({url})" + (f": {about}" if about else "")


def _short(text: str) -> str:
    return text if len(text) <= MOST_DESCRIBED else text[:MOST_DESCRIBED].rpartition(" ")[0] + " …"


def tables(db: sqlite3.Connection, site: Site) -> str:
    """The page of the database: its tables and views, each with its page."""
    where = f"{site.base}/donnees"
    lines = [_line(f"{where}/{name}.md", name, _about(*named)) for name, named in site.titles(db).items()]
    whole = _("La base entière est un fichier SQLite : {url}").format(url=f"{where}.db")
    return "\n\n".join(["# donnees", f"> {whole}", _list(_("Tables"), lines)]) + "\n"


def _about(title: str, description: str) -> str:
    return f"{title}. {_short(description)}" if description else title


def table(db: sqlite3.Connection, site: Site, name: str) -> str:
    """The page of a table or view: its columns, its addresses and its first rows; Refused when there is none."""
    titles = site.titles(db)
    if name not in titles:
        raise Refused("unknown-resource", name, titles, _("Cette table n’existe pas, ou n’existe plus."))
    named = titles[name]
    where, known = f"{site.base}/donnees/{name}", db.execute(COLUMNS, {"name": name}).fetchall()
    columns = column_titles(known, site.metadata["plugins"]["columns"])
    heads = [one[0] for one in db.execute(f'select * from "{name}" limit 0').description]
    formats = ", ".join(f"[{outputs.title(word)}]({where}.{word}?_size=100)" for word in ("csv", "json"))
    lines = [f"- `{head}` : {_about(*columns.get(head, Named(head, '')))}" for head in heads]
    rows = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in _first(db, name)]
    sample = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), *rows]
    # The first column of every table can be a filter.
    filtered = f"`{where}.json?{heads[0]}=…`"
    reading = [_("- Lignes : {formats}").format(formats=formats), _("- Lignes choisies : {url}").format(url=filtered)]
    about = [f"# {named.title} ({name})", f"> {named.description or named.title}", _list(_("Colonnes"), lines)]
    shown = [_list(_("Premières lignes"), sample)] if rows else []
    return "\n\n".join([*about, _list(_("Lire"), reading), *shown]) + "\n"


def _first(db: sqlite3.Connection, name: str) -> list[Any]:
    """The first rows, none from a view that needs more than SECONDS to give them."""
    end = time.monotonic() + SECONDS
    db.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        return db.execute(f'select * from "{name}" limit {SAMPLE}').fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        db.set_progress_handler(None, 0)


def _cell(value: object) -> str:
    if isinstance(value, bytes):
        return _("({n} octets)").format(n=len(value))
    text = "" if value is None else " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= MOST_CELL else text[:MOST_CELL] + "…"
