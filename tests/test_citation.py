"""Living quotations: what a published edition said, beside what is said today, in words, BibTeX and JSON."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasette.app import Datasette
from repositories import copy_site
from sites import portal

from observatory import bibtex, citing, revisions
from observatory.citation_words import address, document
from observatory.database import build
from observatory.languages import speaking
from observatory.problem_details import Refused

FIBRE = "couverture-fibre"
SCHEMAS = {
    "observations": pa.schema(
        [(name, pa.string()) for name in ("ref_area", "indicator", "time_period")]
        + [("obs_value", pa.float64()), ("obs_status", pa.string()), ("dataset", pa.string())]
    ),
    "scores": pa.schema(
        [(name, pa.string()) for name in ("edition", "ref_area", "node", "time_period")] + [("score", pa.float64())]
    ),
}
# What the first edition said otherwise: (territory, period) → value; None: it did not have it.
OTHERWISE = {("DEP-68", "2022-Q3"): 91.0, ("DEP-2A", "2022-Q2"): 84.0, ("DEP-85", "2022-Q3"): None}
NO_MORE = [("DEP-68", FIBRE, "2021-Q4", 85.0, "couverture_fibre"), ("DEP-68", "ancien", "2019", 3.0, "ancien_jeu")]
TODAY = "2026-11-23"


def freeze(root: Path, version: str, tables: dict[str, list[dict[str, Any]]]) -> None:
    """An edition as `scripts/publish.py` lays it out."""
    folder = root / "editions" / version
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMAS[name]), folder / f"{name}.parquet")


def read(database: Path, name: str) -> list[dict[str, Any]]:
    with sqlite3.connect(database) as db:
        db.row_factory = sqlite3.Row
        columns = ", ".join(SCHEMAS[name].names)
        return [dict(row) for row in db.execute(f"select {columns} from {name}")]  # noqa: S608


@pytest.fixture(scope="module")
def revised(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny site after two editions: one that said otherwise here and there, one that said what is said today."""
    root = copy_site(tmp_path_factory.mktemp("revised") / "site")
    observations, scores = read(database, "observations"), read(database, "scores")
    freeze(root, "2024.1.1", {"observations": observations, "scores": scores})
    first = []
    for row in observations:
        place = (row["ref_area"], row["time_period"]) if row["indicator"] == FIBRE else ("", "")
        if OTHERWISE.get(place, 0.0) is not None:
            first.append({**row, "obs_value": OTHERWISE.get(place, row["obs_value"])})
    for area, code, period, value, dataset in NO_MORE:
        names = SCHEMAS["observations"].names
        first.append(dict(zip(names, (area, code, period, value, "A", dataset), strict=True)))
    moved = [
        {**row, "score": row["score"] - 1} if (row["ref_area"], row["node"]) == ("DEP-68", "index") else row
        for row in scores
    ]
    freeze(root, "2024.1", {"observations": first, "scores": moved})
    build(root, root / "donnees.db", lambda step, seconds: None)
    return root / "donnees.db"


