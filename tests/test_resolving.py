"""What a visitor's words stand for: the cases of tests/cases/resolving, then what must hold whatever the words."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory import languages, resolving, search
from observatory.database import TERRITORIES_FTS
from observatory.reconciling_match import Query, candidates
from observatory.resolving import MOST_NEAR, Resolved, resolve

CASES = ROOT / "tests" / "cases" / "resolving"
OF_ITSELF = ("ref_area", "name", "population", "siren", "gone")
TABLES = """
create table categories (category text, title text);
create table memberships (member text, parent text, parent_level text, valid_from text, valid_to text);
create table territories (
    ref_area text primary key, code text, level text, name text, kind text, category text, siren text,
    population integer, valid_to text
);
create table territory_aliases (ref_area text, type text, alias text);
"""
WORDS = [
    pytest.param(words, expected, id=f"{group}: {words[:20]!r}")
    for group, cases in yaml.safe_load((CASES / "words.yml").read_text(encoding="utf-8")).items()
    for words, expected in cases.items()
]


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """A database of the territories of the cases."""
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    db.executescript(TABLES)
    for row in yaml.safe_load((CASES / "territories.yml").read_text(encoding="utf-8")):
        area, gone = row["ref_area"], row.get("gone")
        level, code = area.split("-")
        values = (area, code, level, row["name"], level, "", row.get("siren"), row["population"], gone and str(gone))
        db.execute("insert into territories values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        others = [(area, kind, alias) for kind in row.keys() - set(OF_ITSELF) for alias in row[kind]]
        db.executemany("insert into territory_aliases values (?, ?, ?)", others)
    db.executescript(TERRITORIES_FTS)
    for view in ("territory_card", "territory_search"):
        db.executescript((ROOT / "observatory" / "views" / f"{view}.sql").read_text(encoding="utf-8"))
    yield db
    db.close()


def areas(cards: Any) -> list[str]:
    """The identifiers of cards, in their order."""
    return [card["ref_area"] for card in cards]


@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_words_stand_for(db: sqlite3.Connection, words: str, expected: dict[str, Any]) -> None:
    found = resolve(db, words)
    exact = [expected["is"]] if "is" in expected else expected.get("among", [])
    assert areas(found.exact) == exact
    assert areas(found.near)[:1] == [expected["near"]] if "near" in expected else not found.near
    assert (found.territory is not None) == ("is" in expected) and bool(found.namesakes) == ("among" in expected)


@pytest.mark.parametrize("words", ["ST ETIENNE", "St-Étienne", "Commune de St Etienne", "saint etienne"])
def test_an_abbreviated_name_is_certain_in_a_table(db: sqlite3.Connection, words: str) -> None:
    best, *others = candidates(db, Query(words))
    assert (best.card["ref_area"], best.score, best.match) == ("COM-42218", 100, True)
    assert others and all(one.score <= 70 and not one.match for one in others)


@given(words=st.text(max_size=120))
def test_any_words_have_an_answer_that_is_bounded_and_never_both_exact_and_near(
    db: sqlite3.Connection, words: str
) -> None:
    found = resolve(db, words)
    assert not (found.exact and found.near) and len(found.near) <= MOST_NEAR
    assert len(found.text) <= search.LONGEST and found.cards == (found.exact or found.near)


def test_every_territory_of_today_is_found_by_its_identifier_and_by_its_name(db: sqlite3.Connection) -> None:
    for row in db.execute("select ref_area, name from territories where valid_to is null"):
        assert areas(resolve(db, row["ref_area"]).exact) == [row["ref_area"]]
        assert row["ref_area"] in areas(resolve(db, row["name"]).exact)


def test_an_address_is_no_postcode(db: sqlite3.Connection) -> None:
    assert areas(resolving.identified(db, "68100")) == ["COM-68100"]
    assert areas(resolving.identified(db, "reg-42")) == ["REG-44"]
    assert resolving.identified(db, "68200") == [] and resolving.identified(db, "Ain") == []


def test_a_page_prefers_the_namesakes_it_can_show_but_never_another_place(db: sqlite3.Connection) -> None:
    paris = resolve(db, "Paris")
    assert areas(paris.preferring(lambda card: card["level"] == "DEP").exact) == ["DEP-75"]
    assert areas(paris.preferring(lambda card: card["level"] == "EPCI").exact) == areas(paris.exact)
    town = resolve(db, "mulh").preferring(lambda card: card["level"] == "EPCI")
    assert town.territory is None and areas(town.near)[0] == "EPCI-200066009"


def test_what_is_said_names_the_choices_and_nothing_is_said_of_a_territory_that_is_found(
    db: sqlite3.Connection,
) -> None:
    assert resolve(db, "Ain").said() == "" and Resolved().said() == ""
    both = "Plusieurs territoires répondent à « Paris » : Paris (COM-75056)\u202f; Paris (DEP-75). Écrivez le code."
    assert resolve(db, "Paris").said() == both
    near = (
        "Aucun territoire ne correspond à « marsaille ». Vouliez-vous dire : Marseille (COM-13055) ? Écrivez le code."
    )
    assert resolve(db, "marsaille").said() == near
    nothing = "Aucun territoire ne correspond à « zzzzz ». Écrivez un nom ou un code, comme Mulhouse ou DEP-68."
    assert resolve(db, "zzzzz").said() == nothing


def test_the_list_of_territories_is_punctuated_as_each_language_wants(db: sqlite3.Connection) -> None:
    assert "Paris (COM-75056)\u202f; Paris (DEP-75)." in resolve(db, "Paris").said()
    with languages.speaking("en"):
        assert "“Paris”: Paris (COM-75056); Paris (DEP-75)." in resolve(db, "Paris").said()
