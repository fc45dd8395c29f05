"""Give the page /api what the API says of itself: `api_documentation(request)`."""

import re
from functools import partial
from pathlib import Path

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.plugins import pm
from datasette.utils.asgi import Request
from jinja2 import Environment

from observatory import api_page

ROOT = Path(__file__).resolve().parent.parent


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the function to the environment of templates."""
    env.globals["api_documentation"] = partial(documentation, datasette)


def documentation(datasette: Datasette, request: Request) -> api_page.Documentation:
    """What the page shows, with examples that ask this very site."""
    routes = [re.compile(route) for found in pm.hook.register_routes(datasette=datasette) for route, _view in found]
    templates = Path(datasette.template_dir or "templates") / "pages"
    served = [
        path
        for path, _title, _about in api_page.DOORS
        if any(route.match(path) for route in routes) or (templates / f"{path[1:]}.html").exists()
    ]
    return api_page.documentation(ROOT, datasette.absolute_url(request, "/").rstrip("/"), served)
