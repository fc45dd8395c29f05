"""Answer a fault of a portal page with the French page 500: Datasette 0.65 lets those escape to the server.

Programs have a problem document in its place, and in that of every other refusal in words.
"""

import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import handle_exception
from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response

from observatory import problem_road

Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Any, Send], Awaitable[None]]


# With rich installed, Datasette prints the local variables of every frame of every 404: a second of work each.
handle_exception.rich = None


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Wrap the application so that an exception becomes a page, unless the answer has already begun."""

    def wrap(app: App) -> App:
        async def guarded(scope: dict[str, Any], receive: Any, send: Send) -> None:
            begun, asked = False, Request(scope, receive)
            told = send
            if scope["type"] == "http":
                told = problem_road.told(scope, send, datasette.absolute_url(asked, "/").rstrip("/"))

            async def watched(event: dict[str, Any]) -> None:
                nonlocal begun
                begun = True
                await told(event)

            try:
                await app(scope, receive, watched)
            except Exception:
                if begun or scope["type"] != "http":
                    raise
                traceback.print_exc(file=sys.stderr)
                known = {"urls": datasette.urls, "request": asked}
                html = await datasette.jinja_env.get_template("500.html").render_async(known)
                await Response.html(html, status=500).asgi_send(told)

        return guarded

    return wrap
