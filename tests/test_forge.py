"""The forge's scripts run as it runs them: what they refuse, what they write, and that they execute nothing given."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from repositories import ROOT, copy_site, edit
from test_workflows import steps, workflow

from observatory.database import build

MARKER = "<!-- observatoire:revue -->"
HEAD = "a" * 40


def script(name: str, step: str) -> str:
    """The commands of a step, which GitHub runs with bash -e -o pipefail."""
    return next(s["run"] for s in steps(workflow(name)) if s["name"] == step)


def bash(commands: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    command = ["bash", "-e", "-o", "pipefail", "-c", commands]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=essai", "-c", "user.email=essai@example.invalid", "-c", "core.hooksPath=/dev/null"]
    return subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


GH = """#!{python}
import os, sys
sys.stdout.reconfigure(encoding="utf-8")
with open(os.environ["LOG"], "a", encoding="utf-8") as log:
    log.write(" ".join(sys.argv[1:]).replace(chr(10), " ").partition("@")[0] + chr(10))
for word in sys.argv[1:]:
    if word.startswith("body=@"):
        os.link(word[6:], os.environ["BODY"] + str(len(open(os.environ["LOG"]).readlines())))
text = " ".join(sys.argv[1:])
if "--method" in text and "--method GET" not in text:
    print("7" if "/pulls " in text else "")
elif "/files" in text:
    print(os.environ.get("CHANGED", "datasets/x.csv"))
elif "/comments" in text:
    print(os.environ.get("COMMENT", ""))
elif "state=open" in text:
    print(os.environ.get("OPENED", ""))
else:
    print(os.environ["ASKED"])
"""


@pytest.fixture
def forge(tmp_path: Path) -> dict[str, str]:
    """What the trusted workflow sees, with a `gh` that writes down what it is asked."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(GH.format(python=sys.executable), encoding="utf-8")
    (tools / "gh").chmod(0o755)
    folder = tmp_path / "revue"
    folder.mkdir()
    (folder / "numero").write_text("12\n", encoding="utf-8")
    (folder / "revue.md").write_text(f"{MARKER}\n\n## Revue\n", encoding="utf-8")
    (tmp_path / "log").touch()
    return {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "LOG": str(tmp_path / "log"),
        "BODY": str(tmp_path / "body"),
        "TMPDIR": str(tmp_path),
        "FOLDER": str(folder),
        "REPOSITORY": "observatoire/observatoire",
        "JUDGED": HEAD,
        "ASKED": f"{HEAD} open",
        "FOOTER": "voir [cette exécution](https://forge.example/runs/1)",
        "MARKER": MARKER,
    }


def comment(forge: dict[str, str], tmp_path: Path) -> tuple[int, str, list[str]]:
    done = bash(script("commentaire", "Écrire le commentaire"), tmp_path, **forge)
    asked = Path(forge["LOG"]).read_text(encoding="utf-8").splitlines()
    return done.returncode, done.stdout, [line for line in asked if "--method" in line]


def test_the_comment_is_written_once_then_brought_up_to_date(forge: dict[str, str], tmp_path: Path) -> None:
    code, _, wrote = comment(forge, tmp_path)
    assert code == 0
    assert wrote == ["api --silent --method POST repos/observatoire/observatoire/issues/12/comments --field body="]
    (body,) = [path.read_text(encoding="utf-8") for path in tmp_path.glob("body[0-9]*")]
    assert body.startswith(f"{MARKER}\n\n## Revue\n")
    assert "[cette exécution](https://forge.example/runs/1)" in body
    code, _, wrote = comment({**forge, "COMMENT": "345\n678"}, tmp_path)
    assert code == 0
    assert wrote[-1] == "api --silent --method PATCH repos/observatoire/observatoire/issues/comments/345 --field body="


