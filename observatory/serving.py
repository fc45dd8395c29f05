"""What the web expects of a site's answers: headers that keep browsers from guessing, files kept while they last."""

import hashlib
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Portal pages are to be found; the endless combinations of filters, sorts and queries are not, nor what programs ask.
KEPT_OUT = ("/-/", "/donnees?", "/donnees/*?", "/donnees.db", "/recherche?", "/recherche.json", "/simulation?",
            "/comparer?", "/classements/*poids.", "/*?*tri=", "/api/v1/", "/citation?", "/tableaux.")  # fmt: skip
# The longest rule wins: the files that the catalogue names, and the description of the API, are for everybody.
LET_IN = ("/donnees/*.csv?_stream=1&_size=max&_dl=1", "/api/v1/openapi.json")
ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
FILES = ("/static/", "/-/static/", "/-/static-plugins/")
# A file asked for by its content never changes; any other is asked for again after an hour.
FOR_EVER, AN_HOUR = b"public, max-age=31536000, immutable", b"public, max-age=3600"


def robots(pages: str) -> str:
    """The text of /robots.txt: what is kept out, in both languages, and the address of the list of pages."""
    lines = [f"Disallow: {prefix}{path}" for path in KEPT_OUT for prefix in ("", "/en")]
    lines += [f"Allow: {path}" for path in LET_IN]
    return "\n".join(["User-agent: *", *lines, "Allow: /", "", f"Sitemap: {pages}", ""])


@lru_cache(maxsize=256)
def _digest(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_url(folder: Path, name: str) -> str:
    """The address of a file of static/, which changes with its content."""
    path = folder / name
    return f"/static/{name}?v={_digest(path, path.stat().st_mtime_ns)}" if path.is_file() else f"/static/{name}"


def headers_for(scope: dict[str, Any], event: dict[str, Any]) -> Headers:
    """The headers that an answer lacks."""
    given = {name.lower() for name, _ in event.get("headers", [])}
    added = [*ALWAYS]
    if event["status"] == 200 and scope["path"].startswith(FILES):
        by_content = scope.get("query_string", b"").startswith(b"v=") and scope["path"].startswith("/static/")
        added.append((b"cache-control", FOR_EVER if by_content else AN_HOUR))
    return [(name, value) for name, value in added if name not in given]


async def dressed(app: Callable[..., Awaitable[None]], scope: dict[str, Any], receive: Any, send: Send) -> None:
    """Run the application; its answer carries the headers that it lacks."""

    async def with_headers(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start":
            event = {**event, "headers": [*event.get("headers", []), *headers_for(scope, event)]}
        await send(event)

    await app(scope, receive, with_headers)
