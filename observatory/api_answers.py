"""Answers of the API: lists page by page, single things, files, and the list of what there is."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from observatory import api_about, api_lookup, api_search, api_simulation, outputs
from observatory.api_about import Shown, title
from observatory.api_asked import USUAL, Place
from observatory.api_database import FILE_SECONDS, opened
from observatory.api_filters import Parameters, single
from observatory.api_filters import read as read_filters
from observatory.api_filters import size as read_size
from observatory.api_resources import (
    BASE,
    PAGING,
    RESOURCES,
    SEARCH,
    SIMULATED,
    USUAL_SIZE,
    VERSION,
    Resource,
)
from observatory.api_tables import Computed, Selected, Table, key_of, mark
from observatory.downloads import file_name, linked, unfit
from observatory.fixed_files import File
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.selections_asked import copied

JSON = "application/json; charset=utf-8"


def nothing(_table: str, _word: str) -> File | None:
    """No file was made in advance."""
    return None


@dataclass(frozen=True)
class Request:
    """What is asked: a path under /api/, the parameters as given, the address of the site and that of its language.

    `ready` gives the file made in advance of a whole table in the format of a word.
    """

    path: str
    pairs: Sequence[tuple[str, str]]
    site: str
    base: str
    database: Path
    headers: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[str, str], File | None] = nothing

    def url(self, **changes: str | None) -> str:
        """The address of the request with other parameters; None takes one away."""
        kept = [(name, value) for name, value in self.pairs if name not in changes]
        pairs = kept + [(name, value) for name, value in changes.items() if value is not None]
        return f"{self.base}{quote(self.path, safe='/:@,;=+')}" + (f"?{urlencode(pairs, safe=',:')}" if pairs else "")


@dataclass(frozen=True)
class Answer:
    """A status, headers, and a body, or what writes it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    write: Callable[[BinaryIO], None] | None = None


@dataclass(frozen=True)
class Asked:
    """A table that is asked for, what to tell of it, and how to make it anew on another connection."""

    table: Table
    parameters: Parameters
    more: Mapping[str, Any]
    again: Callable[[sqlite3.Connection], "Asked"]


def answer(db: sqlite3.Connection, request: Request, place: Place, word: str) -> Answer:
    """The answer to a request whose address is understood, in the format of that word; Refused otherwise."""
    if not place.resource:
        return root(db, request)
    if place.item or (place.code and not place.rows):
        return _thing(db, request, place, word)
    asked = _asked(request, place, db)
    if word == USUAL:
        return _page(db, request, asked)
    return _file(db, request, asked, word)


def root(db: sqlite3.Connection, request: Request) -> Answer:
    """What the API has: its resources, their addresses and what each may be asked."""
    single(request.pairs, ())
    resources = [(one, one.parameters) for one in RESOURCES.values()] + [(SEARCH, (*api_search.PARAMETERS, *PAGING))]
    listed = [
        {
            "name": one.name,
            "title": title(one),
            "description": data(one.description),
            "url": f"{request.base}{BASE}/{one.name}",
            "parameters": [*parameters, *(api_simulation.PARAMETERS if one.name == "scores" else ())],
        }
        for one, parameters in resources
    ]
    links = {
        "self": request.url(),
        "service-desc": f"{request.base}{BASE}/openapi.json",
        "service-doc": f"{request.base}/api",
    }
    edition = db.execute("select value from provenance where key = 'edition'").fetchone()
    meta = {"api": VERSION, "edition": edition[0] if edition else None, "formats": list(outputs.FORMATS)}
    return _json(listed, links, meta)


def _asked(request: Request, place: Place, db: sqlite3.Connection) -> Asked:
    again = partial(_asked, request, place)
    if place.resource == SEARCH.name:
        given = single(request.pairs, (*api_search.PARAMETERS, *PAGING), SEARCH.name)
        found = Computed(SEARCH, api_search.rows(db, given, request.base))
        parameters = Parameters((), read_size(given), given.get("after", ""))
        return Asked(found, parameters, {"query": given["q"]}, again)
    resource = api_lookup.rows_of(db, place) if place.rows else RESOURCES[place.resource]
    more: Mapping[str, Any] = {}
    pairs = request.pairs
    if place.resource == "scores" and (how := dict(pairs)) and api_simulation.asked(how):
        resource, pairs, more = _simulated(request, db)
    parameters = read_filters(db, resource, pairs)
    return Asked(Selected(db, resource, parameters.conditions), parameters, more, again)


def _simulated(
    request: Request, db: sqlite3.Connection
) -> tuple[Resource, Sequence[tuple[str, str]], Mapping[str, Any]]:
    """The simulated scores, their filters and how they were computed."""
    own = api_simulation.PARAMETERS
    single(request.pairs, (*SIMULATED.parameters, *own), _("scores avec des poids"))
    more = api_simulation.fill(db, request.database, dict(request.pairs))
    return SIMULATED, [(name, value) for name, value in request.pairs if name not in own], more


