"""Contributions reach the outbox whole or not at all, and nowhere else: a folder, or a branch of a real bare remote."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from observatory.outbox import (
    FolderOutbox,
    Outbox,
    OutboxFault,
    Read,
    Step,
    Story,
    Taken,
    initial_status,
    new_reference,
    read_story,
    reference_of,
)
from observatory.outbox_branch import MAIL, BranchOutbox, GitFault

DAY = date(2026, 11, 23)
REFERENCE = "20261123-abcdefghjk"
PUBLISHED = "ref_area,obs_value\nDEP-68,1\n"
HOSTILE = [
    *("../main.csv", "/etc/passwd", "datasets/../x.csv", ".git/config", "datasets/.git", "a b.csv", "--upload-pack.md"),
    *("datasets/x.csv\n", "datasets/sub/x.csv", "report.md/../../x.md", "é.md", "", "datasets/x"),
]


def git(*arguments: str, cwd: Path) -> str:
    identity = ["-c", "user.name=Essai", "-c", "user.email=essai@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def compose(read: Read) -> dict[str, bytes]:
    """The published table with one more row, and what is said of it."""
    table = (read("datasets/x.csv") or "") + "DEP-75,2\n"
    return {
        "datasets/x.csv": table.encode(),
        "declaration.yml": b"organisation: Essai\n",
        "status.yml": initial_status(DAY),
    }


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout of the project, whose remote `origin` is a real bare repository beside it."""
    checkout = tmp_path / "checkout"
    git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "remote.git"), cwd=tmp_path)
    git("clone", "--quiet", str(tmp_path / "remote.git"), str(checkout), cwd=tmp_path)
    (checkout / "datasets").mkdir()
    (checkout / "datasets" / "x.csv").write_text(PUBLISHED)
    (checkout / "README.md").write_text("L’observatoire\n")
    git("add", ".", cwd=checkout)
    git("commit", "--quiet", "-m", "Premier", cwd=checkout)
    git("push", "--quiet", "origin", "HEAD:main", cwd=checkout)
    return checkout


@pytest.fixture
def branch(clone: Path) -> BranchOutbox:
    return BranchOutbox("origin", clone)


@pytest.fixture(params=["folder", "branch"])
def outbox(request: pytest.FixtureRequest, clone: Path, tmp_path: Path) -> Outbox:
    return FolderOutbox(tmp_path / "depot", clone) if request.param == "folder" else BranchOutbox("origin", clone)


def course(outbox: Outbox, reference: str) -> list[Step] | None:
    """What happened to the contribution, step by step; None when it is not there."""
    story = outbox.story(reference)
    return story.steps if story else None


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_references_are_dated_unguessable_and_read_as_people_copy_them() -> None:
    drawn = {new_reference(DAY) for _ in range(500)}
    assert len(drawn) == 500 and all(reference_of(text) == text for text in drawn)
    assert reference_of(" 20261123-ABCDEFGHJK ") == REFERENCE
    wrong = (
        "",
        "../x",
        "20261123-abc",
        f"{REFERENCE}/..",
        "20261123-abcdefghj1",
        f"../../x{REFERENCE}",
        f"x{REFERENCE}",
    )
    assert [reference_of(text) for text in wrong] == [None] * len(wrong)


def test_contribution_is_delivered_and_followed(outbox: Outbox) -> None:
    assert course(outbox, REFERENCE) is None
    outbox.deliver(REFERENCE, compose, "Contribution d’essai")
    steps = course(outbox, REFERENCE)
    assert steps is not None
    assert [(s.state, s.date) for s in steps[:2]] == [("received", "2026-11-23"), ("checked", "2026-11-23")]


def test_same_reference_is_refused_and_the_first_one_stays(outbox: Outbox) -> None:
    outbox.deliver(REFERENCE, compose, "Première")
    with pytest.raises(Taken):
        outbox.deliver(REFERENCE, lambda read: {"declaration.yml": b"autre\n", "status.yml": b""}, "Seconde")
    steps = course(outbox, REFERENCE)
    assert steps is not None and steps[0] == Step("received", "2026-11-23")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_cannot_escape(outbox: Outbox, name: str, tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    with pytest.raises(ValueError, match="nom de fichier"):
        outbox.deliver(REFERENCE, lambda read: {name: b"x"}, "Essai")
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "reference",
    [
        "..",
        "../../x",
        "main",
        f"{REFERENCE}/..",
        "",
        "20261123-ABCDEFGHJK",
        "-x",
        f"../../x{REFERENCE}",
        f"x{REFERENCE}",
    ],
)
def test_hostile_reference_cannot_escape(outbox: Outbox, reference: str, tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    for act in (lambda: outbox.deliver(reference, compose, "Essai"), lambda: course(outbox, reference)):
        with pytest.raises(ValueError, match="référence"):
            act()
    assert snapshot(tmp_path) == before


def test_concurrent_sends_do_not_collide(outbox: Outbox) -> None:
    references = [new_reference(DAY) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda reference: outbox.deliver(reference, compose, f"Contribution {reference}"), references))
    assert all(course(outbox, reference) for reference in references)


