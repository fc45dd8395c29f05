"""A long table that gives a status holds a value where the status is that of one, and nowhere else."""

import numpy as np

from observatory.columns import where
from observatory.problems import shown
from observatory.reading import Table

WITH = {"A", "P"}
WITHOUT = {"M": "sans objet", "O": "manquante", "Q": "couverte par le secret statistique"}


def report_statuses(table: Table) -> None:
    """Reports the rows whose status says that there is no value beside a value, or the contrary."""
    if not {"obs_value", "obs_status"} <= set(table.cells):
        return
    values, statuses = table.cells["obs_value"], table.cells["obs_status"]
    empty = np.array([*(not text.strip() for text in table.raw["obs_value"].values), True], dtype=np.bool_)
    blank = empty[table.raw["obs_value"].codes]
    for status, why in WITHOUT.items():
        rows = where(statuses, {status})
        for row in rows[values.codes[rows] >= 0].tolist():
            written = shown(table.raw["obs_value"][row])
            table.report("withheld-value", row, "obs_value", value=written, status=status, why=why)
    rows = where(statuses, WITH)
    for row in rows[blank[rows]].tolist():
        table.report("status-without-value", row, "obs_value", value=statuses[row])