def _page(db: sqlite3.Connection, request: Request, asked: Asked) -> Answer:
    """A page of rows, with the links to the others; the first one says how many rows there are."""
    resource, after = asked.table.resource, key_of(asked.table.resource, asked.parameters.after)
    rows, following = _rows(asked, asked.parameters.size or USUAL_SIZE, after)
    links = {"self": request.url(), "first": request.url(after=None)}
    if following:
        links["next"] = request.url(after=following)
    names = list(resource.columns)
    place = names.index("dataset") if "dataset" in names and not resource.rows_of else None
    datasets = sorted({row[place] for row in rows if row[place]}) if place is not None else []
    meta = {**api_about.meta(db, resource, datasets, request.url()), **asked.more}
    if after is None:
        meta["count"] = asked.table.count()
    shown = Shown(resource, structured=True)
    return _json([shown.object(row) for row in rows], links, meta)


def _rows(asked: Asked, size: int, after: Sequence[Any] | None) -> tuple[list[Any], str | None]:
    """The rows of a page, and the mark of the next one when there is one."""
    resource = asked.table.resource
    rows = asked.table.page(size + 1, after)
    if len(rows) <= size:
        return rows, None
    last = dict(zip(resource.columns, rows[size - 1], strict=True))
    return rows[:size], mark(resource, [last[name] for name in resource.key])


def _thing(db: sqlite3.Connection, request: Request, place: Place, word: str) -> Answer:
    """One thing of a resource, or where it has gone."""
    single(request.pairs, ())
    resource = api_lookup.rows_of(db, place) if place.item else RESOURCES[place.resource]
    column, asked = ("id", place.item) if place.item else (resource.item, place.code)
    home = f"{place.resource}/{place.code}" if place.item else resource.name
    code = api_lookup.row_of(db, resource, asked) if place.item else api_lookup.code_of(db, resource, asked)
    if code != asked:
        suffix = f".{place.suffix}" if place.suffix else ""
        return Answer(301, {"Location": f"{request.base}{BASE}/{home}/{code}{suffix}"})
    table = Selected(db, resource, [(f'"{column}" = ?', [code])])
    parameters = Parameters(table.conditions, None, "")
    if word != USUAL:
        again = partial(_one, resource, parameters)
        return _file(db, request, Asked(table, parameters, {}, again), word, code)
    row = Shown(resource, structured=True).object(table.page(1, None)[0])
    links = {"self": request.url(), "collection": f"{request.base}{BASE}/{home}"}
    links |= api_lookup.related(resource, code, request.base)
    datasets = [code] if resource.name == "datasets" else []
    return _json(row, links, api_about.meta(db, resource, datasets, request.url()))


def _one(resource: Resource, parameters: Parameters, db: sqlite3.Connection) -> Asked:
    return Asked(Selected(db, resource, parameters.conditions), parameters, {}, partial(_one, resource, parameters))


def _json(rows: Any, links: Mapping[str, str], meta: Mapping[str, Any]) -> Answer:
    text = json.dumps({"data": rows, "links": links, "meta": meta}, ensure_ascii=False, allow_nan=False)
    told = [
        f'<{links[name]}>; rel="{name}"' for name in ("first", "next", "collection", "service-desc") if name in links
    ]
    return Answer(200, {"Content-Type": JSON, "Link": ", ".join(told + _licences(meta))}, f"{text}\n".encode())


def _licences(about: Mapping[str, Any]) -> list[str]:
    return [f'<{licence["path"]}>; rel="license"' for licence in about.get("licenses", ())]


def _file(db: sqlite3.Connection, request: Request, asked: Asked, word: str, code: str = "") -> Answer:
    """Rows as a file: all of them, or those of a page when its size is asked for."""
    chosen, resource = outputs.named(word), asked.table.resource
    if not outputs.fits(chosen, list(resource.columns)):
        possible = [one for one in outputs.FORMATS if outputs.suits(one, list(resource.columns))]
        raise Refused("unfit-columns", word, possible, unfit(chosen))
    after, size, following = key_of(resource, asked.parameters.after), asked.parameters.size, None
    if size or after is not None:
        _held, following = _rows(asked, size or USUAL_SIZE, after)
    sheet = api_about.sheet(db, resource, asked.table.datasets(), request.url())
    arguments = [("", code), *((name, value) for name, value in request.pairs if name not in PAGING)]
    name = file_name(resource.rows_of or resource.name, arguments, chosen.ENDING)
    told = [f'<{request.url(after=following)}>; rel="next"'] if following else []
    headers = {
        "Content-Type": chosen.TYPE,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Link": ", ".join([*told, *linked(sheet)]),
    }
    # The rows of a dataset are its table: what `make export` wrote of it, when nothing narrows them.
    if made := request.ready(resource.rows_of, word) if resource.rows_of and not request.pairs else None:
        return Answer(200, {**headers, "X-Prebuilt": made.name}, write=partial(copied, made.path))
    return Answer(200, headers, write=partial(_write, request, asked, word, after))


def _write(request: Request, asked: Asked, word: str, after: Sequence[Any] | None, target: BinaryIO) -> None:
    """Write the file, on a connection of its own."""
    with opened(request.database, FILE_SECONDS) as db:
        table, size = asked.again(db).table, asked.parameters.size
        rows = (lambda: iter(table.page(size or USUAL_SIZE, after))) if size or after is not None else table.all
        outputs.named(word).write(api_about.download(db, table, rows, word, request.url()), target)
