"""Files of an export, served as they are: found in its list of sums, from the very database that is served."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from observatory.export import SUMS, WHOLE
from observatory.fixed_files import File

SIGNATURE = f"{SUMS}.sig"
PACKAGE = "datapackage.json"  # what describes the tables of the export


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


def headers(file: File) -> dict[str, str]:
    """What is told of a file of the export beside its bytes."""
    package = Path(str(file.path).removesuffix(file.name)) / PACKAGE
    known = _licences(package, package.stat().st_mtime_ns).get(file.name, ()) if package.is_file() else ()
    told = [f'<{path}>; rel="license"' for path in known]
    return {
        "Cache-Control": "no-cache",
        "Content-Disposition": f'attachment; filename="{file.path.name}"',
        "Link": ", ".join([*told, f'</telechargements/{PACKAGE}>; rel="describedby"']),
    }


@lru_cache(maxsize=2)
def _licences(package: Path, _written: int) -> Mapping[str, Sequence[str]]:
    """Addresses of the licences of each table of the export, by file."""
    resources = json.loads(package.read_text(encoding="utf-8"))["resources"]
    return {one["path"]: [licence["path"] for licence in one.get("licenses", ())] for one in resources}
