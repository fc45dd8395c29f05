"""Every table of the portal's pages as a file, /tableaux.csv?page=…&tableau=…, and its address for templates."""

import asyncio
from contextvars import ContextVar
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment

from observatory import languages, links, outputs, page_tables
from observatory.languages import gettext as _

_page: ContextVar[str] = ContextVar("page", default="/")


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Add `table_files(label)`: the format and address of each file of the table of that name of this page."""
    env.globals["table_files"] = lambda label: page_tables.files(_page.get(), label)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route for all the tables."""
    return [(r"^/tableaux\.(?P<word>[a-z]{1,12})$", file)]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Any:
    """Wrap the application so that a page knows its own address."""

    def wrap(app: Any) -> Any:
        async def placed(scope: dict[str, Any], receive: Any, send: Any) -> None:
            _page.set(page_tables.address(scope))
            await app(scope, receive, send)

        return placed

    return wrap


async def file(datasette: Datasette, request: Request) -> Response:
    """The rows of that table as the page shows them to whoever asks for it now; 404 when it shows no such table."""
    word, page, label = request.url_vars["word"], request.args.get("page") or "", request.args.get("tableau") or ""
    if word not in page_tables.OFFERED:
        raise page_tables.refusal(word)
    answer = await datasette.client.get(page) if page_tables.readable(page) else None
    path, url = datasette.get_database("donnees").path, datasette.absolute_url(request, page)
    html = answer.text if answer is not None and answer.status_code == 200 else ""
    with languages.speaking(links.split(page)[0]):
        found = await asyncio.to_thread(page_tables.written, html, label, word, path, url)
    if found is None:
        raise NotFound(_("Cette page n’a pas ce tableau, ou ne l’a plus."))
    headers = {"Content-Disposition": f'attachment; filename="{found[1]}"', "Access-Control-Allow-Origin": "*"}
    headers |= page_tables.ranges(html, label)
    return Response(found[0], headers=headers, content_type=outputs.named(word).TYPE)
