"""The tree indicators/ as its files state it, and what is wrong with it: units, goalposts, thresholds, codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from observatory.codelists import check_codelists as check_codelists
from observatory.codelists import codes
from observatory.framework import domain_folders
from observatory.methods import check_method
from observatory.problems import Problem, did_you_mean, nearest, problem, shown
from observatory.sightings import Sighting as Sighting
from observatory.sightings import feeds as feeds
from observatory.sightings import report_overlaps as report_overlaps
from observatory.sightings import sightings as sightings
from observatory.yamlfiles import Document, read_document, shown_path


@dataclass(frozen=True)
class IndicatorFile:
    """An indicator as its file states it, before the framework accepts it."""

    code: str
    path: str
    document: Document

    @property
    def content(self) -> dict[str, Any]:
        """What the file says; empty when it cannot be read."""
        return self.document.value or {}

    @property
    def levels(self) -> list[str]:
        """Levels of territory where it applies; empty when the file does not say."""
        levels = self.content.get("levels")
        return levels if isinstance(levels, list) else []


def read_indicators(root: Path) -> dict[str, IndicatorFile]:
    """Every indicator file by code; of two with one code, the first in order of path."""
    files: dict[str, IndicatorFile] = {}
    for path in _indicator_paths(root):
        if path.name != "index.yml":
            files.setdefault(path.stem, IndicatorFile(path.stem, shown_path(path, root), read_document(path, root)))
    return files


def check_framework(root: Path, indicators: dict[str, IndicatorFile]) -> list[Problem]:
    """Everything wrong with the tree indicators/: missing or ill-formed files, unknown units, reversed goalposts."""
    if not (root / "indicators" / "index.yml").is_file():
        return [problem("missing-framework-file", "indicators/index.yml", value="indicators/index.yml")]
    scored = {Path(i.path).parent.name for i in indicators.values() if i.content.get("status") == "active"}
    problems = check_method(root, scored)
    units = list(codes(root, "units"))
    for indicator in indicators.values():
        problems += _check_indicator(indicator, units)
    return list(dict.fromkeys(problems + list(_duplicates(root, indicators))))


def _duplicates(root: Path, indicators: dict[str, IndicatorFile]) -> Iterator[Problem]:
    # A node of the tree is known by its code alone, be it an indicator, a domain or the index.
    taken = {home.name: f"indicators/{home.name}/index.yml" for home in domain_folders(root)}
    taken["index"] = "indicators/index.yml"
    for path in _indicator_paths(root):
        file = shown_path(path, root)
        first = indicators.get(path.stem)
        other = first.path if first and first.path != file else taken.get(path.stem)
        if other and path.name != "index.yml":
            yield problem("duplicate-indicator", file, value=path.stem, other=other)
    if "index" in (home.name for home in domain_folders(root)):
        yield problem("duplicate-indicator", "indicators/index/index.yml", value="index", other=taken["index"])


def _indicator_paths(root: Path) -> list[Path]:
    return [path for home in domain_folders(root) for path in sorted(home.glob("*.yml"))]


def _check_indicator(indicator: IndicatorFile, units: list[str]) -> Iterator[Problem]:
    content, document = indicator.content, indicator.document
    unit = content.get("unit")
    if isinstance(unit, str) and unit not in units:
        near = did_you_mean(nearest(unit, units))
        details = {"value": shown(unit), "suggestion": near, "expected": ", ".join(units)}
        yield _at(document, "unknown-unit", "unit", **details)
    posts = content.get("goalposts")
    low, high = (posts.get("low"), posts.get("high")) if isinstance(posts, dict) else (None, None)
    if _is_number(low) and _is_number(high) and low >= high:
        yield _at(document, "goalposts-reversed", "goalposts", value=low, expected=high)
    thresholds = content.get("thresholds")
    if isinstance(thresholds, list) and all(map(_is_number, thresholds)):
        falling = content.get("direction") == "lower"
        if thresholds != sorted(set(thresholds), reverse=falling):
            sense = "du plus grand au plus petit" if falling else "du plus petit au plus grand"
            written = ", ".join(map(str, thresholds))
            yield _at(document, "thresholds-disordered", "thresholds", value=f"[{written}]", expected=sense)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _at(document: Document, code: str, key: str, **details: object) -> Problem:
    line, position = document.mark((key,))
    return problem(code, document.file, line, key, position=position, **details)
