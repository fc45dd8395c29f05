"""What a contribution changes in the published figures, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ValueChange:
    """A figure that becomes another, in today's perimeters; None where it is not published before or after.

    `derived`: added up from smaller territories, and not given for this one.
    """

    ref_area: str
    name: str
    indicator: str
    title: str
    time_period: str
    before: float | None
    after: float | None
    derived: bool


@dataclass(frozen=True)
class ScoreChange:
    """A score (of an indicator, a domain or the index) that changes, or whose level, rank or coverage does."""

    ref_area: str
    name: str
    peer_group: str
    node: str
    title: str
    score_before: float | None
    score_after: float | None
    level_before: int | None
    level_after: int | None
    rank_before: int | None
    rank_after: int | None
    coverage_before: float | None = None
    coverage_after: float | None = None


@dataclass(frozen=True)
class CoverageChange:
    """How many territories of a level have at least one value of an indicator; which ones win or lose it."""

    level: str
    indicator: str
    title: str
    before: int
    after: int
    gained: list[str]
    lost: list[str]


@dataclass(frozen=True)
class Effect:
    """Everything that changes, in the order of indicators and territories; plain data."""

    values: list[ValueChange]
    scores: list[ScoreChange]
    coverage: list[CoverageChange]
