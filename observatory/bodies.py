"""What programs send to the site: read whole before it is answered, and no longer than a question needs to be."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from observatory import problem_details
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.problem_details import Refused

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Event, Receive, Send], Awaitable[None]]

MOST_BYTES = 1_000_000
# A program that sends somewhat more is heard out, so that it reads why it is refused.
HEARD = 8 * MOST_BYTES
# Methods that come without a body; those of a contribution have limits of their own.
BARE = ("GET", "HEAD", "OPTIONS")
OTHERS = "/contribuer/"


async def bounded(app: App, scope: Event, receive: Receive, send: Send) -> None:
    """Run the application on a body of at most MOST_BYTES; `Refused` as "too-long" before it is run otherwise."""
    if scope["type"] != "http" or scope["method"] in BARE or scope["path"].startswith(OTHERS):
        await app(scope, receive, send)
        return
    whole: bytes | None = await _whole(scope, receive)

    async def again() -> Event:
        nonlocal whole
        if whole is None:
            return await receive()
        event, whole = {"type": "http.request", "body": whole, "more_body": False}, None
        return event

    await app(scope, again, send)


async def _whole(scope: Event, receive: Receive) -> bytes:
    told = dict(scope["headers"]).get(b"content-length", b"0")
    read, body, more = 0, b"", True
    if told.isdigit() and int(told) > HEARD:
        raise _too_long()
    while more:
        event = await receive()
        read, more = read + len(event.get("body", b"")), event.get("more_body", False)
        body = body + event.get("body", b"") if read <= MOST_BYTES else b""
        if read > HEARD:
            raise _too_long()
    if read > MOST_BYTES:
        raise _too_long()
    return body


def _too_long() -> Refused:
    detail = _("Ce qui est envoyé ici a {most} octets au plus.").format(most=spoken().number(MOST_BYTES))
    return Refused("too-long", detail=detail)


def problem(refused: Refused, base: str, path: str) -> dict[str, Any]:
    """Body, status, headers and type of the answer to a refusal; `Allow` says the methods that are possible."""
    headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
    if refused.kind == "wrong-method":
        headers["Allow"] = ", ".join(refused.possible)
    # What comes is left half read: nothing else can come on this connection.
    if refused.kind == "too-long":
        headers["Connection"] = "close"
    body = json.dumps(problem_details.document(refused, base, path), ensure_ascii=False)
    return {"body": body, "status": refused.status, "headers": headers, "content_type": problem_details.TYPE}
