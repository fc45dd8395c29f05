"""The pages of rankings and of domains: the published ranks, the filters, other weights, the file, and nonsense."""

import csv
import re
import shutil
import sqlite3
from html import unescape
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette
from repositories import ROOT
from sites import portal

from observatory import ranking_file, ranking_page
from observatory.languages import data, speaking
from observatory.ranking import size_code
from observatory.ranking_file import table as ranking_table
from observatory.uncertainty import TITLES

DEP = "/classements/departement"
REAL = ROOT / "donnees.db"
NEEDS_REAL = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def asked(site: Datasette, url: str, status: int = 200) -> str:
    page = await site.client.get(url)
    assert page.status_code == status, page.text[:300]
    return page.text


def shown(page: str) -> list[tuple[str, str]]:
    """Identifier and rank of each row of the ranking."""
    rows = re.findall(r'<tr id="([^"]+)"[^>]*><td[^>]*>(.*?)</td>', page)
    return [(area, plain(rank)) for area, rank in rows]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


async def test_rows_are_those_of_the_database_in_their_order(site: Datasette, database: Path) -> None:
    with sqlite3.connect(database) as db:
        sql = "select ref_area, rank from ranking where node = 'index' and peer_group = 'departement' order by rank"
        known = db.execute(sql).fetchall()
    page = await asked(site, DEP)
    assert [area for area, _ in shown(page)] == [area for area, _ in known] and len(known) == 5
    assert shown(page)[:2] == [("DEP-01", "1ᵉʳ"), ("DEP-85", "2ᵉ")]
    said = plain(page)
    assert "édition 2024.1" in said and "5 classés sur 5" in said and "sources mises à jour" in said
    assert "Poids modifiés" not in said and 'href="/methode"' in page


async def test_kind_comes_first_and_no_page_ranks_all_kinds(site: Datasette) -> None:
    page = await asked(site, "/classements")
    assert re.findall(r'<th scope="row"><a href="/classements/([a-z-]+)"', page)[:2] == ["region", "departement"]
    assert 'href="/classements/grande-ville?noeud=infrastructures"' in page


