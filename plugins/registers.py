"""Give the pages of registers `register_list()`, `register_thing()` and `pointing()`, see `observatory.registers`."""

from contextvars import copy_context
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory import register_lists, register_things, schema_things

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions to the environment of templates."""
    env.globals["register_list"] = partial(listed, datasette)
    env.globals["register_thing"] = partial(thing, datasette)
    env.globals["pointing"] = partial(pointing, datasette)
    env.globals["thing_data"] = schema_things.thing


async def _asked(datasette: Datasette, question: Any, *words: Any) -> Any:
    run = copy_context().run
    return await datasette.get_database(DATABASE).execute_fn(lambda db: run(question, db, *words))


async def listed(datasette: Datasette, register: str, request: Request) -> register_lists.Listing | None:
    """What the list of the register shows for the request; None for a page that it has not."""
    parameters = {name: request.args[name] for name in request.args}
    try:
        found: register_lists.Listing = await _asked(datasette, register_lists.listing, register, parameters)
    except LookupError:
        return None
    return found


async def thing(datasette: Datasette, register: str, identifier: str) -> register_things.Thing | None:
    """The thing of that register and identifier, None when there is none."""
    found: register_things.Thing | None = await _asked(datasette, register_things.thing, register, identifier)
    return found


async def pointing(datasette: Datasette, target: str, identifier: str) -> list[register_things.Group]:
    """What the registers say of a territory, a domain, an indicator or another thing."""
    found: list[register_things.Group] = await _asked(datasette, register_things.pointing, target, identifier)
    return found
