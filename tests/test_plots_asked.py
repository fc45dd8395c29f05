"""Charts asked for by their name: whole as a file or a frame, live or frozen, refused in French."""

import gzip
import re
import sqlite3
import threading
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
import vl_convert
from datasette.app import Datasette
from plotted import FIGURES, figure, written
from repositories import ROOT
from sites import portal

from observatory import images, plots, plots_asked
from observatory.plots_bars import Histogram
from observatory.plots_curves import Curves, month

SVG = "{http://www.w3.org/2000/svg}"
LIMIT = 50_000
REFUSED = re.compile(r"Une comparaison réunit|Plusieurs territoires répondent|n’est pas un poids|plusieurs fois")
FIGURE_OF_TWO = "comparaison?t=DEP-68&t=DEP-85&indicateur=couverture-fibre"


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
        ("evolution-eligibilite-1-gbits", 404), ("annees-DEP-99", 404), ("annees-COM-01033", 404),
        ("scores-departement?noeud=rien", 404), ("scores-departement?edition=1900.1", 404),
        ("repartition-eligibilite-1-gbits?periode=1900", 404), ("repartition-eligibilite-1-gbits?niveau=%22%3E", 404),
        ("comparaison?t=DEP-68&t=DEP-9999", 404), ("comparaison?t=DEP-68&t=REG-44&indicateur=couverture-fibre", 404),
        ("comparaison?t=DEP-68&t=rien", 404), ("comparaison?t=Paris&t=DEP-68", 400),
        ("comparaison", 400), ("comparaison?t=DEP-68&t=haut-rhin", 400), ("scores-departement?poids.mediation=-1", 400),
        ("scores-departement?dans=REG-44&dans=REG-84", 400),
    ],
)  # fmt: skip
async def test_what_there_is_not_is_refused_in_french(site: Datasette, name: str, status: int) -> None:
    for url in (written(name, "svg"), written(name, "png"), f"/integrer/figures/{name}"):
        answer = await site.client.get(url, headers={"accept": "text/html"})
        assert answer.status_code == status, url
        assert "<script>" not in answer.text
        if status == 404:
            assert "Page introuvable" in answer.text
        else:
            assert re.search(
                r"Une comparaison réunit|Plusieurs territoires répondent|n’est pas un poids|plusieurs fois", answer.text
            )


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
    frozen = bool(edition) and not found.unfrozen
    path = "/donnees/scores?edition=2024.1&" if frozen and name.startswith("scores") else found.table
    if frozen and not name.startswith("scores"):
        path = found.path
    assert any(unescape(link).startswith(path) for link in links)
    assert ("figée" in page.text) == frozen
    said = unescape(re.sub(r"<[^>]+>", "", page.text))
    assert len(re.findall(r"Édition 2024\.1", said)) == (frozen or name.startswith("scores"))
    assert found.unfrozen in said or not edition


def test_frozen_figure_is_of_the_period_that_its_edition_used(database: Path) -> None:
    frozen = figure(database, "evolution-couverture-fibre?territoire=DEP-68&edition=2024.1")
    assert ("periode", "2022-Q3") in frozen.query and frozen.files("svg").endswith("periode=2022-Q3&edition=2024.1")
    assert "edition" not in frozen.page
    assert isinstance(frozen.content, Curves) and frozen.content.span[1] == month("2022-Q3")


