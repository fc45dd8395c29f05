"""Give templates what a territory's page chooses by rule: headlines, positions, those beside it."""

import asyncio
from collections.abc import Sequence
from contextvars import copy_context
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory import companions, comparing_beside, standings
from observatory.headlines import furthest, headlines, middle, quarter

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals["headlines"] = headlines
    env.globals["furthest"] = furthest
    env.globals["quarter"] = quarter
    env.globals["companions"] = partial(beside, datasette)
    env.globals["value_standings"] = partial(value_standings, datasette)
    env.globals["beside_verdicts"] = partial(verdicts, datasette)
    env.filters["middle"] = middle


async def beside(datasette: Datasette, request: Request, ref_area: str) -> companions.Beside:
    """The territories that the address asks for beside that one, see `observatory.companions`."""
    run, asked = copy_context().run, request.args.getlist("avec")
    database = datasette.get_database(DATABASE)
    found: companions.Beside = await database.execute_fn(lambda db: run(companions.beside, db, ref_area, asked))
    return found


async def value_standings(datasette: Datasette, category: str, values: Sequence[Any]) -> dict[str, standings.Standing]:
    """Indicator → rank of its value among the territories of the category, see `observatory.standings`."""
    path = datasette.get_database(DATABASE).path
    return await asyncio.to_thread(standings.standings, path, category, values)


async def verdicts(datasette: Datasette, area: str, others: Sequence[str]) -> dict[str, comparing_beside.Pair]:
    """Identifier of each other → what may be compared of it with `area`, see `observatory.comparing_beside`."""
    path = datasette.get_database(DATABASE).path
    return await asyncio.to_thread(comparing_beside.beside, path, area, others)
