"""Files of an export sent as they are: only those that it lists, whole or by ranges, in the place of the same rows."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette
from repositories import ROOT
from sites import portal

from observatory import bulk, prebuilt


@pytest.fixture(scope="module")
def folder(database: Path) -> Path:
    target = database.parent / "build"
    for _file in bulk.publish(database.parent, database, target):
        pass
    return target


@pytest.fixture(scope="module")
async def site(database: Path, folder: Path) -> Datasette:
    assert folder.is_dir()
    opened = portal(database)
    await opened.invoke_startup()
    return opened


async def test_files_are_sent_as_they_were_written(site: Datasette, folder: Path) -> None:
    page = (await site.client.get("/telechargements")).text
    for name, file in prebuilt.files(folder).items():
        assert name in page.replace("%3D", "=")
        answer = await site.client.get(f"/telechargements/{name}")
        assert hashlib.sha256(answer.content).hexdigest() == file.sha256 and int(answer.headers["content-length"])
        assert answer.headers["etag"] == f'"{file.sha256}"' and answer.headers["content-type"] == file.type


async def test_a_table_of_the_export_says_its_licence_wherever_it_is_asked(site: Datasette) -> None:
    for name, licence in (
        ("scores", "licence-ouverte"),
        ("initiatives", "odbl"),
        ("couverture_fibre", "licence-ouverte"),
    ):
        for address in (f"/telechargements/{name}.csv", f"/donnees/{name}.csv"):
            answer = await site.client.get(address)
            assert address.startswith("/tele") or answer.headers["x-prebuilt"] == f"{name}.csv"
            licences = [one for one in answer.headers["link"].split(", ") if one.endswith('rel="license"')]
            assert licences and all(licence in one for one in licences), address
            assert 'datapackage.json>; rel="describedby"' in answer.headers["link"]


async def test_ranges_and_what_is_known(site: Datasette, folder: Path) -> None:
    whole, address = (folder / "scores.csv").read_bytes(), "/telechargements/scores.csv"

    async def part(asked: str) -> httpx.Response:
        return await site.client.get(address, headers={"Range": asked.encode("latin-1")})

    for asked, expected in (("bytes=0-9", whole[:10]), ("bytes=-5", whole[-5:]), ("bytes=100-", whole[100:])):
        answer = await part(asked)
        assert (answer.status_code, answer.content) == (206, expected)
    for asked in ("bytes=9-1", "lines=1-2", "bytes=1-2,5-6", "bytes=-", "bytes=\u00b2-"):
        assert ((answer := await part(asked)).status_code, answer.content) == (200, whole)
    for asked in (f"bytes={len(whole)}-", "bytes=-0"):
        past = await part(asked)
        assert (past.status_code, past.content, past.headers["content-range"]) == (416, b"", f"bytes */{len(whole)}")
    head = await site.client.head(address, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole)))
    for known in ("*", f'"x", W/{answer.headers["etag"]}'):
        assert (await site.client.get(address, headers={"If-None-Match": known})).status_code == 304
    known = {"If-None-Match": answer.headers["etag"]}
    assert (await site.client.get(address, headers=known)).status_code == 304


@pytest.mark.parametrize(
    "name", ["..%2fdonnees.db", "%2e%2e%2fdonnees.db", "/etc/passwd", "absent.csv", "jeux-de-donnees"]
)
async def test_nothing_else_is_sent(site: Datasette, name: str) -> None:
    assert (await site.client.get(f"/telechargements/{name}", follow_redirects=True)).status_code == 404


async def test_a_list_that_points_elsewhere_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / bulk.SUMS).write_text(f"{'0' * 64}  ../secret\n")
    assert list(prebuilt.files(tmp_path / "build")) == [bulk.SUMS]


async def test_whole_tables_are_those_files_and_the_same_rows(
    site: Datasette, database: Path, folder: Path, tmp_path: Path
) -> None:
    bare = portal(database)
    bare._metadata_local["plugins"]["bulk"] = {"folder": str(tmp_path)}
    await bare.invoke_startup()
    for path in sorted(folder.glob("*.csv")):
        address = f"/donnees/{path.stem}.csv"
        sent, made = await site.client.get(address), await bare.client.get(address + "?_size=max")
        assert "x-prebuilt" not in made.headers
        if "x-prebuilt" in sent.headers:
            assert sent.content == path.read_bytes() == made.content, path.name
        else:
            assert sent.text.startswith("rowid,"), path.name
    filtered = await site.client.get("/donnees/observations.csv?ref_area=DEP-68")
    assert "x-prebuilt" not in filtered.headers


DATASETS = ["couverture_fibre", "eligibilite_fixe", "france_services", "initiatives"]


@pytest.fixture(scope="module")
async def bare(database: Path) -> Datasette:
    """The same portal without an export."""
    opened = portal(database)
    opened._metadata_local["plugins"]["bulk"] = {"folder": str(database.parent / "nothing")}
    await opened.invoke_startup()
    return opened


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("prefix", ["", "/en"])
async def test_the_rows_of_a_dataset_by_the_api_are_that_file(
    site: Datasette, bare: Datasette, folder: Path, name: str, prefix: str
) -> None:
    address = f"{prefix}/api/v1/datasets/{name}/rows"
    sent, made = await site.client.get(f"{address}.csv"), await bare.client.get(f"{address}.csv")
    assert sent.headers["x-prebuilt"] == f"{name}.csv" and "x-prebuilt" not in made.headers
    assert sent.content == made.content == (folder / f"{name}.csv").read_bytes()
    told = ("etag", "link", "content-type", "content-disposition", "access-control-allow-origin")
    assert [sent.headers[one] for one in told] == [made.headers[one] for one in told]
    for other in (f"{address}.csv?size=2", f"{address}.ndjson", f"{prefix}/api/v1/datasets.csv"):
        assert "x-prebuilt" not in (await site.client.get(other)).headers


async def test_files_that_hold_something_else_are_written_when_asked_for(site: Datasette, folder: Path) -> None:
    """Parquet is cut by indicator and says no licence, SQLite is the whole base, JSON is not by pages."""
    assert not {"observations.parquet", "observations.sqlite"} & set(prebuilt.files(folder))
    for word in ("json", "ndjson", "parquet", "sqlite", "xlsx"):
        answer = await site.client.get(f"/donnees/observations.{word}")
        assert answer.status_code == 200 and "x-prebuilt" not in answer.headers
    pages = (await site.client.get("/donnees/observations.json")).content
    assert pages != (folder / "observations.json").read_bytes()


async def test_the_file_of_another_database_is_not_sent(folder: Path) -> None:
    sha256 = prebuilt.files(folder)["observatoire.sqlite"].sha256
    assert prebuilt.table(folder, "scores", "csv", sha256)
    assert not prebuilt.table(folder, "scores", "csv", "0" * 64) and not prebuilt.table(folder, "scores", "csv", None)


async def test_without_an_export_the_page_says_so(database: Path, tmp_path: Path) -> None:
    bare = portal(database)
    bare._metadata_local["plugins"]["bulk"] = {"folder": str(tmp_path)}
    await bare.invoke_startup()
    assert "make export" in (await bare.client.get("/telechargements")).text


def test_a_killed_export_leaves_whole_files_only(database: Path, folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(ROOT / "scripts" / "export.py"),
        "--database",
        str(database),
        "--target",
        str(tmp_path),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as running:
        assert running.stderr
        for _line in range(4):
            running.stderr.readline()
        running.send_signal(signal.SIGKILL)
    assert not (tmp_path / bulk.SUMS).exists() and "n’a pas été mené" in bulk.verify(tmp_path)[0]
    left = [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.endswith(".part")]
    assert left
    for path in left:
        if path.suffix == ".csv":
            assert path.read_bytes() == (folder / path.relative_to(tmp_path)).read_bytes(), path.name
