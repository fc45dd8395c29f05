"""What an edition changes to another: every rule is seen, each once, with what it was and what it is."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory import languages
from observatory.frozen import differences, read_editions
from observatory.method_changes import INDICATOR_RULES, RULES, Change, changes
from observatory.method_words import kept, rule_title, rule_value, rules

METHOD = read_editions(ROOT)[-1].method
NET = "infrastructures"
FIBRE = METHOD["domains"][NET]["indicators"]["couverture-fibre"]


def leaves(value: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every value of a method that is not itself made of named values."""
    for key, inner in value.items():
        if isinstance(inner, dict) and key != "gate":
            yield from leaves(inner, (*path, key))
        else:
            yield (*path, key)


LEAVES = list(leaves(METHOD))


def altered(*paths: tuple[str, ...]) -> dict[str, Any]:
    """The method with another value at each of the paths."""
    method = deepcopy(METHOD)
    for *homes, key in paths:
        part = method
        for home in homes:
            part = part[home]
        part[key] = "autre"
    return method


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_no_rule_is_forgotten(path: tuple[str, ...]) -> None:
    (found,) = changes(METHOD, altered(path))
    assert found.kind == "changed" and found.node == (path[-2] if path[0] == "domains" else "")
    assert found.rule in (*RULES, *INDICATOR_RULES)
    assert rule_title(found.rule)


@given(st.sets(st.sampled_from(LEAVES)))
def test_editions_differ_when_their_methods_do(paths: set[tuple[str, ...]]) -> None:
    other = altered(*paths)
    found = changes(METHOD, other)
    assert bool(found) == bool(list(differences(METHOD, other))) == bool(paths)
    assert len({(one.place, one.node, one.kind, one.rule) for one in found}) == len(found)
    back = [(one.node, one.rule, one.after, one.before) for one in changes(other, METHOD)]
    assert back == [(one.node, one.rule, one.before, one.after) for one in found]


def other(**codes: dict[str, Any] | None) -> dict[str, Any]:
    """The method whose domain of infrastructures has these indicators instead (None: not any more)."""
    method = deepcopy(METHOD)
    held = method["domains"][NET]["indicators"]
    for name, value in codes.items():
        code = name.replace("_", "-")
        held.pop(code) if value is None else held.update({code: value})
    return method


def told(found: list[Change]) -> list[tuple[Any, ...]]:
    return [(one.place, one.node, one.kind, one.rule) for one in found]


def test_an_indicator_comes_and_goes() -> None:
    less = other(couverture_fibre=None)
    (gone,), (came,) = changes(METHOD, less), changes(less, METHOD)
    assert told([gone, came]) == [
        ("indicator", "couverture-fibre", "removed", ""),
        ("indicator", "couverture-fibre", "added", ""),
    ]
    assert gone.before == came.after and gone.before["weight"] == 2 and gone.before["goalposts"] == [0, 100]
    assert (gone.after, came.before) == (None, None)


def test_the_same_rules_under_another_code_are_a_renaming() -> None:
    (found,) = changes(METHOD, other(couverture_fibre=None, fibre=FIBRE))
    assert found == Change("indicator", "fibre", "renamed", before="couverture-fibre", after="fibre")
    # Other rules are another indicator; two with the same rules cannot be told apart.
    heavier = changes(METHOD, other(couverture_fibre=None, fibre={**FIBRE, "weight": 3.0}))
    assert [one.kind for one in heavier] == ["added", "removed"]
    twins = changes(METHOD, other(couverture_fibre=None, fibre=FIBRE, cuivre=FIBRE))
    assert sorted(one.kind for one in twins) == ["added", "added", "removed"]


def test_an_indicator_may_move_and_change_at_once() -> None:
    method = other(couverture_fibre=None)
    method["domains"]["donnees"]["indicators"]["couverture-fibre"] = {**FIBRE, "low": 50.0}
    assert changes(METHOD, method) == [
        Change("indicator", "couverture-fibre", "moved", before=NET, after="donnees"),
        Change("indicator", "couverture-fibre", "changed", "goalposts", [0.0, 100.0], [50.0, 100.0]),
    ]


