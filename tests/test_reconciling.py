"""Territories recognised for OpenRefine: the contract, the quality of the candidates, and the official schemas."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from datasette.app import Datasette
from referencing import Registry, Resource
from repositories import ROOT

from observatory import languages
from observatory.reconciling import MOST_IDS, MOST_QUERIES, PATH, PROPERTIES
from observatory.reconciling_match import Query, candidates

SCHEMAS = ROOT / "../shared/standards/reconciliation-0.2"
BATCH = {
    "a": {"query": "MULHOUSE"},
    "b": {"query": "Chatillon en Michaille", "type": "COM", "limit": 3},
    "c": {"query": "haut rhin", "type": ["DEP"], "properties": [{"pid": "region", "v": "Grand Est"}]},
    "d": {"query": "rien de tel"},
}
EXTENDED = {
    "ids": ["COM-68224", "COM-01091", "inconnu"],
    "properties": [{"id": name} for name in PROPERTIES],
}


async def asked(site: Datasette, path: str = "", **fields: Any) -> Any:
    """The answer to a form, or to the bare address."""
    form = {name: json.dumps(value) for name, value in fields.items()}
    answer = await (site.client.post(PATH + path, data=form) if form else site.client.get(PATH + path))
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json()


async def test_the_manifest_leads_to_pages_of_this_site(site: Datasette) -> None:
    manifest = await asked(site)
    assert manifest["view"]["url"] == "http://localhost/territoires/{{id}}"
    assert [one["id"] for one in manifest["defaultTypes"]] == ["FRA", "REG", "DEP", "EPCI", "COM"]
    for template in (manifest["view"]["url"], manifest["preview"]["url"]):
        page = template.removeprefix("http://localhost").replace("{{id}}", "COM-68224")
        assert (await site.client.get(page)).status_code == 200
    for one in [*manifest["suggest"].values(), manifest["extend"]["propose_properties"]]:
        assert one["service_url"] == f"http://localhost{PATH}"
        assert (await site.client.get(PATH + one["service_path"])).status_code == 200


async def test_a_batch_finds_each_territory_once(site: Datasette) -> None:
    found = await asked(site, queries=BATCH)
    first = {key: [(one["id"], one["match"]) for one in found[key]["result"]][:1] for key in found}
    # A commune that is no more leads to the one that took its place; its row stays behind it.
    assert first == {"a": [("COM-68224", True)], "b": [("COM-01033", True)], "c": [("DEP-68", True)], "d": []}
    assert [one["id"] for one in found["b"]["result"]] == ["COM-01033", "COM-01091"]
    assert "remplace Châtillon-en-Michaille (COM-01091)" in found["b"]["result"][0]["description"]
    by_address = await site.client.get(f"{PATH}?queries={quote(json.dumps(BATCH))}")
    assert by_address.json() == found


async def test_values_and_suggestions(site: Datasette) -> None:
    found = await asked(site, extend=EXTENDED)
    mulhouse = found["rows"]["COM-68224"]
    assert mulhouse["departement"] == [{"id": "DEP-68", "name": "Haut-Rhin"}]
    assert mulhouse["level"] == [{"id": "COM", "name": "Commune"}]
    assert found["rows"]["COM-01091"]["heir"] == [{"id": "COM-01033", "name": "Valserhône"}]
    assert set(map(len, found["rows"]["inconnu"].values())) == {0}
    entities = (await asked(site, "/suggest/entity?prefix=mulh"))["result"]
    assert (entities[0]["id"], entities[0]["notable"]) == ("COM-68224", ["COM"])
    assert (await asked(site, "/suggest/entity?prefix=mulh&cursor=900"))["result"] == []
    assert [one["id"] for one in (await asked(site, "/suggest/type?prefix=dep"))["result"]] == ["DEP"]
    assert [one["id"] for one in (await asked(site, "/suggest/property?prefix=Rég"))["result"]] == ["region"]
    assert len((await asked(site, "/extend/propose?type=COM&limit=4"))["properties"]) == 4


async def test_the_answers_are_in_the_language_of_the_address(site: Datasette) -> None:
    manifest = (await site.client.get("/en" + PATH)).json()
    assert {"id": "EPCI", "name": "Intermunicipality"} in manifest["defaultTypes"]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"queries": "{"}, "malformed-value"),
        ({"queries": "[1]"}, "malformed-value"),
        ({"queries": "[" * 5000}, "malformed-value"),
        ({"queries": '{"a": {"query": 1}}'}, "malformed-value"),
        ({"queries": '{"a": null}'}, "malformed-value"),
        ({"queries": '{"a": {"query": "Mulhouse", "type": "PAYS"}}'}, "malformed-value"),
        ({"queries": '{"a": {"query": "Mulhouse", "type": ["COM", "PAYS"]}}'}, "malformed-value"),
        ({"queries": json.dumps({str(n): {"query": "x"} for n in range(MOST_QUERIES + 1)})}, "too-much"),
        ({"extend": '{"ids": []}'}, "malformed-value"),
        ({"extend": '{"ids": [], "properties": [{"id": "rowid) from sqlite_master --"}]}'}, "unknown-filter"),
        ({"extend": json.dumps({"ids": ["x"] * (MOST_IDS + 1), "properties": []})}, "too-much"),
    ],
)
async def test_what_cannot_be_answered_is_a_problem(site: Datasette, fields: dict[str, str], kind: str) -> None:
    answer = await site.client.post(PATH, data=fields)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["type"] == f"http://localhost/api#{kind}"


async def test_odd_but_harmless_queries_are_answered(site: Datasette) -> None:
    odd = {
        "limit": {"query": "Mulhouse", "limit": -1},
        "text": {"query": "Mulhouse", "limit": "9"},
        "half": {"query": "Mulhouse", "limit": 1.5},
        "pid": {"query": "Mulhouse", "properties": [{"pid": "couleur", "v": "bleu"}, "x", {"pid": "level", "v": None}]},
        "syntax": {"query": 'Mulhouse" OR *'},
        "empty": {"query": ""},
        "none": {},
    }
    found = await asked(site, queries=odd)
    firsts = {key: [one["id"] for one in found[key]["result"]][:1] for key in odd}
    assert [key for key in odd if firsts[key] == ["COM-68224"]] == ["limit", "text", "half", "pid", "syntax"]
    assert not any(firsts[key] for key in ("empty", "none"))
    assert (await site.client.post(PATH, content=b"queries=%ff\xff")).status_code == 400
    assert (await site.client.get("/donnees/indicators/-/reconcile")).status_code == 404


@pytest.mark.conformance
async def test_answers_follow_the_official_schemas(site: Datasette) -> None:
    if not SCHEMAS.exists():
        pytest.skip(f"norme absente : {SCHEMAS}")
    answers = {
        "manifest": await asked(site),
        "reconciliation-result-batch": await asked(site, queries=BATCH),
        "data-extension-response": await asked(site, extend=EXTENDED),
        **{f"suggest-{kind}-response": await asked(site, f"/suggest/{one}?prefix=") for kind, one in SUGGESTED.items()},
    }
    # What the schemas themselves say cannot be checked here (OpenAPI 2.0 definitions of another host) is not used.
    assert "authentication" not in answers["manifest"]
    for name, answer in answers.items():
        judge = validator(name)
        judge.validate(answer)
        with pytest.raises(jsonschema.ValidationError):
            judge.validate(MUTANTS[name](json.loads(json.dumps(answer))))
    validator("reconciliation-query-batch").validate(BATCH)
    validator("data-extension-query").validate(EXTENDED)


SUGGESTED = {"entities": "entity", "properties": "property", "types": "type"}
MUTANTS: dict[str, Any] = {
    "manifest": lambda answer: {**answer, "view": {"url": "/territoires/id"}},
    "reconciliation-result-batch": lambda answer: {"a": {"result": [{"id": 68224, "name": "Mulhouse", "score": 1}]}},
    "data-extension-response": lambda answer: {**answer, "rows": {"COM-68224": {"siren": [{"str": None}]}}},
    **{f"suggest-{kind}-response": lambda answer: {"result": [{"name": "x"}]} for kind in SUGGESTED},
}


def validator(name: str) -> jsonschema.Draft7Validator:
    """The judge of one of the schemas, the one that others mention read from its file."""
    kept = json.loads((SCHEMAS / "type.json").read_text(encoding="utf-8"))
    addresses = ["type.json", "https://reconciliation-api.github.io/specs/0.2/schemas/type.json"]
    kept["$schema"] = "http://json-schema.org/draft-07/schema#"
    registry: Registry[Any] = Registry().with_resources([(uri, Resource.from_contents(kept)) for uri in addresses])
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(schema, registry=registry)


COMMUNES = "(select count(*) from territories u where u.name = t.name and u.level = 'COM' and u.valid_to is null)"


def sample(db: sqlite3.Connection, where: str, most: int, current: int = 1) -> list[sqlite3.Row]:
    """Communes that a condition on their name holds for, as far from each other as can be."""
    sql = f"select c.* from territory_card c join territories t using (ref_area) where c.level = 'COM' and {where}"
    rows: list[sqlite3.Row] = db.execute(f"{sql} and c.current = {current} order by ref_area").fetchall()
    return rows[:: max(1, len(rows) // most)][:most]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """The real base: names as spreadsheets write them."""
    db = sqlite3.connect(ROOT / "donnees.db")
    db.row_factory = sqlite3.Row
    yield db
    db.close()


@pytest.mark.parametrize("written", [str.upper, str.lower, lambda name: name.replace("-", " ")])
def test_a_name_that_one_commune_bears_is_certain(db: sqlite3.Connection, written: Any) -> None:
    cards = sample(db, f"{COMMUNES} = 1", 40)
    found = {card["ref_area"]: candidates(db, Query(written(card["name"]), ("COM",)))[:1] for card in cards}
    wrong = [area for area, first in found.items() if [one.card["ref_area"] for one in first] != [area]]
    doubted = [area for area, first in found.items() if not first[0].match]
    # « VAIRE » may be Vairé, elsewhere: what one name without its accents means is left to people.
    assert (wrong, len(doubted) <= 2) == ([], True), (wrong, doubted)


def test_namesakes_are_told_apart_by_their_departement(db: sqlite3.Connection) -> None:
    cards = sample(db, f"{COMMUNES} > 1", 40)
    assert len(cards) > 30
    for card in cards:
        beside = (("departement", (card["departement"],)),)
        first, *others = candidates(db, Query(card["name"], ("COM",), beside))
        assert (first.card["ref_area"], first.match) == (card["ref_area"], True)
        assert not any(one.match for one in others)
        assert not any(one.match for one in candidates(db, Query(card["name"], ("COM",), limit=9)))
        in_brackets = candidates(db, Query(f"{card['name']} ({card['departement']})", ("COM",)))
        assert in_brackets[0].card["ref_area"] == card["ref_area"]


def test_communes_that_are_no_more_lead_to_their_heirs(db: sqlite3.Connection) -> None:
    gone = sample(db, f"{COMMUNES} = 0 and (select count(*) from territories u where u.name = t.name) = 1", 30, 0)
    heirs = {row["ref_area"]: row["heir"] for row in db.execute("select ref_area, heir from territory")}
    for card in gone:
        found = [one.card["ref_area"] for one in candidates(db, Query(card["name"].upper()))]
        assert found[0] == (heirs[card["ref_area"]] or card["ref_area"])
        assert card["ref_area"] in found


def test_a_name_that_two_places_bear_is_left_to_people(db: sqlite3.Connection) -> None:
    for text in ("Saint-Denis", "Évry", "Guyane"):
        found = candidates(db, Query(text))
        assert len(found) > 1
        assert not any(one.match for one in found)
    (first, *_others) = candidates(db, Query("Evry", beside=(("departement", ("Essonne",)),)))
    assert (first.card["ref_area"], first.match) == ("COM-91228", True)
    (first, *_others) = candidates(db, Query("Commune de Mulouse (68)"))
    assert (first.card["ref_area"], first.match) == ("COM-68224", False)


def test_the_language_of_the_page_changes_only_words(db: sqlite3.Connection) -> None:
    with languages.speaking("en"):
        first = candidates(db, Query("Valserhône", beside=(("level", ("Commune",)),)))[0]
    assert (first.card["ref_area"], first.match) == ("COM-01033", True)
