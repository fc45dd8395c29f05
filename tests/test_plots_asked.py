"""Charts asked for by their name: whole as a file or a frame, live or frozen, refused in French."""

import gzip
import re
import sqlite3
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette
from plotted import FIGURES, figure, written
from repositories import ROOT

from observatory import images, plots_asked
from observatory.plots_bars import Histogram
from observatory.plots_curves import Curves, month

SVG = "{http://www.w3.org/2000/svg}"
LIMIT = 50_000


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
    frozen = bool(edition) and not found.unfrozen
    path = "/donnees/scores?edition=2024.1&" if frozen and name.startswith("scores") else found.table
    if frozen and not name.startswith("scores"):
        path = found.path
    assert any(unescape(link).startswith(path) for link in links)
    assert ("figée" in page.text) == frozen
    said = unescape(re.sub(r"<[^>]+>", "", page.text))
    assert len(re.findall(r"Édition 2024\.1", said)) == (frozen or name.startswith("scores"))
    assert (found.unfrozen in said) == bool(edition)  # empty where it may be frozen


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
