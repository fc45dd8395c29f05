"""Give templates `proposed()`: the territories among which to choose when words are no single one."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import resolving


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the function to the environment of templates."""
    env.globals["proposed"] = partial(proposed, datasette)


async def proposed(datasette: Datasette, named: resolving.Resolved, levels: Sequence[str]) -> tuple[Any, ...]:
    """The territories to propose to whoever wrote what is no single one, those of these levels first."""
    found: tuple[Any, ...] = await datasette.get_database("donnees").execute_fn(
        lambda connection: resolving.proposed(connection, named, lambda card: card["level"] in levels)
    )
    return found
