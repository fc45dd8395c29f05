"""Differences between two states of a table: by key, by value, in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT

from observatory.catalogue import read_dataset
from observatory.differences import difference, merged, reader, schema_key

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "ref_area", "type": "string"},
        {"name": "obs_value", "type": "number"},
        {"name": "obs_status", "type": "string"},
    ],
    "primaryKey": ["ref_area"],
}


def row(ref_area: str, value: str = "", status: str = "") -> dict[str, str]:
    return {"ref_area": ref_area, "obs_value": value, "obs_status": status}


def test_rows_are_matched_by_key_and_not_by_line() -> None:
    before = [row("DEP-01", "1"), row("DEP-02", "2"), row("DEP-03", "3")]
    after = [row("DEP-03", "3"), row("DEP-02", "4"), row("DEP-04", "5")]
    found = difference(before, after, ["ref_area"])
    assert found.added == [row("DEP-04", "5")]
    assert found.removed == [row("DEP-01", "1")]
    assert [(c.before["ref_area"], c.columns, c.text) for c in found.changed] == [
        ("DEP-02", ("obs_value",), "obs_value : 2 → 4")
    ]
    assert found.unchanged == 1
    assert found.text == "1\u00a0ligne ajoutée, 1\u00a0ligne changée, 1\u00a0ligne retirée"


def test_the_same_value_written_otherwise_is_counted_apart() -> None:
    read = reader(SCHEMA)
    before, after = [row("DEP-01", "1"), row("DEP-02", "2")], [row("DEP-01", "1.0"), row("DEP-02", "2")]
    found = difference(before, after, ["ref_area"], read)
    assert not found
    assert (found.rewritten, found.unchanged) == (1, 1)
    assert found.text == "aucune valeur ne change ; 1\u00a0ligne réécrite sans changer de valeur"
    # Without a reader, another text is another value.
    assert difference(before, after, ["ref_area"]).changed


def test_a_faulty_cell_is_compared_as_it_is_written() -> None:
    found = difference([row("DEP-01", "93")], [row("DEP-01", "quatre-vingt-treize")], ["ref_area"], reader(SCHEMA))
    assert found.changed[0].text == "obs_value : 93 → quatre-vingt-treize"


def test_a_column_that_a_file_lacks_is_an_empty_one() -> None:
    found = difference([row("DEP-01", "1")], [{"ref_area": "DEP-01", "obs_value": "1"}], ["ref_area"])
    assert not found
    found = difference([row("DEP-01", "1")], [row("DEP-01", "1", "E")], ["ref_area"])
    assert found.changed[0].text == "obs_status : (vide) → E"


def test_a_repeated_key_matches_its_repetitions_in_order() -> None:
    found = difference([row("DEP-01", "1")], [row("DEP-01", "1"), row("DEP-01", "2")], ["ref_area"])
    assert found.added == [row("DEP-01", "2")]
    assert not found.changed


def test_without_key_a_row_is_all_its_cells() -> None:
    found = difference([row("DEP-01", "1"), row("DEP-01", "1")], [row("DEP-01", "1"), row("DEP-01", "2")], [])
    assert (found.added, found.removed, found.changed) == ([row("DEP-01", "2")], [row("DEP-01", "1")], [])
    assert found.label(found.added[0]) == "DEP-01 · 2 · (vide)"


def test_words_of_a_row() -> None:
    found = difference([], [row("DEP-01", "1", "E")], ["ref_area"])
    assert found.label(found.added[0]) == "DEP-01"
    assert found.details(found.added[0]) == "obs_value : 1 ; obs_status : E"
    long = difference([], [row("DEP-01", "x" * 500 + "\n")], ["ref_area"])
    assert len(long.details(long.added[0])) < 110


def test_merged_replaces_adds_and_keeps_the_order_of_the_file() -> None:
    published = [row("DEP-01", "1", "A"), row("DEP-03", "3"), row("DEP-10", "10")]
    given_rows = [{"ref_area": "DEP-02", "obs_value": "2"}, {"ref_area": "DEP-01", "obs_value": "9"}]
    assert merged(published, given_rows, ["ref_area"]) == [
        row("DEP-01", "9", "A"),
        row("DEP-02", "2"),
        row("DEP-03", "3"),
        row("DEP-10", "10"),
    ]
    unsorted = [row("DEP-10"), row("DEP-01")]
    assert [r["ref_area"] for r in merged(unsorted, given_rows, ["ref_area"])] == ["DEP-10", "DEP-01", "DEP-02"]


def test_merged_takes_columns_that_the_published_file_lacks() -> None:
    found = merged([{"ref_area": "DEP-01"}], [{"ref_area": "DEP-02", "obs_status": "E"}], ["ref_area"])
    assert found == [{"ref_area": "DEP-01", "obs_status": ""}, {"ref_area": "DEP-02", "obs_status": "E"}]


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123")),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123")),
)
def test_the_difference_tells_all_that_leads_from_one_to_the_other(old: dict[str, str], new: dict[str, str]) -> None:
    before, after = [row(k, v) for k, v in sorted(old.items())], [row(k, v) for k, v in sorted(new.items())]
    found = difference(before, after, ["ref_area"])
    gone = {r["ref_area"] for r in found.removed}
    kept = [r for r in before if r["ref_area"] not in gone]
    assert merged(kept, [*found.added, *(c.after for c in found.changed)], ["ref_area"]) == after
    assert len(found.added) + len(found.changed) + found.unchanged == len(after)


@pytest.mark.parametrize("path", sorted((ROOT / "datasets").glob("*.resource.yaml")), ids=lambda p: p.name)
def test_every_dataset_has_a_key_that_differences_follow(path: Any) -> None:
    dataset, _ = read_dataset(path, ROOT)
    assert dataset is not None
    assert schema_key(dataset.schema)
