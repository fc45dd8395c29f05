"""Serve the contours of the codelists, so that maps need no tile server: /contours/departements.geojson."""

from pathlib import Path

from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Request, Response

CONTOURS = Path(__file__).resolve().parent.parent / "codelists" / "contours"


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, object]]:
    """One route for the three files of codelists/contours."""
    return [(r"^/contours/(?P<name>regions|departements|epci)\.geojson$", contours)]


async def contours(request: Request) -> Response:
    """The GeoJSON file of that level (WGS 84, properties ref_area and name); 404 when it is not there."""
    path = CONTOURS / f"{request.url_vars['name']}.geojson"
    if not path.exists():
        raise NotFound("Ces contours ne sont pas dans cette copie du site.")
    headers = {"Cache-Control": "max-age=86400", "Access-Control-Allow-Origin": "*"}
    return Response(path.read_text(encoding="utf-8"), content_type="application/geo+json", headers=headers)
