"""The folder tree `indicators/` is read whole or not at all, and says why."""

import json
import shutil
from pathlib import Path

import pytest
from repositories import copy_site, edit

from observatory.framework import read_framework
from observatory.score_cells import index_tree
from observatory.scoring_aggregate import MEANS
from observatory.validation import validate

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


INDEX, FIBRE = "index.yml", "infrastructures/couverture-fibre.yml"
LAST_LEVEL = "  - level: 5\n    name: Exemplaire\n    threshold: 80\n"


@pytest.mark.parametrize(
    ("file", "change", "code", "said"),
    [
        (
            INDEX,
            ("aggregation: arithmetic\n", "aggregation: moyenne\n"),
            "key-invalid",
            "arithmetic, geometric ou harm",
        ),
        (INDEX, ("aggregation: arithmetic\n", "aggregation: {domain: arithmetic}\n"), "key-invalid", "celle de chacun"),
        (INDEX, ("aggregation: arithmetic\n", "aggregation: geometric\nx: 1\n"), "key-unknown", "« x »"),
        (INDEX, ("  index: 2/3", "  index: 3/2"), "key-invalid", "une fraction comme 2/3"),
        (INDEX, ("  index: 2/3", "  index: 1.5"), "key-invalid", "un nombre de 0 à 1"),
        (INDEX, ("  weights: 0.25", "  weights: .inf"), "key-invalid", "attendu : un nombre fini. Corrigez la valeur."),
        (INDEX, ("    threshold: 0\n", "    threshold: zéro\n"), "key-invalid", "un nombre. Retirez"),
        (INDEX, ("scale: [0, 100]", "scale: [100, 0]"), "key-invalid", "« 100 » n'est pas accepté ; attendu : « 0 »"),
        (INDEX, ("scale: [0, 100]", "scale: [0, 10]"), "key-invalid", "« 10 » n'est pas accepté ; attendu : « 100 »"),
        (INDEX, ("min_domains: 2", "min_domains: 3"), "min-domains-too-many", "Écrivez au plus 2"),
        (INDEX, ("  weights: 0.25", "  weights: 1.0"), "key-invalid", "plus petit que 1"),
        (INDEX, ("  runs: 64", "  runs: 1000"), "key-invalid", "« 512 » ou « 1024 »"),
        (INDEX, ("[goalposts, minmax", "[goalposts, rang"), "key-invalid", "« minmax »"),
        (INDEX, ('edition: "2024.1"', 'edition: "2024.12"'), "key-invalid", "de 1 à 9"),
        (INDEX, ("gate: {below: 1}", "gate: {below: 5}"), "key-invalid", "d'au plus 4"),
        (INDEX, ("gate: {below: 1}", "gate: {below: 1, domains: [medition]}"), "unknown-node", "« mediation » ?"),
        (INDEX, ("gate: {below: 1}", "gate: {below: 1, domains: [couverture-fibre]}"), "unknown-node", "mediation."),
        (INDEX, ("    threshold: 0\n", "    threshold: 5\n"), "levels-disordered", "attendu : 0."),
        (INDEX, ("    threshold: 60\n", "    threshold: 30\n"), "levels-disordered", "plus de 40."),
        (INDEX, ("    threshold: 60\n", "    threshold: .nan\n"), "key-invalid", "« .nan »"),
        (INDEX, ("  - level: 4\n", "  - level: 3\n"), "levels-disordered", "le niveau 4."),
        (INDEX, (LAST_LEVEL, LAST_LEVEL.replace("80", "60")), "levels-disordered", "plus de 60."),
        (FIBRE, ("weight: 2", "weight: 0"), "key-invalid", "plus grand que 0"),
        (FIBRE, ("weight: 2", "weight: -1"), "key-invalid", "plus grand que 0"),
        (FIBRE, ("weight: 2", "weight: .inf"), "key-invalid", "attendu : un nombre fini. Corrigez la valeur."),
        (FIBRE, ("weight: 2", "weight: 1.0e999"), "key-invalid", "un nombre fini. Corrigez"),
        (FIBRE, ("  low: 0", "  low: 100"), "goalposts-reversed", "low: 100"),
        (FIBRE, ("  low: 0", "  low: .nan"), "key-invalid", "« .nan » n'est pas accepté ; attendu : un nombre fini."),
        (FIBRE, ("  high: 100", "  high: -.inf"), "key-invalid", "« -.inf »"),
        (FIBRE, ("thresholds: [40, 60, 80, 95]", "thresholds: [95, 80, 60, 40]"), "thresholds-disordered", "petit au"),
        (FIBRE, ("thresholds: [40, 60, 80, 95]", "thresholds: [40, 60, 80, .inf]"), "key-invalid", "« .inf »"),
        ("mediation/index.yml", ("weight: 1", "weight: -1"), "key-invalid", "plus grand que 0"),
    ],
)
def test_what_cannot_be_computed_is_said_in_french_before_the_build(
    tmp_path: Path, file: str, change: tuple[str, str], code: str, said: str
) -> None:
    root = copy_site(tmp_path / "site")
    edit(root / "indicators" / file, *change)
    found = [p for p in validate(root) if p.file == f"indicators/{file}"]
    assert code in {p.code for p in found}
    assert said in " ".join(p.sentence.replace("\u00a0", " ") for p in found)