@pytest.mark.parametrize(
    "number",
    ["0", "", "-1", "12; rm -rf /", "$(id)", "1/../../issues/1", "1e3", "12\n13", "9" * 11, "x" * 100_000],
)
def test_a_number_that_is_not_one_is_refused(forge: dict[str, str], tmp_path: Path, number: str) -> None:
    (Path(forge["FOLDER"]) / "numero").write_text(number, encoding="utf-8")
    code, said, wrote = comment(forge, tmp_path)
    assert (code, wrote) == (1, [])
    assert "::error title=Revue refusée::" in said
    assert not Path(forge["LOG"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("asked", [f"{'b' * 40} open", f"{HEAD} closed", ""])
def test_another_request_than_the_one_judged_is_refused(forge: dict[str, str], tmp_path: Path, asked: str) -> None:
    code, said, wrote = comment({**forge, "ASKED": asked}, tmp_path)
    assert (code, wrote) == (1, [])
    assert "n’est pas celle qui a été jugée" in said


@pytest.mark.parametrize(
    "text, why",
    [
        ("## Revue sans marque\n", "sa marque"),
        (f"{MARKER}\n" + "é" * 65_300, "ne tient pas"),
        (f"{MARKER}\n" + "x" * 260_000, "trop long"),
    ],
    ids=["no-mark", "characters", "bytes"],
)
def test_a_review_that_is_not_one_is_refused(forge: dict[str, str], tmp_path: Path, text: str, why: str) -> None:
    (Path(forge["FOLDER"]) / "revue.md").write_text(text, encoding="utf-8")
    code, said, wrote = comment(forge, tmp_path)
    assert (code, wrote) == (1, [])
    assert why in said


@pytest.mark.parametrize("changed", [".github/workflows/validation.yml", "datasets/x.csv\n.github/CODEOWNERS"])
def test_a_request_that_changes_the_checks_gets_no_comment(forge: dict[str, str], tmp_path: Path, changed: str) -> None:
    code, said, wrote = comment({**forge, "CHANGED": changed}, tmp_path)
    assert (code, wrote) == (1, [])
    assert "se relit à la main" in said


@pytest.mark.parametrize("name", ["numero", "revue.md"])
def test_a_link_or_a_missing_file_is_refused(forge: dict[str, str], tmp_path: Path, name: str) -> None:
    path = Path(forge["FOLDER"]) / name
    kept = path.rename(tmp_path / "kept")
    assert comment(forge, tmp_path)[0] == 1
    path.symlink_to(kept)
    code, said, wrote = comment(forge, tmp_path)
    assert (code, wrote) == (1, [])
    assert f"{name} manque ou n’est pas un fichier" in said


def opened(forge: dict[str, str], tmp_path: Path, branch: str, **variables: str) -> tuple[int, str, str]:
    output = tmp_path / "output"
    output.touch()
    given = {**forge, "OWNER": "observatoire", "BASE": "main", "BRANCH": branch, "GITHUB_OUTPUT": str(output)}
    done = bash(script("contribution", "Ouvrir la demande de fusion"), tmp_path, **{**given, **variables})
    return done.returncode, Path(forge["LOG"]).read_text(encoding="utf-8"), output.read_text(encoding="utf-8")


def test_a_branch_of_the_portal_becomes_a_request(forge: dict[str, str], tmp_path: Path) -> None:
    code, asked, output = opened(forge, tmp_path, "contribution/2026-11-23-k7f3")
    assert code == 0
    assert "--method POST repos/observatoire/observatoire/pulls -f title=Contribution 2026-11-23-k7f3" in asked
    assert output == "number=7\n"
    assert "contributions/2026-11-23-k7f3/" in (tmp_path / "body.md").read_text(encoding="utf-8")


def test_a_request_already_open_is_kept(forge: dict[str, str], tmp_path: Path) -> None:
    code, asked, output = opened(forge, tmp_path, "contribution/2026-11-23-k7f3", OPENED="31")
    assert (code, output) == (0, "number=31\n")
    assert "POST" not in asked


@pytest.mark.parametrize("branch", ["contribution/$(id)", "contribution/a b", "contribution/../main", "contribution/"])
def test_a_branch_with_another_name_is_refused(forge: dict[str, str], tmp_path: Path, branch: str) -> None:
    code, asked, output = opened(forge, tmp_path, branch)
    assert (code, asked, output) == (1, "", "")


def install(folder: Path) -> Path:
    """What make would have installed: the Python of these tests."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return python


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The base as the forge's machine has it: code, data, database and Python; no line of the contribution."""
    base = copy_site(tmp_path / "base")
    shutil.copytree(ROOT / "scripts", base / "scripts")
    (base / ".github").mkdir()
    shutil.copy(ROOT / ".github" / "apercu.txt", base / ".github")
    (base / ".gitignore").write_text(".venv/\ndonnees.db\n", encoding="utf-8")
    git(base, "init", "--quiet", "--initial-branch=main")
    git(base, "add", "--all")
    git(base, "commit", "--quiet", "--message=base")
    install(base)
    build(base, base / "donnees.db", lambda step, seconds: None)
    return base


def contribution(base: Path, old: str, new: str) -> None:
    """A checkout of a contribution in `contribution/`, which would also change the validator and the script."""
    head = base / "contribution"
    git(base, "clone", "--quiet", str(base), str(head))
    edit(head / "datasets" / "couverture_fibre.csv", old, new)
    (head / "scripts" / "review.py").write_text("raise SystemExit('exécuté')\n", encoding="utf-8")
    git(head, "commit", "--quiet", "--all", "--message=contribution")


def revue(base: Path, tmp_path: Path) -> tuple[subprocess.CompletedProcess[str], str, str]:
    summary, output = tmp_path / "summary.md", tmp_path / "output"
    variables = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output), "NUMBER": "12"}
    paths = {"PYTHONPATH": str(ROOT), "VIRTUAL_ENV": sys.prefix}
    done = bash(script("validation", "Revue"), base, **variables, **paths)
    return done, *(path.read_text(encoding="utf-8") if path.exists() else "" for path in (summary, output))


