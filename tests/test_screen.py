"""The screen: each trap of Frictionless, what it leaves to Frictionless alone, and that it counts to the end."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from frictionless import Resource, Schema
from frictionless.schema import Field
from hypothesis import given
from hypothesis import strategies as st
from repositories import ROOT
from screenings import HOSTILE, Case, alone, resource, with_screen

from observatory import screen_files
from observatory.reading import table_schema
from observatory.screen import SMALL, screen, screened
from observatory.screen_columns import kernel
from observatory.screen_keys import Repeats

TRAPS = sorted((ROOT / "tests" / "cases" / "screen").glob("*.yaml"))
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


def read_trap(path: Path) -> tuple[dict[str, Any], Case]:
    """A trap: its schema, its file (`repeat` says how often the rows come), what Frictionless says of it."""
    trap: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    header, newline, body = trap["csv"].partition("\n")
    text = header + newline + body * trap.get("repeat", 1)
    return trap, Case(trap["schema"], text.encode() + bytes.fromhex(trap.get("tail_hex", "")))


@pytest.mark.parametrize("path", TRAPS, ids=[path.stem for path in TRAPS])
def test_frictionless_and_the_screen_say_of_each_trap_what_is_written(path: Path, tmp_path: Path) -> None:
    trap, case = read_trap(path)
    said = alone(case, tmp_path)
    if "raises" in trap:
        assert said == trap["raises"]
    else:
        report = json.loads(said)
        errors = [error for task in report["tasks"] for error in task["errors"]]
        keys = ("rowNumber", "fieldName", "type", "note")
        assert [[error.get(key) or None for key in keys[:3]] + [error["note"]] for error in errors] == trap["errors"]
        assert (report["valid"], report["tasks"][0]["stats"].get("rows", 0)) == (trap["valid"], trap["rows"])
    assert with_screen(case, tmp_path) == (said, "" if trap["screened"] else trap.get("alone_because", ""))


def test_there_is_a_fixture_for_each_trap() -> None:
    assert len(TRAPS) >= 40


def table(rows: int, faulty: int) -> Case:
    """A table of so many rows, of which the last `faulty` ones have a number that is none."""
    lines = [f"{n},{'x' if n >= rows - faulty else n}" for n in range(rows)]
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "number"}]
    return Case({"fields": fields, "primaryKey": ["a"]}, "\n".join(["a,b", *lines, ""]).encode())


def test_problems_are_counted_to_the_end_of_the_file(tmp_path: Path) -> None:
    report = screen(resource(table(5000, 1500), tmp_path), small=0)
    (task,) = report.tasks
    assert (task.stats["errors"], task.stats["rows"], task.warnings) == (1500, 5000, [])
    assert [error.row_number for error in task.errors] == list(range(3502, 5002))


def test_a_limit_stops_where_frictionless_stops(tmp_path: Path) -> None:
    case = table(3000, 1500)
    case.limit = 10
    assert with_screen(case, tmp_path) == (alone(case, tmp_path), "more errors than the limit")
    case.limit = 1501
    assert with_screen(case, tmp_path) == (alone(case, tmp_path), "")


def test_a_small_file_is_left_to_frictionless(tmp_path: Path) -> None:
    case = table(100, 1)
    assert len(case.content) < SMALL
    assert screened(resource(case, tmp_path))[1] == "a small file"


def test_only_a_closed_local_csv_is_screened(tmp_path: Path) -> None:
    case = table(10, 1)
    opened = resource(case, tmp_path)
    with opened:
        assert screened(opened, small=0)[1] == "not one plain CSV file"
    memory = Resource(
        data=[["a"], ["1"]], schema=Schema.from_descriptor({"fields": [{"name": "a", "type": "integer"}]})
    )
    assert screened(memory, small=0)[1] == "not one plain CSV file"


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case({"fields": [{"name": "a"}]}, b"a\n1\n", dialect={"csv": {"quoteChar": "'"}}), "a dialect of its own"),
        (Case({"fields": [{"name": "a"}]}, b"a\n1\n", dialect={"csv": {"escapeChar": "\\"}}), "a dialect of its own"),
        (Case({"fields": [{"name": "a"}]}, b"a\n1\n", dialect={"header": False}), "a header of its own"),
        (Case({"fields": [{"name": "a"}]}, b"a\n1\n2\n", dialect={"headerRows": [2]}), "a header of its own"),
        (Case({"fields": [{"name": "a"}]}, b"a\n1\n", dialect={"commentChar": "#"}), "rows that do not count"),
        (Case({"fields": [{"name": "a"}]}, b"a\n1\n", dialect={"skipBlankRows": True}), "rows that do not count"),
        (Case({"fields": [{"name": "a"}]}, b"a\n\xe9\n", encoding="cp1252"), "not UTF-8"),
        (Case({"fields": [{"name": "a"}]}, b'"a\nb"\n1\n'), "a header of several lines"),
        (Case({"fields": [{"name": "a"}]}, b'a\n"1\n'), "a quote that does not close"),
        (Case({"fields": [{"name": "a"}]}, b""), "labels and fields do not pair"),
    ],
)
def test_what_it_cannot_prove_it_leaves_to_frictionless(case: Case, reason: str, tmp_path: Path) -> None:
    assert with_screen(case, tmp_path) == (alone(case, tmp_path), reason)


def test_a_line_end_torn_by_a_block_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_files, "BLOCK", 64)
    fields = [{"name": "a", "type": "string", "constraints": {"maxLength": 3}}, {"name": "b", "type": "string"}]
    reasons = set()
    for padding in range(8):
        cells = "".join(f'"x\r\ny",{"z" * (n % 5 + padding)}\r\n' for n in range(40))
        case = Case({"fields": fields}, f"a,b\r\n{cells}".encode())
        said, reason = with_screen(case, tmp_path)
        assert said == alone(case, tmp_path)
        reasons.add(reason)
    assert "a line end that pyarrow would tear" in reasons


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.schema.json")), ids=lambda path: path.stem)
def test_every_schema_of_ours_is_screened(path: Path, tmp_path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow([entry["name"] for entry in schema["fields"]])
    rows = [[entry.get("example", "") for entry in schema["fields"]] for _ in range(2)]
    writer.writerows([*rows, ["?"] * len(schema["fields"])])
    (tmp_path / "x.csv").write_text(content.getvalue(), encoding="utf-8", newline="")
    given_ = {"path": "x.csv", "basepath": str(tmp_path), "encoding": "utf-8", "schema": table_schema(schema)}
    report, reason = screened(Resource(**given_), small=0)
    assert reason == ""
    assert {error.type for error in report.tasks[0].errors} >= {"primary-key", "constraint-error"}


# What the engine stands on

FIELDS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "any"},
    {"type": "string", "format": "uri"},
    {"type": "string", "constraints": {"minLength": 1, "maxLength": 3}},
    {"type": "string", "constraints": {"pattern": "[0-9]{5}|2[AB][0-9]{3}"}},
    {"type": "string", "constraints": {"pattern": "^[0-9]{2,3}$"}},
    {"type": "string", "constraints": {"pattern": r"(?:[a-z]+(?:-[a-z]+)*)\Z"}},
    {"type": "string", "constraints": {"pattern": "https?://.+"}},
    {"type": "string", "constraints": {"pattern": "^abc|a b$"}},
    {"type": "number"},
    {"type": "number", "constraints": {"minimum": 0, "maximum": 1000000000}},
    {"type": "number", "constraints": {"minimum": -5}},
    {"type": "integer", "constraints": {"maximum": 100}},
]


@given(
    cell=st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8), st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{1,11})?\n?"))
)
@pytest.mark.parametrize("described", FIELDS, ids=str)
def test_a_kernel_passes_nothing_that_the_reader_refuses(described: dict[str, Any], cell: str) -> None:
    field = Field.from_descriptor({"name": "v", **described, "missingValues": []})
    proves = kernel(field)
    assert proves is not None
    if proves(pa.array([cell.encode("utf-8", "replace").decode()])).to_pylist() == [True]:
        assert field.create_cell_reader()(cell)[1] is None


@pytest.mark.parametrize("pattern", [r"\d+", r"(?=a)a", r"é+", r"\w", "(?i)a", "(a)\\1", r"a\b", "["])
def test_a_pattern_that_engines_read_differently_has_no_kernel(pattern: str) -> None:
    assert kernel(Field.from_descriptor({"name": "v", "type": "string", "constraints": {"pattern": pattern}})) is None


PIECES = [
    '"',
    '""',
    ",",
    "\n",
    "\r",
    "\r\n",
    "a",
    " ",
    "é",
    "\0",
    "\ufeff",
    '"a,b"',
    '"x\ny"',
    '"x\r\ny"',
    'a"b',
    '"a"b',
]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40), width=st.integers(1, 3))
def test_pyarrow_cuts_as_python_does(pieces: list[str], width: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = ",".join("h" * width) + "\n" + "".join(pieces)
    if text.count('"') % 2 or not pieces:
        return
    path = tmp_path_factory.getbasetemp() / "pieces.csv"
    path.write_bytes(text.encode())
    ragged = screen_files.Ragged()
    found = [
        list(row)
        for b in screen_files.batches(path, width, ",", ragged)
        for row in zip(*b.to_pydict().values(), strict=True)
    ]
    wanted = [row or [""] * width for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert found == [row for row in wanted if len(row) == width]
    assert [number for number, _ in ragged.rows] == [n for n, row in enumerate(wanted, 2) if len(row) != width]


@given(keys=st.lists(st.integers(0, 12)), others=st.lists(st.integers(0, 12), max_size=3), part=st.integers(1, 5))
def test_repeated_keys_are_found_a_part_at_a_time(keys: list[int], others: list[int], part: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("observatory.screen_keys.PART", part)
        repeats = Repeats(1)
        for start in range(0, len(keys), 4):
            repeats.add([np.array([hash(key) for key in keys[start : start + 4]], np.uint64)])
        for key in others:
            repeats.add_other([key])
        found = repeats.rows().tolist()
        repeats.close()
    assert found == [place for place, key in enumerate(keys) if (keys + others).count(key) > 1]
