"""Parameters of a list of the API turned into conditions of SQL; whatever is not understood is refused."""

import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from observatory import resolving
from observatory.api_resources import COUNTLESS, MOST_SIZE, MOST_VALUES, Resource
from observatory.languages import gettext as _
from observatory.problem_details import Refused

PERIOD = re.compile(r"[0-9]{4}(-(S[12]|Q[1-4]|[0-9]{2}(-[0-9]{2})?))?")
NUMBER = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
WORD = re.compile(r"[A-Za-z0-9_.:%/+-]{1,100}")  # what codes are made of
WHOLE = re.compile(r"-?[0-9]{1,15}")
BOOLEANS = {"true": 1, "false": 0}
LARGEST = 10.0**15
LONGEST = 200  # characters of a value
Condition = tuple[str, list[Any]]


@dataclass(frozen=True)
class Parameters:
    """What the query string of a list asks: conditions, how many rows (None: not said), and after which."""

    conditions: Sequence[Condition]
    size: int | None
    after: str


def single(pairs: Sequence[tuple[str, str]], known: Sequence[str], resource: str = "") -> dict[str, str]:
    """The parameters by name; Refused when one is not `known` or is given twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise Refused("unknown-filter", name, known, strange(name, resource))
        if name in found:
            raise malformed(name, value, _("une seule fois, les valeurs séparées par des virgules"))
        if not value:
            raise malformed(name, value, _("une valeur"))
        found[name] = value
    return found


def strange(name: str, resource: str) -> str:
    """What is said of a parameter that a resource has not."""
    said = _("« {name} » n’est pas un paramètre de {resource}.")
    return said.format(name=name[:60], resource=resource or "/api/v1") if resource else ""


def malformed(name: str, value: str, expected: str, possible: Sequence[str] = ()) -> Refused:
    """The refusal of a value of a parameter, with what is expected."""
    said = _("« {value} » ne convient pas à {name} ; est attendu : {expected}.")
    shown = value[:60] if value.strip() else _("(vide)")
    return Refused("malformed-value", value, possible, said.format(value=shown, name=name, expected=expected))


def read(db: sqlite3.Connection, resource: Resource, pairs: Sequence[tuple[str, str]]) -> Parameters:
    """What the parameters ask of the resource; Refused for the first one that it cannot be asked."""
    given = single(pairs, resource.parameters, resource.name)
    conditions: list[Condition] = [(f"({resource.where})", [])] if resource.where else []
    for name in (*resource.filters, *resource.special):
        if name in given:
            conditions.append(_among(db, resource, name, given[name]))
        elif name in resource.usual:
            conditions.append((f'"{name}" = ({resource.usual[name]})', []))
    conditions += [_bound(resource, name, value) for name, value in given.items() if _is_bound(resource, name)]
    return Parameters(conditions, size(given), given.get("after", ""))


def size(given: Mapping[str, str], most: int = MOST_SIZE) -> int | None:
    """How many rows are asked for, None when that is not said."""
    text = given.get("size")
    if text is None:
        return None
    if not WHOLE.fullmatch(text) or int(text) < 1:
        raise malformed("size", text, _("un nombre entier de 1 à {most}").format(most=most))
    if int(text) > most:
        raise Refused("too-much", text, [str(most)], _("size va de 1 à {most}.").format(most=most))
    return int(text)


def _among(db: sqlite3.Connection, resource: Resource, name: str, text: str) -> Condition:
    values = [value.strip() for value in text.split(",")]
    if len(values) > MOST_VALUES:
        said = _("{name} prend au plus {most} valeurs.").format(name=name, most=MOST_VALUES)
        raise Refused("too-much", str(len(values)), [str(MOST_VALUES)], said)
    if too_long := next((value for value in values if not value or len(value) > LONGEST), None):
        raise malformed(name, too_long, _("au plus {most} caractères").format(most=LONGEST))
    if "" in values or (len(values) > 1 and resource.type_of(name) == "boolean"):
        raise malformed(name, text, _("des valeurs séparées par des virgules") if "" in values else _("true ou false"))
    if not resource.rows_of:
        _written(resource, name, values)
    read = READERS[resource.type_of(name)]
    typed = [read(name, value) for value in values]
    if codes := resource.codes(name):
        _exist(db, name, typed, codes)
    marks = ", ".join("?" * len(typed))
    return resource.special.get(name, f'"{name}" in ({{marks}})').format(marks=marks), typed


def _written(resource: Resource, name: str, values: list[str]) -> None:
    """Refuse what no code and no period is made of."""
    form = PERIOD if name == "time_period" else WORD
    wrong = next((value for value in values if not form.fullmatch(value)), None)
    if wrong is not None and resource.type_of(name) == "string":
        raise malformed(name, wrong, period() if name == "time_period" else _("un code"))


def period() -> str:
    """What a period looks like."""
    return _("une période comme 2022, 2022-09 ou 2022-Q3")


def _exist(db: sqlite3.Connection, name: str, values: list[Any], codes: str) -> None:
    """Refuse the first value that is not a code of the list."""
    sql = f"select value from json_each(?) where value not in ({codes}) order by key limit 1"
    strange = db.execute(sql, [json.dumps(values)]).fetchone()
    if strange is None:
        return
    wrong = str(strange[0])
    if name in COUNTLESS:
        raise Refused("unknown-code", wrong, *suggestions(db, wrong))
    kind = "unknown-version" if name == "edition" else "unknown-code"
    said = _("« {value} » n’est pas une valeur de {name}.").format(value=wrong[:60], name=name)
    raise Refused(kind, wrong, [str(row[0]) for row in db.execute(codes)], said)


def suggestions(db: sqlite3.Connection, wrong: str) -> tuple[list[str], str]:
    """The identifiers of territories that a wrong one may have meant, and what is said of it."""
    found = resolving.resolve(db, wrong)
    return [card["ref_area"] for card in found.cards], found.said()


def _is_bound(resource: Resource, name: str) -> bool:
    base, _, end = name.rpartition("_")
    return end in ("from", "to") and base in resource.ranges and name not in resource.filters


def _bound(resource: Resource, name: str, text: str) -> Condition:
    base, _under, end = name.rpartition("_")
    if base == "time_period":
        if not PERIOD.fullmatch(text):
            raise malformed(name, text, period())
        # The end of a year holds its months and its quarters.
        return (f'"{base}" >= ?', [text]) if end == "from" else (f'"{base}" < ?', [f"{text}~"])
    value = READERS[resource.columns[base]](name, text)
    return f'"{base}" {">=" if end == "from" else "<="} ?', [value]


def _whole(name: str, text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise malformed(name, text, _("un nombre entier"))
    return int(text)


def _number(name: str, text: str) -> float:
    if not NUMBER.fullmatch(text) or abs(float(text)) > LARGEST:
        raise malformed(name, text, _("un nombre, avec un point"))
    return float(text)


def _boolean(name: str, text: str) -> int:
    if text not in BOOLEANS:
        raise malformed(name, text, _("true ou false"), list(BOOLEANS))
    return BOOLEANS[text]


READERS: Mapping[str, Callable[[str, str], Any]] = {
    "string": lambda name, text: text,
    "date": lambda name, text: text,
    "array": lambda name, text: text,
    "integer": _whole,
    "number": _number,
    "boolean": _boolean,
}
