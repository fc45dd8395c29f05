"""The words cannot lie: documents say what exists, and what exists is in the documents."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from observatory.documentation import generated, stale
from observatory.export import OWN_LICENCE
from observatory.frozen import closing_days
from observatory.identity import read_identity

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
HELPED = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.M))
PROSE = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", generated(ROOT), ids=ids)
def test_generated_documents_are_up_to_date(path: Path) -> None:
    assert path not in stale(ROOT), "lancez make fix"


def test_every_target_is_explained() -> None:
    assert TARGETS == HELPED


def named(text: str) -> set[str]:
    """The targets of make that a text names."""
    return set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M))


def test_the_readme_names_every_target() -> None:
    assert len(TARGETS) > 20 and TARGETS - named(README) == set()


def test_the_changes_tell_every_target_table_and_page() -> None:
    told = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert TARGETS - named(told) == set()
    tables = {path.name.partition(".")[0] for path in (ROOT / "schemas" / "tables").glob("*.schema.json")}
    assert {name for name in tables if f"`{name}`" not in told} == set()
    folder = ROOT / "templates" / "pages"
    pages = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.html")}
    assert {name for name in pages if "{" not in name and f"`/{name}`" not in told} == set()


@pytest.mark.parametrize("path", PROSE, ids=ids)
def test_commands_named_in_prose_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert named(text) - TARGETS == set()
    scripts = set(re.findall(r"scripts/[a-z_]+\.(?:py|sh)", text))
    assert {name for name in scripts if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("path", PROSE, ids=ids)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    pages = {link for link in local if link.startswith("/")}
    assert [link for link in set(local) - pages if not (path.parent / link).exists()] == []
    assert [link for link in pages if not (ROOT / "templates" / "pages" / f"{link[1:]}.html").exists()] == []


def test_version_is_the_same_everywhere() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert version
    assert f"version: {version[1]}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version[1]} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_citation_is_of_the_current_edition_and_of_the_publisher() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    edition = yaml.safe_load((ROOT / "indicators" / "index.yml").read_text(encoding="utf-8"))["edition"]
    who, metadata = read_identity(ROOT), yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
    assert [one["value"] for one in citation["identifiers"]] == [edition]
    assert citation["date-released"] == closing_days(ROOT).get(edition, citation["date-released"])
    assert citation["title"] == who.title and [one["name"] for one in citation["authors"]] == [who.publisher]
    assert citation["license"] == OWN_LICENCE and metadata["license"].startswith("Licence Ouverte 2.0")


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=ids)
def test_decisions_are_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ") and len(lines) <= 14


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").glob("*.py")), ids=ids)
def test_every_script_explains_itself(path: Path) -> None:
    done = subprocess.run([sys.executable, path, "--help"], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout and len(done.stdout.splitlines()) > 4


def test_no_file_names_a_registry_or_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    # Written in pieces, or this file would be its own finding.
    words = [
        "--(?:extra-)?index-" + "url",
        r"(?:pypi|registry)\.[a-z]+\.org",
        "/(?:home|root)/[a-z]",
        re.escape(f"{ROOT}/"),
    ]
    wrong = re.compile("|".join(words))
    found = {}
    for name in listed.splitlines():
        path = ROOT / name
        if path.suffix in {".csv", ".geojson", ".png"} or not path.is_file():
            continue
        if match := wrong.search(path.read_text(encoding="utf-8", errors="replace")):
            found[name] = match.group()
    assert found == {}
