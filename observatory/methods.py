"""What the files of the method say of each other: levels in order, nodes that exist, means that can be taken.

Each part of index.yml that has its form is judged, whatever is wrong elsewhere: every fault is said at once.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TypeGuard

from observatory.framework import domain_folders, read_framework
from observatory.french import compact
from observatory.frozen import at, check_editions
from observatory.problems import Problem, did_you_mean, nearest, shown
from observatory.scoring_aggregate import MEANS
from observatory.yamlfiles import Document, read_document

SCALE = (0, 100)


def check_method(root: Path, scored: Collection[str]) -> list[Problem]:
    """Every problem of the method's files, in themselves and against the closed editions.

    `scored` holds the codes of the domains that have an indicator in the score.
    """
    framework, problems = read_framework(root)
    index = read_document(root / "indicators" / "index.yml", root)
    known = [home.name for home in domain_folders(root)]
    found = [*_levels(index), *_gate(index, known), *_means(index), *_domains(index, scored)]
    return problems + found + list(check_editions(root, framework, index))


def _levels(index: Document) -> Iterator[Problem]:
    before = -1.0
    for place, level in enumerate(_part(index, list, "levels")):
        number, threshold = (level.get("level"), level.get("threshold")) if isinstance(level, dict) else (None, None)
        if not _is_number(number) or not _is_number(threshold) or not SCALE[0] <= threshold <= SCALE[1]:
            continue  # its form is another problem
        expected = ""
        if number != place + 1:
            expected = f"le niveau {place + 1}"
        elif place == 0 and threshold != 0:
            expected = "0"
        elif threshold <= before:
            expected = f"plus de {compact(before)}"
        if expected:
            details = {"value": number, "threshold": compact(threshold), "expected": expected}
            yield at(index, "levels-disordered", ("levels", place), **details)
        before = threshold


def _gate(index: Document, known: list[str]) -> Iterator[Problem]:
    for place, code in enumerate(_part(index, list, "gate", "domains")):
        if isinstance(code, str) and code not in known:
            details = {"value": shown(code), "suggestion": did_you_mean(nearest(code, known))}
            yield at(index, "unknown-node", ("gate", "domains", place), **details, expected=", ".join(known))


def _means(index: Document) -> Iterator[Problem]:
    written = (index.value or {}).get("aggregation")
    used: dict[tuple[str, ...], list[Any]] = {
        ("aggregation",): list(written.values()) if isinstance(written, dict) else [written],
        ("uncertainty", "aggregation"): _part(index, list, "uncertainty", "aggregation"),
    }
    for path, names in used.items():
        texts = dict.fromkeys(name for name in names if isinstance(name, str))
        refusing = [name for name in texts if name in MEANS and MEANS[name].positive]
        if refusing and "floor" not in index.value:
            yield at(index, "floor-missing", path, value=" », « ".join(refusing))


def _domains(index: Document, scored: Collection[str]) -> Iterator[Problem]:
    least = (index.value or {}).get("min_domains")
    if _is_number(least) and least > len(scored) > 0:
        yield at(index, "min-domains-too-many", ("min_domains",), value=least, expected=len(scored))


def _part(index: Document, kind: type, *path: str) -> Any:
    """What stands at that path of the file when it is of that kind; else the empty one."""
    value = index.value
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, kind) else kind()


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
