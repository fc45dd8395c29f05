"""The pack of attacks: each hostile contribution is refused in French, quickly, in little memory, without a trace.

A recipe of tests/attacks/ lays its attack over the tiny site; scripts/validate.py must refuse it with the code and the
words of the recipe, in less than 10 seconds and 500 MB, without network, writing nothing and without traceback.
"""

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
from repositories import ROOT, copy_site

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
