"""Answer what a visitor mistyped with the French pages 400 and 404, never with « Le site a rencontré une erreur »."""

import re
from collections.abc import Awaitable, Callable

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import add_cors_headers, sqlite3
from datasette.utils.asgi import NotFound, Request, Response
from datasette.views.base import DatasetteError

from observatory import lost
from observatory.languages import gettext as _

UNSORTABLE = re.compile(r"Cannot sort table by (.*)", re.S)
NOWHERE = "Rien ne se trouve à cette adresse. Le lien est peut-être incomplet."
TWO_SORTS = "Cannot use _sort and _sort_desc at the same time"


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response | None]]:
    """Ours before Datasette's; None leaves the exception to it, as every true fault of the site."""

    async def answer() -> Response | None:
        found = refusal(request.path, exception)
        if found is None:
            return None
        status, message = found
        if request.path.endswith(".json"):
            headers: dict[str, str] = {}
            if datasette.cors:
                add_cors_headers(headers)
            return Response.json({"ok": False, "error": message, "status": status}, status=status, headers=headers)
        page = "404.html" if status == 404 else "error.html"
        asked = {name: request.args[name] for name in request.args}
        known = {"error": message, "status": status, "sought": lost.sought(request.path, asked, message)}
        html = await datasette.render_template(page, known, request=request)
        return Response.html(html, status=status)

    return answer


def refusal(path: str, exception: Exception) -> tuple[int, str] | None:
    """Status and French message of a visitor's mistake; None when the exception is not one."""
    if isinstance(exception, NotFound):
        if not lost.readable(lost.decoded(path)):
            return 404, _("Cette adresse contient un identifiant illisible.")
        said = lost.plain(exception.args[0]) if exception.args else ""
        return 404, said if said.endswith(".") else _(NOWHERE)
    if isinstance(exception, DatasetteError) and (column := UNSORTABLE.fullmatch(exception.message)):
        said = _("On ne peut pas trier cette table selon « {column} » : elle n’a pas cette colonne.")
        return 400, said.format(column=column[1])
    if isinstance(exception, DatasetteError) and exception.message == TWO_SORTS:
        return 400, _("Une table se trie selon une seule colonne : gardez _sort ou _sort_desc, pas les deux.")
    # The key of a row has fewer parts in the address than in the table.
    if isinstance(exception, sqlite3.ProgrammingError) and re.match(r"/donnees/[^/]+/.", path):
        return 404, _("Aucune ligne de cette table n’a cette clé. L’adresse d’une ligne donne sa clé entière.")
    return None
