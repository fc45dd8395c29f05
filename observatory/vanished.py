"""A territory that is no more: the page its address leads to, and what happened between it and today.

Where one territory of today took its whole place, its address leads there (« ?depuis=COM-01091 »), at once whatever
came between. Its own page stays at an address that says so (« ?vue=ancien »). One that was shared out keeps its own.
"""

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from observatory.cog_special import FORMER_REGIONS
from observatory.companions import former_region
from observatory.lost import decoded
from observatory.resolving import identified

SINCE = "depuis"
KEPT = "vue=ancien"
# What comes before and after the identifier in the addresses of the pages of a territory.
PAGE = re.compile(r"(/territoires/)[^/]+(/score)?|(/integrer/territoires/)[^/]+")
CARD = "select ref_area, heir from territory where ref_area = ?"
# From the end of a territory to today, one row a change: each territory on the way ends once, at its `valid_to`, and
# dates only grow, so that the way ends.
PASSAGE = """
with recursive steps(date, type, from_area, to_area) as (
    select e.date, e.type, e.from_area, e.to_area
    from territory_events e join territories t on t.ref_area = e.from_area and t.valid_to = e.date
    where e.from_area = :gone and e.to_area <> e.from_area
    union
    select e.date, e.type, e.from_area, e.to_area
    from steps s
    join territory_events e on e.from_area = s.to_area and e.to_area <> e.from_area and e.date > s.date
    join territories t on t.ref_area = e.from_area and t.valid_to = e.date
)
select s.date, s.type, y.title, s.from_area, f.name as from_name, s.to_area as other, t.name as other_name
from steps s
join event_types y on y.type = s.type
join territories f on f.ref_area = s.from_area
join territories t on t.ref_area = s.to_area
order by s.date, s.from_area, s.to_area
"""
# What changes the identifier of a territory and leaves the territory as it is.
RENUMBERED = {"code-change", "departement-change"}


def moved(db: sqlite3.Connection, path: str, query: str) -> str | None:
    """The address that the page of a territory leads to; None: it is there, or nowhere. `db` gives its rows by name."""
    page = PAGE.fullmatch(path)
    if page is None:
        return None
    written = decoded(path)
    # An identifier written otherwise (lower case, missing zero, bare code) leads where it can only mean one territory.
    card = db.execute(CARD, [written]).fetchone()
    meanings = [] if card else identified(db, written)
    if len(meanings) == 1:
        card = db.execute(CARD, [meanings[0]["ref_area"]]).fetchone()
    there = led(written, card, query) if card else None
    return f"{page[1] or page[3]}{there[0]}{page[2] or ''}{there[1]}" if there else None


def led(written: str, card: Mapping[str, Any], query: str) -> tuple[str, str] | None:
    """(identifier, query string with its "?") of the page that the address of a territory leads to; None: it is there.

    `card` is a row of the view `territory`: the territory that the identifier as it was `written` means. Its `heir`
    exists today, so that nobody is led twice.
    """
    asked = [part for part in query.split("&") if part]
    heir = None if KEPT in asked else card["heir"]
    gone = card["ref_area"] if heir else written.upper() if former_region(written.upper(), card["ref_area"]) else ""
    there = str(heir or card["ref_area"])
    if there == written:
        return None
    if gone:
        asked = [f"{SINCE}={gone}", *(part for part in asked if not part.startswith(f"{SINCE}="))]
    return there, "?" + "&".join(asked) if asked else ""


def heir_of_region(written: str) -> str:
    """Identifier of the région of today that a former one is part of; "" when it is not one."""
    return FORMER_REGIONS.get(written.upper(), ("", ""))[1]


def renumbered(steps: list[Mapping[str, Any]]) -> bool:
    """Whether the territory itself remains, and only its identifier is no longer in use."""
    return bool(steps) and {step["type"] for step in steps} <= RENUMBERED
