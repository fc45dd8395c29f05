"""The portal's page on problems: the whole catalogue, with examples that tests have refused and accepted."""

import re
import sqlite3
from html import unescape
from pathlib import Path

import pytest
import yaml
from repositories import ROOT
from sites import portal

from observatory.problem_examples import EXAMPLES, examples, render_examples
from observatory.problems import GROUPS, kinds
from observatory.records import problem_rows
from observatory.tables import core_schemas


@pytest.fixture(name="page")
async def read_page(database: Path) -> str:
    datasette = portal(database)
    await datasette.invoke_startup()
    answer = await datasette.client.get("/aide/erreurs")
    assert answer.status_code == 200
    return str(answer.text)


async def test_page_explains_every_kind_at_its_anchor(page: str) -> None:
    anchors = re.findall(r'<div class="kind" id="([a-z-]+)">', page)
    assert anchors == list(kinds())
    assert set(re.findall(r'<li><a href="#([a-z-]+)">', page)) == set(anchors)
    assert len(re.findall(r"<h2>", page)) == len(GROUPS)
    english = [unescape(text) for text in re.findall(r'<span lang="en">(.*?)</span>', page)]
    assert len(english) == len(anchors) and all(text.endswith(".") for text in english)


async def test_page_shows_what_is_refused_and_what_is_accepted(page: str) -> None:
    (block,) = re.findall(r'<div class="kind" id="decimal-comma">.*?(?=<div class="kind")', page, re.S)
    assert re.findall(r"<pre><code>(.*?)</code></pre>", block) == [
        "DEP-01,couverture-fibre,2022-Q3,&#34;61,5&#34;",
        "DEP-01,couverture-fibre,2022-Q3,61.5",
    ]
    assert "{" not in re.sub(r"<code>.*?</code>|<span lang.*?</span>", "", block, flags=re.S)


async def test_page_escapes_its_examples(page: str) -> None:
    assert "<br/>" not in page and "&lt;br/&gt;" in page


def test_table_holds_the_catalogue_in_its_order(database: Path) -> None:
    with sqlite3.connect(database) as db:
        rows = db.execute("select code, severity, severity_title from problem order by position").fetchall()
    assert [(code, severity) for code, severity, _ in rows] == [(k.code, k.severity) for k in kinds().values()]
    assert {(severity, title) for _, severity, title in rows} == {
        ("error", "erreur"), ("warning", "avertissement"), ("info", "information"),
    }  # fmt: skip


def test_rows_have_exactly_the_columns_of_the_schema() -> None:
    columns = [field["name"] for field in core_schemas(ROOT)["problems"]["fields"]]
    for row in problem_rows():
        assert list(row) == columns
        assert not any(re.search(r"\{\w+\}", str(row[name])) for name in ("message", "mending", "english"))


# Examples


def test_most_kinds_have_an_example_and_none_is_idle() -> None:
    assert len(examples()) > len(kinds()) / 2
    assert {code for code, example in examples().items() if example.before == example.after} == set()
    assert examples().keys() <= kinds().keys()
    assert EXAMPLES.read_text(encoding="utf-8").startswith("# Écrit par `make fix`")


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "line", "expected"),
    [
        ("h\na\nb\n", "h\na\nc\n", 3, ("b", "c")),
        ("h\n\na\n", "h\na\n", 2, ("", "")),
        ("h\na\n", "h\na\nb\n", 2, ("", "b")),
        ("1\n2\n3\n4\n5\n", "a\nb\nc\nd\ne\n", 4, ("4\n5", "d\ne")),
        ("x\nh\n" + "y\n" * 5, "h\n", 1, ("x", "")),
        ("h\n" + "y\n" * 5, "h\n", 3, ("y\ny\ny\n…", "")),
        ("h\n\x01\x02\n", "h\na\n", 2, None),
        ("a\nh\n", "a\nh\n", 1, None),
    ],
)
def test_example_is_the_lines_that_change(
    tmp_path: Path, before: str, after: str, line: int, expected: tuple[str, str] | None
) -> None:
    said = f'problems: ["x.csv:{line}: la ligne est vide. Supprimez-la."]'
    lay(tmp_path / "blank-row", {"expected.yaml": said, "x.csv": before, "valid/x.csv": after})
    text = render_examples(tmp_path, tmp_path / "site")
    written = re.findall(r"^(\S+):$", text, re.M)
    assert written == ([] if expected is None else ["blank-row"])
    if expected is not None:
        assert yaml.safe_load(text)["blank-row"] == {"file": "x.csv", "before": expected[0], "after": expected[1]}


def test_example_may_be_mended_in_another_file(tmp_path: Path) -> None:
    said = 'problems: ["x.csv:2: la ligne est vide. Supprimez-la."]'
    lay(tmp_path / "blank-row", {"expected.yaml": said, "x.csv": "a\n", "valid/d.yaml": "k: 2\n"})
    lay(tmp_path / "site", {"d.yaml": "k: 1\n"})
    assert "file: d.yaml\n  before: 'k: 1'\n  after: 'k: 2'\n" in render_examples(tmp_path, tmp_path / "site")
