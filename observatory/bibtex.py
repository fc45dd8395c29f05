"""BibTeX entries that every reader of BibTeX takes: braces that balance, and no character that TeX would obey."""

import re
from collections.abc import Mapping, Sequence

# What TeX would obey, as it is written to be printed.
ESCAPED = {c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
ESCAPED["\\"] = r"\textbackslash{}"
BARE = {"url", "urldate", "year"}  # read as they are


def key_of(*parts: str) -> str:
    """The key of an entry: letters, digits, points, dashes and underscores only."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "_".join(part for part in parts if part))


def escaped(text: str) -> str:
    """The text as TeX prints it."""
    return "".join(ESCAPED.get(character, character) for character in " ".join(text.split()))


def entry(key: str, fields: Mapping[str, str | Sequence[str]]) -> str:
    """A @misc entry; empty fields are left out. Titles and authors (organisations, in a list) keep their capitals."""
    written = [f"  {name} = {{{_inside(name, value)}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(written) + "\n}"


def _inside(name: str, value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        return " and ".join(f"{{{escaped(one)}}}" for one in value)
    if name in BARE:
        return value
    return f"{{{escaped(value)}}}" if name == "title" else escaped(value)
