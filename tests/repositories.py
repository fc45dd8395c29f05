"""Tiny repositories for tests: tests/fixtures/site, completed by the real forms and closed lists."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "tests" / "fixtures" / "site"
DEMONSTRATION = ROOT / "tests" / "fixtures" / "demonstration" / "datasets"
EXPECTED = re.compile(r"rows: \{min: \d+\}")
FIBRE = "datasets/couverture_fibre.csv"
ELIGIBILITY = "datasets/eligibilite_fixe.csv"
HEADER = "ref_area,indicator,time_period,obs_value\n"
# Taken from the real repository, so that the tiny one cannot fall behind.
SHARED_LISTS = ("levels", "categories", "event_types", "units", "statuses", "obs_status", "licences")


def copy_site(target: Path) -> Path:
    """A valid repository of four small datasets at `target`, which must not exist yet; returns its root.

    Nothing of it is published: its two editions are for the tiny site.
    """
    shutil.copytree(SITE, target, ignore=shutil.ignore_patterns("editions"))
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


def copy_demonstration(target: Path) -> Path:
    """A tiny repository at `target` whose registers hold invented things, under the real schemas and descriptors."""
    root = copy_site(target)
    for path in [*(root / "datasets").glob("initiatives.*"), *(root / "schemas").glob("initiatives.*")]:
        path.unlink()
    for path in sorted(DEMONSTRATION.glob("*.csv")):
        shutil.copy(path, root / "datasets")
        shutil.copy(ROOT / "schemas" / f"{path.stem}.schema.json", root / "schemas")
        # What is expected of the real register is not of an invented one.
        descriptor = (ROOT / "datasets" / f"{path.stem}.resource.yaml").read_text(encoding="utf-8")
        invented = root / "datasets" / f"{path.stem}.resource.yaml"
        invented.write_text(EXPECTED.sub("rows: {min: 0}", descriptor), encoding="utf-8")
    return root


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be in the file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
