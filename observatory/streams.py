"""Files sent while they are written: a thread writes, the connection reads, neither goes further than the other."""

import asyncio
import io
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, BinaryIO, cast

from observatory.images import Busy

CHUNK = 1024 * 1024  # bytes that are sent at once
AHEAD = 2  # chunks that may wait for a slow reader
MOST, SECONDS = 8, 900  # files being written at once, and how long one may take, with the slowest of readers

_writers = ThreadPoolExecutor(MOST, thread_name_prefix="streams")
_held = 0


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


async def chunks(write: Callable[[BinaryIO], None]) -> AsyncGenerator[bytes, None]:
    """What `write` writes, as it writes it, in at most MOST × AHEAD × CHUNK bytes of memory for all readers.

    `Busy` when MOST files are being written already; the exception of `write`, after what came before it.
    """
    global _held
    if _held >= MOST:
        raise Busy
    _held += 1
    loop, ready, gone = asyncio.get_running_loop(), asyncio.Queue[bytes | None](AHEAD), False
    end = time.monotonic() + SECONDS

    def put(chunk: bytes | None) -> None:
        asyncio.run_coroutine_threadsafe(ready.put(chunk), loop).result()
        if chunk is not None and (gone or time.monotonic() > end):
            raise Gone

    def run() -> None:
        pipe = _Pipe(put)
        try:
            write(cast(BinaryIO, pipe))
            pipe.push()
        finally:
            put(None)

    writing = loop.run_in_executor(_writers, copy_context().run, run)
    try:
        while (chunk := await ready.get()) is not None:
            yield chunk
        await writing
    finally:
        gone, _held = True, _held - 1
        while not writing.done():
            with suppress(asyncio.QueueEmpty):
                ready.get_nowait()
            await asyncio.sleep(0.01)
        if not writing.cancelled():
            writing.exception()


async def begun(parts: AsyncGenerator[bytes, None]) -> tuple[bytes, AsyncGenerator[bytes, None]]:
    """The first part, and the others: what fails at once fails here, where it can still be said."""
    return await anext(parts, b""), parts


async def sent(
    headers: Mapping[str, str],
    parts: tuple[bytes, AsyncGenerator[bytes, None]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Send what has begun as an answer of status 200, while it is written.

    A fault breaks the transfer off, so that nobody takes what came for the whole.
    """
    first, others = parts
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    try:
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for part in others:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        await others.aclose()


async def copied(
    status: int,
    headers: Mapping[str, str],
    parts: Callable[[], Iterator[bytes]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Send the parts of a file that is already there."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    reading = parts()
    while part := await asyncio.to_thread(next, reading, b""):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
