"""Every figure has a status and its day: on the pages, in every file, and what the register says comes first."""

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from datasette.app import Datasette
from repositories import edit

from observatory.validation import validate

REGISTER = Path("codelists/figure_statuses.csv")
CONTESTED = "DEP-85,couverture-fibre,2022-Q3,contested,2022-11-15,"


def of_ndjson(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def of_parquet(content: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return found


def of_xlsx(content: bytes) -> list[dict[str, Any]]:
    heads, *rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    named = {"Statut du chiffre": "figure_status", "Territoire": "ref_area", "Code du territoire": "ref_area"}
    return [{named.get(str(head), str(head)): value for head, value in zip(heads, row, strict=True)} for row in rows]


def figure(database: Path, area: str, code: str, period: str, table: str = "observations") -> tuple[str, str]:
    with sqlite3.connect(database) as db:
        sql = f"select status, status_date from {table} where ref_area = ? and indicator = ? and time_period = ?"  # noqa: S608
        found: tuple[str, str] = db.execute(sql, [area, code, period]).fetchone()
    return found


def test_the_latest_statement_gives_the_status_else_the_source_does(database: Path) -> None:
    assert figure(database, "DEP-85", "couverture-fibre", "2022-Q3") == ("contested", "2022-11-15")
    assert figure(database, "DEP-2A", "couverture-fibre", "2022-Q2") == ("corrected", "2022-12-01")
    assert figure(database, "DEP-68", "couverture-fibre", "2022-Q3") == ("published", "2022-09-30")
    assert figure(database, "DEP-68", "eligibilite-1-gbits", "2019-09") == ("estimated", "2019-09-30")


def test_no_figure_is_without_a_status_or_a_day(database: Path) -> None:
    with sqlite3.connect(database) as db:
        for table in ("observations", "observations_constant"):
            without = f"select count(*) from {table} where status is null or status_date is null"  # noqa: S608
            assert db.execute(without).fetchone() == (0,)
        known = {row[0] for row in db.execute("select distinct status from observations")}
        assert known <= {row[0] for row in db.execute("select status from statuses")}


def test_views_of_values_say_the_same_as_the_table(database: Path) -> None:
    with sqlite3.connect(database) as db:
        for view, status in (("indicator_values", "status"), ("indicator_table", "status"),
                             ("territory_values", "figure_status")):  # fmt: skip
            row = db.execute(
                f"select {status}, {status}_title, status_date, status_reason from {view}"  # noqa: S608
                " where ref_area = 'DEP-85' and indicator = 'couverture-fibre' and time_period = '2022-Q3'"
            ).fetchone()
            reason = "Les logements raccordés en août ne sont pas comptés."
            assert row == ("contested", "Contestée", "2022-11-15", reason)


DOORS = ["/donnees/observations.csv", "/donnees/indicator_table.csv", "/donnees/current_values.csv",
         "/donnees/territory_series.csv", "/donnees/indicator_values.csv"]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
async def test_every_door_gives_the_status_and_its_day(site: Datasette, door: str) -> None:
    query = "ref_area=DEP-85&indicator=couverture-fibre&time_period=2022-Q3&_size=max"
    answer = await site.client.get(f"{door}?{query}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows and {(row["status"], row["status_date"]) for row in rows} == {("contested", "2022-11-15")}


async def test_the_api_says_what_is_contested_and_why(site: Datasette) -> None:
    query = "ref_area=DEP-85&indicator=couverture-fibre&time_period=2022-Q3"
    (row,) = (await site.client.get(f"/api/v1/observations?{query}")).json()["data"]
    told = {name: row[name] for name in row if "status" in name}
    assert told == {
        "obs_status": "A", "obs_status_title": "Publiée", "status": "contested", "status_title": "Contestée",
        "status_date": "2022-11-15", "status_reason": "Les logements raccordés en août ne sont pas comptés.",
    }  # fmt: skip
    file = (await site.client.get(f"/api/v1/observations.csv?{query}")).text
    (line,) = csv.DictReader(io.StringIO(file))
    assert {name: line[name] for name in told} == told
    english = (await site.client.get(f"/en/api/v1/observations?{query}")).json()["data"][0]
    assert (english["status"], english["status_title"]) == ("contested", "Contested")
    (same,) = (await site.client.get(f"/api/v1/observations?{query}&status=contested")).json()["data"]
    assert same == row
    none = (await site.client.get(f"/api/v1/observations?{query}&status=published")).json()["data"]
    quiet = (await site.client.get(f"/api/v1/observations?{query}".replace("85", "68"))).json()["data"][0]
    assert none == [] and (quiet["status"], quiet["status_title"], quiet["status_reason"]) == (
        "published", "Publiée", None,
    )  # fmt: skip


RANKINGS = ["/classements/departement.csv?noeud=infrastructures", "/classements/departement.csv?poids.mediation=3",
            "/donnees/ranking.csv?peer_group=departement&node=couverture-fibre",
            "/donnees/ranking.csv?peer_group=departement&node=index&_sort=rank"]  # fmt: skip


@pytest.mark.parametrize("door", RANKINGS)
async def test_files_of_rankings_mark_who_the_page_marks(site: Datasette, door: str) -> None:
    rows = list(csv.DictReader(io.StringIO((await site.client.get(door)).text)))
    assert {row["ref_area"] for row in rows if row["figure_status"] == "contested"} == {"DEP-85"}
    assert {row["figure_status"] for row in rows} == {"contested", ""}


@pytest.mark.parametrize("word", ["ndjson", "parquet", "xlsx"])
async def test_every_format_of_a_ranking_has_it(site: Datasette, word: str) -> None:
    answer = await site.client.get(f"/donnees/ranking.{word}?peer_group=departement&node=infrastructures")
    rows = {"ndjson": of_ndjson, "parquet": of_parquet, "xlsx": of_xlsx}[word](answer.content)
    assert [row["ref_area"] for row in rows if row["figure_status"]] == ["DEP-85"]


async def test_a_score_without_a_contested_figure_is_not_marked(site: Datasette) -> None:
    page = (await site.client.get("/classements/departement?noeud=mediation")).text
    text = (await site.client.get("/classements/departement.csv?noeud=mediation")).text
    assert "chiffre contesté" not in page and "contested" not in text and "DEP-85" in text


async def test_sdmx_keeps_its_own_status_beside(site: Datasette) -> None:
    answer = await site.client.get("/donnees/observations.sdmx?ref_area=DEP-85&indicator=couverture-fibre")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["OBS_STATUS"], row["STATUS"], row["STATUS_DATE"]) == ("A", "contested", "2022-11-15")


PAGES = [
    "/territoires/DEP-85", "/indicateurs/couverture-fibre?niveau=DEP", "/comparer?t=DEP-85&t=DEP-2A",
    "/classements/departement?noeud=infrastructures", "/citation?territoire=DEP-85&indicateur=couverture-fibre",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
async def test_pages_say_in_words_what_is_contested(site: Datasette, page: str) -> None:
    text = (await site.client.get(page)).text
    assert "Contestée" in text
    if "comparer" not in page:
        assert "Les logements raccordés en août ne sont pas comptés." in text and "Sans réponse à ce jour." in text


async def test_files_of_a_comparison_have_it_too(site: Datasette) -> None:
    (row,) = [
        row
        for row in csv.DictReader(io.StringIO((await site.client.get("/comparer.csv?t=DEP-85&t=DEP-2A")).text))
        if row["Code"] == "couverture-fibre"
    ]
    assert row["Vendée (DEP-85) – statut du chiffre"] == "Contestée"
    assert row["Corse-du-Sud (DEP-2A) – statut du chiffre"] == "Publiée"
    assert row["Corse-du-Sud (DEP-2A) – date du statut"] == "2022-09-30"


def test_the_register_alone_is_judged_with_the_figures_that_it_speaks_of(root: Path) -> None:
    edit(root / REGISTER, CONTESTED, CONTESTED.replace("2022-Q3", "2021-Q3"))
    assert [entry.code for entry in validate(root, [root / REGISTER])] == ["unknown-figure"]


GENERIC = [
    ("Les logements raccordés en août ne sont pas comptés.", "", "missing-value"),
    ("https://www.vendee.fr/", "http://www.vendee.fr/", "pattern-mismatch"),
    ("DEP-85,couverture-fibre,2022-Q3,contested", "DEP-85,couverture-fibre,2022-Q3,douteux", "not-in-list"),
    ("DEP-85,couverture-fibre", "DEP-99,couverture-fibre", "codelist-reference"),
    ("2022-11-15", "15/11/2022", "not-a-date"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code"), GENERIC, ids=[code for _, _, code in GENERIC])
def test_other_faults_are_told_like_those_of_any_table(root: Path, old: str, new: str, code: str) -> None:
    edit(root / REGISTER, old, new)
    assert [entry.code for entry in validate(root) if entry.file == REGISTER.as_posix()] == [code]


def test_a_repository_without_a_register_is_valid(root: Path) -> None:
    (root / REGISTER).unlink()
    assert validate(root) == []


def test_a_source_may_call_its_own_figures_provisional(root: Path) -> None:
    edit(
        root / "datasets/couverture_fibre.resource.yaml", "observations.schema.json", "observations_statuts.schema.json"
    )
    path = root / "datasets/couverture_fibre.csv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{head},obs_status", *(f"{line},P" for line in lines), ""]), encoding="utf-8")
    assert validate(root) == []
