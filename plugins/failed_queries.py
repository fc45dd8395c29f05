"""Say in French why a query failed, and never as an empty CSV: Datasette 0.65 answers 200 to that one.

Nor is a format that nobody knows answered with a page.
"""

from typing import Any

from datasette.utils.asgi import Request
from datasette.views.base import DataView
from datasette.views.database import QueryView

from observatory import outputs
from observatory.languages import gettext as _
from observatory.mistakes import in_words
from observatory.problem_details import Refused

# SQLite keeps the message of a function to itself.
RAISED = "user-defined function raised exception"
answered, given = QueryView.data, DataView.get


def said_of(error: str) -> str:
    """The message in the language of the page when we know it, as it is otherwise."""
    if error == RAISED:
        return _(
            "Une fonction de cette requête a reçu des options impossibles. "
            "« select maturity_check(options) » dit lesquelles et pourquoi ; "
            "« select maturity_check(categorie, options) » vérifie aussi la catégorie."
        )
    return in_words(error) or error


async def data(view: QueryView, request: Request, *args: Any, **kwargs: Any) -> Any:
    """The answer of Datasette, with its error in French when we know it; as a file, an error is refused."""
    answer = await answered(view, request, *args, **kwargs)
    error = answer[0].get("error") if isinstance(answer, tuple) else None
    if error:
        said = said_of(str(error))
        if request.url_vars.get("format"):
            raise Refused("failed-query", detail=said)
        answer[0]["error"] = said
    return answer


QueryView.data = data


async def get(view: DataView, request: Request) -> Any:
    """The answer of Datasette, when it has the format that is asked for."""
    asked = request.url_vars.get("format")
    # Pages have two parts and a point too (/methode/2026.1): they are no table of a database.
    ours = request.url_vars.get("database") in view.ds.databases
    if ours and asked and asked not in (*view.ds.renderers, "csv", "jsono"):
        said = _("Les formats possibles : {formats}.").format(formats=", ".join(outputs.FORMATS))
        raise Refused("unknown-format", asked, outputs.FORMATS, said)
    return await given(view, request)


DataView.get = get
