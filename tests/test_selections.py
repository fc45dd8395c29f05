"""Tables, views and queries taken whole: the rows of the page without its limit, in constant memory, never cut."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import openpyxl
import pyarrow.parquet as pq
import pytest
from datasette.app import Datasette
from sites import portal

from observatory import outputs, page_tables, selections
from observatory.problem_details import Refused
from observatory.selections import Selection, download, reader


@pytest.fixture(scope="module")
async def small(database: Path) -> Datasette:
    """The portal, whose pages hold very few rows."""
    opened = portal(database)
    opened._settings["max_returned_rows"] = opened.max_returned_rows = 3
    opened._settings["default_page_size"] = opened.page_size = 2
    await opened.invoke_startup()
    return opened


def of(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(sql).fetchall()


def csv_rows(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text, newline="")))


def as_text(rows: list[tuple[Any, ...]]) -> list[list[str]]:
    return [["" if value is None else str(value) for value in row] for row in rows]


async def test_a_table_is_given_whole_in_its_order_whatever_the_page(small: Datasette, database: Path) -> None:
    where = "ref_area = 'DEP-68'"
    rows = of(database, f"select * from observations where {where} order by obs_value desc")
    assert len(rows) > 3
    address = "/donnees/observations.{}?ref_area=DEP-68&_sort_desc=obs_value{}"
    following = (await small.client.get(address.format("json", "&_size=1"))).json()["next"]
    for more in ("", "&_size=max", f"&_size=1&_next={following}", "&_stream=on"):
        assert csv_rows(await small.client.get(address.format("csv", more)))[1:] == as_text(rows), more
    for more in ("", "&_size=1"):
        found = pq.read_table(io.BytesIO((await small.client.get(address.format("parquet", more))).content))
        assert [tuple(row.values()) for row in found.to_pylist()] == rows
    book = openpyxl.load_workbook(io.BytesIO((await small.client.get(address.format("xlsx", ""))).content))
    assert book.worksheets[0].max_row == len(rows) + 1
    second = (await small.client.get("/donnees/observations.json?_size=1")).json()["next"]
    again = await small.client.get(f"/donnees/observations.ndjson?_size=1&_next={second}")
    assert len(again.text.splitlines()) == of(database, "select count(*) from observations")[0][0]


async def test_views_and_queries_are_given_whole(small: Datasette, database: Path) -> None:
    view = csv_rows(await small.client.get("/donnees/territory_values.csv?ref_area=DEP-68"))[1:]
    assert view == as_text(of(database, "select * from territory_values where ref_area = 'DEP-68'"))
    sql = "select ref_area, obs_value from observations order by 1, 2 limit 50; "
    free = await small.client.get("/donnees.csv", params={"sql": sql})
    assert csv_rows(free)[1:] == as_text(of(database, sql)) and "cells=" in free.headers["x-limits"]
    canned = await small.client.get("/donnees/reproduire_un_score.ndjson?ref_area=DEP-68")
    page = (await small.client.get("/donnees/reproduire_un_score.json?ref_area=DEP-68&_shape=array")).json()
    lines = [json.loads(line) for line in canned.text.splitlines()]
    assert lines[: len(page)] == page and len(lines) >= len(page) and "x-limits" not in canned.headers


async def test_options_of_datasette_are_kept(small: Datasette) -> None:
    headless = csv_rows(await small.client.get("/donnees/observations.csv?_header=off"))
    assert headless == csv_rows(await small.client.get("/donnees/observations.csv?_dl=1"))[1:]
    named = csv_rows(await small.client.get("/donnees/observations.csv?_labels=on&ref_area=DEP-68"))
    assert named[0][0:2] == ["ref_area", "ref_area_label"] and named[1][0:2] == ["DEP-68", "Haut-Rhin"]
    one = csv_rows(await small.client.get("/donnees/territories/DEP-68.csv"))
    assert len(one) == 2 and "Haut-Rhin" in one[1]


async def test_files_say_their_licence_and_what_they_are(small: Datasette) -> None:
    address = "/donnees/observations.csv?ref_area=DEP-68"
    first = await small.client.get(address)
    assert 'rel="license"' in first.headers["link"] and "last-modified" in first.headers
    assert first.headers["content-disposition"] == 'attachment; filename="observations-DEP-68.csv"'
    known = {"If-None-Match": first.headers["etag"]}
    assert (await small.client.get(address, headers=known)).status_code == 304
    assert (await small.client.get(address + "&obs_status=A", headers=known)).status_code == 200
    head = await small.client.head(address)
    assert head.headers["etag"] == first.headers["etag"] and not head.content


@pytest.mark.parametrize(
    ("address", "described"),
    [
        ("/donnees/observations.csv?ref_area=DEP-68", "/api/v1/datasets/couverture_fibre"),
        ("/donnees/couverture_fibre.ndjson?ref_area=DEP-68", "/api/v1/datasets/couverture_fibre"),
        ("/donnees.csv?sql=select+1+as+a,+2+as+a", "/api/v1/datasets"),
        ("/classements/departement.csv", "/api/v1/datasets"),
        ("/comparer.csv?t=DEP-68&t=DEP-85", "/api/v1/datasets/couverture_fibre"),
        ("/comparer.xlsx?t=DEP-68&t=DEP-85", "/api/v1/datasets/couverture_fibre"),
        ("/tableaux.csv?page=/qualite&tableau={label}", "http://localhost/qualite"),
    ],
)
async def test_every_file_door_has_the_same_headers(small: Datasette, address: str, described: str) -> None:
    label = page_tables.tables((await small.client.get("/qualite")).text)[0].label
    answer = await small.client.get(address.format(label=quote(label)))
    told = answer.headers["link"]
    assert answer.status_code == 200 and 'rel="license"' in told and f'<{described}>; rel="describedby"' in told
    assert {"etag", "last-modified", "content-disposition"} <= set(answer.headers)
    dataset = next((link for link in re.findall("<(/api[^>]+)>", told)), "")
    assert (await small.client.get(dataset)).status_code == 200


async def test_a_column_added_for_spreadsheets_is_told(small: Datasette) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO((await small.client.get("/donnees/observations.xlsx?ref_area=DEP-68")).content)
    )
    assert [cell.value for cell in book.worksheets[0][1]][:3] == ["Territoire", "Nom du territoire", "Indicateur"]
    notes = [[cell.value for cell in row] for row in book.worksheets[-1].rows]
    added = next(row for row in notes if row[0] == "territory_name")
    assert added[1:3] == ["Nom du territoire", "texte"] and "ajouté pour les tableurs" in added[3]
    assert any(row[0] == "Colonne ajoutée" and row[1].startswith("territory_name") for row in notes)
    view = await small.client.get("/donnees/territory_values.xlsx?ref_area=DEP-68")
    told = {
        row[0].value: [cell.value for cell in row]
        for row in openpyxl.load_workbook(io.BytesIO(view.content)).worksheets[-1]
    }
    assert told["obs_status_title"][1:3] == ["Sens du statut", "texte"] and told["obs_status_title"][3]
    levels = await small.client.get("/donnees/territory.xlsx?ref_area=DEP-68")
    told = {
        row[0].value: [cell.value for cell in row]
        for row in openpyxl.load_workbook(io.BytesIO(levels.content)).worksheets[-1]
    }
    assert told["level_title"][1:3] == ["Nom de l’échelon", "texte"] and told["level_title"][3]
    assert "Colonne ajoutée" not in told


@pytest.mark.parametrize(
    ("address", "status", "kind"),
    [
        ("/donnees/domains.sdmx", 400, "unfit-columns"),
        ("/donnees/domains.pdf", 406, "unknown-format"),
        ("/donnees/rien.xlsx", 404, "unknown-resource"),
        ("/donnees.parquet?sql=select+rien", 400, "failed-query"),
        ("/donnees/domains.csv?_size=abc", 400, "failed-query"),
    ],
)
async def test_refusals_are_problems_for_machines_and_pages_for_people(
    small: Datasette, address: str, status: int, kind: str
) -> None:
    refused = await small.client.get(address)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert refused.json()["type"] == f"http://localhost/api#{kind}" and refused.json()["status"] == status
    page = await small.client.get(address, headers={"Accept": "text/html,*/*"})
    assert page.status_code in (400, 404, 406) and page.headers["content-type"].startswith("text/html")


async def test_a_query_too_large_is_refused_before_it_begins(small: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MOST_CELLS", 10)
    refused = await small.client.get("/donnees.csv?sql=select+*+from+territories")
    assert refused.status_code == 400 and "cellules" in refused.json()["detail"]
    assert (await small.client.get("/donnees/territories.csv?_where=1")).status_code == 400
    assert (await small.client.get("/donnees/territories.csv")).status_code == 200


async def test_texts_too_long_are_refused_before_they_begin(small: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MOST_CHARACTERS", 1_000)
    for told, status in (("printf('%1001c', 'x')", 400), ("zeroblob(1001)", 400), ("printf('%1000c', 'x')", 200)):
        assert (await small.client.get("/donnees.csv", params={"sql": f"select {told}"})).status_code == status, told


def test_time_is_that_of_the_database_alone(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Selection(
        reader(database), "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
    )
    monkeypatch.setattr(selections, "SECONDS", 0.05)
    with pytest.raises(Refused, match="too-much"):
        for _row in slow.rows():
            pass


def test_rows_are_not_held(database: Path) -> None:
    many = "with recursive n(i) as (select 1 union all select i + 1 from n limit {}) select i, 'x' || i as t from n"

    def peak(count: int) -> int:
        import tracemalloc

        what = download(Selection(reader(database), many.format(count)))
        tracemalloc.start()
        outputs.named("csv").write(what, io.BufferedWriter(Sink()))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(40_000) < 1.5 * peak(4_000) + 100_000


class Sink(io.RawIOBase):
    """Takes bytes and keeps none."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


async def test_what_fails_midway_is_a_broken_transfer(small: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(selection: Selection) -> Iterator[Any]:
        yield from [("x" * 3_000,)] * 1_000
        raise Refused("too-much")

    monkeypatch.setattr(Selection, "rows", broken)
    # The server is asked to begin another answer in the midst of this one, and hangs up.
    with pytest.raises(AssertionError):
        await small.client.get("/donnees/domains.csv")
