"""Charts that are not maps: `figure()` and `figure_asked()` for templates, and their files /graphiques/{name}.svg."""

import asyncio
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment

from observatory import images, links, plots, plots_asked, plots_scores

DATABASE = "donnees"
NAME = r"(?P<name>(repartition|evolution|scores|annees)-[A-Za-z0-9-]{1,80}|comparaison)"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Give templates these, and `score_years()`, what the years of a score show."""
    env.globals |= {"figure": figure, "figure_asked": partial(asked, datasette), "score_years": plots_scores.years}


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route for every figure in both formats."""
    return [(rf"^/graphiques/{NAME}\.(?P<format>svg|png)$", image)]


@hookimpl  # type: ignore[untyped-decorator]
def startup() -> None:
    """Wake Vega and Altair beside the server: they take a second, which no visitor waits for."""
    plots_asked.wake()


async def figure(kind: str, *facts: Any) -> plots.Plot | None:
    """The figure of that kind from what its page has read, drawn away from other answers."""
    return await asyncio.to_thread(plots_asked.drawn, kind, *facts)


async def asked(datasette: Datasette, name: str, request: Request) -> tuple[plots.Plot | None, str, int]:
    """The figure of that name with the parameters of the request, drawn; or None, why, and the status of the answer."""
    parameters, path = {key: request.args.getlist(key) for key in request.args}, datasette.get_database(DATABASE).path
    try:
        return await images.aside(plots_asked.ready, path, name, parameters), "", 200
    except plots_asked.Refusal as refusal:
        return None, str(refusal), refusal.status


async def image(datasette: Datasette, request: Request) -> Response:
    """The figure as a file; 404 when there is none, 400 with what is to be mended in the address."""
    plot, why, status = await asked(datasette, request.url_vars["name"], request)
    if plot is None and status == 400:
        return Response.text(why, status=status)
    if plot is None:
        raise NotFound(why)
    kind, packed = request.url_vars["format"], "gzip" in request.headers.get("accept-encoding", "")
    address = datasette.absolute_url(request, links.here(plot.page))
    body, headers = await images.aside(plots.file, plot, kind, address, packed)
    return Response(body, headers=headers, content_type=images.TYPES[kind])
