"""Who is lost: only what was not found is guessed, what was typed is escaped once, capitals lead to the page."""

import re
from html import unescape

import pytest
from datasette.app import Datasette
from markupsafe import Markup

from observatory import lost


@pytest.mark.parametrize(
    ("path", "asked", "message", "found"),
    [
        ("/classements/metropole", {"page": "-1"}, "Ce classement va de la page 1 à la page 1.", ("", "")),
        ("/methode", {"territoire": "zzz"}, "Aucun territoire n’a l’identifiant « ZZZ ».", ("territory", "zzz")),
        ("/qualite", {"indicateur": "fibbre"}, "Aucun indicateur ne s’appelle «\xa0fibbre\xa0».", ("thing", "fibbre")),
        ("/methode", {"territoire": "zz"}, "No territory is called “ZZ”.", ("territory", "zz")),
        ("/x", {"licence": "mit"}, "Aucune licence ne s’appelle « mit ».", ("", "")),
        (
            "/territoires/Mulouse",
            {"utm": "a"},
            "Rien ne s’appelle « Mulouse ».",
            ("territory", "Mulouse"),
        ),
        ("/classment", {}, "Rien ne se trouve à cette adresse.", ("anything", "classment")),
        ("/territoires/~00", {}, "Cette adresse contient un identifiant illisible.", ("", "")),
    ],
)
def test_only_what_was_not_found_is_guessed(
    path: str, asked: dict[str, str], message: str, found: tuple[str, str]
) -> None:
    assert lost.sought(path, asked, message) == found


def test_a_refusal_is_plain_text() -> None:
    assert lost.plain(Markup("« {} »").format("a'<b>")) == "« a'<b> »"
    assert lost.plain("« &#39; »") == "« &#39; »"


@pytest.mark.parametrize(
    "path", ["/classements/departement?page=-1", "/methode?territoire=zzz", "/qualite?territoire=zzz"]
)
async def test_a_bad_parameter_brings_no_guess_from_the_path(site: Datasette, path: str) -> None:
    page = await site.client.get(path)
    assert page.status_code == 404 and "Vouliez-vous dire…" not in page.text


async def test_what_was_typed_is_escaped_once(site: Datasette) -> None:
    for path in ("/territoires/DEP-68'%20OR%201=1--", "/indicateurs/a'%3Cu%3E", "/methode?territoire=a'<u>"):
        page = await site.client.get(path, follow_redirects=True)
        assert page.status_code == 404
        assert "&amp;#" not in page.text and "&amp;lt;" not in page.text and "<u>" not in page.text.lower(), path
        assert "'" in unescape(re.findall(r'class="lead">(.*?)</p>', page.text)[0]), path


async def test_control_characters_are_said_unreadable(site: Datasette) -> None:
    page = await site.client.get("/territoires/%00", follow_redirects=True)
    assert page.status_code == 404 and "identifiant illisible" in page.text and "Vouliez-vous" not in page.text


async def test_capitals_lead_to_the_page_that_exists(site: Datasette) -> None:
    for path, page in (
        ("/indicateurs/Eligibilite-1-GBITS?niveau=DEP", "/indicateurs/eligibilite-1-gbits?niveau=DEP"),
        ("/classements/DEPARTEMENT", "/classements/departement"),
        ("/en/domaines/Mediation", "/en/domaines/mediation"),
        ("/jeux-de-donnees/COUVERTURE_fibre", "/jeux-de-donnees/couverture_fibre"),
    ):
        found = await site.client.get(path)
        assert (found.status_code, found.headers.get("location")) == (301, page)
    assert (await site.client.get("/indicateurs/INCONNU")).status_code == 404
    assert lost.lower("/territoires/DEP-68") is None and lost.lower("/indicateurs/fibre") is None


@pytest.mark.parametrize("asked", ["haut-rhin", "68", "dep-68", "DEP-68"])
async def test_the_example_of_the_method_takes_names_and_codes(site: Datasette, asked: str) -> None:
    page = await site.client.get("/methode", params={"territoire": asked})
    assert page.status_code == 200 and "Haut-Rhin" in page.text.partition('id="exemple"')[2]
