"""What words find, as rows of the API: territories first, then indicators, domains and datasets."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from observatory import search, searching
from observatory.api_filters import malformed
from observatory.api_resources import BASE
from observatory.languages import gettext as _

PARAMETERS = ("q",)
HOMES = {"indicator": "indicators", "domain": "domains", "dataset": "datasets"}
MOST_FOUND = 50  # territories


def rows(db: sqlite3.Connection, given: Mapping[str, str], base: str) -> list[Sequence[Any]]:
    """The columns of SEARCH for each thing found, best first; `base` leads their addresses."""
    text = given.get("q", "")
    if not text or len(text) > search.LONGEST:
        expected = _("des mots, {most} caractères au plus").format(most=search.LONGEST)
        raise malformed("q", text, expected)
    found = searching.everything(db, (), text, MOST_FOUND)
    territories = [_territory(one, base) for one in (*found.territories, *found.near)]
    return territories + [_thing(one, base) for one in found.things]


def _thing(one: search.Thing, base: str) -> Sequence[Any]:
    code = one.url.rpartition("/")[2]
    if one.kind == "thing":
        return [one.kind, code, one.title, one.about, f"{base}{BASE}/registers{one.url}", base + one.url]
    return [one.kind, code, one.title, one.about, f"{base}{BASE}/{HOMES[one.kind]}/{code}", base + one.url]


def _territory(one: searching.Found, base: str) -> Sequence[Any]:
    code, name = one.card["ref_area"], one.card["name"]
    return ["territory", code, name, one.detail(), f"{base}{BASE}/territories/{code}", f"{base}/territoires/{code}"]
