"""Judges cells: Frictionless has the last word, this module says why in French and how to mend it.

Stricter than Frictionless where it lets through what no other tool reads alike: patterns match whole cells,
numbers are ASCII digits, text never begins like a formula.
"""

import re
from typing import Any, NamedTuple

from observatory.csvfiles import MAX_CELL
from observatory.french import compact, number
from observatory.problems import did_you_mean, nearest, shown

NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
INTEGER = re.compile(r"[-+]?[0-9]+")
FORMULA = {"=": "=", "+": "+", "-": "-", "@": "@", "\t": "une tabulation", "\r": "un retour chariot"}
SPACES = " \u00a0\u202f\u2009"
GROUPED = re.compile(rf"([-+]?[0-9]{{1,3}}(?:[{SPACES}'’][0-9]{{3}})+)(?:[.,]([0-9]+))?")
COMMA = re.compile(r"([-+]?[0-9]*),([0-9]+)")
WITH_UNIT = re.compile(rf"([-+]?[0-9][0-9{SPACES}]*(?:[.,][0-9]+)?)[{SPACES}]*[a-zA-Zé€µ°$][^0-9]*[0-9²³]?")
MARKERS = {
    "na", "n/a", "n.a.", "n.a", "#n/a", "nd", "n.d.", "n.d", "nc", "n.c.", "n.c", "ns", "n.s.", "-", "--", "—", "–",
    "?", "x", "null", "none", "nan", "vide", "inconnu", "non disponible", "non communiqué", "s", "/", ".", "..", "…",
    "#ref!", "#value!", "#valeur!", "#div/0!", "inf", "-inf", "infinity",
}  # fmt: skip
EXPONENT = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]{1,3}")
FRENCH_DATE = re.compile(r"([0-3]?[0-9])[/.-]([01]?[0-9])[/.-]((?:19|20)[0-9]{2})")
NUMERIC = ("number", "integer")
KINDS = {
    "number": "un nombre",
    "integer": "un nombre entier",
    "date": "une date",
    "datetime": "une date et une heure",
    "year": "une année (2023)",
    "yearmonth": "un mois (2023-02)",
    "boolean": "une réponse oui/non",
    "geopoint": "un point (longitude, latitude)",
    "time": "une heure (08:30:00)",
}
FORMATS = {
    "uri": "une adresse web complète (https://exemple.fr)",
    "email": "une adresse électronique",
    "uuid": "un identifiant UUID",
}


class Fault(NamedTuple):
    """What is wrong with a cell: a code of the catalogue and the words for its braces."""

    code: str
    details: dict[str, str]


def faults(raw: str, field: Any, notes: dict[str, str] | None) -> list[Fault]:
    """Everything wrong with the cell `raw` of a Frictionless field, whose reader gave these notes (or None)."""
    if len(raw) > MAX_CELL:
        return [_fault("cell-too-long", raw, length=number(len(raw)), limit=number(MAX_CELL))]
    if not notes:
        return _stricter(raw, field)
    if "required" in notes:
        return [Fault("missing-value", {})]
    if raw != raw.strip() and field.create_cell_reader()(raw.strip())[1] is None:
        return [_fault("surrounding-spaces", raw, suggestion=raw.strip())]
    if "type" in notes:
        return [_type_fault(raw, field)]
    return [_constraint_fault(raw, field, name) for name in notes]


def _fault(code: str, raw: str, **details: str) -> Fault:
    return Fault(code, {"value": shown(raw), **details})


def _stricter(raw: str, field: Any) -> list[Fault]:
    """Faults of a cell that Frictionless accepts."""
    if field.type in NUMERIC and raw.strip() and not NUMBER.fullmatch(raw):
        return [_type_fault(raw, field)]
    formula = raw[:1] in FORMULA and not NUMBER.fullmatch(raw)
    if field.type in ("string", "any") and formula:
        return [_formula(raw)]
    return []


def _formula(raw: str) -> Fault:
    if raw.strip().lower() in MARKERS:
        return _fault("missing-marker", raw, expected="une valeur")
    return _fault("formula-cell", raw, expected=f"« {FORMULA[raw[0]]} »" if raw[0] in "=+-@" else FORMULA[raw[0]])


