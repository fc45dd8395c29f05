"""Choropleths: what is drawn is what the tables say, small, named, in two languages, and whole as a file."""

import gzip
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from chromium import MARKS, chromium
from datasette.app import Datasette
from playwright.sync_api import Browser
from repositories import ROOT

from observatory import charts, french, images, languages, maps, maps_base, maps_communes, maps_image, maps_reading
from observatory import maps_grid as grid
from observatory.maps_classes import quintiles
from observatory.maps_reading import Asked, Facts
from observatory.territories import read_territories

TITLES = re.compile(r'<a href="/territoires/([^"]+)"( tabindex="-1")?><title>([^<]*)</title><path (\S+)')


@pytest.fixture(scope="module")
def db(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(database)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def bases(db: sqlite3.Connection) -> dict[str, maps_base.Base]:
    rows = db.execute("select level, drawing from charts where name in ('fond-reg', 'fond-dep', 'fond-epci')")
    return {level: maps_base.Base.from_json(text) for level, text in rows}


def drawing(db: sqlite3.Connection, asked: Asked) -> maps.Drawing:
    found = maps.shown(maps_reading.facts(ROOT, db, asked))
    assert found
    return found


# Classes


def test_quintiles_hold_a_fifth_each_in_the_order_of_values() -> None:
    groups, colours = quintiles({f"DEP-{n:02}": float(n) for n in range(100, 0, -1)}, 1)
    assert [(g.colour, g.low, g.high, g.count) for g in groups] == [
        (1, 1, 20, 20), (2, 21, 40, 20), (3, 41, 60, 20), (4, 61, 80, 20), (5, 81, 100, 20)
    ]  # fmt: skip
    assert colours["DEP-20"] == 1 and colours["DEP-21"] == 2 and colours["DEP-100"] == 5


def test_values_that_read_the_same_are_in_one_class() -> None:
    groups, colours = quintiles({"a": 0.04, "b": 0.0, "c": -0.04, "d": 12.31, "e": 12.29, "f": None}, 1)
    assert [(g.colour, g.low, g.high, g.count) for g in groups] == [(2, 0.0, 0.0, 3), (4, 12.3, 12.3, 2)]
    assert colours["a"] == colours["c"] and "f" not in colours
    assert quintiles({"a": None}, 1) == ([], {})


# Outlines


def test_path_is_written_in_steps_and_read_again_at_half_the_size() -> None:
    square = [(0, 0), (2, 0), (4, 0), (4, 4), (0, 4)]
    assert grid.written([square]) == "M0 0l4 0 0 4-4 0z"
    assert grid.halved("M0 0l4 0 0 4-4 0z") == [[(0, 0), (2, 0), (2, 2), (0, 2)]]
    assert grid.rings("M0,0L1,0L1.1,1L0,1Z", 2) == [[(0, 0), (2, 0), (2, 2), (0, 2)]]


def test_specks_are_left_out_but_the_longest_ring_never() -> None:
    speck, large = [(0, 0), (1, 0), (1, 1), (0, 1)], [(9, 9), (19, 9), (19, 19), (9, 19)]
    assert grid.written([speck, large], 16) == "M9 9l10 0 0 10-10 0z"
    assert grid.written([speck], 16).startswith("M0 0")


def test_neighbours_thinned_together_share_their_border_and_its_ends() -> None:
    border = [(10, 0), (11, 5), (10, 10), (9, 15), (10, 20), (14, 30), (10, 40)]
    shapes = {"west": [[(0, 0), *border, (0, 40)]], "east": [[(30, 0), (30, 40), *reversed(border)]]}
    thin = grid.thinned(shapes, 20.0)
    west, east = (set(thin[key][0]) & set(border) for key in ("west", "east"))
    assert west == east and {(10, 0), (10, 40), (14, 30)} <= west and len(west) < len(border)


def test_a_point_where_three_borders_meet_is_kept_by_all() -> None:
    shapes = {
        "north": [[(0, 0), (10, 0), (20, 0), (40, -30), (0, -60)]],
        "east": [[(10, 0), (30, 1), (80, 0), (40, -30), (20, 0)]],
        "south": [[(0, 0), (10, 0), (30, 1), (80, 0), (30, 90)]],
    }
    thin = grid.thinned(shapes, 12.0)
    assert all((10, 0) in thin[key][0] for key in shapes)
    assert (5, 0) not in grid.thinned({"alone": [[(0, 0), (5, 0), (10, 0), (10, 9), (0, 9)]]}, 1.0)["alone"][0]


@pytest.mark.parametrize(("level", "count"), [("REG", 18), ("DEP", 101), ("EPCI", 1266)])
def test_base_draws_every_territory_of_the_contours(bases: dict[str, maps_base.Base], level: str, count: int) -> None:
    base = bases[level]
    assert len({s.ref_area for s in base.shapes}) == count
    assert {text for _x, _y, text in base.labels} >= {"Guadeloupe", "Martinique", "Guyane", "La Réunion", "Mayotte"}
    # Starting points are inside the frame, and overseas stand at its left.
    starts = {s.ref_area: tuple(map(int, re.findall(r"\d+", s.path)[:2])) for s in base.shapes}
    assert all(x <= base.width and y <= base.height for x, y in starts.values())
    overseas = {"REG": "REG-04", "DEP": "DEP-974", "EPCI": "EPCI-249740119"}[level]
    assert starts[overseas][0] < base.width / 8


@pytest.mark.parametrize("level", ["REG", "DEP", "EPCI"])
def test_real_map_is_under_150_kilobytes_compressed(bases: dict[str, maps_base.Base], level: str) -> None:
    base = bases[level]
    areas = [s.ref_area for s in base.shapes]
    facts = Facts(
        asked=Asked("index", level), title="Indice", scored=True, time_period="2026", base=base,
        values={a: 100 * n / len(areas) for n, a in enumerate(areas)},
        levels={a: n % 5 + 1 for n, a in enumerate(areas)},
        sources=("2026.2",), scale=tuple((n, "Niveau au nom assez long", 20.0 * n) for n in range(1, 6)),
    )  # fmt: skip
    found = maps.drawn(facts)
    assert len(gzip.compress(found.svg.encode(), 6)) < 150_000
    assert [e.colour for e in found.legend] == [1, 2, 3, 4, 5]
    assert sum(e.count for e in found.legend) == len(set(areas))


# What is drawn


def test_figures_of_the_map_are_those_of_the_table(db: sqlite3.Connection) -> None:
    rows = db.execute(
        "select c.svg, c.subject, c.time_period, i.symbol, i.decimals"
        " from charts c join indicator i on i.code = c.subject"
    ).fetchall()
    assert len(rows) > 3
    for svg, subject, period, symbol, decimals in rows:
        values = dict(
            db.execute("select ref_area, obs_value from current_values where indicator = ? and time_period = ?",
                       (subject, period))
        )  # fmt: skip
        said = {area: title.rpartition(" : ")[2] for area, _tab, title, _fill in TITLES.findall(svg)}
        shown = {area: text for area, text in said.items() if text != "pas de valeur"}
        assert shown == {
            area: french.quantity(values[area], symbol, decimals) for area in said if values.get(area) is not None
        }


def test_colour_of_a_score_is_its_level_and_the_unranked_are_hatched(db: sqlite3.Connection) -> None:
    (svg,) = db.execute("select svg from charts where name = 'carte-index-dep'").fetchone()
    ranked = dict(db.execute("select ref_area, level from scores where node = 'index' and rank is not null"))
    drawn = {area: (title, fill) for area, _tab, title, fill in TITLES.findall(svg)}
    assert ranked.keys() & drawn.keys()
    for area, (title, fill) in drawn.items():
        if area in ranked:
            assert fill == f'class="l{ranked[area]}"' and f"niveau {ranked[area]} · " in title
        else:
            assert fill == 'fill="url(#carte-index-dep-vide)"' and title.endswith(" : non classé")


def test_who_has_a_level_without_a_rank_is_not_classed(db: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    db.backup(copy)
    copy.execute("update scores set rank = null, level = 5 where ref_area = 'DEP-68'")
    found = drawing(copy, Asked("index", "DEP"))
    said = {area: (title, fill) for area, _tab, title, fill in TITLES.findall(found.svg)}
    assert said["DEP-68"] == ("Haut-Rhin : non classé", 'fill="url(#carte-index-dep-vide)"')


def test_legend_counts_each_territory_once(db: sqlite3.Connection) -> None:
    for name, level, legend in db.execute("select name, level, legend from charts where legend is not null"):
        count = {"REG": 18, "DEP": 101, "EPCI": 1266}[level]
        assert sum(entry[2] for entry in json.loads(legend)) == count, name


def test_svg_of_the_page_obeys_its_policy_and_is_named(db: sqlite3.Connection) -> None:
    for name, title, svg in db.execute("select name, title, svg from charts"):
        root = ElementTree.fromstring(svg)
        assert not re.search(r"<style|<script|style=|\son\w+=|xlink|https?:", svg), name
        assert root.find("title").text == title  # type: ignore[union-attr]
        ids = re.findall(r' id="([^"]+)"', svg)
        assert len(ids) == len(set(ids)) and all(i.startswith(name) for i in ids)


def test_few_shapes_are_stops_of_the_keyboard_and_1255_are_not(db: sqlite3.Connection) -> None:
    stops = {
        row[0]: maps.Drawing.of_row(dict(zip(maps.KEPT, row, strict=True))).stops
        for row in db.execute(f"select {', '.join(maps.KEPT)} from charts where subject is not null")
    }
    assert stops["carte-index-dep"] == 101 and stops["carte-eligibilite-1-gbits-epci"] == 0


def test_marked_territory_is_outlined_and_said(db: sqlite3.Connection) -> None:
    plain = drawing(db, Asked("eligibilite-1-gbits", "DEP"))
    marked = maps.marked(plain, "DEP-68")
    assert marked.svg.count('class="mine"') == 1 and marked.mine.startswith("Haut-Rhin : ")
    assert maps.marked(plain, "DEP-75").svg.count('class="mine"') == 2  # in its box too
    assert maps.marked(plain, 'DEP-68"><script>') == plain


def test_no_map_of_what_there_is_not(db: sqlite3.Connection) -> None:
    for asked in (
        Asked("rien", "DEP"), Asked("index", "FRA"), Asked("index", "DEP", departement="68"), Asked("index", "COM"),
        Asked("eligibilite-1-gbits", "DEP", period="1900"), Asked("index", "DEP", edition="1900.1"),
        Asked("eligibilite-1-gbits", "COM", departement="../68"), Asked("eligibilite-1-gbits", "DEP", edition="1900.1"),
    ):  # fmt: skip
        assert maps_reading.facts(ROOT, db, asked) is None, asked


def test_frozen_map_shows_the_levels_of_its_edition(db: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    db.backup(copy)
    copy.execute("create temp table old as select * from scores where node = 'index' and rank is not null")
    copy.execute("update old set edition = '1999.1', level = 5")
    copy.execute("insert into scores select * from old")
    copy.execute("create temp table oldest as select * from method limit 1")
    copy.execute("update oldest set edition = '1999.1'")
    copy.execute("insert into method select * from oldest")
    frozen, live = (maps_reading.facts(ROOT, copy, Asked("index", "DEP", edition=e)) for e in ("1999.1", None))
    assert frozen and live and set(frozen.levels.values()) == {5} != set(live.levels.values())
    assert "1999.1" in maps.drawn(frozen).source


def test_frozen_map_of_what_no_edition_counts_is_of_the_year_of_the_edition(db: sqlite3.Connection) -> None:
    copy = sqlite3.connect(":memory:")
    db.backup(copy)
    copy.execute("delete from scores where node = 'eligibilite-1-gbits'")
    copy.execute("insert into indicator_coverage select indicator, '2999', level, observed, 101, 101"
                 " from indicator_coverage where indicator = 'eligibilite-1-gbits' and level = 'DEP'")  # fmt: skip
    copy.execute("create temp table late as select * from observations where indicator = 'eligibilite-1-gbits'")
    copy.execute("update late set time_period = '2999'")
    copy.execute("insert into observations select * from late")
    asked = Asked("eligibilite-1-gbits", "DEP")
    live, frozen = (maps_reading.facts(ROOT, copy, replace(asked, edition=e)) for e in (None, "2024.1"))
    assert live and frozen and (live.time_period, frozen.time_period) == ("2999", "2019-09")
    assert maps_reading.facts(ROOT, copy, replace(asked, edition="1900.1")) is None


# Communes


def test_maps_of_communes_are_small_and_hold_every_commune() -> None:
    paths = sorted((ROOT / maps_communes.FOLDER).glob("*.json"))
    assert len(paths) == 101 and sum(path.stat().st_size for path in paths) <= 4_000_000
    drawn = {s.ref_area for path in paths for s in maps_base.Base.from_json(path.read_text("utf-8")).shapes}
    territories = read_territories(ROOT)
    expected = {
        t.ref_area for t in territories
        if t.level == "COM" and t.code < "975" and territories.exists(t.ref_area, "2026-01-01")
    }  # fmt: skip
    # Four communes of Cantal were founded again after the contours were drawn.
    assert expected - drawn == {"COM-15031", "COM-15035", "COM-15047", "COM-15171"}
    assert {area for area in drawn - expected if area < "COM-976"} == set()


def test_communes_of_a_departement_are_drawn_with_their_values(db: sqlite3.Connection) -> None:
    found = drawing(db, Asked("eligibilite-1-gbits", "COM", departement="68"))
    assert found.title.endswith("Haut-Rhin") and found.name == "carte-eligibilite-1-gbits-com-68"
    values = dict(db.execute("select ref_area, obs_value from current_values where indicator = 'eligibilite-1-gbits'"))
    said = {area: title for area, _tab, title, _fill in TITLES.findall(found.svg)}
    assert said["COM-68224"].endswith(french.quantity(values["COM-68224"], "%", 1))
    assert all(area.startswith("COM-68") for area in said) and found.stops == 0


def test_classes_say_when_their_sizes_differ_and_why(db: sqlite3.Connection) -> None:
    facts = maps_reading.facts(ROOT, db, Asked("eligibilite-1-gbits", "DEP"))
    assert facts
    areas = sorted({s.ref_area for s in facts.base.shapes})
    even, uneven, same = (
        maps.drawn(replace(facts, values=dict(zip(areas, values, strict=False)))).description
        for values in (map(float, range(101)), [0.0] * 90 + [1.0] * 11, [3.0] * 101)
    )
    assert even == "5 classes d’effectifs proches, de la plus basse valeur à la plus haute."
    assert uneven.startswith("2 classes, de") and "parce que des valeurs égales restent ensemble" in uneven
    assert same == "Tous les territoires ont la même valeur."


# In English


def test_english_map_says_its_words_and_numbers_in_english(db: sqlite3.Connection) -> None:
    with languages.speaking("en"):
        score, value = (drawing(db, Asked(s, "DEP")) for s in ("index", "eligibilite-1-gbits"))
    said = " ".join(title for _area, _tab, title, _fill in TITLES.findall(score.svg + value.svg))
    assert "not ranked" in said and "out of 100" in said and re.search(r": \d+\.\d%", said)
    assert "by département" in value.title and "French Guiana" in value.svg
    assert not re.search(r"non classé|pas de valeur|sur 100|\d,\d", said)
    assert all("à partir" not in e.label for e in score.legend)


# As files


def test_file_stands_alone_with_title_source_date_and_address(db: sqlite3.Connection) -> None:
    found = maps.marked(drawing(db, Asked("eligibilite-1-gbits", "DEP")), "DEP-68")
    svg = maps_image.standalone(found, "https://exemple.fr/indicateurs/x?a=1&b=2")
    text = " ".join(t.text or "" for t in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))
    for part in (found.title, found.source, "septembre 2019", "https://exemple.fr/indicateurs/x?a=1&b=2"):
        assert part in text
    assert all(entry.label in text for entry in found.legend)
    assert "class=" not in svg and "<a " not in svg and "var(" not in svg and maps_image.MINE in svg
    png = images.png(svg)
    assert png[:4] == b"\x89PNG" and int.from_bytes(png[16:20], "big") == 1200


def test_colours_of_files_are_those_of_both_stylesheets() -> None:
    for name in ("observatoire", "integrer"):
        sheet = (ROOT / "static" / f"{name}.css").read_text("utf-8")
        said = dict(reversed(re.findall(r"--(level-\d|none): (#\w+)", sheet)))  # the first is that of the light scheme
        assert [said[f"level-{n}"] for n in range(1, 6)] == list(maps_image.COLOURS)
        assert said["none"] == maps_image.NONE


def test_lightness_falls_steadily_so_that_the_order_reads_without_colour() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    steps = [lightness(colour) for colour in maps_image.COLOURS]
    assert all(a - b > 25 for a, b in zip(steps, steps[1:], strict=False))


@pytest.mark.parametrize(("kind", "type_"), [("svg", "image/svg+xml"), ("png", "image/png")])
async def test_route_serves_the_file(site: Datasette, kind: str, type_: str) -> None:
    answer = await site.client.get(f"/graphiques/carte-index-dep.{kind}")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith(type_)
    assert f'filename="carte-index-dep.{kind}"' in answer.headers["content-disposition"]
    assert "max-age" in answer.headers["cache-control"]
    if kind == "svg":
        assert "http://localhost/classements/departement" in answer.text
        plain = await site.client.get("/graphiques/carte-index-dep.svg", headers={"Accept-Encoding": "identity"})
        assert plain.text == answer.text and "content-encoding" not in plain.headers


async def test_route_speaks_english_and_marks_a_territory(site: Datasette) -> None:
    answer = await site.client.get("/en/graphiques/carte-eligibilite-1-gbits-com-68.svg?territoire=COM-68224")
    assert "http://localhost/en/indicateurs/eligibilite-1-gbits" in answer.text and "Source: " in answer.text
    assert maps_image.MINE in answer.text and "by commune: Haut-Rhin" in answer.text


@pytest.mark.parametrize(
    "path",
    ["carte-rien-dep.svg", "carte-index-fra.svg", "carte-index-dep.svg?periode=1900", "carte-index-dep-68.png",
     "carte-index-com.svg", "carte-eligibilite-1-gbits-com-99.png", "fond-dep.svg", "carte-index-dep.svg?edition=%22"],
)  # fmt: skip
async def test_route_refuses_in_french_what_there_is_not(site: Datasette, path: str) -> None:
    answer = await site.client.get(f"/graphiques/{path}", headers={"Accept": "text/html"})
    assert answer.status_code == 404 and "Page introuvable" in answer.text
    refused = await site.client.get(f"/graphiques/{path}")
    assert refused.status_code == 404 and refused.headers["content-type"] == "application/problem+json"


def test_build_keeps_the_maps_of_three_levels_and_their_bare_bases(db: sqlite3.Connection) -> None:
    names = {name for (name,) in db.execute("select name from charts")}
    assert {f"fond-{x}{y}" for x in ("reg", "dep", "epci") for y in ("", "-leger")} <= names
    for level in charts.LEVELS:
        assert f"carte-eligibilite-1-gbits-{level.lower()}" in names


def test_no_contours_no_map(tmp_path: Path) -> None:
    assert maps_base.base(tmp_path, "DEP", set(), set()) is None
    assert maps_communes.read(tmp_path, "68") is None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from chromium()


@MARKS[0]
@pytest.mark.parametrize("touch", [False, True])
def test_script_says_the_shape_under_the_pointer_and_a_touch_only_chooses(
    browser: Browser, db: sqlite3.Connection, touch: bool
) -> None:
    (svg,) = db.execute("select svg from charts where name = 'carte-index-reg'").fetchone() or (None,)
    svg = svg or drawing(db, Asked("eligibilite-1-gbits", "REG")).svg
    context = browser.new_context(has_touch=touch)
    page = context.new_page()
    page.set_content(f'<div data-map data-open="Voir sa page">{svg}</div>')
    page.add_script_tag(path=str(ROOT / "static" / "cartes.js"))
    shape = page.locator('a[href="/territoires/REG-44"] path')
    if touch:
        shape.tap()
        assert page.locator("output a").get_attribute("href") == "/territoires/REG-44"
        assert page.url == "about:blank"
    else:
        shape.hover()
    assert page.locator("output").inner_text().startswith("Grand Est : ")
    assert page.locator(".chosen").get_attribute("href") == "/territoires/REG-44"
    context.close()
