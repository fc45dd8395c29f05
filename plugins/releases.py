"""Serve the frozen files of editions, and give templates `releases()` and `release(version)`."""

import asyncio
import json
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import fixed_files, problem_details, release_files, releases, streams

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the published editions, which stand beside the database."""
    env.globals["releases"] = lambda: releases.shown(root(datasette))[::-1]
    env.globals["release"] = lambda version: releases.named(root(datasette), version)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route, for every file of every edition."""
    return [(r"^/editions/(?P<version>[^/]+)/(?P<path>.+)$", file)]


def root(datasette: Datasette) -> Path:
    """Where the database is, and editions/ beside it."""
    return Path(datasette.get_database(DATABASE).path).resolve().parent


async def file(datasette: Datasette, request: Request) -> Response:
    """The bytes that were published, or a problem that says what is possible."""
    shared: dict[str, str] = {}
    if datasette.cors:
        add_cors_headers(shared)
    named = request.url_vars["version"], unquote(request.url_vars["path"])
    try:
        found = await asyncio.to_thread(release_files.find, root(datasette), *named)
    except problem_details.Refused as refused:
        base = str(datasette.absolute_url(request, "/")).rstrip("/")
        body = json.dumps(problem_details.document(refused, base, request.path), ensure_ascii=False)
        return Response(body, refused.status, shared, problem_details.TYPE)
    told = {**shared, **release_files.FOR_EVER}
    answer = fixed_files.answer(found, request.method, request.headers, told)
    response = Response("", answer.status, answer.headers, found.type)
    if answer.end:
        response.asgi_send = partial(streams.copied, found, answer, request.receive)
    return response
