"""The verdict of /comparer on a territory and each of those that its own page puts beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from observatory.comparability import Verdict
from observatory.comparability_rules import COMPARABLE, Reason
from observatory.comparing import compared
from observatory.comparing_asked import Asked
from observatory.comparing_facts import Facts, connected, facts


@dataclass(frozen=True)
class Pair:
    """The verdict on two territories, and on each row: by node for the scores, by « =indicator » for the values."""

    verdict: Verdict
    rows: dict[str, Verdict]
    address: str

    @property
    def reasons(self) -> list[Reason]:
        """What holds for every row."""
        return binding(self.verdict)

    def grade(self, row: str) -> str:
        """Whether the two figures of that row may be compared; a row without two figures has nothing to refuse."""
        return self.rows[row].grade if row in self.rows else COMPARABLE

    def why(self, row: str) -> list[Reason]:
        """The reasons of that grade."""
        return binding(self.rows[row]) if row in self.rows else []


def binding(verdict: Verdict) -> list[Reason]:
    """The reasons that refuse or reserve, without those that only remark."""
    return [reason for reason in verdict.reasons if reason.grade != COMPARABLE]


def beside(path: str | Path, area: str, others: Sequence[str]) -> dict[str, Pair]:
    """By identifier, what may be compared of each of `others` with `area`."""
    db = connected(path)
    try:
        return {other: _pair(facts(db, [area, other]), Asked(areas=(area, other))) for other in others}
    finally:
        db.close()


def _pair(known: Facts, asked: Asked) -> Pair:
    found = compared(known, asked)
    rows = {line.head["node"]: line.verdict for line in found["scores"]}
    rows |= {f"={line.head['code']}": line.verdict for line in found["lines"]}
    return Pair(found["verdict"], rows, asked.address())
