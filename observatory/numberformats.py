"""The text of a spreadsheet's number as people see it: zeros of codes, dates and percentages of its format.

Only what changes the meaning is applied. Rounding, thousands and currency signs are left aside: the number itself
is kept, to the fifteen digits that spreadsheets have.
"""

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

# Formats that XLSX files cite by number only (ECMA-376, 18.8.30).
BUILTIN = {
    9: "0%", 10: "0.00%", 14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss",
    20: "h:mm", 21: "h:mm:ss", 22: "d/m/yyyy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
}  # fmt: skip
LITERAL = re.compile(r'"([^"]*)"|\\(.)|[_*].')
ELAPSED = re.compile(r"\[[hms]+\]", re.I)
BRACKETS = re.compile(r"\[[^\]]*\]")
ZEROS = re.compile(r'(?:"([^"]*)")?(0{2,})(?:"([^"]*)")?')
SPACED_ZEROS = re.compile(r"0(?:[0 ])*0")
LAST_DAY = 2_958_466  # 10000-01-01


class Format(NamedTuple):
    """What a number format does to the meaning: its `kind`, and for codes the number of digits and their frame."""

    kind: str  # number, code, percent, date, month, year, datetime, time
    digits: int = 0
    before: str = ""
    after: str = ""


PLAIN = Format("number")


@lru_cache(maxsize=1000)
def read_format(code: str) -> Format:
    """The meaning of a format code of XLSX."""
    first = BRACKETS.sub("", code) if not ELAPSED.search(code) else code
    first = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', first)[0].strip()
    if found := ZEROS.fullmatch(first):
        return Format("code", len(found[2]), found[1] or "", found[3] or "")
    bare = LITERAL.sub(lambda sign: " " if (sign[1] or sign[2]) == " " else "", first)
    if SPACED_ZEROS.fullmatch(bare):
        return Format("code", bare.count("0"))
    if "%" in bare:
        return Format("percent")
    bare = re.sub(r"general|standard|am/pm|a/p", "", bare.lower())
    return Format(time_kind("y" in bare, "m" in bare, "d" in bare, bool(re.search("[hs]", bare))))


def time_kind(year: bool, month: bool, day: bool, time: bool) -> str:
    """Kind of a format that shows these parts of a moment; number when it shows none."""
    if day or year:
        if time:
            return "datetime"
        return "date" if day else "month" if month else "year"
    if time:
        return "time"
    return "month" if month else "number"


def number_text(value: float) -> str:
    """The number to fifteen significant digits, without exponent: 3.0 is 3, and 0.1 + 0.2 is 0.3."""
    if value == int(value) and abs(value) < 10**15:
        return str(int(value))
    text = f"{value:.15g}"
    return format(Decimal(text), "f") if "e" in text else text


def shown_number(value: float, form: Format, since_1904: bool = False) -> str:
    """The text of a number of an XLSX cell, as its format shows it."""
    if form.kind == "number":
        return number_text(value)
    if form.kind == "percent":
        return number_text(value * 100)
    if form.kind == "code":
        whole = value >= 0 and value == int(value)
        return f"{form.before}{int(value):0{form.digits}d}{form.after}" if whole else number_text(value)
    if form.kind == "time" and 0 <= value < LAST_DAY:
        seconds = round(value * 86400)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    days = value + 1462 if since_1904 else value
    if not 0 <= days < LAST_DAY:
        return number_text(value)  # a spreadsheet shows ##### there
    return moment_text(_moment(days), form.kind)


def _moment(days: float) -> dt.datetime:
    # Spreadsheets hold 1900 for a leap year: day 60 never was.
    start = dt.datetime(1899, 12, 31) if days < 60 else dt.datetime(1899, 12, 30)
    return start + dt.timedelta(seconds=round(days * 86400))


def moment_text(moment: dt.datetime, kind: str) -> str:
    """A moment in ISO 8601, as precise as its kind of format."""
    if kind == "datetime":
        return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return moment.date().isoformat()[: {"year": 4, "month": 7}.get(kind, 10)]