def test_folder_is_whole_or_absent(clone: Path, tmp_path: Path) -> None:
    outbox = FolderOutbox(tmp_path / "depot", clone)
    (tmp_path / "depot").write_text("un fichier à la place du dossier")
    with pytest.raises(OutboxFault, match="réessayez"):
        outbox.deliver(REFERENCE, compose, "Essai")
    (tmp_path / "depot").unlink()
    outbox.deliver(REFERENCE, compose, "Essai")
    assert list(snapshot(tmp_path / "depot")) == [
        f"{REFERENCE}/{name}" for name in ("datasets/x.csv", "declaration.yml", "status.yml")
    ]
    assert (tmp_path / "depot" / REFERENCE / "datasets" / "x.csv").read_text() == PUBLISHED + "DEP-75,2\n"


def test_branch_holds_the_bundle_and_main_is_untouched(branch: BranchOutbox, clone: Path) -> None:
    (clone / "README.md").write_text("Un travail en cours\n")
    before = snapshot(clone)
    main = git("ls-remote", "origin", "refs/heads/main", cwd=clone)
    branch.deliver(REFERENCE, compose, "Contribution : été\n\nSource : essai")
    assert snapshot(clone) == before
    assert git("ls-remote", "origin", "refs/heads/main", cwd=clone) == main
    git("fetch", "--quiet", "origin", cwd=clone)
    pushed = f"origin/contribution/{REFERENCE}"
    assert git("diff", "--name-only", "origin/main", pushed, cwd=clone).splitlines() == [
        f"contributions/{REFERENCE}/declaration.yml",
        f"contributions/{REFERENCE}/status.yml",
        "datasets/x.csv",
    ]
    assert git("show", f"{pushed}:datasets/x.csv", cwd=clone) == PUBLISHED + "DEP-75,2"
    assert git("log", "--format=%an %ae %cn %s", f"origin/main..{pushed}", cwd=clone) == (
        f"Observatoire (contributions) {MAIL} Observatoire (contributions) Contribution : été"
    )
    git("fsck", "--strict", cwd=clone)


def test_branch_starts_from_what_main_is_now(branch: BranchOutbox, clone: Path) -> None:
    (clone / "datasets" / "x.csv").write_text(PUBLISHED + "DEP-01,9\n")
    git("commit", "--quiet", "-am", "Second", cwd=clone)
    git("push", "--quiet", "origin", "HEAD:main", cwd=clone)
    git("reset", "--quiet", "--hard", "HEAD~1", cwd=clone)
    branch.deliver(REFERENCE, compose, "Essai")
    git("fetch", "--quiet", "origin", cwd=clone)
    assert "DEP-01,9" in git("show", f"origin/contribution/{REFERENCE}:datasets/x.csv", cwd=clone)


@pytest.mark.parametrize("merge", ["--no-ff", "--squash"])
def test_merge_publishes(branch: BranchOutbox, clone: Path, merge: str) -> None:
    branch.deliver(REFERENCE, compose, "Essai")
    assert [s.state for s in course(branch, REFERENCE) or []] == ["received", "checked", "review"]
    git("fetch", "--quiet", "origin", cwd=clone)
    git("merge", "--quiet", merge, f"origin/contribution/{REFERENCE}", cwd=clone)
    if merge == "--squash":
        git("commit", "--quiet", "-m", "Essai", cwd=clone)
    git("push", "--quiet", "origin", "HEAD:main", cwd=clone)
    git("push", "--quiet", "origin", f":contribution/{REFERENCE}", cwd=clone)
    steps = course(branch, REFERENCE) or []
    assert [s.state for s in steps] == ["received", "checked", "review", "published"]
    assert steps[-1].date == git("log", "-1", "--format=%cs", cwd=clone)


