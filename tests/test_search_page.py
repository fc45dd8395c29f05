"""Search: what is found and why, the suggestions as JSON, the pages that help who is lost, and the plan of the site."""

import csv
import re
import sqlite3
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT
from sites import PAGES

from observatory import french, links, resolving, search, searching, sitemap
from observatory.cog_special import FORMER_REGIONS

ALIASES = [("former-code", "29200"), ("postcode", "29200"), ("former-name", "Brest-le-Vieux")]
# Pages that say nothing to whoever does not ask for something.
ASKED = {"citation"}
XML = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def suggested(site: Datasette, text: str, prefix: str = "") -> list[dict[str, Any]]:
    """What is suggested under the field."""
    answer = await site.client.get(f"{prefix}/recherche.json", params={"q": text})
    assert answer.status_code == 200
    return list(answer.json()["results"])


def headings(page: str) -> list[str]:
    """The headings of the second level."""
    return [unescape(h).replace("\xa0", " ") for h in re.findall(r"<h2[^>]*>(.*?)</h2>", page)]


# Words


@pytest.mark.parametrize(
    "text, found",
    [
        ("29200", ("postcode", "29200")),
        ("brest le vieux", ("former-name", "Brest-le-Vieux")),
        ("vieux", ("former-name", "Brest-le-Vieux")),
        ("brest", None),
        ("BRES", None),
        ("quimper", None),
        ("", None),
    ],
)
def test_reason_is_the_other_name_that_answers(text: str, found: tuple[str, str] | None) -> None:
    assert search.reason(text, "Brest", ALIASES) == found


def test_abbreviations_are_the_name_itself() -> None:
    assert search.reason("st malo", "Saint-Malo", [("former-name", "St Malo")]) is None


@pytest.mark.parametrize(
    "text, name, why, standing",
    [
        ("lyon", "Lyon", None, 0),
        ("alsace", "Grand Est", ("former-region", "Alsace"), 1),
        ("lyon", "Métropole de Lyon", None, 2),
        ("ly", "Lyon", None, 2),
        ("lyon", "CC de l'Est Lyonnais", None, 3),
    ],
)
def test_standing_prefers_the_name_then_another_name_then_its_words(
    text: str, name: str, why: tuple[str, str] | None, standing: int
) -> None:
    assert search.standing(text, name, why) == standing


THINGS = [
    search.thing("indicator", "/indicateurs/fibre", "Locaux raccordables à la fibre", "Part des locaux"),
    search.thing("dataset", "/jeux/arcep", "Couverture du territoire", "La fibre " + "mot " * 200 + "lointain"),
    search.thing("page", "/methode", "Méthode", "Comment le score est calculé"),
]


@pytest.mark.parametrize(
    "text, urls",
    [
        ("fibre", ["/indicateurs/fibre", "/jeux/arcep"]),
        ("la fibre", ["/indicateurs/fibre", "/jeux/arcep"]),
        ("fibre locaux", ["/indicateurs/fibre"]),
        ("fibre inconnue", []),
        ("fibbre", ["/indicateurs/fibre"]),
        ("lointain", ["/jeux/arcep"]),
        ("METHODE", ["/methode"]),
        ("arcep", ["/jeux/arcep"]),
        ("methdoe", ["/methode"]),
        ("la", []),
        ("c", ["/jeux/arcep"]),
        ("", []),
    ],
)
def test_things_are_found_by_every_word_best_first(text: str, urls: list[str]) -> None:
    assert [one.url for one in search.matching(text, THINGS)] == urls


def test_things_are_bounded() -> None:
    assert len(search.matching("fibre", THINGS * 20, 7)) == 7


@given(st.text(max_size=150))
def test_anything_can_be_typed(text: str) -> None:
    assert all(one in THINGS for one in search.matching(text, THINGS))
    assert search.standing(text, "Lyon", search.reason(text, "Lyon", ALIASES)) in range(4)


def test_every_merged_region_leads_to_a_region_of_today_by_name_and_by_code() -> None:
    text = (ROOT / "codelists" / "territory_aliases.csv").read_text(encoding="utf-8")
    today = re.findall(r"^(REG-\d+),.*,$", (ROOT / "codelists" / "territories.csv").read_text("utf-8"), flags=re.M)
    assert len(FORMER_REGIONS) == 16 and len({successor for _, successor in FORMER_REGIONS.values()}) == 7
    for former, (name, successor) in FORMER_REGIONS.items():
        assert f"\n{successor},former-region,{name}\n" in text and f"\n{successor},former-code,{former}\n" in text
        assert successor in today and former not in today


