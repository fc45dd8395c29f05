"""Charts that are not maps: what is drawn is what the table says, in two languages, whole as a file or a frame."""

import gzip
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
import vl_convert
from datasette.app import Datasette
from repositories import ROOT

from observatory import french, images, languages, plots, plots_asked, plots_scores
from observatory.plots_bars import Histogram, counted
from observatory.plots_curves import Curve, Curves, graduated, month, pieces

SVG = "{http://www.w3.org/2000/svg}"
LIMIT = 50_000
# Each kind of figure with the page that shows it, and words that its file must hold.
FIGURES = {
    "repartition-eligibilite-1-gbits?territoire=DEP-68": (
        "/indicateurs/eligibilite-1-gbits?territoire=DEP-68&niveau=DEP", "répartition des départements, septembre 2019"
    ),
    "evolution-couverture-fibre?territoire=DEP-68": (
        "/indicateurs/couverture-fibre?territoire=DEP-68&niveau=DEP", "du 2e trimestre 2022 au 3e trimestre 2022"
    ),
    "scores-departement?territoire=DEP-68": (
        "/classements/departement?vue=repartition&territoire=DEP-68", "Édition 2024.1"
    ),
    "annees-DEP-68": ("/territoires/DEP-68/score", "de 2019 à 2024"),
    "comparaison?t=DEP-68&t=DEP-85&indicateur=couverture-fibre": (
        "/comparer?t=DEP-68&t=DEP-85&indicateur=couverture-fibre", "du 2e trimestre 2022 au 3e trimestre 2022"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def db(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(database)
    yield connection
    connection.close()


def figure(database: Path, asked: str) -> plots.Plot:
    name, _, query = asked.partition("?")
    parameters: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        parameters.setdefault(pair.partition("=")[0], []).append(pair.partition("=")[2])
    return plots_asked.read(database, name, parameters)


def written(name: str, kind: str) -> str:
    """The address of a figure as a file."""
    stem, mark, query = name.partition("?")
    return f"/graphiques/{stem}.{kind}{mark}{query}"


BARS = Histogram(
    bars=((0.0, 50.0, 4), (50.0, 100.0, 0), (100.0, 150.0, 9_000)), mine=2, marks=(("own", 120.0), ("median", 40.0)),
    values=((0.0, "0"), (100.0, "100\u202f%")), counts=counted(9_000),
)  # fmt: skip
COURSE = Curves(
    curves=(
        Curve("own", (((24_220, 1.0), (24_225, 3.0)), ((24_231, 2.0),)), ((24_231, 2.0),), "1", 2.0),
        Curve("median", (((24_220, 2.0), (24_231, 2.5)),)),
    ),
    months=((24_220, "2018"), (24_231, "2019")), values=((0.0, "0"), (4.0, "4")), span=(24_220, 24_231),
    band=((24_220, 1.0, 3.0), (24_231, 1.5, 2.5)), now=24_231, breaks=(24_225,),
)  # fmt: skip


# What is drawn


def data_of(content: plots.Content) -> list[dict[str, object]]:
    """The rows of every layer of the Vega-Lite of a content, checked against its schema."""
    spec = content.chart().to_dict(validate=True)
    return [row for layer in spec["layer"] for row in layer["data"]["values"]]


def test_bars_of_nobody_are_not_drawn_and_few_are_still_seen() -> None:
    rows = [row for row in data_of(BARS) if "held" in row]
    assert [(row["low"], row["high"], row["held"]) for row in rows] == [(0.0, 50.0, 4), (100.0, 150.0, 9_000)]
    assert rows[0]["tall"] == 100.0 and rows[1]["tall"] == 9_000
    assert [label for _, label in counted(9_000)] == ["0", "5\u202f000", "10\u202f000"]
    assert counted(0) == ((0.0, "0"), (1.0, "1"))


def test_course_breaks_where_it_has_no_value() -> None:
    rows = data_of(COURSE)
    assert [row["piece"] for row in rows if row.get("y") in (1.0, 3.0, 2.0) and "piece" in row] == [0, 0, 0, 1]
    assert pieces([("2019", 1.0), ("2021", 3.0)], ["2019", "2020", "2021"]) == [[("2019", 1.0)], [("2021", 3.0)]]


def test_graduation_of_time_is_where_the_values_are() -> None:
    assert graduated(["2019", "2022"]) == tuple((month(str(year)), str(year)) for year in range(2019, 2023))
    assert [label for _, label in graduated(["2017-Q4", "2020-Q1"])] == ["2018", "2019", "2020"]
    assert [label for _, label in graduated(["2022-Q2", "2022-Q3"])] == ["2ᵉ trimestre 2022", "3ᵉ trimestre 2022"]
    many = graduated([str(year) for year in range(1990, 2027)])
    assert len(many) <= 8 and many[-1][1] == "2026"


@pytest.mark.parametrize("content", [BARS, COURSE])
def test_drawing_is_shapes_and_letters_only(content: plots.Content) -> None:
    svg = plots.drawing(content)
    ElementTree.fromstring(svg)
    assert not re.search(r"<style|<script|style=|class=|aria-|role=|\son\w+=|xlink|href|url\(| id=", svg)
    assert plots.drawing(content) is svg  # kept
    assert set(re.findall(r'(?:fill|stroke)="(#\w+)"', svg)) <= {
        images.INK, images.SOFT, images.LINE, images.PAPER, images.WARM, images.ACCENT, images.COLUMN, images.RANGE
    }  # fmt: skip


def test_every_graduation_is_written_in_the_words_given() -> None:
    said = re.findall(r">([^<]+)</text>", plots.drawing(BARS))
    assert said == ["0", "100\u202f%", "0", "5\u202f000", "10\u202f000"]
    assert re.findall(r">([^<]+)</text>", plots.drawing(COURSE)) == ["2018", "2019", "0", "4", "1", "1"]
    many = tuple((float(at), str(at)) for at in range(0, 101, 10))
    said = re.findall(r">([^<]+)</text>", plots.drawing(replace(COURSE, values=many)))
    assert said[2:-2] == [label for _, label in many]


def test_marks_differ_by_dash_or_shape_and_not_only_by_colour() -> None:
    together = (("own", "other", "parent", "median"), ("score", "today"), tuple("123456"))
    for kinds in together:
        said = [(plots.MARKS[kind].dash, plots.MARKS[kind].shape, plots.MARKS[kind].hollow) for kind in kinds]
        assert len(set(said)) == len(said)
        drawn = [re.sub(r"#\w+", "", plots.swatch(kind)) for kind in kinds]
        assert len(set(drawn)) == len(drawn)


def test_dark_scheme_has_each_colour_that_is_drawn() -> None:
    sheet = (ROOT / "static" / "observatoire.css").read_text("utf-8")
    light = dict(reversed(re.findall(r"--([\w-]+): (#\w+);", sheet)))  # the first is that of the light scheme
    rules = dict(re.findall(r'\.plot \[(?:fill|stroke)="(#\w+)"\] \{ (?:fill|stroke): var\(--([\w-]+)\); \}', sheet))
    for name in ("INK", "SOFT", "LINE", "PAPER", "WARM", "ACCENT", "COLUMN", "RANGE"):
        colour = getattr(images, name)
        shown = light[rules[colour]]
        assert shown in (colour, "#fff" if colour == "#ffffff" else colour)
    for content in (BARS, COURSE):
        for kind, colour in re.findall(r'(fill|stroke)="(#\w+)"', plots.drawing(content)):
            assert f'.plot [{kind}="{colour}"]' in sheet, (kind, colour)


def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    real = vl_convert.vegalite_to_svg

    def watched(spec: str, **options: object) -> str:
        given.append((json.loads(spec), options))
        return str(real(spec, **options))

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", watched)
    plots.drawing.__wrapped__(BARS)
    ((spec, options),) = given
    assert options["allowed_base_urls"] == []
    assert not re.search(r'"url"|https?://', json.dumps({**spec, "$schema": ""}))


# What is said with it


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


@pytest.mark.parametrize("name", [name for name in FIGURES if not name.startswith(("repartition", "scores"))])
async def test_curves_are_those_of_the_table_of_the_page(site: Datasette, name: str) -> None:
    found = figure(Path(site.get_database("donnees").path), name)
    page = await site.client.get(FIGURES[name][0])
    assert isinstance(found.content, Curves)
    rows = table_of(page.text, found.twin)
    drawn = [value for curve in found.content.curves for piece in curve.pieces for _, value in piece]
    told = [cell for row in rows for cell in row[1:]]
    assert drawn
    for value in drawn:
        assert any(cell.startswith(french.number(value, 1)) for cell in told), (value, told)
    assert len({at for curve in found.content.curves for piece in curve.pieces for at, _ in piece}) == len(rows)


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


def test_very_long_courses_do_without_words_under_the_pointer_and_words_are_whole() -> None:
    def course(points: int) -> str:
        run = tuple((24_220 + n, 1.0) for n in range(points))
        curve = Curve("own", (run,), told=("0.123456 & <plus>",) * points)
        return plots.drawing(replace(COURSE, curves=(curve,), span=(24_220, 24_220 + points)))

    assert course(150).count("<title>0.123456 &amp; &lt;plus&gt;</title>") == 150
    assert "<title>" not in course(151)


async def test_pages_without_enough_data_draw_nothing(site: Datasette) -> None:
    for url, name in (
        ("/indicateurs/couverture-fibre?niveau=REG", "repartition-couverture-fibre"),
        ("/indicateurs/eligibilite-1-gbits", "evolution-eligibilite-1-gbits"),
        ("/comparer?t=DEP-68&t=REG-44&indicateur=couverture-fibre", "comparaison"),
        ("/classements/departement", "scores-departement"),
    ):
        page = await site.client.get(url)
        assert page.status_code == 200 and f'aria-labelledby="{name}-titre' not in page.text, url


def test_years_of_a_score_are_those_of_the_index_or_of_the_longest_domain() -> None:
    def row(node: str, year: str, score: float | None, geography: str = "epoque") -> dict[str, object]:
        return {"node": node, "time_period": year, "score": score, "geography": geography, "score_low": score,
                "score_high": score}  # fmt: skip

    titles = {"index": "Indice", "a": "A", "b": "B"}
    domains = [row(node, year, 5.0) for node, year in (("a", "2021"), ("b", "2021"), ("b", "2022"), ("x", "2020"))]
    found = plots_scores.years([row("index", "2022", 1.0), *domains], titles)
    assert found and found["shown"] == "b" and [r["time_period"] for r in found["own"]] == ["2021", "2022"]
    found = plots_scores.years([row("index", "2022", 1.0), row("index", "2021", 2.0), *domains], titles)
    assert found and found["shown"] == "index"
    assert plots_scores.years([row("a", "2022", None)], titles) is None
    again = [row("a", y, s, g) for g, s in (("epoque", 1.0), ("constante", 1.0)) for y in ("2021", "2022")]
    found = plots_scores.years(again, titles)
    assert found and found["same"] and found["others"] == []
    again[-1]["score"] = 3.0
    found = plots_scores.years(again, titles)
    assert found and not found["same"] and len(found["others"]) == 2
    drawn = plots_scores.course(found, "DEP-68", "Haut-Rhin", "2024.1")
    assert drawn and [kind for kind, _ in drawn.key] == ["score", "today"]  # and no band where nothing was missing
    again[0]["score_low"] = 0.0
    found = plots_scores.years(again, titles)
    drawn = plots_scores.course(found, "DEP-68", "Haut-Rhin", "2024.1")
    assert drawn and [kind for kind, _ in drawn.key] == ["score", "today", "band"] and drawn.notes


def test_english_figures_speak_english(database: Path) -> None:
    with languages.speaking("en"):
        for name in FIGURES:
            found = figure(database, name)
            said = " ".join((found.title, found.description, *found.notes, found.time_period, found.source))
            assert not re.search(r"répartition|trimestre|Chaque|données :|Barres|médiane|édition|\d,\d", said), said


# As files


@pytest.mark.parametrize("name", FIGURES)
async def test_file_stands_alone_with_title_source_date_and_address(site: Datasette, name: str) -> None:
    answer = await site.client.get(written(name, "svg"))
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.text)
    text = "".join(t.text or "" for t in root.iter(f"{SVG}text"))
    found = figure(Path(site.get_database("donnees").path), name)
    page, period = FIGURES[name]
    for part in (images.plain(found.title), found.source, period, f"http://localhost{page}", *dict(found.key).values()):
        assert part.replace(" ", "") in images.plain(text).replace(" ", "") or images.plain(part).replace(
            " ", ""
        ) in text.replace(" ", ""), part
    assert root.get("width") == "1200" and root.get("role") == "img"
    assert not re.search(r"class=|<a |var\(|style", answer.text)
    stem = name.partition("?")[0]
    assert f'filename="{stem}.svg"' in answer.headers["content-disposition"]
    assert "max-age" in answer.headers["cache-control"]
    png = (await site.client.get(written(name, "png"))).content
    assert png[:4] == b"\x89PNG" and int.from_bytes(png[16:20], "big") == 1200


async def test_file_speaks_english(site: Datasette) -> None:
    answer = await site.client.get("/en" + written("scores-departement", "svg"))
    assert "Source: " in answer.text and "http://localhost/en/classements/departement?vue=repartition" in answer.text
    assert "distribution of the scores of départements" in answer.text


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("repartition-rien", 404), ("repartition-couverture-fibre?niveau=REG", 404), ("scores-rien", 404),
        ("evolution-eligibilite-1-gbits", 404), ("annees-DEP-99", 404), ("annees-COM-01091", 404),
        ("scores-departement?noeud=rien", 404), ("scores-departement?edition=1900.1", 404),
        ("repartition-eligibilite-1-gbits?periode=1900", 404), ("repartition-eligibilite-1-gbits?niveau=%22%3E", 404),
        ("comparaison?t=DEP-68&t=DEP-9999", 404), ("comparaison?t=DEP-68&t=REG-44&indicateur=couverture-fibre", 404),
        ("comparaison", 400), ("scores-departement?poids.mediation=-1", 400),
        ("scores-departement?dans=REG-44&dans=REG-84", 400),
    ],
)  # fmt: skip
async def test_what_there_is_not_is_refused_in_french(site: Datasette, name: str, status: int) -> None:
    for url in (written(name, "svg"), written(name, "png"), f"/integrer/figures/{name}"):
        answer = await site.client.get(url)
        assert answer.status_code == status, url
        assert "<script>" not in answer.text
        if status == 404:
            assert "Page introuvable" in answer.text
        else:
            assert re.search(r"Une comparaison réunit|n’est pas un poids|plusieurs fois", answer.text)


