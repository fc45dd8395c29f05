"""Answer in French, and with the right status, what a visitor asked that the site cannot do.

Whatever is mistyped has the page 400 or 404, never « Le site a rencontré une erreur ».
"""

import json
import sqlite3
from collections.abc import Awaitable, Callable

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment

from observatory import lost, mistakes, problem_details


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response | None]]:
    """Ours before Datasette's; None leaves the exception to it, as every true fault of the site."""

    async def answer() -> Response | None:
        found = mistakes.refused(request.path, list(request.args), exception, isinstance(exception, NotFound))
        if found is None:
            return None
        status, message = found
        later = problem_details.later(status)
        headers = dict(later)
        if datasette.cors:
            add_cors_headers(headers)
        if problem := mistakes.problem(request.path, request.headers.get("accept", ""), exception, found):
            told = problem_details.document(problem, datasette.absolute_url(request, "/")[:-1], request.full_path)
            return Response(json.dumps(told, ensure_ascii=False), problem.status, headers, problem_details.TYPE)
        asked = {name: request.args[name] for name in request.args}
        known = {"error": message, "status": status, "sought": lost.sought(request.path, asked, message)}
        html = await datasette.render_template("404.html" if status == 404 else "error.html", known, request=request)
        return Response.html(html, status=status, headers=later)

    return answer


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Add `strange()`, the names of parameters that a page does not read."""
    env.globals["strange"] = lost.strange


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Bound what a query may make, on every connection."""
    mistakes.bounded(conn)
