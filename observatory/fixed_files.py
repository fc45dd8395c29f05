"""Files whose bytes are known by their SHA-256, as the web asks for them: whole, resumed, already known, or HEAD."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from observatory.conditional import known

CHUNK = 1 << 20  # bytes read at once
TYPES = {
    "": "text/plain; charset=utf-8",  # SHA256SUMS
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".json": "application/json; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".ttl": "text/turtle; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".yaml": "application/yaml; charset=utf-8",
    ".yml": "application/yaml; charset=utf-8",
    ".zip": "application/zip",
}
SPAN = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True)
class File:
    """A file: its path in its folder, where it is, its size in bytes and its SHA-256."""

    name: str
    path: Path
    size: int
    sha256: str

    @property
    def type(self) -> str:
        """Its media type."""
        return TYPES.get(self.path.suffix) or guess_type(self.path.name)[0] or "application/octet-stream"

    @property
    def tag(self) -> str:
        """Its ETag."""
        return f'"{self.sha256}"'

    def part(self, start: int, end: int) -> Iterator[bytes]:
        """Its bytes from `start` to `end`, excluded, by chunks."""
        with self.path.open("rb") as source:
            source.seek(start)
            while start < end and (chunk := source.read(min(CHUNK, end - start))):
                start += len(chunk)
                yield chunk


@dataclass(frozen=True)
class Answer:
    """How a file is sent: the status and headers of the answer, and which of its bytes (none when `end` is 0)."""

    status: int
    headers: dict[str, str]
    start: int = 0
    end: int = 0


def answer(file: File, method: str, asking: Mapping[str, str], told: Mapping[str, str]) -> Answer:
    """The answer to a request of that method and headers (in lower case); `told` are headers of its place.

    416 for a range that begins past the end; what is no range of one piece is the whole file.
    """
    headers = {"ETag": file.tag, "Accept-Ranges": "bytes", **told}
    if known(file.tag, asking):
        return Answer(304, headers)
    status, (start, end) = 200, (0, file.size)
    # A range of another version of the file, or of its headers alone, is none.
    if method == "GET" and asking.get("if-range", file.tag) == file.tag:
        wanted = span(asking.get("range", ""), file.size)
        if wanted and wanted[0] >= wanted[1]:
            return Answer(416, {**headers, "Content-Range": f"bytes */{file.size}", "Content-Length": "0"})
        if wanted:
            status, (start, end) = 206, wanted
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - start)
    return Answer(status, headers, start, 0 if method == "HEAD" else end)


def span(asked: str, size: int) -> tuple[int, int] | None:
    """The bytes from … to … (excluded) that a header Range asks for; as long as nothing when there are none of them.

    None when it asks for no range, or for one that has no meaning: the whole is then sent.
    """
    found = SPAN.fullmatch(asked.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = (int(text) if text else None for text in found.groups())
    if first is None:
        return max(0, size - (last or 0)), size
    if last is not None and last < first:
        return None
    return min(first, size), size if last is None else min(size, last + 1)
