"""What a page may load and run (Content-Security-Policy): its own files, and nothing written inside the page."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from secrets import token_urlsafe
from typing import Any

from observatory.links import split

Send = Callable[[dict[str, Any]], Awaitable[None]]

# Pages made to be shown inside those of others.
EMBEDS = "/integrer/"
# The one style attribute that datasette-cluster-map writes, in the bubble of a point: "height: 200px; overflow: auto".
BUBBLE = "'sha256-0jcEIRBBMKhD3s6OnipIcVUenVkU+u8Y2JQtLjxb8Ho='"


class Allowance:
    """What one answer needs beyond the files of the site: nothing, until its template asks."""

    def __init__(self) -> None:
        self.nonce = ""
        self.chart = False

    def given(self) -> str:
        """The nonce of the scripts and styles written in this page, drawn when first asked for."""
        self.nonce = self.nonce or token_urlsafe(16)
        return self.nonce


_current: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


def csp_nonce() -> str:
    """The nonce of the answer being written; empty outside an answer."""
    allowance = _current.get()
    return allowance.given() if allowance else ""


def csp_allow_chart() -> None:
    """Let this answer compile expressions, as Vega does to draw: only where a chart was asked for."""
    if allowance := _current.get():
        allowance.chart = True


def policy(path: str, allowance: Allowance) -> str:
    """The header of the page at `path`."""
    once = f" 'nonce-{allowance.nonce}'" if allowance.nonce else ""
    directives = {
        "default-src": "'none'",
        "script-src": "'self'" + once + (" 'unsafe-eval'" if allowance.chart else ""),
        "style-src": "'self'" + once,
        "img-src": "'self' data:" + (" blob:" if allowance.chart else ""),
        "connect-src": "'self'",
        "frame-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "*" if split(path)[1].startswith(EMBEDS) else "'self'",
    }
    if once:
        directives["style-src-attr"] = f"'unsafe-hashes' {BUBBLE}"
    return "; ".join(f"{name} {value}" for name, value in directives.items())


async def guarded(app: Callable[..., Awaitable[None]], scope: dict[str, Any], receive: Any, send: Send) -> None:
    """Run the application; its answer, when it is a page, carries the policy that its template needed."""
    allowance = Allowance()

    async def with_policy(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start" and _is_page(event):
            header = (b"content-security-policy", policy(scope["path"], allowance).encode())
            event = {**event, "headers": [*event["headers"], header]}
        await send(event)

    token = _current.set(allowance)
    try:
        await app(scope, receive, with_policy)
    finally:
        _current.reset(token)


def _is_page(event: dict[str, Any]) -> bool:
    headers = {name.lower(): value for name, value in event.get("headers", [])}
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-security-policy" not in headers
