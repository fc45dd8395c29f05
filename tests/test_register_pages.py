"""The pages of registers: lists with their facets, things with what they name and what names them, the way to them."""

import json
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette
from repositories import ROOT
from sites import DEMONSTRATED, DEMONSTRATED_VARIANTS
from test_html import HEAVIEST, gzip, judged, needs_java
from test_site import ENGLISH, words

from observatory import register_lists
from observatory.registers import read_registers

URLS = [*DEMONSTRATED.values(), *DEMONSTRATED_VARIANTS]
FACET = re.compile(r'<select id="(\w+)".*?</select>', re.S)
OPTION = re.compile(r'<option value="([^"]+)"( selected)?>(.*?) \(([\d ]+)\)</option>')


@pytest.mark.parametrize("url", URLS)
async def test_page_answers_in_french_and_lightly(registers: Datasette, url: str) -> None:
    page = await registers.client.get(url)
    assert page.status_code == 200 and page.text.count("<h1") == 1
    said = words(page)
    assert [english for english in ENGLISH if re.search(rf"(?<!\w){re.escape(english)}", said)] == []
    assert len(gzip.compress(page.content, 6)) < HEAVIEST / 3


@needs_java
async def test_html_of_every_page_is_valid(registers: Datasette, tmp_path: Path) -> None:
    urls = [*URLS, *(f"/en{url}" for url in DEMONSTRATED.values())]
    for number, url in enumerate(urls):
        (tmp_path / f"{number}.html").write_text((await registers.client.get(url)).text, encoding="utf-8")
    assert sorted((urls[int(file)], *rest) for file, *rest in judged(tmp_path)) == []


async def shown(site: Datasette, url: str) -> list[str]:
    """The identifiers of the things of a list, in its order."""
    page = await site.client.get(url)
    assert page.status_code == 200
    return re.findall(r'<h2><a href="/\w+/([^"]+)">', page.text)


async def facets(site: Datasette, url: str) -> Mapping[str, Mapping[str, str]]:
    """The choices of each facet, with what each would leave."""
    text = (await site.client.get(url)).text
    return {
        found[1]: {value: count for value, _, _, count in OPTION.findall(found[0])} for found in FACET.finditer(text)
    }


async def test_facets_count_what_each_choice_leaves(registers: Datasette) -> None:
    every = await facets(registers, "/initiatives")
    assert every["domaine"] == {"infrastructures": "3", "mediation": "2"}
    assert every["etat"] == {"deployee": "1", "pilote": "1", "generalisee": "1", "idee": "1"}
    # An EPCI has no région of its own: that of its communes is.
    assert every["region"] == {"REG-44": "2", "REG-52": "1", "REG-84": "1"}
    assert list(every["annee"]) == ["2023", "2022", "2019"] and every["programme"] == {"ville-sobre": "1"}
    assert "Stade</label>" in (await registers.client.get("/initiatives")).text
    assert every["preuve"] == {"declaree": "1", "trace-publique": "3"}
    asked = await facets(registers, "/initiatives?domaine=mediation")
    assert asked["domaine"] == every["domaine"]
    assert asked["etat"] == {"deployee": "0", "pilote": "1", "generalisee": "0", "idee": "1"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["bus-numerique", "capteurs-eau", "fibre-pour-tous", "jumeau-ain"]),
        ("?tri=ancien", ["fibre-pour-tous", "capteurs-eau", "bus-numerique", "jumeau-ain"]),
        ("?region=REG-44&tri=titre", ["capteurs-eau", "fibre-pour-tous"]),
        ("?etat=idee", ["jumeau-ain"]),
        ("?q=NUMERIQUE+demarches", ["bus-numerique"]),
        ("?domaine=mediation&annee=2022", []),
        ("?domaine=inconnu", []),
    ],
)
async def test_list_shows_what_is_asked(registers: Datasette, asked: str, expected: list[str]) -> None:
    assert await shown(registers, f"/initiatives{asked}") == expected


