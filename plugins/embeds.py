"""Give templates `frame()`, the HTML that shows one of our pages inside another site, and the filter `data`."""

from functools import partial

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory import embeds, links


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add both; `data` says a text of our data files in the page's language where `view()` takes it for a name."""
    env.globals["frame"] = partial(frame, datasette)


def frame(datasette: Datasette, request: Request, path: str, title: str, height: int) -> str:
    """The frame of a path of this site, with its whole address, in the language of the page."""
    return embeds.frame(datasette.absolute_url(request, links.here(path)), title, height)
