"""Writes problems for people (text, markdown, html), for programs (json, sarif) and in a pull request (github)."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from observatory.digest import REPEATED, Key, group_key, summary, worst_first
from observatory.french import count, number
from observatory.problems import SEVERITIES, Problem, has_errors, publishable
from observatory.reports_html import html_page
from observatory.reports_markdown import markdown_report
from observatory.sarif import sarif_report

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
ANNOTATIONS = 10  # of each severity that GitHub shows for a step


def text_report(problems: Sequence[Problem]) -> str:
    """One line a problem, `file:line: column: sentence`, and a last line that sums up."""
    return "\n".join([*_lines(problems), summary(problems)])


def _lines(problems: Sequence[Problem]) -> Iterator[str]:
    sizes = Counter(map(group_key, problems))
    last = {group_key(entry): entry for entry in problems}
    seen: Counter[Key] = Counter()
    for entry in problems:
        key = group_key(entry)
        if seen[key] < REPEATED:
            yield text_line(entry)
        elif seen[key] == REPEATED:
            yield _others(entry, last[key], sizes[key] - REPEATED)
        seen[key] += 1


def text_line(entry: Problem) -> str:
    """`file:line: column: sentence`; warnings and information say that they are."""
    severity = "" if entry.severity == "error" else f"{SEVERITIES[entry.severity]} : "
    return f"{entry.place}: {_column(entry)}{severity}{entry.sentence}"


def _column(entry: Problem) -> str:
    return f"{entry.column}: " if entry.column else ""


def _others(first: Problem, last: Problem, size: int) -> str:
    if size == 1:
        return f"{first.place}: {_column(first)}… et une autre ligne semblable."
    lines = f"première : {number(first.line)}, dernière : {number(last.line)}"
    return f"{first.file}: {_column(first)}… et {number(size)} autres lignes semblables ({lines})."


def json_report(problems: Sequence[Problem]) -> str:
    """All problems as one JSON object: {valid, publishable, errors, warnings, infos, summary, problems: […]}."""
    found = Counter(entry.severity for entry in problems)
    report = {
        "valid": not has_errors(problems),
        "publishable": publishable(problems),
        "errors": found["error"],
        "warnings": found["warning"],
        "infos": found["info"],
        "summary": summary(problems),
        "problems": [{**vars(entry), "title": entry.title, "place": entry.place} for entry in problems],
    }
    return json.dumps(report, ensure_ascii=False, indent=2)


def github_report(problems: Sequence[Problem]) -> str:
    """Workflow commands, every part escaped so that no cell can end one or start another.

    GitHub shows ten annotations of each severity for a step: those are the worst and the most various, and a notice
    says how many problems there are in all.
    """
    written: Counter[str] = Counter()
    limits = {"error": ANNOTATIONS, "warning": ANNOTATIONS, "info": ANNOTATIONS - 1}  # one notice is the summary
    commands = []
    for entry in worst_first(problems):
        if written[entry.severity] < limits[entry.severity]:
            commands.append(_command(entry))
            written[entry.severity] += 1
    unsaid = len(problems) - written.total()
    more = f" {count(unsaid, 'problème n’est pas annoté', 'problèmes ne sont pas annotés')} ici." if unsaid else ""
    return "\n".join([*commands, f"::notice title=Validation::{_data(summary(problems) + more)}"])


def _command(entry: Problem) -> str:
    # Rows of a spreadsheet are not lines of the file: the cell is said in words.
    places = {"line": entry.line, "col": entry.position} if entry.cell is None else {}
    properties = {"file": entry.file, **places, "title": entry.title}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value is not None)
    cell = f"{entry.cell}: " if entry.cell else ""
    return f"::{COMMANDS[entry.severity]} {written}::{_data(cell + _column(entry) + entry.sentence)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Sequence[Problem]], str]] = {
    "text": text_report,
    "json": json_report,
    "github": github_report,
    "sarif": sarif_report,
    "markdown": markdown_report,
    "html": html_page,
}
