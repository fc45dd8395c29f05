"""Lead the address of a territory that is no more to its heir, and give templates what happened since."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Response
from jinja2 import Environment

from observatory import companions, languages, vanished

DATABASE = "donnees"
App = Callable[..., Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals["former_region"] = companions.former_region
    env.globals["passage"] = partial(passage, datasette)
    env.tests["renumbered"] = vanished.renumbered


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Before the routes, so that nothing is made of a page that is left."""

    def wrap(app: App) -> App:
        async def led(scope: dict[str, Any], receive: Any, send: Any) -> None:
            path = scope.get("path", "") if scope["type"] == "http" else ""
            query = scope.get("query_string", b"").decode("latin-1")
            there = await moved(datasette, path, query) if vanished.PAGE.fullmatch(path) else None
            if there is None:
                await app(scope, receive, send)
            else:
                await Response.redirect(there, status=301).asgi_send(send)

        return led

    return wrap


async def moved(datasette: Datasette, path: str, query: str) -> str | None:
    """Where the address of a page of a territory leads, see `observatory.vanished`."""
    database = datasette.get_database(DATABASE)
    there: str | None = await database.execute_fn(lambda db: vanished.moved(db, path, query))
    return there


async def passage(datasette: Datasette, gone: str) -> list[Any]:
    """What happened between a territory that is no more and today, oldest first, in the page's language."""
    found = await datasette.get_database(DATABASE).execute(vanished.PASSAGE, {"gone": gone})
    return languages.rows(found.rows)
