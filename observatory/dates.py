"""Dates and periods as people write them, turned into ISO 8601 and SDMX, and how sure that is."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from observatory.french import MONTHS, key

SLASHED = re.compile(r"([0-3]?[0-9])[/.-]([0-3]?[0-9])[/.-]((?:19|20)[0-9]{2})(?:[ T]0{1,2}:00(?::00)?)?")
YEAR_FIRST = re.compile(
    r"((?:19|20)[0-9]{2})([/.-]?)([01][0-9])\2([0-3][0-9])(?:[ T]00:00(?::00(?:\.0+)?)?)?(?:Z|\+00:00)?"
)
IN_WORDS = re.compile(r"(?:([^\W\d]+) )?([0-3]?[0-9])(?:er)? ([^\W\d]+) ((?:19|20)[0-9]{2})")
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
NUMBERS = {key(name): place for place, name in enumerate(MONTHS, start=1)}
QUARTERS = (
    re.compile(r"(?P<year>(?:19|20)[0-9]{2})[-/. ]?[QqTt](?P<quarter>[1-4])"),
    re.compile(r"[QqTt](?P<quarter>[1-4])[-/. ]?(?P<year>(?:19|20)[0-9]{2})"),
    re.compile(r"(?P<quarter>[1-4])(?:er|ere|e|eme) trimestre(?: de)? (?P<year>(?:19|20)[0-9]{2})"),
)
YEAR_MONTH = re.compile(r"((?:19|20)[0-9]{2})[-/.]?(0[1-9]|1[0-2])")
SHORT_MONTH = re.compile(r"((?:19|20)[0-9]{2})[-/.]([1-9])")
MONTH_YEAR = re.compile(r"(0?[1-9]|1[0-2])[-/.]((?:19|20)[0-9]{2})")
DAY_OF_MONTH = re.compile(r"((?:19|20)[0-9]{2})[-/.]?(0[1-9]|1[0-2])[-/.]?[0-3][0-9]")
YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:\.0+)?")


class Reading(NamedTuple):
    """What a text stands for, and whether no one could read it otherwise."""

    text: str
    sure: bool = True


def iso(year: str, month: str, day: str) -> str:
    """The ISO date of three numbers, empty when there is no such day."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def both_orders(text: str) -> tuple[str, str] | None:
    """(day first, month first) readings of a date whose year comes last, each empty when impossible; None: no date."""
    found = SLASHED.fullmatch(text)
    return (iso(found[3], found[2], found[1]), iso(found[3], found[1], found[2])) if found else None


def read_date(text: str) -> Reading | None:
    """The date that the text writes; not sure when its order (day or month first) is for the column to tell."""
    text = " ".join(text.split())
    if orders := both_orders(text):
        day_first, month_first = orders
        if not any(orders):
            return None
        return Reading(day_first or month_first, not all(orders) or day_first == month_first)
    if found := YEAR_FIRST.fullmatch(text):
        plain = iso(found[1], found[3], found[4])
        return Reading(plain) if plain else None
    found = IN_WORDS.fullmatch(text)
    if found and (month := NUMBERS.get(key(found[3]))) and (plain := iso(found[4], str(month), found[2])):
        # « mardi 3 janvier 2022 » was a Monday: the day or the year is wrong; « avant le 3 », « vers le 3 » are no day.
        return Reading(plain, key(found[1] or "le") in ("le", WEEKDAYS[date.fromisoformat(plain).weekday()]))
    return None


def read_period(text: str) -> Reading | None:
    """The SDMX period that the text writes."""
    bare = " ".join(text.split())
    for pattern in QUARTERS:
        if found := pattern.fullmatch(bare) or pattern.fullmatch(key(bare)):
            return Reading(f"{found['year']}-Q{found['quarter']}")
    if found := YEAR.fullmatch(bare):
        return Reading(found[1])
    month, _, year = bare.partition(" ")
    if key(month) in NUMBERS and YEAR.fullmatch(year):
        return Reading(f"{year}-{NUMBERS[key(month)]:02}")
    return _month(bare)


def period_that_ends(day: str, grain: str) -> Reading:
    """The period (year, quarter or month) that holds an ISO day; sure when it ends that very day."""
    year, month = day[:4], int(day[5:7])
    months = {"year": 12, "quarter": 3}.get(grain, 1)
    last = -(-month // months) * months
    text = {"year": year, "quarter": f"{year}-Q{-(-month // 3)}"}.get(grain, day[:7])
    end = date(int(year) + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return Reading(text, day == end.isoformat())


def _month(text: str) -> Reading | None:
    if found := YEAR_MONTH.fullmatch(text):
        return Reading(f"{found[1]}-{found[2]}")
    if found := SHORT_MONTH.fullmatch(text):
        return Reading(f"{found[1]}-0{found[2]}", found[2] > "4")  # 2022-3 may be a quarter
    if found := MONTH_YEAR.fullmatch(text):
        return Reading(f"{found[2]}-{found[1]:0>2}")
    if orders := both_orders(text):
        # A day is no period: the month that holds it is a guess.
        return Reading((orders[0] or orders[1])[:7], False) if any(orders) else None
    found = DAY_OF_MONTH.fullmatch(text)
    return Reading(f"{found[1]}-{found[2]}", False) if found else None