def test_a_good_contribution_on_the_forge(checkout: Path, tmp_path: Path) -> None:
    contribution(checkout, "2022-Q3,61.5", "2022-Q3,63")
    done, summary, output = revue(checkout, tmp_path)
    assert done.returncode == 0, done.stderr
    assert summary.startswith(MARKER)
    assert "Publiable" in summary
    assert "scripts/review.py" in summary  # told, and not run
    assert "exécuté" not in done.stdout + done.stderr
    assert output == "code=0\n"
    assert (checkout / "revue" / "numero").read_text(encoding="utf-8") == "12\n"
    assert {path.name for path in (checkout / "apercu").iterdir()} == {"donnees.db", "revue.html", "apercu.txt"}
    assert bash(script("validation", "Verdict"), checkout, CODE="0").returncode == 0


def test_a_faulty_contribution_on_the_forge(checkout: Path, tmp_path: Path) -> None:
    contribution(checkout, "2022-Q3,61.5", "2022-Q3,soixante")
    done, summary, output = revue(checkout, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Non publiable" in summary
    assert output == "code=1\n"
    assert "::error file=datasets/couverture_fibre.csv,line=3" in done.stdout
    assert list((checkout / "apercu").iterdir()) == []
    assert bash(script("validation", "Verdict"), checkout, CODE="1").returncode == 1


def test_the_commands_of_gitlab_review_a_branch(checkout: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    git(tmp_path, "clone", "--quiet", str(checkout), str(work))
    edit(work / "datasets" / "couverture_fibre.csv", "2022-Q3,61.5", "2022-Q3,63")
    git(work, "commit", "--quiet", "--all", "--message=contribution")
    job = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))["validation"]
    commands = "\n".join(job["script"])
    # Installation is make's own; here the machine is ready.
    ready = f"mkdir -p base/.venv && cp -r {checkout}/.venv/bin base/.venv/ && cp {checkout}/donnees.db base/"
    commands = commands.replace("make -C base build", ready)
    remote = tmp_path / "remote"
    (tmp_path / "remote.git").symlink_to(checkout / ".git")
    done = bash(
        commands,
        work,
        CI_MERGE_REQUEST_PROJECT_URL=str(remote),
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
        CI_COMMIT_SHA=git(work, "rev-parse", "HEAD"),
        PYTHONPATH=str(ROOT),
    )
    assert done.returncode == 0, done.stderr
    assert "Publiable" in done.stdout
    assert (work / "revue" / "codequality.json").read_text(encoding="utf-8") == "[]\n"


def hook(files: list[str], root: Path) -> subprocess.CompletedProcess[str]:
    """What pre-commit runs, on the files that the hook's own pattern keeps."""
    entry = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"][0]
    kept = [name for name in files if re.search(entry["files"], name)]
    command = [sys.executable, *entry["entry"].split()[1:], *kept]
    return subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )


FILES = ["README.md", "datasets/couverture_fibre.csv", "datasets/couverture_fibre.resource.yaml", "codelists/units.csv"]


def test_the_hook_of_pre_commit_judges_what_changes(checkout: Path) -> None:
    done = hook(FILES, checkout)
    assert done.returncode == 0, done.stdout
    edit(checkout / "datasets" / "couverture_fibre.csv", "2022-Q3,61.5", "2022-Q3,soixante")
    done = hook(FILES, checkout)
    assert done.returncode == 1
    assert "datasets/couverture_fibre.csv:3: obs_value:" in done.stdout


def test_the_hook_of_git_alone_does_the_same(checkout: Path) -> None:
    shutil.copytree(ROOT / ".githooks", checkout / ".githooks")
    edit(checkout / "datasets" / "couverture_fibre.csv", "2022-Q3,61.5", "2022-Q3,soixante")
    variables = {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    nothing = bash(".githooks/pre-commit", checkout, **variables)
    assert (nothing.returncode, nothing.stdout) == (0, "")
    git(checkout, "add", "datasets")
    refused = bash(".githooks/pre-commit", checkout, **variables)
    assert refused.returncode == 1
    assert "datasets/couverture_fibre.csv:3: obs_value:" in refused.stdout
