"""The pages /contribuer through Datasette: each step answers, forgets, and refuses what it must, in French."""

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasette.app import Datasette
from httpx import Response
from repositories import ROOT
from sites import build_site, portal

from observatory.contributions_desk import opened

MESSY = "Relevé;;;\nref_area;indicator;time_period;obs_value\nHaut-Rhin;couverture-fibre;2022-Q4;93,5\n".encode(
    "cp1252"
)
CLEAN = "ref_area,indicator,time_period,obs_value\nDEP-68,couverture-fibre,2022-Q4,93.5\n"
DECLARATION = {
    "organisation": "Département du Haut-Rhin",
    "role": "author",
    "source": "Relevé trimestriel des opérateurs",
    "licence": "etalab-2.0",
    "engagement": "oui",
}
SCHEMA = json.loads((ROOT / "schemas" / "observations.schema.json").read_text(encoding="utf-8"))
STEPS = ("verifier", "effet", "envoyer")


@pytest.fixture
async def site(database: Path, tmp_path: Path) -> Datasette:
    datasette = portal(database, str(tmp_path / "depot"))
    await datasette.invoke_startup()
    return datasette


@pytest.fixture
async def closed(database: Path) -> Datasette:
    datasette = portal(database, None)
    await datasette.invoke_startup()
    return datasette


async def post(
    site: Datasette, step: str, dataset: str = "couverture_fibre", file: Any = None, **fields: str
) -> Response:
    """The form of a step, sent as a browser does: with the token of the page before."""
    page = await site.client.get("/contribuer/couverture_fibre?territoire=DEP-68")
    token = re.search(r'name="csrftoken" value="([^"]+)"', page.text)
    data = {"csrftoken": token[1] if token else "", "territoire": "DEP-68", **fields}
    parts: list[Any] = [(name, (None, value.encode())) for name, value in data.items()]
    if file:
        parts.append(("fichier", file))
    return await site.client.post(f"/contribuer/{dataset}/{step}", files=parts, cookies=dict(page.cookies))


