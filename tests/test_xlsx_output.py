"""Rows of the database as XLSX and CSV for spreadsheets: what is typed, what stays text, what travels with them."""

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from datasette.app import Datasette
from httpx import Response

from observatory import languages
from observatory.downloads import file_name
from observatory.outputs import Download, as_tableur, as_xlsx

AWKWARD = [
    ("01004", 1004, 88.5, "2024-02-29", "=1+1"),
    ("2A004", -3, 0.1, "2024-13-45", "+33 1"),
    ("1e5", 10**17, float("inf"), "1850-01-01", "@SUM(A1)"),
    (None, 0, -2.25, None, "-2"),
    ("é\u0001", 1, 1.0, "2022-09-30", "#N/A"),
]
COLUMNS = ("code", "nombre", "part", "jour", "texte")
SHEET = Download("Essai", COLUMNS, lambda: iter(AWKWARD), {"jour": "date"}, {}, [("Licence", "=ODbL")])


def written(what: Download, form: Any) -> bytes:
    target = io.BytesIO()
    form.write(what, target)
    return target.getvalue()


def xlsx(what: Download) -> bytes:
    return written(what, as_xlsx)


def tableur(what: Download) -> bytes:
    return written(what, as_tableur)


def book(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def notes(page: Response) -> dict[str, list[str]]:
    """The second sheet, by what its first column says."""
    found: dict[str, list[str]] = {}
    for row in book(page.content).worksheets[1].iter_rows(values_only=True):
        found.setdefault(str(row[0]), []).append(str(row[1]))
    return found


def test_numbers_are_numbers_codes_are_texts_and_dates_are_dates() -> None:
    data = book(xlsx(SHEET)).worksheets[0]
    rows = [[cell.value for cell in row] for row in data.iter_rows(min_row=2)]
    assert [row[0] for row in rows] == ["01004", "2A004", "1e5", None, "é\ufffd"]
    assert rows[0][1:4] == [1004, 88.5, dt.datetime(2024, 2, 29)]
    assert [row[1] for row in rows[1:4]] == [-3, "100000000000000000", 0]
    assert [row[2] for row in rows[1:4]] == [0.1, "inf", -2.25]
    assert [row[3] for row in rows[1:4]] == ["2024-13-45", "1850-01-01", None]
    assert [cell.value for cell in data[1]] == list(SHEET.columns)
    assert data["A1"].font.bold and data.freeze_panes == "A2"
    assert data["A2"].number_format == "@" and data["D2"].number_format == "yyyy-mm-dd"
    assert all(8 <= data.column_dimensions[letter].width <= 60 for letter in "ABCDE")


def test_nothing_is_a_formula_nor_an_error() -> None:
    for page in book(xlsx(SHEET)).worksheets:
        kinds = {cell.data_type for row in page.iter_rows() for cell in row}
        assert not kinds & {"f", "e"}
    assert [row[4].value for row in book(xlsx(SHEET)).worksheets[0].iter_rows(min_row=2)] == [row[4] for row in AWKWARD]


def test_too_long_a_text_is_cut_where_spreadsheets_cut_it() -> None:
    sheet = Download("Long", ("texte",), lambda: iter([("é" * 40_000,)]))
    assert len(book(xlsx(sheet)).worksheets[0]["A2"].value) == 32_767


def test_csv_for_spreadsheets_is_what_french_ones_open() -> None:
    content = tableur(SHEET)
    assert content.startswith(b"\xef\xbb\xbfcode;nombre;part;jour;texte\r\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1:]
    assert rows[0] == ["01004", "1004", "88,5", "2024-02-29", "'=1+1"]
    assert [row[4] for row in rows[1:4]] == ["'+33 1", "'@SUM(A1)", "'-2"]
    assert rows[3][0] == "" and rows[3][2] == "-2,25"


async def test_table_keeps_leading_zeros_and_says_where_it_comes_from(site: Datasette) -> None:
    page = await site.client.get("/donnees/france_services.xlsx?_size=max")
    assert page.status_code == 200 and page.headers["content-type"] == as_xlsx.TYPE
    assert page.headers["content-disposition"] == 'attachment; filename="france_services.xlsx"'
    data = book(page.content).worksheets[0]
    heads = [cell.value for cell in data[1]]
    rows = [dict(zip(heads, row, strict=True)) for row in data.iter_rows(min_row=2, values_only=True)]
    answer = (await site.client.get("/donnees/france_services.json?_shape=objects&_size=max")).json()
    assert [{key: row[key] for key in heads} for row in rows] == [
        {key: row[key] for key in heads} for row in answer["rows"]
    ]
    assert all(isinstance(row["code_commune"], str) and len(row["code_commune"]) == 5 for row in rows)
    said = notes(page)
    assert said["Édition de la méthode"] and said["Licence"][0].startswith("Licence Ouverte 2.0 – https://")
    assert said["Adresse"] == ["http://localhost/donnees/france_services.xlsx?_size=max"]
    assert "Attention" not in said and said["Lignes"] == [str(len(rows))]
    assert {"code_commune", "france_services"} <= set(said)


@pytest.mark.parametrize(
    "url",
    [
        "/donnees/initiatives.xlsx",
        "/donnees.xlsx?sql=select+titre+from+initiatives",
        "/donnees/indicator_registers.xlsx",
    ],
)
async def test_share_alike_travels_with_tables_and_queries(site: Datasette, url: str) -> None:
    said = notes(await site.client.get(url))
    assert ("Partage à l’identique" in " ".join(said.get("Licence", []))) == ("registers" not in url)


async def test_view_names_the_datasets_that_it_is_made_of(site: Datasette) -> None:
    said = notes(await site.client.get("/donnees/france_services_carte.xlsx"))
    title = (await site.client.get("/donnees/datasets/france_services.json?_shape=array")).json()[0]["title"]
    assert title in said["Jeu de données"]


async def test_a_page_of_a_table_is_the_whole_table(site: Datasette) -> None:
    page = await site.client.get("/donnees/couverture_fibre.xlsx?_size=2")
    whole = (await site.client.get("/donnees/couverture_fibre.csv")).text.splitlines()
    assert book(page.content).worksheets[0].max_row == len(whole) > 3
    assert notes(page)["Lignes"] == [str(len(whole) - 1)] and "Attention" not in notes(page)


async def test_wide_query_is_whole_and_tells_its_bounds(site: Datasette) -> None:
    columns = ",".join(f"1 as c{place}" for place in range(100))
    many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1001) "
    page = await site.client.get("/donnees.xlsx", params={"sql": f"{many} select {columns} from n"})
    assert book(page.content).worksheets[0].max_row == 1002 and "cellules" in notes(page)["Limites"][0]


async def test_query_that_fails_is_refused_in_french(site: Datasette) -> None:
    for ending in ("xlsx", "tableur"):
        page = await site.client.get(f"/donnees.{ending}?sql=select+rien", headers={"Accept": "text/html"})
        assert page.status_code == 400 and "Cette demande ne peut pas être traitée" in page.text
        assert (await site.client.get(f"/donnees/rien.{ending}")).status_code == 404


async def test_formula_of_a_query_stays_a_text(site: Datasette) -> None:
    url = "/donnees.xlsx?sql=select+'%3DHYPERLINK(%22x%22)'+as+a,+'0012'+as+b"
    cell = book((await site.client.get(url)).content).worksheets[0]["A2"]
    assert cell.data_type == "s" and cell.value == '=HYPERLINK("x")'
    line = (await site.client.get(url.replace("xlsx", "tableur"))).text.splitlines()[1]
    assert line.startswith("\"'=HYPERLINK") and line.endswith(";0012")


async def test_dates_of_a_view_are_dates(site: Datasette) -> None:
    page = await site.client.get("/donnees.xlsx?sql=select+name,last_update+from+datasets")
    assert isinstance(book(page.content).worksheets[0]["B2"].value, dt.datetime)


async def test_workbook_speaks_the_language_of_the_page(site: Datasette) -> None:
    french = book((await site.client.get("/donnees/initiatives.xlsx")).content)
    english = book((await site.client.get("/en/donnees/initiatives.xlsx")).content)
    assert french.sheetnames == ["Données", "À lire"] and english.sheetnames == ["Data", "Read me"]
    said = {row[0] for row in english.worksheets[1].values}
    assert {"Edition of the method", "Version of the code", "Data as of"} <= said and "Lignes" not in said
    rows = [[*map(tuple, one.worksheets[0].values)] for one in (french, english)]
    assert rows[0] == rows[1]
    with languages.speaking("en"):
        assert book(xlsx(SHEET)).sheetnames == ["Data", "Read me"]


async def test_view_is_read_by_its_titles_with_the_name_of_the_territory(site: Datasette) -> None:
    page = await site.client.get("/donnees/territory_values.xlsx?ref_area=DEP-68&_size=max")
    assert page.headers["content-disposition"] == 'attachment; filename="territory_values-DEP-68.xlsx"'
    data = book(page.content).worksheets[0]
    heads = [cell.value for cell in data[1]]
    assert heads[:3] == ["Territoire", "Nom du territoire", "Indicateur"] and len(set(heads)) == len(heads)
    assert not [head for head in heads if "_" in head] and data.auto_filter.ref.startswith("A1:")
    assert {row[:2] for row in data.iter_rows(min_row=2, values_only=True)} == {("DEP-68", "Haut-Rhin")}
    names = [row[0] for row in book(page.content).worksheets[1].iter_rows(values_only=True)]
    columns = (await site.client.get("/donnees/territory_values.json?_shape=array&_size=1")).json()[0]
    assert [name for name in names if name in columns] == list(columns)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "vue.xlsx"),
        ([("_size", "max"), ("ref_area", "DEP-68"), ("indicator", "fibre")], "vue-DEP-68-fibre.xlsx"),
        ([("name", '../é"\r\nX: 1')], "vue-X-1.xlsx"),
        ([("name", "a" * 500)], f"vue-{'a' * 80}.xlsx"),
    ],
)
def test_file_is_named_after_what_selects_its_rows(arguments: list[tuple[str, str]], expected: str) -> None:
    assert file_name("vue", arguments, ".xlsx") == expected


async def test_file_of_a_dataset_keeps_its_columns_to_be_given_back(site: Datasette) -> None:
    page = await site.client.get("/donnees/couverture_fibre.xlsx?_size=1")
    row = (await site.client.get("/donnees/couverture_fibre.json?_shape=array&_size=1")).json()[0]
    assert [cell.value for cell in book(page.content).worksheets[0][1]] == list(row)
