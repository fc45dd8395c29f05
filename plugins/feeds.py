"""/atom.xml, that of each territory and of each indicator, and /calendrier.ics."""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Request, Response

from observatory import calendars, conditional, feeds, identity
from observatory.languages import gettext as _
from observatory.problem_details import Refused

DATABASE = "donnees"
Write = Callable[[Any, identity.Identity, str], str | bytes]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """The three feeds, and the calendar."""
    return [
        (r"^/atom\.xml$", everything),
        (r"^/territoires/(?P<code>[^/]+)/atom\.xml$", partial(one, feeds.territory)),
        (r"^/indicateurs/(?P<code>[^/]+)/atom\.xml$", partial(one, feeds.indicator)),
        (r"^/calendrier\.ics$", calendar),
    ]


async def everything(datasette: Datasette, request: Request) -> Response:
    """What has changed in the observatory."""
    return await sent(datasette, request, lambda db, *about: feeds.written(feeds.everything(db), *about), feeds.TYPE)


async def one(find: Callable[[Any, str], feeds.Feed], datasette: Datasette, request: Request) -> Response:
    """What has changed for the territory or the indicator of that code; Refused for another."""
    code = request.url_vars["code"]
    try:
        return await sent(datasette, request, lambda db, *about: feeds.written(find(db, code), *about), feeds.TYPE)
    except LookupError:
        raise Refused("unknown-code", code, (), _("Rien ne porte le code « {code} ».").format(code=code[:60])) from None


async def calendar(datasette: Datasette, request: Request) -> Response:
    """The days of releases."""
    return await sent(datasette, request, calendars.written, calendars.TYPE)


async def sent(datasette: Datasette, request: Request, write: Write, kind: str) -> Response:
    """What a function writes of the database, in the language of the answer, for links to the site as it was asked."""
    who = identity.identity(str(datasette.metadata("title")), datasette.plugin_config("catalogue") or {})
    base = str(datasette.absolute_url(request, "/")).rstrip("/")
    database, context = datasette.get_database(DATABASE), copy_context()
    text = await database.execute_fn(lambda db: context.run(write, db, who, base))
    status, headers, body = conditional.answered(request.method, request.headers, text, database.path)
    if datasette.cors:
        add_cors_headers(headers)
    return Response(body, status, headers, kind)
