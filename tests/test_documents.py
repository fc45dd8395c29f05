"""Documents filled from the database: what they may say, how they age, how they become a page."""

import sqlite3
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from repositories import ROOT

from observatory.documents import STAMP, document_rows, html, same_but_data
from observatory.frozen import read_editions

PROVENANCE = {"method_sha256": "a" * 64, "datasets_sha256": "b" * 64}


def written(folder: Path, prose: str) -> dict[str, str]:
    (folder / "docs").mkdir()
    (folder / "docs" / "essai.md.jinja").write_text(prose, encoding="utf-8")
    with sqlite3.connect(":memory:") as connection:
        connection.executescript("create table territories (name); insert into territories values ('Jura'), ('Ain');")
        (row,) = document_rows(folder, connection, read_editions(ROOT)[-1], PROVENANCE)
    return row


def test_figures_come_from_the_database(tmp_path: Path) -> None:
    prose = "# Titre\n\n{{ stamp }}\n\n{{ row('select count(*) as n from territories').n|counted('territoire') }}."
    row = written(tmp_path, prose)
    assert (row["name"], row["title"]) == ("essai", "Titre")
    assert "\n2\u202fterritoires." in row["markdown"].replace("\u00a0", "\u202f").replace(" terr", "\u202fterr")
    assert "a" * 16 in row["markdown"] and "b" * 16 in row["markdown"]


def test_a_name_that_does_not_exist_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        written(tmp_path, "# Titre\n\n{{ invented }}")


def stamped(method: str, data: str, text: str, rest: str) -> str:
    return f"# Titre\n\n{STAMP.format(method=method, data=data, text=text)}\n\n{rest}\n"


@pytest.mark.parametrize(
    ("now", "true"),
    [
        (("aa", "dd", "cc", "1"), True),
        (("aa", "bb", "cc", "1"), False),
        (("ee", "dd", "cc", "1"), False),
        (("aa", "dd", "ff", "1"), False),
    ],
    ids=["other data", "same data", "another method", "another prose"],
)
def test_a_text_dated_by_older_data_is_still_true(now: tuple[str, str, str, str], true: bool) -> None:
    assert same_but_data(stamped("aa", "bb", "cc", "0"), stamped(*now)) is true


def test_a_text_without_a_stamp_must_be_the_same() -> None:
    assert same_but_data("a", "a") and not same_but_data("a", "b")


def test_raw_html_stays_text_and_tables_can_be_reached() -> None:
    page = html("# Titre\n\n## Les *rangs*\n\n<script>alert(1)</script>\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n")
    assert "<script>" not in page and "&lt;script&gt;" in page and "<h1" not in page
    assert '<h2 id="les-rangs">' in page
    assert 'role="region" tabindex="0" aria-label="Tableau : Les rangs"><table>' in page
    assert '<th scope="col" class="num">' in page and '<td class="num">2' in page


def test_an_english_twin_is_written_in_english(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    prose = (
        "# Title\n\n{{ stamp }}\n\n## Numbers\n\n{{ 1234.5|number(1) }} · {{ row('select title from units').title }}\n"
    )
    (tmp_path / "docs" / "essai.en.md.jinja").write_text(prose, encoding="utf-8")
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(
            "create table units (title); insert into units values ('Gestion des données d''intérêt général');"
        )
        (row,) = document_rows(tmp_path, connection, read_editions(ROOT)[-1], PROVENANCE)
    assert row["name"] == "essai.en"
    assert "1,234.5 · Management of general-interest data" in row["markdown"]
    assert same_but_data(row["markdown"], row["markdown"].replace("b" * 16, "c" * 16))
