"""Editions of the method: closed as files, computed again beside the current one, and not to be touched."""

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from repositories import ROOT, copy_site, edit

from observatory.database import build
from observatory.framework import read_framework
from observatory.frozen import Closed, differences, freeze, read_editions
from observatory.model import Framework, UncertaintyPlan
from observatory.validation import validate

INDEX = "indicators/index.yml"
FIBRE = "indicators/infrastructures/couverture-fibre.yml"


def framework_of(root: Path) -> Framework:
    framework, problems = read_framework(root)
    assert framework is not None, problems
    return framework


@pytest.fixture(name="later")
def open_another_edition(root: Path) -> Path:
    """A site whose edition 2024.1 is closed, and whose current one weighs and bounds the fibre otherwise."""
    freeze(root)
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.2"\ndraft: true')
    edit(root / INDEX, "comparable_with: []", 'comparable_with: ["2024.1"]')
    edit(root / INDEX, "gate: {below: 1}\n", "")
    edit(root / FIBRE, "weight: 2", "weight: 1")
    edit(root / FIBRE, "  low: 0", "  low: 50")
    return root


def test_a_closed_edition_is_read_as_it_was(root: Path) -> None:
    before = framework_of(root)
    path = freeze(root)
    assert path == root / "indicators/editions/2024.1.yml" and validate(root) == []
    now = framework_of(root)
    assert read_editions(root) == [now] and (before.draft, now.draft, now.method) == (True, False, before.method)
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.2"')
    closed, current = read_editions(root)
    assert (closed.edition, current.edition) == ("2024.1", "2024.2")
    assert closed.method == before.method and closed.sha256 == before.sha256 == current.sha256
    assert [i.code for i in closed.scored] == [i.code for i in before.scored]


def test_a_closed_edition_keeps_its_rules_when_the_tree_changes(later: Path) -> None:
    assert validate(later) == []
    closed, current = read_editions(later)
    one, other = (e.indicator("couverture-fibre") for e in (closed, current))
    assert one and other and (one.weight, one.low, other.weight, other.low) == (2, 0, 1, 50)
    assert closed.gate and current.gate is None and closed.sha256 != current.sha256
    found = list(differences(closed.method, current.method))
    fibre = "domains.infrastructures.indicators.couverture-fibre"
    assert found == [f"{fibre}.low", f"{fibre}.weight", "gate"]


def test_an_indicator_scored_no_more_stays_scored_in_the_edition_that_scored_it(later: Path) -> None:
    path = later / "indicators/infrastructures/eligibilite-1-gbits.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key in ("weight", "goalposts", "thresholds", "max_age"):
        del content[key]
    content |= {"status": "context", "reason": "Cet indicateur décrit une situation trop ancienne pour être noté."}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert validate(later) == []
    closed, current = read_editions(later)
    assert {i.code for i in closed.scored} - {i.code for i in current.scored} == {"eligibilite-1-gbits"}


def test_less_is_better_survives_the_closing(root: Path) -> None:
    edit(root / FIBRE, "direction: higher", "direction: lower")
    edit(root / FIBRE, "thresholds: [40, 60, 80, 95]", "thresholds: [95, 80, 60, 40]")
    freeze(root)
    edit(root / FIBRE, "direction: lower", "direction: higher")
    edit(root / FIBRE, "thresholds: [95, 80, 60, 40]", "thresholds: [40, 60, 80, 95]")
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.2"')
    closed = read_editions(root)[0].indicator("couverture-fibre")
    assert closed and (closed.direction, closed.low, closed.high) == ("lower", 100, 0)
    assert closed.details["thresholds"] == [95, 80, 60, 40]


def test_a_fingerprint_depends_on_the_method_alone(root: Path) -> None:
    before = framework_of(root).sha256
    edit(root / INDEX, "title: Indice", "title: Nouvel indice")
    edit(root / INDEX, "runs: 64", "runs: 512")
    edit(root / FIBRE, "weight: 2", "weight: 2.0")
    assert framework_of(root).sha256 == before
    assert replace(framework_of(root), min_domains=1).sha256 != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (INDEX, "aggregation: arithmetic", "aggregation: geometric"),
        (INDEX, "floor: 1", "floor: 2"),
        (INDEX, "index: 2/3", "index: 3/4"),
        (INDEX, "domain: 1/2", "domain: 2/3"),
        (INDEX, "min_domains: 2", "min_domains: 1"),
        (INDEX, "threshold: 40", "threshold: 45"),
        (INDEX, "gate: {below: 1}", "gate: {below: 1, domains: [mediation]}"),
        (INDEX, "gate: {below: 1}", "gate: {below: 2}"),
        (INDEX, 'time_period: "2024"', 'time_period: "2025"'),
        (FIBRE, "weight: 2", "weight: 3"),
        (FIBRE, "  high: 100", "  high: 90"),
        (FIBRE, "thresholds: [40,", "thresholds: [30,"),
        (FIBRE, "levels: [DEP, REG]", "levels: [DEP]"),
        (FIBRE, "max_age: 3", "max_age: 2"),
        ("indicators/mediation/index.yml", "weight: 1", "weight: 2"),
    ],
)
def test_nothing_that_changes_a_score_changes_without_a_new_number(root: Path, file: str, old: str, new: str) -> None:
    freeze(root)
    edit(root / file, old, new)
    assert "edition-changed" in {problem.code for problem in validate(root)}