def _type_fault(raw: str, field: Any) -> Fault:
    kind = KINDS.get(field.type) or FORMATS.get(field.format, "de la forme attendue")
    if raw.strip().lower() in MARKERS:
        return _fault("missing-marker", raw, expected=kind)
    if field.type in NUMERIC:
        return _number_fault(raw, field.type)
    if field.type in ("date", "datetime"):
        return _date_fault(raw)
    if field.type == "boolean":
        return _fault("not-a-boolean", raw, expected=f"{field.true_values[0]} ou {field.false_values[0]}")
    return _fault("wrong-type", raw, expected=kind)


def _number_fault(raw: str, type_: str) -> Fault:
    text = raw.strip()
    if text.endswith(("%", "‰")) and (plain := _plain(text[:-1], type_)):
        return _fault("percent-sign", raw, suggestion=plain)
    if COMMA.fullmatch(text) and type_ == "number":
        return _fault("decimal-comma", raw, suggestion=_plain(text, type_))
    if plain := _plain(text, type_):
        return _fault("thousands-separator", raw, suggestion=plain)
    if (found := WITH_UNIT.fullmatch(text)) and (plain := _plain(found[1], type_)):
        return _fault("number-with-unit", raw, suggestion=plain)
    return _fault("not-an-integer" if type_ == "integer" else "not-a-number", raw)


def _plain(text: str, type_: str) -> str:
    """The number as data files write it, or nothing when the text is no number at all."""
    text = text.strip(SPACES)
    if grouped := GROUPED.fullmatch(text):
        digits = re.sub(rf"[{SPACES}'’]", "", grouped[1])
        text = f"{digits}.{grouped[2]}" if grouped[2] else digits
    elif comma := COMMA.fullmatch(text):
        thousands = type_ == "integer" and len(comma[2]) == 3
        text = comma[1] + comma[2] if thousands else f"{comma[1] or '0'}.{comma[2]}"
    wanted = INTEGER if type_ == "integer" else NUMBER
    return text if wanted.fullmatch(text) else ""


def _date_fault(raw: str) -> Fault:
    if found := FRENCH_DATE.fullmatch(raw.strip()):
        day, month, year = found.groups()
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            return _fault("not-a-date", raw, suggestion=f"{year}-{month:0>2}-{day:0>2}")
    return _fault("not-a-date", raw, suggestion="année-mois-jour, comme 2023-02-01")


def _constraint_fault(raw: str, field: Any, name: str) -> Fault:
    rules = field.constraints
    if name == "enum" and raw.strip().lower() in MARKERS:
        return _fault("missing-marker", raw, expected="une des valeurs possibles")
    if name == "enum":
        choices = [str(choice) for choice in rules["enum"]]
        near = did_you_mean(nearest(raw, choices))
        return _fault("not-in-list", raw, suggestion=near, expected=shown(", ".join(choices)))
    if name == "pattern":
        return _pattern_fault(raw, field)
    if name in ("minLength", "maxLength"):
        bound = f"{rules[name]} au {'moins' if name == 'minLength' else 'plus'}"
        return _fault("wrong-length", raw, length=f"{len(raw)} caractères", expected=bound)
    return _fault("out-of-range", raw, expected=_bounds(rules))


def _pattern_fault(raw: str, field: Any) -> Fault:
    if EXPONENT.fullmatch(raw):
        return _fault("scientific-notation", raw)
    example = f" : {field.example}" if field.example else ""
    return _fault("pattern-mismatch", raw, expected=f" ({_bare(field)})", example=example)


def _bare(field: Any) -> str:
    return str(field.custom.get("pattern", field.constraints["pattern"]))


def _bounds(rules: dict[str, Any]) -> str:
    low, high = rules.get("minimum"), rules.get("maximum")
    if low is not None and high is not None:
        return f"un nombre entre {_bound(low)} et {_bound(high)}"
    if low is not None:
        return f"un nombre d'au moins {_bound(low)}"
    return f"un nombre d'au plus {_bound(high)}"


def _bound(value: Any) -> str:
    return compact(value) if isinstance(value, int | float) else str(value)
