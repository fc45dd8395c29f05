"""Published indices recomputed to their printed precision, from methods written as files in cases/published."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from references import Table, table

from observatory.scoring import Bools, Floats, normalise
from observatory.scoring_tree import Tree, aggregate, tree

pytestmark = pytest.mark.conformance

METHODS = sorted((Path(__file__).parent / "cases" / "published").glob("*.yaml"))
TRANSFORMS = {"ln": np.log}


def structure(method: dict[str, Any]) -> Tree:
    """Each node lists its children; what lists nothing is an indicator."""
    parents = {child: node for node, children in method["structure"].items() for child in children}
    root = next(node for node in method["structure"] if node not in parents)
    return tree({root: None, **parents}, {})


def periods(method: dict[str, Any]) -> list[int | str]:
    given = method.get("periods")
    return list(range(given["first"], given["last"] + 1, given.get("every", 1))) if given else [""]


def of(method: dict[str, Any], name: str) -> dict[str, Any]:
    indicators: dict[str, dict[str, Any]] = method["indicators"]
    return indicators[name] if name in indicators else indicators["all"]


def goalposts(spec: dict[str, Any], name: str) -> list[float]:
    if isinstance(spec["goalposts"], list):
        return [float(bound) for bound in spec["goalposts"]]
    bounds = table(spec["goalposts"])
    return [float(bounds.column(side)[bounds.units.index(name)]) for side in bounds.header[1:3]]


def scores(method: dict[str, Any], found: Tree, period: int | str) -> tuple[Table, Floats]:
    """Scores of the indicators, one column each, by the method's transforms and goalposts."""
    data = table(method["table"].format(period=period))
    columns = []
    for name in found.names[: found.leaves]:
        spec = of(method, name)
        change = TRANSFORMS.get(spec.get("transform", ""), np.asarray)
        low, high = goalposts(spec, name)
        values = data.column(spec["column"].format(indicator=name, period=period))
        if spec.get("below") == "missing":
            values = np.where(values < low, np.nan, values)
        columns.append(normalise(change(values), float(change(low)), float(change(high))))
    return data, np.column_stack(columns)


def reproduced(found: Floats, printed: Floats, decimals: int) -> Bools:
    """Cells that round to what is printed, up to the dust of a sum."""
    return np.asarray(np.abs(found - printed) <= 0.5 * 10.0**-decimals + 1e-9)


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def missed_units(method: dict[str, Any], node: str, units: list[str], ours: Floats) -> set[str]:
    """Units whose score of that node the method says cannot be reproduced, and why: it names or describes them."""
    found: set[str] = set()
    for reason in method.get("missed", []):
        if node in reason.get("nodes", []):
            found |= set(reason["units"])
        if node in reason.get("absent", []):
            found |= {unit for unit, score in zip(units, ours, strict=True) if np.isnan(score)}
    return found


def published_nodes(method: dict[str, Any], found: Tree, period: int | str) -> dict[str, str]:
    columns: dict[str, str] = method["published"]["columns"]
    below_the_root = [name for name in found.names[found.leaves :] if name != found.names[-1]]
    nodes = below_the_root if "all" in columns else list(columns)
    return {node: columns.get(node, columns.get("all", "")).format(node=node, period=period) for node in nodes}


@pytest.mark.parametrize("path", METHODS, ids=lambda p: p.stem)
def test_the_published_scores_are_reproduced(path: Path) -> None:
    method = read(path)
    found, spec = structure(method), method["published"]
    mean, least = method["mean"], method.get("least", 0.0)
    count = 0
    for period in periods(method):
        data, leaves = scores(method, found, period)
        nodes = aggregate(found, leaves, mean, least) / 100.0 * spec["scale"]
        printed = table(spec["table"]) if "table" in spec else data
        assert printed.units == data.units
        for node, column in published_nodes(method, found, period).items():
            ours, theirs = nodes[:, found.names.index(node)], printed.column(column)
            same = reproduced(ours, theirs, spec["decimals"])
            count += int(same.sum())
            printed_units = {data.units[row] for row in np.flatnonzero(~np.isnan(theirs))}
            wrong = printed_units - {data.units[row] for row in np.flatnonzero(same)}
            assert wrong == missed_units(method, node, data.units, ours) & printed_units, (node, period)
    assert count == spec["reproduced"]


@pytest.mark.parametrize("path", [path for path in METHODS if "normalised" in read(path)], ids=lambda p: p.stem)
def test_the_published_normalised_cells_are_reproduced(path: Path) -> None:
    method = read(path)
    found, spec = structure(method), method["normalised"]
    data, ours = scores(method, found, "")
    theirs = table(spec["table"])
    assert theirs.units == data.units
    excused = {name: set(units) for reason in method["missed"] for name, units in reason.get("normalised", {}).items()}
    count = 0
    for place, name in enumerate(found.names[: found.leaves]):
        printed = theirs.column(spec["column"].format(indicator=name))
        same = reproduced(ours[:, place], printed, spec["decimals"])
        count += int(same.sum())
        assert {data.units[r] for r in np.flatnonzero(~same & ~np.isnan(printed))} == excused.get(name, set())
    assert count == spec["reproduced"]