def test_an_edition_is_frozen_or_says_that_it_is_a_draft(root: Path) -> None:
    edit(root / INDEX, "draft: true\n", "")
    assert [p.code for p in validate(root)] == ["edition-unfrozen"]
    freeze(root)
    assert validate(root) == []
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.2"')
    assert [p.code for p in validate(root)] == ["edition-unfrozen"]
    edit(root / INDEX, 'edition: "2024.2"', 'edition: "2024.2"\ndraft: true')
    assert validate(root) == []


def test_a_frozen_edition_is_not_made_a_draft_again(root: Path) -> None:
    freeze(root)
    edit(root / INDEX, 'edition: "2024.1"', 'edition: "2024.1"\ndraft: true')
    (found,) = validate(root)
    assert found.code == "edition-changed" and "(draft)" in found.message


@pytest.mark.parametrize("gone", ["2024.1.yml", "published.txt"])
def test_what_was_published_is_not_taken_away(later: Path, gone: str) -> None:
    edit(later / INDEX, 'comparable_with: ["2024.1"]', "comparable_with: []")
    assert validate(later) == []
    (later / "indicators/editions" / gone).unlink()
    (found,) = validate(later)
    assert found.code == "edition-missing" and gone in found.message
    if gone == "2024.1.yml":
        edit(later / INDEX, 'edition: "2024.2"\ndraft: true', 'edition: "2024.1"')
        with pytest.raises(Closed):
            freeze(later)


def test_a_closed_edition_is_not_closed_twice(root: Path) -> None:
    freeze(root)
    with pytest.raises(Closed, match="l'édition 2024.1 est déjà figée"):
        freeze(root)


def test_the_command_closes_the_edition_or_says_why_not(root: Path) -> None:
    command = [sys.executable, ROOT / "scripts" / "edition.py", "--root", root]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=False) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 1)
    assert "indicators/editions/2024.1.yml écrit" in first.stdout and "déjà figée" in second.stderr


def test_editions_of_an_invalid_method_are_not_computed(later: Path) -> None:
    edit(later / "indicators/editions/2024.1.yml", "min_domains: 2", "min_domains: beaucoup")
    with pytest.raises(ValueError, match="beaucoup"):
        read_editions(later)
    edit(later / INDEX, "min_domains: 2", "min_domains: beaucoup")
    with pytest.raises(ValueError, match="beaucoup"):
        read_editions(later)


def test_a_build_scores_every_edition(later: Path, tmp_path: Path) -> None:
    alone = copy_site(tmp_path / "alone")
    for root in (later, alone):
        build(root, root / "donnees.db", lambda step, seconds: None)
    db = sqlite3.connect(later / "donnees.db")
    rows = "select * from scores where edition = '2024.1' order by node, ref_area"
    assert db.execute(rows).fetchall() == sqlite3.connect(alone / "donnees.db").execute(rows).fetchall()
    assert {row[0] for row in db.execute("select distinct edition from scores")} == {"2024.1", "2024.2"}
    fields = "edition, current, draft, comparable_with, gate, length(sha256)"
    assert db.execute(f"select {fields} from method order by edition").fetchall() == [  # noqa: S608
        ("2024.1", 0, 0, "[]", 1, 64),
        ("2024.2", 1, 1, json.dumps(["2024.1"]), None, 64),
    ]
    shown = {row[0] for row in db.execute("select distinct edition from node_scores union select edition from ranking")}
    assert shown == {"2024.2"}
    assert db.execute("select count(*), count(distinct domain) from domain_levels").fetchone() == (10, 2)


def test_the_editions_of_the_repository() -> None:
    editions = read_editions(ROOT)
    assert [e.edition for e in editions] == sorted(e.edition for e in editions)
    assert editions[0].edition == "2026.1" and editions[0].gate is None
    assert editions[0].sha256 == "f1d378ed6cf6a6210ac2f03b895cd542dacd2d1ab7fe2e37fc2f4347009991d0"
    assert editions[-1].uncertainty == UncertaintyPlan()
    assert not editions[-1].draft and len({e.edition for e in editions}) == len(editions)
    assert all(len(domain.levels) == 5 for domain in editions[-1].domains)
