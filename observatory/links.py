"""Addresses of pages in each language: French at the root, English under /en."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from observatory import languages

Send = Callable[[dict[str, Any]], Awaitable[None]]

PREFIX = "/en"
# What a browser (%2D) or Datasette (~2D) may have written of a sign that addresses hold as it is.
NEEDLESS = re.compile(r"[%~](2d|5f|3[0-9]|[46][1-9a-f]|[57][0-9a])", re.IGNORECASE)
TAG = re.compile(r"<(?:a|area|form|iframe|button|input|object)\b[^>]*>")
ADDRESS = re.compile(r'(\s(?:href|action|formaction|src|data)=")(/(?!/)[^"]*)(?=")')
# What has no language: files of the site, and data that programs read.
NEUTRAL = re.compile(
    r"/(?:en(?:[/?#]|$)|static/|-/static|contours/|robots\.txt|[^?#]*\.(?:csv|json|geojson|db|xlsx|ods|zip|xml|ttl|jsonld|rdf|ics)(?:[?#]|$))"
)


def split(path: str) -> tuple[str, str]:
    """The language of a path and the path without it: "/en/methode" → ("en", "/methode")."""
    if path == PREFIX or path.startswith(PREFIX + "/"):
        return "en", path[len(PREFIX) :] or "/"
    return "fr", path


def canonical(path: str) -> str:
    """The path without needless encodings of letters, digits, « - » and « _ »: one page has one address."""
    return NEEDLESS.sub(lambda found: chr(int(found[1], 16)), path)


def localised(address: str) -> str:
    """The English page of an address of this site; an address without language, or of another site, is kept."""
    outside = not address.startswith("/") or address.startswith("//")
    return address if outside or NEUTRAL.match(address) else PREFIX + address


def here(address: str) -> str:
    """The page of that address in the language of the answer."""
    return address if languages.current() == languages.SOURCE else localised(address)


def kept(address: str) -> str:
    """The same, of a file too: asked in English, it has English words."""
    return address if languages.current() == languages.SOURCE else PREFIX + address


def in_english(html: str) -> str:
    """A page whose links lead to English pages, but for those marked `hreflang`: they lead where they say."""

    def rewritten(tag: re.Match[str]) -> str:
        text = tag[0]
        return text if " hreflang=" in text else ADDRESS.sub(lambda found: found[1] + localised(found[2]), text)

    return TAG.sub(rewritten, html)


class Answer:
    """Holds an HTML answer until it is whole, to lead its links to English pages; sends on any other as it comes."""

    def __init__(self, send: Send) -> None:
        self.send, self.start, self.body = send, dict[str, Any](), b""

    async def take(self, event: dict[str, Any]) -> None:
        """One ASGI event of the application."""
        if event["type"] == "http.response.start":
            headers = [(n, v) for n, v in event["headers"] if n.lower() != b"content-length"]
            moved = [(n, localised(v.decode()).encode() if n.lower() == b"location" else v) for n, v in headers]
            self.start = {**event, "headers": moved}
            if not any(n.lower() == b"content-type" and v.startswith(b"text/html") for n, v in headers):
                await self.send(self.start)
                self.start = {}
        elif not self.start:
            await self.send(event)
        else:
            await self.whole(event)

    async def whole(self, event: dict[str, Any]) -> None:
        """A part of the page; the last one sends it."""
        self.body += event.get("body", b"")
        if not event.get("more_body"):
            await self.send(self.start)
            await self.send({**event, "body": in_english(self.body.decode()).encode()})
