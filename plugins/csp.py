"""Send each page with the policy of what it may load and run, and give templates `csp_nonce()`."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory.csp import csp_allow_chart, csp_nonce, guarded

App = Callable[..., Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Add what a template says of itself when it needs more than the files of the site."""
    env.globals["csp_nonce"] = csp_nonce
    env.globals["csp_allow_chart"] = csp_allow_chart


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Around the application and the page of its faults: every page carries the policy."""

    def wrap(app: App) -> App:
        async def policed(scope: dict[str, Any], receive: Any, send: Any) -> None:
            run = partial(guarded, app) if scope["type"] == "http" else app
            await run(scope, receive, send)

        return policed

    return wrap
