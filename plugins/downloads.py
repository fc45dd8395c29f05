"""Give every table, view and query of /donnees two more formats: .xlsx and .tableur (CSV for spreadsheets)."""

import asyncio
from contextvars import copy_context
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers, path_with_format
from datasette.utils.asgi import Request, Response
from datasette.views.base import DatasetteError

from observatory import downloads, spreadsheets

FORMATS = {
    "xlsx": (spreadsheets.xlsx, spreadsheets.XLSX_TYPE, ".xlsx"),
    "tableur": (spreadsheets.tableur, spreadsheets.CSV_TYPE, "-tableur.csv"),
}


@hookimpl  # type: ignore[untyped-decorator]
def register_output_renderer() -> list[dict[str, Any]]:
    """Both formats, for whatever has columns."""
    return [{"extension": extension, "render": partial(render, extension)} for extension in FORMATS]


async def render(
    extension: str, datasette: Datasette, database: str, request: Request, data: dict[str, Any]
) -> Response:
    """The rows as Datasette selected them, at most max_returned_rows; a query that failed is refused."""
    if data.get("error"):
        raise DatasetteError(str(data["error"]), status=400)
    more = {"_size": "max", **({"_stream": "1"} if data.get("table") else {})}
    csv = path_with_format(request=request, format="csv", replace_format=extension, extra_qs=more)
    here, whole = datasette.absolute_url(request, request.full_path), datasette.absolute_url(request, csv)
    asked = downloads.asked_for(data, here, whole)
    # A thread of the database does not know the language of the answer.
    context = copy_context()
    sheet = await datasette.get_database(database).execute_fn(
        lambda connection: context.run(downloads.described, connection, asked)
    )
    write, content_type, ending = FORMATS[extension]
    name = downloads.name_of(
        data, [(key, value) for key in request.args for value in request.args.getlist(key)], ending
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if datasette.cors:
        add_cors_headers(headers)
    return Response(await asyncio.to_thread(write, sheet), headers=headers, content_type=content_type)
