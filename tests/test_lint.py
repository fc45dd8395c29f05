"""The lint of schemas: patterns that may never end, bounds of another type; and what is sound stays so."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory.lint import SHORT, grouped, pattern_fault, plain_pattern, schema_faults
from observatory.lint_ambiguity import degree, parser
from observatory.reading import SchemaFault, table_schema

ENDLESS = [
    "(a+)+", "(?:a+)+b", "(a|a)*", "(?:0|00)+1", "(.*a){20}", "(a?){30}a{30}", "(a{1,2}){30}", "(.|\\s)*z",
    "(?:[a-z]*)*", "x(.+){2,}", r"(\d+)*", r"(\w+\s?)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y", "([a-z]+-?)+",
    "(a*)*b", r"\d+\d+\d+x", ".*.*.*=", r"(?:[a-z]+\.?)+@x", "(?:a[ab]*|b)+c", "([^,]*,?)+;", r"(\S+\s*)+$",
    "(?:(?:a{1,4}){1,4}){1,4}b", "(?:a|a)" * 26 + "z", "(?:a?)?" * 20 + "z", "(?:ab?|a)" * 16 + "z", "(?:a|b|ab)*c",
    "(?:aa|aaa){12}b", "(?:x(?:|y|)z)*w", "(?:a|a){30}b", "(?:Jeunes|Jeunes(?:Femmes)?|Femmes)*z", "(?:(?!a)a+)+b",
]  # fmt: skip
SOUND = [
    "[0-9]{5}|2[AB][0-9]{3}", "^[0-9]{2,3}$", "[a-z0-9._-]+@[a-z0-9.-]+\\.[a-z]{2,}", r"[^@\s]+@[^@\s]+\.[^@\s]+",
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}", "[a-z]+(-[a-z]+)*", "https?://.+", "[0-9]{14}", "(a|[ab])+c",
    r"(?:(?:\+|00)33|0)\s*[1-9](?:[\s.-]*\d{2}){4}", "(0[1-9]|[12][0-9]|3[01])/(0[1-9]|1[0-2])/[0-9]{4}",
    r"^([013-9]\d|2[AB1-9])\d{3}$", "FR[A-Z0-9]{3}E[A-Z0-9]{1,29}", "(?:[0-9]{5}(?:;[0-9]{5})*)?",
    r"^-?\d+(\.\d+)?,-?\d+(\.\d+)?$", "(?:24/7|(?:Mo|Tu)(?:-(?:Mo|Tu))? [0-9]{2}:[0-9]{2})", r"\d{4}-\d{2}-\d{2}", "",
    r"(?:(?:^|\|)(Jeunes|Étudiants|Familles et/ou enfants|Seniors|Femmes))+$", r"(?!00000)\d{5}", r"^(?=\d{5}$)\d+",
    "(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su))*(?: [0-9]{2}:[0-9]{2})?;?)+", "(?:a{1,3}b?){1,4}",
    r"^(professionnels|particuliers|secteur public)(\|(professionnels|particuliers|secteur public))*$",
    "(?:a|ab)(?:c|bc)", "(a|ab)*c",
]  # fmt: skip


@pytest.mark.parametrize("pattern", ENDLESS)
def test_patterns_that_may_never_end_are_refused(pattern: str) -> None:
    fault = pattern_fault(pattern)
    assert fault is not None and fault.startswith("peut ne pas finir : ")


@pytest.mark.parametrize("pattern", SOUND)
def test_ordinary_patterns_are_accepted(pattern: str) -> None:
    assert pattern_fault(pattern) is None


def patterns(node: Any) -> list[str]:
    """Every pattern under a JSON value."""
    if isinstance(node, dict):
        own = [value for key, value in node.items() if key == "pattern" and isinstance(value, str)]
        return own + [p for value in node.values() for p in patterns(value)]
    return [p for value in node for p in patterns(value)] if isinstance(node, list) else []


def test_every_pattern_and_schema_of_ours_is_sound() -> None:
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "schemas").rglob("*.json"))]
    found = [pattern for schema in schemas for pattern in patterns(schema)]
    assert len(found) > 15
    assert {pattern: fault for pattern in found if (fault := pattern_fault(pattern))} == {}
    assert [fault for schema in schemas if "fields" in schema for fault in schema_faults(schema)] == []


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("(", "est mal écrit"),
        ("[z-a]", "est mal écrit"),
        ("(?i)abc", "change d'options, comme (?i) : écrivez les deux casses entre crochets"),
        ("(?i:a)b", "peut ne pas finir : il change d'options en chemin, comme (?i)"),
        (r"(a)\1", "peut ne pas finir : il regarde ailleurs que là où il lit (renvoi, ou condition comme (?=…))"),
        ("(?!(a+)+b)a", "peut ne pas finir : il regarde ailleurs que là où il lit (renvoi, ou condition comme (?=…))"),
        ("(?<!a)b", "peut ne pas finir : il regarde ailleurs que là où il lit (renvoi, ou condition comme (?=…))"),
        ("(?:a|a)" * 12 + "z", "peut ne pas finir : un même texte s'y lit de trop de façons"),
        (
            "(?:a|a)*z",
            "peut ne pas finir : il répète une répétition ou un choix : un même texte s'y lit de plusieurs façons",
        ),
        ("a(?!b)", "peut ne pas finir : il regarde ailleurs que là où il lit (renvoi, ou condition comme (?=…))"),
    ],
)
def test_what_cannot_be_proved_is_refused(pattern: str, fault: str) -> None:
    assert pattern_fault(pattern) == fault


def test_a_pattern_that_looks_ahead_still_says_which_cells_are_right() -> None:
    right = re.compile(grouped(r"(?!00000)\d{5}"))
    assert right.match("68224") and not right.match("00000") and not right.match("682245")


def test_a_lint_takes_no_longer_than_what_it_prevents() -> None:
    codes = "|".join(f"{n:05}" for n in range(3000))
    start = time.perf_counter()
    assert pattern_fault(f"(?:{codes})(?:[;,](?:{codes}))*") is not None
    assert pattern_fault(codes) is None
    assert time.perf_counter() - start < 20


def test_a_pattern_of_quadratic_time_only_reads_short_cells() -> None:
    assert degree(parser.parse(r"\d+\d+x")) == 2
    bounded = re.compile(grouped(r"\d+\d+x"))
    assert bounded.match("12x") and bounded.match("1" * (SHORT - 1) + "x")
    assert not bounded.match("1" * SHORT + "x")
    start = time.perf_counter()
    assert not bounded.match("1" * 1_000_000)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("cell", "matches"), [("01001", True), ("2A004", True), ("01001ZZZ", False), ("01001\n", False)]
)
def test_a_grouped_pattern_matches_whole_cells(cell: str, matches: bool) -> None:
    assert bool(re.match(grouped("[0-9]{5}|2[AB][0-9]{3}"), cell)) == matches


PARTS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[a-c]", ".", "c"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("(?:{0[0]}|{0[1]})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}"])).map("(?:{0[0]}){0[1]}".format),
    ),
    max_leaves=6,
)


@given(pattern=PARTS, cell=st.text(alphabet="abc", min_size=1, max_size=6))
def test_what_is_accepted_ends_soon_on_any_repeated_text(pattern: str, cell: str) -> None:
    if pattern_fault(pattern) is not None:
        return
    compiled = re.compile(grouped(pattern))
    start = time.perf_counter()
    compiled.match(cell * (200 // len(cell)) + "!")
    assert time.perf_counter() - start < 2


@given(pattern=PARTS, cell=st.text(alphabet="abcd\n", max_size=6))
def test_a_plain_pattern_matches_no_more_than_the_pattern(pattern: str, cell: str) -> None:
    for written in (pattern, f"^{pattern}$", rf"(?:{pattern})\Z"):
        bare = plain_pattern(written)
        if bare is not None and re.fullmatch(f"(?:{bare})", cell):
            assert re.compile(f"^{written}$").match(cell)


FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"type": "number", "constraints": {"minimum": "abc"}}, "minimum vaut « abc », qui n'est pas du type"),
    ({"type": "integer", "constraints": {"maximum": 1.5}}, "maximum vaut « 1.5 », qui n'est pas du type"),
    ({"type": "number", "constraints": {"minimum": "NaN"}}, "minimum vaut « NaN »"),
    ({"type": "date", "constraints": {"minimum": 2020}}, "minimum vaut « 2020 »"),
    ({"type": "number", "constraints": {"minimum": 5, "maximum": 1}}, "minimum dépasse maximum"),
    ({"type": "string", "constraints": {"minLength": 5, "maxLength": 1}}, "minLength dépasse maxLength"),
    ({"type": "string", "constraints": {"maxLength": "10"}}, "maxLength vaut « 10 »"),
    ({"type": "string", "constraints": {"maxLength": True}}, "maxLength vaut « True »"),
    ({"type": "string", "constraints": {"enum": ["a", 1]}}, "enum contient « 1 », qui n'est pas du type"),
    ({"type": "integer", "constraints": {"enum": [1, "un"]}}, "enum contient « un »"),
    ({"type": "string", "constraints": {"pattern": "(a+)+"}}, "le motif peut ne pas finir"),
]


@pytest.mark.parametrize(("entry", "fault"), FIELDS, ids=[fault for _, fault in FIELDS])
def test_faults_of_a_schema_are_told_in_french(entry: dict[str, Any], fault: str) -> None:
    descriptor = {"fields": [{"name": "x", **entry}]}
    (found,) = schema_faults(descriptor)
    assert found.startswith(f"« x » : {fault}")
    with pytest.raises(SchemaFault, match=re.escape(fault)):
        table_schema(descriptor)


def test_sound_bounds_are_accepted() -> None:
    rules: list[dict[str, Any]] = [
        {"type": "number", "constraints": {"minimum": 0, "maximum": 1.5}},
        {"type": "integer", "constraints": {"minimum": 0, "enum": [0, 1]}},
        {"type": "date", "constraints": {"minimum": "2020-01-01", "maximum": "2026-12-31"}},
        {"type": "year", "constraints": {"minimum": 1900}},
        {"type": "string", "constraints": {"enum": ["a"], "minLength": 0, "maxLength": 3}},
        {"type": "boolean", "constraints": {"enum": [True]}},
    ]
    fields = [{"name": f"f{n}", **rule} for n, rule in enumerate(rules)]
    assert schema_faults({"fields": fields}) == []
