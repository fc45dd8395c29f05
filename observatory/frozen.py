"""Editions of the method: each closed one is a file of indicators/editions/ that is never touched again.

A file holds all that its scores are computed with and the SHA-256 of it, so that the scores of every edition are
computed again at each build, from the same observations, and that a retouched edition is noticed. The list of all that
were published stands beside them, so that a file taken away is noticed too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from observatory.framework import EDITIONS, gate_of, mean_of, read_framework
from observatory.model import Domain, Framework, Indicator, MaturityLevel
from observatory.problems import Problem, did_you_mean, nearest, problem, shown
from observatory.shapes import shape_problems
from observatory.yamlfiles import Document, read_document, read_schema

HEADING = "# Édition figée par scripts/edition.py : ce fichier ne se retouche pas.\n"
WIDTH = 118
PUBLISHED = "published.txt"  # beside the files, the number of each and the day it was closed, one a line
DRAFT = re.compile(r"^draft:.*\n?", re.M)


class Closed(Exception):
    """An edition cannot be closed; the message says why, in French."""


@dataclass(frozen=True)
class Frozen:
    """A closed edition as its file states it, and that edition as a framework once the tree completes its texts."""

    document: Document
    framework: Framework

    @property
    def recorded(self) -> str:
        """The SHA-256 that the method had when it was closed."""
        return str(self.document.value["sha256"])


def read_editions(root: Path) -> list[Framework]:
    """Every edition as a framework to compute scores with, by number, the current one last.

    The texts of a closed edition (titles, definitions) are today's. Raises ValueError when validation would find an
    error in the method.
    """
    current, problems = read_framework(root)
    if current is None:
        raise ValueError(problems[0].sentence)
    frozen, found = read_frozen(root, current)
    if found:
        raise ValueError(found[0].sentence)
    return [one.framework for one in frozen if one.framework.edition != current.edition] + [current]


def read_frozen(root: Path, current: Framework) -> tuple[list[Frozen], list[Problem]]:
    """The closed editions by number, and what makes their files unreadable."""
    documents = list(_documents(root))
    editions = [Frozen(one, _framework(one.value, current)) for one in documents if not one.problems]
    return editions, [problem for one in documents for problem in one.problems]


def _documents(root: Path) -> Iterator[Document]:
    schema = read_schema(root / "schemas" / "edition.jsonschema.json")
    for path in sorted((root / "indicators" / EDITIONS).glob("*.yml")):
        document = read_document(path, root)
        if document.value is not None:
            document.problems += shape_problems(document.value, schema, document.file, document.mark)
        yield document


def freeze(root: Path, day: str = "") -> Path:
    """Writes the file of the current edition, which is a draft no more from that `day` (ISO), and returns its path.

    Closed when the method cannot be read, or when its edition was published before.
    """
    framework, problems = read_framework(root)
    if framework is None:
        raise Closed(problems[0].sentence)
    path = root / "indicators" / EDITIONS / f"{framework.edition}.yml"
    published = path.with_name(PUBLISHED)
    if path.exists() or framework.edition in _published(root):
        raise Closed(f"l'édition {framework.edition} est déjà figée ; changez son numéro dans indicators/index.yml.")
    content = {
        "edition": framework.edition,
        "title": framework.title,
        "comparable_with": list(framework.comparable_with),
        "changes": framework.changes,
        "sha256": framework.sha256,
        "method": framework.method,
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADING + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=WIDTH), "utf-8")
    with published.open("a", encoding="utf-8") as file:
        file.write(f"{framework.edition} {day}".rstrip() + "\n")
    index = root / "indicators" / "index.yml"
    index.write_text(DRAFT.sub("", index.read_text("utf-8")), "utf-8")
    return path


def _published(root: Path) -> list[str]:
    """The number of every edition ever published, in order."""
    return list(closing_days(root))


def closing_days(root: Path) -> dict[str, str | None]:
    """Every edition ever published, in order → the day (ISO) on which it was closed, None where it is not said."""
    path = root / "indicators" / EDITIONS / PUBLISHED
    lines = path.read_text("utf-8", errors="replace").splitlines() if path.is_file() else []
    written = (line.split() for line in lines if line.strip())
    return {number: day[0] if day else None for number, *day in written}


def check_editions(root: Path, current: Framework | None, index: Document) -> Iterator[Problem]:
    """What is wrong between the closed editions and the current one, and within each of them.

    Without `current`, which could not be read, what its index.yml and the names of files say.
    """
    for document in _documents(root):
        yield from document.problems
        if current and not document.problems:
            one = Frozen(document, _framework(document.value, current))
            yield from _check_frozen(one, current)
            yield from _check_order(one, current, index)
    yield from _check_published(root)
    yield from _check_index(root, index)


def _check_published(root: Path) -> Iterator[Problem]:
    """Where the list of published editions and the files beside it differ."""
    folder = f"indicators/{EDITIONS}"
    files, published = _files(root), _published(root)
    for line, edition in enumerate(published, start=1):
        if edition not in files:
            value, expected = shown(edition), shown(f"{folder}/{edition}.yml")
            yield problem("edition-missing", f"{folder}/{PUBLISHED}", line, value=value, expected=expected)
    for edition in files:
        if edition not in published:
            expected = f"{folder}/{PUBLISHED}"
            yield problem("edition-missing", f"{folder}/{edition}.yml", value=shown(edition), expected=expected)


def _check_index(root: Path, index: Document) -> Iterator[Problem]:
    """What index.yml says of editions, where it says it in the right form."""
    content, files = index.value or {}, _files(root)
    edition, cited = content.get("edition"), content.get("comparable_with")
    if isinstance(edition, str) and edition not in [*files, *_published(root)] and not content.get("draft"):
        yield at(index, "edition-unfrozen", ("edition",), value=shown(edition))
    for place, other in enumerate(cited if isinstance(cited, list) else ()):
        if isinstance(other, str) and other not in files:
            near = did_you_mean(nearest(other, files))
            yield at(index, "unknown-edition", ("comparable_with", place), value=shown(other), suggestion=near)


def _files(root: Path) -> list[str]:
    """The number of every edition that has a file, in order."""
    return sorted(path.stem for path in (root / "indicators" / EDITIONS).glob("*.yml"))


def _check_frozen(one: Frozen, current: Framework) -> Iterator[Problem]:
    edition, document = one.framework.edition, one.document
    if document.file.rpartition("/")[2] != f"{edition}.yml" or one.framework.sha256 != one.recorded:
        yield at(document, "edition-altered", ("sha256",), value=edition, expected=one.recorded[:12])
    for indicator in one.framework.scored:
        kept = current.indicator(indicator.code)
        if kept is None or kept.status == "planned":
            yield at(
                document,
                "edition-indicator",
                ("method", "domains", indicator.domain, "indicators", indicator.code),
                value=indicator.code,
                edition=edition,
            )


def _check_order(one: Frozen, current: Framework, index: Document) -> Iterator[Problem]:
    edition = one.framework.edition
    if edition > current.edition:
        yield at(index, "edition-not-last", ("edition",), value=current.edition, expected=edition)
    elif edition == current.edition and (current.draft or one.framework.sha256 != current.sha256):
        part = next(iter(differences(one.framework.method, current.method)), "draft")
        yield at(index, "edition-changed", ("edition",), value=edition, other=one.document.file, part=part)


def differences(before: dict[str, Any], after: dict[str, Any], path: str = "") -> Iterator[str]:
    """The dotted keys of a method (`min_coverage.index`) by which two differ, in alphabetical order."""
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        name = f"{path}{key}"
        if isinstance(one, dict) and isinstance(other, dict):
            yield from differences(one, other, f"{name}.")
        elif one != other:
            yield name


def at(document: Document, code: str, path: tuple[str | int, ...], **details: object) -> Problem:
    """A problem of a YAML file at a key of it."""
    line, position = document.mark(path)
    column = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    return problem(code, document.file, line, column, position=position, **details)


def _framework(content: dict[str, Any], current: Framework) -> Framework:
    method = content["method"]
    homes = {domain.code: domain for domain in current.domains}
    domains = []
    for position, (code, rules) in enumerate(method["domains"].items(), start=1):
        home = homes.get(code) or Domain(code, code, "", "", 0, 0)
        domains.append(replace(home, weight=float(rules["weight"]), position=position))
    noted = [
        _indicator(current, code, indicator, rules)
        for code, home in method["domains"].items()
        for indicator, rules in home["indicators"].items()
    ]
    codes = {indicator.code for indicator in noted}
    shown_only = [replace(i, status="context") for i in current.indicators if i.code not in codes]
    return replace(
        current,
        edition=content["edition"],
        title=content["title"],
        comparable_with=tuple(content["comparable_with"]),
        changes=content["changes"],
        draft=False,
        time_period=method["time_period"],
        min_coverage_index=float(method["min_coverage"]["index"]),
        min_coverage_domain=float(method["min_coverage"]["domain"]),
        min_domains=int(method["min_domains"]),
        levels=tuple(_level(level, t) for level, t in zip(current.levels, method["thresholds"], strict=True)),
        domains=tuple(domains),
        indicators=tuple(noted + shown_only),
        details={"normalisation": method["normalisation"]},
        mean=mean_of(method["aggregation"]),
        floor=float(method["floor"]),
        gate=gate_of(method["gate"]),
    )


def _level(level: MaturityLevel, threshold: float) -> MaturityLevel:
    return replace(level, threshold=float(threshold))


def _indicator(current: Framework, domain: str, code: str, rules: dict[str, Any]) -> Indicator:
    """The indicator as it was scored; what it measures and how it adds up is today's."""
    known = current.indicator(code) or NOTHING
    return replace(
        known,
        code=code,
        domain=domain,
        status="active",
        direction="lower" if rules["low"] > rules["high"] else "higher",
        weight=float(rules["weight"]),
        low=float(rules["low"]),
        high=float(rules["high"]),
        scored_levels=tuple(rules["scored_levels"]),
        max_age=int(rules["max_age"]),
        details={**known.details, "thresholds": rules["thresholds"]},
    )


# Stands for an indicator that a closed edition scores and that the tree has no more, until validation says so.
NOTHING = Indicator("", "", "planned", "", "higher", 0, 0, 0, (), (), 0, "value", "none", "none", "missing", {})
