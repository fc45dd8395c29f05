"""Give templates what a territory's page chooses by rule: headlines, strengths, positions, territories beside it."""

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory import companions
from observatory.headlines import furthest, headlines, middle, quarter


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals["headlines"] = headlines
    env.globals["furthest"] = furthest
    env.globals["quarter"] = quarter
    env.globals["companions"] = beside
    env.globals["most_companions"] = companions.MOST
    env.filters["middle"] = middle


def beside(request: Request) -> list[str]:
    """The territories that the address asks for, see `observatory.companions`."""
    return companions.asked(request.args.getlist("avec"))
