"""Writes problems as Markdown, for the comment and the summary of a pull request: bounded, with nothing live in it."""

import re
from collections.abc import Iterator, Sequence

from observatory.digest import Group, grouped, summary
from observatory.french import count, number
from observatory.problems import SEVERITIES, Problem

BOUND = 65_000  # characters: a comment of GitHub holds 65,536
EXAMPLES = 3  # problems written in full for each kind, column and file
TEXT = 300  # characters of a message
NAME = 120  # characters of a file, of a column
JOINER = "\u2060"  # invisible: keeps a name after @, a number after # and an address from being recognised
PUNCTUATION = re.compile(r"[&<>|`*_\[\]~\\!$]|(?<=:):|(?<=-)-")
RECOGNISED = re.compile(r"@|#|(?i:www(?=\.)|:(?=//)|\bGH(?=-))")


def escaped(text: str, limit: int = TEXT) -> str:
    """The text as Markdown shows it, and no more: no markup, link, mention nor workflow command."""
    line = " ".join(text.split())
    line = line if len(line) <= limit else f"{line[: limit - 1]}…"
    inert = PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", line)
    # After the entities, whose own # must stay joined to their number.
    return re.sub(r"&#\d+;|" + RECOGNISED.pattern, _unrecognised, inert)


def _unrecognised(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("&#") else found[0] + JOINER


def markdown_report(problems: Sequence[Problem]) -> str:
    """The summary, a table of files and kinds with their counts, then the first problems of each."""
    groups = grouped(problems)
    parts = [f"**{escaped(summary(problems))}**"]
    if groups:
        parts.append(_table(groups))
    room = BOUND - len("\n\n".join(parts)) - 200
    written = 0
    for block, told in _examples(groups):
        if len(block) + 2 > room:
            break
        room -= len(block) + 2
        written += told
        parts.append(block)
    if left := len(problems) - written:
        parts.append(f"_{count(left, 'problème n’est pas montré', 'problèmes ne sont pas montrés')} ici._")
    return "\n\n".join(parts) + "\n"


def _table(groups: list[Group]) -> str:
    lines = ["| Fichier | Problème | Colonne | Gravité | Nombre |", "|---|---|---|---|---:|"]
    room = BOUND // 2
    for place, group in enumerate(groups):
        first = group.first
        cells = [first.file, first.title, first.column or "", SEVERITIES[first.severity]]
        row = "| " + " | ".join([*(escaped(cell, NAME) for cell in cells), number(len(group.problems))]) + " |"
        room -= len(row) + 1
        if room < 0:
            return "\n".join([*lines, f"| … | {count(len(groups) - place, 'autre sorte', 'autres sortes')} | | | |"])
        lines.append(row)
    return "\n".join(lines)


def _examples(groups: list[Group]) -> Iterator[tuple[str, int]]:
    for group in groups:
        first, shown = group.first, group.problems[:EXAMPLES]
        place = f"{first.file}, colonne {first.column}" if first.column else first.file
        lines = [f"#### {escaped(first.title)} : {escaped(place)}", ""]
        lines += map(_item, shown)
        yield "\n".join(lines), len(shown)


def _item(entry: Problem) -> str:
    where = f"cellule {entry.cell}" if entry.cell else f"ligne {entry.line}" if entry.line else "fichier"
    said = f"- **{escaped(where)}** : {escaped(entry.message)} {escaped(entry.mending)}"
    if entry.correction is None:
        return said
    return f"{said} → <ins>{escaped(entry.correction)}</ins>" if entry.correction else f"{said} → cellule vide"
