"""Published editions on the site: pages, frozen bytes as they were published, addresses that lead on for ever."""

import gzip
import json
import re
import shutil
import sqlite3
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from repositories import SITE
from sites import portal

from observatory import problem_details, release_files, releases

SUMS = "/editions/2024.1.1/SHA256SUMS"


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def test_editions_are_listed_and_lead_to_their_pages(site: Datasette) -> None:
    page = (await site.client.get("/editions")).text
    assert page.index('href="/editions/2024.1.1"') < page.index('href="/editions/2024.1"')
    assert 'href="/methode/2024.1"' in page and "Première édition" in page
    for other in ("/plan-du-site", "/jeux-de-donnees/couverture_fibre"):
        html = (await site.client.get(other)).text
        assert 'href="/editions/2024.1.1' in html and 'href="/editions"' in html
    assert "http://localhost/en/editions/2024.1.1" in (await site.client.get("/sitemap-1.xml")).text


async def test_the_page_of_an_edition_tells_versions_changes_and_files(site: Datasette) -> None:
    text = plain((await site.client.get("/editions/2024.1.1")).text.partition("<main")[2])
    about = json.loads((SITE / "editions/2024.1.1/edition.json").read_text(encoding="utf-8"))
    for table in about["tables"]:
        assert f"{table['path']} {table['table_version']}" in text
    for one in ("20 juin 2025", "obs_value 60 → 61,5", "Colonnes dont le type a changé : agents", about["commit"]):
        assert one in text, one
    for file in about["files"]:
        assert f"{file['path']} " in text and file["sha256"][:12] in text
    english = plain((await site.client.get("/en/editions/2024.1.1")).text.partition("<main")[2])
    assert "Columns whose type changed: agents" in english and "Publiée" not in english


async def test_versions_are_rows_of_the_database(site: Datasette) -> None:
    versions = "select version, table_version from release_tables where name = 'couverture_fibre'"
    found = await site.get_database("donnees").execute(versions)
    assert [tuple(row) for row in found.rows] == [("2024.1", "1.0.0"), ("2024.1.1", "2.0.0")]
    found = await site.get_database("donnees").execute("select version, previous, sha256 from releases")
    pins = releases.pins(SITE)
    assert [tuple(row) for row in found.rows] == [
        ("2024.1", None, pins["2024.1"]),
        ("2024.1.1", "2024.1", pins["2024.1.1"]),
    ]


async def test_frozen_files_are_served_byte_for_byte(site: Datasette) -> None:
    sums = releases.Release(SITE / "editions/2024.1.1").sums
    kept = [path for path in sums if (SITE / "editions/2024.1.1" / path).is_file()]
    assert len(kept) == 13
    for path in [*kept, releases.SUMS]:
        answer = await site.client.get(f"/editions/2024.1.1/{path}")
        content = (SITE / "editions/2024.1.1" / path).read_bytes()
        assert answer.status_code == 200 and answer.content == content, path
        assert answer.headers["content-length"] == str(len(content))
        expected = sums.get(path, releases.pins(SITE)["2024.1.1"])
        assert answer.headers["etag"] == f'"{expected}"' and "immutable" in answer.headers["cache-control"]
    assert (await site.client.get(f"/en{SUMS}")).content == (SITE / SUMS[1:]).read_bytes()


async def test_what_is_known_is_not_sent_again_and_what_was_cut_goes_on(site: Datasette) -> None:
    whole = await site.client.get(SUMS)
    tag = whole.headers["etag"]
    known = await site.client.get(SUMS, headers={"If-None-Match": f'"x", {tag}'})
    assert (known.status_code, known.content) == (304, b"")
    head = await site.client.head(SUMS)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole.content)))
    size = len(whole.content)
    for asked, start, end in (("100-", 100, size), ("0-9", 0, 10), ("-5", size - 5, size), (f"0-{size * 9}", 0, size)):
        part = await site.client.get(SUMS, headers={"Range": f"bytes={asked}", "If-Range": tag})
        assert part.status_code == 206 and part.content == whole.content[start:end]
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
    past = await site.client.get(SUMS, headers={"Range": f"bytes={size}-"})
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{size}")
    for ignored in ({"Range": "bytes=0-9", "If-Range": '"autre"'}, {"Range": "lignes=1-2"}, {"Range": "bytes=0-1,4-5"}):
        assert (await site.client.get(SUMS, headers=ignored)).content == whole.content


