"""What scores are computed from: for every territory and indicator, the value that counts, or why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from observatory import scoring, scoring_tree
from observatory.aggregation import DECIMALS, Observation
from observatory.model import HEIGHTS, INDEX, Framework, Indicator
from observatory.periods import end_month, year
from observatory.scoring import Floats
from observatory.scoring_aggregate import MEANS
from observatory.scoring_tree import ScoringError, Tree

OBSERVED, MISSING, NOT_APPLICABLE, SUPPRESSED = "observed", "missing", "not_applicable", "suppressed"
# What each code of codelists/obs_status.csv makes of a cell of the score.
STATUS = {"A": OBSERVED, "P": OBSERVED, "E": "estimated", "O": MISSING, "M": NOT_APPLICABLE, "Q": SUPPRESSED}
STATED = (NOT_APPLICABLE, SUPPRESSED)  # said of a cell without value


@dataclass(frozen=True, slots=True)
class Member:
    """A territory to score, as a member of the peer group (category) within which it may be ranked."""

    ref_area: str
    peer_group: str
    ranked: bool

    @property
    def level(self) -> str:
        """Level of the territory, which is the prefix of its identifier."""
        return self.ref_area.split("-")[0]


class Observed(NamedTuple):
    """The value of an indicator that counts for a territory, with its period and its coverage (0–1).

    Without value, `status` says why there is none: suppressed, or not applicable; period and coverage are empty.
    """

    value: float | None
    period: str
    coverage: float
    status: str = OBSERVED


NOTHING = Observed(None, "", 0.0, MISSING)
Values = dict[str, dict[str, Observed]]
Statuses = tuple[str | None, ...]


def latest(observations: Iterable[Observation], indicator: Indicator, time_period: str) -> dict[str, Observed]:
    """Last observation of each territory, no later than `time_period` and at most `max_age` years older.

    A value outlives a later gap or secret, not a later statement that the indicator does not apply. Where there is no
    value, the last statement that says why is kept.
    """
    oldest = year(time_period) - indicator.max_age
    found: dict[str, Observation] = {}
    for o in observations:
        said = o.value is not None or STATUS[o.status] in STATED
        if not said or not oldest <= year(o.time_period) <= year(time_period):
            continue
        if o.ref_area not in found or _outranks(o, found[o.ref_area]):
            found[o.ref_area] = o
    return {ref_area: _observed(o) for ref_area, o in found.items()}


def _outranks(one: Observation, other: Observation) -> bool:
    """Whether an observation counts rather than another of the same territory: what is secret is known last."""
    return (one.status != "Q", end_month(one.time_period)) > (other.status != "Q", end_month(other.time_period))


def _observed(o: Observation) -> Observed:
    if o.value is None:
        return Observed(None, "", 0.0, STATUS[o.status])
    # As published, so that whoever starts from the published value finds the published score.
    return Observed(round(o.value, DECIMALS), o.time_period, o.coverage, STATUS[o.status])


def index_tree(framework: Framework) -> Tree:
    """The tree of the edition: its scored indicators, the domains that have one, and the index."""
    parents: dict[str, str | None] = {i.code: i.domain for i in framework.scored}
    weights = {i.code: i.weight for i in framework.scored}
    for domain in framework.domains:
        if domain.code in parents.values():
            parents[domain.code], weights[domain.code] = INDEX, domain.weight
    return scoring_tree.tree({**parents, INDEX: None}, weights)


@dataclass(frozen=True)
class Cells:
    """Cells of the scored indicators (n × m), in the order of the tree's leaves, and the status of each, by column.

    Scores (0–100) are NaN where nothing is observed; bounds and observed share (0–1) only where not applicable, for
    which the status is None when no territory of that level is scored.
    """

    score: Floats
    low: Floats
    high: Floats
    share: Floats
    level: Floats
    status: tuple[Statuses, ...]


def cells_of(framework: Framework, members: list[Member], values: Values) -> Cells:
    """Lays the values out as matrices: one row a member, one column a scored indicator."""
    columns = [_column(framework, members, i, values.get(i.code, {})) for i in framework.scored]
    return Cells(
        score=np.column_stack([column.score for column in columns]),
        low=np.column_stack([column.low for column in columns]),
        high=np.column_stack([column.high for column in columns]),
        share=np.column_stack([column.share for column in columns]),
        level=np.column_stack([column.level for column in columns]),
        status=tuple(column.status[0] for column in columns),
    )


def _column(framework: Framework, members: list[Member], indicator: Indicator, observed: dict[str, Observed]) -> Cells:
    """The cells of one indicator, each matrix an array of length n."""
    cells = [observed.get(m.ref_area, NOTHING) for m in members]
    scored = [m.level in indicator.scored_levels for m in members]
    status = tuple(cell.status if here else None for cell, here in zip(cells, scored, strict=True))
    applies = np.array([s not in (None, NOT_APPLICABLE) for s in status], dtype=np.bool_)
    values = np.array([np.nan if cell.value is None else cell.value for cell in cells], dtype=np.float64)
    raw = np.where(applies, values, np.nan)
    share = np.where(np.isnan(raw), 0.0, np.array([cell.coverage for cell in cells], dtype=np.float64))
    floor = framework.floor if _refuses_zero(framework) else 0.0
    scores = np.maximum(_normalised(indicator, raw), floor)
    # What the value does not cover may be worth 0 or 100, as a missing cell may.
    known = np.nan_to_num(scores) * share
    return Cells(
        score=scores,
        low=np.where(applies, np.maximum(known, floor), np.nan),
        high=np.where(applies, known + 100.0 * (1.0 - share), np.nan),
        share=np.where(applies, share, np.nan),
        level=scoring.levels(raw, [float(t) for t in indicator.details["thresholds"]]),
        status=(status,),
    )


def _normalised(indicator: Indicator, raw: Floats) -> Floats:
    if not np.isfinite([indicator.low, indicator.high]).all() or indicator.low == indicator.high:
        raise ScoringError(f"« {indicator.code} » doit avoir deux bornes différentes et finies.")
    if np.isinf(raw).any():
        raise ScoringError(f"« {indicator.code} » a une valeur infinie.")
    return scoring.normalise(raw, indicator.low, indicator.high)


def _refuses_zero(framework: Framework) -> bool:
    return any(MEANS[framework.mean_of(height)].positive for height in HEIGHTS.values())
