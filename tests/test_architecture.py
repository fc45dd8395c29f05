"""The house holds: imports point one way, files and functions stay small, nothing calls another host."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = sorted((ROOT / "observatory").glob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))
PLUGINS = sorted((ROOT / "plugins").glob("*.py"))
CODE = [*LIBRARY, *SCRIPTS, *PLUGINS]
# What the arithmetic of scores may import: no file, no database.
PURE = re.compile(
    r"(numpy|collections|dataclasses|functools|graphlib|itertools|math|typing)\b|observatory\.(model|scoring)"
)


def imports(source: str) -> set[str]:
    """Every module that the source imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def forbidden(source: str, folder: str, stem: str) -> set[str]:
    """Imports that break the one-way rule for a file of that folder."""
    names = imports(source)
    roots = {name.split(".")[0] for name in names}
    if folder == "observatory":
        wrong = roots & {"datasette", "click", "plugins", "scripts"}
        if stem.split("_")[0] == "scoring":
            wrong |= {n for n in names if not PURE.match(n)}
        return wrong
    if folder == "plugins":
        siblings = {path.stem for path in PLUGINS}
        return (roots & ({"frictionless", "scripts", "plugins"} | siblings)) | {n for n in names if n[:1] == "."}
    return roots & {"plugins", "datasette"}


# Which language writes figures is asked of formats.spoken, never decided again.
CHOICE = re.compile(r'\benglish if\b|current\(\) == "en"|import .*\benglish\b')


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CODE, ids=ids)
def test_imports_point_one_way(path: Path) -> None:
    assert forbidden(path.read_text(encoding="utf-8"), path.parent.name, path.stem) == set()


@pytest.mark.parametrize(
    ("folder", "stem", "source"),
    [
        ("observatory", "checks", "import click"),
        ("observatory", "checks", "def f():\n    from datasette import hookimpl"),
        ("observatory", "scoring", "from observatory.database import build"),
        ("observatory", "scoring_tree", "from pathlib import Path"),
        ("plugins", "pages", "from frictionless import Resource"),
        ("plugins", "pages", "from . import formats"),
        ("scripts", "build", "from plugins.pages import view"),
    ],
)
def test_a_planted_violation_is_seen(folder: str, stem: str, source: str) -> None:
    assert forbidden(source, folder, stem)


@pytest.mark.parametrize("path", [path for path in CODE if path.parent.name != "scripts"], ids=ids)
def test_the_language_of_figures_is_chosen_in_one_place(path: Path) -> None:
    assert path.stem == "formats" or not CHOICE.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CODE, ids=ids)
def test_files_and_functions_stay_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    limit = {"plugins": 60, "scripts": 60}.get(path.parent.name, 350)
    assert len(source.splitlines()) <= limit
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    }
    assert {name: lines for name, lines in long.items() if lines > 60} == {}


@pytest.mark.parametrize("path", LIBRARY, ids=ids)
def test_public_functions_say_what_they_do(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    mute = [n.name for n in tree.body if isinstance(n, kinds) and n.name[0] != "_" and not ast.get_docstring(n)]
    assert mute == []
    assert ast.get_docstring(tree)


def test_pages_load_nothing_from_another_host() -> None:
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static").glob("*.css"), *(ROOT / "static").glob("*.js")]
    calls = re.compile(r"""(?:\bsrc=|@import|url\(|fetch\(|<link[^>]+href=)\s*["']?(?:https?:)?//""")
    assert pages
    assert {ids(p): m.group() for p in pages if (m := calls.search(p.read_text(encoding="utf-8")))} == {}
