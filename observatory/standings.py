"""Where the values of a territory stand among those of its kind: ranks of values, not of scores, which stop at 100."""

import sqlite3
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

# Values of today's perimeters, as the page of an indicator ranks them when it shows that geography.
VALUES = """select coalesce(k.obs_value, o.obs_value) as value
from territories t
left join observations_constant k on k.indicator = :indicator and k.ref_area = t.ref_area and k.time_period = :period
left join observations o on o.indicator = :indicator and o.ref_area = t.ref_area and o.time_period = :period
where t.category = :category and t.valid_to is null and value is not null order by value"""


class Standing(NamedTuple):
    """A rank among `among` values; `ties` is how many others have the same one."""

    rank: int
    among: int
    ties: int


def standings(path: str | Path, category: str, values: Iterable[Mapping[str, Any]]) -> dict[str, Standing]:
    """Indicator → standing of each row of territory_values that has a value of today's perimeters."""
    changed = Path(path).stat().st_mtime_ns
    found = {}
    for v in values:
        if v["obs_value"] is not None:
            ordered = _ordered(str(path), changed, v["indicator"], category, v["time_period"])
            if len(ordered) > 1:
                found[v["indicator"]] = standing(v["obs_value"], ordered, v["direction"])
    return found


def standing(value: float, ordered: "array[float]", direction: str | None) -> Standing:
    """The standing of one of the values, given from the lowest to the highest."""
    first, after = bisect_left(ordered, value), bisect_right(ordered, value)
    before = first if direction == "lower" else len(ordered) - after
    return Standing(before + 1, len(ordered), max(after - first - 1, 0))


@lru_cache(maxsize=512)
def _ordered(path: str, changed: int, indicator: str, category: str, period: str) -> "array[float]":
    # The values of a kind serve all its territories: tens of thousands for communes, read once a file (`changed`).
    with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as db:
        asked = {"indicator": indicator, "category": category, "period": period}
        return array("d", (row[0] for row in db.execute(VALUES, asked)))
