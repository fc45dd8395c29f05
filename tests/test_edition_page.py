"""The page of an edition of the method, current or closed: its own rules, what it changed, its published scores."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasette.app import Datasette
from repositories import ROOT, copy_site, edit

from observatory.database import build
from observatory.frozen import closing_days, freeze, read_editions

REAL = ROOT / "donnees.db"
real = pytest.mark.skipif(not REAL.exists(), reason="donnees.db n’est pas construite : make build")
INDEX = "indicators/index.yml"
FIBRE = "indicators/infrastructures/couverture-fibre.yml"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose edition 2024.1 is closed, and whose draft weighs and bounds the fibre otherwise, without a gate."""
    root = copy_site(tmp_path_factory.mktemp("editions") / "site")
    freeze(root, "2024-11-23")
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.2"\ndraft: true')
    edit(root / INDEX, "comparable_with: []", 'comparable_with: ["2024.1"]')
    edit(root / INDEX, "gate: {below: 1}\n", "")
    edit(root / FIBRE, "weight: 2", "weight: 1")
    edit(root / FIBRE, "  low: 0", "  low: 50")
    build(root, root / "donnees.db", lambda step, seconds: None)
    return root / "donnees.db"


@pytest.fixture(scope="module")
def db(database: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def said(site: Datasette, url: str) -> str:
    """The words of the page, with plain spaces."""
    page = await site.client.get(url)
    assert page.status_code == 200
    return plain(page.text.partition("<main")[2])


def four(value: float) -> str:
    """A number as the example writes it, with four decimals."""
    return f"{value:.4f}".replace(".", ",")


async def test_a_closed_edition_has_its_own_weights_and_goalposts(site: Datasette) -> None:
    closed, draft = await said(site, "/methode/2024.1"), await said(site, "/methode/2024.2")
    assert "figée L’édition 2024.2 l’a remplacée." in closed and "Règles arrêtées le 23 novembre 2024" in closed
    assert "en projet, ses scores peuvent changer" in draft and "Règles arrêtées le — " in draft
    assert "Couverture en fibre 2 0 % 100 % 40 · 60 · 80 · 95 régions, départements 3 ans" in closed
    assert "Couverture en fibre 1 50 % 100 % 40 · 60 · 80 · 95 régions, départements 3 ans" in draft
    assert "Plafond par le domaine le plus faible 1 niveau au plus" in closed
    assert "Plafond par le domaine le plus faible aucun" in draft
    assert "3 · Structuré à partir de 40" in closed


async def test_changes_are_told_rule_by_rule_and_what_stays_too(site: Datasette) -> None:
    assert "C’est la première édition" in await said(site, "/methode/2024.1")
    text = await said(site, "/methode/2024.2")
    changes = text.partition("De l’édition 2024.1 à l’édition 2024.2")[2]
    for one in (
        "Plafond par le domaine le plus faible 1 niveau au plus au-dessus de celui de ce domaine aucun",
        "Couverture en fibre Poids 2 1",
        "Couverture en fibre Bornes (0 et 100 points) de 0 à 100 de 50 à 100",
        "2 domaines sur 2 gardent leur poids.",
    ):
        assert one in changes
    stays = changes.partition("Ce qui ne change pas")[2].partition("Les règles")[0]
    assert "mise sur 100" in stays and "seuils des niveaux" in stays and "plafond" not in stays.lower()
    assert "2 indicateurs sur 3 gardent leur poids" in stays


@pytest.mark.parametrize("edition", ["2024.1", "2024.2"])
async def test_the_example_is_made_of_the_published_scores_of_that_edition(
    site: Datasette, db: sqlite3.Connection, edition: str
) -> None:
    text = (await said(site, f"/methode/{edition}?territoire=Haut-Rhin")).partition("Un exemple refait")[2]
    rows = db.execute(
        "select s.*, t.obs_value, t.goalpost_low, t.goalpost_high, t.weight from scores s left join edition_terms t"
        " on t.edition = s.edition and t.ref_area = s.ref_area and t.indicator = s.node"
        " where s.edition = ? and s.ref_area = 'DEP-68' and s.score is not null",
        [edition],
    ).fetchall()
    assert {row["node_type"] for row in rows} == {"index", "domain", "indicator"}
    for row in rows:
        assert four(row["score"]) in text, row["node"]
        if row["node_type"] == "indicator":
            found = 100 * (row["obs_value"] - row["goalpost_low"]) / (row["goalpost_high"] - row["goalpost_low"])
            assert abs(min(max(found, 0), 100) - row["score"]) < 1e-5
    index = next(row["score"] for row in rows if row["node"] == "index")
    assert f"Indice publié {four(index)}" in text


def test_the_two_editions_do_not_score_alike(db: sqlite3.Connection) -> None:
    scores = db.execute("select count(distinct score) from scores where ref_area = 'DEP-68' and node = 'index'")
    assert scores.fetchone()[0] == 2


async def test_editions_lead_to_one_another_and_from_the_method(site: Datasette) -> None:
    closed = (await site.client.get("/methode/2024.1")).text
    assert 'href="/methode/2024.2"' in closed
    mine = (await site.client.get("/methode/2024.1?territoire=Haut-Rhin")).text
    assert 'href="/methode/2024.2?territoire=Haut-Rhin"' in mine
    for page in ("/methode", "/", "/plan-du-site"):
        html = (await site.client.get(page)).text
        assert 'href="/methode/2024.1"' in html and 'href="/methode/2024.2"' in html, page
    assert "http://localhost/en/methode/2024.1" in (await site.client.get("/sitemap-1.xml")).text


async def test_an_edition_asked_as_a_parameter_is_given(site: Datasette) -> None:
    for asked, there in (
        ("/methode?edition=2024.1", "/methode/2024.1"),
        ("/en/methode?edition=2024.2&territoire=DEP-68", "/en/methode/2024.2?territoire=DEP-68"),
    ):
        page = await site.client.get(asked)
        assert (page.status_code, page.headers["location"]) == (301, there)


@pytest.mark.parametrize("url", ["/methode/1999.1", "/methode?edition=1999.1", "/methode/2024.1%27--", "/methode/%00"])
async def test_an_unknown_edition_is_told_those_that_exist(site: Datasette, url: str) -> None:
    page = await site.client.get(url, follow_redirects=True)
    assert page.status_code == 404 and "Page introuvable" in page.text
    if "%00" not in url:
        assert "Celles qui existent : 2024.1, 2024.2." in plain(page.text)


@pytest.mark.parametrize(
    ("area", "told"), [("COM-68224", "Pas d’indice d’ensemble"), ("COM-01091", "Il n’existe plus.")]
)
async def test_a_territory_without_an_index_is_told_why(site: Datasette, area: str, told: str) -> None:
    assert told in await said(site, f"/methode/2024.1?territoire={area}")


async def test_an_unknown_territory_is_refused(site: Datasette) -> None:
    assert (await site.client.get("/methode/2024.1?territoire=zzzzz")).status_code == 404


async def test_levels_of_the_method_are_english_in_english(site: Datasette) -> None:
    for page in ("/en/methode", "/en/methode/2024.1"):
        text = await said(site, page)
        assert "Structured" in text and "Structuré" not in text and "Émergent" not in text


def test_days_of_closing_are_read_with_or_without_them(tmp_path: Path) -> None:
    folder = tmp_path / "indicators" / "editions"
    folder.mkdir(parents=True)
    assert closing_days(tmp_path) == {}
    (folder / "published.txt").write_text("2023.1\n\n2024.1 2024-11-23\n", encoding="utf-8")
    assert closing_days(tmp_path) == {"2023.1": None, "2024.1": "2024-11-23"}


def test_every_edition_of_the_repository_has_its_day() -> None:
    days = closing_days(ROOT)
    assert set(days) == {one.edition for one in read_editions(ROOT) if not one.draft} and all(days.values())


@real
@pytest.mark.data
def test_tables_say_what_the_files_of_closed_editions_say() -> None:
    found = sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)
    for path in (ROOT / "indicators" / "editions").glob("*.yml"):
        method: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["method"]
        weights = found.execute("select domain, weight from method_domains where edition = ?", [path.stem])
        assert dict(weights.fetchall()) == {code: home["weight"] for code, home in method["domains"].items()}
        written = {
            (domain, code, rules["weight"], rules["low"], rules["high"], rules["max_age"])
            for domain, home in method["domains"].items()
            for code, rules in home["indicators"].items()
        }
        columns = "domain, indicator, weight, goalpost_low, goalpost_high, max_age"
        rows = found.execute(f"select {columns} from method_indicators where edition = ?", [path.stem])  # noqa: S608
        assert set(rows.fetchall()) == written
        levels = found.execute("select threshold from method_levels where edition = ? order by level", [path.stem])
        assert [row[0] for row in levels] == method["thresholds"]
    found.close()