@pytest.fixture(scope="module")
def longer(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny site with an older edition, and two years of two communes and of one that is no more."""
    other = tmp_path_factory.mktemp("longer") / "donnees.db"
    with sqlite3.connect(database) as source, sqlite3.connect(other) as copy:
        source.backup(copy)
        for table, changes, kept in (
            ("scores", "edition = '1999.1', score = 12 + 0 * score", "peer_group = 'departement'"),
            ("method", "edition = '1999.1', time_period = '2022'", "edition = '2024.1'"),
            ("score_series", "time_period = '2022', score = 50", "ref_area = 'COM-01033'"),
            ("score_series", "ref_area = 'COM-01091', score = 20", "ref_area = 'COM-01033'"),
            ("observations", "time_period = '2018-09'", "ref_area in ('COM-01033', 'COM-68224')"),
        ):
            copy.execute(f"create temp table more as select * from {table} where {kept}")
            copy.execute(f"update more set {changes}")
            copy.execute(f"insert into {table} select * from more")
            copy.execute("drop table more")
        copy.execute("update scores set observed_period = '2022-Q2' where edition = '1999.1'")
        copy.execute("update territories set successors = null where ref_area = 'COM-01205'")
    return other


def test_frozen_course_stops_and_frozen_scores_are_those_of_the_edition(longer: Path) -> None:
    name = "scores-departement?territoire=DEP-68"
    frozen, live = figure(longer, f"{name}&edition=1999.1"), figure(longer, name)
    assert isinstance(frozen.content, Histogram) and isinstance(live.content, Histogram)
    assert [bar for bar in frozen.content.bars if bar[2]] == [(10.0, 15.0, 5)] != live.content.bars
    assert "1999.1" in frozen.source and frozen.table.startswith("/donnees/scores?edition=1999.1&")
    with pytest.raises(plots_asked.Refusal, match="édition en cours"):
        figure(longer, "scores-departement?edition=1999.1&poids.infrastructures=5")
    for course in ("evolution-couverture-fibre?territoire=DEP-68", FIGURE_OF_TWO):
        with pytest.raises(plots_asked.Refusal):  # one period is left: no course
            figure(longer, f"{course}&edition=1999.1")


async def test_scores_by_year_are_live_and_say_so_whatever_edition_is_asked(longer: Path) -> None:
    site = portal(longer)
    await site.invoke_startup()
    live, asked = figure(longer, "annees-DEP-68"), figure(longer, "annees-DEP-68?edition=1999.1")
    assert asked == live and not asked.edition and "edition" not in asked.frame
    page = unescape((await site.client.get("/integrer/figures/annees-DEP-68?edition=1999.1")).text)
    assert "figée" not in page and "1999.1" not in page
    assert live.unfrozen in page and "2024.1" in live.unfrozen and "édition 2024.1" in page


async def test_frozen_scores_say_their_edition_once_and_lead_to_its_figures(longer: Path) -> None:
    site = portal(longer)
    await site.invoke_startup()
    asked = "scores-departement?territoire=DEP-68&edition=1999.1"
    page = unescape((await site.client.get(f"/integrer/figures/{asked}")).text)
    assert page.count("Édition 1999.1") == 1 and "<strong>Édition 1999.1, figée</strong>" in page
    links = set(re.findall(r'<a href="([^"]+)"', page))
    assert len(links) == 1
    assert links == {figure(longer, asked).page} and f"http://localhost{links.pop()}" in written_in(
        (await site.client.get(written(asked, "svg"))).text
    )
    rows = await site.client.get(figure(longer, asked).page.replace("/scores?", "/scores.json?_shape=array&"))
    assert {row["score"] for row in rows.json()} == {12} and len(rows.json()) == 5


def written_in(svg: str) -> str:
    """The letters of a file, its lines joined."""
    return "".join(text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text"))


# Of which territory


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("annees-dep-68", "annees-DEP-68"), ("annees-68", "annees-DEP-68"), ("annees-REG-42", "annees-REG-44"),
        ("annees-reg-42", "annees-REG-44"), ("annees-COM-01091", "annees-COM-01033"),
        ("annees-COM-01091?vue=ancien", "annees-COM-01091?vue=ancien"),
        ("annees-DEP-68?vue=ancien", "annees-DEP-68"),
        ("comparaison?t=dep-68&t=dep-01", "comparaison?t=DEP-68&t=DEP-01&indicateur=couverture-fibre"),
        ("comparaison?t=haut-rhin,Ain", "comparaison?t=DEP-68&t=DEP-01&indicateur=couverture-fibre"),
        ("comparaison?t=REG-42&t=REG-84", "comparaison?t=REG-44&t=REG-84&indicateur=couverture-fibre"),
        ("comparaison?t=COM-01091&t=COM-68224", "comparaison?t=COM-01033&t=COM-68224&indicateur=eligibilite-1-gbits"),
    ],
)  # fmt: skip
def test_territory_is_the_one_that_the_words_mean_or_its_heir(longer: Path, asked: str, shown: str) -> None:
    indicator = shown.partition("indicateur=")[2]
    found = figure(longer, asked + (f"&indicateur={indicator}" if indicator else ""))
    assert found.frame == f"/integrer/figures/{shown}"
    assert figure(longer, shown) == found


def test_former_territory_keeps_its_own_course_apart_from_that_of_its_heir(longer: Path) -> None:
    former, heir = figure(longer, "annees-COM-01091?vue=ancien"), figure(longer, "annees-COM-01091")
    assert former.page == "/territoires/COM-01091/score?vue=ancien" and "Châtillon" in former.title
    assert heir.page == "/territoires/COM-01033/score" and "Valserhône" in heir.title
    assert former.content != heir.content and former.files("svg").endswith("/annees-COM-01091.svg?vue=ancien")


def test_territory_that_nobody_took_whole_is_not_compared(longer: Path) -> None:
    with pytest.raises(plots_asked.Refusal, match="aucun territoire n’en a pris toute la place") as refused:
        figure(longer, "comparaison?t=COM-01205&t=COM-68224")
    assert refused.value.status == 404


@pytest.mark.parametrize("url", [f"/integrer/figures/{FIGURE_OF_TWO}", written(FIGURE_OF_TWO, "svg")])
async def test_nothing_is_drawn_while_others_wait(site: Datasette, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    drawn = []
    real = vl_convert.vegalite_to_svg

    def watched(spec: str, **options: object) -> str:
        drawn.append(threading.current_thread())
        return str(real(spec, **options))

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", watched)
    plots.drawing.cache_clear()
    assert (await site.client.get(url)).status_code == 200
    assert drawn and threading.main_thread() not in drawn


async def test_map_of_communes_without_its_departement_says_which_there_are(site: Datasette) -> None:
    page = await site.client.get("/integrer/indicateurs/eligibilite-1-gbits?niveau=COM")
    assert page.status_code == 200 and "Choisissez un département" in page.text
    assert 'href="/integrer/indicateurs/eligibilite-1-gbits?niveau=COM&amp;departement=68"' in page.text
    missing = await site.client.get("/integrer/indicateurs/rien?niveau=COM")
    assert missing.status_code == 404 and "Page introuvable" in missing.text
