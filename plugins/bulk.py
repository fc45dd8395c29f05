"""Serve what `make export` wrote at /telechargements/<file>, list it to pages, and give the database its true type."""

from functools import partial
from pathlib import Path

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import AsgiFileDownload, Request, Response
from datasette.views.database import DatabaseDownload
from jinja2 import Environment

from observatory import fixed_files, outputs, prebuilt, streams
from observatory.languages import gettext as _
from observatory.problem_details import Refused

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
    known, name = prebuilt.files(folder(datasette)), request.url_vars["name"]
    found = known.get(name)
    if found is None:
        said = _("Ce fichier n’est pas dans l’export. La page /telechargements donne ceux qui y sont.")
        raise Refused("unknown-file", name, sorted(known), said)
    told = {**prebuilt.headers(found), "Access-Control-Allow-Origin": "*"}
    answer = fixed_files.answer(found, request.method, request.headers, told)
    response = Response("", answer.status, answer.headers, found.type)
    if answer.end:
        response.asgi_send = partial(streams.copied, found, answer, request.receive)
    return response


async def database(view: DatabaseDownload, request: Request) -> Response | AsgiFileDownload:
    """The file of the database, which Datasette sends as any bytes."""
    answer = await sent(view, request)
    if isinstance(answer, AsgiFileDownload):
        answer.content_type = outputs.named("sqlite").TYPE
    return answer


DatabaseDownload.get = database
