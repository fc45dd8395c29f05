"""Journeys: a messy file becomes a valid one by following the messages alone.

A case of tests/cases/journeys/ holds:
- `dataset`, and `start`: a `source` (a path of ../shared/sources, judged against the real repository) or the
  `published` rows of the tiny one put through `traps` (tests/messy.py);
- `first`: fragments that the first report must hold, in that order; `lines`: the most lines it may have as text;
- `acts`: what a person does, in order, after `validate.py --fix` has done what is certain. Each act quotes the message
  that tells it (`code` and `says`) and is refused when the report of the moment holds no such message;
- `same`: the columns in which the file at the end must say what is published, for all its rows, and `rows`, how many
  they are at least; `but` names rows that are published otherwise, and the case says why.
A journey fails when an act is not told, when a report is left at the end, or when more than six rounds were needed.
"""

import csv
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from messy import messy
from repositories import ROOT

from observatory.catalogue import read_catalogue
from observatory.fixing import Unreadable, fix
from observatory.model import Dataset
from observatory.problems import Problem, publishable
from observatory.reports import text_line, text_report
from observatory.validation import judge

CASES = sorted((ROOT / "tests" / "cases" / "journeys").glob("*.yaml"))
SOURCES = ROOT / "../shared/sources"
ROUNDS = 6
Rows = list[dict[str, str]]


