"""Lead the addresses that hold a code which was renamed to those of today."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Response

from observatory import renamed

DATABASE = "donnees"
App = Callable[..., Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Before the routes, which do not know those codes. The database does not change while it is served."""
    known: list[renamed.Names] = []

    def wrap(app: App) -> App:
        async def led(scope: dict[str, Any], receive: Any, send: Any) -> None:
            there = None
            if scope["type"] == "http" and DATABASE in datasette.databases:
                if not known:
                    known.append(await datasette.get_database(DATABASE).execute_fn(renamed.names))
                there = renamed.moved(known[0], scope["path"], scope.get("query_string", b"").decode("latin-1"))
            if there is None:
                await app(scope, receive, send)
            else:
                await Response.redirect(there, status=301).asgi_send(send)

        return led

    return wrap
