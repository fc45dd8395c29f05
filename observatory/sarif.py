"""Writes problems as SARIF 2.1.0, which forges and editors read."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from observatory.digest import worst_first
from observatory.french import number
from observatory.problems import HELP, SEVERITIES, Kind, Problem, kinds, shown

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
RESULTS = 25_000  # the most that a forge reads in a run
CELL = re.compile(r'"(?:[^"]|"")*"|[^"]*?')
DELIMITERS = (",", ";", "\t", "|")
Lines = Callable[[str], list[str]]


def sarif_report(problems: Sequence[Problem], root: Path = Path(), site: str = "") -> str:
    """One run: the kinds of problem as rules, the problems as results, worst first.

    Files are read under `root`, to say which characters a certain correction replaces. `site` is the address of the
    portal (https://…), where each rule has its explanation.
    """
    ranked = worst_first(problems)

    @lru_cache(maxsize=4)
    def lines(file: str) -> list[str]:
        return _lines(root / file)

    run: dict[str, Any] = {
        "tool": {"driver": {"name": "validate.py", "rules": [_rule(kind, site) for kind in kinds().values()]}},
        "language": "fr",
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _unsaid(len(ranked))}],
        "results": list(_results(ranked[:RESULTS], lines)),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1)


def _unsaid(size: int) -> list[dict[str, Any]]:
    if size <= RESULTS:
        return []
    text = f"{number(size - RESULTS)} problèmes sur {number(size)} ne sont pas dans ce fichier."
    return [{"level": "warning", "message": {"text": text}}]


def _rule(kind: Kind, site: str) -> dict[str, Any]:
    anchor = f"{HELP}#{kind.code}"
    rule: dict[str, Any] = {
        "id": kind.code,
        "shortDescription": {"text": f"{kind.title}."},
        "fullDescription": {"text": kind.cause},
        "help": {
            "text": f"{kind.sentence} {kind.cause} ({anchor})",
            "markdown": f"{kind.sentence}\n\n{kind.cause}\n\n`{anchor}`",
        },
        "defaultConfiguration": {"level": LEVELS[kind.severity]},
        "properties": {"tags": [kind.group, SEVERITIES[kind.severity]]},
    }
    # The standard wants an absolute address here: without the portal's, there is none.
    return rule | ({"helpUri": site.rstrip("/") + anchor} if site else {})


def _results(problems: Sequence[Problem], lines: Lines) -> Iterator[dict[str, Any]]:
    ranks = {code: rank for rank, code in enumerate(kinds())}
    seen: Counter[str] = Counter()
    for entry in problems:
        mark = "|".join(map(str, (entry.code, entry.file, entry.column, entry.value)))
        seen[mark] += 1
        result: dict[str, Any] = {
            "ruleId": entry.code,
            "ruleIndex": ranks[entry.code],
            "level": LEVELS[entry.severity],
            "message": {"text": f"{entry.column} : {entry.sentence}" if entry.column else entry.sentence},
            "locations": [_location(entry)],
            # Neither line nor message: the same problem elsewhere in the file is the same problem.
            "partialFingerprints": {"problem/v1": sha256(f"{mark}|{seen[mark]}".encode()).hexdigest()},
        }
        if fix := _fix(entry, lines):
            result["fixes"] = [fix]
        yield result


def _artifact(file: str) -> dict[str, str]:
    if Path(file).is_absolute():
        return {"uri": f"file://{quote(file)}"}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _location(entry: Problem) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(entry.file)}
    if entry.line is not None and entry.cell is None:
        column = {} if entry.position is None else {"startColumn": entry.position}
        physical["region"] = {"startLine": entry.line, **column}
    logical = {name: text for name, text in (("name", entry.column), ("fullyQualifiedName", entry.cell)) if text}
    return {"physicalLocation": physical} | ({"logicalLocations": [logical]} if logical else {})


def _fix(entry: Problem, lines: Lines) -> dict[str, Any] | None:
    """The replacement of exactly the characters of the cell, or None when they cannot be told with certainty."""
    if entry.correction is None or entry.column is None or entry.line is None or entry.cell:
        return None
    region = _region(lines(entry.file), entry)
    if region is None:
        return None
    start, end, delimiter = region
    text = entry.correction
    if delimiter in text or '"' in text or "\n" in text:
        text = '"' + text.replace('"', '""') + '"'
    deleted = {"startLine": entry.line, "startColumn": start + 1, "endLine": entry.line, "endColumn": end + 1}
    replacement = {"deletedRegion": deleted, "insertedContent": {"text": text}}
    changes = [{"artifactLocation": _artifact(entry.file), "replacements": [replacement]}]
    said = f"Écrire « {text} »." if text else "Laisser la cellule vide."
    return {"description": {"text": said}, "artifactChanges": changes}


def _lines(path: Path) -> list[str]:
    """Physical lines of a text file; nothing of any other."""
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")  # every kind of end of line is read as one
    except (OSError, UnicodeDecodeError):
        return []


def _region(lines: list[str], entry: Problem) -> tuple[int, int, str] | None:
    """Where the cell stands in its line, and the delimiter; only if it holds the value that the problem quotes."""
    if entry.line is None or not 1 < entry.line <= len(lines):
        return None
    line = lines[entry.line - 1]
    for delimiter in DELIMITERS:
        names = [name for _, _, name in _cells(lines[0], delimiter)]
        if entry.column in names:
            cells = _cells(line, delimiter)
            if len(cells) != len(names):
                return None  # a row of many lines, or of the wrong width
            start, end, value = cells[names.index(entry.column)]
            return (start, end, delimiter) if shown(value) == entry.value else None
    return None


def _cells(line: str, delimiter: str) -> list[tuple[int, int, str]]:
    """Cells of a line: where each begins and ends, quotes included, and its text; nothing of a stray quote."""
    cells = []
    start = 0
    pattern = re.compile(rf"(?:{CELL.pattern})(?={re.escape(delimiter)}|$)")
    while found := pattern.match(line, start):
        text = found[0]
        cells.append((start, found.end(), text[1:-1].replace('""', '"') if text.startswith('"') else text))
        if found.end() == len(line):
            return cells
        start = found.end() + 1
    return []
