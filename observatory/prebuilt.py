"""Files of an export, served as they are: found in its list of sums, from the very database that is served."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from observatory.export import SUMS, WHOLE

SIGNATURE = f"{SUMS}.sig"
CHUNK = 1 << 20
TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".ttl": "text/turtle; charset=utf-8",
    ".yaml": "application/yaml; charset=utf-8",
    ".zip": "application/zip",
}


@dataclass(frozen=True)
class File:
    """A file of the export: its path in the folder, where it is, its size in bytes and its SHA-256."""

    name: str
    path: Path
    size: int
    sha256: str

    @property
    def type(self) -> str:
        """Its media type."""
        return TYPES.get(self.path.suffix, "application/octet-stream")


def files(folder: Path) -> Mapping[str, File]:
    """The files of the export in that folder, by name; none when it was not finished."""
    sums = folder / SUMS
    if not sums.is_file():
        return {}
    return _listed(folder, sums.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _listed(folder: Path, _written: int) -> Mapping[str, File]:
    sums = folder / SUMS
    lines = (line.split("  ", 1) for line in sums.read_text(encoding="utf-8").splitlines() if "  " in line)
    found = {}
    for known, name in lines:
        path = folder / name
        # What an older export listed and a newer one took away, or a list that points elsewhere, is not served.
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            found[name] = File(name, path, path.stat().st_size, known)
    for name in (SUMS, SIGNATURE):
        path = folder / name
        if path.is_file():
            found[name] = File(name, path, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    return found


def table(folder: Path, name: str, word: str, database: str | None) -> File | None:
    """The file of a whole table in the format of that word, when it was made from the database of that SHA-256."""
    return same(folder, database).get(f"{name}.csv") if word == "csv" else None


def text(folder: Path, name: str, database: str | None) -> str | None:
    """What that file of the export says, when it was made from the database of that SHA-256."""
    found = same(folder, database).get(name)
    return found.path.read_text(encoding="utf-8") if found else None


def same(folder: Path, database: str | None) -> Mapping[str, File]:
    """The files of the export in that folder when it was made from the database of that SHA-256; none otherwise."""
    known = files(folder)
    whole = known.get(f"{WHOLE}.sqlite")
    return known if whole and whole.sha256 == database else {}


def span(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of one range of `Range`, None when there is none that a file of that size can give."""
    unit, _equals, wanted = asked.partition("=")
    first, dash, last = wanted.partition("-")
    if unit.strip() != "bytes" or not dash or "," in wanted or not (first + last).isascii():
        return None
    if not first.isdigit():
        return (max(0, size - int(last)), size - 1) if not first and last.isdigit() and int(last) and size else None
    end = min(int(last), size - 1) if last.isdigit() else size - 1
    return (int(first), end) if int(first) <= end else None


def part(path: Path, first: int, last: int) -> Iterator[bytes]:
    """The bytes of a file from the first to the last, by chunks of a megabyte."""
    with path.open("rb") as file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def answer(file: File, asking: Mapping[str, str]) -> tuple[int, dict[str, str], tuple[int, int]]:
    """Status, headers and bytes to send (first, last) of that file for the headers of a request."""
    tag, last = f'"{file.sha256}"', file.size - 1
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache",
        "Content-Type": file.type,
        "Content-Disposition": f'attachment; filename="{file.path.name}"',
        "Link": '</telechargements/datapackage.json>; rel="describedby"',
    }
    if tag in asking.get("if-none-match", ""):
        return 304, headers, (0, -1)
    asked = asking.get("range", "")
    found = span(asked, file.size) if asked and asking.get("if-range", tag) == tag else None
    if found:
        told = {"Content-Range": f"bytes {found[0]}-{found[1]}/{file.size}"}
        return 206, {**headers, **told, "Content-Length": str(found[1] - found[0] + 1)}, found
    return 200, {**headers, "Content-Length": str(file.size)}, (0, last)
