"""What a client says that it has already, by its tag or its date, read one way for every answer of the site."""

import hashlib
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

AN_HOUR = "public, max-age=3600"
METHODS = "GET, HEAD, OPTIONS"  # of what is only read


def known(tag: str, asking: Mapping[str, str]) -> bool:
    """Whether the client has what that ETag names; `asking` are the headers of its request, in lower case.

    Weak tags and strong ones compare equal, as RFC 9110 asks here; « * » is any tag.
    """
    told = asking.get("if-none-match") or ""
    return told.strip() == "*" or _bare(tag) in [_bare(one) for one in told.split(",")]


def unchanged(asking: Mapping[str, str], tag: str, changed: int) -> bool:
    """Whether the client has this answer: by its tag, else by its date (in seconds)."""
    if asking.get("if-none-match"):
        return known(tag, asking)
    try:
        return parsedate_to_datetime(asking["if-modified-since"]).timestamp() >= changed
    except (KeyError, ValueError, TypeError, OverflowError):
        return False


def answered(
    method: str, asking: Mapping[str, str], text: str | bytes, database: str | Path
) -> tuple[int, dict[str, str], str | bytes]:
    """Status, headers and body of a text that is made anew for each request, from the database of that path.

    Nothing is sent to a client that has it (304), nor to one that asks what it may do (204).
    """
    if method == "OPTIONS":
        return 204, {"Allow": METHODS}, b""
    body = text.encode() if isinstance(text, str) else text
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    changed = int(Path(database).stat().st_mtime)
    headers = {"ETag": tag, "Last-Modified": formatdate(changed, usegmt=True), "Cache-Control": AN_HOUR}
    return (304, headers, b"") if unchanged(asking, tag, changed) else (200, headers, text)


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/")
