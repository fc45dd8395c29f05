"""Tables in columns: two readers that must agree, columns that behave as lists, duplicates, bounds."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from observatory import csvfiles, decoding, tokens
from observatory.columns import Encoded, TableRows, Texts, duplicates, encode, flagged, joined, numbers, where
from observatory.csvfiles import read_sheet
from observatory.problems import Problem
from observatory.sheets import Dialect, Sheet

NAMES = ["a", "b", "c"]
NEVER = 10**12
ROWS = "a,b,c\n" + "".join(f'{n},"x, {n % 3}",é{n % 2}\n' for n in range(30))


def seen(sheet: Sheet) -> tuple[list[str], int, list[list[str]], list[int], list[Problem]]:
    problems = sorted(sheet.problems, key=lambda entry: (entry.line or 0, entry.code, entry.message))
    return sheet.header, sheet.header_line, [list(row) for row in sheet.rows], list(sheet.lines), problems


def read(path: Path, big: int, delimiter: str = ",") -> Sheet:
    """The sheet; files of at least `big` bytes go to Arrow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfiles, "BIG", big)
        return read_sheet(path, "x.csv", Dialect(delimiter), NAMES)


@pytest.fixture(name="arrow_only")
def forbid_strict_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the strict reader was called")

    monkeypatch.setattr(csvfiles, "_read_records", refuse)


# Two readers, one answer

