"""Which territories a contribution may tell of: the levels that its dataset takes, the territory that was chosen."""

import csv
from collections.abc import Iterable, Mapping
from typing import Any

from observatory.model import Dataset
from observatory.territories import Territories, level_of

ORDER = ("FRA", "REG", "DEP", "EPCI", "COM")
SHOWN_AREAS = 5


def territory_column(dataset: Dataset) -> tuple[str, str]:
    """Name of the column of the territory and its level (`ref_area`: any), both empty when there is none."""
    entry = next((entry for entry in dataset.schema["fields"] if "territory" in entry), None)
    return (entry["name"], entry["territory"]) if entry else ("", "")


def levels_taken(dataset: Dataset) -> list[str]:
    """Levels of territory of the rows of a dataset, the largest first; empty when it takes any."""
    name, level = territory_column(dataset)
    if level in ORDER:
        return [level]
    if not name or dataset.form != "long" or not dataset.csv_path.is_file():
        return []
    with dataset.csv_path.open(encoding="utf-8", newline="") as stream:
        found = {level_of(row.get(name) or "") for row in csv.DictReader(stream)}
    return [known for known in ORDER if known in found]


def is_taken(level: str, levels: list[str]) -> bool:
    """Whether a territory of that level is one of those, or may be made of some."""
    return not levels or level not in ORDER or ORDER.index(level) <= max(map(ORDER.index, levels))


def outside(dataset: Dataset, territories: Territories, ref_area: str, rows: Iterable[Mapping[str, str]]) -> Any:
    """How many rows tell of a territory that is neither the chosen one nor part of it, and the names of the first.

    Territories that the dataset's vintage does not know are objected to elsewhere.
    """
    name, level = territory_column(dataset)
    if not name or not ref_area or ref_area == ORDER[0]:
        return {"rows": 0, "areas": []}
    day = f"{dataset.descriptor.get('cog', '2000')}-01-01"
    scope = _members(territories, ref_area, day)
    prefix = f"{level}-" if level in ORDER else ""
    count, areas = 0, dict[str, None]()
    for row in rows:
        known = territories.get(prefix + row.get(name, "").strip())
        if known and known.ref_area not in scope and territories.exists(known.ref_area, day):
            count += 1
            areas[f"{known.name} ({known.ref_area})"] = None
    return {"rows": count, "areas": list(areas)[:SHOWN_AREAS], "others": max(0, len(areas) - SHOWN_AREAS)}


def _members(territories: Territories, ref_area: str, day: str) -> set[str]:
    """The territory and its members, that day and by the codes of today."""
    tops = {ref_area} | {source for _, source in territories.origins(ref_area)}
    return tops | {low for top in tops for level in ORDER for low in territories.children(top, level, day)}
