"""Search: `searched()` and `resolved()` for templates, and /recherche.json under the search fields."""

from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import resolving, search, searching, sitemap

DATABASE = "donnees"
Answer = TypeVar("Answer")


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions to the environment, so that the page 404 has them too."""
    env.globals |= {one.__name__: partial(one, datasette) for one in (searched, resolved)}


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """One route, that answers while a visitor types."""
    return [(r"^/recherche\.json$", suggested)]


async def searched(datasette: Datasette, text: str) -> searching.Results:
    """All that `text` finds, by kind."""
    pages = sitemap.pages(Path(datasette.template_dir or "templates") / "pages")
    return await _asked(datasette, searching.everything, pages, text)


async def suggested(datasette: Datasette, request: Request) -> Response:
    """The first results as JSON."""
    text = (request.args.get("q") or "")[: search.LONGEST]
    return Response.json(searching.suggestions(text, await searched(datasette, text)))


async def resolved(datasette: Datasette, text: str | None, levels: Iterable[str] = ()) -> resolving.Resolved:
    """The territory that `text` stands for, of one of those levels rather than another."""
    found = await _asked(datasette, resolving.resolve, text or "")
    return found.preferring(lambda card: card["level"] in levels) if levels else found


async def _asked(datasette: Datasette, question: Callable[..., Answer], *words: Any) -> Answer:
    # Threads of the database keep their connections, but do not know the language of the answer.
    run = copy_context().run
    database = datasette.get_database(DATABASE)
    answer: Answer = await database.execute_fn(lambda connection: run(question, connection, *words))
    return answer