PIECES = ["a", "b", "1", "é", " ", ",", ",", ",", ";", "\n", "\n", "\r\n", "\r", '"', '""', '"x"', '"y,z"', '"l\nm"']
PIECES += [
    '"r\rs"',
    '"t\r\nu"',
    '"p""q"',
    "\t",
    "a,b,c\n",
    "\n1,2,3\n",
    ",,\n",
    "\ufeff",
    "\0",
    "\u2028",
    "\x0b",
    "0" * 70,
]


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=40), header=st.booleans(), block=st.sampled_from([16, 61, 4096])
)
@example(pieces=["1,2,3\r", "\n4,5,6"], header=True, block=16)
@example(pieces=['1,2,"3', "\n", '4"\n', "5,6\n", "\r\n", "a,b,c\n", "7,8,9"], header=True, block=4096)
@example(pieces=['1,"x" y,3\n', "4,5,6\n"], header=True, block=4096)
@example(pieces=['1,x" y",3\n', '4,5,"6'], header=True, block=4096)
@example(pieces=["1,2,3\n", "\n", "\r", "4,5,6\r\r\n"], header=True, block=4096)
def test_both_readers_give_the_same_rows_lines_and_problems(
    pieces: list[str], header: bool, block: int, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    text = ("a,b,c\n" if header else "") + "".join(pieces)
    path.write_bytes(text.encode())
    expected = seen(read(path, NEVER))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "BLOCK", block)
        patch.setattr(csvfiles, "BLOCK", block)
        assert seen(read(path, 0)) == expected
        # The same text, which no longer is plain before its rows: it goes through decoding.
        patch.setattr(csvfiles, "is_plain", lambda stream: False)
        assert seen(read(path, 0)) == expected


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60))
def test_decoding_has_nothing_to_say_of_plain_bytes(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "plain.csv"
    path.write_bytes(data)
    if tokens.is_plain(io.BytesIO(data)) and not data.startswith(tuple(magic for magic in decoding.MAGIC)):
        sheet = Sheet("plain.csv")
        assert decoding.opened(path, sheet, Dialect()) == data.decode()
        assert sheet.problems == []


@pytest.mark.parametrize("bad", [b"\xef\xbb\xbfa,b", b"a,b\n\xff", b"a,b\n\0", b"\xc3", b"a,\x1b[31m", b"%PDF-1.7"])
def test_bytes_that_decoding_must_see_are_not_plain(bad: bytes) -> None:
    assert not tokens.is_plain(io.BytesIO(bad))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.usefixtures("arrow_only")
def test_well_formed_text_is_left_to_arrow(ending: str, last: bool, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    text = ROWS.replace("\n", ending)
    path.write_bytes((text if last else text.removesuffix(ending)).encode())
    sheet = read(path, 0)
    assert sheet.problems == [] and list(sheet.lines) == list(range(2, 32))
    assert sheet.rows[4] == ["4", "x, 1", "é0"] and sheet.rows[-1] == ["29", "x, 2", "é1"]


@pytest.mark.usefixtures("arrow_only")
def test_rows_that_are_none_are_told_without_the_strict_reader(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(ROWS + '1,2\n\n"u\nv",2,3\na,b,c\n , ,\n1,2,3,"4\n5"\n7,8,9\n', encoding="utf-8")
    sheet = read(path, 0)
    found = [(entry.line, entry.code) for entry in sheet.problems]
    assert found == [
        (32, "missing-cell"),
        (33, "blank-row"),
        (36, "repeated-header"),
        (37, "blank-row"),
        (38, "unclosed-quote"),
    ]
    assert (list(sheet.lines[-2:]), sheet.rows[-2]) == ([34, 40], ["u\nv", "2", "3"])


@pytest.mark.parametrize(
    "row", ['1,"x" y,3', '1,x" y",3', '1,2,"3', '1,"2"",3', "1,2," + "3" * 140_000], ids=lambda row: row[:9]
)
def test_what_arrow_would_forgive_goes_to_the_strict_reader(row: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(ROWS + row + "\n", encoding="utf-8")
    sheet = Sheet("x.csv")
    text = path.read_text(encoding="utf-8")
    opened = lambda: io.BytesIO(text.encode())  # noqa: E731
    assert csvfiles._read_columns(opened, text[: csvfiles.HEAD], sheet, ",", NAMES) is False
    assert (sheet.problems, list(sheet.rows)) == ([], [])


# Columns that behave as lists


@pytest.fixture(name="texts", params=[False, True], ids=["list", "arrow"])
def make_column(request: pytest.FixtureRequest) -> Encoded:
    column = encode(["b", "a", "", "b", "c", "a"])
    if request.param:
        pa = pytest.importorskip("pyarrow")
        column = Encoded(Texts([pa.array(column.values[:3]), pa.array(column.values[3:])]), column.codes)
    return column


def test_a_column_is_a_sequence_of_its_cells(texts: Encoded) -> None:
    cells = ["b", "a", "", "b", "c", "a"]
    assert list(texts) == cells and len(texts) == 6 and [texts[n] for n in range(6)] == cells
    assert list(texts.values) == ["b", "a", "", "c"] and texts.codes.tolist() == [0, 1, 2, 0, 3, 1]
    assert list(texts[1:4]) == ["a", "", "b"] and texts[-1] == "a" and "c" in texts and texts.index("c") == 4
    assert list(texts.taken(np.array([5, 0]))) == ["a", "b"] and texts[1:3].shown() == ["a", ""]
    with pytest.raises(IndexError):
        texts[6]


def test_none_is_a_cell_without_code() -> None:
    column = encode([None, 2, 1, None])
    assert column.values == [2, 1] and list(column) == [None, 2, 1, None] and column[0] is None
    assert column.shown() == [2, 1]
    kept = encode(["x", "y", "x"]).keeping([1.0, None], none=[1])
    assert list(kept) == [1.0, None, 1.0] and kept.codes.tolist() == [0, -1, 0]
    assert np.isnan(numbers(kept)).tolist() == [False, True, False]
    assert list(encode([])) == [] and encode([]).shown() == []


def test_rows_are_put_together_when_asked_for() -> None:
    rows = TableRows([encode(["a", "b"]), encode(["c", "d"])], 2)
    assert list(rows) == [["a", "c"], ["b", "d"]] and rows[1] == ["b", "d"] and rows[-2] == ["a", "c"]
    assert rows == [["a", "c"], ["b", "d"]] and rows[1:] == [["b", "d"]] and rows != [["a", "c"], ["b", "e"]]
    with pytest.raises(IndexError):
        rows[2]


def test_rows_are_found_by_value(texts: Encoded) -> None:
    assert where(texts, {"a", "c"}).tolist() == [1, 4, 5] and where(texts, str.isspace).tolist() == []
    assert flagged(texts, [2]).tolist() == [False, False, True, False, False, False]
    assert where(encode([3, None, 4]), lambda value: value > 3).tolist() == [2]


def naive_duplicates(columns: list[list[Any]], left_out: list[bool]) -> Iterator[tuple[int, int]]:
    seen_: dict[tuple[Any, ...], int] = {}
    for row, key in enumerate(zip(*columns, strict=True)):
        if not left_out[row] and (first := seen_.setdefault(key, row)) != row:
            yield row, first


VALUES = st.sampled_from([None, 0, 1, 2.0, 2, "x", "y"])


@given(rows=st.lists(st.tuples(VALUES, VALUES, VALUES, st.booleans()), max_size=30))
def test_duplicates_are_those_that_a_loop_finds(rows: list[tuple[Any, ...]]) -> None:
    columns = [[row[place] for row in rows] for place in range(3)]
    left_out = [row[3] for row in rows]
    found = duplicates([encode(column) for column in columns], np.array(left_out, dtype=np.bool_))
    assert found == list(naive_duplicates(columns, left_out))


def test_values_written_otherwise_are_the_same_value() -> None:
    column = encode(["1", "1.0", "2", "1"]).keeping([1.0, 1.0, 2.0], none=[])
    assert duplicates([column]) == [(1, 0), (3, 0)]
    lists = encode(["[1]", "[ 1 ]"]).keeping([[1], [1]], none=[])
    assert duplicates([lists]) == [(1, 0)]


def test_keys_of_many_columns_do_not_overflow() -> None:
    columns = [encode([*range(1000), 999]) for _ in range(12)]
    assert duplicates(columns) == [(1000, 999)] and len(np.unique(joined(columns))) == 1000


# Bounds


def written(path: Path, header: int, rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([f"c{n}" for n in range(header)])
        for n in range(rows):
            writer.writerow([n] * header)
    return path


@pytest.mark.parametrize("big", [0, NEVER])
def test_a_table_too_long_is_not_read(big: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvfiles, "MAX_ROWS", 50)
    assert read(written(tmp_path / "x.csv", 3, 50), big).problems == []
    for rows in (51, 52, 53, 54, 500):
        sheet = read(written(tmp_path / "x.csv", 3, rows), big)
        assert [entry.code for entry in sheet.problems] == ["too-many-rows"]
        assert sheet.header == [] and len(sheet.rows) == 0


@pytest.mark.parametrize("big", [0, NEVER])
def test_a_header_of_200_000_columns_is_refused_in_less_than_a_second(big: int, tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", 200_000, 3)
    start = time.process_time()
    (found,) = read(path, big).problems
    assert (found.code, found.line, found.value) == ("too-many-columns", 1, "200\u202f000")
    assert time.process_time() - start < 1


def test_lines_whose_quotes_are_all_at_fault_do_not_take_ages(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b,c\n" + '1,"2" 3,4\n' * 20_000 + '5,"' + '"6 ' * 20_000, encoding="utf-8")
    start = time.process_time()
    assert len(read(path, 0).problems) > 20_000
    assert time.process_time() - start < 10
