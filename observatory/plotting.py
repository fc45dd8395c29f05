"""What the chart of a table shows when it opens, as datasette-vega reads it from the address: `g.mark=line&…`."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

VALUES = ("obs_value", "score", "value", "median")
TIMES = ("time_period", "edition")
PLACES = ("ref_area", "name", "code")
SERIES = ("indicator", "node", "ref_area", "category", "peer_group")
# Lines of more colours than these are not told apart; of a single period, a bar for each territory.
COLOURS = 10


def start(rows: Sequence[Sequence[Mapping[str, Any]]], labelled: bool = False) -> str:
    """The chart of those rows of Datasette (their cells have `column`, `raw` and `value`); "" when none makes sense.

    Values over time as a line, one colour a series; of a single period, bars by territory. `labelled` says that the
    rows will be read with the labels of the keys that other tables explain.
    """
    cells = {cell["column"]: cell for cell in rows[0]} if len(rows) > 1 else {}
    held = {name: {cell["raw"] for row in rows for cell in row if cell["column"] == name} for name in cells}
    y = next((name for name in VALUES if name in cells), None)
    time = next((name for name in TIMES if len(held.get(name, ())) > 1), None)
    x = time or next((name for name in PLACES if len(held.get(name, ())) > 1), None)
    if not y or not x:
        return ""
    series = next((n for n in SERIES if n != x and 1 < len(held.get(n, ())) <= COLOURS), None)
    named = {n: f"{n}.label" if labelled and _explained(cells[n]) else n for n in (x, series) if n}
    chosen = {"mark": "line" if time else "bar", "x_column": named[x], "x_type": "ordinal",
              "y_column": y, "y_type": "quantitative"}  # fmt: skip
    if series:
        chosen["color_column"] = named[series]
    return urlencode({f"g.{key}": value for key, value in chosen.items()})


def _explained(cell: Mapping[str, Any]) -> bool:
    # Datasette writes « label </a> <em>key</em> » where the table of the key has labels.
    return "<em>" in str(cell["value"])
