"""Things of the API by their code: where one that is no more has gone, and what one that is misspelt may be."""

import difflib
import sqlite3

from observatory import resolving
from observatory.api_asked import Place
from observatory.api_filters import suggestions
from observatory.api_resources import BASE, Resource, rows_resource
from observatory.languages import gettext as _
from observatory.problem_details import Refused

GONE = "select ref_area, heir, successors, current from territory where ref_area = ?"
RELATED = {
    "territories": {"observations": "observations?ref_area={}", "scores": "scores?ref_area={}"},
    "indicators": {"observations": "observations?indicator={}", "scores": "scores?node={}"},
    "domains": {"indicators": "indicators?domain={}", "scores": "scores?node={}"},
    "datasets": {"rows": "datasets/{}/rows", "observations": "observations?dataset={}"},
    "editions": {"scores": "scores?edition={}"},
}


def code_of(db: sqlite3.Connection, resource: Resource, text: str) -> str:
    """The code of the thing that an address means, another than `text` when it leads there; Refused when none does."""
    if resource.name == "territories":
        return _territory(db, text)
    sql = f'select "{resource.item}" from "{resource.source}"' + (f" where {resource.where}" if resource.where else "")
    known = [str(row[0]) for row in db.execute(f"{sql} order by 1")]
    if text in known:
        return text
    kind = "unknown-version" if resource.name == "editions" else "unknown-code"
    raise Refused(kind, text, difflib.get_close_matches(text, known, 5) or known)


def _territory(db: sqlite3.Connection, text: str) -> str:
    card = db.execute(GONE, [text]).fetchone()
    if card is None:
        meant = resolving.identified(db, text)
        if len(meant) != 1:
            raise Refused("unknown-code", text, *suggestions(db, text))
        card = db.execute(GONE, [meant[0]["ref_area"]]).fetchone()
    if card["current"] or card["heir"]:
        return str(card["heir"] or card["ref_area"])
    said = _("Ce territoire n’est plus ; /api/v1/territories?ref_area={area} dit ce qu’il était.")
    raise Refused("gone", text, (card["successors"] or "").split(), said.format(area=card["ref_area"]))


def row_of(db: sqlite3.Connection, resource: Resource, text: str) -> str:
    """The identifier of a row of a register; Refused when it has none, or when its rows have no identifier."""
    if "id" not in resource.columns:
        raise Refused("unknown-code", text, (), _("Les lignes de ce registre n’ont pas d’identifiant."))
    known = [str(row[0]) for row in db.execute(f'select id from "{resource.source}" order by id')]
    if text not in known:
        raise Refused("unknown-code", text, difflib.get_close_matches(text, known, 5) or known[:20])
    return text


def related(resource: Resource, code: str, base: str) -> dict[str, str]:
    """Addresses of what goes with a thing, by what it is."""
    if resource.rows_of:
        own, other = f"register={resource.rows_of}&id={code}", f"target={resource.rows_of}&target_id={code}"
        return {"names": f"{base}{BASE}/relations?{own}", "named_by": f"{base}{BASE}/relations?{other}"}
    return {name: f"{base}{BASE}/{path.format(code)}" for name, path in RELATED.get(resource.name, {}).items()}


def rows_of(db: sqlite3.Connection, place: Place) -> Resource:
    """The rows of a dataset; Refused when it has none of that name, or is no register where one is asked for."""
    register = place.resource == "registers"
    known = {
        row["name"]: row["title"]
        for row in db.execute("select name, title, form from datasets order by name")
        if row["form"] == "register" or not register
    }
    if place.code not in known:
        raise Refused("unknown-code", place.code, difflib.get_close_matches(place.code, list(known), 5) or known)
    sql = "select name, type from columns where table_name = ? order by position, name"
    fields = [(row["name"], row["type"]) for row in db.execute(sql, [place.code])]
    keys = db.execute("select name from pragma_table_info(?) where pk > 0 order by pk", [place.code])
    return rows_resource(place.code, known[place.code], fields, [row[0] for row in keys])


def datasets(db: sqlite3.Connection) -> dict[str, bool]:
    """Every dataset by name, and whether it is a register."""
    return {row[0]: row[1] == "register" for row in db.execute("select name, form from datasets order by name")}
