"""Answer in French, and with the right status, what a visitor of the database asked that it cannot do."""

import sqlite3
from collections.abc import Awaitable, Callable

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Request, Response

from observatory.mistakes import bounded, mistake


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response | None]]:
    """Before all others; None leaves the exception to them."""

    async def answer() -> Response | None:
        found = mistake(request.path, list(request.args), exception)
        if found is None:
            return None
        status, message = found
        if request.path.endswith(".json"):
            headers: dict[str, str] = {}
            if datasette.cors:
                add_cors_headers(headers)
            return Response.json({"ok": False, "error": message, "status": status}, status=status, headers=headers)
        page = "404.html" if status == 404 else "error.html"
        html = await datasette.render_template(page, {"error": message, "status": status}, request=request)
        return Response.html(html, status=status)

    return answer


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Bound what a query may make, on every connection."""
    bounded(conn)
