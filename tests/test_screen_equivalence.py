"""The screen and Frictionless alone give the same report, byte for byte, on thousands of drawn schemas and files.

FUZZ_EXAMPLES sets how many of each kind (make fuzz draws more), FUZZ_SEED which ones.
"""

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from screenings import Case, alone, cases, with_screen

from observatory import screen_columns, screen_files, screen_keys

# Each kind in several tests, which the processes of a run share.
PARTS = 5
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200")) // PARTS
SEED = int(os.environ.get("FUZZ_SEED") or random.randrange(1_000_000))
KINDS = {
    "odd files": {},
    "ordinary files with keys": {"hostile": 1, "odd": False},
    "ordinary files full of traps": {"hostile": 5, "odd": False, "keys": False},
    "nearly valid files": {"hostile": 0, "odd": False},
}
drawn = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# Frictionless warns of what it deprecates in some of the drawn schemas.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def cramped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks, dictionaries and sorts so small that even these files need several."""
    monkeypatch.setattr(screen_files, "BLOCK", 1024)
    monkeypatch.setattr(screen_columns, "MEMORY", 12)
    monkeypatch.setattr(screen_keys, "PART", 50)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", KINDS)
def test_reports_are_the_same(tmp_path: Path, kind: str, part: int) -> None:
    @seed(SEED * PARTS + part)
    @drawn
    @given(case=cases(**KINDS[kind]))
    def same(case: Case) -> None:
        note(f"FUZZ_SEED={SEED}")
        assert with_screen(case, tmp_path)[0] == alone(case, tmp_path)

    same()
