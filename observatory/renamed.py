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
    "dataset": {"jeux-de-donnees", "datasets", "donnees", "contribuer"},
}
PARAMETERS = {
    "indicator": {"indicateur", "indicator", "noeud", "node"},
    "domain": {"domaine", "domain", "noeud", "node"},
    "dataset": {"jeu", "dataset"},
}
DRAWINGS = "/graphiques/"
WEIGHT = "poids."
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
    if not known:
        return None
    there = _drawing(known, path) if path.startswith(DRAWINGS) else _path(known, path)
    given = parse_qsl(query, keep_blank_values=True)
    asked = [_parameter(known, name, value) for name, value in given]
    if there == path and asked == given:
        return None
    return quote(there) + (f"?{query if asked == given else urlencode(asked)}" if query else "")


def _path(known: Names, path: str) -> str:
    parts = path.split("/")
    for place in range(1, len(parts)):
        code, dot, ending = parts[place].partition(".")
        for kind, words in PLACES.items():
            if parts[place - 1] in words and (kind, code) in known:
                parts[place] = known[kind, code] + dot + ending
    return "/".join(parts)


def _drawing(known: Names, path: str) -> str:
    for (kind, former), current in known.items():
        if kind != "dataset":
            path = re.sub(rf"(?<=-){re.escape(former)}(?=[-.])", current, path)
    return path


def _parameter(known: Names, name: str, value: str) -> tuple[str, str]:
    for kind, places in PARAMETERS.items():
        if name in places and (kind, value) in known:
            return name, known[kind, value]
    code = name.removeprefix(WEIGHT)
    return (WEIGHT + known["domain", code], value) if code != name and ("domain", code) in known else (name, value)
