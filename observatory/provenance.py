"""Of what the database is made: commit, edition, fingerprint of the contributions."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from observatory.model import Dataset, Framework

INPUTS = ("codelists", "datasets", "editions", "indicators", "metadata.yml", "observatory", "schemas")


def provenance_rows(root: Path, framework: Framework, datasets: list[Dataset]) -> Iterator[dict[str, str]]:
    """Rows of the table `provenance`; nothing in them depends on the hour or the folder of the build."""
    yield {"key": "edition", "value": framework.edition}
    yield {"key": "commit", "value": commit(root)}
    if day := _git(root, "show", "--no-patch", "--format=%cs", "HEAD"):
        yield {"key": "commit_date", "value": day}
    yield {"key": "datasets_sha256", "value": fingerprint([d.csv_path for d in datasets])}
    yield {"key": "method_sha256", "value": fingerprint(sorted((root / "indicators").rglob("*.yml")))}


def fingerprint(paths: list[Path]) -> str:
    """SHA-256 of the concatenated SHA-256 of the files, in the order given."""
    digests = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return hashlib.sha256("".join(digests).encode("ascii")).hexdigest()


def commit(root: Path) -> str:
    """Git commit checked out, with « + modifications » when the inputs differ from it; « inconnu » outside git."""
    found = _git(root, "rev-parse", "HEAD")
    if not found:
        return "inconnu"
    return found + (" + modifications" if _git(root, "status", "--porcelain", "--", *INPUTS) else "")


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def clean(root: Path) -> bool:
    """Whether all that lies in the folder of work is recorded in git, what it ignores apart."""
    return not _git(root, "status", "--porcelain")
