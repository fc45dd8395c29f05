"""Give every table, view and query of /donnees the formats of `observatory.outputs` that suit its columns, whole."""

import asyncio
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from datasette.views.base import DataView
from datasette.views.table import TableView

from observatory import outputs, streams
from observatory import selections_asked as asked

answered = DataView.as_csv


@hookimpl  # type: ignore[untyped-decorator]
def register_output_renderer() -> list[dict[str, Any]]:
    """Each format, offered where the columns are those that it needs; CSV and JSON are already there."""
    words = [word for word in outputs.FORMATS if word not in ("csv", "json")]
    return [{"extension": w, "render": partial(render, w), "can_render": partial(outputs.suits, w)} for w in words]


async def render(word: str, datasette: Datasette, database: str, request: Request, data: dict[str, Any]) -> Response:
    """All the rows that Datasette was asked for, those of the pages before too."""
    data = await whole(TableView(datasette), request) if "_next" in request.args else data
    return await file(word, datasette, database, request, data)


async def as_csv(view: DataView, request: Request, route: str) -> Response:
    """The same in CSV, where Datasette keeps what helps to find its faults."""
    data = None if request.args.get("_trace") else await whole(view, request)
    if not isinstance(data, dict):
        return await answered(view, request, route)
    name, kept = view.ds.get_database(route=route).name, view.ds.setting("default_cache_ttl")
    return view.set_response_headers(await file("csv", view.ds, name, request, data), kept)


async def whole(view: DataView, request: Request) -> Any:
    """What Datasette answers of the table without pages, counts and facets."""
    scope = {**request.scope, "query_string": asked.whole(request.query_string)}
    answer = await view.data(Request(scope, request.receive))
    return answer[0] if isinstance(answer, tuple) else answer


async def file(word: str, datasette: Datasette, name: str, request: Request, data: dict[str, Any]) -> Response:
    """The rows as they are written, or nothing when the browser has them."""
    page = asked.Page(word, data, request.query_string, datasette.absolute_url(request, request.full_path))
    source = asked.Source.of(datasette, name)
    status, headers, write = await asyncio.to_thread(asked.answer, source, page, request.headers)
    response = Response("", status, headers, headers.get("Content-Type", "text/plain"))
    if write and request.method != "HEAD":
        parts = await streams.begun(streams.chunks(write), request.receive)
        response.asgi_send = partial(streams.sent, 200, headers, parts, request.receive)
    return response


DataView.as_csv = as_csv
