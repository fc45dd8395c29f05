"""Give pages `steps()` and `effects_since()`: what may be done about an indicator, and what an initiative's did."""

from contextvars import copy_context
from datetime import date
from functools import partial

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import acting

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add both functions to the environment of templates."""
    env.globals["steps"] = partial(steps, datasette)
    env.globals["effects_since"] = partial(effects_since, datasette)


async def steps(datasette: Datasette, ref_area: str, indicator: str, domain: str) -> acting.Steps:
    """What the registers hold for that territory, that indicator and its domain, today."""
    run, today = copy_context().run, date.today().isoformat()
    database = datasette.get_database(DATABASE)
    found: acting.Steps = await database.execute_fn(
        lambda db: run(acting.steps, db, ref_area, indicator, domain, today)
    )
    return found


async def effects_since(datasette: Datasette, initiative: str) -> list[acting.Effect]:
    """What the indicators that the initiative aims at did since it began."""
    run, database = copy_context().run, datasette.get_database(DATABASE)
    found: list[acting.Effect] = await database.execute_fn(lambda db: run(acting.effects, db, initiative))
    return found
