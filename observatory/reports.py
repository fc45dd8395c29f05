"""Writes problems for people (text, markdown, html), for programs (json, sarif) and in a pull request (github)."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from observatory.digest import REPEATED, Key, group_key, summary, worst_first
from observatory.french import count, number
from observatory.problems import SEVERITIES, Problem, has_errors, publishable
from observatory.reports_html import html_page
from observatory.reports_markdown import markdown_report
from observatory.sarif import sarif_report

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
ALIKE = 4  # problems that differ by one word, on one line, of which one only is told
EXAMPLES = 5  # problems told of those that repeat themselves
ANNOTATIONS = 10  # of each severity that GitHub shows for a step


def text_report(problems: Sequence[Problem]) -> str:
    """One line a problem, `file:line: column: sentence`, and a last line that sums up.

    Of a kind met more than twenty times in one column, a few different sentences are told, and the others counted.
    """
    return "\n".join([*_lines(problems), summary(problems)])


def _lines(problems: Sequence[Problem]) -> Iterator[str]:
    groups: dict[Key, list[Problem]] = {}
    for entry in problems:
        groups.setdefault(group_key(entry), []).append(entry)
    examples = {key: _examples(group) for key, group in groups.items()}
    told = set().union(*examples.values())
    for entry in problems:
        key = group_key(entry)
        if id(entry) in examples[key]:
            yield text_line(entry)
            examples[key].remove(id(entry))
            others = [other for other in groups[key] if id(other) not in told]
            if others and not examples[key]:
                yield _others(others)


def _examples(group: list[Problem]) -> set[int]:
    """Which problems of a group are told (by their id): all of them, or the first to say something else."""
    if len(group) >= ALIKE and len({(entry.line, _pattern(entry)) for entry in group}) == 1:
        return {id(group[0])}
    if len(group) <= REPEATED:
        return set(map(id, group))
    first: dict[str, Problem] = {}
    for entry in group:
        first.setdefault(entry.sentence, entry)
    return {id(entry) for entry in islice(first.values(), EXAMPLES)}


def text_line(entry: Problem) -> str:
    """`file:line: column: sentence`; warnings and information say that they are."""
    severity = "" if entry.severity == "error" else f"{SEVERITIES[entry.severity]} : "
    return f"{entry.place}: {_column(entry)}{severity}{entry.sentence}"


def _column(entry: Problem) -> str:
    return f"{entry.column}: " if entry.column else ""


def _pattern(entry: Problem) -> str:
    return entry.sentence.replace(f"« {entry.value} »", "…")


def _others(entries: list[Problem]) -> str:
    first, last, size = entries[0], entries[-1], number(len(entries))
    if first.line == last.line:
        values = ", ".join(f"« {entry.value} »" for entry in entries if entry.value)
        return f"{first.place}: {_column(first)}… et {size} de plus, de même : {values}."
    lines = f"première : {number(first.line)}, dernière : {number(last.line)}"
    return f"{first.file}: {_column(first)}… et {size} autres lignes semblables ({lines})."


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
