"""Charts on their pages: what is said with them, the table that says the same, and nothing without enough data."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette
from plotted import FIGURES, figure

from observatory import french, languages
from observatory.plots_bars import Histogram
from observatory.plots_curves import Curves, month
from observatory.spoken import period

# Words and signs that English figures do not have.
FRENCH = re.compile(
    r"répartition|trimestre|septembre|[Cc]haque|Barres?|[Mm]édiane|édition|géographie|données manquantes|territoires?\b"
    r"|\d,\d\b(?!\d)|\bde \d|\s: | %"
)


@pytest.fixture(scope="module")
def db(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(database)
    yield connection
    connection.close()


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_a_title_a_description_a_source_and_a_date(database: Path, name: str) -> None:
    found = figure(database, name)
    assert found.page == FIGURES[name][0]
    root = ElementTree.fromstring(found.svg)
    title, described = root.find("title"), root.find("desc")
    assert title is not None and described is not None and root.get("role") == "img"
    assert title.text == found.title and described.text == found.description and found.description
    assert root.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
    assert found.source and found.time_period and len(found.svg) < 30_000
    assert "style" not in found.svg and "http" not in found.svg


def table_of(page: str, anchor: str) -> list[list[str]]:
    """The cells of the numbers under a figure, row by row."""
    body = re.search(rf'id="{anchor}".*?<tbody>(.*?)</tbody>', page, re.S)
    assert body
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", body[1], re.S)]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in rows]


@pytest.mark.parametrize("name", [name for name in FIGURES if name.startswith(("repartition", "scores"))])
async def test_bars_are_those_of_the_table_of_the_page(site: Datasette, db: sqlite3.Connection, name: str) -> None:
    found = figure(Path(site.get_database("donnees").path), name)
    page = await site.client.get(FIGURES[name][0])
    assert isinstance(found.content, Histogram) and found.content.mine is not None
    rows = table_of(page.text, f"{found.twin}")
    counts = [int(row[1]) for row in rows]
    assert [count for count in counts if count] == [held for _, _, held in found.content.bars if held]
    assert sum(counts) == 5
    mine = next(row for row in rows if "Haut-Rhin" in row[0])
    low, high, held = found.content.bars[found.content.mine]
    value = dict(found.content.marks)["own"]
    assert low <= value < high and int(mine[1]) == held and f"{low:g}" in mine[0]
    assert french.number(value, 1) in dict(found.key)["own"]


def columns_of(page: str, anchor: str) -> dict[str, dict[str, str]]:
    """The cells of the numbers under a figure, by heading of their column and of their row."""
    head = re.search(rf'id="{anchor}".*?<thead>(.*?)</thead>', page, re.S)
    assert head
    headings = [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<th.*?</th>", head[1], re.S)]
    rows = table_of(page, anchor)
    return {heading: {row[0]: row[n] for row in rows} for n, heading in enumerate(headings) if n}


@pytest.mark.parametrize("name", [name for name in FIGURES if not name.startswith(("repartition", "scores"))])
async def test_curves_are_those_of_the_table_of_the_page(site: Datasette, db: sqlite3.Connection, name: str) -> None:
    found = figure(Path(site.get_database("donnees").path), name)
    page = await site.client.get(FIGURES[name][0])
    assert isinstance(found.content, Curves)
    sql = "select time_period from observations union select time_period from score_series"
    months = {" ".join(period(row[0]).split()): month(row[0]) for row in db.execute(sql)}
    columns = columns_of(page.text, found.twin)
    labels = [label for kind, label in found.key if kind != "band"]
    for curve, label in zip(found.content.curves, labels, strict=True):
        cells = columns[label.rpartition(" · ")[2]]
        told = {months[head]: cell for head, cell in cells.items() if cell != "—"}
        drawn = dict(point for piece in curve.pieces for point in piece)
        assert drawn and drawn.keys() == told.keys(), label
        for at, value in drawn.items():
            assert re.fullmatch(rf"{french.number(value, 1)}( %)?", told[at]), (label, at, value, told[at])
    for at, *edges in found.content.band:
        head = next(head for head, value in months.items() if value == at)
        assert [french.number(edge, 1) for edge in edges] == [columns[n][head] for n in ("Au plus bas", "Au plus haut")]


@pytest.mark.parametrize("name", FIGURES)
async def test_page_shows_the_drawing_its_table_its_files_and_both_frames(site: Datasette, name: str) -> None:
    page = await site.client.get(FIGURES[name][0])
    assert page.status_code == 200
    stem, mark, query = name.partition("?")
    text = unescape(page.text)
    assert f'aria-labelledby="{stem}-titre {stem}-texte"' in text
    found = figure(Path(site.get_database("donnees").path), name)
    anchor = found.table.partition("#")[2]
    assert f' id="{anchor}"' in text
    for kind in ("png", "svg"):
        assert f'href="{found.files(kind)}" download' in text
    frames = re.findall(rf'src="http://localhost({re.escape(found.frame)}[^"]*)"', unescape(text))
    if found.unfrozen:
        assert frames == [found.frame] and found.unfrozen in text and "Figé à l’édition" not in text
    else:
        assert len(frames) == 2 and "edition=" not in frames[0] and frames[1].endswith("edition=2024.1")
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))


def test_numbers_of_the_course_are_those_of_the_table(database: Path, db: sqlite3.Connection) -> None:
    found = figure(database, "comparaison?t=DEP-68&t=DEP-85&indicateur=couverture-fibre")
    assert isinstance(found.content, Curves)
    for area, curve in zip(("DEP-68", "DEP-85"), found.content.curves, strict=True):
        rows = db.execute(
            "select time_period, obs_value from territory_series where ref_area = ? and indicator = 'couverture-fibre'"
            " order by time_period", [area],
        ).fetchall()  # fmt: skip
        assert curve.pieces == (tuple((month(period), value) for period, value in rows),)


@pytest.mark.parametrize("name", FIGURES)
def test_pointer_reads_the_value_of_each_bar_and_point(database: Path, name: str) -> None:
    found = figure(database, name)
    root = ElementTree.fromstring(found.svg)
    said = [title.text or "" for shape in root.iter("path") for title in shape.findall("title")]
    if isinstance(found.content, Histogram):
        held = [held for _, _, held in found.content.bars if held]
        assert sorted(int(text.rpartition(": ")[2].split("\u00a0")[0]) for text in said) == sorted(held)
    else:
        assert isinstance(found.content, Curves)
        values = [value for curve in found.content.curves for piece in curve.pieces for _, value in piece]
        assert len(said) == len(values)
        for value in values:
            assert any(french.number(value, 1) in text for text in said)
    assert all("\u00a0: " in text for text in said)


async def test_pages_without_enough_data_draw_nothing(site: Datasette) -> None:
    for url, name in (
        ("/indicateurs/couverture-fibre?niveau=REG", "repartition-couverture-fibre"),
        ("/indicateurs/eligibilite-1-gbits", "evolution-eligibilite-1-gbits"),
        ("/comparer?t=DEP-68&t=REG-44&indicateur=couverture-fibre", "comparaison"),
        ("/classements/departement", "scores-departement"),
        ("/classements/grande-ville?vue=repartition", "scores-grande-ville"),
    ):
        page = await site.client.get(url)
        assert page.status_code == 200 and f'aria-labelledby="{name}-titre' not in page.text, url


def test_english_figures_speak_english(database: Path) -> None:
    with languages.speaking("en"):
        for name in FIGURES:
            found = figure(database, name)
            assert isinstance(found.content, Histogram | Curves)
            curves = found.content.curves if isinstance(found.content, Curves) else ()
            told = [*getattr(found.content, "told", ()), *(text for curve in curves for text in curve.told)]
            assert told
            key = [label for _, label in found.key]
            said = [found.title, found.description, *found.notes, found.time_period, found.source, found.unfrozen]
            assert not FRENCH.search("\n".join((*said, *key, *told))), (said, key, told)