# The page


@pytest.mark.parametrize(
    "typed, area, why",
    [
        ("Alsace", "REG-44", "ancienne région Alsace"),
        ("REG-42", "REG-44", "ancien code REG-42"),
        ("rhône-alpes", "REG-84", ""),
        ("AURA", "REG-84", "sigle AURA"),
        ("68100", "COM-68224", "code postal 68100"),
        ("Bourtzwiller", "COM-68224", "ancienne commune Bourtzwiller"),
        ("mulhouse", "COM-68224", ""),
        ("200066009", "EPCI-200066009", ""),
        ("216802249", "COM-68224", ""),
    ],
)
async def test_page_puts_the_right_territory_first_and_says_why(
    site: Datasette, typed: str, area: str, why: str
) -> None:
    page = (await site.client.get("/recherche", params={"q": typed})).text
    first = page[page.index("<main") :].partition('href="/territoires/')[2].partition("</li>")[0]
    assert first.startswith(f'{area}"')
    assert re.findall(r'class="tag strong">(.*?)<', first) == ([why] if why else [])


async def test_single_exact_match_is_offered_apart(site: Datasette) -> None:
    found = (await site.client.get("/recherche?q=mulhouse")).text
    assert headings(found)[:2] == ["Correspondance exacte", "Autres territoires"]
    assert found.count('href="/territoires/COM-68224"') == 1
    # Two communes share this postcode: neither is the page that was meant.
    assert headings((await site.client.get("/recherche?q=85140")).text)[0] == "Territoires"


async def test_results_are_grouped_and_lead_to_indicators_domains_datasets_and_pages(site: Datasette) -> None:
    found = (await site.client.get("/recherche?q=fibre")).text
    assert headings(found)[:2] == ["Indicateurs", "Jeux de données"]
    assert 'href="/indicateurs/' in found and 'href="/jeux-de-donnees/couverture_fibre"' in found
    assert 'href="/domaines/mediation"' in (await site.client.get("/recherche?q=mediation")).text
    assert 'href="/accessibilite"' in (await site.client.get("/recherche?q=accessibilite")).text.partition("<footer")[0]


async def test_vanished_territories_come_last_and_say_so(site: Datasette) -> None:
    found = (await site.client.get("/recherche?q=Lancrans")).text
    assert found.index("COM-01033") < found.index("COM-01205") < found.index("n’existe plus")
    assert [one["label"] for one in await suggested(site, "Lancrans")] == ["Valserhône", "Lancrans"]


async def test_misspelt_name_is_guessed_and_nothing_is_explained(site: Datasette) -> None:
    assert "Vouliez-vous dire…" in headings((await site.client.get("/recherche?q=Mulouse")).text)
    assert headings((await site.client.get("/recherche?q=zzzzzzz")).text)[0].startswith("Aucun résultat pour")


async def test_known_name_is_not_guessed_and_former_identifier_is_known(site: Datasette) -> None:
    def asked(db: sqlite3.Connection) -> None:
        read, memory = searching.opened(db)
        assert searching.everything(db, [], "paris").near == []
        assert searching.territories(read, searching.names(read, memory), "parris") == []
        near = searching.everything(db, [], "parris").near
        assert {one.card["ref_area"] for one in near} == {"COM-75056", "DEP-75"}
        assert [row["ref_area"] for row in resolving.identified(db, "reg-42")] == ["REG-44"]
        assert [row["ref_area"] for row in resolving.identified(db, "DEP-68")] == ["DEP-68"]
        assert resolving.identified(db, "rien") == []

    await site.get_database("donnees").execute_fn(asked)


async def test_search_speaks_english(site: Datasette) -> None:
    found = (await site.client.get("/en/recherche?q=68100")).text
    assert "postcode 68100" in found and 'href="/en/territoires/COM-68224"' in found
    assert headings(found)[0] == "Exact match" and "code postal" not in found


# Suggestions


