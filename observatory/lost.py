"""What a visitor who is lost was looking for: the part of an address that was not found, and what kind of thing it is.

A page is guessed only from what the refusal is about. A bad parameter says nothing of the path, and the reverse.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from html import unescape
from urllib.parse import unquote_plus

from markupsafe import Markup

TERRITORY, THING, ANYTHING = "territory", "thing", "anything"
# Parameters that name something that can be guessed; a page number or a year cannot.
KINDS = {"territoire": TERRITORY, "t": TERRITORY, "noeud": THING, "indicateur": THING, "domaine": THING, "jeu": THING}
LONGEST = 60
TRACKING = re.compile(r"(?:utm|mtm|pk)_|(?:fb|g|ms)clid")
# Families of pages whose codes are written in lower case.
FAMILY = re.compile(r"/(indicateurs|domaines|classements|jeux-de-donnees)/(?=[^/]*[A-Z])([A-Za-z0-9_-]{1,80})/?")
HOLDERS = {
    "indicateurs": "select 1 from indicator where code = ?",
    "domaines": "select 1 from domain where code = ?",
    "classements": "select 1 from category where category = ?",
    "jeux-de-donnees": "select 1 from dataset where name = ?",
}


def plain(message: object) -> str:
    """A refusal as text: what a template escaped is written as it was, and is escaped again by the page, once."""
    return unescape(message) if isinstance(message, Markup) else str(message)


def decoded(path: str) -> str:
    """What the last part of a path says, whichever way Datasette or the browser wrote it."""
    last = path.removesuffix("/").removesuffix("/score").rpartition("/")[2]
    return unquote_plus(last.replace("~", "%"))


def strange(asked: Iterable[str], known: Collection[str]) -> list[str]:
    """The names of the parameters that a page does not read, but for what newsletters and networks add to any link."""
    return [name[:LONGEST] for name in asked if name not in known and not TRACKING.match(name)]


def readable(text: str) -> bool:
    """Whether a text holds no control character, which nobody types."""
    return all(char.isprintable() for char in text)


def sought(path: str, asked: Mapping[str, str], message: str) -> tuple[str, str]:
    """The kind and the text of what was not found; an empty text when nothing can be guessed from it."""
    for name, value in asked.items():
        text = value.strip()[:LONGEST]
        if text and re.search(rf"[«“]\s*{re.escape(text)}", message, re.I):
            return (KINDS[name], text) if name in KINDS else ("", "")
    last = decoded(path)[:LONGEST]
    if not readable(last) or (asked and not re.search("[«“]", message)):
        return "", ""
    return (TERRITORY if path.startswith("/territoires/") else ANYTHING), last


def lower(path: str) -> tuple[str, str, str] | None:
    """The lower-case address of a page, the query that tells whether it exists, and its code; None for another path."""
    found = FAMILY.fullmatch(path)
    if found is None:
        return None
    code = found[2].lower()
    return f"/{found[1]}/{code}", HOLDERS[found[1]], code