async def test_choices_of_a_list_are_followed_and_not_indexed(registers: Datasette) -> None:
    assert "noindex" not in (await registers.client.get("/initiatives")).text
    for url in ("/initiatives?etat=idee", "/reseau?domaine=mediation"):
        assert '<meta name="robots" content="noindex, follow">' in (await registers.client.get(url)).text


async def test_list_goes_on_other_pages(registers: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_lists, "SIZE", 3)
    assert len(await shown(registers, "/initiatives")) == 3
    assert await shown(registers, "/initiatives?page=2") == ["jumeau-ain"]
    text = (await registers.client.get("/initiatives?etat=&q=e")).text
    assert "page=2" in text and "q=e&amp;" in text
    for page in ("3", "0", "-1", "deux", "9" * 30):
        assert (await registers.client.get(f"/initiatives?page={page}")).status_code == 404


async def test_thing_tells_what_it_names_and_what_names_it(registers: Datasette) -> None:
    page = (await registers.client.get("/initiatives/capteurs-eau")).text
    said = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    named = ("/territoires/EPCI-200066009", "/territoires/COM-68154", "/besoins/eau-sobre", "/organisations/labo-hydro")
    naming = ("/consortiums/eau-sobre-alsace", "/offres/detection-de-fuites", "/reponses/capteurs-eau-illzach")
    assert [url for url in (*named, *naming) if f'href="{url}"' not in page] == []
    assert "Déployée" in said and "mars 2022" in said and re.search("350.000.€", said) and "312 fuites" in said
    assert "Trace publique" in said and 'href="https://www.example.org/source"' in page
    assert "Ce que le registre ne sait pas encore : fin, indicateurs visés." in said


async def test_strengths_and_weaknesses_say_who_states_them(registers: Datasette) -> None:
    page = (await registers.client.get("/offres/detection-de-fuites")).text
    said = " ".join(words(await registers.client.get("/offres/detection-de-fuites")).split())
    assert "Piles à remplacer souvent Faiblesse Mulhouse 2 novembre 2024 Trace publique" in said.replace("\xa0", " ")
    assert "Déclaré" in said
    assert 'href="/avis/fuites-piles"' in page
    stated = (await registers.client.get("/avis/fuites-piles")).text
    assert 'href="/territoires/COM-68224"' in stated and "2 novembre 2024" in unescape(stated).replace("\xa0", " ")


async def test_report_tells_how_each_recommendation_is_followed(registers: Datasette) -> None:
    page = (await registers.client.get("/rapports/eau-connectee")).text
    table = page.partition('id="suivi"')[2].partition("</table>")[0]
    assert 'href="/recommandations/mesurer-les-fuites"' in table and 'href="/initiatives/capteurs-eau"' in table
    assert 'href="/indicateurs/couverture-fibre"' in table and "aucun encore" in table


async def test_event_says_its_days_to_search_engines_only_when_known(registers: Datasette) -> None:
    async def said(url: str) -> Mapping[str, str]:
        text = (await registers.client.get(url)).text
        found: Mapping[str, str] = json.loads(
            re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)[0]
        )
        return found

    forum = await said("/evenements/forum-eau-2024")
    assert forum["@type"] == "Event" and (forum["startDate"], forum["endDate"]) == ("2024-05-16", "2024-05-17")
    assert "startDate" not in await said("/evenements/atelier-mediation-2025")


async def test_unknown_thing_or_register_is_a_page_not_found(registers: Datasette, site: Datasette) -> None:
    page = await registers.client.get("/initiatives/rien%3Cscript%3E", follow_redirects=True)
    assert page.status_code == 404 and "<script>" not in page.text and "Le registre « Initiatives »" in words(page)
    # The tiny site keeps no register: nothing breaks there.
    assert (await site.client.get("/offres")).status_code == 404
    assert (await site.client.get("/registres")).status_code == 200


