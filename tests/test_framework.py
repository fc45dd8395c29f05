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
