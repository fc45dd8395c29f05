"""The pages of datasets: what validation said, criteria that data decide, commands that work, a list by address."""

import csv
import io
import json
import re
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasette.app import Datasette
from repositories import copy_site, edit
from sites import portal

from observatory import outputs
from observatory.database import build

PAGE = "/jeux-de-donnees/initiatives"


def rows(database: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site one of whose datasets has a warning, another an accepted one, a third fewer filled cells."""
    root = copy_site(tmp_path_factory.mktemp("doubtful") / "site")
    path = root / "datasets" / "couverture_fibre.resource.yaml"
    about = yaml.safe_load(path.read_text(encoding="utf-8"))
    about["accepted"] = [{"problem": "more-than-expected", "reason": "Une nouvelle année est arrivée."}]
    about["expectations"]["rows"] = {"min": 1, "max": 2}
    about["next_update"] = "2030-01-01"
    path.write_text(yaml.safe_dump(about, allow_unicode=True), encoding="utf-8")
    other = root / "datasets" / "initiatives.resource.yaml"
    edit(other, "rows: {min: 3}", "rows: {min: 1, max: 2}")
    build(root, root / "donnees.db", lambda step, seconds: None)
    return root / "donnees.db"


def test_counts_by_severity_are_those_of_the_validation(doubtful: Path) -> None:
    found = rows(doubtful, "select * from dataset_checks order by dataset")
    assert [(r["dataset"], r["severity"], r["code"], r["reason"]) for r in found] == [
        ("couverture_fibre", "warning", "more-than-expected", "Une nouvelle année est arrivée."),
        ("initiatives", "warning", "more-than-expected", None),
    ]
    assert found[1]["file"].startswith("datasets/initiatives") and found[1]["message"]
    seen = {r["name"]: r for r in rows(doubtful, "select * from dataset")}
    assert (seen["initiatives"]["open_warnings"], seen["initiatives"]["accepted"]) == (1, 0)
    assert (seen["couverture_fibre"]["open_warnings"], seen["couverture_fibre"]["accepted"]) == (0, 1)


async def test_badge_report_and_fix_of_a_doubtful_dataset(doubtful: Path) -> None:
    site = portal(doubtful)
    await site.invoke_startup()
    page = await site.client.get(PAGE)
    assert "1 avertissement" in words(page.text) and 'href="/aide/erreurs#more-than-expected"' in page.text
    accepted = words((await site.client.get("/jeux-de-donnees/couverture_fibre")).text)
    assert "1 sorte acceptée" in accepted and "Accepté\u00a0: Une nouvelle année est arrivée." in accepted.replace(
        " :", "\u00a0:"
    )
    listed = words((await site.client.get("/jeux-de-donnees")).text)
    assert listed.count("✓") == 0 and listed.count("Valide") == 3 and "1 avertissement" in listed


def criteria(database: Path, name: str) -> dict[str, int]:
    found = rows(database, f"select criterion, met from dataset_criteria where dataset = '{name}'")
    return {row["criterion"]: row["met"] for row in found}


def test_criteria_follow_the_data(database: Path, doubtful: Path) -> None:
    before, after = (criteria(path, "couverture_fibre") for path in (database, doubtful))
    assert len(before) == 10
    assert (before["announced"], after["announced"]) == (0, 1)
    assert (criteria(database, "initiatives")["checked"], criteria(doubtful, "initiatives")["checked"]) == (1, 0)


@pytest.mark.parametrize(
    "old, new, criterion",
    [
        ('"example": "jumeau-numerique",', "", "documented"),
        ("https://example.org/initiatives", "", "sourced"),
        ("last_update: 2024-08-01", "last_update: 2015-08-01", "fresh"),
    ],
)
def test_each_criterion_falls_with_what_it_measures(
    database: Path, tmp_path: Path, old: str, new: str, criterion: str
) -> None:
    root = copy_site(tmp_path / "site")
    for path in (root / "datasets" / "initiatives.resource.yaml", root / "schemas" / "initiatives.schema.json"):
        text = path.read_text(encoding="utf-8")
        text = text.replace("path: \n", "").replace(old, new) if old in text else text
        path.write_text(text.replace("    path: \n", ""), encoding="utf-8")
    if criterion == "fresh":
        edit(
            root / "datasets" / "initiatives.resource.yaml",
            "start: 2024-08-01, end: 2024-08-01",
            "start: 2015-08-01, end: 2015-08-01",
        )
    build(root, root / "donnees.db", lambda step, seconds: None)
    before, after = criteria(database, "initiatives"), criteria(root / "donnees.db", "initiatives")
    assert {name for name in before if before[name] != after[name]} == {criterion}
    assert (before[criterion], after[criterion]) == (1, 0)


def test_filled_counts_are_those_of_the_file(database: Path) -> None:
    path = database.parent / "datasets" / "initiatives.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    for fact in rows(database, "select * from dataset_columns where dataset = 'initiatives'"):
        assert fact["filled"] == sum(bool(row[fact["name"]]) for row in table), fact["name"]
        assert isinstance(json.loads(fact["rules"]), dict)


async def test_page_answers_every_question(site: Datasette, database: Path) -> None:
    page = (await site.client.get(PAGE)).text
    sha256 = rows(database, "select sha256 from datasets where name = 'initiatives'")[0][0]
    assert sha256 in page and "partage à l’identique" in page and "make export" in page
    for anchor in ("fiche", "verification", "qualite", "usages", "apercu", "colonnes", "fichiers", "api", "citer"):
        assert f'id="{anchor}"' in page and f'href="#{anchor}"' in page
    for link in ('initiatives.csv"', 'initiatives.xlsx"', 'initiatives.tableur"', "initiatives.json?"):
        assert f'href="/donnees/{link}' in page
    others = page[page.index("Autres formes") :].partition("</ul>")[0]
    for word in ("ndjson", "ods", "parquet", "sqlite"):
        assert f'href="/donnees/initiatives.{word}?' in others and outputs.title(word) in others
    assert "@misc{initiatives_2024," in page and "au moins 0" in page and "sans doublon" in page


async def test_every_link_of_the_page_leads_somewhere(site: Datasette) -> None:
    page = (await site.client.get("/jeux-de-donnees/eligibilite_fixe")).text
    main = page[page.index("<main") : page.index("</main>")]
    links = {unescape(link).partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', main)}
    assert len(links) > 15
    wrong = {link: found.status_code for link in links if (found := await site.client.get(link)).status_code != 200}
    assert wrong == {}


async def test_python_of_the_page_reads_the_rows(site: Datasette, database: Path) -> None:
    page = (await site.client.get(PAGE)).text
    code = unescape(re.search(r"<code[^>]*>(import csv.*?)</code>", page, re.S)[1])  # type: ignore[index]
    asked = re.search(r'urlopen\("http://localhost(/[^"]+)"\)', code)
    assert asked
    answer = await site.client.get(asked[1])
    said: list[Any] = []
    fake = "class urllib:\n    class request:\n        urlopen = staticmethod(lambda url: source)\n"
    code = fake + "import csv, io\n" + code.split("\n", 1)[1].replace("print(", "said.append((").rstrip() + ")"
    exec(code, {"source": io.BytesIO(answer.content), "said": said})  # noqa: S102 (the page's own example)
    count = rows(database, "select count(*) from initiatives")[0][0]
    assert said[0][0] == count and "code" in said[0][1]


async def test_examples_for_r_read_codes_as_text(site: Datasette) -> None:
    page = unescape((await site.client.get("/jeux-de-donnees/eligibilite_fixe")).text)
    found = re.search(r"colClasses = c\(([^)]*)\)", page)
    assert found and 'code_commune = "character"' in found[1] and "locaux =" not in found[1]


@pytest.mark.parametrize(
    "query, names",
    [
        ("?domaine=mediation", ["france_services"]),
        ("?licence=odbl-1.0", ["initiatives"]),
        ("?domaine=mediation&licence=odbl-1.0", []),
        ("?domaine=&licence=", ["couverture_fibre", "eligibilite_fixe", "france_services", "initiatives"]),
    ],
)
async def test_list_is_chosen_by_address(site: Datasette, query: str, names: list[str]) -> None:
    page = (await site.client.get(f"/jeux-de-donnees{query}")).text
    assert sorted(re.findall(r'<th scope="row"><a href="/jeux-de-donnees/(\w+)"', page)) == names
    assert ("Aucun jeu de données ne répond" in page) == (not names)


@pytest.mark.parametrize("query", ["?domaine=rien", "?licence=%3Cscript%3Ealert(1)", "?domaine='--"])
async def test_unknown_choice_is_refused_in_french(site: Datasette, query: str) -> None:
    page = await site.client.get(f"/jeux-de-donnees{query}")
    assert page.status_code == 404 and "ne s’appelle" in words(page.text) and "<script>alert" not in page.text


async def test_page_is_in_english_too(site: Datasette) -> None:
    said = words((await site.client.get("/en/jeux-de-donnees/initiatives")).text)
    for english in ("Data dictionary", "Quality criteria", "Report a problem", "share-alike", "10"):
        assert english in said
    for french in ("Dictionnaire des colonnes", "Vérification", "Où corriger", "Citer"):
        assert french not in said


def test_filled_is_nine_cells_in_ten(database: Path) -> None:
    for row in rows(database, "select * from dataset_criteria where criterion = 'filled'"):
        facts = rows(database, f"select filled from dataset_columns where dataset = '{row['dataset']}'")
        count = rows(database, f"select count(*) from {row['dataset']}")[0][0]
        share = sum(fact["filled"] for fact in facts) / (count * len(facts))
        assert float(row["measure"]) == round(share, 4) and row["met"] == (share >= 0.9)


def test_key_program_and_size_are_read_from_the_descriptor_and_schema(database: Path) -> None:
    tiny = {
        row["dataset"]: dict(row) for row in rows(database, "select * from dataset_criteria where criterion = 'redone'")
    }
    assert {row["met"] for row in tiny.values()} == {0}
    for name in ("initiatives", "france_services"):
        about = yaml.safe_load((database.parent / "datasets" / f"{name}.resource.yaml").read_text(encoding="utf-8"))
        schema = json.loads((database.parent / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
        found = {
            row["criterion"]: row for row in rows(database, f"select * from dataset_criteria where dataset = '{name}'")
        }
        key = schema.get("primaryKey")
        key = [key] if isinstance(key, str) else key or []
        assert (found["keyed"]["met"], found["keyed"]["measure"]) == (int(bool(key)), ", ".join(key) or None)
        assert found["bounded"]["measure"] == str(about["expectations"]["rows"]["min"])
        assert found["licensed"]["measure"] == about["licenses"][0]["name"]
