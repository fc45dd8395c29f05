"""Reports of problems: GitHub's commands cannot be forged, JSON holds all, the summary counts."""

import json
import re
from pathlib import Path

import pytest
from repositories import FIBRE, edit

from observatory.problems import Problem
from observatory.reports import github_report, json_report, summary
from observatory.validation import validate

# Reports


def test_github_escapes_properties_and_text() -> None:
    entry = Problem("missing-value", "error", "50 %\nde « a:b »", "d/x,y:1.csv", 3, "c", position=7)
    assert github_report([entry]).splitlines()[0] == (
        "::error file=d/x%2Cy%3A1.csv,line=3,col=7,title=Valeur obligatoire absente::c: 50 %25%0Ade « a:b »"
    )


def test_github_command_cannot_be_forged(root: Path) -> None:
    edit(root / FIBRE, ",97\n", ',"x\n::error::forged%0A"\n')
    report = github_report(validate(root, [root / FIBRE]))
    assert "« x⏎::error::forged%250A »" in report
    assert not re.search(r"^::error::", report, re.M)


def test_json_holds_every_field(root: Path) -> None:
    edit(root / FIBRE, ",97\n", ",\n")
    report = json.loads(json_report(validate(root)))
    assert (report["valid"], report["errors"], report["warnings"]) == (False, 1, 0)
    (entry,) = report["problems"]
    assert (entry["file"], entry["line"], entry["column"], entry["title"]) == (
        FIBRE, 8, "obs_value", "Valeur obligatoire absente",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], "Tout est en ordre."),
        (["info"], "1 information dans 1 fichier. Rien n'empêche la publication."),
        (
            ["error", "error", "warning"],
            "2 erreurs et 1 avertissement dans 1 fichier. Chaque problème est expliqué dans docs/problems.md.",
        ),
    ],
)
def test_summary(kinds: list[str], expected: str) -> None:
    found = [Problem("missing-value", severity, "m", "x.csv") for severity in kinds]
    assert summary(found).replace("\u202f", " ").replace("\u00a0", " ") == expected
