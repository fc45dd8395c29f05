"""Files sent while they are written: whole, in order, without more memory than a few chunks, and only while read."""

import asyncio
import threading
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from datasette.app import Datasette

from observatory import images, streams
from observatory.problem_details import Refused
from observatory.selections import Selection, reader


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
        with pytest.raises(Refused, match="busy"):
            await anext(streams.chunks(write))
        await asyncio.gather(*(reading.aclose() for reading in readings))


def endless(target: BinaryIO) -> None:
    while True:
        target.write(b"x" * streams.CHUNK)


async def test_a_reader_who_leaves_gives_the_place_back() -> None:
    left, sent = asyncio.Event(), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)
        if len(sent) == 3:
            left.set()
        await asyncio.to_thread(len, b"")  # other work goes on, as with any connection

    parts = await streams.begun(streams.chunks(endless), receive)
    await asyncio.wait_for(streams.sent(200, {}, parts, receive, send), 20)
    assert sent[-1]["more_body"], "the file ended as if it were whole"
    await all_places_are_free()


async def test_a_reader_who_leaves_before_the_first_row_stops_the_work_of_the_database(database: Path) -> None:
    began = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n where i < 0"

    def write(target: BinaryIO) -> None:
        loop.call_soon_threadsafe(began.set)
        list(Selection(reader(database), numbers).rows())

    async def receive() -> dict[str, Any]:
        await began.wait()
        return {"type": "http.disconnect"}

    assert (await asyncio.wait_for(streams.begun(streams.chunks(write), receive), 20))[0] == b""
    await all_places_are_free()


async def test_a_reader_who_takes_nothing_more_holds_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SECONDS", 0)
    readings = [streams.chunks(endless) for _ in range(streams.MOST)]
    await asyncio.gather(*map(anext, readings))
    await all_places_are_free()
    with pytest.raises(streams.Gone):
        _rest = [chunk async for chunk in readings[0]]
    await asyncio.gather(*(reading.aclose() for reading in readings))


async def test_a_connection_that_stalls_is_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SECONDS", 0)

    async def never(*_given: Any) -> Any:
        await asyncio.Event().wait()

    parts = await streams.begun(streams.chunks(endless), never)
    with pytest.raises(streams.Gone):
        await asyncio.wait_for(streams.sent(200, {}, parts, never, never), 20)


async def all_places_are_free() -> None:
    """Wait until every thread that writes files is there at once, then begin as many files as there are places."""
    together = threading.Barrier(streams.MOST)
    loop = asyncio.get_running_loop()
    waiting = [loop.run_in_executor(streams._writers, together.wait, 20) for _ in range(streams.MOST)]
    await asyncio.gather(*waiting)
    readings = [streams.chunks(lambda target: None) for _ in range(streams.MOST)]
    assert await asyncio.gather(*(anext(reading, b"") for reading in readings)) == [b""] * streams.MOST


@pytest.mark.parametrize("address", ["/donnees/domains.csv", "/donnees/domains.parquet", "/api/v1/domains.csv"])
async def test_every_door_says_when_all_places_are_taken(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(streams, "MOST", 0)
    await is_busy(site, address)


@pytest.mark.parametrize("word", ["csv", "json"])
async def test_tables_of_pages_are_taken_in_turn(site: Datasette, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setattr(images, "MOST_WAITING", 0)
    await is_busy(site, f"/tableaux.{word}?page=/territoires&tableau=x")


async def is_busy(site: Datasette, address: str) -> None:
    refused = await site.client.get(address)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"].endswith("/api#busy") and "Corrigez" not in refused.text
    page = await site.client.get(address, headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.headers["retry-after"]) == (503, "60")
    assert "nouveau dans une minute." in page.text
