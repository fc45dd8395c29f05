"""Territories for those who clean a table: the Reconciliation API 0.2 (W3C community group), as OpenRefine asks.

Answers are shaped as the schemas of that specification want them; `db` gives its rows by name.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from typing import Any

from observatory import french, search, searching
from observatory.languages import data, kept
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.reconciling_match import MOST, PLACES, Query, candidates, marks

Given = Mapping[str, str]
Answer = dict[str, Any]
MOST_QUERIES, MOST_IDS = 50, 500
PATH = "/donnees/territories/-/reconcile"
# What can be read of a territory: property → its title. Those that choose among namesakes come first.
PROPERTIES = {
    "level": kept("Échelon"),
    "departement": kept("Département"),
    "region": kept("Région"),
    "epci": kept("Intercommunalité"),
    "code": kept("Code"),
    "siren": kept("SIREN"),
    "category": kept("Catégorie"),
    "population": kept("Population"),
    "latitude": kept("Latitude"),
    "longitude": kept("Longitude"),
    "valid_from": kept("Début de validité"),
    "valid_to": kept("Fin de validité"),
    "heir": kept("Remplacé par"),
    "score": kept("Indice"),
    "maturity": kept("Niveau de maturité"),
}
LEVELS = "select level, title from levels order by position"
TERRITORIES = "select *, (select name from territories h where h.ref_area = heir) as heir_name from territory where {}"


def manifest(db: sqlite3.Connection, given: Given, base: str) -> Answer:
    """What the service is and where its parts are, for the site at `base`."""
    service = f"{base}{PATH}"
    suggest = {
        kind: {"service_url": service, "service_path": f"/suggest/{kind}"} for kind in ("entity", "property", "type")
    }
    return {
        "versions": ["0.1", "0.2"],
        "name": _("Territoires français (Observatoire de la maturité numérique)"),
        "identifierSpace": f"{base}/territoires/",
        "schemaSpace": f"{base}{PATH}#",
        "documentation": f"{base}/api#reconciliation",
        "view": {"url": f"{base}/territoires/{{{{id}}}}"},
        "preview": {"url": f"{base}/integrer/territoires/{{{{id}}}}", "width": 460, "height": 380},
        "defaultTypes": types(db),
        "suggest": suggest,
        "extend": {"propose_properties": {"service_url": service, "service_path": "/extend/propose"}},
        "batchSize": MOST_QUERIES,
    }


def types(db: sqlite3.Connection) -> list[dict[str, str]]:
    """The levels of territory, largest first."""
    return [{"id": row["level"], "name": data(row["title"])} for row in db.execute(LEVELS)]


def reconcile(db: sqlite3.Connection, given: Given, base: str) -> Answer:
    """The candidates of each query of `queries`, the values that `extend` asks for, or else the manifest."""
    if given.get("extend"):
        return extend(db, _read(given["extend"], "extend"))
    if not given.get("queries"):
        return manifest(db, given, base)
    queries = _read(given["queries"], "queries")
    if len(queries) > MOST_QUERIES:
        raise Refused("too-much", str(len(queries)), detail=_("{n} cellules au plus à la fois.").format(n=MOST_QUERIES))
    titles = {one["id"]: one for one in types(db)}
    return {key: {"result": _found(db, _query(asked, titles), titles)} for key, asked in queries.items()}


def _read(text: str, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused("malformed-value", text[:60], detail=_("{name} est un objet JSON.").format(name=name))
    return found


def _query(asked: Any, known: Collection[str]) -> Query:
    """A query of the specification; `Refused` when it is not one, or asks for a type that is not `known`."""
    if not isinstance(asked, dict) or not isinstance(asked.get("query", ""), str):
        raise Refused("malformed-value", str(asked)[:60], detail=_("query est un texte."))
    kinds, limit = asked.get("type") or [], asked.get("limit", 5)
    levels = tuple(str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]))
    if strange := next((level for level in levels if level not in known), None):
        detail = _("« {code} » n’est pas un type de territoire.").format(code=strange[:60])
        raise Refused("malformed-value", strange, list(known), detail)
    beside = [one for one in asked.get("properties") or [] if isinstance(one, dict) and one.get("pid") in PROPERTIES]
    said = tuple((one["pid"], _values(one.get("v"))) for one in beside)
    whole = int(limit) if isinstance(limit, (int, float)) and 0 < limit <= MOST else MOST
    return Query(asked.get("query", ""), levels, said, whole)


def _values(given: Any) -> tuple[str, ...]:
    """The texts of a value, or of several; an entity gives its identifier."""
    several = given if isinstance(given, list) else [given]
    named = [one.get("id") if isinstance(one, dict) else one for one in several]
    return tuple(str(one) for one in named if one is not None)


def _found(db: sqlite3.Connection, query: Query, titles: Mapping[str, Any]) -> list[Answer]:
    return [
        {
            "id": one.card["ref_area"],
            "name": one.card["name"],
            "description": one.description,
            "score": one.score,
            "match": one.match,
            "type": [titles[one.card["level"]]],
        }
        for one in candidates(db, query)
    ]


def extend(db: sqlite3.Connection, asked: Mapping[str, Any]) -> Answer:
    """The values of properties of territories, none for an identifier that is not one."""
    ids, names = asked.get("ids"), asked.get("properties")
    if not isinstance(ids, list) or not isinstance(names, list):
        raise Refused("malformed-value", str(asked)[:60], detail=_("extend a deux listes, ids et properties."))
    wanted = [str(one.get("id") if isinstance(one, dict) else one) for one in names]
    if unknown := [name for name in wanted if name not in PROPERTIES]:
        raise Refused("unknown-filter", unknown[0], list(PROPERTIES))
    if len(ids) > MOST_IDS:
        raise Refused("too-much", str(len(ids)), detail=_("{n} territoires au plus à la fois.").format(n=MOST_IDS))
    areas = [str(one) for one in ids]
    known = _known(db, areas)
    rows = {area: {name: known.get(area, {}).get(name, []) for name in wanted} for area in areas}
    return {"meta": [{"id": name, "name": data(PROPERTIES[name])} for name in wanted], "rows": rows}


def _known(db: sqlite3.Connection, areas: list[str]) -> dict[str, Answer]:
    known = {}
    for row in db.execute(TERRITORIES.format(f"ref_area in ({marks(areas)})"), areas):
        known[row["ref_area"]] = {
            "level": _entity(row["level"], row["level_title"]),
            **{name: _text(row[name]) for name in ("code", "siren", "valid_from", "valid_to")},
            "category": _text(data(row["category_title"] or "")),
            "maturity": _text(data(row["maturity_name"] or "")),
            "population": [] if row["population"] is None else [{"int": row["population"]}],
            **{name: _real(row[name]) for name in ("latitude", "longitude", "score")},
            "heir": _entity(row["heir"], row["heir_name"]),
        }
    for row in db.execute(PLACES.format(marks(areas)), areas):
        name = {"DEP": "departement", "REG": "region", "EPCI": "epci"}.get(row["parent_level"])
        if name and row["member"] in known:
            known[row["member"]][name] = _entity(row["parent"], row["name"])
    return known


def _text(value: str | None) -> list[dict[str, str]]:
    return [{"str": value}] if value else []


def _real(value: float | None) -> list[dict[str, float]]:
    return [] if value is None else [{"float": value}]


def _entity(code: str | None, name: str | None) -> list[dict[str, str]]:
    return [{"id": code, "name": data(name or code)}] if code else []


def suggest_entity(db: sqlite3.Connection, given: Given, base: str) -> Answer:
    """The territories whose name begins as what is typed, best known first."""
    read, memory = searching.opened(db)
    text, start = given.get("prefix", "")[: search.LONGEST], given.get("cursor", "0")
    skipped = int(start) if start.isascii() and start.isdigit() and len(start) < 4 else 0
    found = searching.territories(read, searching.names(read, memory), text)[skipped : skipped + MOST]
    return {
        "result": [
            {"id": one.card["ref_area"], "name": one.card["name"], "description": one.detail(),
             "notable": [one.card["level"]]}
            for one in found
        ]
    }  # fmt: skip


def suggest_type(db: sqlite3.Connection, given: Given, base: str) -> Answer:
    """The levels whose name or code begins as what is typed."""
    return {"result": _beginning(types(db), given.get("prefix", ""))}


def suggest_property(db: sqlite3.Connection, given: Given, base: str) -> Answer:
    """The properties whose name or identifier begins as what is typed."""
    return {"result": _beginning(_properties(), given.get("prefix", ""))}


def properties(db: sqlite3.Connection, given: Given, base: str) -> Answer:
    """The properties that a table can be extended with, for territories of any level; at most `limit`."""
    limit = given.get("limit", "")
    most = int(limit) if limit.isascii() and limit.isdigit() and 0 < len(limit) < 4 else len(PROPERTIES)
    return {"type": given.get("type", ""), "limit": most, "properties": _properties()[:most]}


def _properties() -> list[dict[str, str]]:
    return [{"id": name, "name": data(title)} for name, title in PROPERTIES.items()]


def _beginning(known: list[dict[str, str]], prefix: str) -> list[dict[str, str]]:
    asked = french.key(prefix[: search.LONGEST])
    return [one for one in known if any(french.key(one[part]).startswith(asked) for part in ("id", "name"))]


ASKED: dict[str, Callable[[sqlite3.Connection, Given, str], Answer]] = {
    one.__name__: one for one in (reconcile, properties, suggest_entity, suggest_type, suggest_property)
}