def test_a_domain_renamed_keeps_its_indicators() -> None:
    method = deepcopy(METHOD)
    method["domains"]["reseaux"] = {**method["domains"].pop(NET), "weight": 2.0}
    assert changes(METHOD, method) == [
        Change("domain", "reseaux", "renamed", before=NET, after="reseaux"),
        Change("domain", "reseaux", "changed", "weight", 1.0, 2.0),
    ]


def test_domains_without_indicators_are_not_taken_for_one_another() -> None:
    method = deepcopy(METHOD)
    method["domains"]["autre"] = method["domains"].pop("economie-numerique")
    assert told(changes(METHOD, method)) == [
        ("domain", "autre", "added", ""),
        ("domain", "economie-numerique", "removed", ""),
    ]


def test_what_stays_is_what_no_change_names() -> None:
    before, after = read_editions(ROOT)[:2]
    rows = [vars(one) for one in changes(before.method, after.method)]
    codes = [i.code for i in after.scored]
    found = kept(rows, after.method["domains"], codes)
    assert (found["domains"], found["indicators"]) == (9, len(codes))
    assert "Mise sur 100" in found["rules"] and rule_title("gate") not in found["rules"]
    rows.append(vars(Change("indicator", codes[0], "changed", "weight", 1, 2)))
    assert kept(rows, after.method["domains"], codes)["indicators"] == len(codes) - 1


@pytest.mark.parametrize(
    ("rule", "value", "french", "english"),
    [
        ("weight", 2.0, "2", "2"),
        ("goalposts", [0.0, 7.5], "de 0 à 7,5", "from 0 to 7.5"),
        ("thresholds", [1.0, 2.0, 3.7], "1 · 2 · 3,7", "1 · 2 · 3.7"),
        ("min_coverage.index", 0.6666, "66,66 %", "66.66%"),
        ("min_coverage.index", 2 / 3, "deux tiers", "two thirds"),
        ("min_coverage.index", 0.666666, "deux tiers", "two thirds"),
        ("min_coverage.domain", 0.5, "50 %", "50%"),
        ("max_age", 1, "1 an", "1 year"),
        ("aggregation.index", "geometric", "moyenne géométrique", "geometric mean"),
        ("gate", None, "aucun", "none"),
        (
            "gate",
            {"below": 2, "domains": ["mediation"]},
            "2 niveaux au plus au-dessus de celui de ce domaine (mediation)",
            "2 levels at most above that of this domain (mediation)",
        ),
        ("scored_levels", ["DEP", "FRA"], "pays, départements", "country, départements"),
        ("time_period", "2026", "2026", "2026"),
    ],
)
def test_rules_in_words(rule: str, value: Any, french: str, english: str) -> None:
    plain = str.maketrans({"\u202f": " ", "\u00a0": " "})
    assert rule_value(rule, value).translate(plain) == french
    with languages.speaking("en"):
        assert rule_value(rule, value).translate(plain) == english


@pytest.mark.parametrize(
    ("written", "domain", "index"),
    [
        ("arithmetic", "moyenne arithmétique", "moyenne arithmétique"),
        ("domain: arithmetic, index: geometric", "moyenne arithmétique", "moyenne géométrique"),
    ],
)
def test_rules_of_a_row_of_the_table(written: str, domain: str, index: str) -> None:
    row = {
        **{"time_period": "2026", "normalisation": "goalposts", "floor": 1.0, "min_domains": 3, "aggregation": written},
        **{"min_coverage_index": 0.5, "min_coverage_domain": 0.5, "gate": None, "gate_domains": "[]"},
    }
    found = {rule: value for rule, _title, value in rules(row, [0, 20])}
    assert set(found) == set(RULES)
    assert (found["aggregation.domain"], found["aggregation.index"], found["gate"]) == (domain, index, "aucun")
