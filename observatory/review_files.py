"""The forms in which a review is handed over: for people, and for the margins of a merge request."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from observatory import reports
from observatory.review import Review
from observatory.review_html import html
from observatory.review_markdown import markdown
from observatory.sarif import sarif_report

Writer = Callable[[Review, str | None], str]
# Severities of GitLab's code quality report.
QUALITY = {"error": "blocker", "warning": "major", "info": "info"}
PREVIEW = "donnees.db"


def annotations(review: Review, preview: str | None = None) -> str:
    """Workflow commands of GitHub: files that were refused, then the problems."""
    refused = [f"::error title=Fichier refusé::{_data(f'{path} : {why}.')}" for path, why in review.refused]
    return "\n".join([*refused, reports.github_report(review.problems)]) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def codequality(review: Review, preview: str | None = None) -> str:
    """GitLab's code quality report, which a merge request shows beside the lines."""
    found = [
        {
            "description": f"{entry.column} : {entry.sentence}" if entry.column else entry.sentence,
            "check_name": entry.code,
            "fingerprint": _fingerprint(entry.file, entry.place, entry.column, entry.code, entry.message),
            "severity": QUALITY[entry.severity],
            "location": {"path": entry.file, "lines": {"begin": entry.line or 1}},
        }
        for entry in review.problems
    ]
    found += [
        {
            "description": f"Fichier refusé : {why}.",
            "check_name": "fichier-refuse",
            "fingerprint": _fingerprint(path, why),
            "severity": QUALITY["error"],
            "location": {"path": path, "lines": {"begin": 1}},
        }
        for path, why in review.refused
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def sarif(review: Review, preview: str | None = None) -> str:
    """SARIF, with the characters that each certain correction replaces in the files of the contribution."""
    with tempfile.TemporaryDirectory(prefix="revue-") as scratch:
        root = Path(scratch)
        for file, content in review.mendable.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_bytes(content)
        return sarif_report(review.problems, root) + "\n"


def _fingerprint(*parts: str | None) -> str:
    return hashlib.sha256("\0".join(part or "" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()


def _of_problems(report: Callable[..., str]) -> Writer:
    return lambda review, preview: report(review.problems) + "\n"


FORMATS: dict[str, Writer] = {
    **{name: _of_problems(report) for name, report in reports.FORMATS.items()},
    "github": annotations,
    "markdown": markdown,
    "html": html,
    "codequality": codequality,
    "sarif": sarif,
}
# What a continuous integration keeps of a review, all at once.
FILES = {
    "revue.md": "markdown",
    "revue.html": "html",
    "annotations.txt": "github",
    "problemes.sarif": "sarif",
    "codequality.json": "codequality",
}


def write_folder(review: Review, folder: Path, preview: str | None = None) -> None:
    """Write every file of FILES into the folder, which is made when it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, form in FILES.items():
        (folder / name).write_text(FORMATS[form](review, preview), encoding="utf-8")
