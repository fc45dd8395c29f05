"""Our registers in the two national schemas that tell of the same things, and back: initiatives, calls for projects.

`betagouv/projets-territoire` 0.1.0 and `etalab/dispositif-aide` 0.2.0, of schema.data.gouv.fr. No personal data is ever
written nor read: the first has five columns for the name, post, mail and telephone of a person.
"""

import csv
import io
import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from observatory import french
from observatory.registers import SEPARATOR, items

Row = Mapping[str, Any]
# Any fixed one would do: the identifiers of our things in national files are derived from it, and never change.
NAMESPACE = uuid.UUID("6f0f4a3e-6a52-5b0c-9a3d-1f2f3d6c7b10")
WHOLE_DAY = 10
FRANCE = "PAYS-99100"
# A code that has a letter does not fit the pattern of the national schema: what holds it, or what it holds, is told.
LETTERED = {"DEP-2A": ["REG-94"], "DEP-2B": ["REG-94"], "DEP-6AE": ["DEP-67", "DEP-68"]}
LETTERED |= {"DEP-69D": ["DEP-69"], "DEP-69M": ["DEP-69"]}
NUMBERED = re.compile(r"[A-Z]+-\d+")
CORSICA = re.compile(r"COM-2[AB]")

PROJECT = (
    *("id", "createdAt", "updatedAt", "nom", "description", "budgetPrevisionnel", "dateDebutPrevisionnelle", "phase"),
    *("phaseStatut", "programme", "porteurCodeSiret", "porteurReferentEmail", "porteurReferentTelephone"),
    *("porteurReferentPrenom", "porteurReferentNom", "porteurReferentFonction", "competences", "leviers", "mecId"),
    *("tetId", "recocoId", "collectiviteIds"),
)
AID = (
    *("id", "titre", "promesse", "description", "eligibilite", "types_aides", "porteurs", "programmes_parents"),
    *("url_source", "cibles", "eligibilite_geographique", "eligibilite_geographique_exclusions", "date_ouverture"),
    *("date_cloture", "date_mise_a_jour"),
)
PHASES = {
    "idee": ("Idée", "En cours"),
    "pilote": ("Étude", "En cours"),
    "deployee": ("Opération", "En cours"),
    "generalisee": ("Opération", "En cours"),
    "terminee": ("Opération", "Terminé"),
}
STAGES = {"Idée": "idee", "Étude": "pilote", "Opération": "deployee"}
OVER = ("Terminé", "Abandonné")
PROMISE, LONGEST = 180, 2000
UNKNOWN_RULES = "Le registre ne connaît pas encore les critères de cet appel."


@dataclass(frozen=True)
class Known:
    """What the registers know by its title, and the day of their last change."""

    programmes: Mapping[str, str]
    organisations: Mapping[str, tuple[str, str | None]]  # title and SIREN
    changed: str


def known(db: sqlite3.Connection, register: str) -> Known:
    """What is needed to write or to read the rows of that register."""
    titles = dict(db.execute("select id, title from things where register = 'programmes'").fetchall())
    sirens = {row[0]: (row[1], row[2]) for row in db.execute("select id, titre, siren from organisations")}
    day = db.execute("select last_update from datasets where name = ?", [register]).fetchone()
    return Known(titles, sirens, day[0])


def identifier(register: str, thing: str) -> str:
    """The UUID of a thing: its own identifier when it is one, else one that is derived from it."""
    try:
        return str(uuid.UUID(thing)) if len(thing) == 36 else str(uuid.uuid5(NAMESPACE, f"{register}/{thing}"))
    except ValueError:
        return str(uuid.uuid5(NAMESPACE, f"{register}/{thing}"))


def project(row: Row, about: Known) -> dict[str, str]:
    """An initiative as a row of `projets-territoire`; a date that is no whole day is left out, and so are results."""
    phase, status = PHASES[row["stade"]]
    moment = f"{about.changed}T00:00:00Z"
    areas = [*items(row["porteurs"]), *items(row["territoires_associes"])]
    said = {
        "id": identifier("initiatives", row["id"]),
        "createdAt": moment,
        "updatedAt": moment,
        "nom": row["titre"],
        "description": row["resume"],
        "budgetPrevisionnel": "" if row["budget"] is None else str(round(row["budget"])),
        "dateDebutPrevisionnelle": _day(row["date_debut"]),
        "phase": phase,
        "phaseStatut": status,
        "programme": about.programmes.get(row["programme"] or "", ""),
        "collectiviteIds": json.dumps(areas) if areas else "",
    }
    return {name: said.get(name, "") for name in PROJECT}


def initiative(row: Row, about: Known) -> dict[str, str]:
    """A row of `projets-territoire` as an initiative: what the national schema does not tell is left to complete."""
    status, phase = row.get("phaseStatut") or "", row.get("phase") or ""
    areas = _list(row.get("collectiviteIds"))
    return {
        "id": str(row["id"]).lower(),
        "titre": row["nom"],
        "resume": (row.get("description") or row["nom"])[:LONGEST],
        "porteurs": SEPARATOR.join(area for area in areas if "-" in area),
        "stade": "terminee" if status in OVER else STAGES.get(phase, ""),
        "date_debut": (row.get("dateDebutPrevisionnelle") or "")[:WHOLE_DAY],
        "budget": str(row.get("budgetPrevisionnel") or ""),
        "programme": _named(about.programmes, row.get("programme") or ""),
    }


