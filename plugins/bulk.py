"""Serve what `make export` wrote at /telechargements/<file>, and give its list to the page /telechargements."""

from functools import partial
from pathlib import Path

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment

from observatory import fixed_files, prebuilt, streams
from observatory.languages import gettext as _
from observatory.problem_details import Refused

ROOT = Path(__file__).resolve().parent.parent


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
        raise Refused(
            "unknown-file",
            name,
            sorted(known),
            _("Ce fichier n’est pas dans l’export. La page /telechargements donne ceux qui y sont."),
        )
    told = {**prebuilt.headers(found), "Access-Control-Allow-Origin": "*"}
    answer = fixed_files.answer(found, request.method, request.headers, told)
    response = Response("", answer.status, answer.headers, found.type)
    if answer.end:
        response.asgi_send = partial(streams.copied, found, answer, request.receive)
    return response
