"""The same observations through every door: each format, read back by who did not write it, is the SQL itself."""

import csv
import datetime as dt
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pyarrow.parquet as pq
import pytest
from datasette.app import Datasette
from pysdmx.io import get_datasets

QUERY = "ref_area=DEP-68"
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def expected(database: Path) -> list[Row]:
    with closing(sqlite3.connect(database)) as db:
        where, order = "ref_area = 'DEP-68'", "ref_area, indicator, time_period"
        return db.execute(f"select * from observations where {where} order by {order}").fetchall()


async def asked(site: Datasette, word: str) -> httpx.Response:
    answer = await site.client.get(f"/donnees/observations.{word}?{QUERY}")
    assert answer.status_code == 200
    return answer


def as_text(rows: list[Row]) -> list[list[str]]:
    return [["" if value is None else str(value) for value in row] for row in rows]


async def test_csv_json_parquet_and_sqlite_are_the_sql(site: Datasette, expected: list[Row], tmp_path: Path) -> None:
    assert len(expected) > 3
    text = (await asked(site, "csv")).text
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == as_text(expected)
    lines = (await asked(site, "ndjson")).text.splitlines()
    assert [tuple(json.loads(line).values()) for line in lines] == expected
    pages = (await site.client.get(f"/donnees/observations.json?{QUERY}&_shape=arrays&_size=max")).json()
    assert [tuple(row) for row in pages["rows"]] == expected
    table = pq.read_table(io.BytesIO((await asked(site, "parquet")).content))
    assert [tuple(row.values()) for row in table.to_pylist()] == expected
    (tmp_path / "a.sqlite").write_bytes((await asked(site, "sqlite")).content)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        assert db.execute("select * from donnees").fetchall() == expected
    features = json.loads((await asked(site, "geojson")).content)["features"]
    assert [tuple(one["properties"].values()) for one in features] == expected
    assert all(one["geometry"]["type"] in ("Polygon", "MultiPolygon") for one in features)


async def test_spreadsheets_hold_the_same_values(site: Datasette, expected: list[Row]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO((await asked(site, "xlsx")).content)).worksheets[0]
    rows = [(row[0], *row[2:]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    dated = [(*row[:-1], row[-1] and dt.datetime.fromisoformat(row[-1])) for row in expected]  # status_date
    assert rows == dated
    text = (await asked(site, "tableur")).content.decode("utf-8-sig")
    french = [[row[0], *row[2:]] for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")][1:]
    told = [
        ["" if v is None else repr(v).replace(".", ",") if isinstance(v, float) else str(v) for v in r]
        for r in expected
    ]
    assert french == told


async def test_sdmx_is_read_by_the_library_of_statistical_offices(
    site: Datasette, expected: list[Row], tmp_path: Path
) -> None:
    path = tmp_path / "observations.csv"
    path.write_bytes((await asked(site, "sdmx")).content)
    (found,) = get_datasets(path)
    assert found.short_urn == "Dataflow=OBSERVATOIRE:OBSERVATIONS(1.0.0)"
    units = {row["INDICATOR"]: row["UNIT_MEASURE"] for row in found.data.to_dict("records")}
    assert units["couverture-fibre"] == "percent" and units["france-services-100000"] == "per-100000"
    assert set(units.values()) == {"percent", "per-100000"}
    names = [column.upper() for column in ("ref_area", "indicator", "time_period", "obs_value")]
    read = [tuple(str(row[name]) for name in names) for row in found.data.to_dict("records")]
    assert sorted(read) == sorted(tuple(map(str, row[:4])) for row in expected)
