"""The API over HTTP: methods, formats, languages, what the client already has, and every refusal as a problem."""

import asyncio
import hashlib
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from observatory import api_database, api_openapi, api_promise, languages, links, problem_details, streams
from observatory.api_answers import Answer, Request, answer
from observatory.api_asked import DESCRIPTION, Place, accepted, place
from observatory.conditional import METHODS, unchanged
from observatory.fixed_files import File
from observatory.problem_details import Refused
from observatory.streams import Receive, Send

READERS, MOST_WAITING = 4, 32
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, ETag, Last-Modified, Content-Disposition, Retry-After, Deprecation, Sunset",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}
SECONDS_KEPT = 300

_readers = ThreadPoolExecutor(READERS, thread_name_prefix="api")
_waiting = 0


@dataclass(frozen=True)
class Home:
    """What is served: the address of the site, without a slash at its end, its database, its files made in advance."""

    site: str
    database: Path
    ready: Callable[[str, str], File | None]


async def serve(scope: Mapping[str, Any], receive: Receive, send: Send, home: Home) -> None:
    """Answer a request under /api/."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    prefix = "" if languages.current() == languages.SOURCE else links.PREFIX
    pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    base = home.site + prefix
    request = Request(scope["path"], pairs, home.site, base, home.database, headers, home.ready)
    with languages.speaking(languages.current() if prefix else preferred(headers.get("accept-language", ""))):
        found = await _answered(scope["method"], request)
        body = None
        try:
            if found.write and scope["method"] != "HEAD":
                body = await streams.begun(streams.chunks(found.write), receive)
        except Exception as fault:
            found = _problem(fault, request)
        if body:
            await streams.sent(found.status, _headers(found), body, receive, send)
        else:
            await streams.start(found.status, _headers(found), send)
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else found.body})


def preferred(header: str) -> str:
    """The language of ours that the header Accept-Language wants most; French when it wants none."""
    best, chosen = 0.0, languages.SOURCE
    for part in header.split(","):
        name, _, weight = part.strip().lower().partition(";q=")
        try:
            value = float(weight or 1)
        except ValueError:
            continue
        if name.partition("-")[0] in languages.LANGUAGES and value > best:
            best, chosen = value, name.partition("-")[0]
    return chosen


async def _answered(method: str, request: Request) -> Answer:
    global _waiting
    if method == "OPTIONS":
        return Answer(204, {"Allow": METHODS, **PREFLIGHT})
    try:
        if method not in ("GET", "HEAD"):
            raise Refused("wrong-method", method, METHODS.split(", "))
        if _waiting >= MOST_WAITING:
            raise Refused("busy")
        _waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(_readers, copy_context().run, _read, request)
        finally:
            _waiting -= 1
    except Exception as fault:
        return _problem(fault, request)


def _read(request: Request) -> Answer:
    """The answer, in a thread of the API; one without a body when the client has it already."""
    where = place(request.path)
    word = accepted(request.headers.get("accept", "") if where.resource not in ("", DESCRIPTION) else "", where.suffix)
    bytes_of, changed = api_database.state(request.database)
    seed = f"{bytes_of} {request.url()} {word} {languages.current()}"
    tag = f'W/"{hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:24]}"'
    with api_database.opened(request.database) as db:
        made = _made(db, request, where, word)
    kept = {
        "ETag": tag,
        "Last-Modified": formatdate(changed, usegmt=True),
        "Cache-Control": f"public, max-age={SECONDS_KEPT}",
    }
    kept |= api_promise.announced(where.resource, (name for name, _ in request.pairs))
    if made.status != 200:
        return Answer(made.status, {**kept, **made.headers})
    if unchanged(request.headers, tag, changed):
        return Answer(304, {**kept, "Link": made.headers.get("Link", "")})
    return Answer(200, {**kept, **made.headers}, made.body, made.write)


def _made(db: Any, request: Request, where: Place, word: str) -> Answer:
    return api_openapi.answer(db, request) if where.resource == DESCRIPTION else answer(db, request, where, word)


def _problem(fault: Exception, request: Request) -> Answer:
    """The refusal, or the fault, as the problem that machines read."""
    refused = fault if isinstance(fault, Refused) else Refused("fault")
    if refused is not fault:
        traceback.print_exception(fault, file=sys.stderr)
    told = problem_details.document(refused, request.base, request.url().removeprefix(request.site))
    headers = {"Content-Type": problem_details.TYPE, "Cache-Control": "no-store"}
    headers |= problem_details.later(refused.status)
    if refused.kind == "wrong-method":
        headers["Allow"] = METHODS
    text = json.dumps(told, ensure_ascii=False)
    return Answer(refused.status, headers, f"{text}\n".encode("utf-8", "replace"))


def _headers(found: Answer) -> dict[str, str]:
    """The headers of an answer, with those that all have."""
    headers = {**CORS, "Vary": "Accept, Accept-Language", "Content-Language": languages.current(), **found.headers}
    if found.write is None and found.status not in (204, 304):
        headers["Content-Length"] = str(len(found.body))
    return {name: value for name, value in headers.items() if value}
