"""Formats in which rows leave: each read back by a library that did not write it, whatever the values."""

import csv
import datetime as dt
import io
import json
import re
import sqlite3
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory import outputs
from observatory.outputs import Download

COLUMNS = ("ref_area", "indicator", "time_period", "obs_value", "note", "day")
AWKWARD = [
    ("COM-01004", "fibre", "2024", 88.5, "=1+1", "2024-02-29"),
    ("COM-2A004", "fibre", "2024-Q3", 0.1, 'a "quoted", text\nof two lines', "2024-13-45"),
    ("DEP-68", "fibre", "2024-09", -3.0, "é\u202f€ 日本 \U0001f600", None),
    ("DEP-85", "fibre", "2024-S1", None, "  spaces  ", "1850-01-01"),
    ("FRA", "fibre", "2024-09-30", 10.0**17, "#N/A", "2022-09-30"),
]
ABOUT = {
    "title": "Essai",
    "licenses": [{"name": "etalab-2.0"}],
    "sources": [{"title": "Arcep"}],
    "modified": "2024-10-01",
    "version": "2026.2",
}
NOTES = [("Licence", "Licence ouverte 2.0"), ("Source", "=Arcep")]
DICTIONARY = [{"name": "note", "title": "Note", "type": "texte", "description": "@libre"}]


def download(rows: list[tuple[Any, ...]] = AWKWARD, columns: tuple[str, ...] = COLUMNS) -> Download:
    kinds = {"obs_value": "number", "day": "date"}
    return Download("Essai", columns, lambda: iter(rows), kinds, ABOUT, NOTES, (), DICTIONARY, {"fibre": "percent"})


def written(word: str, what: Download) -> bytes:
    target = io.BytesIO()
    outputs.named(word).write(what, target)
    assert not target.closed
    return target.getvalue()


def from_csv(data: bytes) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]


def from_json(data: bytes) -> list[list[Any]]:
    return [list(row.values()) for row in json.loads(data)["rows"]]


def from_ndjson(data: bytes) -> list[list[Any]]:
    return [list(json.loads(line).values()) for line in data.decode().split("\n")[:-1]]


def from_parquet(data: bytes) -> list[list[Any]]:
    return [list(row.values()) for row in pq.read_table(io.BytesIO(data)).to_pylist()]


def from_geojson(data: bytes) -> list[list[Any]]:
    return [list(feature["properties"].values()) for feature in json.loads(data)["features"]]


def from_sqlite(data: bytes, table: str = "donnees") -> list[list[Any]]:
    database = sqlite3.connect(":memory:")
    database.deserialize(data)
    return [list(row) for row in database.execute(f"select * from {table}")]


EXACT: dict[str, Callable[[bytes], list[list[Any]]]] = {
    "json": from_json,
    "ndjson": from_ndjson,
    "parquet": from_parquet,
    "geojson": from_geojson,
    "sqlite": from_sqlite,
}


@pytest.mark.parametrize("word", EXACT)
def test_rows_come_back_as_they_were(word: str) -> None:
    assert EXACT[word](written(word, download())) == [list(row) for row in AWKWARD]


def test_csv_holds_the_bytes_of_the_database() -> None:
    data = written("csv", download())
    assert from_csv(data) == [["" if value is None else str(value) for value in row] for row in AWKWARD]
    assert data.startswith(b"ref_area,indicator,") and b"\r" not in data


def test_csv_for_spreadsheets_has_commas_in_numbers_and_no_formula() -> None:
    data = written("tableur", download())
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[1][3:5] == ["88,5", "'=1+1"] and rows[2][3] == "0,1" and rows[4][3] == ""
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+@")]


def test_workbook_types_its_cells() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", download())))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in rows] == [88.5, 0.1, -3, None, 10**17]
    assert [row[5] for row in rows] == [
        dt.datetime(2024, 2, 29),
        "2024-13-45",
        None,
        "1850-01-01",
        dt.datetime(2022, 9, 30),
    ]
    assert [row[4] for row in rows] == [row[4] for row in AWKWARD]
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert not kinds & {"f", "e"}
    assert ("Source", "=Arcep") in [row[:2] for row in book.worksheets[1].iter_rows(values_only=True)]


