"""What the address of a territory's page asks for: those put beside it (« ?avec=DEP-67,DEP-90 », or « avec= »
repeated), the former région that led to it (« ?depuis=REG-42 »)."""

import re
from collections.abc import Iterable

from observatory import search
from observatory.cog_special import FORMER_REGIONS

MOST = 5
IDENTIFIER = re.compile(r"\s*[A-Za-z]{3,4}-[0-9A-Za-z]{1,9}\s*\Z")


def asked(values: Iterable[str]) -> list[str]:
    """What the visitor asked for, each once, in order: identifiers in upper case, names as they were typed.

    A value with an identifier is cut at its commas; a name may hold one. One more than MOST at the most: the last
    only says that there were too many.
    """
    found: dict[str, None] = {}
    for value in values:
        text = value[: search.LONGEST].strip(" ,")
        parts = [part for part in text.split(",") if part.strip()]
        for part in parts if any(IDENTIFIER.match(part) for part in parts) else [text] if text else []:
            typed = part.strip()
            found.setdefault(typed.upper() if IDENTIFIER.match(typed) else typed)
            if len(found) > MOST:
                return list(found)
    return list(found)


def former_region(code: str, ref_area: str) -> str:
    """Name of the former région whose identifier is `code` and which is now part of `ref_area`; "" without any."""
    name, successor = FORMER_REGIONS.get(code, ("", ""))
    return name if successor == ref_area else ""
