"""Give the page /simulation its figures, and SQL its functions maturity_…()."""

import asyncio
import sqlite3
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory.languages import kept
from observatory.simulation import published
from observatory.simulation_page import screen
from observatory.simulation_sql import functions, ranking_query

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add `simulation()` to the environment of templates."""
    env.globals["simulation"] = partial(simulation, datasette)


async def simulation(datasette: Datasette, request: Request) -> dict[str, Any]:
    """What /simulation shows for the parameters of the request, computed away from the other visitors' answers."""
    parameters = {name: request.args[name] for name in request.args}
    repeated = [name for name in request.args if len(request.args.getlist(name)) > 1]
    return await asyncio.to_thread(screen, datasette.get_database(DATABASE).path, parameters, repeated)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Register the functions on the connections of the one database."""
    if database == DATABASE:
        for name, (arguments, function) in functions(datasette.get_database(DATABASE).path).items():
            conn.create_function(name, arguments, function, deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def canned_queries(datasette: Datasette, database: str) -> dict[str, Any]:
    """The query over the wide table, whose columns are those of the edition: metadata.yml cannot hold it."""
    if database != DATABASE:
        return {}
    return {
        "simuler_un_classement": {
            "title": kept("Simuler un classement en SQL"),
            "description": kept(
                "Range une catégorie (departement, region, autre-epci…) avec le poids que vous donnez à chaque "
                "domaine ; un poids vide est celui de la méthode. Ce n’est pas le classement publié : la requête "
                "ignore la couverture et peut classer un territoire que la page /simulation laisse non classé."
            ),
            "sql": ranking_query(published(datasette.get_database(DATABASE).path)),
        }
    }
