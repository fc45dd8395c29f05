"""What a column proves is found once, however many cells ask."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from repositories import ELIGIBILITY, FIBRE, HEADER

from observatory import dates, figures
from observatory.validation import validate


def test_a_column_of_commas_is_read_a_bounded_number_of_times(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'DEP-68,couverture-fibre,{1990 + n // 4}-Q{n % 4 + 1},"{n + 1},{n + 100}"' for n in range(200)]
    (root / FIBRE).write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    asked: list[str] = []
    true = figures.COMMA
    counting = SimpleNamespace(fullmatch=lambda text: asked.append(text) or true.fullmatch(text))
    monkeypatch.setattr(figures, "COMMA", counting)
    found = [entry for entry in validate(root) if entry.column == "obs_value"]
    assert len(found) == 200
    assert len(asked) < 10 * len(found)


def test_a_date_that_proves_the_order_is_sought_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / "datasets/initiatives.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("debut")
    assert rows and place > 0
    days = [f"{day:02}/{month:02}/{year}" for year in (2020, 2021) for month in range(1, 13) for day in range(1, 13)]
    lines = [
        ",".join([f"i{n}", *[""] * (place - 1), day, *[""] * (header.count(",") - place)]) for n, day in enumerate(days)
    ]
    path.write_text("\n".join([header, *lines, lines[0].replace("i0", "z").replace("01/01/2020", "31/12/2020")]) + "\n")
    asked: list[str] = []
    true = dates.both_orders
    monkeypatch.setattr(dates, "both_orders", lambda text: asked.append(text) or true(text))
    found = [entry for entry in validate(root) if entry.column == "debut"]
    assert len(found) == len(days) + 1
    assert all(entry.correction for entry in found)
    assert len(asked) < 10 * len(found)


def test_spaces_around_a_number_are_told_as_spaces(root: Path) -> None:
    path = root / ELIGIBILITY
    text = path.read_text(encoding="utf-8").replace("6700,0", "6700, 0 ")
    path.write_text(text, encoding="utf-8")
    (found,) = validate(root)
    assert (found.code, found.correction) == ("surrounding-spaces", "0")
