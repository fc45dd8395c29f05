"""Periods as SDMX writes them: 2019, 2022-09, 2022-Q3."""

import re

PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?\Z")


def year(period: str) -> int:
    """Calendar year of an SDMX period; ValueError when it is not one."""
    found = PERIOD.match(period)
    if found is None:
        raise ValueError(f"« {period} » is not an SDMX period")
    return int(found["year"])


def end_month(period: str) -> tuple[int, int]:
    """Year and last month of a period, which order periods of different lengths by their end."""
    found = PERIOD.match(period)
    if found is None:
        raise ValueError(f"« {period} » is not an SDMX period")
    if found["quarter"]:
        return int(found["year"]), 3 * int(found["quarter"])
    return int(found["year"]), int(found["month"] or 12)
