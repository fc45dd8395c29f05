"""Serve the stable API, /api/v1/…, of `observatory.api_http`."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request

from observatory import api_asked, api_http

DATABASE = "donnees"
App = Callable[..., Awaitable[None]]


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Before the routes, which know neither methods nor refusals for machines; inside what dresses every answer."""

    def wrap(app: App) -> App:
        async def served(scope: dict[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not api_asked.mine(scope["path"]):
                await app(scope, receive, send)
                return
            site = datasette.absolute_url(Request(scope, receive), "/").rstrip("/")
            await api_http.serve(scope, receive, send, site, Path(datasette.get_database(DATABASE).path))

        return served

    return wrap
