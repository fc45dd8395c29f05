"""Give the pages /contribuer what they show: whether the desk is open, a grid to fill in, what became of a sending."""

from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory.contributions_desk import client_of
from observatory.contributions_input import Refused
from observatory.contributions_scope import is_taken
from observatory.outbox import OutboxFault, reference_of


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions to the environment of templates."""
    env.globals["contributions"] = lambda: datasette.contributions
    env.globals["columns_of"] = partial(columns_of, datasette)
    env.globals["levels_of"] = partial(levels_of, datasette)
    env.tests["taken_among"] = is_taken
    env.globals["grid"] = partial(grid, datasette)
    env.globals["followed"] = partial(followed, datasette)
    env.globals["reference_of"] = lambda text: reference_of(text or "")


def columns_of(datasette: Datasette, name: str) -> Any:
    """The columns of the dataset's schema, as its author describes them; none when its files are not there."""
    from observatory.contributions_counter import columns_of, dataset_of  # frictionless: half a second at a start

    try:
        return columns_of(dataset_of(datasette.contributions, name))
    except Refused:
        return []


def levels_of(datasette: Datasette, name: str) -> list[str]:
    """Levels of territory that the dataset takes; empty when any."""
    from observatory.contributions_counter import levels_of as known

    return known(datasette.contributions, name)


async def grid(datasette: Datasette, request: Any, name: str, ref_area: str) -> Any:
    """The columns and rows proposed for that territory, None when its table is too long to be typed."""
    from observatory.contributions_templates import blank_grid

    return await blank_grid(datasette.contributions, client_of(request.scope), name, ref_area)


async def followed(datasette: Datasette, request: Any, reference: str) -> dict[str, Any]:
    """`story` of the contribution (None: unknown here), or the `fault` that keeps them from being read."""
    found = reference_of(reference)
    try:
        desk = datasette.contributions
        desk.pace(client_of(request.scope))
        return {"story": await desk.story(found) if found else None, "reference": found}
    except (OutboxFault, Refused) as fault:
        return {"fault": str(fault), "reference": found}
