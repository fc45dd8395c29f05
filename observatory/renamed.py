"""Codes that were public and changed: every address that held one leads, for ever, to the same with the code of today.

codelists/renamed_codes.csv holds them. A code that came back into use is that of its present holder.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from observatory import records

TABLE = "renamed_codes"
# After which word of an address a code of each kind stands, and in which parameters.
PLACES = {
    "indicator": {"indicateurs", "indicators"},
    "domain": {"domaines", "domains"},
    "dataset": {"jeux-de-donnees", "datasets", "registers", "donnees", "contribuer", "telechargements", "packages"},
}
PARAMETERS = {
    "indicator": {"indicateur", "indicator", "noeud", "node", "weights"},
    "domain": {"domaine", "domain", "noeud", "node", "weights"},
    "dataset": {"jeu", "dataset"},
}
# Files of an edition have the names that they were published with, for ever.
FROZEN = "/editions/"
DRAWINGS = ("/graphiques/", "/integrer/figures/")
LEVEL = re.compile(r"-(?:reg|dep|epci|com)(?:-\d[\dAB]\d?)?$")
WEIGHT = "poids."
PARTITION = "indicator="
# Other addresses of the site that an address holds.
ADDRESS = "page"
CODE = re.compile(r"[A-Za-z0-9_-]+")
# What Datasette adds to the name of a column to compare it with whole values.
WHOLE = {"exact", "not", "in", "notin"}
KNOWN = """
select kind, former, current from renamed_codes
where former not in (
    select code from indicators union all select code from domains union all select name from datasets
)
"""
Names = Mapping[tuple[str, str], str]


def rows(root: Path) -> Iterator[dict[str, Any]]:
    """Rows of the table; none in a repository where nothing was ever renamed."""
    if (root / "codelists" / f"{TABLE}.csv").is_file():
        yield from records.codelist(root, TABLE)


def names(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """(kind, former code) → code of today, however many times it changed."""
    once = {(kind, former): current for kind, former, current in db.execute(KNOWN)}
    return {(kind, former): _last(once, kind, former) for kind, former in once}


def _last(once: Names, kind: str, code: str) -> str:
    seen = {code}
    while (following := once.get((kind, code))) and following not in seen:
        seen.add(code := following)
    return code


def moved(known: Names, path: str, query: str) -> str | None:
    """The address of today of a path and its query string (without "?"); None when no code of it has changed."""
    if not known or path.startswith(FROZEN):
        return None
    there = _drawing(known, path) if path.startswith(DRAWINGS) else _path(known, path)
    given = parse_qsl(query, keep_blank_values=True)
    asked = [_parameter(known, name, value) for name, value in given]
    if there == path and asked == given:
        return None
    asks = query if asked == given else urlencode(asked, safe=",:")
    return quote(there, safe="/=,~") + (f"?{asks}" if query else "")


def _path(known: Names, path: str) -> str:
    parts = path.split("/")
    for place in range(1, len(parts)):
        before, (code, dot, ending) = parts[place - 1], parts[place].partition(".")
        for kind, words in PLACES.items():
            if before in words and (kind, code) in known:
                parts[place] = known[kind, code] + dot + ending
        if code.startswith(PARTITION):
            parts[place] = PARTITION + _any(known, code.removeprefix(PARTITION), ("indicator",))
        elif parts[place - 2 : place - 1] == ["donnees"]:  # the key of a row, of several columns
            parts[place] = ",".join(_any(known, one) for one in code.split(",")) + dot + ending
    return "/".join(parts)


def _any(known: Names, code: str, kinds: tuple[str, ...] = ("indicator", "domain")) -> str:
    return next((known[kind, code] for kind in kinds if (kind, code) in known), code)


def _drawing(known: Names, path: str) -> str:
    folder, _slash, name = path.rpartition("/")
    name, dot, ending = name.partition(".")
    sort, dash, subject = name.partition("-")
    level, found = "", LEVEL.search(subject)
    if found and _any(known, subject) == subject:
        level, subject = found[0], subject[: found.start()]
    return f"{folder}/{sort}{dash}{_any(known, subject)}{level}{dot}{ending}"


def _parameter(known: Names, name: str, value: str) -> tuple[str, str]:
    """A parameter whose codes, alone, in a list or in pairs, in its name or in its value, are those of today."""
    if name.startswith(WEIGHT):
        return WEIGHT + _any(known, name.removeprefix(WEIGHT), ("domain", "indicator")), value
    if name == ADDRESS and value.startswith("/"):
        path, _mark, query = value.partition("?")
        return name, moved(known, path, query) or value
    column, _sign, operation = name.partition("__")
    kinds = tuple(kind for kind, places in PARAMETERS.items() if column in places)
    if not kinds or (operation and operation not in WHOLE):
        return name, value
    return name, CODE.sub(lambda found: _any(known, found[0], kinds), value)
