"""What the web expects of a site: /robots.txt, headers on every answer, and doors closed to visitors."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment

from observatory import links, serving
from observatory.languages import gettext as _

App = Callable[..., Awaitable[None]]

STATIC = Path(__file__).resolve().parent.parent / "static"
# Workshops of Datasette's authors and administrators: English, and of no use on a public site.
CLOSED = r"^/-/(?P<door>patterns|allow-debug|messages|permissions|threads|auth-token|logout)(\.json)?$"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add `static_url("x.js")`, which browsers may keep for ever, `absolute(request, path)`, and `|here` of `links`."""
    env.globals["absolute"] = datasette.absolute_url
    env.filters["here"] = links.here
    env.globals["static_url"] = partial(serving.static_url, STATIC)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """What search engines may read, and what is closed."""
    return [(r"^/robots\.txt$", robots), (CLOSED, closed)]


async def robots(datasette: Datasette, request: Request) -> Response:
    """The text of /robots.txt, with the list of the pages of this site."""
    pages = datasette.absolute_url(request, datasette.urls.path("/sitemap.xml"))
    return Response.text(serving.robots(pages), headers={"Cache-Control": "max-age=86400"})


async def closed() -> Response:
    """The French page 404."""
    raise NotFound(_("Cette page de Datasette n’est pas ouverte sur ce site."))


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Wrap the application so that every answer carries the headers of `serving`, unless it says otherwise itself."""

    def wrap(app: App) -> App:
        async def served(scope: dict[str, Any], receive: Any, send: Any) -> None:
            run = partial(serving.dressed, app) if scope["type"] == "http" else app
            await run(scope, receive, send)

        return served

    return wrap
