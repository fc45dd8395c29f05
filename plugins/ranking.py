"""Give the pages /classements their rows, and serve them as CSV: /classements/departement.csv?dans=REG-44."""

import asyncio
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import downloads, ranking, ranking_file
from observatory.conditional import known
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.ranking_page import screen

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add `ranking_kinds()` and `ranking_screen()` to the environment of templates."""
    env.globals |= {"ranking_kinds": partial(kinds, datasette), "ranking_screen": partial(shown, datasette)}


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route, for the rows on screen."""
    return [(r"^/classements/(?P<category>[a-z-]{1,60})\.csv$", rows)]


async def kinds(datasette: Datasette) -> list[dict[str, Any]]:
    """The categories that are ranked."""
    return await asyncio.to_thread(ranking.kinds, datasette.get_database(DATABASE).path)


def given(request: Request) -> tuple[str, dict[str, str], list[str]]:
    """The node, the other parameters, and the names of those given several times."""
    parameters = {name: request.args[name] for name in request.args}
    repeated = [name for name in request.args if len(request.args.getlist(name)) > 1]
    return parameters.get("noeud") or "index", parameters, repeated


async def shown(datasette: Datasette, category: str, request: Request) -> dict[str, Any]:
    """What the page of that category shows for the parameters of the request."""
    return await asyncio.to_thread(screen, datasette.get_database(DATABASE).path, category, *given(request))


async def rows(datasette: Datasette, request: Request) -> Response:
    """The same rows as CSV; Refused with what is to be mended, or when there is no such ranking."""
    category, path = request.url_vars["category"], datasette.get_database(DATABASE).path
    shown, found = await asyncio.to_thread(ranking_file.file, path, category, *given(request))
    if found is None:
        raise Refused("unknown-resource", category, (), _("Aucun classement ne se trouve à cette adresse."))
    named, tag = f"classement-{category}-{shown.edition}.csv", f'"{found.tag}"'
    headers = await asyncio.to_thread(downloads.headers_of, path, ranking_file.ASKED, named, tag)
    headers["Cache-Control"], same = "no-cache", known(tag, request.headers)
    return Response(b"" if same else found.text, 304 if same else 200, headers, "text/csv; charset=utf-8")