async def test_suggestions_say_where_and_why(site: Datasette) -> None:
    assert (await suggested(site, "mulh"))[0] == {
        "label": "Mulhouse",
        "detail": "Commune · Haut-Rhin",
        "url": "/territoires/COM-68224",
    }
    assert (await suggested(site, "alsace"))[0]["detail"] == "Région · ancienne région Alsace"
    assert (await suggested(site, "Mulouse"))[0]["label"] == "Mulhouse"


async def test_suggestions_in_english_lead_to_english_pages(site: Datasette) -> None:
    first = (await suggested(site, "68100", "/en"))[0]
    assert (first["url"], first["detail"]) == ("/en/territoires/COM-68224", "Commune · Haut-Rhin · postcode 68100")


async def test_suggestions_are_at_most_eight_and_keep_room_for_the_rest(site: Datasette) -> None:
    for text in ("a", "co", "c", "1", "e"):
        assert len(await suggested(site, text)) <= 8
    kinds = {one["url"].split("/")[1] for one in await suggested(site, "de la communes")}
    assert kinds <= {"territoires", "indicateurs", "jeux-de-donnees", "domaines", "methode"}
    assert {"indicateurs", "jeux-de-donnees"} <= {one["url"].split("/")[1] for one in await suggested(site, "fibre")}


@pytest.mark.parametrize("typed", ["Mulhouse", "Bourtzwiller", "68100", "68224"])
async def test_exact_names_and_codes_are_found_beyond_what_the_index_gives(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr(searching, "WORDS", "select * from territory_card where ? = '' limit ?")
    assert [one["label"] for one in await suggested(site, typed)] == ["Mulhouse"]


def test_many_places_leave_room_for_two_other_things() -> None:
    card = {"name": "Fibre", "kind": "commune", "level": "COM", "departement": None, "current": 1, "ref_area": "COM-1"}
    places = [searching.Found(card, 0, None)] * 10
    shown = searching.suggestions("fibre", searching.Results(places, [], THINGS[:1] * 3, False))["results"]
    assert [one["detail"] for one in shown] == ["Commune"] * 6 + ["Indicateur"] * 2


@pytest.mark.parametrize("text", ["", "   ", '"', "*", "a AND", "'; drop table x", "é" * 5000, "\x00", "💥"])
async def test_suggestions_accept_anything(site: Datasette, text: str) -> None:
    answer = await site.client.get("/recherche.json", params={"q": text})
    assert answer.status_code == 200 and len(answer.json()["query"]) <= 100 and len(answer.content) < 3000
    assert (await site.client.get("/recherche.json")).json()["results"] == []


async def test_every_search_field_has_its_words_and_its_plain_form(site: Datasette) -> None:
    for url, count in (("/", 1), ("/methode", 1), ("/recherche", 1), ("/en/methode", 1)):
        page = (await site.client.get(url)).text
        assert page.count("data-suggest ") == count and "data-many=" in page
        assert re.search(r'<form class="search" action="(/en)?/recherche" role="search">', page)


async def test_five_digits_are_a_postcode_before_a_code_and_each_says_which(site: Datasette) -> None:
    rows = (await site.get_database("donnees").execute("select * from territory_card")).rows
    cards = {row["ref_area"]: dict(row) for row in rows}
    fulleren = {**cards["COM-68154"], "ref_area": "COM-68100", "code": "68100", "name": "Fulleren"}

    def aliased(sql: str, values: Any) -> list[Any]:
        return [("COM-68224", "postcode", "68100")]

    found = searching._ranked(aliased, "68100", [fulleren, cards["COM-68224"]])
    assert [(one.card["name"], one.because()) for one in found] == [
        ("Mulhouse", "code postal 68100"),
        ("Fulleren", "code INSEE 68100"),
    ]
    assert searching.Results(found, [], [], False).single is None


async def test_the_name_of_one_territory_leads_straight_to_its_page(site: Datasette) -> None:
    for prefix, text, page in (
        ("", "haut rhin", "/territoires/DEP-68"),
        ("/en", "Mulhouse", "/en/territoires/COM-68224"),
        ("", "paris", None),
        ("", "mulh", None),
    ):
        answer = (await site.client.get(f"{prefix}/recherche.json", params={"q": text})).json()
        assert answer.get("exact") == page, text


# Who is lost


@pytest.mark.parametrize(
    "path, meant",
    [
        ("/territoires/Mulouse", "/territoires/COM-68224"),
        ("/classment", "/classements"),
        ("/methodes", "/methode"),
        ("/indicateurs/fibre", "/jeux-de-donnees/couverture_fibre"),
        ("/mulhouse", "/territoires/COM-68224"),
        ("/jeux-de-donnees/couverture-fibre", "/jeux-de-donnees/couverture_fibre"),
    ],
)
async def test_lost_visitor_is_led_to_the_nearest_page(site: Datasette, path: str, meant: str) -> None:
    page = await site.client.get(path)
    assert page.status_code == 404
    asked = page.text.partition("Vouliez-vous dire…")[2].partition("<form")[0]
    assert f'href="{meant}"' in asked


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/comparer?t=DEP-01&t={}", "Retirer Haut-Rhin"),
        ("/qualite?territoire={}", "Ce que l’on sait : Haut-Rhin"),
        ("/domaines/infrastructures?territoire={}", "Sa ligne dans le classement"),
        ("/indicateurs/couverture-fibre?territoire={}", "Haut-Rhin"),
        ("/classements/departement?territoire={}", "Aller à sa ligne"),
        ("/simulation?territoire={}", "Dans le classement publié"),
        ("/methode?territoire={}", "Haut-Rhin"),
        ("/territoires/DEP-01?avec={}", "Retirer les territoires ajoutés"),
        ("/contribuer/couverture_fibre?territoire={}", "Haut-Rhin département · DEP-68 · changer"),
    ],
)
async def test_a_name_is_found_on_every_page_and_a_misspelt_one_is_never_another_place(
    site: Datasette, path: str, shown: str
) -> None:
    for typed, found in (("haut+rhin", True), ("dep-68", True), ("Haut-Rhim", False)):
        page = (await site.client.get(path.format(typed))).text
        main = page.partition("<main")[2].partition("Vouliez-vous dire")[0]
        said = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))
        assert (shown in said) is found, (typed, said[:3000])
        assert found or "haut-rhim" in page.casefold()