# Frames


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("edition", ["", "2024.1"])
async def test_frame_is_light_runs_no_script_and_leads_back(site: Datasette, name: str, edition: str) -> None:
    url = f"/integrer/figures/{name}" + (("&" if "?" in name else "?") + f"edition={edition}" if edition else "")
    page = await site.client.get(url)
    assert page.status_code == 200
    sheets = [(ROOT / path[1:]).read_bytes() for path in re.findall(r'<link[^>]+href="(/static/[^"]+)"', page.text)]
    assert sheets and sum(map(len, (page.content, *sheets))) < LIMIT
    assert len(gzip.compress(page.content)) < 5_000
    assert not re.search(r"<script|<style|style=|\son\w+=|<img|src=|@import|url\(", page.text)
    links = re.findall(r'<a href="([^"]+)"[^>]*>', page.text)
    assert all(link.startswith("/") for link in links) and page.text.count('target="_top"') == len(links)
    assert page.text.count("<h1>") == 1 and 'role="img"' in page.text and "noindex" in page.text
    found = figure(Path(site.get_database("donnees").path), name)
    path = found.path if edition else found.table
    assert any(unescape(link).startswith(path) for link in links)
    assert ("figée" in page.text) == bool(edition)


def test_frozen_figure_is_of_the_period_that_its_edition_used(database: Path, db: sqlite3.Connection) -> None:
    frozen = figure(database, "evolution-couverture-fibre?territoire=DEP-68&edition=2024.1")
    assert ("periode", "2022-Q3") in frozen.query and frozen.files("svg").endswith("periode=2022-Q3&edition=2024.1")
    assert "edition" not in frozen.page
    assert isinstance(frozen.content, Curves) and frozen.content.span[1] == month("2022-Q3")


