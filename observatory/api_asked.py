"""What an address of the API asks for: a version, a resource, one of its things, a format."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from observatory import outputs
from observatory.api_resources import RESOURCES, VERSION, names
from observatory.languages import gettext as _
from observatory.problem_details import Refused

PATH = re.compile(r"/api/(?!\Z)")
OTHER_VERSION = re.compile(r"v[0-9]+")
SUFFIX = re.compile(r"(.*[^/])\.([A-Za-z]+)", re.DOTALL)
DESCRIPTION = "openapi"
USUAL = "json"


@dataclass(frozen=True)
class Place:
    """A resource ("" for the root), one of its things, whether its rows are meant, and the format of the suffix.

    `item` is the identifier of one row of a register.
    """

    resource: str = ""
    code: str = ""
    rows: bool = False
    suffix: str = ""
    item: str = ""


def mine(path: str) -> bool:
    """Whether an address is one of the API's, and not the page that documents it."""
    return PATH.match(path) is not None


def place(path: str) -> Place:
    """What a path leads to; Refused when there is no such version, resource or format."""
    version, *parts = path.removeprefix("/api/").removesuffix("/").split("/")
    if version != VERSION:
        kind = "unknown-version" if OTHER_VERSION.fullmatch(version) else "unknown-resource"
        raise Refused(kind, version, [VERSION], _("Il n’y a qu’une version de l’API : v1."))
    if not parts:
        return Place()
    found = SUFFIX.fullmatch(parts[-1])
    suffix = found[2].lower() if found else ""
    if found:
        parts[-1] = found[1]
    if parts == [DESCRIPTION] and suffix == USUAL:
        return Place(DESCRIPTION)
    known = _known(parts, suffix)
    if suffix and suffix not in outputs.FORMATS:
        raise Refused("unknown-format", suffix, outputs.FORMATS)
    return known


def _known(parts: list[str], suffix: str) -> Place:
    resource, *more = parts
    register = resource == "registers" and bool(more)
    rows = resource == "datasets" and len(more) == 2 and more[1] == "rows"
    if resource not in names() or len(more) > 1 + (rows or register) or "" in more:
        raise Refused("unknown-resource", "/".join(parts), [*names(), "datasets/{name}/rows", "openapi.json"])
    if more and not register and not (resource in RESOURCES and RESOURCES[resource].item):
        raise Refused("unknown-resource", "/".join(parts), names(), _("Cette ressource se lit par ses filtres."))
    item = more[1] if register and len(more) > 1 else ""
    return Place(resource, more[0] if more else "", rows or register, suffix, item)


def accepted(header: str, suffix: str) -> str:
    """The word of the format to answer in: that of the suffix, else the best of the header Accept."""
    if suffix or not header.strip():
        return suffix or USUAL
    for wanted in _wanted(header):
        found = next((word for word, kind in _types().items() if _fits(wanted, kind)), None)
        if found:
            return found
    raise Refused("unknown-format", header, sorted(set(_types().values())))


def _wanted(header: str) -> Iterable[str]:
    """Media types of the header, the most wanted first; those of no weight are left out."""
    weighed = []
    for number, part in enumerate(header.split(",")):
        kind, *options = (text.strip().lower() for text in part.split(";"))
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        value = float(weight) if re.fullmatch(r"[01](\.[0-9]{0,3})?", weight) else 1.0
        weighed.append((-value, number, kind))
    return [kind for value, _, kind in sorted(weighed) if value < 0]


def _types() -> Mapping[str, str]:
    """Media type of each format, the usual one first."""
    words = (USUAL, *(word for word in outputs.FORMATS if word != USUAL))
    return {word: outputs.named(word).TYPE.partition(";")[0] for word in words}


def _fits(wanted: str, kind: str) -> bool:
    return wanted in ("*/*", kind, f"{kind.partition('/')[0]}/*")