def aid(row: Row, about: Known) -> dict[str, str]:
    """A call for projects as a row of `dispositif-aide`."""
    rules = "\n".join(items(row["criteres"])) or UNKNOWN_RULES
    themes = ", ".join(items(row["themes"]))
    said = {
        "id": identifier("appels", row["id"]),
        "titre": row["titre"],
        "promesse": row["resume"] if len(row["resume"]) <= PROMISE else "",
        "description": row["resume"] + (f"\n\nThèmes : {themes}." if themes else ""),
        "eligibilite": rules,
        "types_aides": "appel à projets",
        "porteurs": json.dumps([_bearer(one, about) for one in items(row["commanditaires"])], ensure_ascii=False),
        "programmes_parents": about.programmes.get(row["programme"] or "", ""),
        "url_source": row["lien"] or row["source_url"] or "",
        "cibles": row["cibles"] or "",
        "eligibilite_geographique": SEPARATOR.join(dict.fromkeys(_places(items(row["perimetre"])))),
        "date_ouverture": _moment(row["date_ouverture"]),
        "date_cloture": _moment(row["date_cloture"]),
        "date_mise_a_jour": _moment(about.changed),
    }
    return {name: said.get(name, "") for name in AID}


def call(row: Row, about: Known) -> dict[str, str]:
    """A row of `dispositif-aide` as a call for projects: what the national schema does not tell is left to complete."""
    said, _, themes = (row.get("description") or "").partition("\n\nThèmes : ")
    names = {french.key(title): one for one, (title, _siren) in about.organisations.items()}
    bearers = [names.get(french.key(str(one.get("nom", ""))), "") for one in _objects(row.get("porteurs"))]
    rules = "" if row.get("eligibilite") == UNKNOWN_RULES else row.get("eligibilite") or ""
    areas = ["FRA" if one == FRANCE else one for one in items(row.get("eligibilite_geographique"))]
    opened = (row.get("date_ouverture") or "")[:WHOLE_DAY]
    return {
        "id": str(row["id"]).lower(),
        "titre": row["titre"],
        "resume": said[:LONGEST],
        "programme": _named(about.programmes, row.get("programmes_parents") or ""),
        "session": opened[:4],
        "commanditaires": SEPARATOR.join(filter(None, bearers)),
        "perimetre": SEPARATOR.join(areas),
        "themes": themes.rstrip(".").replace(", ", SEPARATOR),
        "criteres": rules.replace("\n", SEPARATOR),
        "cibles": row.get("cibles") or "",
        "date_ouverture": opened,
        "date_cloture": (row.get("date_cloture") or "")[:WHOLE_DAY],
        "lien": row.get("url_source") or "",
    }


@dataclass(frozen=True)
class Schema:
    """A national schema: the register that it tells of, its columns, and how a row is written and read."""

    register: str
    columns: Sequence[str]
    write: Callable[[Row, Known], dict[str, str]]
    read: Callable[[Row, Known], dict[str, str]]


SCHEMAS = {
    "projets-territoire": Schema("initiatives", PROJECT, project, initiative),
    "dispositif-aide": Schema("appels", AID, aid, call),
}


def rows(db: sqlite3.Connection, name: str) -> list[dict[str, str]]:
    """Every thing of the register as that national schema tells it, in the order of their identifiers."""
    schema = SCHEMAS[name]
    about = known(db, schema.register)
    return [schema.write(row, about) for row in db.execute(f"select * from {schema.register} order by id")]


def as_csv(columns: Sequence[str], found: Iterable[Row]) -> str:
    """Rows as a CSV that ends its lines as RFC 4180 does not ask: with a line feed, like all our files."""
    target = io.StringIO()
    writer = csv.DictWriter(target, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return target.getvalue()


def _bearer(organisation: str, about: Known) -> dict[str, Any]:
    title, siren = about.organisations.get(organisation, (organisation, None))
    return {"nom": title, **({"siren": siren} if siren else {}), "roles": ["commanditaire"]}


def _places(areas: Iterable[str]) -> Iterable[str]:
    for area in areas:
        if area == "FRA":
            yield FRANCE
        elif NUMBERED.fullmatch(area):
            yield area
        else:
            yield from LETTERED.get(area, ["REG-94"] if CORSICA.match(area) else [])


def _day(date: str | None) -> str:
    return date if date and len(date) == WHOLE_DAY else ""


def _moment(date: str | None) -> str:
    return f"{day}T00:00:00Z" if (day := _day(date)) else ""


def _named(titles: Mapping[str, str], title: str) -> str:
    same = [one for one, said in titles.items() if french.key(said) == french.key(title)]
    return same[0] if same else ""


def _list(text: object) -> list[str]:
    """The texts of a JSON array, or of what a CSV wrote instead of one."""
    if isinstance(text, list):
        return [str(one) for one in text]
    try:
        found = json.loads(str(text or "[]"))
    except ValueError:
        return items(str(text).replace(",", SEPARATOR))
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]


def _objects(text: object) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(str(text or "[]"))
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
