"""Receive what is given on /contribuer: the steps that follow the choice of a dataset, and its templates."""

from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response

from observatory.contributions_desk import PRIVATE, client_of, opened

STEPS = r"^/contribuer/(?P<name>[a-z][a-z0-9_]*)/(?P<action>verifier|telecharger|effet|envoyer)$"
TEMPLATES = r"^/contribuer/(?P<name>[a-z][a-z0-9_]*)/modele\.(?P<form>csv|xlsx|ods)$"


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: Datasette) -> None:
    """Open the desk that metadata.yml describes, once for the site."""
    database = datasette.get_database("donnees").path
    datasette.contributions = opened(datasette.plugin_config("contribute"), database)


@hookimpl  # type: ignore[untyped-decorator]
def skip_csrf(scope: dict[str, Any]) -> bool:
    """The counter compares the token itself: Datasette would read a whole body, however long, before it does."""
    return str(scope["path"]).startswith("/contribuer/")


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route for the steps, one for the templates; the other pages are in templates/pages."""
    return [(STEPS, step), (TEMPLATES, template)]


async def step(datasette: Datasette, request: Request) -> Response:
    """The page of a step; whoever comes by its address alone is sent to the beginning."""
    from observatory.contributions_counter import Visit, answer  # frictionless: half a second that a start spares

    name, action = request.url_vars["name"], request.url_vars["action"]
    if request.method != "POST":
        return Response.redirect(f"/contribuer/{name}", headers=dict(PRIVATE))
    client, token = client_of(request.scope), request.scope["csrftoken"]()
    visit = Visit(name, action, client, token, request.headers, request.receive)
    return await respond(datasette, request, await answer(datasette.contributions, visit))


async def template(datasette: Datasette, request: Request) -> Response:
    """The table to fill in, for the territory asked for, in one of three forms."""
    from observatory.contributions_templates import blank_answer

    name, form, area = request.url_vars["name"], request.url_vars["form"], request.args.get("territoire") or ""
    found = await blank_answer(datasette.contributions, client_of(request.scope), name, area, form)
    return await respond(datasette, request, found)


async def respond(datasette: Datasette, request: Request, found: Any) -> Response:
    """The answer of the library as one of Datasette's."""
    if found.location:
        return Response.redirect(found.location, found.status, found.headers)
    body = found.file or await datasette.render_template(found.template, found.context, request=request)
    return Response(body, found.status, found.headers, found.content_type)
