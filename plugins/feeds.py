"""/atom.xml, that of each territory and of each indicator, /calendrier.ics, /agenda.ics and each event."""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Request, Response

from observatory import agenda, calendars, conditional, feeds, identity
from observatory.languages import gettext as _
from observatory.problem_details import Refused

DATABASE = "donnees"
Write = Callable[[Any, identity.Identity, str], str | bytes]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """The three feeds, and the calendars."""
    return [
        (r"^/atom\.xml$", partial(one, lambda db, code, *about: feeds.written(feeds.everything(db), *about))),
        (r"^/territoires/(?P<code>[^/]+)/atom\.xml$", partial(one, _feed(feeds.territory))),
        (r"^/indicateurs/(?P<code>[^/]+)/atom\.xml$", partial(one, _feed(feeds.indicator))),
        (r"^/calendrier\.ics$", partial(one, lambda db, code, *about: calendars.written(db, *about))),
        (r"^/agenda\.ics$", partial(one, lambda db, code, *about: agenda.written(db, *about))),
        (r"^/evenements/(?P<code>[^/]+)\.ics$", partial(one, agenda.event)),
    ]


def _feed(find: Callable[[Any, str], feeds.Feed]) -> Callable[..., str]:
    return lambda db, code, *about: feeds.written(find(db, code), *about)


async def one(write: Callable[..., str | bytes], datasette: Datasette, request: Request) -> Response:
    """What is written of what the code names, or of everything; Refused where there is nothing of that code."""
    code = request.url_vars.get("code", "")
    kind = calendars.TYPE if request.path.endswith(".ics") else feeds.TYPE
    try:
        return await sent(datasette, request, lambda db, *about: write(db, code, *about), kind)
    except LookupError:
        raise Refused("unknown-code", code, (), _("Rien ne porte le code « {code} ».").format(code=code[:60])) from None


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
