"""What a reader must know of rows that leave the database: title, sources, licences, date, edition, columns."""

import email.utils
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from observatory import export, languages, links
from observatory.export import OWN_LICENCE
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.outputs import Download, Format, Rows, distinct

NAME = "territory_name"  # the column that is added beside ref_area
MOST_NAMED = 80  # characters of the conditions in the name of a file
WORD = re.compile(r"[a-z][a-z0-9_]*")
MOST_TEXT = 4000  # characters of a query or of an address that are repeated
DATASETS, MOST_LINKED = "/api/v1/datasets", 8  # what describes datasets, and those that a header names one by one


@dataclass(frozen=True)
class Asked:
    """Rows that leave: their table or their query, their address, how many they are when it is known.

    `told` are the datasets that their column `dataset` names; `added` says that NAME is there for people only.
    """

    columns: Sequence[str]
    rows: Rows
    url: str = ""
    table: str | None = None
    sql: str = ""
    title: str = ""
    count: int | None = None
    told: Collection[str] = ()
    added: bool = False


def unfit(chosen: Format) -> str:
    """Why a format does not suit some columns: those that it needs."""
    needed = _(" ou ").join(", ".join(sorted(columns)) for columns in chosen.NEEDS)
    return _("Ce format demande des colonnes qui ne sont pas là : {columns}.").format(columns=needed)


def name_of(data: Mapping[str, Any], arguments: Iterable[tuple[str, str]], ending: str) -> str:
    """The name of the file of that answer: a query that has no name has no conditions to tell either."""
    base = data.get("table") or data.get("query_name") or ""
    return file_name(base or "requete", arguments if base else (), ending)


def described(connection: sqlite3.Connection, asked: Asked) -> Download:
    """The rows with all that must travel with them, in the language of the answer."""
    named = _mentioned(connection, asked.sql if asked.table is None else asked.table)
    datasets = _datasets(connection, named, asked)
    dataset = _title(connection, asked.table)
    title = asked.title or dataset or asked.table or _("Requête SQL")
    about = _columns(connection, asked, named)
    views = _titles_of_views()
    if asked.table and _described_itself(connection, asked.table):
        views = {NAME: views[NAME]}
    names = zip(distinct(asked.columns), asked.columns, strict=True)
    dictionary = [_entry(told, about.get(name), views.get(name), _told_of_views().get(name)) for told, name in names]
    return Download(
        title=title,
        columns=asked.columns,
        rows=asked.rows,
        kinds={name: column["type"] for name, column in about.items()},
        about=_about(connection, asked, title, datasets),
        notes=_notes(connection, asked, datasets),
        heads=() if dataset else heads(dictionary),
        dictionary=dictionary,
        units=dict(connection.execute("select code, unit from indicators").fetchall()),
        described_by=_descriptions(datasets),
    )