async def test_a_place_keeps_the_rank_of_the_whole_kind(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?dans=REG-44")
    assert shown(page) == [("DEP-68", "3ᵉ")]
    assert "leur rang reste" in plain(page) or "son rang reste" in plain(page)
    assert '<option value="REG-44" selected>' in page


async def test_a_class_of_population_keeps_its_territories(site: Datasette, database: Path) -> None:
    with sqlite3.connect(database) as db:
        people = dict(db.execute("select ref_area, population from territories where level = 'DEP'"))
    page = await asked(site, DEP)
    codes = re.findall(r'<option value="(\d+-[^"]+)"', page)
    assert codes
    for code in codes:
        found = [area for area, _ in shown(await asked(site, f"{DEP}?taille={code}"))]
        assert found and all(size_code(people[area]) == code for area in found)


@pytest.mark.parametrize(
    ("population", "code"),
    [(0, "0-500"), (499, "0-500"), (500, "500-2000"), (3_000_000, "3000000-et-plus"), (None, "")],
)
def test_classes_of_population_begin_where_they_say(population: int | None, code: str) -> None:
    assert size_code(population) == code


@pytest.mark.parametrize("words", ["DEP-68", "dep-68", "haut rhin", "Haut-Rhin"])
async def test_my_territory_is_marked_on_the_page_that_has_it(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(ranking_page, "PAGE", 2)
    page = await asked(site, f"{DEP}?{urlencode({'territoire': words})}")
    assert [area for area, _ in shown(page)] == ["DEP-68", "DEP-75"] and "Page 2 sur 3" in plain(page)
    assert '<tr id="DEP-68" class="self">' in page and 'href="#DEP-68"' in page
    other = await asked(site, f"{DEP}?territoire=DEP-68&page=1")
    assert [area for area, _ in shown(other)] == ["DEP-01", "DEP-85"] and 'class="self"' not in other
    assert f'href="{DEP}?territoire=DEP-68#DEP-68"' in other


async def test_pages_follow_one_another_without_loss(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shown(await asked(site, DEP))
    monkeypatch.setattr(ranking_page, "PAGE", 2)
    assert sum([shown(await asked(site, f"{DEP}?page={n}")) for n in (1, 2, 3)], []) == whole
    await asked(site, f"{DEP}?page=4", 404)


async def test_a_territory_of_another_kind_is_led_to_its_own(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?territoire=REG-44")
    assert "n’est pas de cette catégorie" in plain(page) and "/classements/region?territoire=REG-44" in page
    assert "/classements/grande-ville?territoire=COM-68224" in await asked(site, f"{DEP}?territoire=mulhouse")
    filtered = await asked(site, f"{DEP}?dans=REG-44&territoire=DEP-01")
    assert "ne répond pas à ces filtres" in plain(filtered)


async def test_ties_share_their_rank_and_say_so(database: Path, tmp_path: Path) -> None:
    twin = tmp_path / "donnees.db"
    shutil.copy(database, twin)
    with sqlite3.connect(twin) as db:
        db.execute(
            "update scores set rank = 2, score = 70 where ref_area = 'DEP-68' and node = 'index' and edition = '2024.1'"
        )
    datasette = portal(twin)
    await datasette.invoke_startup()
    assert shown(await asked(datasette, DEP))[1:4] == [
        ("DEP-68", "2ᵉ ex æquo"),
        ("DEP-85", "2ᵉ ex æquo"),
        ("DEP-75", "4ᵉ"),
    ]
    # A filter that hides the other one does not undo the tie.
    assert shown(await asked(datasette, f"{DEP}?dans=REG-44")) == [("DEP-68", "2ᵉ ex æquo")]


async def test_other_weights_rank_as_the_simulation_does(site: Datasette) -> None:
    weights = "poids.mediation=3&poids.infrastructures=0"
    page = await asked(site, f"{DEP}?{weights}")
    other = await asked(site, f"/simulation?categorie=departement&{weights}")
    rows = re.findall(
        r'<td class="nowrap" data-label="Rang simulé">(.*?)</td>\s*<th[^>]*><a href="/territoires/(.*?)"', other
    )
    assert shown(page) == [(area, plain(rank)) for rank, area in rows] and len(rows) == 5
    assert shown(page) != shown(await asked(site, DEP))
    said = plain(page)
    assert "Poids modifiés : ce n’est pas le classement publié." in said and "Revenir aux poids publiés" in said
    assert "Poids de « Médiation numérique » : 3 au lieu de 1" in said
    assert f'href="{DEP}"' in page and "poids.mediation=3" in page


async def test_published_weights_written_out_are_no_simulation(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?poids.mediation=1&poids.infrastructures=")
    assert "Poids modifiés" not in page and shown(page) == shown(await asked(site, DEP))


async def test_the_simulation_and_the_ranking_lead_to_each_other(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?poids.mediation=3&dans=REG-44")
    assert "/simulation?categorie=departement&amp;dans=REG-44&amp;poids.mediation=3" in page
    other = await asked(site, "/simulation?categorie=departement&dans=REG-44&poids.mediation=3")
    assert f'href="{DEP}?poids.mediation=3&amp;dans=REG-44"' in other


@pytest.mark.parametrize(
    "query",
    ["", "?dans=REG-44", "?poids.mediation=3&poids.infrastructures=0", "?noeud=mediation", "?page=1&vue=repartition"],
)
async def test_the_file_holds_the_rows_on_screen_in_their_order(site: Datasette, query: str) -> None:
    page = await asked(site, f"{DEP}{query.replace('vue=repartition', '')}")
    link = unescape(re.search(r'class="button" href="([^"]+)"', page)[1])  # type: ignore[index]
    answer = await site.client.get(link)
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="classement-departement-2024.1.csv"' in answer.headers["content-disposition"]
    rows = table(answer.text)
    ranked = [row for row in rows if row["rank"]]
    assert [row["ref_area"] for row in ranked] == [area for area, _ in shown(page)]
    assert all(rank.startswith(row["rank"]) for row, (_, rank) in zip(ranked, shown(page), strict=True))
    assert ("published_rank" in rows[0]) == ("poids" in query)


async def test_the_file_refuses_what_the_page_refuses(site: Datasette) -> None:
    said = await asked(site, f"{DEP}.csv?poids.mediation=-1&taille=x", 400)
    assert "poids.mediation" in said and "taille" in said
    await asked(site, "/classements/rien.csv", 404)
    await asked(site, f"{DEP}.csv?noeud=rien", 404)


MANY = {f"poids.x{n}": "1" for n in range(500)}


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [
        ({"poids.mediation": "-1"}, "poids.mediation"),
        ({"poids.mediation": "NaN"}, "poids.mediation"),
        ({"poids.mediation": "1e400"}, "poids.mediation"),
        ({"poids.mediation": "0", "poids.infrastructures": "0"}, "poids.infrastructures"),
        ({"poids.rien": "1"}, "poids.rien"),
        ({"poids.mediation": "<script>alert(1)</script>"}, "poids.mediation"),
        ({"poids.mediation": "\x00"}, "poids.mediation"),
        ({"dans": "REG-999"}, "dans"),
        ({"taille": "grand"}, "taille"),
        ({"vue": "pires"}, "vue"),
        (MANY, "adresse"),
        ({"territoire": "x" * 9000}, "adresse"),
    ],
)
async def test_nonsense_is_refused_with_what_to_mend(
    site: Datasette, parameters: dict[str, str], parameter: str
) -> None:
    page = await asked(site, f"{DEP}?{urlencode(parameters)}", 400)
    alert = plain(page.split('role="alert"')[1].split("</ul>")[0])
    assert parameter in alert and alert.count(" : ") >= 1
    assert shown(page) == [] and "<script>alert" not in page and "\x00" not in page and page.count("<h1") == 1


async def test_words_that_name_no_single_territory_take_no_row_away(site: Datasette) -> None:
    rows = shown(await asked(site, f"{DEP}?dans=REG-44"))
    for words, said in (("haut", "Aucun territoire ne correspond"), ("zzz", "Écrivez un nom ou un code")):
        page = await asked(site, f"{DEP}?dans=REG-44&territoire={words}")
        assert shown(page) == rows and said in plain(page) and f'value="{words}" aria-invalid="true"' in page
        assert page.index("<h1") < page.index('id="faute"') < page.index('id="classement"') and "noindex" in page
    assert f'href="{DEP}?dans=REG-44&amp;territoire=DEP-68">Haut-Rhin</a>' in await asked(
        site, f"{DEP}?dans=REG-44&territoire=haut"
    )
    wrong = await asked(site, f"{DEP}?territoire=haut&poids.mediation=-1", 400)
    assert shown(wrong) == [] and f'href="{DEP}?territoire=DEP-68">Haut-Rhin</a>' in wrong


async def test_what_was_right_is_kept_beside_what_is_wrong(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?poids.mediation=-1&poids.infrastructures=2,5&dans=REG-44&taille=x", 400)
    assert 'name="poids.mediation" inputmode="decimal" maxlength="20" value="-1"' in page
    assert 'name="poids.infrastructures" inputmode="decimal" maxlength="20" value="2,5"' in page
    assert '<option value="REG-44" selected>' in page
    assert f'href="{DEP}?dans=REG-44&amp;poids.infrastructures=2.5"' in page
    assert plain(page.split('role="alert"')[1]).count(" : «") == 2


async def test_a_parameter_given_twice_is_refused(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?dans=REG-44&dans=REG-84", 400)
    assert "donné plusieurs fois" in plain(page)


async def test_unknown_parameters_are_ignored_aloud(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?utm_source=lettre&domaine=mediation")
    assert "Ignoré dans l’adresse, car inconnu : utm_source, domaine." in plain(page) and len(shown(page)) == 5


async def test_a_kind_without_index_offers_its_domains(site: Datasette) -> None:
    page = await asked(site, "/classements/grande-ville")
    assert "Pas encore de classement" in page and "/classements/grande-ville?noeud=infrastructures" in page
    assert "Ils ne sont pas derniers" in plain(page) and shown(page) == []
    assert "poids.js" not in page
    nothing = await asked(site, "/classements/grande-ville?noeud=mediation", 404)
    assert "Rien n’est noté ainsi" in plain(nothing) and "?noeud=infrastructures" in nothing


async def test_an_unknown_kind_is_answered_with_the_list(site: Datasette) -> None:
    for kind in ("rien", "pays"):
        page = await asked(site, f"/classements/{kind}", 404)
        assert f"« {kind} »" in plain(page) and 'href="/classements/departement"' in page


async def test_weights_beside_a_domain_are_said_to_change_nothing(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?noeud=mediation&poids.mediation=3")
    assert "Les poids choisis ne jouent que sur l’indice" in plain(page)
    assert shown(page) == shown(await asked(site, f"{DEP}?noeud=mediation"))


async def test_the_spread_counts_everybody_once_and_marks_mine(site: Datasette) -> None:
    page = await asked(site, f"{DEP}?vue=repartition&territoire=DEP-68")
    counts = re.findall(r'<th scope="row">de \d+ .*?</th><td class="num">(\d+)</td>', page)
    assert sum(map(int, counts)) == 5 and shown(page) == []
    drawn = re.search(r'<svg class="plot" .*?</svg>', page, re.S)
    assert drawn and "5 scores, de" in drawn[0]
    bars = re.findall(r'fill="(#2f7f95|#a8431a)"><title>([^<]*)</title>', drawn[0])
    told = [f"{count}\u00a0territoire{'s' if int(count) > 1 else ''}" for count in counts if count != "0"]
    assert sorted(said.partition("\u00a0: ")[2] for _, said in bars) == sorted(told)
    assert [said for colour, said in bars if colour == "#a8431a"][0].startswith("de 60 à moins de 65")
    row = re.search(r'<tr class="self"><th scope="row">(.*?)</th>', page)
    assert row and plain(row[1]) == "de 60 à moins de 65 Haut-Rhin"
    high = [to for low, to, count in ranking_page.spread([100.0, 95.0, 0.0]) if count]
    assert high == [5, 100]


async def test_no_list_of_the_last(site: Datasette) -> None:
    for url in (DEP, "/classements", "/classements/region"):
        assert not re.search(r"derniers? du classement|les moins bons|pires|flop", plain(await asked(site, url)))


async def test_pages_speak_english(site: Datasette) -> None:
    said = plain(await asked(site, f"/en{DEP}?poids.mediation=3&territoire=DEP-68"))
    assert "Weights changed: this is not the published ranking." in said and "Recalculate" in said
    bad = plain(await asked(site, f"/en{DEP}?poids.mediation=-1", 400))
    assert "is not a weight. A weight is a number from 0 to 1,000." in bad
    assert "Where territories stand" in plain(await asked(site, "/en/domaines/infrastructures"))
    assert "What carries weight" in plain(await asked(site, "/en/simulation"))


@pytest.mark.parametrize(
    "text",
    [
        "Aucune donnée publiée pour ce territoire.",
        "Sans objet pour ce territoire.",
        "La valeur est couverte par le secret statistique.",
        "Cette catégorie de territoires n’est pas classée.",
        "Données insuffisantes : un seul domaine observé, il en faut 3.",
        "Données insuffisantes : 2 domaines observés, il en faut 3.",
        "Données insuffisantes : 66 % du poids est observé, il en faut 67 %.",
        "La méthode n’a de données que dans 1 domaine sur 9 à cet échelon ; il en faut 3 pour un indice.",
        "La méthode n’a de données que dans 2 domaines sur 9 à cet échelon ; il en faut 3 pour un indice.",
        "La méthode n’a de données dans aucun domaine à cet échelon ; il en faut 3 pour un indice.",
    ],
)
def test_reasons_of_the_build_are_said_in_english_with_their_numbers(text: str) -> None:
    assert data(text) == text
    with speaking("en"):
        said = data(text)
    assert not re.search(r"[éèà’]|données|territoire", said)
    numbers = set(re.findall(r"\d+", text))
    assert numbers <= set(re.findall(r"\d+", said))


async def test_a_domain_says_where_my_territory_stands(site: Datasette, database: Path) -> None:
    with sqlite3.connect(database) as db:
        sql = "select rank, peer_count from node_scores where node = 'infrastructures' and ref_area = 'DEP-68'"
        rank, count = db.execute(sql).fetchone()
    for words in ("DEP-68", "haut rhin"):
        page = await asked(site, f"/domaines/infrastructures?{urlencode({'territoire': words})}")
        assert f"Rang : {rank}ᵉ sur {count}." in plain(page)
        assert "/classements/departement?noeud=infrastructures&amp;territoire=DEP-68#DEP-68" in page
    missing = await asked(site, "/domaines/infrastructures?territoire=zzzzzz", 404)
    assert "Aucun territoire ne s’appelle exactement" in plain(missing) and "Où en sont les territoires" in missing


async def test_a_domain_lists_what_counts_what_informs_and_what_is_planned(site: Datasette, database: Path) -> None:
    with sqlite3.connect(database) as db:
        known = db.execute("select domain, status, code from indicators").fetchall()
    for domain in {domain for domain, _, _ in known}:
        page = await asked(site, f"/domaines/{domain}")
        for status, title in (("active", "Ils comptent dans le score"), ("planned", "<h3>Prévus</h3>")):
            assert (title in page) == any(d == domain and s == status for d, s, _ in known)
        assert all(f"/indicateurs/{code}" in page for d, status, code in known if d == domain and status == "planned")


async def test_a_domain_shows_its_map_when_there_is_one(site: Datasette) -> None:
    page = await asked(site, "/domaines/infrastructures")
    assert 'id="carte"' in page and 'class="map-area"' in page and "/graphiques/carte-infrastructures-dep.png" in page
    assert 'id="carte"' not in await asked(site, "/classements/departement")


async def test_search_engines_leave_simulated_rankings_alone(site: Datasette) -> None:
    assert "noindex" in await asked(site, f"{DEP}?poids.mediation=3")
    assert "noindex" not in await asked(site, f"{DEP}?dans=REG-44")


@NEEDS_REAL
@pytest.mark.data
async def test_how_far_weights_move_the_first_ten() -> None:
    datasette = portal(REAL)
    await datasette.invoke_startup()
    with sqlite3.connect(REAL) as db:
        sql = (
            "select sum(rank_best <= 10), sum(rank_worst <= 10) from score_weight_ranks"
            " where peer_group = 'departement' and edition = (select edition from method where current)"
        )
        could, always = db.execute(sql).fetchone()
    said = plain(await asked(datasette, DEP))
    assert f"{could} territoires peuvent se trouver parmi les dix premiers, et {always} y sont toujours." in said
    assert could > 10 > always


@NEEDS_REAL
@pytest.mark.data
async def test_the_change_is_that_of_the_series() -> None:
    datasette = portal(REAL)
    await datasette.invoke_startup()
    with sqlite3.connect(REAL) as db:
        sql = (
            "select change from score_changes"
            " where ref_area = ? and node = 'index' and kind = 'rank' and period_from = '2024'"
        )
        gains = {area: -db.execute(sql, [area]).fetchone()[0] for area in ("DEP-68", "DEP-04", "DEP-84")}
    page = await asked(datasette, DEP)
    for area, gain in gains.items():
        row = page.split(f'<tr id="{area}"')[1].split("</tr>")[0]
        told = plain(row.split('data-label="Évolution">')[1].split("</td>")[0])
        sign = {True: "+", False: "−"}[gain > 0] if gain else "="
        assert told.startswith(sign) and (not gain or f" {abs(gain):.0f} place" in told)


async def test_what_is_wrong_comes_first_and_its_weight_has_no_share(site: Datasette) -> None:
    for typed in ("-5", "nan", "1e308"):
        page = await asked(site, f"{DEP}?poids.mediation={typed}", 400)
        notice, tabs = page.index('id="faute"'), page.index('<ul class="tabs">')
        assert page.index("<h1>") < notice < tabs and page.count('id="classement"') == 1
        assert f"« {typed} » n’est pas un poids" in plain(page).replace("\u202f", " ")
        shares = re.findall(r"<span data-share=[^>]*>(.*?)</span>", page)
        assert shares and not any(shares)
        assert '<details class="panel" id="ponderer" open>' in page


async def test_weights_in_the_address_open_their_panel_even_as_published(site: Datasette) -> None:
    assert '<details class="panel" id="ponderer">' in await asked(site, DEP)
    for typed in ("1", "3"):
        assert 'id="ponderer" open>' in await asked(site, f"{DEP}?poids.mediation={typed}")


async def test_both_intervals_are_told_above_the_table(site: Datasette) -> None:
    above = plain((await asked(site, DEP)).split("<details><summary>Comment lire")[0])
    assert "dit où va un rang quand toute la méthode change" in above and "seuls changent les poids" in above
    assert "ils ne valent que pour les poids publiés" in plain(await asked(site, f"{DEP}?poids.mediation=3"))


async def test_the_file_is_written_once_for_all_who_ask_the_same_rows(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def counted(found: ranking_page.Screen, path: Path) -> str:
        written.append("once")
        return ranking_table(found, path)

    monkeypatch.setattr(ranking_file, "table", counted)
    ranking_file._kept.cache_clear()
    first = await site.client.get(f"{DEP}.csv?dans=REG-44")
    for same in ("?dans=REG-44", "?dans=REG-44&page=1&vue=repartition", "?territoire=DEP-68&dans=REG-44"):
        again = await site.client.get(f"{DEP}.csv{same}")
        assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert written == ["once"]
    known = await site.client.get(f"{DEP}.csv?dans=REG-44", headers={"If-None-Match": first.headers["etag"]})
    assert known.status_code == 304 and not known.content
    other = [(await site.client.get(f"{DEP}.csv{query}")).headers["etag"] for query in ("", "?poids.mediation=3")]
    assert len({first.headers["etag"], *other}) == 3 and len(written) == 3
    for weight in range(4, 6 + ranking_file.KEPT):
        await asked(site, f"{DEP}.csv?poids.mediation={weight}")
    assert ranking_file._kept.cache_info().currsize == ranking_file.KEPT


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("dans=zzz", "« zzz » n’est pas une région"),
        ("taille=zzz", "« zzz » n’est "),
        ("territoire=zzz", "aucun territoire ne correspond à « zzz »"),
        ("poids.mediation=nan", "« nan » n’est "),
        ("dans=REG-44&dans=REG-44", "plusieurs fois"),
    ],
)
async def test_hostile_filters_of_the_file_are_refused_in_words(site: Datasette, wrong: str, said: str) -> None:
    refused = await site.client.get(f"{DEP}.csv?{wrong}")
    assert refused.status_code == 400 and refused.headers["content-type"] == "application/problem+json"
    assert said in refused.json()["detail"]


async def test_no_cell_of_the_file_begins_a_formula(site: Datasette) -> None:
    rows = table(await asked(site, f"{DEP}.csv?poids.mediation=3"))
    texts = [row[name] for row in rows for name in ("ref_area", "name", "reason")]
    assert texts and not [text for text in texts if text.startswith(tuple("=+-@\t\r"))]


async def test_levels_of_a_domain_are_in_english_on_its_english_page(site: Datasette) -> None:
    page = plain(await asked(site, "/en/domaines/mediation"))
    assert "2 · Emerging" in page and "Émergent" not in page


def test_choices_of_the_method_are_collected_for_translation(database: Path) -> None:
    with sqlite3.connect(database) as db:
        (view,) = db.execute("select sql from sqlite_master where name = 'choice_shares'").fetchone()
    assert set(re.findall(r"then '([^']+)'", view)) == set(TITLES)
    with speaking("en"):
        assert all(data(title) != title for title in TITLES)


async def test_a_domain_marks_the_territory_on_its_map_by_name_too(site: Datasette, database: Path) -> None:
    with sqlite3.connect(database) as db:
        sql = (
            "select ref_area, name from ranking where node = 'mediation' and peer_group = 'departement'"
            " and exists (select 1 from charts where name = 'carte-mediation-dep') order by length(name) limit 1"
        )
        area, name = db.execute(sql).fetchone()
    assert "Entouré sur la carte" not in await asked(site, "/domaines/mediation")
    for typed in (area, name):
        page = await asked(site, f"/domaines/mediation?{urlencode({'territoire': typed})}")
        assert f"Entouré sur la carte : {name}" in plain(page) and f"niveau=DEP&amp;territoire={area}#carte" in page
