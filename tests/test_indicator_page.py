"""The page of an indicator: what an address shows, in both geographies, and what it refuses."""

import json
import re
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from repositories import ROOT
from sites import portal

from observatory.distributions import bar_of, bars, crowd, position, step, ticks
from observatory.indicator_choice import Choice
from observatory.indicator_page import screen
from observatory.indicator_spread import spread
from observatory.indicator_trend import trend
from observatory.languages import catalogue

FIBRE = "/indicateurs/couverture-fibre"
ELIGIBILITY = "/indicateurs/eligibilite-1-gbits"


def shown(database: Path, code: str, **parameters: str) -> dict[str, Any]:
    db = sqlite3.connect(database)
    db.row_factory = sqlite3.Row
    indicator = db.execute("select * from indicator where code = ?", [code]).fetchone()
    return screen(database, indicator, parameters)


async def said(site: Datasette, url: str, status: int = 200) -> str:
    page = await site.client.get(url)
    assert page.status_code == status, url
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page.text, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


# Bars and axes


def test_value_that_most_share_is_said_apart_and_the_bars_hold_the_rest() -> None:
    values = [100.0] * 7 + [0.0, 20.0, 40.0, 95.0]
    assert crowd(values) == (100.0, 100.0, 7) and crowd([1.0, 1.0, 2.0, 3.0]) is None and crowd([5.0, 5.0]) is None
    found = spread(values, {"obs_value": 100.0}, None, 100.0, False)
    assert found and sum(bar.held for bar in found["bars"]) == 4 and found["bars"][-1].held == 1
    assert found["count"] == 11 and found["mine"] is None and [mark[0] for mark in found["marks"]] == ["own", "median"]


@pytest.mark.parametrize(
    ("values", "whole", "expected"),
    [
        ([], False, []),
        ([3.0], False, [(3.0, 4.0, 1)]),
        ([0.0, 100.0], False, [(0.0, 20.0, 1), (20.0, 40.0, 0), (40.0, 60.0, 0), (60.0, 80.0, 0), (80.0, 100.0, 1)]),
        ([0.0, 0.0, 1.0, 3.0], True, [(0.0, 1.0, 2), (1.0, 2.0, 1), (2.0, 3.0, 0), (3.0, 4.0, 1)]),
        ([-2.0, 3.0], False, [(-2.0, -1.0, 1), (-1.0, 0.0, 0), (0.0, 1.0, 0), (1.0, 2.0, 0), (2.0, 3.0, 1)]),
    ],
)
def test_bars_hold_every_value_between_round_numbers(
    values: list[float], whole: bool, expected: list[tuple[float, float, int]]
) -> None:
    assert [tuple(bar) for bar in bars(values, whole)] == expected


def test_thirty_five_thousand_values_make_few_bars_and_lose_none() -> None:
    values = [(n * 7919 % 10007) / 100.07 for n in range(35_000)]
    found = bars(values)
    assert sum(bar.held for bar in found) == 35_000 and len(found) <= 25
    for value in values[::501]:
        number = bar_of(value, found)
        assert number is not None
        assert found[number].low <= value and (value < found[number].high or number == len(found) - 1)


def test_value_outside_the_bars_is_in_none() -> None:
    found = bars([10.0, 20.0])
    assert bar_of(9.9, found) is None and bar_of(20.1, found) is None and bar_of(20.0, found) == len(found) - 1


def test_ticks_are_round_and_cover_the_values() -> None:
    assert ticks(0, 97) == [0, 20, 40, 60, 80, 100]
    assert ticks(3.2, 3.2) == [3.0, 4.0]
    assert step(0, 5) == 1.0 and position(5, 0, 10) == 0.5 and position(12, 0, 10) == 1.0 and position(1, 1, 1) == 0


# Curves