def test_publication_that_the_team_wrote_is_said_once(branch: BranchOutbox, clone: Path) -> None:
    branch.deliver(REFERENCE, compose, "Essai")
    git("fetch", "--quiet", "origin", cwd=clone)
    git("merge", "--quiet", "--no-ff", f"origin/contribution/{REFERENCE}", cwd=clone)
    with (clone / "contributions" / REFERENCE / "status.yml").open("a") as stream:
        stream.write('- {state: published, date: "2026-12-01"}\n')
    git("commit", "--quiet", "-am", "Publication", cwd=clone)
    git("push", "--quiet", "origin", "HEAD:main", cwd=clone)
    said = [step for step in course(branch, REFERENCE) or [] if step.state == "published"]
    assert said == [Step("published", "2026-12-01")]


def test_git_variables_of_the_server_lead_nowhere_else(
    branch: BranchOutbox, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server started by a git hook has them: neither its repository nor its index is ours."""
    with monkeypatch.context() as patch:
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"):
            patch.setenv(name, str(tmp_path / "ailleurs"))
        branch.deliver(REFERENCE, compose, "Essai")
        assert course(branch, REFERENCE)
    assert not (tmp_path / "ailleurs").exists()
    assert git("ls-remote", "origin", f"refs/heads/contribution/{REFERENCE}", cwd=clone)


def test_team_declines_with_a_reason(branch: BranchOutbox, clone: Path) -> None:
    branch.deliver(REFERENCE, compose, "Essai")
    git("fetch", "--quiet", "origin", cwd=clone)
    git("checkout", "--quiet", f"contribution/{REFERENCE}", cwd=clone)
    status = clone / "contributions" / REFERENCE / "status.yml"
    with status.open("a") as stream:
        stream.write('- {state: declined, date: "2026-11-30", reason: "Autre période."}\n')
    git("commit", "--quiet", "-am", "Refus", cwd=clone)
    git("push", "--quiet", "origin", "HEAD", cwd=clone)
    assert (course(branch, REFERENCE) or [])[-1] == Step("declined", "2026-11-30", "Autre période.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "texte",
        "- {state: lost, date: '2026-11-23'}",
        "- {state: received}",
        "- [1]",
        "- {state: received, date: demain}",
        "a: [",
    ],
)
def test_status_that_cannot_be_read_leaves_a_story_to_complete(text: str) -> None:
    assert read_story(text, None) == Story([], whole=False)


@pytest.mark.parametrize("wrong", ["- {state: lost, date: 2026-12-02}\n", "- {state: published, date\n", "- {a: [\n"])
def test_steps_that_can_be_read_are_told_though_another_is_not(wrong: str) -> None:
    story = read_story(initial_status(DAY).decode() + wrong, "dataset: x\nrows: 3\nreceived: 2026-11-23\n")
    assert [step.state for step in story.steps] == ["received", "checked"] and not story.whole
    assert (story.dataset, story.rows, story.received) == ("x", 3, "2026-11-23")


def test_steps_are_told_in_order_of_time() -> None:
    days = {"published": "2026-12-01", "received": "2026-11-23", "checked": "2026-11-23"}
    text = "".join(f"- {{state: {state}, date: {day}}}\n" for state, day in days.items())
    assert [step.state for step in read_story(text, None).steps] == ["received", "checked", "published"]


@pytest.mark.parametrize("remote", ["--upload-pack=touch x", "", "ext::sh -c 'touch /tmp/x'", "/nulle/part"])
def test_remote_that_git_refuses_is_told_without_its_address(
    remote: str, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GitFault) as caught:
        BranchOutbox(remote, clone).deliver(REFERENCE, compose, "Essai")
    assert "ne répond pas" in str(caught.value) and (not remote or remote not in str(caught.value))
    assert capsys.readouterr().err


def test_a_full_folder_takes_nothing_more(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observatory.outbox.MOST", 1)
    outbox = FolderOutbox(tmp_path / "depot", clone)
    outbox.deliver(REFERENCE, compose, "Essai")
    with pytest.raises(OutboxFault, match="pleine"):
        outbox.deliver("20261123-abcdefghjm", compose, "Essai")
    assert [path.name for path in (tmp_path / "depot").iterdir()] == [REFERENCE]


def test_a_forge_that_takes_push_options_is_asked_to_open_the_request(clone: Path, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    git("config", "receive.advertisePushOptions", "true", cwd=remote)
    hook = remote / "hooks" / "post-receive"
    hook.write_text('#!/bin/sh\nprintf "%s\\n" "$GIT_PUSH_OPTION_0" "$GIT_PUSH_OPTION_1" > options\n', encoding="utf-8")
    hook.chmod(0o755)
    BranchOutbox("origin", clone).deliver(REFERENCE, compose, "Contribution à « x »\n\nReçue par le portail.")
    options = (remote / "options").read_text(encoding="utf-8").splitlines()
    assert options == ["merge_request.create", "merge_request.title=Contribution à « x »"]
