"""Files sent while they are written: a thread writes, the connection reads, neither goes further than the other.

A place is held by the thread that writes, no longer: it ends when its reader leaves or takes nothing more.
"""

import asyncio
import io
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import Any, BinaryIO, TypeVar, cast

from observatory.fixed_files import Answer, File
from observatory.languages import gettext as _
from observatory.problem_details import Refused

CHUNK = 1024 * 1024  # bytes that are sent at once
AHEAD = 2  # chunks that may wait for a slow reader
MOST, SECONDS = 8, 900  # files being written at once, and how long one may take, with the slowest of readers

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]
T = TypeVar("T")

_writers = ThreadPoolExecutor(MOST, thread_name_prefix="streams")
_held = 0
_gone: ContextVar[threading.Event | None] = ContextVar("gone", default=None)


class Gone(Exception):
    """The reader has left, or the file takes too long: there is no use in writing on."""


class _Pipe(io.RawIOBase):
    """What a writer takes for a file that it cannot seek in."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self.put, self.waiting, self.position = put, bytearray(), 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self.waiting += data
        self.position += len(data)
        if len(self.waiting) >= CHUNK:
            self.push()
        return len(data)

    def push(self) -> None:
        """Hand over what is written so far."""
        chunk, self.waiting = bytes(self.waiting), bytearray()
        if chunk:
            self.put(chunk)


def unread() -> bool:
    """Whether what this thread writes has no reader any more: long work looks at it between two steps."""
    gone = _gone.get()
    return gone is not None and gone.is_set()


class _Way:
    """From the thread of a writer to its reader: at most AHEAD chunks are on it; None says that it is the end."""

    def __init__(self) -> None:
        self.loop, self.ready = asyncio.get_running_loop(), asyncio.Queue[bytes | None]()
        self.room, self.gone = threading.Semaphore(AHEAD), threading.Event()
        self.end = time.monotonic() + SECONDS

    def put(self, chunk: bytes) -> None:
        """Of the writer: wait for room; `Gone` when none comes in time, or nobody reads."""
        if not self.room.acquire(timeout=max(0.0, self.end - time.monotonic())) or self.gone.is_set():
            self.gone.set()
            raise Gone
        self.loop.call_soon_threadsafe(self.ready.put_nowait, chunk)

    def run(self, write: Callable[[BinaryIO], None]) -> None:
        """Of the writer: all its work."""
        _gone.set(self.gone)
        pipe = _Pipe(self.put)
        try:
            write(cast(BinaryIO, pipe))
            pipe.push()
        finally:
            self.loop.call_soon_threadsafe(self.ready.put_nowait, None)

    async def take(self) -> bytes | None:
        """Of the reader: the next chunk."""
        chunk = await self.ready.get()
        self.room.release()
        return chunk

    def leave(self) -> None:
        """Of the reader: a writer that waits for room learns that it is alone."""
        self.gone.set()
        self.room.release()


async def chunks(write: Callable[[BinaryIO], None]) -> AsyncGenerator[bytes, None]:
    """What `write` writes, as it writes it, in at most MOST × AHEAD × CHUNK bytes of memory for all readers.

    Refused("busy") when MOST files are being written already; the exception of `write`, after what came before it;
    `Gone` after SECONDS.
    """
    global _held
    if _held >= MOST:
        raise Refused("busy", detail=_("Trop de fichiers sont demandés en ce moment."))
    _held += 1
    way = _Way()
    writing = way.loop.run_in_executor(_writers, copy_context().run, way.run, write)
    writing.add_done_callback(_given_back)
    try:
        while (chunk := await way.take()) is not None:
            yield chunk
        await asyncio.wait([writing])
        writing.result()
    finally:
        way.leave()
        await asyncio.wait([writing])


def _given_back(writing: asyncio.Future[None]) -> None:
    global _held
    _held -= 1
    writing.exception()  # said to the reader, if there is one


async def begun(parts: AsyncGenerator[bytes, None], receive: Receive) -> tuple[bytes, AsyncGenerator[bytes, None]]:
    """The first part, and the others: what fails at once fails here, where it can still be said.

    Nothing at all when the reader leaves before the first part is there.
    """

    async def first() -> bytes:
        return await anext(parts, b"")

    try:
        return await read_by(receive, first()) or b"", parts
    except BaseException:
        await parts.aclose()
        raise


async def sent(
    status: int,
    headers: Mapping[str, str],
    parts: tuple[bytes, AsyncGenerator[bytes, None]],
    receive: Receive,
    send: Send,
) -> None:
    """Send what has begun, while it is written and as long as it is read.

    A fault breaks the transfer off, so that nobody takes what came for the whole; so does a reader who takes more
    than SECONDS, with `Gone`.
    """
    first, others = parts

    async def whole() -> None:
        await start(status, headers, send)
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for part in others:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    try:
        await read_by(receive, whole(), SECONDS)
    finally:
        await others.aclose()


async def copied(file: File, answer: Answer, receive: Receive, send: Send) -> None:
    """Send what the answer takes of a file that is already there, as long as it is read."""

    async def whole() -> None:
        await start(answer.status, {**answer.headers, "Content-Type": file.type}, send)
        reading = file.part(answer.start, answer.end)
        while part := await asyncio.to_thread(next, reading, b""):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    await read_by(receive, whole())


async def read_by(receive: Receive, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T | None:
    """What the work returns; None when the reader leaves meanwhile; `Gone` when it takes more than that time."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait([working, leaving], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        if leaving.done():
            return None
        raise Gone
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait([working, leaving])


async def start(status: int, headers: Mapping[str, str], send: Send) -> None:
    """Send the status and the headers of an answer."""
    raw = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
