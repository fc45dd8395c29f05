"""The page of a territory: what it puts first by rule, and what its address may ask for."""

import re
from array import array
from html import unescape
from typing import Any

import pytest
from datasette.app import Datasette
from repositories import ROOT

from observatory.companions import MOST, asked, former_region
from observatory.headlines import furthest, headlines, middle, quarter
from observatory.standings import Standing, standing

REAL = ROOT / "donnees.db"
real = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")
SPREAD = {"minimum": 0.0, "quartile_1": 10.0, "median": 20.0, "quartile_3": 30.0, "maximum": 100.0}


def value(code: str, domain: str, score: float | None = 50.0, **more: Any) -> dict[str, Any]:
    row = {"indicator": code, "domain": domain, "score": score, "obs_value": 1.0, "too_old": 0, "position": 0}
    return {**row, **more}


def codes(rows: list[Any]) -> list[str]:
    return [row["indicator"] for row in rows]


async def said(site: Datasette, url: str) -> str:
    """The words of the page, with plain spaces."""
    page = await site.client.get(url)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())


def test_headlines_are_the_heaviest_one_a_domain_and_five_at_most() -> None:
    rows = [value(f"{d}{n}", d) for d in "abcdef" for n in (1, 2)]
    weights = {row["indicator"]: 0.1 for row in rows} | {"f2": 0.4, "b1": 0.2}
    assert codes(headlines(rows, weights)) == ["f2", "b1", "a1", "c1", "d1"]


def test_headlines_without_value_or_too_old_are_left_out() -> None:
    rows = [value("a", "x", obs_value=None), value("b", "y", too_old=1), value("c", "z")]
    assert codes(headlines(rows, {})) == ["c"]


def test_fewer_than_three_headlines_are_completed_by_published_ones() -> None:
    rows = [
        value("a1", "a", position=1),
        value("a2", "a", position=2),
        value("a3", "a", None, position=3),
        value("b1", "b", None, position=9),
    ]
    assert codes(headlines(rows, {"a1": 0.5, "a2": 0.5})) == ["a1", "b1", "a2"]
    assert codes(headlines(rows[:1], {})) == ["a1"] and headlines([], {}) == []


def test_three_scored_domains_call_for_nothing_else() -> None:
    rows = [value(d, d) for d in "abc"] + [value("d", "d", None)]
    assert codes(headlines(rows, {})) == ["a", "b", "c"]


def test_strengths_and_gaps_are_the_furthest_from_the_median_of_the_alike() -> None:
    pairs = {
        "a": (60, 50),
        "b": (90, 50),
        "c": (50, 50.5),
        "d": (10, 50),
        "e": (49, 50),
        "f": (0, None),
        "index": (99, 1),
    }
    rows = [{"node": node, "score": s, "peers_median": m} for node, (s, m) in pairs.items()]
    above, below = furthest(rows, "abcdef")
    assert [r["node"] for r in above] == ["b", "a"] and [r["node"] for r in below] == ["d", "e"]
    assert [r["node"] for r in furthest(rows, "abcdef", most=1)[1]] == ["d"]


@pytest.mark.parametrize(
    ("number", "place"),
    [(0, "lowest"), (10, "low"), (19, "low"), (20, "median"), (30, "high"), (31, "highest"), (100, "highest")],
)
def test_quarters(number: float, place: str) -> None:
    assert quarter(number, SPREAD) == place


def test_a_value_that_all_share_is_neither_high_nor_low() -> None:
    assert quarter(3.0, dict.fromkeys(SPREAD, 3.0)) == "same"


def test_a_median_of_fewer_than_five_is_not_given() -> None:
    assert middle([1, 2, 3, 4]) is None
    assert middle([5, 1, 4, 2, 3]) == 3 and middle([6, 1, 5, 2, 4, 3]) == 3.5


