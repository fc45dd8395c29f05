"""The status of each figure: what the register of statuses said of it last, else what its source says."""

import csv
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from observatory import records
from observatory.aggregation import Observation
from observatory.model import Dataset

LIST = "figure_statuses"
CORRECTED, WITHDRAWN = "corrected", "withdrawn"
Key = tuple[str, str, str]  # indicator, ref_area, time_period: that of an Observation


def register_path(root: Path) -> Path:
    """Where the register stands in the repository at `root`, which may have none."""
    return root / "codelists" / f"{LIST}.csv"


def numbered(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line where it begins, cells by column) of each whole row of a register; none when there is no file."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows, [])
        line = rows.line_num + 1
        for cells in rows:
            if len(cells) == len(header):
                yield line, dict(zip(header, cells, strict=True))
            line = rows.line_num + 1


def register_rows(root: Path) -> list[dict[str, Any]]:
    """Rows of the table `figure_statuses`, by figure and then by date."""
    rows: list[dict[str, Any]] = []
    for _, cells in numbered(register_path(root)):
        previous = float(cells["previous_value"]) if cells["previous_value"] else None
        rows.append({**cells, "previous_value": previous})
    return sorted(rows, key=lambda row: (key_of(row), row["status_date"]))


def key_of(row: dict[str, Any]) -> Key:
    """The figure that a row of the register speaks of."""
    return row["indicator"], row["ref_area"], row["time_period"]


class Statuses:
    """What a repository says of the status of its figures."""

    def __init__(self, root: Path, datasets: Iterable[Dataset]) -> None:
        self.root = root
        self.updates = {d.name: str(d.descriptor["last_update"]) for d in datasets}
        self.usual = {row["obs_status"]: row["status"] for row in records.codelist(root, "obs_status")}

    @cached_property
    def last(self) -> dict[Key, dict[str, Any]]:
        """The latest row of the register on each figure that it speaks of."""
        return {key_of(row): row for row in register_rows(self.root)}

    def row(self, observation: Observation) -> dict[str, Any]:
        """The observation as its table holds it, with its status and the day of that status."""
        said = self.last.get(observation.key)
        status = said["status"] if said else self.usual[observation.status]
        day = said["status_date"] if said else self.updates.get(observation.dataset)
        return {**records.observation_row(observation), "status": status, "status_date": day}
