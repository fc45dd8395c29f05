"""The schemas of what the API takes and gives, in JSON Schema: rows, lists, problems, parameters."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from observatory import api_about, api_simulation, outputs, search, simulation
from observatory.api_filters import LARGEST, PERIOD, WORD
from observatory.api_resources import COUNTLESS, MOST_SIZE, MOST_VALUES, SEARCH, USUAL_SIZE, Resource
from observatory.api_tables import LONGEST_MARK, Selected
from observatory.languages import gettext as _
from observatory.problem_details import KINDS

Schema = dict[str, Any]
TYPES: Mapping[str, Schema] = {
    "string": {"type": ["string", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "array": {"type": ["array", "null"]},
}
WIDEST = 10**15 - 1
AREA = r"^[A-Z]{3,4}(-[0-9A-Z]{1,9})?$"
CURSOR = {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{LONGEST_MARK}}}$"}
# What each parameter may be given, for whoever tries it.
EXAMPLES = {"ref_area": ["DEP-68"], "parent": ["REG-44"], "level": ["DEP"], "time_period": ["2022"]}


def row(db: sqlite3.Connection, resource: Resource) -> Schema:
    """The schema of a row; others may have more columns later."""
    told = {entry["name"]: entry for entry in api_about.sheet(db, resource, [], "").dictionary}
    properties = {name: {**TYPES[kind], **_said(told[name])} for name, kind in resource.columns.items()}
    found: Schema = {"type": "object", "title": api_about.title(resource), "properties": properties}
    found["required"] = list(resource.columns)
    if resource.source and not resource.like and (first := Selected(db, resource).page(1, None)):
        found["examples"] = [api_about.Shown(resource, structured=True).object(first[0])]
    return found


def _said(entry: Mapping[str, str]) -> Schema:
    return {key: entry[key] for key in ("title", "description") if entry[key]}


def listed(of: Schema) -> Schema:
    """The schema of a page of rows."""
    data = {"type": "array", "items": of}
    links, meta = {"$ref": "#/components/schemas/Links"}, {"$ref": "#/components/schemas/Meta"}
    return {
        "type": "object",
        "properties": {"data": data, "links": links, "meta": meta},
        "required": ["data", "links", "meta"],
    }


def thing(of: Schema) -> Schema:
    """The schema of the answer about one thing."""
    found = listed(of)
    return {**found, "properties": {**found["properties"], "data": of}}


def common() -> dict[str, Schema]:
    """What all answers share: links, what is said of the rows, refusals."""
    text, url = {"type": "string"}, {"type": "string", "format": "uri"}
    licence = {"type": "object", "properties": {"name": text, "title": text, "path": url}, "required": ["name"]}
    known = {"self": url, "first": url, "next": url}
    return {
        "Links": {"type": "object", "properties": known, "required": ["self"], "additionalProperties": url},
        "Meta": {
            "type": "object",
            "properties": {
                "title": text,
                "count": {"type": "integer", "description": _("Nombre de lignes, dit sur la première page.")},
                "edition": {"type": ["string", "null"]},
                "version": text,
                "modified": {"type": "string", "format": "date"},
                "licenses": {"type": "array", "items": licence},
                "sources": {"type": "array", "items": {"type": "object"}},
                "simulated": {"type": "boolean"},
            },
        },
        "Problem": {
            "type": "object",
            "description": _("Un refus (RFC 9457) ; found dit ce qui a été trouvé, possible ce qui l’est."),
            "properties": {
                "type": url,
                "title": text,
                "status": {"type": "integer", "enum": sorted({kind.status for kind in KINDS.values()})},
                "detail": text,
                "instance": {"type": "string"},
                "found": text,
                "possible": {"type": "array", "items": text},
            },
            "required": ["type", "title", "status", "detail", "instance"],
        },
    }


def filters(db: sqlite3.Connection, resource: Resource) -> list[Schema]:
    """The parameters of the list of a resource."""
    values = [_filter(db, resource, name) for name in (*resource.filters, *resource.special)]
    bounds = [_bound(resource, name, end) for name in resource.ranges for end in ("from", "to")]
    return [*values, *bounds, *paging()]


def paging() -> list[Schema]:
    """The parameters that lead from page to page."""
    size = {"type": "integer", "minimum": 1, "maximum": MOST_SIZE, "default": USUAL_SIZE}
    said = _("Lignes d’une page. Sans elle, un fichier (CSV, Parquet …) les a toutes.")
    mark = _("Marque de la page, donnée par le lien next.")
    return [parameter("size", said, size), parameter("after", mark, CURSOR)]


def parameter(name: str, description: str, schema: Schema, **more: Any) -> Schema:
    """A parameter of a query."""
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _filter(db: sqlite3.Connection, resource: Resource, name: str) -> Schema:
    kind = resource.type_of(name)
    if kind == "boolean":
        return parameter(name, _("Seulement celles où c’est vrai, ou faux."), {"type": "boolean"})
    items: Schema = {"type": "string", "pattern": f"^{WORD.pattern}$"}
    if kind == "integer":
        items = {"type": "integer", "minimum": -WIDEST, "maximum": WIDEST}
    elif name in COUNTLESS:
        items = {"type": "string", "pattern": AREA}
    elif codes := resource.codes(name):
        items = {"type": "string", "enum": [str(found[0]) for found in db.execute(codes)]}
    elif name == "time_period":
        items = {"type": "string", "pattern": f"^{PERIOD.pattern}$"}
    schema = {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_VALUES}
    said = _("Une valeur, ou plusieurs séparées par des virgules.")
    if name in resource.usual:
        said += " " + _("Sans ce paramètre : celle en cours.")
    more = {"example": EXAMPLES[name]} if name in EXAMPLES and kind == "string" else {}
    return parameter(name, said, schema, style="form", explode=False, **more)


def _bound(resource: Resource, name: str, end: str) -> Schema:
    said = _("Au moins cette valeur.") if end == "from" else _("Au plus cette valeur.")
    kinds: dict[str, Schema] = {
        "string": {"type": "string", "pattern": f"^{PERIOD.pattern}$"},
        "integer": {"type": "integer", "minimum": -WIDEST, "maximum": WIDEST},
        "number": {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
    }
    return parameter(f"{name}_{end}", said, kinds[resource.columns[name]])


def weighing(path: str) -> list[Schema]:
    """The parameters of a simulation over the database at `path`."""
    codes = api_simulation.codes(simulation.published(path))
    pair = rf"(?:{'|'.join(codes)}):[0-9]{{1,3}}(?:\.[0-9]{{1,6}})?"
    weights = {"type": "string", "pattern": f"^{pair}(?:,{pair})*$"}
    said = _("Poids d’essai, code:nombre, chaque domaine ou indicateur une seule fois ; les autres gardent le leur.")
    words = {"aggregation": api_simulation.AGGREGATION, "normalisation": api_simulation.NORMALISATION}
    told = {"aggregation": _("Moyenne d’essai."), "normalisation": _("Façon d’essai de placer sur 100.")}
    ways = [parameter(name, told[name], {"type": "string", "enum": list(known)}) for name, known in words.items()]
    return [parameter("weights", said, weights, example=f"{codes[0]}:2"), *ways]


def words() -> list[Schema]:
    """The parameters of a search."""
    text = {"type": "string", "minLength": 1, "maxLength": search.LONGEST}
    said = _("Un nom, un code, ou des mots.")
    return [parameter("q", said, text, required=True, example="Mulhouse"), *paging()]


def formats(resource: Resource) -> list[str]:
    """The formats that suit the columns of a resource."""
    names = list(SEARCH.columns if resource is SEARCH else resource.columns)
    return [word for word in outputs.FORMATS if outputs.suits(word, names)]
