"""The screen and Frictionless alone give the same report, byte for byte, on thousands of drawn schemas and files.

FUZZ_EXAMPLES sets how many of each kind (make fuzz draws more).
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from screenings import Case, alone, cases, with_screen

from observatory import screen_columns, screen_files, screen_keys

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "500"))
drawn = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
# Frictionless warns of what it deprecates in some of the drawn schemas.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def cramped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks, dictionaries and sorts so small that even these files need several."""
    monkeypatch.setattr(screen_files, "BLOCK", 1024)
    monkeypatch.setattr(screen_columns, "MEMORY", 12)
    monkeypatch.setattr(screen_keys, "PART", 50)


def same(case: Case, folder: Path) -> None:
    assert with_screen(case, folder)[0] == alone(case, folder)


@drawn
@given(case=cases())
def test_reports_are_the_same_on_odd_files(tmp_path: Path, case: Case) -> None:
    same(case, tmp_path)


@drawn
@given(case=cases(hostile=1, odd=False))
def test_reports_are_the_same_on_ordinary_files_with_keys(tmp_path: Path, case: Case) -> None:
    same(case, tmp_path)


@drawn
@given(case=cases(hostile=5, odd=False, keys=False))
def test_reports_are_the_same_on_ordinary_files_full_of_traps(tmp_path: Path, case: Case) -> None:
    same(case, tmp_path)


@drawn
@given(case=cases(hostile=0, odd=False))
def test_reports_are_the_same_on_nearly_valid_files(tmp_path: Path, case: Case) -> None:
    same(case, tmp_path)
