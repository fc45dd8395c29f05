"""Give templates `quoted()` and `bibtex()`, and serve /citation.json: what became of a figure that someone quoted."""

import json
from contextvars import copy_context
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import bibtex, citation_words, citing, links, problem_details

DATABASE = "donnees"
HEADERS = {"Access-Control-Allow-Origin": "*"}


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions to the environment of templates."""
    env.globals["quoted"] = partial(quoted, datasette)
    env.globals["bibtex"] = bibtex.entry


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """The twin of the page for machines."""
    return [(r"^/citation\.json$", answer)]


async def quotes(datasette: Datasette, request: Request, query: str) -> tuple[Any, str, str]:
    """The quotes of a query string, their address on this site, and today; or a Refused."""
    asked, context = parse_qs(query), copy_context()
    found = await datasette.get_database(DATABASE).execute_fn(lambda db: context.run(citing.quotes, db, asked))
    return found, datasette.absolute_url(request, links.here(citation_words.address(found))), date.today().isoformat()


async def quoted(datasette: Datasette, request: Request, query: str) -> dict[str, Any]:
    """All that the page shows of the quotes of a query string; or `refused`, the problem as machines are told it."""
    try:
        return citation_words.page(*await quotes(datasette, request, query))
    except problem_details.Refused as refused:
        base = datasette.absolute_url(request, "/").rstrip("/")
        return {"refused": problem_details.document(refused, base, request.path)}


async def answer(datasette: Datasette, request: Request) -> Response:
    """The quotes as JSON, or why there is none."""
    try:
        return Response.json(
            citation_words.document(*await quotes(datasette, request, request.query_string)), headers=HEADERS
        )
    except problem_details.Refused as refused:
        base = datasette.absolute_url(request, "/").rstrip("/")
        problem = json.dumps(problem_details.document(refused, base, request.full_path), ensure_ascii=False)
        return Response(problem, refused.status, HEADERS, problem_details.TYPE)
