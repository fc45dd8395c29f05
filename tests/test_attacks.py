"""The pack of attacks: each hostile contribution is refused in French, quickly, in little memory, without a trace.

A recipe of tests/attacks/ lays its attack over the tiny site; scripts/validate.py must refuse it with the code and the
words of the recipe, in less than 10 seconds and 500 MB, without network, writing nothing and without traceback.
"""

import html
import importlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attacks.recipes import ATTACKS, Attack
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import ROOT, SITE, copy_site

from observatory.confined import confined
from observatory.validation import validate
from observatory.yamlfiles import read_document

SECONDS, MEGABYTES = 10, 500

for recipes in sorted((ROOT / "tests" / "attacks").glob("*.py")):
    importlib.import_module(f"attacks.{recipes.stem}")


@pytest.fixture(name="run", scope="session")
def start_server() -> Iterator[Any]:
    """Runs validate.py with these arguments, from that home; answers what it cost."""
    command = [sys.executable, str(ROOT / "tests" / "attacked.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout
        entry, answers = server.stdin, server.stdout

        def run(arguments: list[str], home: Path, told: Path) -> Any:
            entry.write(json.dumps({"arguments": arguments, "home": str(home), "told": str(told)}) + "\n")
            entry.flush()
            return json.loads(answers.readline())

        yield run
        entry.close()


def snapshot(folder: Path) -> dict[str, tuple[int, ...]]:
    """Every entry of the folder, with what a writing would change."""
    found = {}
    for path in folder.rglob("*"):
        seen = os.lstat(path)
        found[str(path)] = seen.st_mode, seen.st_size, 0 if stat.S_ISDIR(seen.st_mode) else seen.st_mtime_ns
    return found


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_is_refused(attack: Attack, run: Any, tmp_path: Path) -> None:
    around, home, told = tmp_path / "around", tmp_path / "home", tmp_path / "told"
    for folder in (around, home, told):
        folder.mkdir()
    root = copy_site(around / "site")
    arguments = attack.build(root) or []
    before = snapshot(around), snapshot(home)
    answer = run(["--root", str(root), "--format", "json", *arguments], home, told)
    complaint = (told / "stderr").read_text(encoding="utf-8")
    assert complaint == ""
    assert answer["code"] == 1
    assert answer["seconds"] < SECONDS and answer["megabytes"] < MEGABYTES, answer
    assert (told / "audit").read_text(encoding="utf-8") == ""
    assert (snapshot(around), snapshot(home)) == before
    report = (told / "stdout").read_text(encoding="utf-8").translate({0xA0: " ", 0x202F: " "})
    found = [entry for entry in json.loads(report)["problems"] if attack.code in ("", entry["code"])]
    said = [f"{entry['message']} {entry['mending']}" for entry in found if attack.file in (None, entry["file"])]
    assert any(attack.says in sentence for sentence in said), report[:3_000]
    assert not [sign for sign in "\x1b\x07\u202e\u2066" if sign in report]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(["..", "//", "é"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
DESCRIBED = read_document(SITE / "datasets/eligibilite_fixe.resource.yaml", SITE).value


@pytest.fixture(name="tiny", scope="module")
def tiny_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A valid repository whose descriptors the property below rewrites."""
    return copy_site(tmp_path_factory.mktemp("tiny") / "site")


@given(key=st.sampled_from([*DESCRIBED, "dialect", "accepted", "autre"]), value=VALUES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_descriptor_holds_is_explained(tiny: Path, key: str, value: object) -> None:
    path = tiny / "datasets/eligibilite_fixe.resource.yaml"
    path.write_text(json.dumps({**DESCRIBED, key: value}), encoding="utf-8")
    for entry in validate(tiny, [path]):
        assert entry.sentence and entry.file


@pytest.mark.parametrize("name", ["zip_bomb", "xlsx_billion_laughs", "ods_of_hidden_rows", "code_that_is_a_path"])
def test_the_counter_of_the_portal_refuses_it_too(name: str, tmp_path: Path) -> None:
    root = copy_site(tmp_path / "site")
    attack = next(attack for attack in ATTACKS if attack.name == name)
    path = Path(list(attack.build(root) or [])[-1])
    what = {"root": root, "dataset": "couverture_fibre", "path": path, "name": path.name, "today": "2026-11-23"}
    payload = {name: str(value) for name, value in what.items()}
    report = confined("observatory.contributions:examine", payload, SECONDS, MEGABYTES)
    assert report["errors"] > 0
    assert attack.says in html.unescape(report["report"])


def test_the_pack_is_whole() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names)) > 100
    unclaimed = [attack.name for attack in ATTACKS if not attack.code]
    assert len(unclaimed) < 10


def test_the_harness_sees_what_a_run_tries(run: Any, tmp_path: Path) -> None:
    for name in ("home", "told"):
        (tmp_path / name).mkdir()
    answer = run(["--root", str(tmp_path / "nulle part"), "--option-inconnue"], tmp_path / "home", tmp_path / "told")
    assert answer["code"] == 2
    assert (tmp_path / "told" / "stderr").read_text(encoding="utf-8").startswith("Erreur")
