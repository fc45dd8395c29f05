"""Tiny repositories for tests: tests/fixtures/site, completed by the real forms and closed lists."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "tests" / "fixtures" / "site"
FIBRE = "datasets/couverture_fibre.csv"
ELIGIBILITY = "datasets/eligibilite_fixe.csv"
HEADER = "ref_area,indicator,time_period,obs_value\n"
# Taken from the real repository, so that the tiny one cannot fall behind.
SHARED_LISTS = ("levels", "categories", "event_types", "units", "statuses", "obs_status", "licences")


def copy_site(target: Path) -> Path:
    """A valid repository of four small datasets at `target`, which must not exist yet; returns its root."""
    shutil.copytree(SITE, target)
    for name in SHARED_LISTS:
        shutil.copy(ROOT / "codelists" / f"{name}.csv", target / "codelists")
    for path in (ROOT / "schemas").glob("*.jsonschema.json"):
        shutil.copy(path, target / "schemas")
    for path in (ROOT / "schemas").glob("observations*.schema.json"):
        shutil.copy(path, target / "schemas")
    shutil.copytree(ROOT / "schemas" / "tables", target / "schemas" / "tables")
    for path in (ROOT / "docs").glob("*.md.jinja"):
        (target / "docs").mkdir(exist_ok=True)
        shutil.copy(path, target / "docs")
    return target


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be in the file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
