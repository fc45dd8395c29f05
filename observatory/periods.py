"""Periods as SDMX writes them: 2019, 2022-09, 2022-Q3."""

import re
from collections.abc import Sequence
from functools import lru_cache

PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?\Z")


@lru_cache(maxsize=1024)  # few periods, asked for of every figure
def year(period: str) -> int:
    """Calendar year of an SDMX period; ValueError when it is not one."""
    found = PERIOD.match(period)
    if found is None:
        raise ValueError(f"« {period} » is not an SDMX period")
    return int(found["year"])


@lru_cache(maxsize=1024)
def end_month(period: str) -> tuple[int, int]:
    """Year and last month of a period, which order periods of different lengths by their end."""
    found = PERIOD.match(period)
    if found is None:
        raise ValueError(f"« {period} » is not an SDMX period")
    if found["quarter"]:
        return int(found["year"]), 3 * int(found["quarter"])
    return int(found["year"]), int(found["month"] or 12)


RECENT = 3  # steps between periods that must agree for a rhythm to be known
GRAINS = {"quarter": 4, "month": 12}  # how many of them in a year


def next_period(published: Sequence[str]) -> str:
    """The period that follows those published, oldest first, when the last ones follow a regular rhythm; else ""."""
    return next(iter(following(published, 1)), "")


def following(published: Sequence[str], count: int) -> list[str]:
    """The next periods of a regular rhythm: the last steps are the same, between periods of one length."""
    known = [_rank(period) for period in published[-RECENT - 1 :]]
    ranks = [found[1] for found in known if found]
    steps = {later - sooner for sooner, later in zip(ranks, ranks[1:], strict=False)}
    if len(steps) != 1 or len({found and found[0] for found in known}) != 1 or min(steps) <= 0:
        return []
    (step,), grain = steps, known[-1][0] if known[-1] else 1
    return [_period(ranks[-1] + step * ahead, grain) for ahead in range(1, count + 1)]


def _rank(period: str) -> tuple[int, int] | None:
    """(periods of that length in a year, place among all those of its length)."""
    found = PERIOD.match(period)
    if found is None:
        return None
    part = next((name for name in GRAINS if found[name]), "")
    grain = GRAINS.get(part, 1)
    return grain, int(found["year"]) * grain + (int(found[part]) - 1 if part else 0)


def _period(rank: int, grain: int) -> str:
    year, part = divmod(rank, grain)
    return {1: f"{year}", 4: f"{year}-Q{part + 1}", 12: f"{year}-{part + 1:02}"}[grain]
