"""Contracts of the Table Schemas and of the descriptors: one case a file, collected by glob."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from frictionless import Resource, Schema, system

ROOT = Path(__file__).resolve().parent.parent
TABLE_SCHEMAS = sorted((ROOT / "schemas").glob("*.schema.json"))
JSON_SCHEMAS = sorted((ROOT / "schemas").glob("*.jsonschema.json"))
DESCRIPTORS = sorted((ROOT / "datasets").glob("*.resource.yaml"))
LONG = {"observations", "observations_statuts"}
TYPES = {"string", "integer", "number", "boolean", "date", "datetime", "year"}
OWN_PROPERTIES = {"territory", "feeds", "period", "unit", "aliases"} | {
    *("relation", "inverse", "of", "choices", "link", "grade", "siren"),
}
FIELD_PROPERTIES = {"name", "title", "type", "description", "example", "format", "constraints"} | OWN_PROPERTIES


def stem(path: Path) -> str:
    return path.name.split(".")[0]


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def descriptor(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every sub-schema that describes an object by its properties, conditions left aside."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for key, value in schema.items():
            if key not in ("if", "then", "else"):
                yield from objects(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from objects(item)


@pytest.mark.parametrize("path", TABLE_SCHEMAS, ids=stem)
def test_table_schema_names_itself(path: Path) -> None:
    schema = load(path)
    assert schema["name"] == stem(path)
    assert schema["title"] and schema["description"].endswith(".")
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", schema["version"])
    assert schema["missingValues"] == [""]


@pytest.mark.parametrize("path", TABLE_SCHEMAS, ids=stem)
def test_table_schema_has_a_key_among_required_fields(path: Path) -> None:
    schema = load(path)
    required = {f["name"] for f in schema["fields"] if f.get("constraints", {}).get("required")}
    assert schema["primaryKey"] and set(schema["primaryKey"]) <= required


@pytest.mark.parametrize("path", TABLE_SCHEMAS, ids=stem)
def test_every_field_is_documented(path: Path) -> None:
    for field in load(path)["fields"]:
        assert set(field) <= FIELD_PROPERTIES, field["name"]
        assert field["type"] in TYPES, field["name"]
        assert field["title"] and field["description"].endswith("."), field["name"]
        assert field["constraints"], field["name"]


@pytest.mark.parametrize("path", TABLE_SCHEMAS, ids=stem)
def test_every_example_is_a_valid_cell(path: Path) -> None:
    for field in Schema(str(path)).fields:
        _cell, notes = field.read_cell(str(field.example))
        assert not notes, (field.name, notes)


@pytest.mark.parametrize("path", TABLE_SCHEMAS, ids=stem)
def test_patterns_are_grouped(path: Path) -> None:
    # Frictionless writes ^ and $ around a pattern without grouping it: « a|b » would accept « bX ».
    for field in load(path)["fields"]:
        pattern = field["constraints"].get("pattern", "(?:)")
        assert pattern.startswith("(?:") and pattern.endswith(")"), field["name"]
        re.compile(pattern)


@pytest.mark.parametrize("path", JSON_SCHEMAS, ids=stem)
def test_json_schema_is_strict_and_french(path: Path) -> None:
    schema = load(path)
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in objects(schema):
        assert part["additionalProperties"] is False
        for name, entry in part.get("properties", {}).items():
            assert entry["title"] and entry["description"].endswith("."), name


@pytest.mark.parametrize("path", DESCRIPTORS, ids=stem)
def test_descriptor_follows_its_schema(path: Path) -> None:
    checker = jsonschema.Draft202012Validator(
        load(ROOT / "schemas/resource.jsonschema.json"), format_checker=jsonschema.FormatChecker()
    )
    assert [error.message for error in checker.iter_errors(descriptor(path))] == []


@pytest.mark.parametrize("path", DESCRIPTORS, ids=stem)
def test_descriptor_names_files_that_exist(path: Path) -> None:
    content = descriptor(path)
    assert content["name"] == stem(path)
    assert content["path"] == f"{stem(path)}.csv"
    assert (path.parent / content["path"]).is_file()
    assert (path.parent / content["schema"]).is_file()
    assert (ROOT / content.get("script", "pyproject.toml")).is_file()
    assert content["licenses"][0]["name"] in {row["licence"] for row in rows(ROOT / "codelists/licences.csv")}


@pytest.mark.parametrize("path", DESCRIPTORS, ids=stem)
def test_descriptor_suits_its_form(path: Path) -> None:
    content = descriptor(path)
    schema = load(path.parent / content["schema"])
    assert (stem(path.parent / content["schema"]) in LONG) == (content["form"] == "long")
    has_period = any(field.get("period") or field["name"] == "time_period" for field in schema["fields"])
    # A register of things has dates of its own.
    assert has_period != ("time_period" in content) or "register" in schema
    assert content["temporal"]["start"] <= content["temporal"]["end"] <= content["last_update"]


@pytest.mark.data
@pytest.mark.parametrize("path", DESCRIPTORS, ids=stem)
def test_dataset_is_valid(path: Path) -> None:
    with system.use_context(trusted=True):
        report = Resource(str(path)).validate()
    assert [error.message for task in report.tasks for error in task.errors] == []
    assert report.valid


@pytest.mark.data
@pytest.mark.parametrize("path", DESCRIPTORS, ids=stem)
def test_dataset_meets_its_expectations(path: Path) -> None:
    content = descriptor(path)
    lines = rows(path.with_name(content["path"]))
    expected = content["expectations"]
    assert expected["rows"]["min"] <= len(lines) <= expected["rows"].get("max", len(lines))
    fields = load(path.parent / content["schema"])["fields"]
    territory = next((field["name"] for field in fields if "territory" in field), None)
    assert (territory is None) == ("territories" not in expected)
    if territory is None:
        return
    assert len({line[territory] for line in lines if line[territory]}) >= expected["territories"]["min"]


@pytest.mark.data
@pytest.mark.parametrize("path", sorted((ROOT / "datasets").glob("*.csv")), ids=stem)
def test_dataset_has_a_descriptor_and_one_way_of_writing(path: Path) -> None:
    data = path.read_bytes()
    assert path.with_name(f"{stem(path)}.resource.yaml") in DESCRIPTORS
    assert not data.startswith(b"\xef\xbb\xbf") and b"\r" not in data and data.endswith(b"\n")
    lines = list(csv.reader(data.decode("utf-8").splitlines()))
    assert lines[1:] == sorted(lines[1:])


def test_every_table_schema_of_a_dataset_is_used() -> None:
    used = {stem(Path(descriptor(path)["schema"])) for path in DESCRIPTORS}
    # A source without secret nor exemption needs no status: no dataset has to.
    assert {stem(path) for path in TABLE_SCHEMAS} - used <= {"observations_statuts"}
