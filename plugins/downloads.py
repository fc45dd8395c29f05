"""Give every table, view and query of /donnees the formats of `observatory.outputs` that suit its columns."""

import asyncio
import io
from contextvars import copy_context
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers, path_with_format
from datasette.utils.asgi import Request, Response
from datasette.views.base import DatasetteError
from jinja2 import Environment

from observatory import downloads, outputs

# Datasette has these itself.
OWN = ("csv", "json")


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Add the filter `format_title`."""
    env.filters["format_title"] = outputs.title


@hookimpl  # type: ignore[untyped-decorator]
def register_output_renderer() -> list[dict[str, Any]]:
    """Each format, offered where the columns are those that it needs."""
    return [
        {"extension": word, "render": partial(render, word), "can_render": partial(outputs.suits, word)}
        for word in outputs.FORMATS
        if word not in OWN
    ]


async def render(word: str, datasette: Datasette, database: str, request: Request, data: dict[str, Any]) -> Response:
    """The rows as Datasette selected them, at most max_returned_rows; a query that failed is refused."""
    if data.get("error"):
        raise DatasetteError(str(data["error"]), status=400)
    more = {"_size": "max", **({"_stream": "1"} if data.get("table") else {})}
    csv = path_with_format(request=request, format="csv", replace_format=word, extra_qs=more)
    here, whole = datasette.absolute_url(request, request.full_path), datasette.absolute_url(request, csv)
    asked = downloads.asked_for(data, here, whole)
    # A thread of the database does not know the language of the answer.
    context = copy_context()
    sheet = await datasette.get_database(database).execute_fn(
        lambda connection: context.run(downloads.described, connection, asked)
    )
    chosen, target = outputs.named(word), io.BytesIO()
    if not outputs.fits(chosen, sheet.columns):
        raise DatasetteError(downloads.unfit(chosen), status=400)
    given = [(key, value) for key in request.args for value in request.args.getlist(key)]
    name = downloads.name_of(data, given, chosen.ENDING)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if datasette.cors:
        add_cors_headers(headers)
    await asyncio.to_thread(context.run, chosen.write, sheet, target)
    return Response(target.getvalue(), headers=headers, content_type=chosen.TYPE)
