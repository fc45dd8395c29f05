"""/catalog.ttl, .jsonld, .rdf, the schemas that they name, and in pages what search engines read of a dataset."""

import sys
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment

from observatory import conditional, identity, prebuilt, schema_org
from observatory.languages import gettext as _
from observatory.selections_asked import Source

DATABASE, FILE = "donnees", "select media_type, content from catalogue_files where path = ?"


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """The catalogue in each syntax, and its schemas."""
    return [(r"^/(?P<path>catalog\.(ttl|jsonld|rdf)|schemas/[a-z_/]+\.schema\.json)$", file)]


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Datasette) -> None:
    """Warn whoever starts a server that does not know its own address."""
    if who(datasette).unset:
        sys.stderr.write(f"{identity.WARNING}\n")


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add `dataset_data()`, `catalogue_data()` and `indicator_data()`, see `observatory.schema_org`."""
    for name in ("dataset", "catalogue", "indicator"):
        env.globals[f"{name}_data"] = partial(described, datasette, getattr(schema_org, name))


def who(datasette: Datasette) -> identity.Identity:
    """Who publishes this site, and where."""
    return identity.identity(str(datasette.metadata("title")), datasette.plugin_config("catalogue") or {})


def described(datasette: Datasette, write: Any, request: Request, *facts: Any) -> Any:
    """What schema.org says of a page of this site, for links that lead to the site as it was asked."""
    return write(who(datasette), str(datasette.absolute_url(request, "/")).rstrip("/"), *facts)


async def file(datasette: Datasette, request: Request) -> Response:
    """A file of the catalogue, with the permanent address of the site and the archives of an export."""
    path, source = request.url_vars["path"], Source.of(datasette, DATABASE)
    found = (await datasette.get_database(DATABASE).execute(FILE, [path])).first()
    if found is None:
        raise NotFound(_("Aucun schéma n’a ce nom."))
    text = who(datasette).at_home(prebuilt.text(source.exported, path, source.hash) or found["content"])
    status, headers, body = conditional.answered(request.method, request.headers, text, source.path)
    if datasette.cors:
        add_cors_headers(headers)
    return Response(body, status, headers, f"{found['media_type']}; charset=utf-8")
