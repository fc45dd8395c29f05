"""Lead an address that encodes what needs no encoding (/territoires/DEP%2D68) to the one that every link has."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Response

from observatory import links

App = Callable[..., Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper() -> Callable[[App], App]:
    """Before Datasette, which would lead to an encoding of its own (/territoires/DEP~2D68)."""

    def wrap(app: App) -> App:
        async def led(scope: dict[str, Any], receive: Any, send: Any) -> None:
            path = (scope.get("raw_path") or b"").partition(b"?")[0].decode("latin-1")
            there = links.canonical(path)
            if scope["type"] != "http" or there == path or scope["method"] not in ("GET", "HEAD"):
                await app(scope, receive, send)
            else:
                query = scope.get("query_string", b"").decode("latin-1")
                await Response.redirect(links.kept(f"{there}?{query}" if query else there), status=301).asgi_send(send)

        return led

    return wrap
