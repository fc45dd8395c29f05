"""The forge's files: nothing untrusted is executed, every action is pinned, and the scripts do what they say."""

import fnmatch
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from repositories import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[0-9]*.yml"))
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")


def workflow(name: str) -> dict[str, Any]:
    """A workflow as YAML 1.2 reads it: `on` is a word."""
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in loaded.items()}


def steps(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in content["jobs"].values() for step in job.get("steps", ())]


def ids(path: Path) -> str:
    return path.name


def test_zizmor_finds_nothing() -> None:
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--collect=all", ".github"]
    done = subprocess.run([*command, ".pre-commit-config.yaml"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_zizmor_sees_a_planted_fault(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    (folder / "tests.yml").write_text(text.replace("run: bash .ci/run", "run: echo ${{ github.head_ref }}"), "utf-8")
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "template-injection" in done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=ids)
def test_every_action_is_pinned_by_its_commit(path: Path) -> None:
    content = workflow(path.stem)
    used = [step["uses"] for step in steps(content) if "uses" in step]
    assert [action for action in used if not PINNED.match(action)] == []
    called = [job["uses"] for job in content["jobs"].values() if "uses" in job]
    assert all((ROOT / name).is_file() for name in called)
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.search(r"uses: [^.]", line):
            assert re.search(r"# v\d+\.\d+\.\d+$", line)


def test_one_action_is_always_of_one_version() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, rest in re.findall(r"uses: ([\w./-]+)@(.+)", path.read_text(encoding="utf-8")):
            pins.setdefault(action, set()).add(rest)
    assert pins
    assert {action for action, found in pins.items() if len(found) > 1} == set()


@pytest.mark.parametrize("path", WORKFLOWS, ids=ids)
def test_no_workflow_gives_more_than_it_must(path: Path) -> None:
    content = workflow(path.stem)
    text = path.read_text(encoding="utf-8")
    assert "pull_request_target" not in content["on"]
    assert content["permissions"] == {}
    assert "secrets." not in text and "secrets: inherit" not in text
    for job in content["jobs"].values():
        assert isinstance(job["permissions"], dict)
        assert job.get("timeout-minutes") or "uses" in job
    assert all("${{" not in step.get("run", "") for step in steps(content))
    for step in steps(content):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_what_judges_a_contribution_cannot_write() -> None:
    for name in ("validation", "tests"):
        for job in workflow(name)["jobs"].values():
            assert job["permissions"] == {"contents": "read"}
    validation = steps(workflow("validation"))
    first = next(step for step in validation if "uses" in step)
    assert first["with"]["ref"] == "${{ inputs.base || github.event.pull_request.base.sha }}"
    assert "path" not in first["with"]


def test_what_may_write_takes_no_code() -> None:
    content = workflow("commentaire")
    assert list(content["on"]) == ["workflow_run"]
    names = {workflow(path.stem)["name"] for path in WORKFLOWS}
    assert set(content["on"]["workflow_run"]["workflows"]) <= names
    assert not any("checkout" in step.get("uses", "") for step in steps(content))
    assert content["jobs"]["commentaire"]["permissions"] == {"actions": "read", "pull-requests": "write"}


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_issue_forms_are_whole(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(form) == {"name", "description", "title", "labels", "body"}
    fields = [entry for entry in form["body"] if entry["type"] != "markdown"]
    names = [entry["id"] for entry in fields]
    assert len(names) == len(set(names)) > 0
    assert all(entry["attributes"]["label"] for entry in fields)
    assert any(entry.get("validations", {}).get("required") for entry in fields)


def test_issue_forms_cover_what_people_come_for() -> None:
    names = {yaml.safe_load(path.read_text(encoding="utf-8"))["name"] for path in TEMPLATES}
    assert names == {
        "Proposer un jeu de données",
        "Signaler une erreur dans un chiffre",
        "Proposer un indicateur",
        "Signaler un problème du site",
    }


def test_the_domains_offered_are_those_of_the_method() -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/3-indicateur.yml").read_text(encoding="utf-8"))
    offered = next(entry for entry in form["body"] if entry.get("id") == "domaine")["attributes"]["options"]
    files = (ROOT / "indicators").glob("*/index.yml")
    assert sorted(offered) == sorted(yaml.safe_load(path.read_text(encoding="utf-8"))["title"] for path in files)


def owners(path: str) -> list[str]:
    """Who reviews a file: the last line of CODEOWNERS that matches."""
    found: list[str] = []
    for line in (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines():
        pattern, *teams = line.split("#")[0].split() or [""]
        rule = pattern.lstrip("/")
        if pattern and (rule == "*" or fnmatch.fnmatch(path, rule) or (rule.endswith("/") and path.startswith(rule))):
            found = teams
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "datasets").iterdir()), ids=ids)
def test_every_dataset_has_a_family_that_reviews_it(path: Path) -> None:
    found = owners(f"datasets/{path.name}")
    assert found
    assert found != owners("datasets/inconnu.csv")


def test_every_line_of_codeowners_matches_something() -> None:
    for line in (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines():
        pattern = (line.split("#")[0].split() or ["*"])[0].lstrip("/")
        # contributions/ only exists in a contribution of the portal.
        assert pattern in ("*", "contributions/") or list(ROOT.glob(pattern.rstrip("/"))), pattern


def test_gitlab_judges_with_the_base_and_without_secret() -> None:
    text = (ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    job = content["validation"]
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"] == {"codequality": "revue/codequality.json"}
    commands = "\n".join(job["script"])
    assert "base/scripts/review.py" in commands and "make -C base build" in commands
    assert set(content["stages"]) == {entry["stage"] for entry in content.values() if "stage" in entry}
    assert set(re.findall(r"\$\{?([A-Z_]+)", text)) <= {
        "CI_PIPELINE_SOURCE",
        "CI_MERGE_REQUEST_PROJECT_URL",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        "CI_COMMIT_SHA",
        "CI_COMMIT_BRANCH",
        "CI_DEFAULT_BRANCH",
    }
