"""/initiatives/projets-territoire and /appels/dispositif-aide: registers in the national schemas, CSV or JSON."""

import json
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Request, Response

from observatory import conditional, national

DATABASE = "donnees"
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """One route a national schema."""
    return [
        (rf"^/{schema.register}/(?P<name>{name})\.(?P<form>csv|json)$", file)
        for name, schema in national.SCHEMAS.items()
    ]


async def file(datasette: Datasette, request: Request) -> Response:
    """Every row of the register; a header alone where it is not kept."""
    name, form = request.url_vars["name"], request.url_vars["form"]
    database, schema = datasette.get_database(DATABASE), national.SCHEMAS[name]
    kept = await database.execute("select 1 from registers where register = ?", [schema.register])
    rows = await database.execute_fn(lambda db: national.rows(db, name)) if kept.rows else []
    text = national.as_csv(schema.columns, rows) if form == "csv" else json.dumps(rows, ensure_ascii=False, indent=1)
    status, headers, body = conditional.answered(request.method, request.headers, text, database.path)
    add_cors_headers(headers)
    headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return Response(body, status, headers, TYPES[form])
