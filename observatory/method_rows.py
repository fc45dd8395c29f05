"""Rows of the tables that hold the method of every edition, closed ones too: weights, goalposts, levels, changes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from observatory.method_changes import changes
from observatory.model import Framework

Row = dict[str, Any]
TABLES = ("method_levels", "method_domains", "method_indicators", "method_changes")


def tables(editions: Sequence[Framework]) -> Mapping[str, Iterable[Row]]:
    """The rows of each table of TABLES; editions come by number, the current one last."""
    each = {"method_levels": _levels, "method_domains": _domains, "method_indicators": _indicators}
    rows: dict[str, Iterable[Row]] = {name: [r for e in editions for r in made(e)] for name, made in each.items()}
    return {**rows, "method_changes": list(_changes(editions))}


def _levels(edition: Framework) -> Iterator[Row]:
    for level in edition.levels:
        yield {"edition": edition.edition, "level": level.level, "threshold": level.threshold}


def _domains(edition: Framework) -> Iterator[Row]:
    for position, (code, rules) in enumerate(edition.method["domains"].items(), start=1):
        yield {"edition": edition.edition, "domain": code, "position": position, "weight": rules["weight"]}


def _indicators(edition: Framework) -> Iterator[Row]:
    position = 0
    for domain, home in edition.method["domains"].items():
        for code, rules in home["indicators"].items():
            position += 1
            yield {
                **rules,
                "edition": edition.edition,
                "indicator": code,
                "domain": domain,
                "position": position,
                "goalpost_low": rules["low"],
                "goalpost_high": rules["high"],
            }


def _changes(editions: Sequence[Framework]) -> Iterator[Row]:
    for before, after in pairwise(editions):
        for position, change in enumerate(changes(before.method, after.method), start=1):
            yield {
                **vars(change),
                "edition": after.edition,
                "previous": before.edition,
                "position": position,
                "before": json.dumps(change.before, ensure_ascii=False),
                "after": json.dumps(change.after, ensure_ascii=False),
            }
