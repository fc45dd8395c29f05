"""Give templates what the pages of a territory decide of its scores, see `observatory.score_page`."""

from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory.score_page import recalculated, shown_values, told_first, waterfalls


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Add the functions of the library to the environment of templates."""
    env.globals |= {one.__name__: one for one in (recalculated, shown_values, told_first, waterfalls)}
