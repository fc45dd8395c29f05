"""The page /api: it shows what the API has, and every example on it works as it is written."""

import csv
import io
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.request import urlopen

import pytest
from datasette.app import Datasette
from repositories import ROOT

from observatory import outputs
from observatory.api_page import DOORS, EXAMPLES, HERE
from observatory.api_promise import PROMISE
from observatory.api_resources import RESOURCES
from observatory.export import OWN_LICENCE
from observatory.problem_details import KINDS

FOLDER = ROOT / "docs" / "examples" / "api"
ADDRESS = re.compile(r"http://[^\s\"'<>]+")
NAMES = [name for name, _language, _title in EXAMPLES]


@pytest.fixture(scope="module")
async def page(site: Datasette) -> str:
    """The page, in French."""
    answer = await site.client.get("/api")
    assert answer.status_code == 200
    return str(answer.text)


async def test_the_page_shows_all_that_the_api_has(page: str) -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(NAMES)
    for name in RESOURCES:
        assert f'id="{name}"' in page
    for word in outputs.FORMATS:
        assert f"<code>.{word}</code>" in page
    for kind in KINDS:
        assert page.count(f'id="{kind}"') == 1
    assert page.count('<pre tabindex="0" class="copy"') == len(EXAMPLES)
    assert HERE not in page
    for word in ("douze mois", "Deprecation", "/donnees/territories/-/reconcile", "/-/mcp"):
        assert word in page


async def test_the_promise_and_the_status_are_said_as_they_are(site: Datasette, page: str) -> None:
    text = " ".join(unescape(re.sub(r"<[^>]+>", "", page)).replace("\u202f", " ").replace("\xa0", " ").split())
    described = (await site.client.get("/api/v1/openapi.json")).json()["info"]
    for promise in PROMISE:
        assert (
            promise.replace("\u202f", " ").replace("\xa0", " ") in text and f"- {promise}" in described["description"]
        )
    assert "/api/v2" in text and "status dit si une valeur est publiée, estimée, corrigée ou contestée" in text
    assert described["license"]["name"] == OWN_LICENCE and described["license"]["url"].startswith("https://")
    assert "les exemples en curl et en Python" in text and "que là où R est installé" in text


async def test_commands_of_a_dataset_ask_the_promised_addresses(site: Datasette) -> None:
    page = (await site.client.get("/jeux-de-donnees/couverture_fibre")).text
    section = page[page.index('<h2 id="api"') : page.index("</details>", page.index('<h2 id="api"'))]
    assert "/donnees/" not in section and 'href="/api"' in section
    asked = {unescape(url).removeprefix("http://localhost") for url in ADDRESS.findall(section)}
    assert len(asked) >= 3 and all(url.startswith("/api/v1/datasets/couverture_fibre/rows") for url in asked)
    for url in asked:
        assert (url, (await site.client.get(url)).status_code) == (url, 200)


async def test_only_doors_that_open_are_shown(site: Datasette, page: str) -> None:
    shown = [url for url, _title, _about in DOORS if f'<li><a href="{url}">' in page]
    assert {"/llms.txt", "/sitemap.xml"} <= set(shown)
    for url in shown:
        assert (await site.client.get(url)).status_code == 200


async def test_refusals_lead_to_their_anchor(site: Datasette, page: str) -> None:
    answer = await site.client.get("/api/v1/rien")
    anchor = answer.json()["type"].removeprefix("http://localhost/api#")
    assert f'<dt id="{anchor}">' in page


async def test_the_examples_of_the_page_ask_this_site(site: Datasette, page: str) -> None:
    shown = re.findall(r'<code lang="en">(.*?)</code></pre>', page, re.DOTALL)
    written = [(FOLDER / name).read_text(encoding="utf-8") for name in NAMES]
    assert [unescape(text) for text in shown] == [text.replace(HERE, "http://localhost") for text in written]
    for text in written:
        for url in ADDRESS.findall(text):
            answer = await site.client.get(url.removeprefix(HERE))
            assert (url, answer.status_code) == (url, 400 if "indicateur=" in url else 200)


@pytest.fixture
def run(server: str, tmp_path: Path) -> Callable[..., str]:
    """Run an example in an empty folder, against the server of the tests, and give what it prints."""

    def ran(name: str, *command: str) -> str:
        text = (FOLDER / name).read_text(encoding="utf-8").replace(HERE, server)
        (tmp_path / name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*command, name], cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={**os.environ, "no_proxy": "127.0.0.1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ran


@pytest.mark.skipif(not shutil.which("curl") and not os.environ.get("CI"), reason="curl is not installed")
def test_curl(run: Callable[..., str], tmp_path: Path) -> None:
    assert '"DEP-68"' in run("valeurs.sh", "sh")
    run("tout.sh", "sh")
    rows = list(csv.DictReader((tmp_path / "observations.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["ref_area"][:4] for row in rows} == {"DEP-"}
    run("nouveau.sh", "sh")
    first = (tmp_path / "scores.json").stat().st_mtime_ns
    run("nouveau.sh", "sh")
    assert (tmp_path / "scores.json").stat().st_mtime_ns == first  # 304: nothing was written again
    assert '"simulated": true' in run("simulation.sh", "sh")


def test_python(run: Callable[..., str]) -> None:
    assert len(run("pages.py", sys.executable).splitlines()) == 3
    assert "indicateur" in run("refus.py", sys.executable)


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed: its addresses are asked for all the same")
def test_r(run: Callable[..., str]) -> None:
    assert "obs_value" in run("valeurs.R", "Rscript")


@pytest.mark.parametrize("name", ["libreoffice.txt", "excel.txt"])
def test_a_spreadsheet_reads_a_french_file(server: str, name: str) -> None:
    (url,) = ADDRESS.findall((FOLDER / name).read_text(encoding="utf-8"))
    with urlopen(url.replace(HERE, server)) as answer:
        text = answer.read()
    assert text.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows
    assert all(re.fullmatch(r"-?\d+(,\d+)?", row["obs_value"]) for row in rows)


async def test_the_two_words_estimated_are_told_apart(site: Datasette, database: Path) -> None:
    with sqlite3.connect(database) as db:
        titles = {row[0] for row in db.execute("select title from columns where name = 'estimated'")}
        statuses = {row[0] for row in db.execute("select title from statuses")}
    assert titles and not titles & statuses
    page = (await site.client.get("/api")).text
    assert "<code>status=estimated</code>" in page and "<code>estimated=true</code>" in page
