"""What the steps of a build hand to each other."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from observatory import records
from observatory.aggregation import Observation
from observatory.model import Dataset, Framework
from observatory.problems import Problem
from observatory.registers import Register, Row
from observatory.tables import insert_rows
from observatory.territories import Territories

Report = Callable[[str, float], None]


@dataclass
class Build:
    """A database being written: the repository that it is made from, and what was read of it."""

    root: Path
    db: Database
    report: Report
    territories: Territories
    editions: list[Framework]
    datasets: list[Dataset]
    warnings: list[Problem]
    schemas: dict[str, dict[str, Any]]
    published: list[Observation] = field(default_factory=list)
    registers: list[tuple[Register, Sequence[Row]]] = field(default_factory=list)

    @property
    def framework(self) -> Framework:
        """The current edition of the method."""
        return self.editions[-1]

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Commit what the step writes, then report its title and seconds."""
        start = time.perf_counter()
        yield
        self.db.conn.commit()
        self.report(title, time.perf_counter() - start)

    def fill(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows into a table whose Table Schema is known."""
        insert_rows(self.db, table, self.schemas[table], rows)

    @property
    def ranked(self) -> set[str]:
        """Categories whose territories are ranked."""
        return {row["category"] for row in records.codelist(self.root, "categories") if row["ranked"] == "1"}
