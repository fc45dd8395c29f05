"""The same rows through every door, read back by who did not write them: /donnees, the API, files, the SQL itself."""

import csv
import datetime as dt
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pyarrow.parquet as pq
import pytest
from datasette.app import Datasette
from pysdmx.io import get_datasets

from observatory import bulk
from observatory.api_resources import RESOURCES

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


DATASETS = ("couverture_fibre", "eligibilite_fixe", "france_services", "initiatives")
COLUMNS = tuple(RESOURCES["observations"].columns)


@pytest.fixture(scope="module")
def build(database: Path) -> Path:
    """The export of the tiny site."""
    target = database.parent / "export"
    for _file in bulk.publish(database.parent, database, target):
        pass
    return target


def rows(database: Path, table: str, where: str = "true") -> list[Row]:
    """The rows of a table by its key, as SQLite gives them."""
    with closing(sqlite3.connect(database)) as db:
        found = db.execute("select name from pragma_table_info(?) where pk > 0 order by pk", [table])
        key = ", ".join(row[0] for row in found) or "rowid"
        return db.execute(f"select * from {table} where {where} order by {key}").fetchall()  # noqa: S608 (our names)


def of_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def shared(found: list[dict[str, Any]], database: Path) -> list[Row]:
    """The columns of observations that their table has, in its order: the API adds titles and reasons."""
    with closing(sqlite3.connect(database)) as db:
        names = [row[0] for row in db.execute("select name from pragma_table_info('observations')")]
    assert set(names) <= set(COLUMNS)
    return [tuple(row[name] for name in names) for row in found]


async def of_api(site: Datasette, word: str) -> httpx.Response:
    answer = await site.client.get(f"/api/v1/observations.{word}?{QUERY}")
    assert answer.status_code == 200
    return answer


async def test_the_api_gives_the_same_observations_in_every_format(
    site: Datasette, database: Path, expected: list[Row], tmp_path: Path
) -> None:
    pages = (await of_api(site, "json")).json()
    assert shared(pages["data"], database) == expected  # true is 1
    lines = [json.loads(line) for line in (await of_api(site, "ndjson")).text.splitlines()]
    assert shared(lines, database) == expected
    table = pq.read_table(io.BytesIO((await of_api(site, "parquet")).content)).to_pylist()
    assert shared(table, database) == expected
    features = json.loads((await of_api(site, "geojson")).content)["features"]
    assert shared([one["properties"] for one in features], database) == expected
    found = list(csv.DictReader(io.StringIO((await of_api(site, "csv")).text, newline="")))
    assert shared(found, database) == [tuple(row) for row in as_text(expected)]
    (tmp_path / "a.sqlite").write_bytes((await of_api(site, "sqlite")).content)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        db.row_factory = sqlite3.Row
        assert shared([dict(row) for row in db.execute("select * from donnees")], database) == expected


async def test_workbooks_of_the_api_hold_the_same_values(site: Datasette, expected: list[Row]) -> None:
    values = [row[:4] for row in expected]
    for word in ("xlsx", "ods"):
        assert (await of_api(site, word)).content[:2] == b"PK"
    sheet = openpyxl.load_workbook(io.BytesIO((await of_api(site, "xlsx")).content)).worksheets[0]
    found = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(found) == len(values)
    for column in zip(*values, strict=True):
        assert list(column) in [list(held) for held in zip(*found, strict=True)]
    french = (await of_api(site, "tableur")).content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(french, newline=""), delimiter=";"))) == len(expected) + 1


@pytest.mark.parametrize("name", DATASETS)
async def test_the_rows_of_a_dataset_are_the_same_through_every_door(
    site: Datasette, database: Path, build: Path, name: str
) -> None:
    table = rows(database, name)
    texts = as_text(table)
    assert table
    for address in (f"/donnees/{name}.csv", f"/api/v1/datasets/{name}/rows.csv"):
        assert of_csv((await site.client.get(address)).text) in (texts, [[str(n), *r] for n, r in enumerate(texts, 1)])
    lines = (await site.client.get(f"/api/v1/datasets/{name}/rows.ndjson")).text.splitlines()
    assert [tuple(json.loads(line).values()) for line in lines] == table
    assert of_csv((build / f"{name}.csv").read_text(encoding="utf-8")) == texts
    with zipfile.ZipFile(build / "jeux-de-donnees" / f"{name}.zip") as packed:
        assert of_csv(packed.read(f"{name}.csv").decode()) == texts


def test_files_of_an_export_are_the_tables(database: Path, build: Path) -> None:
    names = [path.stem for path in build.glob("*.csv")]
    assert {"observations", "scores", "territories", *DATASETS} <= set(names)
    with closing(sqlite3.connect(build / "observatoire.sqlite")) as db:
        for name in names:
            table = rows(database, name)
            assert of_csv((build / f"{name}.csv").read_text(encoding="utf-8")) == as_text(table), name
            held = json.loads((build / f"{name}.json").read_text(encoding="utf-8"))
            assert [tuple(row.values()) for row in held] == table, name
            assert sorted(map(repr, db.execute(f"select * from {name}"))) == sorted(map(repr, table)), name  # noqa: S608
    with zipfile.ZipFile(build / "observatoire.zip") as packed:
        for name in names:
            assert packed.read(f"{name}.csv") == (build / f"{name}.csv").read_bytes()


async def test_parquet_of_an_export_is_the_observations_by_indicator(
    site: Datasette, database: Path, build: Path
) -> None:
    found: list[Row] = []
    for folder in sorted((build / "parquet" / "observations").glob("indicator=*")):
        code = folder.name.partition("=")[2]
        mine = [tuple(row.values()) for row in pq.ParquetFile(folder / "donnees.parquet").read().to_pylist()]
        asked_for = await site.client.get(f"/donnees/observations.parquet?indicator={code}")
        door = [tuple(row.values()) for row in pq.read_table(io.BytesIO(asked_for.content)).to_pylist()]
        assert mine == door == rows(database, "observations", f"indicator = '{code}'")
        found += mine
    assert found == rows(database, "observations")
