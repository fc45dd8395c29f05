"""Say in French why a query failed, and never as an empty CSV: Datasette 0.65 answers 200 to that one.

Nor is a format that nobody knows answered with a page.
"""

from typing import Any

from datasette.utils.asgi import Request, Response
from datasette.views.base import DataView
from datasette.views.database import QueryView

from observatory import links, outputs
from observatory.languages import gettext as _
from observatory.mistakes import RAISED, in_words
from observatory.problem_details import Refused

answered, given = QueryView.data, DataView.get


async def data(view: QueryView, request: Request, *args: Any, **kwargs: Any) -> Any:
    """The answer of Datasette, with its error in French; as a file, an error is refused."""
    answer = await answered(view, request, *args, **kwargs)
    error = answer[0].get("error") if isinstance(answer, tuple) else None
    # Two portals in one process put this function around itself.
    if error and "error_found" not in answer[0]:
        said = in_words(str(error)) or _("La base n’accepte pas cette requête.")
        found = "" if error == RAISED else str(error)
        if request.url_vars.get("format"):
            raise Refused("failed-query", found, detail=said)
        answer[0].update(error=said, error_found=found)
    return answer


QueryView.data = data


async def get(view: DataView, request: Request) -> Any:
    """The answer of Datasette, when it has the format that is asked for."""
    asked = request.url_vars.get("format")
    # Pages have two parts and a point too (/methode/2026.1): they are no table of a database.
    ours = request.url_vars.get("database") in view.ds.databases
    if ours and asked and asked != asked.lower() in outputs.FORMATS:
        # Windows and some spreadsheets write .CSV: one address for one file.
        there = request.full_path.replace(f".{asked}", f".{asked.lower()}", 1)
        return Response.redirect(links.kept(there), status=301)
    if ours and asked and asked not in (*view.ds.renderers, "csv", "jsono"):
        said = _("Les formats possibles : {formats}.").format(formats=", ".join(outputs.FORMATS))
        raise Refused("unknown-format", asked, outputs.FORMATS, said)
    return await given(view, request)


DataView.get = get
