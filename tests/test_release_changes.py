"""The version that a change makes: one rule, whatever the table, the rows and the order they come in."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.release_changes import FIRST, MAJOR, MINOR, PATCH, SAME, Changes, Table, compare, next_version, step

FIELDS = {"code": "string", "n": "integer", "x": "number"}
VALUES = st.fixed_dictionaries({"n": st.none() | st.integers(0, 3), "x": st.none() | st.floats(0, 1)})
# Rows by their key, so that no two have the same.
ROWS = st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, max_size=6)


def table(rows: dict[str, dict[str, Any]], **more: Any) -> Table:
    return replace(Table(FIELDS, ["code"], [{"code": code, **row} for code, row in rows.items()]), **more)


def parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@given(ROWS, ROWS)
def test_counts_are_those_of_sets_and_the_step_follows(old: dict[str, Any], new: dict[str, Any]) -> None:
    changes = compare(table(old), table(new))
    assert changes.added == len(new.keys() - old.keys())
    assert changes.removed == len(old.keys() - new.keys())
    assert changes.changed == sum(old[code] != new[code] for code in old.keys() & new.keys())
    expected = MAJOR if changes.removed else MINOR if changes.added else PATCH if changes.changed else SAME
    assert step(changes) == expected


@given(ROWS)
def test_nothing_changed_keeps_the_version_whatever_the_order_of_rows(rows: dict[str, Any]) -> None:
    backwards = dict(reversed(rows.items()))
    assert compare(table(rows), table(backwards)) == Changes()
    assert next_version("3.1.4", step(compare(table(rows), table(backwards)))) == "3.1.4"


@given(ROWS, ROWS)
def test_what_was_added_one_way_is_removed_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    there, back = compare(table(old), table(new)), compare(table(new), table(old))
    assert (there.added, there.changed, there.removed) == (back.removed, back.changed, back.added)


@given(ROWS, ROWS, ROWS)
def test_versions_only_grow_and_by_the_largest_step(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    versions = [FIRST]
    for old, new in ((a, b), (b, c)):
        versions.append(next_version(versions[-1], step(compare(table(old), table(new)))))
    assert sorted(versions, key=parts) == versions
    for old, new in zip(versions, versions[1:], strict=False):
        before, after = parts(old), parts(new)
        first = next((n for n in range(3) if before[n] != after[n]), None)
        assert first is None or (after[first] == before[first] + 1 and set(after[first + 1 :]) <= {0})


@given(ROWS, st.sampled_from(["n", "x"]))
def test_a_column_removed_renamed_or_retyped_is_major_and_one_added_minor(rows: dict[str, Any], name: str) -> None:
    old = table(rows)
    fields = {field: kind for field, kind in FIELDS.items() if field != name}
    gone = replace(old, fields=fields, rows=[{f: row[f] for f in fields} for row in old.rows])
    renamed = replace(
        old,
        fields={("other" if f == name else f): kind for f, kind in FIELDS.items()},
        rows=[{("other" if f == name else f): value for f, value in row.items()} for row in old.rows],
    )
    retyped = replace(old, fields={**FIELDS, name: "string"})
    assert compare(old, gone).columns_removed == compare(old, renamed).columns_removed == [name]
    assert compare(old, renamed).columns_added == ["other"]
    assert compare(old, retyped).columns_retyped == [name] and compare(old, retyped).changed == 0
    assert {step(compare(old, new)) for new in (gone, renamed, retyped)} == {MAJOR}
    assert step(compare(gone, old)) == MINOR


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"key": ["code", "n"]}, MAJOR),
        ({"licence": "odbl-1.0"}, MAJOR),
        ({"fields": dict(reversed(FIELDS.items()))}, MAJOR),
        ({"texts": "autre"}, PATCH),
        ({}, SAME),
    ],
)
def test_key_licence_order_and_texts(more: dict[str, Any], expected: str) -> None:
    rows = {"a": {"n": 1, "x": 0.5}}
    assert step(compare(table(rows), table(rows, **more))) == expected


def test_a_table_without_a_key_compares_whole_rows() -> None:
    one, two = {"n": 1, "x": 0.5}, {"n": 2, "x": 0.5}
    old, new = table({"a": one, "b": one}, key=[]), table({"a": one, "b": two, "c": two}, key=[])
    changes = compare(old, new)
    assert (changes.added, changes.changed, changes.removed) == (2, 0, 1)
    assert changes.examples["removed"] == [{"code": "b", **one}]


def test_a_value_that_became_absent_is_a_change() -> None:
    changes = compare(table({"a": {"n": 0, "x": None}}), table({"a": {"n": None, "x": 0.0}}))
    assert changes.examples["changed"] == [{"code": "a", "changes": {"n": [0, None], "x": [None, 0.0]}}]