def test_curve_breaks_where_a_period_is_missing_and_marks_what_stands_alone() -> None:
    points = [("2019-Q1", 1.0), ("2019-Q2", 2.0), ("2019-Q4", 4.0)]
    all_periods = [(f"2019-Q{n}", 2.0) for n in range(1, 5)] + [
        (f"202{y}-Q{n}", 2.0) for y in (0, 1) for n in range(1, 5)
    ]
    drawn = trend(
        [{"kind": "own", "name": "A", "points": points}, {"kind": "median", "name": "B", "points": all_periods}],
        [],
        "2019-Q4",
    )
    assert drawn is not None
    own, median = drawn["lines"]
    assert own["pieces"] == [points[:2], points[2:]]
    assert own["dots"] == points  # few values: each has its mark, the lonely one of 2019-Q4 too
    assert median["pieces"] == [all_periods] and median["dots"] == all_periods[-1:]
    assert drawn["now"] == "2019-Q4"
    assert drawn["periods"][0] == "2021-Q4" and len(drawn["periods"]) == 12


def test_curve_shows_only_the_changes_of_perimeter_within_it() -> None:
    points = [("2019", 1.0), ("2021", 2.0)]
    events = [{"date": f"{year}-01-01", "title": "Fusion"} for year in (2018, 2021, 2023)]
    drawn = trend([{"kind": "own", "name": "A", "points": points}], events, "2021")
    assert drawn is not None
    assert [found["date"] for found in drawn["breaks"]] == ["2021-01-01"]


def test_one_period_makes_no_curve() -> None:
    assert trend([{"kind": "own", "name": "A", "points": [("2019", 1.0)]}], [], "2019") is None


# What an address shows


def test_address_keeps_the_state_and_a_change_goes_to_page_one() -> None:
    choice = Choice(asked={"territoire": "DEP-68", "tri": "nom", "page": "3"})
    assert choice.url(geographie="constante") == "?territoire=DEP-68&geographie=constante&tri=nom"
    assert choice.url(page=2) == "?territoire=DEP-68&tri=nom&page=2"
    assert Choice().url() == "?"


@pytest.mark.parametrize("text", ["DEP-68", "dep-68", "haut rhin", "68"])
def test_territory_is_found_by_code_or_name(database: Path, text: str) -> None:
    found = shown(database, "couverture-fibre", territoire=text)
    assert found["choice"].shown["ref_area"] == "DEP-68"
    assert found["own"]["obs_value"] == 92
    assert found["standing"] == {"rank": 2, "count": 5, "ties": 0}
    assert found["change"] == {"since": "2022-Q2", "before": 90.0, "by": 2.0}


