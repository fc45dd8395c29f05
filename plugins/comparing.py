"""Give the page /comparer what it shows, and serve its twins /comparer.json and /comparer.csv."""

import asyncio
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import comparing
from observatory.comparing_files import grade_title, payload, table

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add `comparison()` and `grade_title()` to the environment of templates."""
    env.globals["comparison"] = partial(comparison, datasette)
    env.globals["grade_title"] = grade_title


async def comparison(datasette: Datasette, request: Request) -> dict[str, Any]:
    """What /comparer shows for the parameters of the request, computed away from the other visitors' answers."""
    path, others = datasette.get_database(DATABASE).path, {name: request.args[name] for name in request.args}
    return await asyncio.to_thread(comparing.comparison, path, request.args.getlist("t"), others)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """The two files."""
    return [(r"^/comparer\.(?P<format>json|csv)$", file)]


async def file(request: Request, datasette: Datasette) -> Response:
    """The comparison as JSON or CSV; status 400 without two territories, or with more than six."""
    shown = await comparison(datasette, request)
    status = 200 if shown["ready"] else 400
    headers = {"Access-Control-Allow-Origin": "*"}
    if request.url_vars["format"] == "json" or not shown["ready"]:
        return Response.json(payload(shown), status=status, headers=headers)
    headers["Content-Disposition"] = 'attachment; filename="comparaison.csv"'
    body = table(shown, spreadsheet=request.args.get("tableur") == "1")
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)
