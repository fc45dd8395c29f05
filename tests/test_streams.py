"""Files sent while they are written: whole, in order, without more memory than a few chunks, and only while read."""

import asyncio
from typing import BinaryIO

import pytest

from observatory import streams
from observatory.images import Busy


async def test_what_is_written_is_sent_whole_and_in_order() -> None:
    def write(target: BinaryIO) -> None:
        for number in range(800_000):
            target.write(f"{number}\n".encode())

    sent = [chunk async for chunk in streams.chunks(write)]
    assert b"".join(sent) == b"".join(f"{number}\n".encode() for number in range(800_000))
    assert len(sent) > 3 and max(map(len, sent)) <= streams.CHUNK + 10


async def test_writer_waits_for_its_reader() -> None:
    written = 0

    def write(target: BinaryIO) -> None:
        nonlocal written
        for _ in range(100):
            target.write(b"x" * streams.CHUNK)
            written += 1

    reading = streams.chunks(write)
    await anext(reading)
    assert written <= streams.AHEAD + 3
    await reading.aclose()
    assert written < 20


async def test_fault_comes_after_what_came_before() -> None:
    def write(target: BinaryIO) -> None:
        target.write(b"x" * streams.CHUNK)
        raise ValueError("disk")

    reading = streams.chunks(write)
    assert len(await anext(reading)) == streams.CHUNK
    with pytest.raises(ValueError, match="disk"):
        await anext(reading)


async def test_too_many_at_once_are_refused_and_places_are_given_back() -> None:
    def write(target: BinaryIO) -> None:
        for _ in range(100):
            target.write(b"x" * streams.CHUNK)

    for _ in range(2):
        readings = [streams.chunks(write) for _ in range(streams.MOST)]
        await asyncio.gather(*map(anext, readings))
        with pytest.raises(Busy):
            await anext(streams.chunks(write))
        await asyncio.gather(*(reading.aclose() for reading in readings))