def words(page: Response) -> str:
    """What the page says, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def hidden(page: Response, name: str) -> str:
    """The value that the form of the page carries under that name."""
    area = re.search(rf'<textarea name="{name}"[^>]*>\n(.*?)</textarea>', page.text, re.S)
    field = area or re.search(rf'name="{name}" value="([^"]*)"', page.text)
    return unescape(field[1]) if field else ""


async def test_whole_path_without_javascript(site: Datasette, tmp_path: Path) -> None:
    report = await post(site, "verifier", file=("relevé.csv", MESSY))
    assert report.status_code == 200
    said = words(report)
    assert "à corriger" in said and "Ce que nous avons compris" in said and "cp1252" in said
    assert "DEP-68" in said and not list(tmp_path.iterdir())
    mended = await post(
        site,
        "verifier",
        table=hidden(report, "table"),
        nom=hidden(report, "nom"),
        corrections=hidden(report, "corrections"),
        appliquer="tout",
    )
    assert hidden(mended, "table") == CLEAN and "Aucune erreur" in words(mended)
    weighed = await post(site, "effet", table=CLEAN)
    assert "Sur la page de Haut-Rhin" in words(weighed) and "1 ligne nouvelle" in words(weighed)
    sent = await post(site, "envoyer", table=CLEAN, **DECLARATION)
    assert sent.status_code == 303
    tracking = await site.client.get(sent.headers["location"])
    assert tracking.status_code == 200 and "Vérifiée" in words(tracking)
    assert "1 ligne donnée" in words(tracking) and "Département du Haut-Rhin" not in words(tracking)
    reference = sent.headers["location"].rpartition("/")[2]
    bundle = tmp_path / "depot" / reference
    assert "DEP-68,couverture-fibre,2022-Q4,93.5" in (bundle / "datasets" / "couverture_fibre.csv").read_text()
    assert yaml.safe_load((bundle / "declaration.yml").read_text())["territory"] == "DEP-68"
    assert json.loads((bundle / "report.json").read_text())["valid"] is True
    said = (bundle / "report.md").read_text()
    assert "DEP-68 · couverture-fibre · 2022-Q4 (nouvelle)" in said
    assert "obs&#95;value : 93.5" in said and "make review HEAD=" in said and "sur 100" in said.split("## Effet")[1]
    assert [path.name for path in (tmp_path / "depot").iterdir()] == [reference]
    with (bundle / "status.yml").open("a") as stream:
        stream.write('- {state: acceptee, date: "2026-12-01"}\n')
    again = words(await site.client.get(sent.headers["location"]))
    assert "L’équipe complète l’histoire" in again and "Vérifiée" in again


async def test_sending_to_a_git_remote_opens_a_branch_that_is_followed(tmp_path: Path) -> None:
    database = build_site(tmp_path / "site")
    checkout, remote = database.parent, tmp_path / "remote.git"
    identity = ["-c", "user.name=Essai", "-c", "user.email=essai@example.org"]
    for command in (
        ["init", "--quiet", "--bare", "--initial-branch=main", str(remote)],
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", str(remote)],
        ["add", "datasets", "schemas"],
        [*identity, "commit", "--quiet", "-m", "Premier"],
        ["push", "--quiet", "origin", "main"],
    ):
        subprocess.run(["git", *command], cwd=checkout, check=True)
    site = portal(database, "git:origin")
    await site.invoke_startup()
    sent = await post(site, "envoyer", table=CLEAN, **DECLARATION)
    assert sent.status_code == 303, words(sent)
    branch = f"contribution/{sent.headers['location'].rpartition('/')[2]}"
    changed = ["git", "diff", "--stat", "--format=", "main", branch]
    listed = subprocess.run(changed, cwd=remote, check=True, capture_output=True, text=True).stdout
    assert "datasets/couverture_fibre.csv" in listed and "declaration.yml" in listed
    assert "En cours de relecture" in words(await site.client.get(sent.headers["location"]))


async def test_unreachable_remote_is_told_and_nothing_is_lost(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = portal(database, "git:/nulle/part.git")
    await site.invoke_startup()
    page = await post(site, "envoyer", table=CLEAN, **DECLARATION)
    assert page.status_code == 502 and "ne répond pas" in words(page) and "/nulle/part" not in page.text
    assert "/nulle/part" in capsys.readouterr().err


async def test_pages_of_a_step_are_private(site: Datasette) -> None:
    for step in STEPS:
        page = await post(site, step, table=CLEAN)
        assert "no-store" in page.headers["cache-control"] and page.headers["x-robots-tag"] == "noindex"
        assert 'content="noindex"' in page.text


@pytest.mark.parametrize("step", STEPS)
async def test_address_of_a_step_leads_to_the_beginning(site: Datasette, step: str) -> None:
    page = await site.client.get(f"/contribuer/couverture_fibre/{step}")
    assert (page.status_code, page.headers["location"]) == (302, "/contribuer/couverture_fibre")


@pytest.mark.parametrize("step", STEPS)
async def test_closed_site_refuses_and_still_explains(closed: Datasette, step: str) -> None:
    page = await post(closed, step, table=CLEAN)
    assert page.status_code == 403 and "ne reçoit pas de contributions" in words(page)
    choice = await closed.client.get("/contribuer/couverture_fibre?territoire=DEP-68")
    assert "ne reçoit pas de contributions" in words(choice) and "modele.xlsx" in choice.text
    front = await closed.client.get("/contribuer")
    for page in (front, choice):
        assert 'class="path"' not in page.text and 'class="promise"' not in page.text
    assert '<form class="give"' not in choice.text
    assert (await closed.client.get("/contribuer/couverture_fibre/modele.csv?territoire=DEP-68")).status_code == 200


@pytest.mark.parametrize("token", ["", "autre"])
async def test_form_of_another_site_is_refused(site: Datasette, token: str, tmp_path: Path) -> None:
    for step in STEPS:
        page = await post(site, step, table=CLEAN, **DECLARATION, csrftoken=token)
        assert page.status_code == 403 and "a expiré" in words(page)
    assert not list(tmp_path.iterdir())


async def test_request_without_cookie_is_refused(site: Datasette) -> None:
    answer = await site.client.post("/contribuer/couverture_fibre/verifier", files=[("table", (None, CLEAN.encode()))])
    assert answer.status_code == 403


async def test_too_large_a_file_is_refused_before_it_is_read(site: Datasette) -> None:
    page = await post(site, "verifier", file=("gros.csv", b"x" * 10_000_001))
    assert page.status_code == 413 and "10 Mo" in words(page)


@pytest.mark.parametrize("dataset", ["rien", "observations", "territories", "sqlite_master", "suivi"])
async def test_unknown_dataset_is_refused(site: Datasette, dataset: str) -> None:
    assert (await post(site, "verifier", dataset=dataset, table=CLEAN)).status_code == 404


async def test_empty_form_says_what_to_give(site: Datasette) -> None:
    page = await post(site, "verifier")
    assert page.status_code == 400 and "choisissez un fichier" in words(page)


async def test_visitor_who_insists_is_asked_to_wait(site: Datasette) -> None:
    answers = [await post(site, "verifier", dataset="rien") for _ in range(60)]
    assert {answer.status_code for answer in answers} == {404, 429}
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_cells_of_visitors_are_escaped(site: Datasette) -> None:
    attack = "<script>alert(1)</script>"
    table = f'ref_area,indicator,time_period,obs_value\nDEP-68,couverture-fibre,2022-Q4,"{attack}"\n'
    for fields in (
        {"table": table},
        {"table": table, "nom": attack},
        {"collage": attack},
        {"table": attack + ",b\n1,2\n"},
    ):
        page = await post(site, "verifier", **fields)
        assert page.status_code in (200, 400) and "<script>alert" not in page.text
    faulty = {**DECLARATION, "organisation": attack, "source": attack, "role": attack}
    assert "<script>alert" not in (await post(site, "envoyer", table=CLEAN, **faulty)).text


async def test_sending_what_is_not_valid_comes_back_to_the_report(site: Datasette, tmp_path: Path) -> None:
    for step in ("effet", "envoyer"):
        page = await post(site, step, table=CLEAN.replace("93.5", "abc"), **DECLARATION)
        assert page.status_code == 200 and "1 erreur à corriger" in words(page)
    assert not list(tmp_path.iterdir())


async def test_faulty_declaration_keeps_what_was_written(site: Datasette, tmp_path: Path) -> None:
    page = await post(
        site, "envoyer", table=CLEAN, **{**DECLARATION, "organisation": "moi@mairie.example", "engagement": ""}
    )
    assert page.status_code == 400 and "2 réponses à compléter" in words(page)
    assert "Relevé trimestriel des opérateurs" in page.text and hidden(page, "table") == CLEAN
    assert page.text.count('aria-invalid="true"') == 2 and not list(tmp_path.iterdir())


async def test_share_alike_licence_is_refused_for_figures(site: Datasette, tmp_path: Path) -> None:
    page = await post(site, "envoyer", table=CLEAN, **{**DECLARATION, "licence": "odbl-1.0"})
    assert page.status_code == 400 and "partage à l’identique" in words(page) and not list(tmp_path.iterdir())


async def test_what_is_already_published_has_nothing_to_send(site: Datasette) -> None:
    same = "ref_area,indicator,time_period,obs_value\nDEP-68,couverture-fibre,2022-Q3,92\n"
    page = await post(site, "effet", table=same)
    assert "il n’y a rien à envoyer" in words(page) and "/envoyer" not in page.text


async def test_slip_in_one_row_shows_among_the_published_ones_and_is_to_be_justified(
    site: Datasette, tmp_path: Path
) -> None:
    slip = "ref_area,indicator,time_period,obs_value\nDEP-68,couverture-fibre,2022-Q3,8\n"
    assert "Aucune erreur" in words(await post(site, "verifier", table=slip))
    page = await post(site, "effet", table=slip)
    assert "Une valeur surprend" in words(page) and "de 92 à 8 % : vérifiez" in words(page)
    right = await post(site, "effet", table=CLEAN)
    assert "surprend" not in words(right) and 'name="justification"' not in right.text


async def test_titles_pasted_in_french_are_not_taken_for_data(site: Datasette) -> None:
    titles = "\t".join(entry["title"] for entry in SCHEMA["fields"][:4])
    page = await post(site, "verifier", collage=f"{titles}\nDEP-68\tcouverture-fibre\t2022-Q4\t93.5\n")
    assert "Aucune erreur" in words(page) and hidden(page, "table") == CLEAN
    assert "n’a pas été collée" not in words(page)


@pytest.mark.parametrize("reference", ["20261123-abcdefghjk", "..%2F..%2Fdatasets", "x", "20261123-ABCDEFGHJK"])
async def test_unknown_reference_is_not_found(site: Datasette, reference: str) -> None:
    page = await site.client.get(f"/contribuer/suivi/{reference}", follow_redirects=True)
    assert page.status_code == 404 and "Aucune contribution" in words(page)


async def test_a_reference_leads_to_no_folder_beside_the_outbox(site: Datasette, tmp_path: Path) -> None:
    beside = tmp_path / "x20261123-abcdefghjk"
    beside.mkdir()
    (beside / "status.yml").write_text("- {state: received, date: 2026-11-23}\n", encoding="utf-8")
    (tmp_path / "depot").mkdir()
    page = await site.client.get(f"/contribuer/suivi/..%2F{beside.name}", follow_redirects=True)
    assert page.status_code == 404 and "Aucune contribution" in words(page)


async def test_template_is_a_file_that_the_check_accepts(site: Datasette) -> None:
    for form in ("xlsx", "ods", "csv"):
        model = await site.client.get(f"/contribuer/couverture_fibre/modele.{form}?territoire=DEP-68")
        assert f'filename="couverture_fibre-DEP-68.{form}"' in model.headers["content-disposition"]
        page = await post(site, "verifier", file=(f"modele.{form}", model.content))
        assert page.status_code == 200 and "Aucune erreur" in words(page), words(page)


@pytest.mark.parametrize("address", ["rien/modele.csv", "couverture_fibre/modele.csv?territoire=DEP-999"])
async def test_unknown_template_is_not_found(site: Datasette, address: str) -> None:
    page = await site.client.get(f"/contribuer/{address}", headers={"Accept": "text/html"})
    assert page.status_code == 404 and "n’a pas pu être traité" in words(page)


async def test_desk_is_closed_when_its_variable_is_not_set(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
    monkeypatch.delenv("OBSERVATORY_OUTBOX", raising=False)
    monkeypatch.setenv("OBSERVATORY_ROOT", str(database.parent))
    for value, is_open in ((None, False), ("", False), ("depot", True), ("git:origin", True)):
        if value is not None:
            monkeypatch.setenv("OBSERVATORY_OUTBOX", value)
        desk = opened(Datasette([], metadata=metadata).plugin_config("contribute"), str(database))
        assert (desk.root, desk.open) == (database.parent, is_open)


async def test_extra_column_can_be_left_aside(site: Datasette) -> None:
    table = "ref_area,indicator,time_period,obs_value,service\nDEP-68,couverture-fibre,2022-Q4,93.5,DSI\n"
    page = await post(site, "verifier", table=table)
    assert "La laisser de côté" in words(page)
    mended = await post(site, "verifier", table=hidden(page, "table"), appliquer="sans:service")
    assert hidden(mended, "table") == CLEAN


async def test_mended_table_can_be_kept(site: Datasette) -> None:
    kept = await post(site, "telecharger", table=CLEAN, nom="relevé.csv", **{"cellule-0-3": "94"})
    assert kept.text == CLEAN.replace("93.5", "94") and kept.headers["content-type"].startswith("text/csv")
    assert "relev%C3%A9-corrige.csv" in kept.headers["content-disposition"]


async def test_file_whose_form_loses_rows_is_to_be_given_again(site: Datasette) -> None:
    page = await post(site, "verifier", file=("a.csv", (CLEAN + "DEP-68,couverture-fibre,2022-Q3\n").encode()))
    assert "La forme du fichier" in words(page) and not hidden(page, "table")


async def test_unknown_heading_is_asked_about_and_takes_the_name_that_is_chosen(site: Datasette) -> None:
    table = "Territoire;Indicateur;Période;Ratio local\nHaut-Rhin;couverture-fibre;2022-Q4;93,5\n"
    page = await post(site, "verifier", file=("a.csv", table.encode()))
    said = words(page)
    assert "Laquelle de vos colonnes est « Valeur observée » ?" in said.replace("\u202f", " ").replace("\xa0", " ")
    assert '<option value="Ratio local" selected>Ratio local (par exemple 93,5)</option>' in page.text
    assert "La forme du fichier" not in said and "DEP-68" in said  # the other columns are judged in the same round
    assert hidden(page, "table").splitlines()[0] == "ref_area,indicator,time_period,Ratio local"
    carried = {name: hidden(page, name) for name in ("table", "nom", "corrections")}
    named = await post(site, "verifier", **carried, **{"colonne-obs_value": "Ratio local"})
    assert hidden(named, "table").splitlines()[0] == "ref_area,indicator,time_period,obs_value"
    carried = {name: hidden(named, name) for name in ("table", "nom", "corrections")}
    mended = await post(site, "verifier", **carried, appliquer="tout")
    assert hidden(mended, "table") == CLEAN and "Aucune erreur" in words(mended)


async def test_no_column_left_over_leaves_nothing_to_ask(site: Datasette) -> None:
    page = await post(site, "verifier", table="ref_area,indicator,time_period\nDEP-68,couverture-fibre,2022-Q4\n")
    assert "<select" not in page.text and "La forme du fichier" in words(page)


async def test_row_at_fault_can_be_removed(site: Datasette) -> None:
    table = CLEAN + "DEP-68,couverture-fibre,2023-Q1,n.d.\n"
    page = await post(site, "verifier", table=table)
    assert 'name="retirer" value="1"' in page.text and 'name="retirer" value="0"' not in page.text
    removed = await post(site, "verifier", table=hidden(page, "table"), retirer="1")
    assert hidden(removed, "table") == CLEAN and "Aucune erreur" in words(removed)


@pytest.mark.parametrize(
    ("area", "code", "told"),
    [("DEP-68", "DEP-01", True), ("DEP-68", "DEP-68", False), ("FRA", "DEP-01", False), ("", "DEP-01", False)],
)
async def test_rows_of_another_territory_than_the_chosen_one_are_told(
    site: Datasette, area: str, code: str, told: bool
) -> None:
    page = await post(site, "verifier", table=CLEAN.replace("DEP-68", code), territoire=area)
    assert ("1 ligne parle d’un autre territoire que Haut-Rhin" in words(page)) is told
    assert "Aucune erreur" in words(page)


@pytest.mark.parametrize("address", ["/contribuer", "/contribuer/france_services"])
async def test_words_that_name_no_single_territory_lead_to_those_meant(site: Datasette, address: str) -> None:
    page = await site.client.get(f"{address}?territoire=mulh")
    assert f'<a href="{address}?territoire=COM-68224">Mulhouse</a>' in page.text
    assert "Aucun territoire ne correspond à « zzzz »" in words(await site.client.get(f"{address}?territoire=zzzz"))
    homonyms = await site.client.get(f"{address}?territoire=Paris")
    assert "peut désigner plusieurs territoires" in words(homonyms) or address != "/contribuer"


async def test_territories_offered_are_those_that_the_dataset_takes(site: Datasette) -> None:
    found = await site.client.get("/contribuer/couverture_fibre?q=rhin")
    assert "territoire=DEP-68" in found.text
    assert "territoire=COM-" not in found.text and "territoire=EPCI-" not in found.text
    refused = words(await site.client.get("/contribuer/couverture_fibre?territoire=COM-68224"))
    assert "ne prend que les" in refused and "départements" in refused and "Déposer un fichier" not in refused
    communes = await site.client.get("/contribuer/france_services?q=mulhouse")
    assert "territoire=COM-68224" in communes.text


async def test_grid_proposes_the_next_periods_and_the_codes(site: Datasette) -> None:
    page = await site.client.get("/contribuer/couverture_fibre?territoire=DEP-68")
    cells = dict(re.findall(r'name="cellule-(\d+-\d+)" value="([^"]*)"', page.text))
    periods = [cells[f"{row}-2"] for row in range(len(cells) // 4)]
    assert periods == sorted(set(periods)) and {"2022-Q3", "2022-Q4", "2023-Q1", "2023-Q2"} <= set(periods)
    assert re.search(r'<datalist id="choix-indicator"><option value="couverture-fibre">\w', page.text)
    assert re.search(r'<datalist id="choix-ref_area">.*?<option value="DEP-68">Haut-Rhin</option>', page.text)
    assert 'value="COM-' not in page.text
