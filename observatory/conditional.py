"""What a client says that it has already: If-None-Match, read one way for every answer of the site."""

from collections.abc import Mapping


def known(tag: str, asking: Mapping[str, str]) -> bool:
    """Whether the client has what that ETag names; `asking` are the headers of its request, in lower case.

    Weak tags and strong ones compare equal, as RFC 9110 asks here; « * » is any tag.
    """
    told = asking.get("if-none-match") or ""
    return told.strip() == "*" or _bare(tag) in [_bare(one) for one in told.split(",")]


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/")
