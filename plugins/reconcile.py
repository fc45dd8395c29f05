"""Recognise territories for OpenRefine: the addresses are the plugin's, the answers are those of the library."""

from contextvars import copy_context
from functools import partial
from typing import Any

import datasette_reconcile
from datasette.database import Database
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import NotFound, Request, Response

from observatory import bodies, reconciling
from observatory.problem_details import Refused


class Service(datasette_reconcile.ReconcileAPI):  # type: ignore[misc]
    """The service over the territories, in the language of the address; each method is one of `reconciling.ASKED`."""

    def __getattribute__(self, name: str) -> Any:
        return partial(self.told, name) if name in reconciling.ASKED else super().__getattribute__(name)

    async def told(self, name: str, request: Request) -> Response:
        """The answer to one question, which a form or the address holds; what cannot be one is a problem (RFC 9457)."""
        base = self.datasette.absolute_url(request, "/").rstrip("/")
        run = copy_context().run
        try:
            given = {key: request.args[key] for key in request.args} | await sent(request)
            answer = await self.db.execute_fn(lambda db: run(reconciling.ASKED[name], db, given, base))
        except Refused as refused:
            return Response(**bodies.problem(refused, base, request.path))
        return self._response(answer)


async def sent(request: Request) -> dict[str, str]:
    """The fields of a form; `Refused` when it is not text."""
    try:
        return dict(await request.post_vars()) if request.method == "POST" else {}
    except ValueError:
        raise Refused("malformed-value") from None


async def configured(_config: Any, database: Database, table: str) -> dict[str, str]:
    """What the plugin wants to know of the one table that is open; the settings of others for it stay as they are."""
    if f"/{database.name}/{table}/-/reconcile" != reconciling.PATH:
        raise NotFound("")
    return {"id_field": "ref_area", "name_field": "name"}


datasette_reconcile.ReconcileAPI = Service
datasette_reconcile.check_config = configured


@hookimpl  # type: ignore[untyped-decorator]
def skip_csrf(scope: dict[str, Any]) -> bool:
    """Nothing is changed by asking, and OpenRefine has no page of ours to take a token from."""
    return str(scope["path"]) == reconciling.PATH
