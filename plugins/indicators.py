"""Give the pages of indicators `indicator_screen()`, what they show for an address, and `today()`."""

import asyncio
from collections.abc import Mapping
from contextvars import copy_context
from datetime import date
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory.indicator_page import page

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add both functions to the environment of templates."""
    env.globals["indicator_screen"] = partial(indicator_screen, datasette)
    env.globals["today"] = lambda: date.today().isoformat()


async def indicator_screen(datasette: Datasette, indicator: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """What the page of that row of `indicator` shows for the request, computed away from other answers."""
    parameters = {name: request.args[name] for name in request.args}
    path = datasette.get_database(DATABASE).path
    return await asyncio.to_thread(copy_context().run, page, path, indicator, parameters)
