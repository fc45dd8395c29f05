"""Judges our own YAML by JSON Schema and says in French what is wrong, key by key."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jsonschema
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import validator_for
from referencing import Registry

from observatory.french import compact
from observatory.problems import Problem, did_you_mean, nearest, problem, shown
from observatory.refusals import refused

TYPES = {
    "string": "un texte",
    "number": "un nombre",
    "integer": "un nombre entier",
    "boolean": "true ou false",
    "array": "une liste",
    "object": "des lignes « clé : valeur »",
    "null": "rien",
}
FORMATS = {
    "date": "une date comme 2023-02-01",
    "uri": "une adresse https://…",
    "email": "une adresse électronique",
}


def _s(count: int) -> str:
    return "s" if count > 1 else ""


# What a broken rule asks for; the rule's own value is the argument.
WANTED: dict[str, Callable[[Any], str]] = {
    "type": lambda rule: " ou ".join(TYPES[name] for name in ([rule] if isinstance(rule, str) else rule)),
    "enum": lambda rule: " ou ".join(f"« {choice} »" for choice in rule),
    "const": lambda rule: f"« {rule} »",
    "minimum": lambda rule: f"un nombre d'au moins {compact(rule)}",
    "maximum": lambda rule: f"un nombre d'au plus {compact(rule)}",
    "exclusiveMinimum": lambda rule: f"un nombre plus grand que {compact(rule)}",
    "exclusiveMaximum": lambda rule: f"un nombre plus petit que {compact(rule)}",
    "minLength": lambda rule: "un texte" if rule == 1 else f"un texte d'au moins {rule} caractère{_s(rule)}",
    "maxLength": lambda rule: f"un texte d'au plus {rule} caractère{_s(rule)}",
    "minItems": lambda rule: f"une liste d'au moins {rule} élément{_s(rule)}",
    "maxItems": lambda rule: f"une liste d'au plus {rule} élément{_s(rule)}",
    "uniqueItems": lambda rule: "une liste sans doublon",
    "format": lambda rule: FORMATS.get(rule, "une autre forme"),
    "pattern": lambda rule: "une autre forme",
    "None": lambda rule: "rien : cette clé ne va pas avec le reste du fichier (status)",
    "maxProperties": lambda rule: f"au plus {rule} clé{_s(rule)}",
}
# For these, the schema's own description says more than the rule.
NOT_FINITE = re.compile(r"[-+]?(\.?(inf(inity)?|nan)|[0-9.]+e\+?[0-9]+)", re.I)
DESCRIBED = {"pattern", "anyOf", "oneOf", "not"}
Path = tuple[str | int, ...]
Locate = Callable[[Path], tuple[int, int]]


class Fault(NamedTuple):
    """A broken rule of the JSON Schema: which, what it wants, what stands there, and where."""

    rule: str
    wanted: Any
    found: Any
    path: Path
    schema: dict[str, Any]


def shape_problems(value: Any, schema: dict[str, Any], file: str, locate: Locate) -> list[Problem]:
    """Every way in which `value` breaks the JSON Schema, placed by `locate(path) -> (line, character)`."""
    # An empty registry: a $ref never fetches anything.
    validator = validator_for(schema, default=jsonschema.Draft202012Validator)(
        schema, registry=Registry(), format_checker=jsonschema.FormatChecker()
    )
    faults = [fault for error in validator.iter_errors(value) for fault in _faults(error, schema)]
    meant = {(fault.path[:-1], near) for fault in faults for near in _meant(fault)}
    # A misspelled key is one problem, not a key too many and another that is missing.
    faults = [f for f in faults if f.rule != "required" or (f.path, f.wanted) not in meant]
    faults += _refused(value, ())
    # `properties` and `if/then` may say the same thing twice.
    return list(dict.fromkeys(_problem(fault, file, locate) for fault in faults))


def _faults(error: ValidationError, root: dict[str, Any]) -> Iterator[Fault]:
    """Each missing or unknown key alone; of alternatives, the nearest one."""
    rule, wanted, found = str(error.validator), error.validator_value, error.instance
    schema = dict(error.schema) if isinstance(error.schema, dict) else {}
    path = tuple(error.absolute_path)
    likely = best_match(error.context or [])
    if rule in ("anyOf", "oneOf") and likely and len(likely.absolute_path) > len(path):
        yield from _faults(likely, root)
    elif rule == "required":
        # iter_errors repeats the error for each missing key; only the message says which.
        # A top-level key that `then` requires is described by the root.
        yield Fault(rule, error.message.split("'")[1], found, path, schema if path else root)
    elif rule == "additionalProperties" and isinstance(found, dict):
        known = schema.get("properties", {})
        yield from (Fault(rule, list(known), key, (*path, key), schema) for key in found if key not in known)
    else:
        yield Fault(rule, wanted, found, path, schema)


def _refused(value: Any, path: Path) -> Iterator[Fault]:
    """The texts of the file that may not be published: HTML, hidden characters, personal data."""
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _refused(part, (*path, key))
    elif isinstance(value, str) and (found := refused(value)):
        yield Fault("refused", found, value, path, {})


def _meant(fault: Fault) -> list[str]:
    """The known key that an unknown one resembles."""
    return nearest(str(fault.found), fault.wanted) if fault.rule == "additionalProperties" else []


def _problem(fault: Fault, file: str, locate: Locate) -> Problem:
    line, position = locate(fault.path)
    column = shown(".".join(str(part + 1) if isinstance(part, int) else part for part in fault.path)) or None
    code, details = _details(fault)
    return problem(code, file, line, column, position=position, **details)


def _details(fault: Fault) -> tuple[str, dict[str, str]]:
    if fault.rule == "required":
        entry = fault.schema.get("properties", {}).get(fault.wanted)
        described = entry.get("description", "") if isinstance(entry, dict) else ""
        text = f" : {described.rstrip('.')}" if described else ""
        return "key-missing", {"value": fault.wanted, "expected": text}
    if fault.rule == "additionalProperties":
        suggestion = did_you_mean(_meant(fault))
        expected = "" if suggestion else f" ; clés possibles : {', '.join(fault.wanted)}"
        return "key-unknown", {"value": shown(fault.found), "suggestion": suggestion, "expected": expected}
    if fault.rule == "refused":
        return fault.wanted.code, fault.wanted.details
    return "key-invalid", {
        "value": _quoted(fault.found),
        "expected": _wanted(fault),
        "mending": _mending(fault),
    }


def _quoted(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "ce bloc" if value else "vide"
    return shown("vide" if value is None or value == "" else value)


def _wanted(fault: Fault) -> str:
    described = str(fault.schema.get("description", "")).rstrip(".")
    if fault.rule in DESCRIBED and described:
        return described[0].lower() + described[1:]
    if _not_finite(fault):
        return "un nombre fini"
    sentence = WANTED.get(fault.rule)
    return sentence(fault.wanted) if sentence else described or "une autre valeur"


def _not_finite(fault: Fault) -> bool:
    """Whether infinity, NaN or a number too large to be one stands where a number is wanted."""
    number = fault.rule == "type" and fault.wanted in ("number", "integer")
    return number and isinstance(fault.found, str) and NOT_FINITE.fullmatch(fault.found) is not None


def _mending(fault: Fault) -> str:
    number = isinstance(fault.found, int | float) and not isinstance(fault.found, bool)
    if fault.rule == "type" and fault.wanted == "string" and number:
        return f'Mettez la valeur entre guillemets : "{fault.found}".'
    if fault.rule == "type" and isinstance(fault.found, str) and not _not_finite(fault):
        return "Retirez les guillemets ou le texte autour de la valeur."
    return "Corrigez la valeur."
