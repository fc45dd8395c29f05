"""What the files of the method say of each other: levels in order, nodes that exist, means that can be taken."""

from collections.abc import Iterator
from pathlib import Path

from observatory.framework import read_framework
from observatory.french import compact
from observatory.frozen import at, check_editions
from observatory.model import HEIGHTS, Framework
from observatory.problems import Problem, did_you_mean, nearest, problem, shown
from observatory.scoring_aggregate import MEANS
from observatory.yamlfiles import Document, read_document


def check_method(root: Path) -> list[Problem]:
    """Every problem of the method's files, in themselves and against the closed editions."""
    framework, problems = read_framework(root)
    if framework is None:
        return problems
    index = read_document(root / "indicators" / "index.yml", root)
    found = [*_levels(framework, index), *_gate(framework, index), *_means(framework, index)]
    return problems + found + list(check_editions(root, framework, index))


def _levels(framework: Framework, index: Document) -> Iterator[Problem]:
    before = -1.0
    for place, level in enumerate(framework.levels):
        expected = ""
        if level.level != place + 1:
            expected = f"le niveau {place + 1}"
        elif place == 0 and level.threshold != 0:
            expected = "0"
        elif level.threshold <= before:
            expected = f"plus de {compact(before)}"
        if expected:
            details = {"value": level.level, "threshold": compact(level.threshold), "expected": expected}
            yield at(index, "levels-disordered", ("levels", place), **details)
        before = level.threshold


def _gate(framework: Framework, index: Document) -> Iterator[Problem]:
    known = [domain.code for domain in framework.domains]
    for place, code in enumerate(framework.gate.domains if framework.gate else ()):
        if code not in known:
            details = {"value": shown(code), "suggestion": did_you_mean(nearest(code, known))}
            yield at(index, "unknown-node", ("gate", "domains", place), **details, expected=", ".join(known))


def _means(framework: Framework, index: Document) -> Iterator[Problem]:
    used = {"aggregation": [framework.mean_of(height) for height in HEIGHTS.values()]}
    used["uncertainty.aggregation"] = list(framework.uncertainty.aggregation)
    for key, names in used.items():
        refusing = [name for name in dict.fromkeys(names) if name in MEANS and MEANS[name].positive]
        if refusing and not framework.floor:
            line, position = index.mark(tuple(key.split(".")))
            yield problem("floor-missing", index.file, line, key, value=" », « ".join(refusing), position=position)
