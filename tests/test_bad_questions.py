"""Whatever a program asks wrongly is refused as RFC 9457 says, with what is possible; people have the French page."""

import json
from urllib.parse import quote

import pytest
from datasette.app import Datasette

from observatory import problem_road
from observatory.problem_details import KINDS, TYPE

OBSERVATIONS = "/donnees/observations"
RANKING = "/classements/departement.csv"
# Address, kind of the refusal, words of it, one of the possible values.
CASES = [
    (f"{OBSERVATIONS}.csv?nosuch=1", "unknown-filter", "« nosuch » n’est pas un paramètre de observations", "ref_area"),
    (f"{OBSERVATIONS}.json?nosuch=1", "unknown-filter", "« nosuch »", "ref_area"),
    (f"{OBSERVATIONS}.csv?ref_area__zzz=1", "unknown-filter", "« zzz » n’est pas une façon", "ref_area__in"),
    (f"{OBSERVATIONS}.csv?zz__zz=1", "unknown-filter", "« zz__zz »", "indicator"),
    (f"{OBSERVATIONS}.csv?_serach=fibre", "unknown-filter", "« _serach »", "_search"),
    (f"{OBSERVATIONS}.ndjson?indicator=zzz", "unknown-code", "pas une valeur de indicator", "couverture-fibre"),
    (f"{OBSERVATIONS}.ndjson?indicator__in=couverture-fibre,zzz", "unknown-code", "« zzz »", "couverture-fibre"),
    (f"{OBSERVATIONS}.csv?indicator__in=%5B%22zzz%22%5D", "unknown-code", "« zzz »", "couverture-fibre"),
    (f"{OBSERVATIONS}.csv?ref_area=DEP-6X", "unknown-code", "« DEP-6X »", ""),
    (f"{OBSERVATIONS}.csv?dataset=zzz", "unknown-code", "« zzz »", "couverture_fibre"),
    ("/donnees/indicators.csv?domain=zzz", "unknown-code", "« zzz »", "mediation"),
    ("/donnees/memberships.csv?parent=REG-99", "unknown-code", "« REG-99 »", ""),
    ("/donnees/territory_values.csv?indicator=zzz", "unknown-code", "« zzz »", "couverture-fibre"),
    (f"{OBSERVATIONS}.ndjson?_next=zzz", "unknown-page", "« zzz »", ""),
    (f"{OBSERVATIONS}.csv?_next=a,b,c", "unknown-page", "« a,b,c »", ""),
    (f"{OBSERVATIONS}.json?_next=zzz", "unknown-page", "« zzz »", ""),
    ("/donnees/territory_values.csv?_next=zzz", "unknown-page", "« zzz »", ""),
    (f"{OBSERVATIONS}.csv?ref_area__in=%5B", "failed-query", "La liste donnée à ref_area__in", ""),
    ("/donnees.csv?sql=select+rien", "failed-query", "Il n’y a pas de colonne « rien »", ""),
    ("/donnees.json?sql=select+rien", "failed-query", "Il n’y a pas de colonne « rien »", ""),
    ("/donnees.ndjson?sql=select+rien", "failed-query", "Il n’y a pas de colonne « rien »", ""),
    *((f"/donnees.{word}", "failed-query", "Aucune requête n’est donnée", "") for word in ("csv", "ndjson", "parquet")),
    ("/donnees.xlsx?sql=", "failed-query", "/donnees/observations.csv", ""),
    (f"{OBSERVATIONS}.csv?_search=fibre", "unknown-filter", "observations ne se cherche pas par mots", "indicator"),
    ("/donnees.csv?sql=select+1&rien=1", "unknown-filter", "« rien »", ""),
    ("/donnees/reproduire_un_score.csv?reg_area=DEP-68", "unknown-filter", "« reg_area »", "ref_area"),
    ("/donnees/domains.json?_size=99999", "failed-query", "lignes au plus", ""),
    ("/donnees/rien.json", "unknown-resource", "Rien ne se trouve à cette adresse", ""),
    ("/donnees/territories/DEP-6X.json", "unknown-resource", "", ""),
    (f"{RANKING}?poids.mediation=abc", "malformed-weights", "« abc »", ""),
    (f"{RANKING}?dans=zzz", "malformed-value", "« zzz »", ""),
    (f"{RANKING}?page=999", "unknown-page", "de la page 1 à la page 1", ""),
    (f"{RANKING}?page=zzz", "unknown-page", "de la page 1 à la page 1", ""),
    (f"{RANKING}?zzz=1", "unknown-filter", "« zzz »", "poids.mediation"),
    ("/classements/zzz.csv", "unknown-resource", "Aucun classement", ""),
    ("/comparer.csv?t=XXX", "malformed-value", "« XXX » n’est le nom ni le code d’aucun territoire", ""),
    ("/comparer.json?t=DEP-68", "malformed-value", "de deux à six territoires", ""),
    ("/comparer.xlsx?t=DEP-68,DEP-01,DEP-75,DEP-85,DEP-2A,REG-44,REG-84", "too-much", "de deux à six", ""),
    ("/comparer.zzz", "unknown-resource", "Rien ne se trouve à cette adresse", ""),
    ("/telechargements/absent.csv", "unknown-file", "n’est pas dans l’export", ""),
    ("/indicateurs/zzz/atom.xml", "unknown-code", "Rien ne porte le code « zzz »", ""),
    ("/territoires/zzz/atom.xml", "unknown-code", "Rien ne porte le code « zzz »", ""),
    ("/graphiques/carte-zzz-dep.svg", "unknown-resource", "Aucune carte n’a ce nom", ""),
    ("/graphiques/evolution-couverture-fibre.svg?territoire=zzz", "unknown-resource", "", ""),
    ("/static/zzz.css", "unknown-resource", "", ""),
    ("/schemas/tables/zzz.schema.json", "unknown-resource", "Aucun schéma", ""),
    ("/-/permissions.json", "unknown-resource", "n’est pas ouverte", ""),
]  # fmt: skip
PROGRAM, BROWSER = {"Accept": "application/json"}, {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(("url", "kind", "said", "possible"), CASES, ids=[case[0] for case in CASES])
async def test_a_file_that_cannot_be_is_a_problem(
    site: Datasette, url: str, kind: str, said: str, possible: str
) -> None:
    refused = await site.client.get(url)
    assert (refused.status_code, refused.headers["content-type"]) == (KINDS[kind].status, TYPE)
    problem = refused.json()
    assert problem["type"] == f"http://localhost/api#{kind}" and problem["status"] == refused.status_code
    assert said in problem["detail"].replace("\u202f", " ").replace("\xa0", " ")
    assert not possible or possible in problem["possible"]
    english = (await site.client.get(f"/en{url}")).json()
    assert english["title"] != problem["title"] and english["status"] == problem["status"]
    page = await site.client.get(url, headers=BROWSER)
    assert page.status_code == refused.status_code
    assert page.headers["content-type"].startswith("text/")


PAGES = ["/editions/9999", "/classements/zzz", "/territoires/DEP-6X", "/methode/1999.1", "/rien", "/donnees/rien"]


@pytest.mark.parametrize("url", PAGES)
async def test_a_page_that_is_not_is_a_problem_for_who_reads_json_only(site: Datasette, url: str) -> None:
    refused = await site.client.get(url, headers=PROGRAM)
    assert (refused.status_code, refused.headers["content-type"]) == (404, TYPE)
    assert refused.json()["type"] == "http://localhost/api#unknown-resource"
    for headers in (BROWSER, {}):
        page = await site.client.get(url, headers=headers)
        assert page.status_code == 404 and page.headers["content-type"].startswith("text/html")
        assert '<html lang="fr"' in page.text
    head = await site.client.request("HEAD", url, headers=PROGRAM)
    assert (head.status_code, head.content) == (404, b"")


UNDERSTOOD = [
    f"{OBSERVATIONS}.csv?time_period=1999",  # an ordinary value that no row has
    f"{OBSERVATIONS}.csv?ref_area__startswith=DEP-&obs_value__gte=3&_sort_desc=obs_value&_size=max&_labels=on",
    f"{OBSERVATIONS}.json?_shape=array&indicator__not=zzz&_facet=indicator&_nocount=1",
    f"{OBSERVATIONS}.ndjson?ref_area__in={quote(json.dumps(['DEP-68', 'DEP-01']))}&indicator=",
    "/donnees/territories.csv?_search=mulhouse&_col=name",
    "/donnees/reproduire_un_score.csv?ref_area=DEP-68",
    "/donnees.csv?sql=select+:x&x=1",
    f"{RANKING}?page=1&territoire=DEP-68",
    "/donnees/figure_history.csv?indicator=couverture-fibre",
]


@pytest.mark.parametrize("url", UNDERSTOOD)
async def test_what_is_understood_is_answered(site: Datasette, url: str) -> None:
    assert (await site.client.get(url)).status_code == 200


async def test_the_next_page_of_a_table_and_of_a_view_is_understood(site: Datasette) -> None:
    for address in (f"{OBSERVATIONS}.json?_size=2", f"{OBSERVATIONS}.json?_size=2&_sort=obs_value",
                    "/donnees/initiatives.json?_size=1", "/donnees/territory_values.json?_size=2"):  # fmt: skip
        following = (await site.client.get(address)).json()["next"]
        assert following
        assert (await site.client.get(f"{address}&_next={following}")).status_code == 200, address


async def test_a_fault_of_the_site_is_a_problem_for_programs(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*args: object, **options: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("datasette.views.table.TableView._data_traced", broken)
    for address in (f"{OBSERVATIONS}.json", f"{OBSERVATIONS}.csv"):
        refused = await site.client.get(address)
        assert (refused.status_code, refused.headers["content-type"]) == (500, TYPE)
        assert "a fault of ours" not in refused.text


def test_pages_with_a_point_in_their_address_are_for_people() -> None:
    assert not problem_road.machine("/methode/2026.1", "*/*") and not problem_road.machine("/editions/2026.2", "")
    assert problem_road.machine("/methode/2026.1", "application/json") and problem_road.machine("/x.csv", "*/*")
    assert not problem_road.machine("/x.csv", "text/html,application/json")
