"""One road to problem documents: whatever refuses a file, or an answer to a program, refuses as RFC 9457 says."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from observatory import bodies
from observatory.problem_details import TYPE, Refused

Send = Callable[[dict[str, Any]], Awaitable[None]]
# A page may have a point in its address too: /methode/2026.1.
SUFFIX = re.compile(r"[^/]\.[a-z][a-z0-9]{0,11}\Z", re.IGNORECASE)
OF_STATUS = {
    400: "failed-query", 404: "unknown-resource", 405: "wrong-method", 406: "unknown-format", 410: "gone",
    413: "too-long", 500: "fault", 503: "busy",
}  # fmt: skip


def machine(path: str, accept: str) -> bool:
    """Whether a program asks: for a file, by the suffix of its address, or for JSON; who reads HTML says so."""
    return "text/html" not in accept and ("json" in accept or SUFFIX.search(path) is not None)


def of_status(status: int, said: str = "", found: str = "") -> Refused:
    """The refusal that a status tells when nothing else does; KeyError for a status that is none of ours."""
    return Refused(OF_STATUS[status], found, (), said)


def told(scope: Mapping[str, Any], send: Send, base: str) -> Send:
    """What sends the answer to a request of the site at `base`: a refusal in words becomes one for machines.

    What is no question for a page or a file (another method), and what a browser asks, is sent as it is.
    """
    headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
    if scope.get("method") not in ("GET", "HEAD") or not machine(scope["path"], headers.get(b"accept", "")):
        return send
    return _Road(send, base, scope["path"], scope["method"] == "HEAD").take


@dataclass
class _Road:
    """An answer on its way; `held` is the beginning of one that was written for people, `body` what came of it."""

    send: Send
    base: str
    path: str
    head: bool
    held: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""

    async def take(self, event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start" and self._for_people(event):
            self.held = event
        elif not self.held:
            await self.send(event)
        else:
            self.body += event.get("body", b"")
            if not event.get("more_body"):
                await self._refuse()

    def _for_people(self, start: Mapping[str, Any]) -> bool:
        kind = _kind(start)
        # Datasette's own JSON of a fault has no type that tells it from an answer.
        return start["status"] in OF_STATUS and (
            kind.startswith("text/") or (kind.startswith("application/json") and self.path.endswith(".json"))
        )

    async def _refuse(self) -> None:
        plain = _kind(self.held).startswith("text/plain") and self.held["status"] < 500
        said = self.body.decode("utf-8", "replace").strip() if plain else ""
        written = bodies.problem(of_status(self.held["status"], said), self.base, self.path)
        body = written["body"].encode()
        headers = {**written["headers"], "Content-Type": TYPE, "Content-Length": str(len(body))}
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": written["status"], "headers": raw})
        await self.send({"type": "http.response.body", "body": b"" if self.head else body})


def _kind(start: Mapping[str, Any]) -> str:
    """The media type of an answer that begins."""
    return next((value.decode("latin-1") for name, value in start["headers"] if name.lower() == b"content-type"), "")