def test_faults_of_form_hide_none_of_sense(tmp_path: Path) -> None:
    root = copy_site(tmp_path / "site")
    index, folder = root / "indicators" / INDEX, root / "indicators" / "editions"
    edit(index, "title: Indice", "titre: Indice")
    edit(index, "    threshold: 40\n", "    threshold: 10\n")
    edit(index, "    threshold: 80\n", "    threshold: .nan\n")
    edit(index, "min_domains: 2", "min_domains: 9")
    edit(index, "gate: {below: 1}", "gate: {below: 9, domains: [medition]}")
    edit(index, "aggregation: arithmetic\nfloor: 1\n", "aggregation: harmonic\n")
    edit(index, "comparable_with: []", 'comparable_with: ["2023.1"]')
    edit(index, "draft: true\n", "")
    folder.mkdir()
    (folder / "2023.2.yml").write_text("edition: 2023.2\n", encoding="utf-8")
    (root / "indicators/mediation/index.yml").unlink()
    edit(root / "indicators" / FIBRE, "  low: 0", "  low: 100")
    assert {p.code for p in validate(root)} == {
        *("key-unknown", "key-invalid", "key-missing", "levels-disordered", "min-domains-too-many", "unknown-node"),
        *("floor-missing", "unknown-edition", "edition-unfrozen", "edition-missing", "missing-framework-file"),
        "goalposts-reversed",
    }


@pytest.mark.parametrize("written", ["geometric", "{domain: harmonic, index: arithmetic}"])
def test_a_mean_that_refuses_zero_needs_a_floor(tmp_path: Path, written: str) -> None:
    root = copy_site(tmp_path / "site")
    edit(root / "indicators/index.yml", "aggregation: arithmetic\nfloor: 1\n", f"aggregation: {written}\n")
    edit(root / "indicators/index.yml", "[arithmetic, geometric, ampi]", "[arithmetic]")
    assert [(p.code, p.column) for p in validate(root)] == [("floor-missing", "aggregation")]


@pytest.mark.parametrize(("copy", "home"), [("mediation", "infrastructures"), ("index", "")])
def test_a_node_is_known_by_its_code_alone(tmp_path: Path, copy: str, home: str) -> None:
    root = copy_site(tmp_path / "site")
    if home:
        shutil.copy(root / "indicators" / FIBRE, root / "indicators" / home / f"{copy}.yml")
    else:
        shutil.copytree(root / "indicators" / "mediation", root / "indicators" / copy)
    assert "duplicate-indicator" in {p.code for p in validate(root)}


def test_each_choice_of_a_file_is_one_that_the_engine_knows() -> None:
    schema = json.loads((ROOT / "schemas" / "index.jsonschema.json").read_text(encoding="utf-8"))["properties"]
    assert set(schema["aggregation"]["anyOf"][0]["enum"]) <= set(MEANS)


def test_the_tree_of_an_edition_has_its_scored_domains_only() -> None:
    framework, _ = read_framework(ROOT)
    assert framework is not None
    tree = index_tree(framework)
    assert tree.names[: tree.leaves] == tuple(i.code for i in framework.scored)
    assert {tree.heights[tree.names.index(i.domain)] for i in framework.scored} == {1}
    assert tree.names[-1] == "index" and tree.heights[-1] == 2
    assert tree.effective_weights[: tree.leaves].sum() == pytest.approx(1, abs=1e-12)