def test_companions_are_read_from_commas_and_repetitions() -> None:
    assert asked(["dep-67, DEP-90", "DEP-67", "Rhône"]) == ["DEP-67", "DEP-90", "Rhône"]
    assert asked(["CC du Pays de Rouffach, Vignobles et Châteaux"]) == ["CC du Pays de Rouffach, Vignobles et Châteaux"]
    assert asked(["", " , "]) == []
    assert len(asked([",".join(f"DEP-{n}" for n in range(10, 40))])) == MOST + 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dep-68", "DEP-68"),
        ("68", "DEP-68"),
        ("68224", "COM-68224"),
        ("COM-1004", "COM-01004"),
    ],
)
async def test_an_identifier_written_otherwise_leads_to_its_page(site: Datasette, typed: str, meant: str) -> None:
    page = await site.client.get(f"/territoires/{typed}?avec=DEP-01")
    assert page.status_code == 301 and page.headers["location"] == f"/territoires/{meant}?avec=DEP-01"
    english = await site.client.get(f"/en/territoires/{typed}")
    assert english.status_code == 301 and english.headers["location"] == f"/en/territoires/{meant}"


async def test_the_notice_of_a_vanished_territory_comes_before_anything_else(site: Datasette) -> None:
    text = (await site.client.get("/territoires/COM-01091?vue=ancien")).text.partition("</h1>")[2]
    assert text.index("n’existe plus") < text.index('class="facts"')
    assert 'class="button" href="/territoires/COM-01033"' in text


async def test_chosen_territories_are_columns(site: Datasette) -> None:
    page = (await site.client.get("/territoires/DEP-68?avec=DEP-01&avec=nulle+part&avec=COM-68224&avec=dep-68")).text
    head = page.partition('class="compare"')[2].partition("</thead>")[0]
    assert 'href="/territoires/DEP-01"' in head
    notice = unescape(page.partition('id="comparer"')[2].partition("</div>")[0])
    assert "« nulle part » n’est le nom ni le code" in notice
    assert "Mulhouse n’est pas du même échelon" in notice and "Haut-Rhin est déjà là." in notice
    assert '<input type="hidden" name="avec" value="DEP-01">' in page
    assert 'href="/comparer?t=DEP-68&amp;t=DEP-01"' in page


async def test_what_may_be_meant_beside_is_a_link_that_keeps_the_others(site: Datasette) -> None:
    page = (await site.client.get("/territoires/DEP-68?avec=DEP-01&avec=vende")).text
    notice = page.partition('id="comparer"')[2].partition("</div>")[0]
    links = re.findall(r'href="(/territoires/[^"]+)"', notice)
    start = "/territoires/DEP-68?avec=DEP-01&amp;avec=DEP-"
    assert links and all(link.startswith(start) and link.endswith("#comparer") for link in links)
    town = (await site.client.get("/territoires/DEP-68?avec=mulh")).text
    assert '<a href="/territoires/COM-68224">Mulhouse</a>' in town.partition('id="comparer"')[2].partition("</div>")[0]


