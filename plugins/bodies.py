"""Refuse what programs send when it is too long, before anything reads it."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils.asgi import Request, Response

from observatory import bodies
from observatory.problem_details import Refused

App = Callable[..., Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Around the routes and the check of forms, which would read all that comes."""

    def wrap(app: App) -> App:
        async def measured(scope: dict[str, Any], receive: Any, send: Any) -> None:
            try:
                await bodies.bounded(app, scope, receive, send)
            except Refused as refused:
                if refused.kind != "too-long":
                    raise
                base = datasette.absolute_url(Request(scope, receive), "/").rstrip("/")
                await Response(**bodies.problem(refused, base, scope["path"])).asgi_send(send)

        return measured

    return wrap
