"""The nouns of the observatory, as the files of the repository state them."""

import hashlib
import json
from collections.abc import Mapping
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

    @property
    def may_be_empty(self) -> bool:
        """Whether no row at all is what the descriptor expects: a register that begins, and says so."""
        expected = self.descriptor.get("expectations")
        rows = expected.get("rows") if isinstance(expected, dict) else None
        return self.form == "register" and isinstance(rows, dict) and rows.get("min") == 0


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
    """One of the nine domains, with the question that it answers and what each maturity level means in it."""

    code: str
    title: str
    question: str
    definition: str
    weight: float
    position: int
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class MaturityLevel:
    """A band of the 0–100 scale, from its threshold up to the next."""

    level: int
    name: str
    threshold: float
    meaning: str


@dataclass(frozen=True)
class Gate:
    """How far the index may be above its weakest domain: at most `below` levels; no `domains` means every one."""

    below: int
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class UncertaintyPlan:
    """What the study of uncertainty varies; `weights` and `goalposts` are relative (0.25: from −25 % to +25 %).

    The three lists are the choices declared beside those of the edition, which come first.
    """

    runs: int = 1024
    seed: int = 20260101
    weights: float = 0.25
    goalposts: float = 0.1
    normalisation: tuple[str, ...] = ("goalposts", "minmax", "zscore", "percentile_rank")
    aggregation: tuple[str, ...] = ("arithmetic", "geometric", "ampi")
    missing: tuple[str, ...] = ("available_case", "peer_median")


@dataclass(frozen=True)
class Framework:
    """The composite index of one edition, read from the folder tree `indicators/`.

    `mean` names the aggregation of every height, or of each (1: a domain, 2: the index); `floor` is the least score
    that a mean which refuses zero is given. `min_coverage_…` are rounded down to six decimals, so that neither a
    published coverage nor a raw one falls short by a rounding. A `draft` is worked on, and its scores may not be cited.
    """

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
    mean: str | Mapping[int, str] = "arithmetic"
    floor: float = 0.0
    gate: Gate | None = None
    uncertainty: UncertaintyPlan = UncertaintyPlan()
    comparable_with: tuple[str, ...] = ()
    changes: str = ""
    draft: bool = False

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

    @cached_property
    def method(self) -> dict[str, Any]:
        """All that scores are computed with, texts apart, as one nested value whatever the way files write it.

        Observations are not part of it: how figures are added up is the same for every edition.
        """
        return {
            "time_period": self.time_period,
            "normalisation": self.details.get("normalisation", "goalposts"),
            "aggregation": {name: self.mean_of(height) for name, height in HEIGHTS.items()},
            "floor": float(self.floor),
            "min_coverage": {"index": self.min_coverage_index, "domain": self.min_coverage_domain},
            "min_domains": self.min_domains,
            "thresholds": [float(level.threshold) for level in self.levels],
            "gate": None if self.gate is None else {"below": self.gate.below, "domains": sorted(self.gate.domains)},
            "domains": {
                d.code: {
                    "weight": float(d.weight),
                    "indicators": {i.code: _rules(i) for i in self.scored if i.domain == d.code},
                }
                for d in self.domains
            },
        }

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the method: two editions that give the same scores to the same figures have the same."""
        text = json.dumps(self.method, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def mean_of(self, height: int) -> str:
        """Name of the aggregation of a height of the tree, from 1 up."""
        return self.mean if isinstance(self.mean, str) else self.mean[height]


# The node that holds all the others.
INDEX = "index"
# What indicators/index.yml calls each height of the tree.
HEIGHTS = {"domain": 1, INDEX: 2}


def _rules(indicator: Indicator) -> dict[str, Any]:
    return {
        "weight": indicator.weight,
        "low": indicator.low,
        "high": indicator.high,
        "thresholds": [float(threshold) for threshold in indicator.details["thresholds"]],
        "scored_levels": sorted(indicator.scored_levels),
        "max_age": indicator.max_age,
    }
