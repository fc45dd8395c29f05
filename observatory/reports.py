"""Writes problems for people (text), for programs (json) and for the margins of a pull request (github)."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from observatory.french import count, number
from observatory.problems import SEVERITIES, Problem

REPEATED = 20  # problems of one kind in one column of one file shown in full; the others are counted
LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def text_report(problems: Sequence[Problem]) -> str:
    """One line a problem, `file:line: column: sentence`, and a last line that sums up."""
    return "\n".join([*_lines(problems), summary(problems)])


def _lines(problems: Sequence[Problem]) -> Iterator[str]:
    groups: dict[tuple[str, str, str | None], list[Problem]] = defaultdict(list)
    for entry in problems:
        groups[entry.file, entry.code, entry.column].append(entry)
    for entry in problems:
        group = groups[entry.file, entry.code, entry.column]
        place = group.index(entry) if len(group) <= REPEATED else _place(group, entry)
        if place < REPEATED:
            yield text_line(entry)
        elif place == REPEATED:
            yield _others(group[REPEATED:])


def _place(group: list[Problem], entry: Problem) -> int:
    """Rank of the problem among the first of its group; past them, its rank does not matter."""
    return next((n for n, other in enumerate(group[: REPEATED + 1]) if other is entry), REPEATED + 1)


def text_line(entry: Problem) -> str:
    """`file:line: column: sentence`; warnings and information say that they are."""
    column = f"{entry.column}: " if entry.column else ""
    severity = "" if entry.severity == "error" else f"{SEVERITIES[entry.severity]} : "
    return f"{entry.place}: {column}{severity}{entry.sentence}"


def _others(group: list[Problem]) -> str:
    first, last = group[0], group[-1]
    column = f"{first.column}: " if first.column else ""
    if len(group) == 1:
        return f"{first.place}: {column}… et une autre ligne semblable."
    lines = f"première : {number(first.line)}, dernière : {number(last.line)}"
    return f"{first.file}: {column}… et {number(len(group))} autres lignes semblables ({lines})."


def summary(problems: Sequence[Problem]) -> str:
    """How many errors, warnings and remarks, and where to read more."""
    found = Counter(entry.severity for entry in problems)
    counts = [count(found[severity], name) for severity, name in SEVERITIES.items() if found[severity]]
    if not counts:
        return "Tout est en ordre."
    total = " et ".join([", ".join(counts[:-1])] * (len(counts) > 1) + counts[-1:])
    files = count(len({entry.file for entry in problems}), "fichier")
    end = "Chaque problème est expliqué dans docs/problems.md." if found["error"] else "Rien n'empêche la publication."
    return f"{total} dans {files}. {end}"


def json_report(problems: Sequence[Problem]) -> str:
    """All problems as one JSON object: {valid, errors, warnings, problems: […]}."""
    found = Counter(entry.severity for entry in problems)
    report = {
        "valid": not found["error"],
        "errors": found["error"],
        "warnings": found["warning"],
        "problems": [{**asdict(entry), "title": entry.title} for entry in problems],
    }
    return json.dumps(report, ensure_ascii=False, indent=2)


def github_report(problems: Sequence[Problem]) -> str:
    """One workflow command a problem, every part escaped so that no cell can end it or start another."""
    return "\n".join([*map(_command, problems), summary(problems)])


def _command(entry: Problem) -> str:
    properties = {"file": entry.file, "line": entry.line, "col": entry.position, "title": entry.title}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value is not None)
    column = f"{entry.column}: " if entry.column else ""
    return f"::{LEVELS[entry.severity]} {written}::{_data(column + entry.sentence)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(str(value)).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Sequence[Problem]], str]] = {
    "text": text_report,
    "json": json_report,
    "github": github_report,
}
