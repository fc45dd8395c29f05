"""Judges cells: Frictionless has the last word, this module says why in French and how to mend it.

Stricter than Frictionless where it lets through what no other tool reads alike: patterns match whole cells,
numbers are ASCII digits, text never begins like a formula. A fault holds a `correction` when its mending is certain.
"""

import re
from typing import Any, NamedTuple

from observatory import dates, figures
from observatory.csvfiles import MAX_CELL
from observatory.french import compact, key, number
from observatory.problems import did_you_mean, nearest, shown

FORMULA = {
    **{sign: f"« {sign} »" for sign in "=+-@＝＋－＠"},  # spreadsheets set to Japanese read the wide ones alike
    **{"\t": "une tabulation", "\r": "un retour chariot", "\n": "un saut de ligne"},
}
# Invisible signs that no str.strip() takes away.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad"
# Words that say that there is no value…
NOTHING = {
    "na", "n/a", "n.a.", "n.a", "#n/a", "nd", "n.d.", "n.d", "nc", "n.c.", "n.c", "ns", "n.s.", "-", "--", "—", "–",
    "null", "none", "nan", "vide", "inconnu", "non disponible", "non communiqué", ".", "..", "…",
}  # fmt: skip
# … and those that may hide one: a secret, a broken formula, a cross in a box.
MARKERS = NOTHING | {
    "?", "x", "s", "/", "#ref!", "#value!", "#valeur!", "#div/0!", "#nom?", "#name?", "inf", "-inf", "infinity",
}  # fmt: skip
YES = {"oui", "o", "vrai", "true", "yes", "y", "1", "x", "✓", "✔", "☑"}
NO = {"non", "n", "faux", "false", "no", "0"}
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
    """What is wrong with a cell: a code of the catalogue and the words for its braces; perhaps its `correction`."""

    code: str
    details: dict[str, str]


def faults(raw: str, field: Any, notes: dict[str, str] | None) -> list[Fault]:
    """Everything wrong with the cell `raw` of a Frictionless field, whose reader gave these notes (or None)."""
    if len(raw) > MAX_CELL:
        return [_fault("cell-too-long", raw, length=number(len(raw)), limit=number(MAX_CELL))]
    if not notes:
        return _stricter(raw, field)
    if "required" in notes or (field.required and not trimmed(raw)):
        return [Fault("missing-value", {})]
    bare = trimmed(raw)
    if raw != bare and field.create_cell_reader()(bare)[1] is None:
        return [surrounded(raw, bare)]
    if "type" in notes:
        return [_type_fault(raw, field)]
    return [_constraint_fault(raw, field, name) for name in notes]


def surrounded(raw: str, bare: str) -> Fault:
    """The fault of a cell that is right but for what is around it."""
    what = "une espace" if raw.strip() == bare else "un caractère invisible"
    return _fault("surrounding-spaces", raw, what=what, suggestion=bare, correction=bare)


def trimmed(raw: str) -> str:
    """The cell without the spaces and invisible signs around it."""
    return raw.strip().strip(INVISIBLE).strip()


def _fault(code: str, raw: str, **details: str) -> Fault:
    return Fault(code, {"value": shown(raw), **details})


def _sure(code: str, raw: str, text: str, sure: bool = True, **details: str) -> Fault:
    """A fault whose mending is to write `text`, which is its correction when that is sure."""
    certain = {"correction": text} if sure else {}
    return _fault(code, raw, **{"suggestion": text, **details}, **certain)


def _stricter(raw: str, field: Any) -> list[Fault]:
    """Faults of a cell that Frictionless accepts."""
    if field.type in NUMERIC and raw.strip() and not figures.NUMBER.fullmatch(raw):
        bare = trimmed(raw)
        return [surrounded(raw, bare) if figures.NUMBER.fullmatch(bare) else _type_fault(raw, field)]
    formula = raw[:1] in FORMULA and not figures.NUMBER.fullmatch(raw)
    if field.type in ("string", "any") and formula:
        return [_formula(raw, field)]
    return []


def _formula(raw: str, field: Any) -> Fault:
    if trimmed(raw).lower() in MARKERS:
        return _marker(raw, field, "une valeur")
    return _fault("formula-cell", raw, expected=FORMULA[raw[0]])


def _marker(raw: str, field: Any, expected: str) -> Fault:
    if field.required:
        what = "supprimez la ligne, car la colonne est obligatoire"
        return _fault("missing-marker", raw, expected=expected, suggestion=what)
    sure = trimmed(raw).lower() in NOTHING
    return _sure("missing-marker", raw, "", sure, expected=expected, suggestion="laissez la cellule vide")


