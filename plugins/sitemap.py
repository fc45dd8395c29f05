"""/sitemap.xml and its files for search engines, and `site_pages()` for the plan of the site."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment

from observatory import sitemap

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """The index, and each file of it."""
    return [(r"^/sitemap\.xml$", whole), (r"^/sitemap-(?P<number>[1-9][0-9]{0,2})\.xml$", part)]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """The pages that need no data, in the page's language."""
    env.globals["site_pages"] = partial(sitemap.pages, folder(datasette))


def folder(datasette: Datasette) -> Path:
    """Where the templates of the pages are."""
    return Path(datasette.template_dir or "templates") / "pages"


async def whole(datasette: Datasette, request: Request) -> Response:
    """The list of the files."""
    return _xml(sitemap.index(_base(datasette, request), len(await _addresses(datasette))))


async def part(datasette: Datasette, request: Request) -> Response:
    """One file; NotFound past the last."""
    number, found = int(request.url_vars["number"]), await _addresses(datasette)
    if number > sitemap.last(len(found)):
        raise NotFound(sitemap.missing())
    return _xml(sitemap.file(_base(datasette, request), found, number))


async def _addresses(datasette: Datasette) -> list[sitemap.Entry]:
    async def read(sql: str, values: Any) -> list[Any]:
        return list((await datasette.get_database(DATABASE).execute(sql, values, truncate=False)).rows)

    return await sitemap.addresses(read, folder(datasette))


def _base(datasette: Datasette, request: Request) -> str:
    return str(datasette.absolute_url(request, "/")).rstrip("/")


def _xml(text: str) -> Response:
    return Response(text, content_type="application/xml; charset=utf-8", headers={"Cache-Control": "max-age=86400"})
