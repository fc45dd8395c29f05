"""Search: `searched()`, `identified()` and `meant()` for templates, and /recherche.json under the search fields."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import search, searching, sitemap

DATABASE = "donnees"
MEMORIES: WeakKeyDictionary[Datasette, searching.Memory] = WeakKeyDictionary()


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions to the environment, so that the page 404 has them too."""
    env.globals |= {one.__name__: partial(one, datasette) for one in (searched, identified, meant)}


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """One route, that answers while a visitor types."""
    return [(r"^/recherche\.json$", suggested)]


async def searched(datasette: Datasette, text: str) -> searching.Results:
    """All that `text` finds, by kind."""
    pages = sitemap.pages(Path(datasette.template_dir or "templates") / "pages")
    return await searching.everything(*_site(datasette), pages, text)


async def suggested(datasette: Datasette, request: Request) -> Response:
    """The first results as JSON."""
    text = (request.args.get("q") or "")[: search.LONGEST]
    return Response.json(searching.suggestions(text, await searched(datasette, text)))


async def identified(datasette: Datasette, text: str) -> list[Any]:
    """Cards of the territories whose identifier, code, SIREN or former code is `text`."""
    return await searching.identified(_site(datasette)[0], text)


async def meant(datasette: Datasette, text: str) -> list[Any]:
    """Cards of the territories whose name is nearly `text`, nearest first."""
    return await searching.near(*_site(datasette), text)


def _site(datasette: Datasette) -> tuple[searching.Read, searching.Memory]:
    async def read(sql: str, values: Any) -> list[Any]:
        return list((await datasette.get_database(DATABASE).execute(sql, values)).rows)

    return read, MEMORIES.setdefault(datasette, searching.Memory())