def test_position_counts_from_the_lowest_when_lower_is_better(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "lower.db"
    copy.write_bytes(database.read_bytes())
    with sqlite3.connect(copy) as db:
        db.execute("update indicators set direction = 'lower'")
    assert shown(copy, "couverture-fibre", territoire="DEP-68")["standing"]["rank"] == 4


def test_rank_is_among_today_s_territories_whatever_the_geography(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "gone.db"
    copy.write_bytes(database.read_bytes())
    with sqlite3.connect(copy) as db:
        db.execute("update territories set valid_to = '2022-12-31' where ref_area = 'DEP-85'")
    for geography in ("epoque", "constante"):
        found = shown(copy, "couverture-fibre", territoire="DEP-68", geographie=geography)
        assert found["standing"]["count"] == 4
    assert shown(copy, "couverture-fibre", territoire="DEP-85")["standing"] is None


def test_commune_without_value_gives_way_to_what_holds_it(database: Path) -> None:
    found = shown(database, "couverture-fibre", territoire="Mulhouse")
    assert found["choice"].territory["ref_area"] == "COM-68224"
    assert (found["choice"].level, found["choice"].shown["ref_area"]) == ("DEP", "DEP-68")
    wider = shown(database, "eligibilite-1-gbits", territoire="EPCI-200066009", niveau="REG")
    assert wider["choice"].shown["ref_area"] == "REG-44"
    # A région is inside no département.
    assert shown(database, "couverture-fibre", territoire="REG-84", niveau="DEP")["choice"].shown is None


def test_homonyms_are_offered(database: Path) -> None:
    found = shown(database, "eligibilite-1-gbits", territoire="Paris", niveau="DEP")
    assert found["choice"].territory["ref_area"] == "DEP-75"
    assert [row["ref_area"] for row in found["choice"].homonyms] == ["COM-75056"]


def test_the_two_geographies_give_their_own_values(database: Path) -> None:
    then = shown(database, "eligibilite-1-gbits", territoire="COM-01033")
    now = shown(database, "eligibilite-1-gbits", territoire="COM-01033", geographie="constante")
    assert then["own"]["obs_value"] == 0 and not then["own"]["recalculated"]
    # 12 eligible premises of Lancrans over those of the three merged communes.
    assert now["own"]["obs_value"] == pytest.approx(100 * 12 / (6700 + 1770 + 620)) and now["own"]["recalculated"]
    assert then["here"]["changed"] == 4 and then["here"]["gone"] == 2
    areas = {row["ref_area"] for row in now["table"]["rows"]}
    assert "COM-01091" not in areas and "COM-85165" in areas
    assert "COM-01091" in {row["ref_area"] for row in then["table"]["rows"]}


def test_period_of_another_level_gives_the_latest_of_this_one(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "moved.db"
    copy.write_bytes(database.read_bytes())
    with sqlite3.connect(copy) as db:
        db.execute(
            "delete from indicator_coverage where indicator = 'couverture-fibre'"
            " and level = 'REG' and time_period = '2022-Q2'"
        )
    choice = shown(copy, "couverture-fibre", niveau="REG", periode="2022-Q2")["choice"]
    assert (choice.moved, choice.period) == ("2022-Q2", "2022-Q3")


def test_change_is_since_the_period_just_before(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "three.db"
    copy.write_bytes(database.read_bytes())
    with sqlite3.connect(copy) as db:
        db.execute(
            "insert into observations select ref_area, indicator, '2022-Q1', 50, obs_status, numerator, denominator,"
            " coverage, cog, dataset, estimated, status, status_date from observations"
            " where indicator = 'couverture-fibre' and ref_area = 'DEP-68' and time_period = '2022-Q2'"
        )
    assert shown(copy, "couverture-fibre", territoire="DEP-68")["change"]["before"] == 90
    assert shown(copy, "couverture-fibre", territoire="DEP-68", periode="2022-Q2")["change"]["before"] == 50


def test_median_of_less_than_half_a_category_is_not_given(database: Path, tmp_path: Path) -> None:
    assert shown(database, "couverture-fibre", territoire="DEP-68")["median"] == 81
    # Three départements only had a value then.
    assert shown(database, "couverture-fibre", territoire="DEP-68", periode="2022-Q2")["median"] is None
    copy = tmp_path / "many.db"
    copy.write_bytes(database.read_bytes())
    with sqlite3.connect(copy) as db:
        db.execute("update value_distributions set total = 11")
    assert shown(copy, "couverture-fibre", territoire="DEP-68")["median"] is None


def test_similar_territories_are_those_that_progressed_most_first(database: Path) -> None:
    progress = shown(database, "couverture-fibre", territoire="DEP-68")["progress"]
    assert progress["since"] == "2022-Q2" and progress["own"]["by"] == 2
    assert [(row["ref_area"], row["by"]) for row in progress["others"]] == [("DEP-01", 3.5), ("DEP-2A", 3.0)]


def test_table_is_sorted_and_filtered_by_the_address(database: Path) -> None:
    def names(**parameters: str) -> list[str]:
        found = shown(database, "couverture-fibre", **parameters)
        return [row["name"] for row in found["table"]["rows"]]

    assert names() == ["Paris", "Haut-Rhin", "Corse-du-Sud", "Ain", "Vendée"]
    assert names(tri="valeur-croissante") == names()[::-1]
    assert names(tri="nom") == ["Ain", "Corse-du-Sud", "Haut-Rhin", "Paris", "Vendée"]
    assert names(dans="REG-44") == ["Haut-Rhin"]


def test_territory_tells_on_which_page_of_the_table_it_is(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observatory.indicator_page.PAGE", 2)
    found = shown(database, "couverture-fibre", territoire="DEP-2A")
    assert (found["table"]["last"], found["table"]["own_page"]) == (3, 2)
    page = shown(database, "couverture-fibre", territoire="DEP-2A", page="2")
    assert "DEP-2A" in [row["ref_area"] for row in page["table"]["rows"]]
    assert shown(database, "couverture-fibre", territoire="DEP-2A", tri="valeur-croissante")["table"]["own_page"] == 2
    assert shown(database, "couverture-fibre", territoire="DEP-85", tri="valeur-croissante")["table"]["own_page"] == 1


# The page


@pytest.mark.parametrize(
    ("query", "helps"),
    [
        ("niveau=COM", "Choix possibles : REG, DEP."),
        ("periode=1900", "Choix possibles : 2022-Q3, 2022-Q2."),
        ("geographie=plate", "Choix possibles : epoque, constante."),
        ("tri=hasard", "Choix possibles : valeur, valeur-croissante, nom, nom-inverse."),
        ("dans=DEP-68", "REG-44"),
        ("page=2", "de la page 1 à la page 1."),
        ("page=-1", "« -1 »"),
        ("page=%C2%B2", "« ² »"),
    ],
)
async def test_bad_choice_is_refused_with_the_choices(site: Datasette, query: str, helps: str) -> None:
    page = await said(site, f"{FIBRE}?{query}", status=404)
    assert helps in page
    assert "Page introuvable" in page


@pytest.mark.parametrize(
    ("query", "helps"),
    [
        ("territoire=Xyzzy", "comme Mulhouse ou DEP-68."),
        ("territoire=l%27autre", "« l'autre »"),
        ("territoire=mulh", "Mulhouse"),
        ("territoire=" + "a" * 4000, "Aucun territoire"),
    ],
)
async def test_a_territory_that_is_not_understood_keeps_the_page(site: Datasette, query: str, helps: str) -> None:
    page = await said(site, f"{FIBRE}?{query}", status=404)
    assert helps in page and "Page introuvable" not in page and "Choisir ce que la page montre" in page


async def test_candidates_keep_the_indicator_and_its_choices(site: Datasette) -> None:
    page = (await site.client.get(f"{FIBRE}?territoire=mulh&tri=nom")).text
    assert '<a href="?territoire=COM-68224&amp;tri=nom">Mulhouse</a>' in page
    assert 'value="mulh" maxlength="100"' in page.replace(' aria-invalid="true" aria-describedby="faute"', "")


async def test_a_territory_that_is_no_more_leads_to_its_heir(site: Datasette, database: Path) -> None:
    choice = shown(database, "couverture-fibre", territoire="COM-01091")["choice"]
    assert (choice.gone["ref_area"], choice.territory["ref_area"]) == ("COM-01091", "COM-01033")
    page = await said(site, f"{FIBRE}?territoire=COM-01091")
    assert "n’existe plus depuis le" in page and "Valserhône" in page
    # Where its own figures are, they are its own that are shown.
    own = shown(database, "eligibilite-1-gbits", territoire="COM-01091")["choice"]
    assert own.gone is None and own.shown["ref_area"] == "COM-01091"


async def test_hostile_address_is_escaped(site: Datasette) -> None:
    page = await site.client.get(f"{FIBRE}?territoire=%3Cscript%3Ealert(1)%3C/script%3E")
    assert page.status_code == 404 and "<script>alert" not in page.text


async def test_page_says_where_a_territory_stands(site: Datasette) -> None:
    page = await said(site, f"{FIBRE}?territoire=DEP-68")
    assert "2ᵉ sur 5 départements d’aujourd’hui qui ont une valeur, de la plus haute à la plus basse." in page
    assert "+2,0 points depuis la période d’avant (2ᵉ trimestre 2022)." in page
    assert "Médiane des départements : 81,0" in page
    assert "Prochaine mise à jour inconnue (la source n’annonce pas de date)" in page
    assert "Régions : 4 sur 5" in page


async def test_overdue_update_is_flagged(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "site" / "donnees.db"
    copy.parent.mkdir()
    copy.write_bytes(database.read_bytes())
    with sqlite3.connect(copy) as db:
        db.execute("update datasets set next_update = iif(name = 'couverture_fibre', '2023-01-31', '2999-01-31')")
    site = portal(copy)
    await site.invoke_startup()
    assert "31 janvier 2023 en retard" in await said(site, FIBRE)
    page = await said(site, ELIGIBILITY)
    assert "31 janvier 2999" in page and "en retard" not in page


async def test_charts_have_a_name_and_the_same_numbers_in_a_table(site: Datasette) -> None:
    page = (await site.client.get(f"{FIBRE}?territoire=DEP-68")).text
    assert page.count('role="img" aria-labelledby=') == 2
    for ids in re.findall(r'role="img" aria-labelledby="([^"]+)"', page):
        assert all(f'id="{one}"' in page for one in ids.split())
    captions = re.findall(r"<caption>(.*?)</caption>", page, flags=re.S)
    assert any("par tranche de valeur" in c for c in captions) and any("par période" in c for c in captions)
    columns = len(re.findall(r'class="column', page))
    held = re.search(r"par tranche de valeur.*?</table>", page, flags=re.S)
    assert held and sum(int(n) for n in re.findall(r'</th><td class="num">(\d+)</td>', held[0])) == 5
    assert 0 < columns <= 5


async def test_page_has_no_inline_style_or_script(site: Datasette) -> None:
    page = (await site.client.get(f"{ELIGIBILITY}?territoire=Mulhouse")).text
    assert not re.search(r'\sstyle="|<style|\son[a-z]+="', page)
    # JSON-LD is data: no browser runs it.
    allowed = r'<script (?:src="/static/[a-z]+\.js(\?v=[0-9a-f]+)?" defer>|type="application/ld\+json">[^<]*)</script>'
    assert re.sub(allowed, "", page).count("<script") == 0


async def test_downloads_are_exactly_what_is_on_screen(site: Datasette) -> None:
    page = (await site.client.get(f"{ELIGIBILITY}?niveau=COM&geographie=constante&tri=nom")).text
    on_screen = re.findall(r'<th scope="row"><a href="/territoires/(COM-\w+)">', page)
    links = [unescape(link) for link in re.findall(r'href="(/donnees\.(?:json|csv)\?[^"]+)"', page)]
    answer = {link.split("?")[0]: await site.client.get(link) for link in links}
    assert [row["ref_area"] for row in answer["/donnees.json"].json()["rows"]] == on_screen
    assert [line.split(",")[0] for line in answer["/donnees.csv"].text.splitlines()[1:]] == on_screen
    assert "COM-01091" not in on_screen and len(on_screen) == 9
    whole = next(unescape(link) for link in re.findall(r'href="(/donnees/indicator_table\.json\?[^"]+)"', page))
    assert {row["ref_area"] for row in (await site.client.get(whole)).json()["rows"]} == set(on_screen)


async def test_files_are_whole_and_pages_of_json_say_so(site: Datasette) -> None:
    site._settings["max_returned_rows"] = 6
    page = await said(site, f"{ELIGIBILITY}?niveau=COM")
    assert "premières lignes" not in page and page.count("JSON, par pages de 6 lignes") == 2
    page = await said(site, f"{ELIGIBILITY}?niveau=DEP")
    assert page.count("JSON, par pages de 6 lignes") == 1


async def test_sql_of_the_page_finds_the_score_again(site: Datasette) -> None:
    page = (await site.client.get(f"{FIBRE}?territoire=DEP-68")).text
    link = re.search(r'href="(/donnees/reproduire_un_score\?[^"]+)"', page)
    assert link
    found = (await site.client.get(unescape(link[1]).replace("score?", "score.json?_shape=objects&"))).json()["rows"]
    assert [row["score_recalcule"] == row["score_publie"] for row in found] == [True]
    assert f"lui donne {found[0]['score_publie']:.1f} points".replace(".", ",") in page.replace("\u202f", "")


async def test_citation_carries_the_edition_and_the_fingerprint(site: Datasette, database: Path) -> None:
    origin = dict(sqlite3.connect(database).execute("select key, value from provenance"))
    page = unescape((await site.client.get(FIBRE)).text)
    text = re.search(r'<textarea id="citation".*?>(.*?)</textarea>', page, flags=re.S)
    bibtex = re.search(r'<textarea id="bibtex".*?>(.*?)</textarea>', page, flags=re.S)
    assert text and bibtex
    assert origin["datasets_sha256"][:16] in text[1] and f"édition {origin['edition']}" in text[1]
    assert "http://localhost/indicateurs/couverture-fibre" in text[1] and "Arcep" in text[1]
    assert origin["datasets_sha256"] in bibtex[1] and bibtex[1].count("{") == bibtex[1].count("}")


async def test_embed_code_is_absolute_and_whole(site: Datasette) -> None:
    page = (await site.client.get(f"{FIBRE}?niveau=REG")).text
    code = re.search(r'<textarea[^>]* id="carte-couverture-fibre-reg-vif".*?>(.*?)</textarea>', page, flags=re.S)
    assert code
    frame = re.search(r'<iframe src="([^"]+)" title="([^"]+)"', unescape(code[1]))
    assert frame and unescape(frame[1]) == "http://localhost/integrer/indicateurs/couverture-fibre?niveau=REG"


async def test_planned_indicator_still_helps(site: Datasette) -> None:
    page = await said(site, "/indicateurs/conseillers-numeriques")
    assert "Pas encore de donnée." in page and "Ce que le domaine mesure déjà" in page
    # Its parameters have nothing to choose from: they change nothing.
    assert "Pas encore de donnée." in await said(site, "/indicateurs/conseillers-numeriques?niveau=XX")


async def test_list_can_be_narrowed_by_status(site: Datasette) -> None:
    page = (await site.client.get("/indicateurs?statut=planned")).text
    assert "/indicateurs/conseillers-numeriques" in page and "/indicateurs/couverture-fibre" not in page
    assert "Choix possibles : active, context, planned." in await said(site, "/indicateurs?statut=rien", status=404)


async def test_english_page_says_no_french_of_ours(site: Datasette) -> None:
    ours = {
        unescape(french)
        for (context, french), english in catalogue().items()
        if context is None and english != french and len(french) > 12 and "%(" not in french and "<" not in french
    }
    assert "Tableau des valeurs" in ours
    ours = {text for text in ours if not text.startswith("Observatoire")}  # the name of the site, its own page says it
    places = [p for p in (ROOT / "templates").rglob("*.html") if "indicat" in str(p.relative_to(ROOT))]
    texts = "".join(p.read_text(encoding="utf-8") for p in places)
    ours = {text for text in ours if text in texts}
    assert len(ours) > 80
    for url in (f"{FIBRE}?territoire=DEP-68", f"{ELIGIBILITY}?niveau=COM", "/indicateurs/conseillers-numeriques"):
        page = await said(site, f"/en{url}")
        assert [text for text in ours if text in page] == [], url


async def test_rows_of_the_view_are_the_same_in_json(site: Datasette) -> None:
    found = await site.client.get(
        "/donnees/indicator_table.json?indicator=couverture-fibre&geography=epoque&region=REG-44&_shape=objects"
    )
    rows = json.loads(found.text)["rows"]
    assert {row["ref_area"] for row in rows} == {"DEP-68"}