async def test_page_500_needs_no_database_and_speaks_english(
    site: Datasette, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(site.databases, "donnees")
    for prefix, said in (("", "Le site a rencontré une erreur"), ("/en", "The site has met an error")):
        page = await site.client.get(f"{prefix}/methode?x=%22%3E")
        assert page.status_code == 500 and said in page.text and "Traceback" not in page.text
        assert f'href="{prefix}/methode?x=%22%3E"' in page.text
    assert (await site.client.get("/recherche?q=x")).status_code == 500
    assert (await site.client.get("/nulle-part")).status_code in (404, 500)
    capsys.readouterr()


# Plan of the site


async def test_plan_of_the_site_names_every_kind_of_page(site: Datasette) -> None:
    page = (await site.client.get("/plan-du-site")).text
    fixed = {f"/{name}" for name in PAGES if "{" not in name and name not in ASKED}
    assert [url for url in fixed if f'href="{url}"' not in page] == []
    assert {kind for kind in ("indicateurs", "domaines", "jeux-de-donnees", "classements", "territoires")} <= {
        found for found in re.findall(r'href="/([a-z-]+)/[^"]', page)
    }


async def test_sitemap_holds_every_canonical_page_in_both_languages(site: Datasette) -> None:
    index = ElementTree.fromstring((await site.client.get("/sitemap.xml")).text)
    files = [loc.text or "" for loc in index.iter(f"{XML}loc")]
    assert files == ["http://localhost/sitemap-1.xml"]
    urls = list(ElementTree.fromstring((await site.client.get("/sitemap-1.xml")).text))
    found = [url.findtext(f"{XML}loc") for url in urls]
    for path in ("/", "/methode", "/territoires/DEP-68", "/indicateurs/eligibilite-1-gbits", "/domaines/mediation"):
        assert f"http://localhost{path}" in found and f"http://localhost/en{path}" in found
    assert not any("COM-01091" in (url or "") or "{" in (url or "") for url in found)
    assert len(found) == len(set(found))
    for prefix in ("", "/en"):
        head = (await site.client.get(f"{prefix}/methode")).text
        twins = set(re.findall(r'<link rel="alternate" hreflang="(..)" href="([^"]*)">', head))
        assert twins == {("fr", "http://localhost/methode"), ("en", "http://localhost/en/methode")}


async def test_sitemap_past_its_end_is_a_page_not_found(site: Datasette) -> None:
    assert (await site.client.get("/sitemap-2.xml")).status_code == 404
    assert (await site.client.get("/sitemap-0.xml")).status_code == 404


def test_sitemap_files_part_all_the_addresses_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST", 4)
    found = ["/a", "/b?x=1&y=2", "/c", "/d", "/e"]
    assert sitemap.last(5) == 3 and sitemap.index("https://x.fr", 5).count("<loc>") == 3
    texts = [sitemap.file("https://x.fr", [(path, None) for path in found], n) for n in (1, 2, 3)]
    locs = [loc.text for text in texts for loc in ElementTree.fromstring(text).iter(f"{XML}loc")]
    assert locs == [f"https://x.fr{one}" for path in found for one in (path, links.localised(path))]


async def test_every_fixed_page_is_in_the_sitemap() -> None:
    known = {url for url, _, _ in sitemap.pages(ROOT / "templates" / "pages")}
    assert known - {"/"} == {f"/{name}" for name in PAGES if "{" not in name and name not in ASKED}


# Look


def test_stylesheet_has_no_colour_outside_its_variables() -> None:
    sheet = (ROOT / "static" / "observatoire.css").read_text(encoding="utf-8")
    rules = re.sub(r":root \{.*?\n?\}", "", re.sub(r"/\*.*?\*/", "", sheet, flags=re.S), flags=re.S)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|\b(?:rgb|hsl)a?\(", rules) == []


def test_dark_redefines_every_colour() -> None:
    sheet = (ROOT / "static" / "observatoire.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", sheet, flags=re.S)[:2]
    colours = set(re.findall(r"(--[\w-]+): #", light))
    assert colours and colours == set(re.findall(r"(--[\w-]+): #", dark))


def luminance(colour: str) -> float:
    """Relative luminance of a colour, as WCAG defines it."""
    digits = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1])