@pytest.fixture(scope="module")
def db(revised: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(revised)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


@pytest.fixture(scope="module")
async def later(revised: Path) -> Datasette:
    opened = portal(revised)
    await opened.invoke_startup()
    return opened


def told(db: sqlite3.Connection, query: str) -> dict[str, Any]:
    """What machines are told of the only quote of the query."""
    found = citing.quotes(db, parse_qs(query))
    return dict(document(found, "https://exemple.fr" + address(found), TODAY)["quotes"][0])


def test_only_what_differs_is_kept(db: sqlite3.Connection) -> None:
    rows = db.execute("select * from revisions order by edition, measure desc, ref_area, node, time_period").fetchall()
    assert [(r["edition"], r["ref_area"], r["node"], r["time_period"], r["measure"], r["kind"]) for r in rows] == [
        ("2024.1", "DEP-2A", FIBRE, "2022-Q2", "value", "changed"),
        ("2024.1", "DEP-68", "ancien", "2019", "value", "withdrawn"),
        ("2024.1", "DEP-68", FIBRE, "2021-Q4", "value", "withdrawn"),
        ("2024.1", "DEP-68", FIBRE, "2022-Q3", "value", "changed"),
        ("2024.1", "DEP-85", FIBRE, "2022-Q3", "value", "added"),
        ("2024.1", "DEP-68", "index", "2024", "score", "changed"),
    ]
    checks = {row["edition"]: dict(row) for row in db.execute("select * from edition_checks")}
    assert (checks["2024.1"]["changed"], checks["2024.1"]["withdrawn"], checks["2024.1"]["added"]) == (3, 2, 1)
    assert (checks["2024.1.1"]["changed"], checks["2024.1.1"]["withdrawn"], checks["2024.1.1"]["added"]) == (0, 0, 0)
    figures = db.execute("select count(*) from observations where obs_value is not null").fetchone()[0]
    assert (checks["2024.1.1"]["figures"], checks["2024.1"]["figures"]) == (figures, figures + 1)


CASES = [
    (f"territoire=DEP-01&indicateur={FIBRE}&periode=2022-Q3&edition=2024.1", "exact", 61.5, 61.5, None, None),
    (f"territoire=DEP-68&indicateur={FIBRE}&periode=2022-Q3&edition=2024.1.1", "exact", 92, 92, None, None),
    (
        f"territoire=DEP-68&indicateur={FIBRE}&periode=2022-Q3&edition=2024.1",
        "changed", 91, 92, "2022-09-30", "Le jeu de données a été mis à jour.",
    ),
    (
        f"territoire=DEP-2A&indicateur={FIBRE}&periode=2022-Q2&edition=2024.1",
        "changed", 84, 78, "2022-12-01", "Les deux communes ne sont plus comptées qu’une fois.",
    ),
    (
        f"territoire=DEP-68&indicateur={FIBRE}&periode=2021-Q4&edition=2024.1",
        "withdrawn", 85, None, "2022-09-30", "Le jeu de données ne donne plus ce chiffre.",
    ),
    (
        "territoire=DEP-68&indicateur=ancien&periode=2019&edition=2024.1",
        "withdrawn", 3, None, None, "Le jeu de données a été retiré.",
    ),
    (f"territoire=DEP-85&indicateur={FIBRE}&periode=2022-Q3&edition=2024.1", "absent", None, 55, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), [(case[0], case[1:]) for case in CASES], ids=[c[0] for c in CASES])
def test_a_quotation_says_what_became_of_its_figure(db: sqlite3.Connection, query: str, expected: tuple[Any]) -> None:
    one = told(db, query)
    names = ("verdict", "published_value", "value", "changed_on", "reason")
    assert tuple(one[name] for name in names) == expected


def test_the_register_says_why_a_figure_was_withdrawn(revised: Path, tmp_path: Path) -> None:
    copy = tmp_path / "donnees.db"
    copy.write_bytes(revised.read_bytes())
    row = [
        "DEP-68",
        FIBRE,
        "2021-Q4",
        "withdrawn",
        "2023-03-01",
        None,
        "La série était fausse.",
        "https://a.fr/",
        "Arcep",
    ]
    with sqlite3.connect(copy) as db:
        db.execute("insert into figure_statuses values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        found = revisions.tables(revised.parent, db)["revisions"]
        db.row_factory = sqlite3.Row
        later = told(db, f"territoire=DEP-68&indicateur={FIBRE}&periode=2021-Q4&edition=2024.1.1")
    said = [(one["changed_on"], one["reason"]) for one in found if one["time_period"] == "2021-Q4"]
    assert said == [("2023-03-01", "La série était fausse.")]
    # An edition of after that: it never had the figure, and whoever asks for it learns why.
    assert (later["verdict"], later["changed_on"], later["reason"]) == ("withdrawn", *said[0])


def test_scores_and_rankings_are_quoted_too(db: sqlite3.Connection) -> None:
    one = told(db, "territoire=DEP-68&noeud=index&edition=2024.1")
    assert one["verdict"] == "changed" and one["value"] - one["published_value"] == pytest.approx(1)
    assert (one["changed_on"], one["reason"]) == ("2022-09-30", "Les chiffres dont ce score est fait ont changé.")
    assert told(db, "territoire=DEP-68&noeud=index")["verdict"] == "exact"
    ranking = told(db, "categorie=departement&noeud=index&edition=2024.1")
    assert (ranking["verdict"], ranking["moved"]) == ("changed", 1)
    assert told(db, "categorie=departement&noeud=index&edition=2024.1.1")["verdict"] == "exact"


def test_the_edition_that_pages_show_is_the_last_published(db: sqlite3.Connection) -> None:
    assert citing.editions(db) == (["2024.1.1", "2024.1"], "2024.1.1")


def test_without_a_published_edition_the_figure_is_told_as_it_stands(database: Path) -> None:
    with closing(sqlite3.connect(database)) as built, closing(sqlite3.connect(":memory:")) as connection:
        built.backup(connection)
        connection.execute("delete from edition_checks")
        connection.row_factory = sqlite3.Row
        one = told(connection, f"territoire=DEP-68&indicateur={FIBRE}&periode=2022-Q3")
    assert (one["verdict"], one["verdict_title"], one["value"]) == ("pending", "Édition en cours", 92)


REFUSED = [
    (f"territoire=DEP-68&territoire=DEP-01&indicateur={FIBRE}", "malformed-value", 400, None, "une seule fois"),
    ("territoire=DEP-68&noeud=index&noeud=mediation", "malformed-value", 400, None, "une seule fois"),
    (f"territoire=DEP-68&noeud=index&indicateur={FIBRE}", "malformed-value", 400, "indicateur", "pas les deux"),
    ("territoire=DEP-68&categorie=departement&noeud=index", "malformed-value", 400, "categorie", "pas les deux"),
    ("territoire=DEP-68&edition=1999.1", "unknown-version", 404, "2024.1.1", "publiée ou en cours"),
    ("", "malformed-value", 400, "territoire", "nomme un territoire"),
    (f"territoire=Atlantide&indicateur={FIBRE}", "unknown-code", 404, None, "Aucun territoire ne correspond"),
    ("territoire=DEP-68&indicateur=couverture-fibr", "unknown-code", 404, FIBRE, "Aucun indicateur ne s’appelle"),
    ("territoire=DEP-68&noeud=mediatio", "unknown-code", 404, "mediation", "Aucun nœud du score"),
    (f"territoire=DEP-68&indicateur={FIBRE}&periode=2022-Q4", "unknown-figure", 404, "2022-Q3", "« 2022-Q4 »"),
    (f"territoire=DEP-68&indicateur={FIBRE}&periode=hier", "malformed-value", 400, "2024-Q3", "Une période s’écrit"),
    ("territoire=DEP-68&edition=2019.1", "unknown-version", 404, "2024.1", "« 2019.1 »"),
    (f"territoire=COM-01091&indicateur={FIBRE}", "unknown-figure", 404, "COM-01033", "n’existe plus"),
    ("territoire=DEP-68&valeur=3", "unknown-filter", 400, "periode", ""),
    ("territoire=DEP-68,DEP-01,DEP-2A,DEP-75,DEP-85,REG-84,FRA", "too-much", 400, None, "six"),
    ("categorie=villages", "unknown-code", 404, "departement", "« villages »"),
]


@pytest.mark.parametrize(("query", "expected"), [(case[0], case[1:]) for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_quotation_of_nothing_says_what_is_possible(
    db: sqlite3.Connection, query: str, expected: tuple[str, int, str | None, str]
) -> None:
    kind, status, possible, said = expected
    with pytest.raises(Refused) as refused:
        citing.quotes(db, parse_qs(query))
    assert (refused.value.kind, refused.value.status) == (kind, status)
    assert said in refused.value.detail
    assert possible is None or possible in refused.value.possible


def test_an_edition_of_the_method_that_was_never_published_is_called_so(database: Path) -> None:
    with closing(sqlite3.connect(database)) as built, closing(sqlite3.connect(":memory:")) as connection:
        built.backup(connection)
        connection.executescript(
            "create temp table older as select * from method; update older set edition = '2023.1';"
            "insert into method select * from older; delete from edition_checks;"
        )
        connection.row_factory = sqlite3.Row
        with pytest.raises(Refused) as refused:
            citing.quotes(connection, parse_qs("territoire=DEP-68&edition=2023.1"))
    assert "L’édition 2023.1 de la méthode n’a jamais été publiée" in refused.value.detail
    assert refused.value.possible == ["2024.1"]


async def test_the_page_says_it_in_words_of_both_languages(later: Datasette) -> None:
    query = f"territoire=DEP-2A&indicateur={FIBRE}&periode=2022-Q2&edition=2024.1"
    french = (
        (await later.client.get(f"/citation?{query}"))
        .text.replace("\u202f", " ")
        .replace("\xa0", " ")
        .replace("&nbsp;", " ")
    )
    assert "Changé le 1ᵉʳ décembre 2022" in french and "a publié 84,0 %" in french and "aujourd’hui 78,0 %" in french
    assert "Collectivité de Corse" in french and "avant : 84,0 %" in french  # contested by one, answered by another
    english = (await later.client.get(f"/en/citation?{query}")).text
    assert "Changed on 1\xa0December 2022" in english and "published 84.0%" in english
    territory = (await later.client.get("/territoires/DEP-68")).text
    assert "#citer" not in territory or 'id="citer"' in territory
    assert 'id="citation-bibtex"' in territory


async def test_the_page_refuses_as_the_machines_are_refused(later: Datasette) -> None:
    query = f"territoire=DEP-68&indicateur={FIBRE}&periode=1999-Q1"
    page, answer = await later.client.get(f"/citation?{query}"), await later.client.get(f"/citation.json?{query}")
    assert page.status_code == answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["possible"][0] == "2022-Q3" and problem["found"] == "1999-Q1"
    assert "2022-Q3" in page.text


@pytest.mark.parametrize("published", [True, False])
@pytest.mark.parametrize("query", ["territoire=DEP-68&noeud=index", "categorie=departement&noeud=index"])
def test_a_score_says_its_method_its_data_and_its_status(
    database: Path, revised: Path, query: str, published: bool
) -> None:
    with (
        closing(sqlite3.connect(revised if published else database)) as built,
        closing(sqlite3.connect(":memory:")) as db,
    ):
        built.backup(db)
        db.row_factory = sqlite3.Row
        if not published:
            db.execute("delete from edition_checks")
        found = citing.quotes(db, parse_qs(query))
        method = db.execute("select sha256 from method where edition = ?", [found[0].edition[:6]]).fetchone()[0]
        mark = db.execute("select substr(value, 1, 16) from provenance where key = 'datasets_sha256'").fetchone()[0]
    told = document(found, "https://exemple.fr" + address(found), TODAY)
    one = told["quotes"][0]
    status, title = ("published", "publiée") if published else ("provisional", "provisoire")
    assert (one["status"], one["method_edition"]) == (status, found[0].edition[:6])
    assert (one["method_sha256"], one["fingerprint"]) == (method, mark)
    for text in (told["text"], parsed(told["bibtex"])[1]["note"]):
        assert method in text and mark in text and "jeux de données de l’édition" in text and title in text


async def test_the_page_of_a_score_says_its_source(later: Datasette, db: sqlite3.Connection) -> None:
    method = db.execute("select sha256 from method where edition = '2024.1'").fetchone()[0]
    mark = db.execute("select substr(value, 1, 16) from provenance where key = 'datasets_sha256'").fetchone()[0]
    for query in ("territoire=DEP-68&noeud=index", "categorie=departement&noeud=index"):
        facts = re.search(r'<dl class="facts">.*?</dl>', (await later.client.get(f"/citation?{query}")).text, re.S)
        assert facts
        assert f"<code>{method}</code>" in facts[0] and f"<code>{mark}</code>" in facts[0]
        assert 'href="/methode/2024.1"' in facts[0] and "Publiée" in facts[0]


async def test_several_territories_are_one_parameter_of_the_link(later: Datasette) -> None:
    query = "territoire=DEP-68,DEP-01&noeud=index"
    first = (await later.client.get(f"/citation.json?{query}")).json()
    assert "territoire=DEP-68,DEP-01&" in first["link"]
    assert (await later.client.get(f"/citation.json?{urlsplit(first['link']).query}")).json() == first


async def test_a_link_leads_back_to_the_same_answer(later: Datasette) -> None:
    query = f"territoire=Haut-Rhin&indicateur={FIBRE}"
    first = (await later.client.get(f"/citation.json?{query}")).json()
    link = urlsplit(first["link"])
    assert parse_qs(link.query) == {
        "territoire": ["DEP-68"], "indicateur": [FIBRE], "periode": ["2022-Q3"], "edition": ["2024.1.1"],
    }  # fmt: skip
    again = (await later.client.get(f"/citation.json?{link.query}")).json()
    assert again == first


FIELD = re.compile(r"  ([a-z]+) = \{(.*)\},?")


def parsed(entry: str) -> tuple[str, dict[str, str]]:
    """Key and fields of a BibTeX entry of one field a line; fails on what a strict reader refuses."""
    first, *lines, last = entry.split("\n")
    head = re.fullmatch(r"@misc\{([A-Za-z0-9._-]+),", first)
    assert head and last == "}"
    fields = {}
    for line in lines:
        found = FIELD.fullmatch(line)
        assert found, line
        name, value = found[1], found[2]
        bare = re.sub(r"\\[&%$#_{}]|\\text[a-z]+\{\}", "", value)
        depth = 0
        for character in bare:
            depth += {"{": 1, "}": -1}.get(character, 0)
            assert depth >= 0, line
        assert depth == 0, line
        assert name in ("url",) or not re.search(r"[&%$#_\\~^]", bare), line
        assert name not in fields
        fields[name] = value
    assert all(line.endswith(",") for line in lines[:-1]) and not lines[-1].endswith(",")
    return head[1], fields


def test_bibtex_is_read_back(db: sqlite3.Connection) -> None:
    found = citing.quotes(db, parse_qs(f"territoire=DEP-68&indicateur={FIBRE}&edition=2024.1.1"))
    key, fields = parsed(str(document(found, "https://exemple.fr" + address(found), TODAY)["bibtex"]))
    assert key == "observatoire_DEP-68_couverture-fibre_2022-Q3_2024.1.1"
    assert fields["author"] == "{Observatoire de la maturité numérique des territoires}"
    assert "92,0\u202f\\%" in fields["title"].replace(" \\%", "\u202f\\%") and fields["year"] == "2024"
    assert fields["url"].endswith(f"territoire=DEP-68&indicateur={FIBRE}&periode=2022-Q3&edition=2024.1.1")
    with speaking("en"):
        fields = parsed(str(document(found, "https://exemple.fr/", TODAY)["bibtex"]))[1]
    assert "92.0\\%" in fields["title"]


def test_bibtex_escapes_what_tex_would_obey() -> None:
    entry = bibtex.entry("a_b", {"title": "50 % & {R} \\ x_y ~ ^", "author": ["A & B", "C, et D"], "note": ""})
    key, fields = parsed(entry)
    assert (key, list(fields)) == ("a_b", ["title", "author"])
    assert fields["author"] == r"{A \& B} and {C, et D}"


@pytest.mark.parametrize("url", ["/jeux-de-donnees/couverture_fibre", "/indicateurs/couverture-fibre"])
async def test_other_citations_are_read_back_too(later: Datasette, url: str) -> None:
    page = (await later.client.get(url)).text
    found = re.search(r"@misc\{.*?\n\}", page, re.S)
    assert found
    _, fields = parsed(found[0].replace("&amp;", "&").replace("&#39;", "'"))
    assert {"author", "title", "year", "url", "urldate"} <= set(fields)


def test_the_versions_of_an_edition_are_in_order(tmp_path: Path) -> None:
    for version in ("2024.10", "2024.2", "2024.2.1", "brouillon"):
        freeze(tmp_path, version, {"observations": []})
    assert revisions.versions(tmp_path) == ["2024.2", "2024.2.1", "2024.10"]
    assert revisions.method_of("2024.2.1") == "2024.2"
