"""Images are made beside the server: two at a time, some waiting, none holding up the pages."""

import asyncio
import threading

import pytest
from datasette.app import Datasette

from observatory import images
from observatory.problem_details import Refused

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="900">{}</svg>'
MANY = "".join(f'<circle cx="{n % 997}" cy="{n % 883}" r="{n % 40}" opacity=".3"/>' for n in range(6000))


async def test_two_files_are_made_at_once_and_no_more() -> None:
    going, most, door = 0, 0, threading.Event()
    lock = threading.Lock()

    def work(number: int) -> int:
        nonlocal going, most
        with lock:
            going += 1
            most = max(most, going)
            if going == images.AT_ONCE:
                door.set()
        assert door.wait(10)
        with lock:
            going -= 1
        return number

    assert await asyncio.gather(*(images.aside(work, n) for n in range(6))) == list(range(6))
    assert most == images.AT_ONCE == 2


async def test_pages_are_answered_while_an_image_is_made() -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.005)

    heart = asyncio.create_task(beat())
    made = await images.aside(images.png, SVG.format(1200, MANY))
    heart.cancel()
    assert made.startswith(b"\x89PNG") and beats > 10, "the loop was held while the image was made"


async def test_beyond_two_dozen_the_visitor_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    door = threading.Event()
    going = [asyncio.create_task(images.aside(door.wait, 10)) for _ in range(images.MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Refused, match="busy"):
        await images.aside(door.wait, 10)
    door.set()
    assert all(await asyncio.gather(*going))
    assert await images.aside(lambda: "again") == "again"


async def test_too_many_images_is_a_page_in_french(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_WAITING", 0)
    for url in ("/graphiques/scores-departement.png", "/graphiques/carte-index-dep.png"):
        answer = await site.client.get(url)
        assert answer.status_code == 503 and "Trop d’images sont demandées en ce moment" in answer.text


def test_what_is_not_a_drawing_fails_and_is_not_kept() -> None:
    for _ in range(2):
        with pytest.raises(Exception, match="returned non-zero exit status"):
            images.png("<svg")
    assert images.png(SVG.format(1200, "")) is images.png(SVG.format(1200, ""))