@pytest.mark.parametrize(("count", "sheets_of_rows"), [(0, 1), (2, 1), (4, 2), (5, 3)])
def test_rows_beyond_a_sheet_go_on_in_the_next(
    count: int, sheets_of_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [outputs.named("xlsx"), outputs.named("ods")]:
        monkeypatch.setattr(module, "MOST_ROWS", 2)
    what = download(AWKWARD[:count])
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", what)))
    assert book.sheetnames[-1] == "À lire" and len(book.sheetnames) == sheets_of_rows + 1
    found = sheets(written("ods", what))
    assert list(found) == book.sheetnames
    for pages in ([list(page.values)[1:] for page in book][:-1], [rows[1:] for rows in found.values()][:-1]):
        assert [len(rows) for rows in pages] == [min(2, count - 2 * n) for n in range(sheets_of_rows)]


OFFICE = {prefix: f"urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0" for prefix in ("office", "table", "text")}


def sheets(data: bytes) -> dict[str, list[list[tuple[str | None, str]]]]:
    """Each sheet of an ODS: the type and the text of its cells."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        root = ElementTree.fromstring(archive.read("content.xml"))
    kind = f"{{{OFFICE['office']}}}value-type"
    name = f"{{{OFFICE['table']}}}name"
    spaces = f"{{{OFFICE['text']}}}c"

    def text(paragraph: Any) -> str:
        runs = "".join(" " * int(run.get(spaces, 1)) + (run.tail or "") for run in paragraph)
        return (paragraph.text or "") + runs

    return {
        table.get(name): [
            [
                (cell.get(kind), "\n".join(text(p) for p in cell.findall("text:p", OFFICE)))
                for cell in row.findall("table:table-cell", OFFICE)
            ]
            for row in table.findall("table:table-row", OFFICE)
        ]
        for table in root.iter(f"{{{OFFICE['table']}}}table")
    }


def test_open_document_types_its_cells() -> None:
    found = sheets(written("ods", download()))
    assert list(found) == ["Données", "À lire"]
    rows = found["Données"][1:]
    assert [row[3] for row in rows][:4] == [("float", "88.5"), ("float", "0.1"), ("float", "-3.0"), (None, "")]
    assert [row[4] for row in rows] == [("string", row[4]) for row in AWKWARD]
    assert [row[5][0] for row in rows] == ["date", "string", None, "string", "date"]
    assert [("string", "Source"), ("string", "=Arcep")] in found["À lire"]


LOST = [("x" * 32_768, "a\x01", "y"), ("x" * 32_767, "a\x01", "y"), ("x", "b\x02" + "z" * 32_767, "y")]


def test_what_a_spreadsheet_cannot_hold_is_said() -> None:
    what, whole = download(LOST, ("a", "b", "c")), download(AWKWARD)
    read = [
        [cell for row in openpyxl.load_workbook(io.BytesIO(written("xlsx", one))).worksheets[-1].values for cell in row]
        for one in (what, whole)
    ]
    for told in (read, [sheets(written("ods", one))["À lire"] for one in (what, whole)]):
        some, none = (str(one).replace("\\u202f", "\u202f") for one in told)
        assert "2. La fin de leur texte, au-delà de 32\u202f767 caractères" in some
        assert "3. Ce qu’une feuille de calcul ne peut pas contenir" in some
        assert "Cellules coupées" in some and "Cellules" not in none


def test_observations_are_read_as_statistical_offices_read_them() -> None:
    rows = list(csv.DictReader(io.StringIO(written("sdmx", download()).decode(), newline="")))
    assert [row["FREQ"] for row in rows] == ["A", "Q", "M", "S", "D"]
    identity = {(row["STRUCTURE"], row["STRUCTURE_ID"], row["ACTION"]) for row in rows}
    assert identity == {("dataflow", "OBSERVATOIRE:OBSERVATIONS(1.0.0)", "I")}
    assert {row["UNIT_MEASURE"] for row in rows} == {"percent"} and [row["DAY"] for row in rows][0] == "2024-02-29"
    assert list(rows[0])[:8] == ["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", *(c.upper() for c in COLUMNS[:4])]
    assert [row["OBS_VALUE"] for row in rows] == [str(row[3]) if row[3] is not None else "" for row in AWKWARD]


def test_places_are_points_and_territories_their_contours() -> None:
    rows = [("DEP-68", 48.1, 7.3), ("DEP-85", None, None), ("XX", None, None)]
    what = download(rows, ("ref_area", "latitude", "longitude"))
    point, contour, nowhere = (feature["geometry"] for feature in json.loads(written("geojson", what))["features"])
    assert point == {"type": "Point", "coordinates": [7.3, 48.1]} and nowhere is None
    drawn = json.loads((ROOT / "codelists/contours/departements.geojson").read_text(encoding="utf-8"))["features"]
    assert contour == next(one["geometry"] for one in drawn if one["properties"]["ref_area"] == "DEP-85")


def test_what_must_be_known_travels_with_the_rows() -> None:
    for word in ("json", "geojson"):
        assert json.loads(written(word, download()))["about"] == ABOUT
    metadata = pq.read_schema(io.BytesIO(written("parquet", download()))).metadata
    assert json.loads(metadata[b"about"]) == ABOUT
    assert ["Source", "=Arcep"] in from_sqlite(written("sqlite", download()), "a_lire")
    assert from_sqlite(written("sqlite", download()), "colonnes") == [["note", "Note", "texte", "@libre"]]


@pytest.mark.parametrize("word", outputs.FORMATS)
def test_no_row_is_a_file_all_the_same(word: str) -> None:
    rows, some = written(word, download([])), written(word, download())
    assert rows != some and len(rows) <= len(some) and (rows or word == "ndjson")


@pytest.mark.parametrize("word", [word for word in outputs.FORMATS if word not in ("sdmx", "geojson")])
def test_columns_of_the_same_name_and_bytes_are_written(word: str) -> None:
    assert written(word, download([(b"\x00\xff", 1, float("inf"))], ("a", "A", 'b"')))


def test_columns_of_the_same_name_have_one_renaming_everywhere() -> None:
    what = download([(1, 2, 3, 4)], ("a", "A", "a_2", "b"))
    names = ["a", "A_3", "a_2", "b"]
    assert outputs.distinct(("a", "a", "b", "a")) == ["a", "a_2", "b", "a_3"]
    assert next(csv.reader(io.StringIO(written("csv", what).decode()))) == names
    assert json.loads(written("ndjson", what)) == dict(zip(names, (1, 2, 3, 4), strict=True))
    assert pq.read_table(io.BytesIO(written("parquet", what))).to_pylist() == [
        dict(zip(names, range(1, 5), strict=True))
    ]
    assert from_sqlite(written("sqlite", what)) == [[1, 2, 3, 4]]


def test_bytes_are_base_64_and_no_finite_number_is_null() -> None:
    what = download([(b"\x00\xff", float("inf"), float("-inf"))], ("a", "b", "c"))
    assert from_csv(written("csv", what))[0][0] == "AP8="
    assert written("tableur", what).decode("utf-8-sig").splitlines()[1].startswith("AP8=;")
    held = {"a": {"$base64": True, "encoded": "AP8="}, "b": None, "c": None}
    assert json.loads(written("ndjson", what)) == json.loads(written("json", what))["rows"][0] == held
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", what)))
    assert book.worksheets[0].cell(2, 1).value == "AP8="


def test_each_format_says_what_it_needs() -> None:
    places, observations = ("latitude", "longitude"), COLUMNS
    fit = {word for word in outputs.FORMATS if outputs.fits(outputs.named(word), ("a", "b"))}
    assert set(outputs.FORMATS) - fit == {"geojson", "sdmx"}
    assert outputs.fits(outputs.named("geojson"), places) and not outputs.fits(outputs.named("sdmx"), places)
    assert outputs.fits(outputs.named("sdmx"), observations)
    with pytest.raises(KeyError):
        outputs.named("../as_csv")


def test_each_format_has_its_module_and_each_module_its_format() -> None:
    modules = {path.stem.removeprefix("as_") for path in Path(outputs.__file__).parent.glob("as_*.py")}
    assert modules == set(outputs.FORMATS)


VALUES = (
    st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=8))
def test_any_value_comes_back(rows: list[tuple[Any, Any]]) -> None:
    what = download(rows, ("a", "b"))
    assert [list(row) for row in rows] == from_json(written("json", what)) == from_ndjson(written("ndjson", what))
    assert from_sqlite(written("sqlite", what)) == [list(row) for row in rows]


class Sink(io.RawIOBase):
    """Takes bytes and keeps none."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        return len(data)


def many(count: int) -> Iterator[tuple[Any, ...]]:
    return ((f"COM-{n:05}", "fibre", "2024", n / 7, "", None) for n in range(count))


@pytest.mark.parametrize("word", outputs.FORMATS)
def test_memory_does_not_grow_with_the_rows(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Less than the fewest rows of these: nothing may wait for more.
    monkeypatch.setattr(outputs.named("parquet"), "GROUP", 2)
    monkeypatch.setattr(outputs.named("xlsx"), "KEPT", 500)

    def peak(count: int) -> int:
        arrow = pa.total_allocated_bytes()
        most = arrow

        def rows() -> Iterator[tuple[Any, ...]]:
            nonlocal most
            for row in many(count):
                most = max(most, pa.total_allocated_bytes())
                yield row

        tracemalloc.start()
        what = Download("Essai", COLUMNS, rows, {}, ABOUT)
        outputs.named(word).write(what, io.BufferedWriter(Sink()))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest + most - arrow

    peak(10)  # what is imported the first time
    assert peak(20_000) < 2 * peak(2_000) + 200_000


@pytest.mark.parametrize("word", [word for word in outputs.FORMATS if word not in ("csv", "json")])
async def test_every_table_is_offered_and_given_in_each_format_that_suits_it(site: Datasette, word: str) -> None:
    form = outputs.named(word)
    page = (await site.client.get("/donnees/observations?ref_area=DEP-68")).text
    assert f"/donnees/observations.{word}?ref_area=DEP-68" in page and outputs.title(word) in page
    answer = await site.client.get(f"/donnees/observations.{word}?ref_area=DEP-68&_size=max")
    assert (answer.status_code, answer.headers["content-type"]) == (200, form.TYPE)
    assert answer.headers["content-disposition"] == f'attachment; filename="observations-DEP-68{form.ENDING}"'
    rows = (await site.client.get("/donnees/observations.json?ref_area=DEP-68&_size=max&_shape=arrays")).json()["rows"]
    if word in EXACT:
        assert len(EXACT[word](answer.content)) == len(rows) > 0
    if word == "parquet":
        about = json.loads(pq.read_schema(io.BytesIO(answer.content)).metadata[b"about"])
        assert about["licenses"] and about["sources"] and about["modified"] and about["edition"].startswith("2024.1")
        assert re.fullmatch(r"\d+\.\d+\.\d+", about["version"]) and about["commit"]


@pytest.mark.parametrize("word", ["sdmx", "geojson"])
async def test_a_format_that_does_not_suit_says_which_columns_it_needs(site: Datasette, word: str) -> None:
    assert f".{word}" not in (await site.client.get("/donnees/domains")).text
    refused = await site.client.get(f"/donnees/domains.{word}")
    assert refused.status_code == 400 and "ref_area" in refused.text
    assert "Ce format demande des colonnes qui ne sont pas là" in refused.text
    assert (await site.client.get(f"/donnees/absente.{word}")).status_code == 404
