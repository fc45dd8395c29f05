"""The description of the API in OpenAPI 3.1, made of the same declarations that answer."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from observatory import api_schemas, outputs
from observatory.api_about import title
from observatory.api_answers import JSON, Answer, Request
from observatory.api_filters import single
from observatory.api_promise import PROMISE
from observatory.api_resources import BASE, RESOURCES, SEARCH, SIMULATED, VERSION, Resource
from observatory.api_schemas import Schema
from observatory.export import OWN_LICENCE
from observatory.languages import data
from observatory.languages import gettext as _
from observatory.outputs import FORMATS
from observatory.problem_details import KINDS
from observatory.problem_details import TYPE as PROBLEM

# Refusals of any address; those that only some have are added to them.
EVERYWHERE, LISTS = (404, 405, 500, 503), (400, 404, 405, 406, 500, 503)


class Rows(NamedTuple):
    """What a list gives: the schema of a row, and the formats that suit its columns."""

    schema: Schema
    formats: list[str]


def answer(db: sqlite3.Connection, request: Request) -> Answer:
    """The description, for the site that is asked."""
    single(request.pairs, ())
    text = json.dumps(document(db, request), ensure_ascii=False)
    return Answer(200, {"Content-Type": JSON}, f"{text}\n".encode())


def document(db: sqlite3.Connection, request: Request) -> Schema:
    """The description as an object, in the language of the answer."""
    promise = "\n".join(f"- {data(text)}" for text in PROMISE)
    said = _("Tout ce que l’observatoire publie, pour des programmes. Réponses et refus en français ; en anglais avec")
    intro = f"{said} `Accept-Language: en`."
    schemas = api_schemas.common()
    for resource in (*RESOURCES.values(), SEARCH):
        schemas[resource.name] = api_schemas.row(db, resource)
    schemas["simulated_scores"] = api_schemas.row(db, SIMULATED)
    ours = db.execute("select licence, url from licences where licence = ?", [OWN_LICENCE]).fetchone()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("API de l’observatoire de la maturité numérique des territoires"),
            "version": VERSION.removeprefix("v") + ".0.0",
            "description": f"{intro}\n\n{promise}",
            "license": {"name": ours["licence"], "url": ours["url"]},
        },
        "servers": [{"url": f"{request.base}{BASE}"}],
        "externalDocs": {"url": f"{request.base}/api"},
        "tags": [{"name": one.name, "description": title(one)} for one in (*RESOURCES.values(), SEARCH)],
        "paths": paths(db, request),
        "components": {"schemas": schemas},
    }


def paths(db: sqlite3.Connection, request: Request) -> Schema:
    """Every address, with what it may be asked and what it answers."""
    own = {"/": _operation("root", _("Ce qu’il y a"), [], _answers(_anything(), ["json"], EVERYWHERE, (400,)))}
    described = _answers({"type": "object"}, ["json"], EVERYWHERE, (400,))
    own["/openapi.json"] = _operation("openapi", _("Cette description"), [], described)
    for resource in RESOURCES.values():
        own |= _of(db, resource, str(request.database))
    rows = Rows({"type": "object"}, [word for word in FORMATS if word != "sdmx"])
    for home, name in (("registers", "registers/{name}"), ("datasets", "datasets/{name}/rows")):
        where = " where form = 'register'" if home == "registers" else ""
        known = [row[0] for row in db.execute(f"select name from datasets{where} order by name")]
        said = _("Les lignes d’un jeu de données, avec les colonnes de son schéma ; chacune est un filtre.")
        code = _in_path("name", {"type": "string", "enum": known} if known else {"type": "string"})
        own |= _list(f"/{name}", home, said, [code, *api_schemas.paging()], rows)
    own |= _thing_of_register(db)
    reference = {"$ref": "#/components/schemas/search"}
    found = Rows(reference, api_schemas.formats(SEARCH))
    return own | _list("/search", "search", data(SEARCH.description), api_schemas.words(), found)


def _of(db: sqlite3.Connection, resource: Resource, path: str) -> Schema:
    """The addresses of a resource: its list, and its things when they have one."""
    parameters = api_schemas.filters(db, resource)
    of: Schema = {"$ref": f"#/components/schemas/{resource.name}"}
    if resource.name == "scores":
        parameters += api_schemas.weighing(path)
        of = {"anyOf": [of, {"$ref": "#/components/schemas/simulated_scores"}]}
    words = api_schemas.formats(resource)
    found = _list(f"/{resource.name}", resource.name, data(resource.description), parameters, Rows(of, words))
    if not resource.item:
        return found
    known = [str(row[0]) for row in db.execute(f'select "{resource.item}" from "{resource.source}" limit 1000')]
    schema = {"type": "string", "enum": known} if len(known) < 1000 else {"type": "string", "pattern": api_schemas.AREA}
    code = _in_path("code", schema)
    moved = {"301": {"description": _("Cette chose a une autre adresse."), "headers": {"Location": _text()}}}
    for suffix, formats in (("", words), (".{format}", words)):
        given = [code, *([_in_path("format", {"type": "string", "enum": words})] if suffix else [])]
        answers = _answers(api_schemas.thing(of), formats, LISTS, (410,)) | moved
        name = f"{resource.name}_one{'_file' if suffix else ''}"
        own = _operation(name, f"{title(resource)} : {_('un seul')}", given, answers, resource.name)
        found[f"/{resource.name}/{{code}}{suffix}"] = own
    return found


def _thing_of_register(db: sqlite3.Connection) -> Schema:
    """The address of one row of a register whose rows have an identifier."""
    known = [row[0] for row in db.execute("select register from registers order by register")]
    given = [
        _in_path("name", {"type": "string", "enum": known} if known else {"type": "string"}),
        _in_path("id", {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}),
    ]
    answers = _answers(api_schemas.thing({"type": "object"}), ["json"], LISTS)
    own = _operation(
        "registers_thing", _("Une chose d’un registre, et où lire ses liens."), given, answers, "registers"
    )
    return {"/registers/{name}/{id}": own}


def _list(path: str, tag: str, description: str, parameters: Sequence[Schema], rows: Rows) -> Schema:
    """A list and the same as a file, whose format is that of its suffix."""
    name = path.strip("/").replace("/{name}", "_of").replace("/", "_")
    answers = _answers(api_schemas.listed(rows.schema), rows.formats, LISTS)
    suffix = _in_path("format", {"type": "string", "enum": rows.formats})
    return {
        path: _operation(name, description, parameters, answers, tag),
        f"{path}.{{format}}": _operation(f"{name}_file", description, [suffix, *parameters], answers, tag),
    }


def _operation(name: str, said: str, parameters: Sequence[Schema], answers: Schema, tag: str = "") -> Schema:
    found = {"operationId": name, "summary": said, "parameters": list(parameters), "responses": answers}
    return {"get": {**found, "tags": [tag]} if tag else found}


def _in_path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _answers(schema: Schema, words: list[str], refusals: Iterable[int], more: Iterable[int] = ()) -> Schema:
    """What may be answered: rows in each of the formats, or a problem."""
    content: Schema = {"application/json": {"schema": schema}}
    for word in words:
        content.setdefault(outputs.named(word).TYPE.partition(";")[0], {})
    told = {
        "ETag": _text(_("Empreinte de la réponse, pour If-None-Match.")),
        "Last-Modified": _text(_("Date de la base.")),
        "Link": _text(_("Pages voisines et licences (RFC 8288).")),
    }
    refused = {
        str(status): {
            "description": " ; ".join(data(kind.title) for kind in KINDS.values() if kind.status == status),
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({*refusals, *more})
    }
    found = {"200": {"description": _("La réponse."), "headers": told, "content": content}}
    return {**found, "304": {"description": _("Rien n’a changé depuis.")}, **refused}


def _text(said: str = "") -> Schema:
    return {"schema": {"type": "string"}, **({"description": said} if said else {})}


def _anything() -> Any:
    return api_schemas.listed({"type": "object"})
