"""Serve what `make export` wrote at /telechargements/<file>, list it to pages, and give the database its true type."""

from functools import partial
from pathlib import Path

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import AsgiFileDownload, NotFound, Request, Response
from datasette.views.database import DatabaseDownload
from jinja2 import Environment

from observatory import outputs, prebuilt, streams
from observatory.languages import gettext as _

ROOT = Path(__file__).resolve().parent.parent
sent = DatabaseDownload.get


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add `exported()`, the files of the export."""
    env.globals["exported"] = lambda: list(prebuilt.files(folder(datasette)).values())


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route for every file."""
    return [(r"^/telechargements/(?P<name>.+)$", file)]


def folder(datasette: Datasette) -> Path:
    """Where the export is: `folder` in the plugin's settings, build/ otherwise."""
    return ROOT / ((datasette.plugin_config("bulk") or {}).get("folder") or "build")


async def file(datasette: Datasette, request: Request) -> Response:
    """The file as it was written, a range of it when one is asked; 404 for what the export does not list."""
    found = prebuilt.files(folder(datasette)).get(request.url_vars["name"])
    if found is None:
        raise NotFound(_("Ce fichier n’est pas dans l’export. La page /telechargements donne ceux qui y sont."))
    status, headers, (first, last) = prebuilt.answer(found, request.headers)
    headers["Access-Control-Allow-Origin"] = "*"
    answer = Response("", status, headers, found.type)
    if status != 304 and request.method != "HEAD":
        answer.asgi_send = partial(streams.copied, status, headers, partial(prebuilt.part, found.path, first, last))
    return answer


async def database(view: DatabaseDownload, request: Request) -> Response | AsgiFileDownload:
    """The file of the database, which Datasette sends as any bytes."""
    answer = await sent(view, request)
    if isinstance(answer, AsgiFileDownload):
        answer.content_type = outputs.named("sqlite").TYPE
    return answer


DatabaseDownload.get = database
