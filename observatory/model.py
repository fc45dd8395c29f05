"""The nouns of the observatory, as the files of the repository state them."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Dataset:
    """A contributed table: its descriptor, its Table Schema and where both stand."""

    name: str
    form: str
    descriptor: dict[str, Any]
    schema: dict[str, Any]
    descriptor_path: Path
    csv_path: Path

    @property
    def licence(self) -> str:
        """Code of the licence in codelists/licences.csv."""
        return str(self.descriptor["licenses"][0]["name"])


@dataclass(frozen=True)
class Indicator:
    """A measured question of a domain; `details` holds the texts of its YAML as written."""

    code: str
    domain: str
    status: str
    unit: str
    direction: str
    weight: float
    low: float
    high: float
    levels: tuple[str, ...]
    scored_levels: tuple[str, ...]
    max_age: int
    published: str
    denominator_source: str
    aggregation: str
    absent: str
    details: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Domain:
    """One of the nine domains, with the question that it answers."""

    code: str
    title: str
    question: str
    definition: str
    weight: float
    position: int


@dataclass(frozen=True)
class MaturityLevel:
    """A band of the 0–100 scale, from its threshold up to the next."""

    level: int
    name: str
    threshold: float
    meaning: str


@dataclass(frozen=True)
class Framework:
    """The composite index of one edition, read from the folder tree `indicators/`."""

    edition: str
    time_period: str
    title: str
    min_coverage_index: float
    min_coverage_domain: float
    min_domains: int
    levels: tuple[MaturityLevel, ...]
    domains: tuple[Domain, ...]
    indicators: tuple[Indicator, ...]
    details: dict[str, Any] = field(repr=False)

    def indicator(self, code: str) -> Indicator | None:
        """The indicator of that code, or None."""
        return self._by_code.get(code)

    @cached_property
    def _by_code(self) -> dict[str, Indicator]:
        return {i.code: i for i in reversed(self.indicators)}

    @property
    def scored(self) -> tuple[Indicator, ...]:
        """Indicators that count in the score."""
        return tuple(i for i in self.indicators if i.status == "active")

    @property
    def bands(self) -> list[float]:
        """Scores at which levels 2, 3, … begin."""
        return [level.threshold for level in self.levels[1:]]
