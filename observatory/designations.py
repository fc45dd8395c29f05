"""What a descriptor may designate: the CSV beside it and a schema of ours, never anything else nor elsewhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from observatory.ordinary import hindrance
from observatory.problems import Problem, problem, shown
from observatory.reading import SchemaFault, table_schema
from observatory.yamlfiles import TOO_DEEP, Document, shown_path

REMOTE = re.compile(r"\s*(?:(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//|[a-zA-Z]{2,}:)")
DRIVE = re.compile(r"\s*[a-zA-Z]:")
MAX_SCHEMA = 500_000  # bytes
WITHDRAW = "Retirez cette clé."
# What Frictionless would follow or fetch, or take for the data themselves.
FORBIDDEN = {
    "data": "les données vont dans le CSV",
    "paths": "un jeu de données n'a qu'un fichier CSV",
    "extrapaths": "un jeu de données n'a qu'un fichier CSV",
    "basepath": "le CSV est à côté de son descripteur",
    "compression": "le CSV se donne tel quel, hors de toute archive",
    "innerpath": "le CSV se donne tel quel, hors de toute archive",
    "format": "seul un CSV est lu",
    "scheme": "seul un fichier de ce dossier est lu",
    "control": "seul un fichier de ce dossier est lu",
    "remote": "seul un fichier de ce dossier est lu",
    "profile": "les formes permises sont celles du dossier schemas/",
    "$schema": "les formes permises sont celles du dossier schemas/",
    "detector": "rien n'est deviné",
    "checklist": "les contrôles sont ceux de l'observatoire",
    "pipeline": "aucun traitement n'est exécuté",
}
# key: (type of what is written, as shown, reason, mending)
MISUSED: dict[str, tuple[type | tuple[type, ...], str, str, str]] = {
    "path": ((list, dict), "path: […]", "un jeu de données n'a qu'un fichier CSV", "Écrivez le nom du CSV voisin."),
    "schema": (
        (list, dict),
        "schema: {…}",
        "le schéma est un fichier de l'observatoire",
        "Écrivez schema: ../schemas/<nom>.schema.json, parmi ceux du dossier schemas/.",
    ),
    "dialect": (
        str,
        "dialect: …",
        "le dialecte n'est pas un fichier",
        'Écrivez dialect: {delimiter: ";"}, ou rien si le séparateur est la virgule.',
    ),
}


def at_key(document: Document, code: str, key: str, **details: object) -> None:
    """Notes a problem at the place of a key of the descriptor."""
    document.report(code, document.mark((key,)), key, **details)


def check_keys(document: Document) -> None:
    """Keys by which Frictionless would read something else than the CSV beside, by a schema of ours."""
    for name, reason in FORBIDDEN.items():
        if name in document.value:
            at_key(document, "key-forbidden", name, value=name, reason=reason, mending=WITHDRAW)
    for name, (kind, written, reason, mending) in MISUSED.items():
        if isinstance(document.value.get(name), kind):
            at_key(document, "key-forbidden", name, value=written, reason=reason, mending=mending)


def neighbour(document: Document, path: Path, name: str, root: Path) -> Path | None:
    """The CSV beside the descriptor, or None once said why it cannot be read."""
    written = document.value.get("path")
    folder = path.parent.name + "/"
    if not isinstance(written, str) or not _stays(document, "path", written, folder):
        return None
    target = path.parent / written
    if _resolved(target.parent) != path.parent.resolve() or target.name in ("", ".", ".."):
        at_key(document, "path-outside", "path", value=shown(written), expected=folder)
        return None
    if reason := hindrance(target):
        document.problems.append(problem("unreadable-file", shown_path(target, root), value=reason))
        return None
    if not target.is_file():
        at_key(document, "missing-csv", "path", value=shown(written))
        return None
    if target.name != f"{name}.csv":
        at_key(document, "wrong-name", "path", value=shown(written), expected=f"{name}.csv")
    return target


def _stays(document: Document, key_: str, written: str, folder: str) -> bool:
    """Whether a path is written as one of this repository; Windows is no excuse to leave it."""
    slashed = written.replace("\\", "/")
    if REMOTE.match(slashed):
        at_key(document, "remote-path", key_, value=shown(written), expected=folder)
        return False
    if slashed != written or DRIVE.match(written):
        at_key(document, "path-outside", key_, value=shown(written), expected=folder)
        return False
    return True


def schema_path(document: Document, root: Path) -> Path | None:
    """The file of schemas/ that the descriptor cites, or None once said why there is none."""
    written = document.value.get("schema")
    if not isinstance(written, str) or not _stays(document, "schema", written, "schemas/"):
        return None
    # A descriptor outside the repository is read as if it stood in datasets/.
    target = root / "datasets" / written
    if not _resolved(target).is_relative_to((root / "schemas").resolve()):
        at_key(document, "path-outside", "schema", value=shown(written), expected="schemas/")
        return None
    if reason := hindrance(target):
        document.problems.append(problem("unreadable-file", shown_path(target, root), value=reason))
        return None
    if not target.is_file():
        at_key(document, "missing-schema", "schema", value=shown(written))
        return None
    return target


def _resolved(path: Path) -> Path:
    """The path without link nor ..; a path that no file can have is given back, to be reported as missing."""
    try:
        return path.resolve()
    except (ValueError, OSError, RuntimeError):
        return path.parent.resolve() / "?"


def schema_problems(path: Path, root: Path) -> Iterator[Problem]:
    """What makes a Table Schema unusable, at most one problem."""
    file = shown_path(path, root)
    try:
        if path.stat().st_size > MAX_SCHEMA:
            raise SchemaFault(f"il pèse plus de {MAX_SCHEMA // 1000} Ko")
        table_schema(json.loads(path.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        yield problem("invalid-schema", file, error.lineno, value="le JSON est mal écrit ici", position=error.colno)
    except UnicodeDecodeError:
        yield problem("invalid-schema", file, value="le fichier n'est pas en UTF-8")
    except RecursionError:
        yield problem("invalid-schema", file, value=TOO_DEEP)
    except ValueError:  # a whole number of thousands of digits
        yield problem("invalid-schema", file, value="un nombre y est démesuré")
    except SchemaFault as fault:
        yield problem("invalid-schema", file, value=str(fault))
