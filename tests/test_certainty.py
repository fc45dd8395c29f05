"""A correction is given only when it is certain: who a code stands for, what a column proves, what a mending drops."""

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from repositories import FIBRE, HEADER, ROOT, copy_site

from observatory.catalogue import read_catalogue
from observatory.cells import Fault
from observatory.columns import encode
from observatory.editions import report_lost_coverage
from observatory.mending import Change, Mended, mend, write_changes
from observatory.places import Gazetteer, TerritoryJudge
from observatory.reading import Table, read_table
from observatory.series import Series
from observatory.territories import Territories, Territory
from observatory.validation import judge

INITIATIVES = "datasets/initiatives.csv"
OLD, FIRST, SECOND = "COM-01006", "COM-01007", "COM-01008"


def territory(ref_area: str, name: str, start: str = "", end: str = "") -> Territory:
    level, _, code = ref_area.partition("-")
    return Territory(ref_area, code, level, name, "commune", "autre-commune", "", "COM", start, end)


def fault_of(
    text: str,
    areas: Sequence[Territory],
    events: Sequence[tuple[str, str, str, float]] = (),
    aliases: Path = Path("absent.csv"),
    locates: bool = False,
) -> Fault:
    """What is wrong with the code of a commune in 2024, among these territories."""
    found = TerritoryJudge(Gazetteer(Territories(list(areas), list(events)), aliases), "COM", "2024")
    found.locates = locates
    fault = found(text)
    assert fault is not None
    return fault


# Who a code stands for


@pytest.mark.parametrize("locates", [False, True], ids=["figures", "place"])
@pytest.mark.parametrize("heirs", [[FIRST], [FIRST, SECOND]], ids=["alone", "shared"])
def test_a_territory_shared_between_heirs_stands_for_none_of_them(heirs: list[str], locates: bool) -> None:
    """The heirs are born that very day of the old one alone: nothing but their number tells the two cases apart."""
    areas = [territory(OLD, "Ancienne", end="2017-01-01")]
    areas += [territory(heir, heir, start="2017-01-01") for heir in heirs]
    events = [("2017-01-01", OLD, heir, 1.0 / len(heirs)) for heir in heirs]
    details = fault_of("01006", areas, events, locates=locates).details
    assert details.get("correction") == ("01007" if len(heirs) == 1 else None)


def test_a_name_that_only_the_dead_bear_is_not_certain() -> None:
    dead = territory("COM-01001", "Villeneuve", end="2000-01-01")
    assert "correction" not in fault_of("Villeneuve", [dead]).details
    living = territory("COM-01002", "Villeneuve")
    assert fault_of("Villeneuve", [dead, living]).details["correction"] == "01002"
    assert "correction" not in fault_of("Villeneuve", [living, territory("COM-01003", "Villeneuve")]).details


def test_a_name_that_is_the_alias_of_another_is_not_certain(tmp_path: Path) -> None:
    aliases = tmp_path / "aliases.csv"
    areas = [territory("COM-01001", "Villeneuve"), territory("COM-01002", "Autre")]
    aliases.write_text("ref_area,type,alias\nCOM-01002,former-name,Villeneuve\n", encoding="utf-8")
    conflict = fault_of("Villeneuve", areas, aliases=aliases).details
    assert "correction" not in conflict
    assert "« 01001 » (Villeneuve) ou « 01002 » (Autre)" in str(conflict["suggestion"])
    aliases.write_text("ref_area,type,alias\nCOM-01001,former-name,Villeneuve\n", encoding="utf-8")
    assert fault_of("Villeneuve", areas, aliases=aliases).details["correction"] == "01001"


def test_a_slip_of_the_finger_is_proposed_only_when_one_code_is_near() -> None:
    near = [territory("COM-01001", "Ici"), territory("COM-01003", "Là"), territory("COM-02222", "Ailleurs")]
    assert fault_of("01009", near).details["suggestion"] == ""
    alone = fault_of("01009", near[1:]).details
    assert alone["suggestion"] == " Vouliez-vous dire « 01003 » (Là) ?" and "correction" not in alone


# What a column proves


def mended(root: Path, path: Path, name: str, ours: bool = False) -> Mended:
    dataset = next(known for known in read_catalogue(root)[0] if known.name == name)
    found = judge(path, dataset, root)
    return mend(found.table, found.problems, ours)


def write_column(root: Path, name: str, texts: Sequence[str]) -> int:
    """Writes the first cells of a column of the initiatives; gives its place."""
    path = root / INITIATIVES
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    place = rows[0].index(name)
    for row, text in zip(rows[1:], texts, strict=True):
        row[place] = text
    write_rows(path, rows)
    return place


