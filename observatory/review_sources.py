"""The two states that a review compares: git revisions or folders, of which files are only ever read as data.

Nothing of a contribution is checked out: links are never followed, paths are checked, sizes are bounded.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from observatory.decoding import MAX_BYTES
from observatory.french import number

FILE, LINK = "file", "link"
MODES = {"100644": FILE, "100755": FILE, "120000": LINK}
# What a build reads, and nothing else of the base.
INPUTS = ("datasets", "indicators", "codelists", "schemas")
IGNORED = frozenset({".git", ".venv", "build", "donnees.db", "__pycache__"})
MAX_FILES = 400
SECONDS = 120


class UnknownSource(Exception):
    """Neither a git revision of the repository nor a folder; the message says so, in French."""


@dataclass(frozen=True)
class Entry:
    """A file of a state: what it is (file, link or something else), its git hash and its size in bytes."""

    kind: str
    blob: str
    size: int


@dataclass(frozen=True)
class Change:
    """A path that the contribution adds, changes or removes; `clash` when the base changed it too, meanwhile."""

    path: str
    before: Entry | None
    after: Entry | None
    clash: bool = False


class Source(Protocol):
    """A state of the repository."""

    label: str

    def entries(self) -> dict[str, Entry]:
        """Every file by its path, which is always relative to the root and written with slashes."""

    def read(self, path: str, entry: Entry) -> bytes:
        """The bytes of a file of `entries()`."""


class Revision:
    """A commit of a git repository, read from its objects."""

    def __init__(self, repository: Path, commit: str) -> None:
        self.repository = repository
        self.commit = commit
        self.label = commit[:12]

    def entries(self) -> dict[str, Entry]:
        """The tree of the commit."""
        found = {}
        for line in git(self.repository, "ls-tree", "-r", "-z", "-l", "--full-tree", self.commit).split(b"\0"):
            if line:
                facts, _, path = line.partition(b"\t")
                mode, _, blob, size = facts.decode("ascii").split()
                kind = MODES.get(mode, "other")
                found[os.fsdecode(path)] = Entry(kind, blob, 0 if size == "-" else int(size))
        return found

    def read(self, path: str, entry: Entry) -> bytes:
        """The blob, whatever its path is."""
        return git(self.repository, "cat-file", "blob", entry.blob)


class Folder:
    """A folder as it stands, without what git ignores when it is a repository."""

    label = "dossier de travail"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> dict[str, Entry]:
        """Its files; a link is one, and is not followed."""
        return {path: self._entry(self.folder / path) for path in sorted(self._paths())}

    def _paths(self) -> Iterator[str]:
        if (self.folder / ".git").exists():
            listed = git(self.folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")
            yield from (path for name in listed if name and os.path.lexists(self.folder / (path := os.fsdecode(name))))
            return
        for home, folders, files in os.walk(self.folder):
            links = [name for name in folders if (Path(home) / name).is_symlink()]
            folders[:] = sorted(name for name in folders if name not in IGNORED and name not in links)
            yield from (
                (Path(home) / name).relative_to(self.folder).as_posix()
                for name in (*files, *links)
                if name not in IGNORED
            )

    def _entry(self, path: Path) -> Entry:
        if path.is_symlink():
            return Entry(LINK, f"link:{path.readlink()}", 0)
        if not path.is_file():
            return Entry("other", "", 0)
        size = path.stat().st_size
        head = f"blob {size}\0".encode()
        with path.open("rb") as stream:
            return Entry(FILE, _sha1(head, stream.read()) if size <= MAX_BYTES else f"size:{size}", size)

    def read(self, path: str, entry: Entry) -> bytes:
        """The file's bytes."""
        return (self.folder / path).read_bytes()


def _sha1(head: bytes, content: bytes) -> str:
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def git(repository: Path, *words: str) -> bytes:
    """What git answers in that repository, without its hooks, filters, pager nor questions."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-C", str(repository), *words]
    return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=SECONDS).stdout


def source(root: Path, text: str) -> Source:
    """The state that `text` names: a revision of the repository at `root`, else a folder."""
    try:
        commit = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}")
        return Revision(root, commit.decode("ascii").strip())
    except (subprocess.CalledProcessError, OSError):
        if text and (Path(text) / "datasets").is_dir():
            return Folder(Path(text))
    raise UnknownSource(f"« {text} » n'est ni une révision git de ce dépôt, ni un dossier qui contient datasets/.")


def changes(base: Source, head: Source) -> list[Change]:
    """What `head` changes of `base`, by path; of two revisions, only what head did since they parted."""
    old, new = base.entries(), head.entries()
    origin = _origin(base, head)
    parted = origin.entries() if origin else old
    return [
        Change(path, old.get(path), new.get(path), clash=old.get(path) != parted.get(path))
        for path in sorted(old.keys() | new.keys() | parted.keys())
        if new.get(path) != parted.get(path) and new.get(path) != old.get(path)
    ]


def _origin(base: Source, head: Source) -> Source | None:
    """The commit from which two revisions parted, or None when they share no history that is known here."""
    if not isinstance(base, Revision) or not isinstance(head, Revision):
        return None
    try:
        found = git(base.repository, "merge-base", base.commit, head.commit).decode("ascii").split()
    except subprocess.CalledProcessError:
        return None
    return Revision(base.repository, found[0])


def refusal(change: Change) -> str | None:
    """Why a changed file of datasets/ cannot even be read, in French; None when it can."""
    entry, path = change.after, PurePosixPath(change.path)
    if entry is None:
        return None
    if entry.kind == LINK:
        return "c'est un lien vers un autre fichier ; un jeu de données contient lui-même ses lignes"
    if entry.kind != FILE:
        return "ce n'est pas un fichier"
    if len(path.parts) != 2 or path.name in (".", "..") or "\\" in change.path:
        return "datasets/ n'a pas de sous-dossier ; placez le fichier directement dans datasets/"
    if not change.path.isprintable() or not path.name.endswith((".csv", ".resource.yaml", ".resource.yml")):
        return "seuls un CSV et son descripteur (.resource.yaml) ont leur place dans datasets/"
    if entry.size > MAX_BYTES:
        size, limit = number(entry.size / 1e6), number(MAX_BYTES / 1e6)
        return f"il pèse {size} Mo ; la limite est {limit} Mo"
    return None


def lay_out(base: Source, target: Path, folders: tuple[str, ...] = INPUTS) -> None:
    """Write at `target` the files of some folders of the base, which is trusted."""
    for path, entry in base.entries().items():
        if entry.kind == FILE and path.startswith(tuple(f"{folder}/" for folder in folders)):
            _write(target / path, base.read(path, entry))


def overlay(head: Source, contributed: Mapping[str, Entry | None], target: Path) -> None:
    """Write or remove at `target` the contributed files of datasets/, which `refusal` has let through."""
    for path, entry in contributed.items():
        if entry is None:
            (target / path).unlink(missing_ok=True)
        else:
            _write(target / path, head.read(path, entry))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
