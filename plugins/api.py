"""Serve the stable API, /api/v1/…, of `observatory.api_http`."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request

from observatory import api_asked, api_http, prebuilt
from observatory.selections_asked import Source

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
            source = Source.of(datasette, DATABASE)
            ready = partial(prebuilt.table, source.exported, database=source.hash)
            await api_http.serve(scope, receive, send, api_http.Home(site, source.path, ready))

        return served

    return wrap