def test_texts_and_marks_have_contrast_in_both_themes(theme: int) -> None:
    sheet = (ROOT / "static" / "observatoire.css").read_text(encoding="utf-8")
    found = dict(
        re.findall(r"--([\w-]+): #([0-9a-f]{3,6})\b", re.findall(r":root \{(.*?)\}", sheet, flags=re.S)[theme])
    )

    def contrast(one: str, other: str) -> float:
        low, high = sorted(luminance(found[name]) for name in (one, other))
        return (high + 0.05) / (low + 0.05)

    grounds = ("paper", "wash", "warm-wash", "accent-wash")
    texts = [(text, ground) for text in ("ink", "soft", "accent", "accent-dark", "warm") for ground in grounds]
    texts += [("good", "paper"), ("good", "good-wash"), ("bad", "paper"), ("caution", "caution-wash")]
    texts += [("on-accent", "accent"), ("on-accent", "accent-dark"), ("on-accent", "bad"), ("on-foot", "foot")]
    marks = [("edge", "paper"), ("mark", "paper"), ("mark", "none"), ("warm", "paper"), ("good-mark", "paper")]
    marks += [("bad-mark", "paper"), ("foot-mark", "foot")]
    assert [pair for pair in texts if contrast(*pair) < 4.5] == []
    assert [pair for pair in marks if contrast(*pair) < 3] == []


def test_levels_are_told_by_lightness_in_order_in_both_themes() -> None:
    sheet = (ROOT / "static" / "observatoire.css").read_text(encoding="utf-8")
    for theme, falling in ((0, True), (1, False)):
        root = re.findall(r":root \{(.*?)\}", sheet, flags=re.S)[theme]
        steps = [luminance(c) for c in re.findall(r"--level-\d: #([0-9a-f]{6})", root)]
        assert len(steps) == 5 and steps == sorted(steps, reverse=falling)


def test_names_reduced_together_are_those_reduced_one_by_one() -> None:
    names = []
    for name in ("territories", "territory_aliases"):
        with (ROOT / "codelists" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            names += [row.get("name") or row["alias"] for row in csv.DictReader(stream)]
    odd = ["L’Haÿ-les-Roses", "Œuilly", "", " - ", "a_b", "N° 5", "Saint  Étienne"]
    names = [*odd, *names[::7]]
    assert search.reduced(names) == [french.key(name) for name in names]
    assert search.reduced([]) == []
