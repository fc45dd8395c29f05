"""Published editions: folders of editions/ whose every byte is known, and the proof that none of them changed.

An edition is its `edition.json`, and the files that it names. SHA256SUMS holds the sums of all of them; the
edition.json of the next edition holds the sum of that SHA256SUMS, and published.txt the sum of each: to change one byte
of what was published, all that came after would have to be changed too, in sight of whoever reviews.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER, PUBLISHED = "editions", "published.txt"
ABOUT, SUMS, CHANGELOG, URLS = "edition.json", "SHA256SUMS", "CHANGELOG.md", "urls.txt.gz"
VERSION = re.compile(r"(\d{4}\.\d+)(?:\.([1-9]\d*))?")
LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
# What may join an edition after it is closed.
SIGNATURE = f"{SUMS}.sig"


@dataclass(frozen=True)
class Release:
    """A published edition: its folder, and what its edition.json says (an empty dict when it cannot be read)."""

    folder: Path

    @property
    def version(self) -> str:
        """Its number: that of the edition of the method, and which publication of it when there were several."""
        return self.folder.name

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """What edition.json says."""
        try:
            found = json.loads((self.folder / ABOUT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def sums(self) -> dict[str, str]:
        """Path → SHA-256 of every file, from SHA256SUMS; nothing of a line that is not one."""
        try:
            lines = (self.folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return {}
        return {found[2]: found[1] for line in lines if (found := LINE.fullmatch(line))}

    @property
    def files(self) -> Sequence[Mapping[str, Any]]:
        """Every file but edition.json and SHA256SUMS: path, bytes, sha256, and whether the repository keeps it."""
        return self.about.get("files") or []

    def has(self, path: str) -> bool:
        """Whether that file of the edition is on this machine."""
        return (self.folder / path).is_file()

    @property
    def absent(self) -> list[str]:
        """The heavy files that are not on this machine."""
        return [file["path"] for file in self.files if not file["committed"] and not self.has(file["path"])]

    @property
    def tables(self) -> Sequence[Mapping[str, Any]]:
        """Every table that has a version: its name, title, version, what changed."""
        return self.about.get("tables") or []


def order(version: str) -> tuple[int, ...]:
    """What sorts versions: 2026.2 < 2026.2.1 < 2026.10."""
    return tuple(map(int, version.split(".")))


def read(root: Path) -> list[Release]:
    """The published editions of the repository at `root`, oldest first."""
    folders = (path for path in (root / FOLDER).glob("*") if path.is_dir() and VERSION.fullmatch(path.name))
    return [Release(path) for path in sorted(folders, key=lambda path: order(path.name))]


def shown(root: Path) -> list[Release]:
    """Those whose edition.json can be read, oldest first: what the site shows."""
    return [release for release in read(root) if release.about]


def named(root: Path, version: str) -> Release | None:
    """The published edition of that version."""
    return next((release for release in shown(root) if release.version == version), None)


def rows(root: Path) -> Iterator[dict[str, Any]]:
    """Rows of the table `releases`, oldest first."""
    for release in shown(root):
        about = release.about
        kept = {name: about[name] for name in ("version", "edition", "date", "commit")}
        whole = {"files": len(release.files), "bytes": sum(file["bytes"] for file in release.files)}
        yield {
            **kept,
            **whole,
            "previous": (about["previous"] or {}).get("version"),
            "sha256": digest(release.folder / SUMS),
        }


def table_rows(root: Path) -> Iterator[dict[str, Any]]:
    """Rows of the table `release_tables`: the version of each table in each edition, oldest first."""
    for release in shown(root):
        for table in release.tables:
            kept = {name: table[name] for name in ("name", "title", "table_version", "change", "rows")}
            counts = {f"rows_{what}": table["changes"][what] for what in ("added", "changed", "removed")}
            yield {"version": release.version, **kept, **counts}


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(folder: Path) -> tuple[list[str], list[str]]:
    """What is wrong with the edition of that folder, in words, and the heavy files that it only names.

    A file that the repository keeps must be there; a heavy one may be elsewhere, but never be another one.
    """
    release = Release(folder)
    if not (folder / SUMS).is_file():
        return [f"{SUMS} manque : ce dossier n’est pas une édition publiée."], []
    faults, absent = list(_misread(release)), []
    heavy = {file["path"] for file in release.files if not file["committed"]}
    for path, expected in release.sums.items():
        if (folder / path).is_file():
            if digest(folder / path) != expected:
                faults.append(f"{path} n’est pas le fichier qui a été publié : son empreinte a changé.")
        elif path in heavy:
            absent.append(path)
        else:
            faults.append(f"{path} manque.")
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    unknown = [path for path in found if path not in {*release.sums, SUMS, SIGNATURE}]
    return faults + [f"{path} n’est pas dans {SUMS}." for path in unknown], absent


def _misread(release: Release) -> Iterator[str]:
    """Where SHA256SUMS is not a list of sums, and where edition.json does not say the same."""
    lines = (release.folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        if not LINE.fullmatch(line):
            yield f"{SUMS}, ligne {number} : ce n’est pas une empreinte suivie d’un fichier."
    told = {str(file["path"]): str(file["sha256"]) for file in release.files}
    for path in sorted({*told, *release.sums} - {ABOUT}):
        if told.get(path) != release.sums.get(path):
            yield f"{ABOUT} et {SUMS} ne disent pas la même empreinte de {path}."
    if ABOUT not in release.sums:
        yield f"{ABOUT} n’est pas dans {SUMS}."


def pins(root: Path) -> dict[str, str]:
    """Version → SHA-256 of the SHA256SUMS that was published, from published.txt."""
    path = root / FOLDER / PUBLISHED
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return {words[0]: words[-1] for line in lines if (words := line.split())}


def verify_all(root: Path) -> list[str]:
    """What is wrong with the published editions of a repository, each in itself and all as a chain."""
    faults, published, before = [], pins(root), None
    for release in read(root):
        where = f"{FOLDER}/{release.version}"
        faults += [f"{where} : {fault}" for fault in verify(release.folder)[0]]
        mine = digest(release.folder / SUMS) if (release.folder / SUMS).is_file() else ""
        if published.get(release.version) != mine:
            faults.append(f"{where} : {FOLDER}/{PUBLISHED} ne connaît pas ce {SUMS}.")
        if release.about and release.about.get("previous") != before:
            faults.append(f"{where} : l’édition d’avant n’est plus celle que dit {ABOUT}.")
        before = {"version": release.version, "sha256": mine}
    gone = published.keys() - {release.version for release in read(root)}
    return faults + [f"{FOLDER}/{version} manque : une édition publiée ne se retire pas." for version in sorted(gone)]
