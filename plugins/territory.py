"""Give templates what a territory's page chooses by rule: where it leads, headlines, positions, those beside it."""

import asyncio
from collections.abc import Sequence
from contextvars import copy_context
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory import companions, languages, standings, vanished
from observatory.headlines import furthest, headlines, middle, quarter

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals["headlines"] = headlines
    env.globals["furthest"] = furthest
    env.globals["quarter"] = quarter
    env.globals["companions"] = partial(beside, datasette)
    env.globals["former_region"] = companions.former_region
    env.globals["heir_of_region"] = vanished.heir_of_region
    env.globals["led"] = led
    env.globals["passage"] = partial(passage, datasette)
    env.tests["renumbered"] = vanished.renumbered
    env.globals["value_standings"] = partial(value_standings, datasette)
    env.filters["middle"] = middle


async def beside(datasette: Datasette, request: Request, ref_area: str) -> companions.Beside:
    """The territories that the address asks for beside that one, see `observatory.companions`."""
    run, asked = copy_context().run, request.args.getlist("avec")
    database = datasette.get_database(DATABASE)
    found: companions.Beside = await database.execute_fn(lambda db: run(companions.beside, db, ref_area, asked))
    return found


def led(request: Request, written: str, card: Any) -> tuple[str, str] | None:
    """Where the address of a territory leads, see `observatory.vanished`."""
    return vanished.led(written, card, request.query_string)


async def passage(datasette: Datasette, gone: str) -> list[Any]:
    """What happened between a territory that is no more and today, oldest first, in the page's language."""
    found = await datasette.get_database(DATABASE).execute(vanished.PASSAGE, {"gone": gone})
    return languages.rows(found.rows)


async def value_standings(datasette: Datasette, category: str, values: Sequence[Any]) -> dict[str, standings.Standing]:
    """Indicator → rank of its value among the territories of the category, see `observatory.standings`."""
    path = datasette.get_database(DATABASE).path
    return await asyncio.to_thread(standings.standings, path, category, values)
