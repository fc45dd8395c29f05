"""Lead an address in capitals to its page: /indicateurs/COUVERTURE-FIBRE to /indicateurs/couverture-fibre."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Response

from observatory import lost

DATABASE = "donnees"
App = Callable[..., Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Before the routes: only a code that exists in lower case is led to; any other address goes its way."""

    def wrap(app: App) -> App:
        async def led(scope: dict[str, Any], receive: Any, send: Any) -> None:
            found = lost.lower(scope.get("path", "")) if scope["type"] == "http" else None
            if found is None or not (await datasette.get_database(DATABASE).execute(found[1], [found[2]])).rows:
                await app(scope, receive, send)
                return
            query = scope.get("query_string", b"").decode("latin-1")
            await Response.redirect(f"{found[0]}?{query}" if query else found[0], status=301).asgi_send(send)

        return led

    return wrap
