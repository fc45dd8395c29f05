"""Give templates what a territory's page chooses by rule: headlines, strengths, positions, territories beside it."""

import asyncio
from collections.abc import Sequence
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
    env.globals["companions"] = beside
    env.globals["former_region"] = companions.former_region
    env.globals["value_standings"] = partial(value_standings, datasette)
    env.globals["most_companions"] = companions.MOST
    env.globals["beside_verdicts"] = partial(verdicts, datasette)
    env.filters["middle"] = middle


def beside(request: Request) -> list[str]:
    """The territories that the address asks for, see `observatory.companions`."""
    return companions.asked(request.args.getlist("avec"))


async def value_standings(datasette: Datasette, category: str, values: Sequence[Any]) -> dict[str, standings.Standing]:
    """Indicator → rank of its value among the territories of the category, see `observatory.standings`."""
    path = datasette.get_database(DATABASE).path
    return await asyncio.to_thread(standings.standings, path, category, values)


async def verdicts(datasette: Datasette, area: str, others: Sequence[str]) -> dict[str, comparing_beside.Beside]:
    """Identifier of each other → what may be compared of it with `area`, see `observatory.comparing_beside`."""
    path = datasette.get_database(DATABASE).path
    return await asyncio.to_thread(comparing_beside.beside, path, area, others)