def _type_fault(raw: str, field: Any) -> Fault:
    kind = KINDS.get(field.type) or FORMATS.get(field.format, "de la forme attendue")
    if field.type == "boolean":
        return _boolean_fault(raw, field)
    if trimmed(raw).lower() in MARKERS:
        return _marker(raw, field, kind)
    if field.type in NUMERIC:
        return _number_fault(raw, field)
    if field.type in ("date", "datetime"):
        return _date_fault(raw)
    return _fault("wrong-type", raw, expected=kind)


def _boolean_fault(raw: str, field: Any) -> Fault:
    yes, no = str(field.true_values[0]), str(field.false_values[0])
    word = trimmed(raw).lower()
    if word in YES | NO:
        answer = yes if word in YES else no
        return _fault("not-a-boolean", raw, expected=answer, correction=answer)
    if word in MARKERS:
        return _marker(raw, field, KINDS["boolean"])
    return _fault("not-a-boolean", raw, expected=f"{yes} ou {no}")


def _number_fault(raw: str, field: Any) -> Fault:
    text, type_ = trimmed(raw), field.type
    plain = figures.plain(text.rstrip("%‰"), type_)
    if text.endswith(("%", "‰")) and plain:
        return _sure("percent-sign", raw, plain.text, plain.sure and text.endswith("%"))
    if figures.COMMA.fullmatch(text) and type_ == "number" and plain:
        other = text.replace(",", "")
        words = plain.text if plain.sure else f"{plain.text} (ou {other}, si la virgule sépare les milliers)"
        return _sure("decimal-comma", raw, *plain, suggestion=words)
    if plain and type_ == "integer" and re.fullmatch(r"[-+]?[0-9]+[.,]0+", text) and not text.endswith(",000"):
        return _sure("not-an-integer", raw, *plain)
    if plain:
        return _sure("thousands-separator", raw, *plain)
    words = f"{field.name} {field.title or ''}"
    if figure := figures.without_unit(text, type_, words):
        if figure.sure:
            return _sure("number-with-unit", raw, figure.text)
        return _fault("number-with-unit", raw, suggestion="le nombre seul, converti dans l'unité de la colonne")
    return _whole(raw, field) if type_ == "integer" else _fault("not-a-number", raw)


def _whole(raw: str, field: Any) -> Fault:
    """The fault of a column of integers, which may be a yes or no that is counted 1 or 0."""
    word = trimmed(raw).lower()
    if set(map(str, field.constraints.get("enum", ()))) == {"0", "1"} and word in YES | NO:
        return _sure("not-an-integer", raw, "1" if word in YES else "0")
    return _fault("not-an-integer", raw, suggestion="1234")


def _date_fault(raw: str) -> Fault:
    if (found := dates.read_date(trimmed(raw))) is None:
        return _fault("not-a-date", raw, suggestion="année-mois-jour, comme 2023-02-01")
    if found.sure:
        return _sure("not-a-date", raw, found.text)
    orders = dates.both_orders(trimmed(raw)) or ("", "")
    choices = f"{orders[0]} si le jour vient en premier, {orders[1]} si c'est le mois" if all(orders) else found.text
    return _fault("not-a-date", raw, suggestion=choices)


def _constraint_fault(raw: str, field: Any, name: str) -> Fault:
    rules = field.constraints
    if name == "enum":
        return _list_fault(raw, field)
    if name == "pattern":
        return _pattern_fault(raw, field)
    if name in ("minLength", "maxLength"):
        bound = f"{rules[name]} au {'moins' if name == 'minLength' else 'plus'}"
        length = f"{len(raw)} caractère" + ("s" if len(raw) > 1 else "")
        return _fault("wrong-length", raw, length=length, expected=bound)
    return _fault("out-of-range", raw, expected=_bounds(rules))


def _list_fault(raw: str, field: Any) -> Fault:
    if trimmed(raw).lower() in MARKERS:
        return _marker(raw, field, "une des valeurs possibles")
    choices = [str(choice) for choice in field.constraints["enum"]]
    same = [choice for choice in choices if key(choice) == key(raw) != ""]
    expected = shown(", ".join(choices))
    if len(same) == 1:
        return _sure("not-in-list", raw, same[0], expected=expected, suggestion=f" C'est « {same[0]} ».")
    return _fault("not-in-list", raw, suggestion=did_you_mean(nearest(raw, choices)), expected=expected)


def _pattern_fault(raw: str, field: Any) -> Fault:
    if figures.EXPONENT.fullmatch(trimmed(raw)):
        return _fault("scientific-notation", raw, suggestion="")
    whole, _, decimals = trimmed(raw).partition(".")
    if decimals and not decimals.strip("0") and field.create_cell_reader()(whole)[1] is None:
        return _fault("scientific-notation", raw, suggestion=f" : {whole}", correction=whole)
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