@pytest.mark.parametrize(
    ("url", "kind", "told"),
    [
        ("/editions/1999.1/observations.parquet", "unknown-version", "2024.1.1"),
        ("/editions/2024.1%27/edition.json", "unknown-version", "2024.1.1"),
        ("/editions/2024.1.1/rien.csv", "unknown-file", "scores.csv"),
        ("/editions/2024.1.1/../published.txt", "unknown-file", ""),
        ("/editions/2024.1.1/%2e%2e/published.txt", "unknown-file", ""),
        ("/editions/2024.1.1//etc/passwd", "unknown-file", ""),
        ("/editions/2024.1.1/tables", "unknown-file", "tables/initiatives.parquet"),
        ("/editions/2024.1.1/observatoire.zip", "file-elsewhere", ""),
    ],
)
async def test_what_cannot_be_served_is_a_problem(site: Datasette, url: str, kind: str, told: str) -> None:
    answer = await site.client.get(url)
    assert answer.headers["content-type"] == problem_details.TYPE and answer.status_code == 404
    problem = answer.json()
    walked = answer.url.path == "/editions/published.txt"  # the client walked up before it asked
    assert problem["type"].endswith("/api#unknown-resource" if walked else f"/api#{kind}")
    assert told in json.dumps(problem.get("possible", []), ensure_ascii=False)


async def test_a_heavy_file_that_is_elsewhere_has_its_sum_told(site: Datasette) -> None:
    sums = releases.Release(SITE / "editions/2024.1.1").sums
    problem = (await site.client.get("/editions/2024.1.1/observatoire.zip")).json()
    assert sums["observatoire.zip"] in problem["detail"] and "Ce serveur ne garde pas" in problem["detail"]
    english = (await site.client.get("/en/editions/2024.1.1/observatoire.zip")).json()
    assert english["title"] == "File kept elsewhere" and sums["observatoire.zip"] in english["detail"]


async def test_without_an_edition_the_unknown_one_is_told_in_a_sentence(database: Path, tmp_path: Path) -> None:
    shutil.copy(database, tmp_path / "donnees.db")
    bare = portal(tmp_path / "donnees.db", None)
    await bare.invoke_startup()
    page = await bare.client.get("/editions/2024.1")
    assert page.status_code == 404 and "Aucune édition n’est encore publiée" in plain(page.text)
    assert "Celles qui existent" not in page.text


async def test_an_unknown_edition_has_the_french_page(site: Datasette) -> None:
    for url in ("/editions/1999.1", "/editions/2024.1%27--", "/editions/published.txt"):
        page = await site.client.get(url, follow_redirects=True)
        assert page.status_code == 404 and "Celles qui existent : 2024.1.1, 2024.1." in plain(page.text)


def test_a_file_that_is_no_longer_the_published_one_is_not_served(tmp_path: Path) -> None:
    shutil.copytree(SITE / "editions", tmp_path / "editions")
    assert release_files.find(tmp_path, "2024.1", "methode.yml").size
    (tmp_path / "editions/2024.1/methode.yml").write_text("autre", encoding="utf-8")
    with pytest.raises(problem_details.Refused) as refused:
        release_files.find(tmp_path, "2024.1", "methode.yml")
    assert refused.value.kind == "file-elsewhere"


async def test_a_site_without_an_edition_says_so(database: Path, tmp_path: Path) -> None:
    shutil.copy(database, tmp_path / "donnees.db")
    bare = portal(tmp_path / "donnees.db", None)
    await bare.invoke_startup()
    page = await bare.client.get("/editions")
    assert page.status_code == 200 and "Aucune édition n’est encore publiée" in plain(page.text)


async def test_an_indicator_that_is_removed_is_noticed(database: Path, tmp_path: Path) -> None:
    shutil.copytree(database.parent, tmp_path / "site")
    with sqlite3.connect(tmp_path / "site" / "donnees.db") as db:
        db.execute("delete from indicators where code = 'couverture-fibre'")
    db.close()
    bare = portal(tmp_path / "site" / "donnees.db", None)
    await bare.invoke_startup()
    urls = gzip.decompress((SITE / f"editions/2024.1/{releases.URLS}").read_bytes()).decode().split()
    mine = [url for url in urls if "couverture-fibre" in url and "indicateurs" in url]
    dead = [url for url in mine if (await bare.client.get(url, follow_redirects=True)).status_code != 200]
    assert mine and dead == mine
