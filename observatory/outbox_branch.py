"""Hands a contribution to the project's git remote as the branch `contribution/<reference>`, for its CI to open.

The commit is built in a repository of its own, temporary and bare: neither the files nor the index of any checkout are
touched, and two contributions sent at once share nothing. The files of the dataset take their place in the tree; what
is said of them goes to contributions/<reference>/.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from observatory.languages import kept
from observatory.outbox import REFERENCE, Compose, OutboxFault, Step, Story, Taken, checked_names, read_story

NAME = "Observatoire (contributions)"
MAIL = "contributions@observatoire.invalid"  # a mailbox that cannot exist: no one's address is in the history
IDENTITY = {
    f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in (("NAME", NAME), ("EMAIL", MAIL))
}
SECONDS = 60
UNREACHABLE = kept(
    "Le dépôt du projet ne répond pas ; votre contribution n’a pas été envoyée. Réessayez dans un moment."
)


class GitFault(OutboxFault):
    """Git refused; `said` is its own complaint, for the operator only (it may name the remote)."""

    def __init__(self, said: str) -> None:
        super().__init__(UNREACHABLE)
        self.said = said


def _git(folder: Path, *arguments: str, given: bytes = b"", **variables: str) -> bytes:
    """What the git command answers in that folder; GitFault when it fails or takes too long."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **IDENTITY, **variables}
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, input=given, env=environment, capture_output=True, timeout=SECONDS, check=False
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise GitFault(f"git {arguments[0]}: {error}") from error
    if done.returncode:
        raise GitFault(f"git {arguments[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout


class Clone:
    """A temporary bare repository of the remote, without the contents of files until they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """What the git command answers, on one line."""
        return self._bytes(*arguments, given=given).decode("utf-8").strip()

    def text(self, commit: str, name: str) -> str | None:
        """The file of that commit; None when it has none of that name."""
        if not self.git("ls-tree", commit, "--", name):
            return None
        return self._bytes("cat-file", "blob", f"{commit}:{name}").decode("utf-8")

    def _bytes(self, *arguments: str, given: bytes = b"") -> bytes:
        places = {"GIT_DIR": str(self.folder / "git"), "GIT_INDEX_FILE": str(self.folder / "index")}
        return _git(self.folder, *arguments, given=given, **places)

    def commit(self, parent: str, files: Mapping[str, bytes], message: str) -> str:
        """The commit that adds the files to its parent's tree."""
        self.git("read-tree", parent)
        for name, content in files.items():
            blob = self.git("hash-object", "-w", "--stdin", given=content)
            self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
        tree = self.git("write-tree", "--missing-ok")
        return self.git("commit-tree", tree, "-p", parent, "-F", "-", given=message.encode())


def _push(clone: Clone, branch: str, message: str) -> None:
    """Pushes without force, so that git itself refuses a branch that appeared since; GitLab opens the merge request."""
    title = message.splitlines()[0]
    options = ("-o", "merge_request.create", "-o", f"merge_request.title={title}")
    try:
        clone.git("push", "--quiet", *options, "origin", branch)
    except GitFault as fault:
        if "push options" not in fault.said:
            raise
        clone.git("push", "--quiet", "origin", branch)  # a forge without push options: a workflow opens the request


class BranchOutbox:
    """The branches contribution/* of a remote: its address, or its name in the repository at `root`."""

    def __init__(self, remote: str, root: Path) -> None:
        self.remote = remote
        self.root = root

    def deliver(self, reference: str, compose: Compose, message: str) -> None:
        """Pushes the branch, from the remote's main branch as it is now."""
        _check(reference)
        with self._clone() as clone:
            clone.git("fetch", "--quiet", "--no-tags", "--depth=1", "--filter=blob:none", "origin", "HEAD")
            base = clone.git("rev-parse", "FETCH_HEAD")
            files = checked_names(compose(lambda name: clone.text(base, name)))
            placed = {_place(name, reference): content for name, content in files.items()}
            commit = clone.commit(base, placed, message)
            if clone.git("ls-remote", "origin", f"refs/heads/contribution/{reference}"):
                raise Taken(reference)
            _push(clone, f"{commit}:refs/heads/contribution/{reference}", message)

    def story(self, reference: str) -> Story | None:
        """Its status.yml, then what the branches say: it is there (under review), it is in main (published)."""
        _check(reference)
        with self._clone() as clone:
            branch = f"refs/heads/contribution/{reference}"
            open_ = bool(clone.git("ls-remote", "origin", branch))
            wanted = ["HEAD:refs/main", *([f"{branch}:refs/branch"] if open_ else [])]
            clone.git("fetch", "--quiet", "--no-tags", "--filter=blob:none", "origin", *wanted)
            status = _place("status.yml", reference)
            published = clone.text("refs/main", status)
            # What the team wrote last wins: on the branch while it is open, in main once it is merged.
            text = published or (clone.text("refs/branch", status) if open_ else None)
            if text is None:
                return None
            declaration = clone.text("refs/main" if published else "refs/branch", _place("declaration.yml", reference))
            story = read_story(text, declaration)
            steps, states = story.steps, {step.state for step in story.steps}
            if steps and not states & {"review", "published", "declined"}:
                steps.append(Step("review", steps[-1].date))
            if published and not states & {"published", "declined"}:
                day = clone.git("log", "-1", "--first-parent", "--format=%cs", "refs/main", "--", status)
                steps.append(Step("published", day))
            return story

    @contextmanager
    def _clone(self) -> Iterator[Clone]:
        with tempfile.TemporaryDirectory(prefix="contribution-") as folder:
            clone = Clone(Path(folder))
            try:
                clone.git("init", "--quiet", "--bare")
                clone.git("remote", "add", "origin", self._address())
                yield clone
            except GitFault as fault:
                print(fault.said, file=sys.stderr)  # noqa: T201 (the operator's log)
                raise

    def _address(self) -> str:
        """The remote's address: as given, or as the repository at `root` knows it."""
        if not self.remote or self.remote.startswith("-"):
            raise GitFault(f"adresse de dépôt refusée : {self.remote!r}")
        if "/" in self.remote or ":" in self.remote:
            local = self.root / self.remote
            return str(local.resolve()) if local.is_dir() else self.remote
        return _git(self.root, "remote", "get-url", self.remote).decode("utf-8").strip()


def _check(reference: str) -> None:
    if not REFERENCE.fullmatch(reference):
        raise ValueError(f"« {reference} » n’est pas une référence de contribution")


def _place(name: str, reference: str) -> str:
    return name if name.startswith("datasets/") else f"contributions/{reference}/{name}"
