"""The frozen files of an edition, as the web asks for them: only those that its SHA256SUMS names, byte for byte."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from observatory import releases
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.problem_details import Refused
from observatory.releases import Release

CHUNK = 256 * 1024
TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".gz": "application/gzip",
    ".yml": "application/yaml",
    ".yaml": "application/yaml",
    ".md": "text/markdown; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
SPAN = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Frozen:
    """A file of this server that is the one that was published: where, its bytes, its SHA-256, its media type."""

    path: Path
    bytes: int
    sha256: str
    type: str


def find(root: Path, version: str, path: str) -> Frozen:
    """That file of that edition. Refused when there is no such edition or file, or when it is not on this server."""
    release = releases.named(root, version)
    if release is None:
        raise Refused("unknown-version", version, [one.version for one in reversed(releases.shown(root))])
    known = {**release.sums, releases.SUMS: releases.pins(root).get(version, "")}
    if path not in known:
        raise Refused("unknown-file", path, sorted(known))
    file = release.folder / path
    if not file.is_file() or _digest(file, file.stat().st_mtime_ns, file.stat().st_size) != known[path]:
        raise Refused("file-elsewhere", path, detail=_elsewhere(release, path, known[path]))
    kind = TYPES.get(file.suffix) or guess_type(file.name)[0] or "text/plain; charset=utf-8"
    return Frozen(file, file.stat().st_size, known[path], kind)


@lru_cache(maxsize=4096)
def _digest(file: Path, modified: int, size: int) -> str:
    return releases.digest(file)


def _elsewhere(release: Release, path: str, sha256: str) -> str:
    size = next((int(file["bytes"]) for file in release.files if file["path"] == path), 0)
    said = _(
        "Ce serveur ne garde pas {path} ({size} octets) de l’édition {version}. Il est joint à la publication "
        "{version} du dépôt du projet, ou se refait : make export au commit {commit}. "
        "Son empreinte SHA-256 est {sha256}."
    )
    commit = str(release.about.get("commit", ""))
    return said.format(path=path, size=spoken().number(size), version=release.version, commit=commit, sha256=sha256)


@dataclass(frozen=True)
class Answer:
    """How a file is sent: the status and headers of the answer, and which of its bytes."""

    status: int
    headers: dict[str, str]
    start: int = 0
    end: int = 0


def answer(found: Frozen, method: str, asked: Mapping[str, str]) -> Answer:
    """The answer to a request of that method and headers: whole, resumed (Range), already known (ETag), or HEAD."""
    tag = f'"{found.sha256}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=31536000, immutable", "Accept-Ranges": "bytes"}
    if tag in asked.get("if-none-match", ""):
        return Answer(304, headers)
    status, start, end = 200, 0, found.bytes
    if asked.get("range") and asked.get("if-range", tag) == tag:
        try:
            wanted = _span(asked["range"], found.bytes)
        except ValueError:
            return Answer(416, {**headers, "Content-Range": f"bytes */{found.bytes}", "Content-Length": "0"})
        if wanted:
            status, (start, end) = 206, wanted
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.bytes}"
    headers["Content-Length"] = str(end - start)
    return Answer(status, headers, start, start if method == "HEAD" else end)


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """The bytes from … to … (excluded) that a header Range asks for, None: the whole; ValueError past the end."""
    found = SPAN.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return None
    start, end = (int(text) if text else None for text in found.groups())
    if start is None:
        return max(0, size - (end or 0)), size
    if start >= size or (end is not None and end < start):
        raise ValueError(asked)
    return start, min(size, size if end is None else end + 1)


def read(found: Frozen, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from `start` to `end`, by chunks."""
    with found.path.open("rb") as source:
        source.seek(start)
        while start < end and (chunk := source.read(min(CHUNK, end - start))):
            start += len(chunk)
            yield chunk