async def test_search_finds_things(registers: Datasette) -> None:
    assert 'href="/initiatives/capteurs-eau"' in (await registers.client.get("/recherche?q=capteurs fuite")).text
    found = (await registers.client.get("/api/v1/search?q=capteurs")).json()["data"]
    (one,) = [row for row in found if row["kind"] == "thing" and row["page"].endswith("/initiatives/capteurs-eau")]
    answer = await registers.client.get(one["url"].removeprefix("http://localhost"))
    assert answer.status_code == 200 and answer.json()["data"]["id"] == "capteurs-eau"


async def test_territory_indicator_and_domain_lead_to_things(registers: Datasette) -> None:
    for url, thing in (
        ("/territoires/EPCI-200066009", "/initiatives/capteurs-eau"),
        ("/indicateurs/couverture-fibre", "/initiatives/fibre-pour-tous"),
        ("/domaines/mediation", "/initiatives/bus-numerique"),
    ):
        assert f'href="{thing}"' in (await registers.client.get(url)).text, url


async def test_map_has_a_point_for_each_territory_of_a_thing(registers: Datasette) -> None:
    rows = (await registers.client.get("/donnees/things_carte.json?register=initiatives&_shape=objects")).json()["rows"]
    assert ("capteurs-eau", "COM-68154") in {(row["id"], row["ref_area"]) for row in rows}
    assert all(row["latitude"] and json.loads(row["popup"])["link"] == f"/initiatives/{row['id']}" for row in rows)


async def test_sitemap_holds_lists_and_things(registers: Datasette) -> None:
    text = (await registers.client.get("/sitemap-1.xml")).text
    for url in ("/registres", "/offres", "/initiatives/capteurs-eau", "/en/initiatives/capteurs-eau"):
        assert f"<loc>http://localhost{url}</loc>" in text


async def test_every_thing_that_is_established_is_two_clicks_from_home(published: Datasette) -> None:
    home = (await published.client.get("/")).text
    # In the page too: on a phone, the menu is a click away.
    assert 'href="/registres"' in home.partition("<main")[2]
    hub = (await published.client.get("/registres")).text
    rows = (await published.client.get("/donnees/things.json?_shape=objects&_size=max")).json()["rows"]
    assert len(rows) > 20
    missing = [f"/{row['register']}/{row['id']}" for row in rows if f'href="/{row["register"]}/{row["id"]}"' not in hub]
    assert missing == []
    for name in read_registers(ROOT):
        assert f'href="/{name}"' in hub and (await published.client.get(f"/{name}")).status_code == 200


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/offres/detection-de-fuites", "Piles à remplacer souvent"),
        ("/rapports/eau-connectee", "Mesurer les fuites chaque année"),
        ("/reseau", "Eau sobre en Alsace"),
    ],
)
async def test_tables_are_downloaded_as_they_are_shown(registers: Datasette, url: str, shown: str) -> None:
    page = (await registers.client.get(url)).text
    files = [unescape(href) for href in re.findall(r'href="([^"]+)" rel="nofollow">CSV<', page)]
    files = files or [unescape(href) for href in re.findall(r'href="(/tableaux\.csv[^"]+)"', page)]
    assert files
    assert shown in (await registers.client.get(files[0])).text


async def test_pages_load_nothing_from_elsewhere_and_carry_the_policy(registers: Datasette) -> None:
    for url in ("/reseau", "/agenda", "/initiatives/capteurs-eau", "/contribuer/initiatives/formulaire"):
        page = await registers.client.get(url)
        assert "default-src 'none'" in page.headers["content-security-policy"] or "script-src" in str(page.headers)
        assert (
            re.findall(r'<(?:link rel="stylesheet"|img|iframe|script)[^>]+(?:href|src)="(?:https?:)?//', page.text)
            == []
        )
        assert " style=" not in page.text and " onclick=" not in page.text
