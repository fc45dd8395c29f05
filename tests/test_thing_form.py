"""The form of a thing: faults beside their field, nothing lost, namesakes told before sending, then the same road."""

import csv
import io
import re
from html import unescape
from pathlib import Path

import pytest
import yaml
from datasette.app import Datasette
from httpx import Response
from repositories import ROOT
from sites import portal
from test_contribute_site import DECLARATION, hidden, words

from observatory.contributions_form import filled, identifier
from observatory.registers import read_registers

SCHEMA = read_registers(ROOT)["initiatives"].schema["fields"]
PLACES = {field["name"]: place for place, field in enumerate(SCHEMA)}
FILLED = {
    "titre": "Éclairage qui s’adapte",
    "resume": "Les lampadaires baissent la nuit.",
    "porteurs": "EPCI-200066009",
    "stade": "pilote",
    "source": "Délibération du 3 mars 2025",
    "preuve": "declaree",
}


@pytest.fixture
async def desk(demonstration: Path, tmp_path: Path) -> Datasette:
    datasette = portal(demonstration, str(tmp_path / "depot"))
    await datasette.invoke_startup()
    return datasette


async def post(site: Datasette, step: str, register: str = "initiatives", **fields: str) -> Response:
    page = await site.client.get(f"/contribuer/{register}/formulaire")
    token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
    data = {"csrftoken": token[1] if token else "", "territoire": "", "formulaire": "1", **fields}
    parts = [(name, (None, value.encode())) for name, value in data.items()]
    return await site.client.post(f"/contribuer/{register}/{step}", files=parts, cookies=dict(page.cookies))


def cells(**texts: str) -> dict[str, str]:
    return {f"cellule-0-{PLACES[name]}": text for name, text in texts.items()}


def boxes(name: str, *values: str) -> dict[str, str]:
    return {f"liste-{PLACES[name]}": "1"} | {f"choix-{PLACES[name]}-{value}": "1" for value in values}


def row(page: Response) -> dict[str, str]:
    """The row that the page carries to the next step."""
    return next(csv.DictReader(io.StringIO(hidden(page, "table"))))


async def test_form_has_a_field_for_every_column_and_a_label_for_each(desk: Datasette) -> None:
    text = (await desk.client.get("/contribuer/initiatives/formulaire")).text
    for name, place in PLACES.items():
        if name == "id":
            continue
        assert f'<label for="cellule-0-{place}">' in text or f'name="liste-{place}"' in text, name
    for register in ("evenements", "offres", "reponses"):
        assert (await desk.client.get(f"/contribuer/{register}/formulaire")).status_code == 200
    assert (await desk.client.get("/contribuer/couverture_fibre/formulaire")).status_code == 404


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(desk: Datasette, tmp_path: Path) -> None:
    wrong = cells(**FILLED | {"porteurs": "Mulhouse, EPCI-200066009", "date_debut": "2024-13", "preuve": ""})
    page = await post(desk, "verifier", **wrong, **boxes("domaines", "infrastructures"))
    said = words(page)
    assert page.status_code == 200 and "erreurs à corriger" in said
    assert "« 2024-13 » n’est ni une année" in said and "rien ne dit ce qui établit cette ligne" in said.lower()
    beside = re.search(rf'id="cellule-0-{PLACES["date_debut"]}"[^>]*aria-invalid="true"', page.text)
    assert beside and 'id="faute-date_debut"' in page.text
    assert unescape(page.text).count("Les lampadaires baissent la nuit.") >= 1
    assert re.search(rf'name="choix-{PLACES["domaines"]}-infrastructures" value="1" checked', page.text)
    assert not (tmp_path / "depot").exists() or not list((tmp_path / "depot").iterdir())


async def test_a_name_is_made_a_code_when_its_author_says_so(desk: Datasette) -> None:
    page = await post(desk, "verifier", **cells(**FILLED | {"porteurs": "Haut-Rhin"}), **boxes("domaines", "mediation"))
    button = re.search(r'name="appliquer" value="(\d+)">Écrire «\xa0DEP-68\xa0»', unescape(page.text))
    assert button, words(page)[:1500]
    carried = {"table": hidden(page, "table"), "nom": hidden(page, "nom"), "corrections": hidden(page, "corrections")}
    mended = await post(desk, "verifier", **carried, appliquer=button[1])
    assert row(mended)["porteurs"] == "DEP-68" and "Aucune erreur" in words(mended)


async def test_namesake_is_told_before_sending_and_can_be_completed_instead(desk: Datasette) -> None:
    same = await post(
        desk, "verifier", **cells(**FILLED | {"titre": "La Fibre pour tous"}), **boxes("domaines", "infrastructures")
    )
    assert "est déjà le titre de « fibre-pour-tous »" in words(same).replace("\u202f", " ").replace("\xa0", " ")
    assert 'href="/initiatives/fibre-pour-tous"' in same.text
    assert 'href="/contribuer/initiatives/formulaire?id=fibre-pour-tous"' in same.text
    # An identifier that is another's is never taken: the published row would be replaced.
    assert row(same)["id"] == "la-fibre-pour-tous"
    like = await post(
        desk,
        "verifier",
        **cells(**FILLED | {"titre": "Capteurs de fuites sur le réseau d'eau"}),
        **boxes("domaines", "infrastructures"),
    )
    said = words(like)
    assert "Aucune erreur, 1 point à regarder" in said and "ressemble beaucoup" in said
    assert "Continuer vers l’envoi" in said


