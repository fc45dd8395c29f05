"""Give pages `agenda()` and `network()`: where territories meet, and who works with whom."""

from contextvars import copy_context
from datetime import date
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import agenda, network

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add both functions to the environment of templates."""
    env.globals["agenda"] = partial(days, datasette)
    env.globals["network"] = partial(links, datasette)
    env.globals["dated"] = agenda.dated


async def days(datasette: Datasette) -> agenda.Agenda:
    """The events to come and past, and the calls still open, today."""
    found: agenda.Agenda = await _asked(datasette, agenda.agenda, date.today().isoformat())
    return found


async def links(datasette: Datasette, domain: str = "", ref_area: str = "") -> network.Network:
    """The drawing of that domain, or around that territory; of everyone without them."""
    found: network.Network = await _asked(datasette, network.network, domain, ref_area)
    return found


async def _asked(datasette: Datasette, question: Any, *words: str) -> Any:
    run = copy_context().run
    return await datasette.get_database(DATABASE).execute_fn(lambda db: run(question, db, *words))