def test_frozen_course_stops_and_frozen_scores_are_those_of_the_edition(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "donnees.db"
    with sqlite3.connect(database) as source, sqlite3.connect(other) as copy:
        source.backup(copy)
        copy.execute("create temp table old as select * from scores where peer_group = 'departement'")
        copy.execute("update old set edition = '1999.1', score = 12 where score is not null")
        copy.execute("insert into scores select * from old")
        copy.execute("create temp table oldest as select * from method limit 1")
        copy.execute("update oldest set edition = '1999.1', time_period = '2022'")
        copy.execute("insert into method select * from oldest")
        copy.execute("update scores set observed_period = '2022-Q2' where edition = '1999.1'")
    name = "scores-departement?territoire=DEP-68"
    frozen, live = figure(other, f"{name}&edition=1999.1"), figure(other, name)
    assert isinstance(frozen.content, Histogram) and isinstance(live.content, Histogram)
    assert [bar for bar in frozen.content.bars if bar[2]] == [(10.0, 15.0, 5)] != live.content.bars
    assert "1999.1" in frozen.source and frozen.table.startswith("/donnees/scores?edition=1999.1&")
    with pytest.raises(plots_asked.Refusal, match="édition en cours"):
        figure(other, "scores-departement?edition=1999.1&poids.infrastructures=5")
    for course in ("evolution-couverture-fibre?territoire=DEP-68", FIGURE_OF_TWO):
        with pytest.raises(plots_asked.Refusal):  # one period is left: no course
            figure(other, f"{course}&edition=1999.1")
    years = figure(other, "annees-DEP-68?edition=2024.1")
    assert years.time_period == "de 2019 à 2024"


FIGURE_OF_TWO = "comparaison?t=DEP-68&t=DEP-85&indicateur=couverture-fibre"


async def test_map_of_communes_without_its_departement_says_which_there_are(site: Datasette) -> None:
    page = await site.client.get("/integrer/indicateurs/eligibilite-1-gbits?niveau=COM")
    assert page.status_code == 200 and "Choisissez un département" in page.text
    assert 'href="/integrer/indicateurs/eligibilite-1-gbits?niveau=COM&amp;departement=68"' in page.text
    missing = await site.client.get("/integrer/indicateurs/rien?niveau=COM")
    assert missing.status_code == 404 and "Page introuvable" in missing.text
