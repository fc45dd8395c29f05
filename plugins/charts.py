"""Maps: `chart()` for templates, and /graphiques/{name}.svg or .png, figures that stand alone."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Request, Response
from jinja2 import Environment

from observatory import images, languages, links, maps, maps_image, maps_reading
from observatory.languages import gettext as _

DATABASE = "donnees"
ROOT = Path(__file__).resolve().parent.parent
NAME = r"carte-(?P<subject>[a-z0-9-]+)-(?P<level>reg|dep|epci|com)(-(?P<departement>\d[\dAB]\d?))?"


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route for every map in both formats."""
    return [(rf"^/graphiques/{NAME}\.(?P<format>svg|png)$", image)]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Give templates `chart()`."""
    env.globals["chart"] = partial(chart, datasette)


async def chart(datasette: Datasette, subject: str, level: str, **narrowed: Any) -> maps.Drawing | None:
    """The map of a subject at a level in the page's language, as `maps_reading.Asked` says; None when there is none."""
    mine = narrowed.pop("mine", None)
    asked = maps_reading.Asked(subject, level, **narrowed)
    found = await datasette.get_database(DATABASE).execute_fn(
        partial(maps_reading.found, ROOT, asked, languages.current() == languages.SOURCE)
    )
    return await asyncio.to_thread(maps.shown, found, mine)


async def image(datasette: Datasette, request: Request) -> Response:
    """The figure as a file, or the drawing alone and light with ?nu=1; 404 when there is no such map."""
    named, kind, given = request.url_vars, request.url_vars["format"], request.args.get
    drawing = await chart(
        datasette, named["subject"], named["level"].upper(), departement=named["departement"], small=given("nu") == "1",
        period=given("periode"), edition=given("edition"), mine=given("territoire"),
    )  # fmt: skip
    if drawing is None:
        raise NotFound(_("Aucune carte n’a ce nom. Les cartes sont sur les pages des indicateurs et des domaines."))
    address = None if given("nu") == "1" else datasette.absolute_url(request, links.here(drawing.page))
    packed = "gzip" in request.headers.get("accept-encoding", "")
    body, headers = await images.aside(maps_image.file, drawing, kind, address, packed)
    return Response(body, headers=headers, content_type=images.TYPES[kind])
