"""Give the page /comparer what it shows, and serve its twins /comparer.json, .csv and .xlsx."""

import asyncio
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import comparing
from observatory.comparing_files import asked, grade_title, tag, written_as
from observatory.downloads import headers_of

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
    """The files."""
    return [(r"^/comparer\.(?P<format>json|csv|xlsx)$", file)]


async def file(request: Request, datasette: Datasette) -> Response:
    """The comparison as JSON, CSV or workbook; Refused without two territories, or with more than six."""
    shown = await comparison(datasette, request)
    kind, spreadsheet = request.url_vars["format"], request.args.get("tableur") == "1"
    url, path = datasette.absolute_url(request, request.full_path), datasette.get_database(DATABASE).path
    body, content_type = await asyncio.to_thread(written_as, kind, path, shown, url, spreadsheet)
    headers = {"Access-Control-Allow-Origin": "*"}
    if kind != "json":
        headers |= await asyncio.to_thread(headers_of, path, asked(shown, url), f"comparaison.{kind}", tag(body))
    return Response(body, content_type=content_type, headers=headers)