async def test_form_is_prefilled_with_what_is_known_and_changes_that_row_only(desk: Datasette) -> None:
    page = await desk.client.get("/contribuer/initiatives/formulaire?id=capteurs-eau")
    assert 'value="capteurs-eau"' in page.text and "312 fuites réparées en 2024" in unescape(page.text)
    assert 'value="COM-68224, COM-68154"' in page.text
    reply = await desk.client.get(
        "/contribuer/reponses/formulaire?registre=initiatives&chose=bus-numerique&territoire=DEP-85"
    )
    assert 'value="bus-numerique"' in reply.text and 'value="DEP-85"' in reply.text
    assert (await desk.client.get("/contribuer/initiatives/formulaire?id=rien")).status_code == 404


async def test_published_thing_keeps_its_identifier_whatever_its_title(desk: Datasette) -> None:
    known = {**cells(**FILLED | {"titre": "Capteurs d’un autre nom"}), f"cellule-0-{PLACES['id']}": "capteurs-eau"}
    assert row(await post(desk, "verifier", **known, **boxes("domaines", "mediation")))["id"] == "capteurs-eau"


async def test_thing_goes_the_same_road_to_the_desk(desk: Datasette, tmp_path: Path) -> None:
    checked = await post(desk, "verifier", **cells(**FILLED), **boxes("domaines", "infrastructures", "mediation"))
    assert "Aucune erreur" in words(checked) and "Aperçu" in words(checked)
    assert "Stade Expérimentation" in words(checked) and "CA Mulhouse Alsace Agglomération" in words(checked)
    again = {**cells(**FILLED | {"titre": "Lampadaires"}), f"cellule-0-{PLACES['id']}": "eclairage-qui-s-adapte"}
    renamed = await post(desk, "verifier", **again, **boxes("domaines", "mediation"))
    assert row(renamed)["id"] == "lampadaires"
    found = row(checked)
    assert found["id"] == "eclairage-qui-s-adapte" and found["domaines"] == "infrastructures|mediation"
    table = hidden(checked, "table")
    weighed = await post(desk, "effet", table=table, nom="saisie.csv")
    assert "1 ligne nouvelle" in words(weighed)
    sent = await post(desk, "envoyer", table=table, nom="saisie.csv", **DECLARATION)
    assert sent.status_code == 303
    reference = sent.headers["location"].rpartition("/")[2]
    bundle = tmp_path / "depot" / reference
    assert "eclairage-qui-s-adapte" in (bundle / "datasets" / "initiatives.csv").read_text(encoding="utf-8")
    assert yaml.safe_load((bundle / "declaration.yml").read_text(encoding="utf-8"))["organisation"]


async def test_status_of_each_territory_s_answer_is_public(desk: Datasette) -> None:
    said = words(await desk.client.get("/initiatives/capteurs-eau"))
    assert "Illzach Territoire invité à répondre" in said and "Mulhouse pas encore de réponse" in said
    said = words(await desk.client.get("/offres/detection-de-fuites"))
    assert "CA Mulhouse Alsace Agglomération pas encore de réponse" in said


async def test_closed_desk_says_so(demonstration: Path) -> None:
    closed = portal(demonstration, None)
    await closed.invoke_startup()
    said = words(await closed.client.get("/contribuer/initiatives/formulaire"))
    assert "Ce site ne reçoit pas de contributions" in said


def test_boxes_and_lines_become_cells() -> None:
    fields = {**boxes("domaines", "b", "a"), **cells(porteurs="DEP-68, DEP-01 ;\nREG-84", titre="Été", resume="a, b")}
    found = filled(fields, SCHEMA, {"ete"})
    assert found[f"cellule-0-{PLACES['domaines']}"] == "b|a"
    assert found[f"cellule-0-{PLACES['porteurs']}"] == "DEP-68|DEP-01|REG-84"
    assert found[f"cellule-0-{PLACES['resume']}"] == "a, b" and found[f"cellule-0-{PLACES['id']}"] == "ete-2"
    assert not [name for name in found if name.startswith(("choix-", "liste-"))]
    assert filled(boxes("domaines"), SCHEMA, set())[f"cellule-0-{PLACES['domaines']}"] == ""


@pytest.mark.parametrize(
    ("title", "expected"),
    [("L’œuvre à 100 %", "l-oeuvre-a-100"), ("…", ""), ("a" * 200, "a" * 76), ("Ville + campagne", "ville-campagne")],
)
def test_identifier_is_made_of_the_title(title: str, expected: str) -> None:
    assert identifier(title, set()) == expected
