"""Every page in both languages: nothing French is left in English, nothing English in French."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from typing import Any

import pytest
import yaml
from datasette.app import Datasette
from repositories import ROOT
from sites import DATASETTE, DEMONSTRATED, DEMONSTRATED_VARIANTS, PAGES, VARIANTS, build_site, portal

from observatory.languages import catalogue

URLS = [*PAGES.values(), *VARIANTS, *DATASETTE]
# What a page quotes rather than says: code, what someone typed, the other language marked as such.
QUOTED = re.compile(
    r"<(code|script|style|pre|textarea|option|del|ins)\b.*?</\1>|<(\w+)[^>]*\slang=\"(?:fr|en)\".*?</\2>", re.S
)


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    datasette = portal(build_site(tmp_path_factory.mktemp("languages") / "site"))
    await datasette.invoke_startup()
    return datasette


@cache
def invented() -> list[str]:
    """The texts of the tiny repository, which are in no catalogue, longest first."""
    texts = set()
    for path in (ROOT / "tests" / "fixtures" / "site").rglob("*.y*ml"):
        texts |= {text for text in walked(yaml.safe_load(path.read_text("utf-8"))) if len(text.split()) > 2}
    return sorted(texts, key=len, reverse=True)


def walked(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from walked(inner)


def said(html: str) -> str:
    """The words of a page, those of its labels included, without what it quotes nor the texts of the tiny site."""
    body = html.split("<body", 1)[1]
    labels = " ".join(re.findall(r'(?:aria-label|placeholder|title|data-label|alt)="([^"]*)"', body))
    text = re.sub(r"<[^>]+>", " ", QUOTED.sub(" ", body.replace('<html lang="en">', "")))
    words = re.sub(r"\s+", " ", unescape(f"{text} {labels}").replace("’", "'"))
    for text in invented():
        words = words.replace(re.sub(r"\s+", " ", text.replace("’", "'")), " ")
    return words


def plain(message: str) -> str:
    bare = unescape(re.sub(r"<[^>]+>", "", message)).replace("’", "'").replace("%%", "%")
    return re.sub(r"\s+", " ", bare).strip()


@cache
def sentences(side: int) -> dict[str, str]:
    """French (0) or English (1) texts of three words or more that the other language says otherwise, each with it."""
    found = {}
    for (_, french), english in catalogue().items():
        pair = plain(french), plain(english if isinstance(english, str) else english[0])
        if pair[0] not in pair[1] and len(pair[side].split()) >= 3 and not re.search(r"%\(|\{", pair[side]):
            found[pair[side]] = pair[1 - side]
    return found


def foreign(text: str, side: int) -> list[str]:
    return [s for s in sentences(side) if s in text and re.search(rf"(?<!\w){re.escape(s)}(?!\w)", text)]


@pytest.mark.parametrize("url", URLS)
async def test_no_french_is_left_in_english(site: Datasette, url: str) -> None:
    page = await site.client.get(f"/en{url}")
    assert page.status_code == 200 and '<html lang="en">' in page.text
    # The rows of the database are as they are, the labels of their keys included.
    rows = re.sub(r"<tbody>.*?</tbody>", " ", page.text, flags=re.S) if url.startswith("/donnees") else page.text
    text = said(rows)
    assert foreign(text, 0) == []


@pytest.mark.parametrize("url", URLS)
async def test_no_english_is_left_in_french(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    assert foreign(said(page.text), 1) == []


OF_REGISTERS = [*DEMONSTRATED.values(), *DEMONSTRATED_VARIANTS]


@pytest.mark.parametrize("url", OF_REGISTERS)
async def test_no_french_is_left_in_english_pages_of_registers(registers: Datasette, url: str) -> None:
    page = await registers.client.get(f"/en{url}")
    assert page.status_code == 200 and '<html lang="en">' in page.text
    assert foreign(said(page.text), 0) == []


@pytest.mark.parametrize("url", OF_REGISTERS)
async def test_no_english_is_left_in_french_pages_of_registers(registers: Datasette, url: str) -> None:
    assert foreign(said((await registers.client.get(url)).text), 1) == []
