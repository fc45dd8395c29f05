"""Give templates what became of a territory that is no more: where its address leads, and what happened since."""

from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory import companions, languages, vanished

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals["former_region"] = companions.former_region
    env.globals["heir_of_region"] = vanished.heir_of_region
    env.globals["led"] = led
    env.globals["passage"] = partial(passage, datasette)
    env.tests["renumbered"] = vanished.renumbered


def led(request: Request, written: str, card: Any) -> tuple[str, str] | None:
    """Where the address of a territory leads, see `observatory.vanished`."""
    return vanished.led(written, card, request.query_string)


async def passage(datasette: Datasette, gone: str) -> list[Any]:
    """What happened between a territory that is no more and today, oldest first, in the page's language."""
    found = await datasette.get_database(DATABASE).execute(vanished.PASSAGE, {"gone": gone})
    return languages.rows(found.rows)
