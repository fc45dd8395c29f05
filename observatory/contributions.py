"""Judges what a visitor of /contribuer gives, mends it, and says what it would change. Called in a process of its own.

Each function answers plain data and keeps nothing: the table travels in the visitor's form, and is judged again at
every step.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from observatory.catalogue import ENDING, read_dataset
from observatory.changes import Effect, ScoreChange
from observatory.checks import Judged
from observatory.contributions_input import as_csv
from observatory.contributions_merged import leaps, merge, surprises
from observatory.contributions_repair import Repair, questions, understood
from observatory.contributions_scope import outside
from observatory.differences import Difference
from observatory.editions import until
from observatory.effects import effect
from observatory.languages import SOURCE, speaking
from observatory.mending import LACKING, STRANGE, mend
from observatory.model import INDEX, Dataset
from observatory.problems import Problem, has_errors, kinds
from observatory.reports import FORMATS
from observatory.reports_html import html_report
from observatory.sheets import FORM, REPEATED
from observatory.validation import Bench, bench

SHOWN_CHANGES = 40


@dataclass(frozen=True)
class Asked:
    """A table to judge: the repository, the dataset it is for, where it stands and how its author names it."""

    bench: Bench
    dataset: Dataset
    path: Path
    name: str
    sheet: str = ""

    def judge(self) -> Judged:
        """The table and its problems, which name the file as its author does, in words for who has no repository."""
        judged = self.bench.judge(self.path, self.dataset, self.sheet)
        return Judged(judged.table, [replace(entry.at_desk, file=self.name) for entry in judged.problems])


def asked(what: Mapping[str, str]) -> Asked:
    """What is asked (root, dataset, path, name, sheet), the dataset allowed to reach `today`; KeyError when unknown."""
    root = Path(what["root"])
    found, _ = read_dataset(root / "datasets" / f"{what['dataset']}{ENDING}", root)
    if found is None:
        raise KeyError(what["dataset"])
    return Asked(bench(root), until(found, what["today"]), Path(what["path"]), what["name"], what.get("sheet", ""))


def examine(ref_area: str = "", language: str = SOURCE, **what: str) -> dict[str, Any]:
    """The report of a table: what was understood, every problem, the rows at fault, the certain mendings.

    It is written in that language, that of the page: this process knows nothing of it.

    What only its form needs is mended at once, and `questions` ask which columns are those that it lacks; `table` is
    then the table as text, empty when its form forbids it. `elsewhere` counts the rows of other territories.
    """
    with speaking(language):
        return _examined(asked(what), ref_area)


def _examined(question: Asked, ref_area: str) -> dict[str, Any]:
    judged = question.judge()
    form = [entry for entry in judged.problems if kinds()[entry.code].group in FORM and entry.code not in REPEATED]
    mended = mend(judged.table, form)
    ask = questions(question.dataset, mended.header, mended.rows, mended.left)
    open_to_repair = (*STRANGE, *(LACKING if ask else ()))
    if mended.unread or any(p.severity == "error" and p.code not in open_to_repair for p in mended.left):
        return {**_problems(judged.problems), "understood": [], "table": "", "rows": len(judged.table.sheet.rows)}
    known = [entry for entry in form if entry not in mended.left]
    left = [entry for entry in judged.problems if entry not in known]
    lines = judged.table.sheet.lines
    if has_errors(known) and not has_errors(left):
        # Values are looked at only once nothing is wrong, and nothing is any more.
        path = question.path.with_name("repare.csv")
        path.write_text(as_csv(mended.header, mended.rows), encoding="utf-8", newline="")
        judged = replace(question, path=path, sheet="").judge()
        left, lines = judged.problems, judged.table.sheet.lines
    repair = Repair(mended.header, mended.rows, lines, left)
    elsewhere = outside(question.dataset, question.bench.gazetteer.territories, ref_area, _mended_rows(repair))
    page = {**repair.page(), "questions": ask, "elsewhere": elsewhere, "understood": understood(known)}
    return {**_problems(left), **page}


def _mended_rows(repair: Repair) -> Iterator[dict[str, str]]:
    """The rows as they will be once their certain mendings are applied."""
    corrected = {(row, repair.header[place]): text for row, place, _, text in repair.certain if place >= 0}
    for row, cells in enumerate(repair.rows):
        yield {name: corrected.get((row, name), cell) for name, cell in zip(repair.header, cells, strict=True)}


def _problems(problems: Sequence[Problem]) -> dict[str, Any]:
    """All the problems, counted, and as the report that people read."""
    return {
        "errors": sum(entry.severity == "error" for entry in problems),
        "warnings": sum(entry.severity == "warning" for entry in problems),
        "report": html_report(problems) if problems else "",
    }


def weigh(database: str, ref_area: str, **what: str) -> dict[str, Any]:
    """What a valid table would change: rows of the dataset, then values and scores; only `errors` when it is not."""
    question = asked(what)
    judged = question.judge()
    errors = sum(entry.severity == "error" for entry in judged.problems)
    return {"errors": errors} if errors else _weighed(question, judged, database, ref_area)[0]


def _weighed(question: Asked, judged: Judged, database: str, ref_area: str) -> tuple[dict[str, Any], list[Problem]]:
    """What a valid table would change, and every warning that it deserves, alone or among the published rows."""
    whole = merge(question.dataset, judged, question.path.parent)
    surprising = surprises(whole, judged, question.bench, question.name)
    consequence = effect(
        question.bench.root,
        Path(database),
        whole.dataset,
        ref_area or None,
        question.bench.gazetteer.territories,
    )
    problems = [*judged.problems, *surprising]
    weight = {
        "errors": 0,
        "warnings": sum(entry.severity == "warning" for entry in problems),
        "surprises": [asdict(entry) for entry in surprising[:SHOWN_CHANGES]],
        "given": len(whole.given),
        "difference": {**_difference(whole.change, len(whole.given)), "leaps": leaps(whole, question.bench)},
        "effect": _told(consequence),
    }
    return weight, problems


def _told(consequence: Effect) -> dict[str, Any]:
    """What a page can show of an effect: one figure may move the rank of every commune; and how much there is."""

    def size(change: ScoreChange) -> float:
        return -abs((change.score_after or 0.0) - (change.score_before or 0.0))

    ordered = sorted(consequence.scores, key=size)
    index, parts = ([s for s in ordered if (s.node == INDEX) is wanted] for wanted in (True, False))
    return {
        "values": [asdict(change) for change in consequence.values[:SHOWN_CHANGES]],
        "values_count": len(consequence.values),
        "scores": [asdict(change) for change in (*index[:SHOWN_CHANGES], *parts[:SHOWN_CHANGES])],
        "parts_count": len(parts),
        "coverage": [asdict(change) for change in consequence.coverage],
    }


def _difference(change: Difference, given: int) -> dict[str, Any]:
    return {
        "text": change.text,
        "added": len(change.added),
        "changed": len(change.changed),
        "unchanged": given - len(change.added) - len(change.changed),
        "added_rows": [
            (change.label(row), [(name, text) for name, text in row.items() if name not in change.key and text])
            for row in change.added[:SHOWN_CHANGES]
        ],
        "changed_rows": [
            (change.label(entry.after), [(name, entry.before[name], entry.after[name]) for name in entry.columns])
            for entry in change.changed[:SHOWN_CHANGES]
        ],
    }


def seal(database: str, ref_area: str, **what: str) -> dict[str, Any]:
    """What `weigh` answers of a valid table, with its rows and the reports that go with them; else only `errors`."""
    question = asked(what)
    judged = question.judge()
    errors = sum(entry.severity == "error" for entry in judged.problems)
    if errors:
        return {"errors": errors}
    weight, problems = _weighed(question, judged, database, ref_area)
    reports = {"report.json": FORMATS["json"](problems), "report.md": FORMATS["markdown"](problems)}
    return {
        **weight,
        "header": list(judged.table.sheet.header),
        "rows": [list(row) for row in judged.table.sheet.rows],
        "reports": reports,
    }
