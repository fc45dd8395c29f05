"""What the web expects of a site: /robots.txt, and headers that keep browsers from guessing."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Response

Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Any, Send], Awaitable[None]]

# Portal pages are to be found; the endless combinations of filters and queries of the database are not.
ROBOTS = """User-agent: *
Disallow: /-/
Disallow: /donnees?
Disallow: /donnees/*?
Disallow: /donnees.db
Disallow: /recherche?
Disallow: /simulation?
Allow: /
"""
HEADERS = {b"x-content-type-options": b"nosniff", b"referrer-policy": b"strict-origin-when-cross-origin"}


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route, for what search engines may read."""
    return [(r"^/robots\.txt$", robots)]


async def robots() -> Response:
    """The text of ROBOTS."""
    return Response.text(ROBOTS, headers={"Cache-Control": "max-age=86400"})


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Wrap the application so that every answer carries HEADERS, unless it says otherwise itself."""

    def wrap(app: App) -> App:
        async def dressed(scope: dict[str, Any], receive: Any, send: Send) -> None:
            async def with_headers(event: dict[str, Any]) -> None:
                if event["type"] == "http.response.start":
                    given = {name.lower() for name, _ in event.get("headers", [])}
                    added = [(name, value) for name, value in HEADERS.items() if name not in given]
                    event = {**event, "headers": [*event.get("headers", []), *added]}
                await send(event)

            await app(scope, receive, with_headers)

        return dressed

    return wrap