def headers(download: Download, name: str, tag: str, changed: float) -> dict[str, str]:
    """What goes with every file that is sent: its name, its tag, the date (in seconds) of the database, and links
    to its licences and to what describes it (sources, dates, versions)."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": tag,
        "Last-Modified": email.utils.formatdate(changed, usegmt=True),
        "Link": ", ".join(linked(download)),
    }


def linked(download: Download) -> list[str]:
    """The links of the header of a file: its licences, and what describes it."""
    told = [f'<{one["path"]}>; rel="license"' for one in download.about.get("licenses", ())]
    return told + [f'<{links.here(path)}>; rel="describedby"' for path in download.described_by]


def headers_of(path: str | Path, asked: Asked, name: str, tag: str) -> dict[str, str]:
    """The same for rows that another module writes, from the database at `path`."""
    with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return headers(described(connection, asked), name, tag, Path(path).stat().st_mtime)


def _descriptions(datasets: Sequence[Any]) -> list[str]:
    """The addresses that describe those datasets: that of the list when they are too many, or are not known."""
    return [f"{DATASETS}/{row['name']}" for row in datasets] if 0 < len(datasets) <= MOST_LINKED else [DATASETS]


def file_name(base: str, arguments: Iterable[tuple[str, str]], ending: str) -> str:
    """The name of the file, with the values that select its rows: territory_values-DEP-68.xlsx."""
    values = [value for key, value in arguments if not key.startswith("_") and key != "sql" and value]
    told = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(values))[:MOST_NAMED].strip("-")
    name = re.sub(r"[^a-z0-9_]+", "-", base.lower()).strip("-") or "requete"
    return f"{name}-{told}{ending}" if told else f"{name}{ending}"


def heads(dictionary: Sequence[Mapping[str, str]]) -> list[str]:
    """Titles for a reader; the name of a column where it has no title, or shares it."""
    titles = Counter(entry["title"] for entry in dictionary)
    return [
        entry["name"]
        if not entry["title"]
        else entry["title"]
        if titles[entry["title"]] == 1
        else f"{entry['title']} ({entry['name']})"
        for entry in dictionary
    ]


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
    every = connection.execute(
        "select d.*, l.title as licence_title, l.url as licence_url from datasets d"
        " left join licences l on l.licence = d.licence order by d.name"
    ).fetchall()
    return [row for row in every if row["name"] in named or row["name"] in asked.told]


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


def _described_itself(connection: sqlite3.Connection, table: str) -> bool:
    return connection.execute("select 1 from columns where table_name = ?", [table]).fetchone() is not None


def _titles_of_views() -> dict[str, str]:
    """Titles of columns that views write, or that mean something else in each of the tables that they read."""
    return {
        NAME: _("Nom du territoire"),
        "level_title": _("Nom de l’échelon"),
        "name": _("Nom"),
        "title": _("Titre"),
        "kind": _("Nature"),
        "domain_title": _("Titre du domaine"),
        "category_title": _("Nom de la catégorie"),
        "dataset_title": _("Titre du jeu de données"),
        "obs_status": _("Statut de l’observation"),
        "obs_status_title": _("Sens du statut"),
        "figure_status": _("Statut du chiffre"),
        "figure_status_title": _("Statut du chiffre, en clair"),
        "status_date": _("Date du statut"),
        "status_reason": _("Raison du statut"),
        "geography": _("Géographie"),
        "region": _("Région"),
        "recalculated": _("Recalculée dans le périmètre d’aujourd’hui"),
        "peers_observed": _("Territoires de la catégorie qui ont une valeur"),
        "maturity": _("Niveau de maturité"),
        "maturity_name": _("Nom du niveau"),
        "capped_by_title": _("Niveau plafonné par"),
        "ranked": _("Classée"),
        "counts": _("Compte dans le score"),
        "too_old": _("Trop ancienne pour le score"),
        "sort_name": _("Nom pour trier"),
    }


def _told_of_views() -> dict[str, str]:
    """What columns of texts that are added to codes hold."""
    return {
        NAME: _("Nom du territoire de ref_area, ajouté pour les tableurs."),
        "level_title": _("Nom de l’échelon du territoire, que son code abrège."),
        "obs_status_title": _("Ce que veut dire le code du statut de l’observation."),
    }


def _entry(name: str, column: Any, title: str | None, description: str | None) -> Mapping[str, str]:
    words = spoken()
    if column is None or title:
        kind = words.word(column["type"], "type") if column is not None else ""
        kind = kind or (words.word("string", "type") if description else "")
        return {"name": name, "title": title or "", "type": kind, "description": description or ""}
    texts = {key: languages.data(column[key] or "") for key in ("title", "description")}
    return {"name": name, "type": words.word(column["type"], "type"), **texts}


def _about(connection: sqlite3.Connection, asked: Asked, title: str, datasets: list[Any]) -> dict[str, Any]:
    """What a machine must know of the rows, in the terms of Data Package; the licence is that of each dataset."""
    facts = dict(connection.execute("select key, value from provenance").fetchall())
    names = [row["licence"] for row in datasets] or [OWN_LICENCE]
    known = connection.execute("select licence as name, title, url as path from licences order by licence").fetchall()
    alone = datasets[0]["name"] if len(datasets) == 1 else ""
    about: dict[str, Any] = {
        "title": title,
        "licenses": [dict(row) for row in known if row["name"] in names],
        "sources": [source for row in datasets for source in json.loads(row["sources"] or "[]")],
        "modified": max((row["last_update"] for row in datasets), default=None),
        "version": _version(connection, asked.table, alone, export.WHOLE),
        "edition": facts.get("edition"),
        "commit": facts.get("commit"),
        "path": asked.url[:MOST_TEXT],
        "rows": asked.count,
    }
    return {key: value for key, value in about.items() if value not in (None, [])}


def _version(connection: sqlite3.Connection, *names: str | None) -> str | None:
    """The version of the first of these tables that has one."""
    found = (export.version(connection, name) for name in names if name)
    return next((version for version in found if version), None)


def _notes(connection: sqlite3.Connection, asked: Asked, datasets: list[Any]) -> list[tuple[str, str]]:
    facts = dict(connection.execute("select key, value from provenance").fetchall())
    words = spoken()
    rows = [] if asked.count is None else [(_("Lignes"), words.number(asked.count))]
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
    if asked.added:
        said = _(
            "{name} est ajouté ici pour qui lit ; les fichiers CSV, JSON et Parquet n’ont que les colonnes de la base."
        )
        rows.append((_("Colonne ajoutée"), said.format(name=NAME)))
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