def write_rows(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("numbers", "first"),
    [
        (["99%", "0.5", "1"], "99%"),
        (["99%", "0.5", "12"], "99"),  # one above 1: no parts of one
        (["99%", "0", "1"], "99"),  # 0 and 1 are as well percentages
    ],
)
def test_a_percent_sign_is_dropped_unless_the_column_is_made_of_parts(
    root: Path, numbers: list[str], first: str
) -> None:
    place = write_column(root, "budget", numbers)
    assert mended(root, root / INITIATIVES, "initiatives").rows[0][place] == first


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("lundi 3 janvier 2022", True),
        ("Lundi 3 janvier 2022", True),
        ("le 3 janvier 2022", True),
        ("3 janvier 2022", True),
        ("mardi 3 janvier 2022", False),  # it was a Monday
        ("dimanche 1er janvier 2022", False),  # a Saturday
        ("avant 3 janvier 2022", False),
    ],
)
def test_a_weekday_that_contradicts_its_date_makes_it_uncertain(root: Path, text: str, certain: bool) -> None:
    place = write_column(root, "debut", [text, "", ""])
    found = mended(root, root / INITIATIVES, "initiatives")
    assert (found.rows[0][place] != text, found.left == []) == (certain, certain)


# What a mending writes and drops


def test_a_swapped_point_is_written_whole_even_with_commas(root: Path) -> None:
    """Each cell has two corrections, its own point and the other's number: the second one is written."""
    case = ROOT / "tests" / "fixtures" / "problems" / "swapped-coordinates"
    for folder in ("datasets", "schemas"):
        shutil.copytree(case / folder, root / folder, dirs_exist_ok=True)
    path = root / "datasets" / "mairies.csv"
    header, first, *_ = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    cells = {"latitude": "7,3389", "longitude": "47,7494"}
    write_rows(path, [header, [cells.get(name, cell) for name, cell in zip(header, first, strict=True)]])
    (row,) = mended(root, path, "mairies").rows
    written = dict(zip(header, row, strict=True))
    assert (written["latitude"], written["longitude"]) == ("47.7494", "7.3389")


def test_keys_past_the_flood_are_left_to_a_person(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observatory.sheets.FLOOD", 3)
    rows = "".join(f'D01,couverture-fibre,{2000 + n}-Q3,"{n % 2},5"\n' for n in range(8))
    (root / FIBRE).write_text(HEADER + rows, encoding="utf-8")
    found = mended(root, root / FIBRE, "couverture_fibre")
    assert [row[0] for row in found.rows] == ["DEP-01"] * 3 + ["D01"] * 5
    assert [row[3] for row in found.rows] == ["0.5", "1.5"] * 4
    assert "many-more" in {entry.code for entry in found.left}


def with_column(root: Path, name: str, cells: Sequence[str]) -> Path:
    """The fibre with one more column after the others."""
    path = root / FIBRE
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))[: len(cells) + 1]
    write_rows(path, [[*row, cell] for row, cell in zip(rows, [name, *cells], strict=True)])
    return path


@pytest.mark.parametrize(
    ("name", "cells", "dropped"),
    [
        ("", ["", "", ""], True),
        ("", ["", "lu", ""], False),
        ("", ["lu", "lu", "lu"], False),
        ("obs_value", ["58", "61.5", "78"], True),
        ("obs_value", ["58", "61.5", "79"], False),
        ("obs_value", ["1", "2", "3"], False),
    ],
)
def test_a_column_that_says_anything_is_not_dropped(root: Path, name: str, cells: list[str], dropped: bool) -> None:
    found = mended(root, with_column(root, name, cells), "couverture_fibre")
    assert len(found.header) == (4 if dropped else 5)
    assert [row[4:] for row in found.rows] == [[] if dropped else [cell] for cell in cells]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(A1)", "'=HYPERLINK(A1)"),
        *[(f"{sign}cmd|' /C calc'!A0", f"'{sign}cmd|' /C calc'!A0") for sign in "=+-@\t＝＋－＠"],
        *[(text, text) for text in ("-", "-12.5", "+5", "1=2", "", "a@b", "Mulhouse")],
    ],
)
def test_the_list_of_corrections_runs_nothing(tmp_path: Path, text: str, written: str) -> None:
    write_changes([Change(2, None, "budget", text, text, text)], path := tmp_path / "corrections.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert [row[name] for name in ("avant", "apres", "raison")] == [written] * 3


# What an edition lost


@pytest.fixture(name="fibre", scope="module")
def read_fibre(tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, Gazetteer]:
    root = copy_site(tmp_path_factory.mktemp("editions") / "site")
    table = read_table(next(d for d in read_catalogue(root)[0] if d.name == "couverture_fibre"), root)
    return table, Gazetteer(Territories([], []), Path("absent.csv"))


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ([(0, 15), (0, 15)], False),
        ([(0, 15), (1, 15)], False),  # one territory, though more than a twentieth of them
        ([(0, 15), (2, 15)], True),
        ([(2, 15), (2, 15)], False),  # lost long ago
        ([(2, 15), (0, 15)], False),  # found again
    ],
)
def test_only_the_last_period_is_compared_with_the_one_before(
    fibre: tuple[Table, Gazetteer], kept: list[tuple[int, int]], told: bool
) -> None:
    table, places = fibre
    table.sheet.amend(lambda entry: None)
    periods = zip(("2019", "2020", "2021"), [(0, 15), *kept], strict=True)
    entries = [(f"DEP-{n:02}", time) for time, (first, last) in periods for n in range(first, last)]
    areas, times = zip(*entries, strict=True)
    rows, values = np.zeros(len(entries), dtype=int), np.full(len(entries), 5.0)
    report_lost_coverage(table, [Series("x", "obs_value", rows, encode(areas), encode(times), values)], places)
    assert [entry.code for entry in table.problems] == (["coverage-lost"] if told else [])