def read_case(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


@dataclass
class Journey:
    """A file on its way: where it stands, and what the validator says of it."""

    root: Path
    dataset: Dataset
    path: Path
    folder: Path
    sheet: str = ""
    rounds: int = 0
    corrections: Counter[str] = field(default_factory=Counter)

    def report(self) -> list[Problem]:
        """What is said of the file, remarks that ask for nothing left aside."""
        judged = judge(self.path, self.dataset, self.root, self.sheet)
        return [entry for entry in judged.problems if entry.severity != "info"]

    def fixed(self) -> None:
        """Does what `validate.py --fix` does, in a folder of its own; the original stays as it is."""
        self.rounds += 1
        here = self.folder / str(self.rounds)
        here.mkdir()
        copy = Path(shutil.copy(self.path, here / f"fichier{self.path.suffix}"))
        before = copy.read_bytes()
        try:
            done = fix(copy, judge(copy, self.dataset, self.root, self.sheet))
        except Unreadable:
            return
        assert copy.read_bytes() == before
        self.corrections.update(change.reason.partition(" :")[0] for change in done.mended.changes)
        if done.path is not None:
            self.path, self.sheet = done.path, ""

    def rows(self) -> Rows:
        """The rows of the file, which is canonical once mended."""
        with self.path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def write(self, rows: Rows) -> None:
        """Saves the rows as a person would, under a new name."""
        self.path = self.path.with_name(f"main-{self.rounds}-{self.path.name}")
        with self.path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


# What a person does


def rename(rows: Rows, names: dict[str, str]) -> Rows:
    """Gives columns other names."""
    return [{names.get(name, name): text for name, text in row.items()} for row in rows]


def drop(rows: Rows, names: list[str]) -> Rows:
    """Deletes columns."""
    assert set(names) <= set(rows[0])
    return [{name: text for name, text in row.items() if name not in names} for row in rows]


def write(rows: Rows, cells: dict[str, dict[str, str]]) -> Rows:
    """Replaces texts of a column: {column: {before: after}}."""
    return [row | {name: texts.get(row[name], row[name]) for name, texts in cells.items()} for row in rows]


def replace(rows: Rows, pattern: dict[str, str]) -> Rows:
    """Replaces, in the cells of a column, what matches an expression."""
    name = pattern["column"]
    return [row | {name: re.sub(pattern["find"], pattern["write"], row[name])} for row in rows]


def drop_rows(rows: Rows, asked: dict[str, Any]) -> Rows:
    """Deletes the rows in which a column has one of the texts (`where`) or none of them (`but`)."""
    (name, texts), *_ = (asked.get("where") or asked["but"]).items()
    kept = [row for row in rows if (row[name] in texts) == ("but" in asked)]
    assert 0 < len(kept) < len(rows)
    return kept


def compute(rows: Rows, columns: dict[str, list[str]]) -> Rows:
    """Adds columns, each the sum of others; of none, it is empty."""
    return [
        row | {name: str(sum(int(row[n]) for n in names)) if names else "" for name, names in columns.items()}
        for row in rows
    ]


def count_rows(rows: Rows, asked: dict[str, Any]) -> Rows:
    """A pivot table: one row for each text of `by`, and how many rows have each text of other columns."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        code = next((new for old, new in asked.get("together", {}).items() if row[asked["by"]].startswith(old)), None)
        found = counts.setdefault(code or row[asked["by"]], Counter())
        for name, where in asked["columns"].items():
            found[name] += all(row[column] == text for column, text in where.items())
    return [
        {asked["as"]: code, **{name: str(found[name]) for name in asked["columns"]}} for code, found in counts.items()
    ]


ACTS: dict[str, Callable[[Rows, Any], Rows]] = {
    act.__name__: act for act in (rename, drop, write, replace, drop_rows, compute, count_rows)
}


def is_told(act: dict[str, Any], report: list[Problem]) -> bool:
    """Whether the report holds the message that the act quotes."""
    return any(entry.code == act["code"] and act["says"] in entry.sentence for entry in report)


def done(journey: Journey, act: dict[str, Any]) -> None:
    """Does the act."""
    (name, detail), *_ = act["do"].items()
    if name == "choose_sheet":
        journey.sheet = detail
    elif name == "edit":
        text = journey.path.read_text(encoding="utf-8")
        assert detail["find"] in text
        journey.path = journey.path.with_name(f"main-{journey.path.name}")
        journey.path.write_text(text.replace(detail["find"], detail["write"]), encoding="utf-8")
    else:
        journey.write(ACTS[name](journey.rows(), detail))


def walk(journey: Journey, acts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Follows the messages until nothing is left to say; the acts that nobody had to do."""
    left = list(acts)
    for _ in range(ROUNDS):
        journey.fixed()
        report = journey.report()
        if not report:
            return left
        told = [act for act in left if is_told(act, report)]
        said = "\n".join(map(text_line, report[:20]))
        assert told and told[0] is left[0], f"rien, dans ce compte rendu, ne dit de faire {left[:1]} :\n{said}"
        while left and is_told(left[0], report):
            done(journey, left.pop(0))
    raise AssertionError(f"plus de {ROUNDS} tours :\n{text_report(journey.report())}")


@pytest.fixture(name="case")
def read_parameter(path: Path) -> dict[str, Any]:
    """The case of that file."""
    return read_case(path)


@pytest.fixture(name="journey")
def start(case: dict[str, Any], root: Path, tmp_path: Path) -> Journey:
    """The file of the case, at the beginning of its way."""
    asked = case["start"]
    if "source" in asked:
        path, root = SOURCES / asked["source"], ROOT
        if not path.is_file():
            pytest.skip(f"{asked['source']} n'est pas là")
    else:
        path = messy(root / "datasets" / f"{asked['published']}.csv", asked["traps"], tmp_path)
    dataset = next(known for known in read_catalogue(root)[0] if known.name == case["dataset"])
    return Journey(root, dataset, path, tmp_path)


def marked() -> list[Any]:
    """Cases, those of original files apart."""
    return [
        pytest.param(
            path, id=path.stem, marks=[pytest.mark.conformance] if "source" in read_case(path)["start"] else []
        )
        for path in CASES
    ]


def value(text: str) -> float | str:
    """A cell as it compares: 353.0 is 353."""
    try:
        return float(text) if not text.startswith("0") or "." in text or text == "0" else text
    except ValueError:
        return text


@pytest.mark.parametrize("path", marked())
def test_a_messy_file_becomes_valid_by_following_the_messages(case: dict[str, Any], journey: Journey) -> None:
    text = text_report(judge(journey.path, journey.dataset, journey.root).problems)
    assert len(text.splitlines()) <= case["lines"], text
    place = 0
    for fragment in case["first"]:
        assert fragment in text[place:], f"« {fragment} » n'est pas dit à sa place :\n{text}"
        place = text.index(fragment, place) + 1
    assert walk(journey, case.get("acts", [])) == []
    assert publishable(judge(journey.path, journey.dataset, journey.root).problems)
    for correction in case.get("corrections", ()):
        assert any(correction in reason for reason in journey.corrections), journey.corrections
    columns = case["same"]
    with journey.dataset.csv_path.open(encoding="utf-8", newline="") as stream:
        published = {tuple(value(row[name]) for name in columns) for row in csv.DictReader(stream)}
    kept = [row for row in journey.rows() if not any(row[n] in texts for n, texts in case.get("but", {}).items())]
    found = [tuple(value(row[name]) for name in columns) for row in kept]
    assert len(found) >= case["rows"]
    assert [row for row in found if row not in published][:5] == []


def test_an_act_that_no_message_tells_is_refused(root: Path, tmp_path: Path) -> None:
    path = messy(root / "datasets/eligibilite_fixe.csv", [{"write": {"code_commune": {"01004": "99999"}}}], tmp_path)
    dataset = next(known for known in read_catalogue(root)[0] if known.name == "eligibilite_fixe")
    act = {
        "code": "unknown-territory",
        "says": "« 88888 »",
        "do": {"drop_rows": {"where": {"code_commune": ["99999"]}}},
    }
    with pytest.raises(AssertionError, match="rien, dans ce compte rendu, ne dit de faire"):
        walk(Journey(root, dataset, path, tmp_path), [act])


def test_a_journey_of_too_many_rounds_is_refused(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = messy(root / "datasets/eligibilite_fixe.csv", [{"write": {"code_commune": {"01004": "99999"}}}], tmp_path)
    dataset = next(known for known in read_catalogue(root)[0] if known.name == "eligibilite_fixe")
    act = {"code": "unknown-territory", "says": "« 99999 »", "do": {"write": {"code_commune": {"99999": "01004"}}}}
    monkeypatch.setitem(walk.__globals__, "ROUNDS", 1)
    with pytest.raises(AssertionError, match="plus de 1 tours"):
        walk(Journey(root, dataset, path, tmp_path), [act])


def test_journeys_are_as_many_as_promised() -> None:
    kinds = Counter("source" in read_case(path)["start"] for path in CASES)
    assert kinds[True] >= 4 and kinds[False] >= 10