def spaced(text: str) -> str:
    """The words of a piece of HTML, with plain spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def grades_told(site: Datasette, area: str, other: str) -> set[str]:
    """Grades of the rows of the page that puts `other` beside `area`, held equal to those of /comparer.json."""
    verdict = (await site.client.get(f"/comparer.json?t={area}&t={other}")).json()
    page = (await site.client.get(f"/territoires/{area}?avec={other}")).text
    section = page[page.index('id="comparer"') : page.index('<form class="pick"')]
    for reason in verdict["verdict"]["reasons"]:
        assert (reason["grade"] != "comparable") == (spaced(reason["said"]) in spaced(section)), reason
    lines = {spaced(x["title"] or "Indice d’ensemble"): x for x in [*verdict["scores"], *verdict["indicators"]]}
    found = set()
    for row in re.findall(r'<tr><th scope="row">(.*?)</tr>', section, re.S):
        title, cell = spaced(row.partition("</th>")[0]), spaced("<td" + row.rpartition("<td")[2])
        if cell == "—":
            continue
        own = lines[title]["verdict"]
        found.add(own["grade"])
        marks = {mark for mark in ("avec réserve", "non comparable") if mark in cell}
        assert marks == {"reserve": {"avec réserve"}, "refused": {"non comparable"}}.get(own["grade"], set()), title
        assert own["grade"] != "refused" or not re.search(r"\d", cell)
        told = spaced(section.rpartition("</table>")[2])
        assert all(spaced(r["said"]) in told for r in own["reasons"] if r["grade"] != "comparable")
    return found


async def test_territory_beside_has_the_verdict_of_the_comparison(site: Datasette) -> None:
    told = [await grades_told(site, "DEP-68", other) for other in ("DEP-01", "DEP-85", "DEP-75")]
    told += [await grades_told(site, "COM-68224", other) for other in ("COM-68154", "COM-01033")]
    assert {"comparable", "reserve"} <= set.union(*told)


@real
async def test_refused_figure_is_not_put_beside(published: Datasette) -> None:
    told = [await grades_told(published, "COM-68224", other) for other in ("COM-75056", "COM-68154")]
    assert set.union(*told) == {"comparable", "reserve", "refused"}
    # Two million inhabitants and 348: refused as a whole, and no column is left.
    page = (await published.client.get("/territoires/COM-75056?avec=COM-01009")).text
    assert "comparaison refusée" in page
    assert '<th scope="col" class="num"><a href="/territoires/COM-01009">' not in page
    assert 'href="/comparer?t=COM-75056&amp;t=COM-01009"' in page


@pytest.mark.parametrize(
    "query", ["avec=%00", "avec='%3B--", "avec=" + "é" * 900, "avec=,,,", "geographie=rien", "avec=<b>"]
)
async def test_hostile_addresses_give_the_page(site: Datasette, query: str) -> None:
    page = await site.client.get(f"/territoires/DEP-68?{query}")
    assert page.status_code == 200 and "<b>" not in page.text.partition('id="comparer"')[2].partition("<form")[0]


async def test_more_than_five_companions_are_refused_aloud(site: Datasette) -> None:
    many = ",".join(f"DEP-{n}" for n in range(10, 40))
    text = await said(site, f"/territoires/DEP-68?avec={many}")
    assert "Cinq territoires au plus" in text and text.count("n’est le nom ni le code") <= MOST


async def test_a_register_that_names_territories_appears_by_itself(site: Datasette) -> None:
    page = (await site.client.get("/territoires/EPCI-200066009")).text
    assert 'id="initiatives"' in page and "Jumeau numérique, première étape" in page
    assert 'href="/donnees/initiatives?ref_area=EPCI-200066009"' in page and 'href="#initiatives"' in page
    assert "Aucune ligne ne concerne encore ce territoire." in await said(site, "/territoires/DEP-68")


async def test_data_of_the_territory_are_offered_in_every_form(site: Datasette) -> None:
    page = (await site.client.get("/territoires/DEP-68")).text
    for link in ("territory_values.csv", "territory_values.xlsx", "territory_values.json", "valeurs_d_un_territoire"):
        assert f'href="/donnees/{link}?ref_area=DEP-68' in page
    assert 'href="/donnees/observations?ref_area=DEP-68&amp;indicator=' in page


async def test_contents_lead_to_sections_of_the_page(site: Datasette) -> None:
    for area in ("DEP-68", "FRA", "EPCI-200066009", "COM-68224", "COM-01091?vue=ancien"):
        page = (await site.client.get(f"/territoires/{area}")).text
        links = re.findall(r'href="#([^"]+)"', page.partition("<main")[2])
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert links and set(links) <= set(ids) and len(ids) == len(set(ids))


async def test_english_page_keeps_no_french_of_its_own(site: Datasette) -> None:
    text = await said(site, "/en/territoires/EPCI-200066009?avec=zz")
    for french in ("Ajouter", "Depuis", "semblables", "En bref", "Données", "médiane des agglo", "sur 100,"):
        assert french not in text.replace("sur 100, entre", "")
    assert "In brief" in text and "is neither the name nor the code" in text


@real
@pytest.mark.data
async def test_a_domain_and_a_section_never_share_an_anchor(published: Datasette) -> None:
    for area in ("COM-01033", "COM-75056", "EPCI-200066009", "DEP-68", "REG-44"):
        ids = re.findall(r'\bid="([^"]+)"', (await published.client.get(f"/territoires/{area}")).text)
        assert len(ids) == len(set(ids)), area


@real
@pytest.mark.data
async def test_perimeters_of_the_time_and_of_today(published: Datasette) -> None:
    today = (await published.client.get("/territoires/DEP-6AE")).text
    then = (await published.client.get("/territoires/DEP-6AE?geographie=epoque")).text
    assert "périmètre d’aujourd’hui" in today and 'geographie=epoque#indicateurs"' in today
    assert "Chaque valeur est celle qui a été publiée" in then and ", périmètre d’aujourd’hui" not in then
    assert "geographie=epoque" not in (await published.client.get("/territoires/DEP-68")).text


@real
@pytest.mark.data
async def test_those_alike_that_progressed_are_told_with_both_values(published: Datasette) -> None:
    text = await said(published, "/territoires/REG-44")
    assert "Ont le plus progressé en un an" in text and "Pays de la Loire (de 59,0 % à 76,0 %" in text
    assert "on ne peut voir personne y progresser" in await said(published, "/territoires/DEP-68")


@pytest.mark.parametrize(
    ("number", "direction", "expected"),
    [
        (9, "higher", Standing(1, 4, 0)),
        (5, "higher", Standing(2, 4, 1)),
        (5, "lower", Standing(2, 4, 1)),
        (1, "lower", Standing(1, 4, 0)),
        (1, "higher", Standing(4, 4, 0)),
        (9, None, Standing(1, 4, 0)),
    ],
)
def test_a_standing_is_the_rank_of_the_value_and_who_shares_it(
    number: float, direction: str | None, expected: Standing
) -> None:
    assert standing(number, array("d", [1, 5, 5, 9]), direction) == expected


def test_a_former_region_is_told_only_where_it_went() -> None:
    assert former_region("REG-42", "REG-44") == "Alsace"
    assert former_region("REG-42", "REG-84") == former_region("<b>", "REG-44") == former_region("", "REG-44") == ""


@real
@pytest.mark.data
@pytest.mark.parametrize(
    ("area", "indicator", "level"),
    [
        ("DEP-2A", "bornes-recharge", "DEP"),
        ("DEP-75", "bornes-recharge", "DEP"),
        ("EPCI-200066009", "eligibilite-1-gbits", "EPCI"),
        ("DEP-2A", "couverture-fibre", "DEP"),
    ],
)
async def test_a_rank_is_the_same_here_and_on_the_page_of_the_indicator(
    published: Datasette, area: str, indicator: str, level: str
) -> None:
    page = (await published.client.get(f"/territoires/{area}")).text
    link = re.search(rf'href="(/indicateurs/{indicator}\?niveau={level}[^"]*)"', page)
    assert link
    here = re.search(rf"/indicateurs/{indicator}\?.*?(\d+(?:ᵉʳ|ᵉ)) sur (\d+)", page, re.S)
    there = unescape((await published.client.get(unescape(link[1]))).text).partition('id="position"')[2]
    found = re.search(r"(\d+(?:ᵉʳ|ᵉ)) sur (\d+)", there)
    assert here and found and here.groups() == found.groups()
    assert ("ex æquo" in page.partition(here[0])[2][:20]) == ("Ex æquo" in there[:2000])


@real
@pytest.mark.data
async def test_former_regions_lead_to_a_notice(published: Datasette) -> None:
    moved = await published.client.get("/territoires/reg-42?avec=REG-11")
    assert moved.status_code == 301 and moved.headers["location"] == "/territoires/REG-44?depuis=REG-42&avec=REG-11"
    told = "Vous cherchiez Alsace : cette région fait partie de Grand Est depuis le 1ᵉʳ janvier 2016."
    assert told in await said(published, moved.headers["location"])
    for other in ("REG-82", "%3Cscript%3E", "REG-44", "%00"):
        assert "Vous cherchiez" not in await said(published, f"/territoires/REG-44?depuis={other}")


@real
@pytest.mark.data
async def test_a_commune_says_yes_or_no_and_all_that_holds_it(published: Datasette) -> None:
    text = await said(published, "/territoires/COM-68219")
    brief = text.partition("Sites internet des communes")[2]
    assert brief.startswith(" Oui 2026") and "autres sur 34 786 communes" in brief[:100]
    assert text.index("Doller et du Soultzbach") < text.index("Haut-Rhin") < text.index("Grand Est")
    assert "Région Grand Est" in await said(published, "/territoires/EPCI-200066009")


@real
@pytest.mark.data
async def test_what_cannot_move_the_score_can_still_move_the_rank(published: Datasette) -> None:
    text = await said(published, "/territoires/DEP-2A")
    assert "ne peut pas bouger" not in text and "Son rang peut encore changer, du 7ᵉ au 8ᵉ" in text
    assert "4 domaines sur 9 ne sont pas mesurés ici" in text
    assert text.index("Score : 78,8 sur 100 · 7ᵉ sur 101") < text.index("En bref")
    assert "162,1 (décembre 2022) :" in text and "valeur au-de" not in text
