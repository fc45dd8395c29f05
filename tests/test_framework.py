"""The folder tree `indicators/` is read whole or not at all, and says why."""

from pathlib import Path

import pytest
from repositories import copy_site

from observatory.framework import read_framework

ROOT = Path(__file__).resolve().parent.parent


def test_the_nine_domains_are_read_in_order() -> None:
    framework, problems = read_framework(ROOT)
    assert framework is not None and problems == []
    assert [d.position for d in framework.domains] == list(range(1, 10))
    assert framework.bands == [20, 40, 60, 80]
    assert all(i.status == "active" for i in framework.scored)


@pytest.mark.parametrize("file", ["index.yml", "mediation/index.yml", "mediation/france-services-100000.yml"])
def test_an_unknown_key_is_a_problem_not_a_crash(tmp_path: Path, file: str) -> None:
    root = copy_site(tmp_path / "site")
    path = root / "indicators" / file
    path.write_text(path.read_text(encoding="utf-8") + "\npoids_inconnu: 1\n", encoding="utf-8")
    framework, problems = read_framework(root)
    assert framework is None
    assert [(p.code, p.file) for p in problems] == [("key-unknown", f"indicators/{file}")]


def test_less_is_better_reverses_the_goalposts(tmp_path: Path) -> None:
    root = copy_site(tmp_path / "site")
    path = root / "indicators" / "infrastructures" / "couverture-fibre.yml"
    text = path.read_text(encoding="utf-8").replace("direction: higher", "direction: lower")
    thresholds = next(line for line in text.splitlines() if line.startswith("thresholds:"))
    path.write_text(text.replace(thresholds, "thresholds: [95, 80, 60, 40]"), encoding="utf-8")
    framework, problems = read_framework(root)
    assert framework is not None, problems
    indicator = framework.indicator("couverture-fibre")
    assert indicator is not None and (indicator.low, indicator.high) == (100, 0)
