"""How English readers write numbers, dates and ranks: the twins of the functions of `observatory.french`."""

from datetime import date as Date

from observatory import french, periods
from observatory.languages import data, gettext, ngettext

HARD = french.HARD
DECIMAL = "."
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
capital, key, alphabetical = french.capital, french.key, french.alphabetical


def number(value: float | None, decimals: int = 0) -> str:
    """A number as English readers write it: 12394.5 → “12,394.5”; an em dash for None."""
    if value is None:
        return "—"
    text = f"{value:,.{decimals}f}".replace("-", "−")
    return text.lstrip("−") if not text.strip("−0.") else text


def compact(value: float | None, decimals: int = 2) -> str:
    """The same number without useless final zeros: 50.0 → “50”, 0.50 → “0.5”."""
    text = number(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: float | None, symbol: str | None, decimals: int | None = 1) -> str:
    """A value with its unit's symbol: (88.6, "%") → “88.6%”; an em dash for None."""
    text = number(value, decimals or 0)
    if value is None or not symbol:
        return text
    return text + symbol if symbol == "%" else text + HARD + data(symbol)


def percent(share: float | None, decimals: int = 0) -> str:
    """A share between 0 and 1 as a percentage: 0.886 → “89%”; an em dash for None."""
    return "—" if share is None else quantity(share * 100, "%", decimals)


def ordinal(rank: int | None) -> str:
    """A rank: 1 → “1st”, 12 → “12th”; an em dash for None."""
    if rank is None:
        return "—"
    suffix = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return number(rank) + suffix


def count(value: int | None, singular: str, plural: str | None = None) -> str:
    """A number and its French noun in English, plural for all but 1: (12394, "ligne") → “12,394 rows”."""
    return number(value or 0) + HARD + ngettext(singular, plural or singular + "s", value or 0)


def date(text: str | None) -> str:
    """An ISO date in words, “30 September 2022”; whatever is not one is given back, translated."""
    try:
        day = Date.fromisoformat(text or "")
    except ValueError:
        return gettext(text or "date inconnue")
    return f"{day.day}{HARD}{MONTHS[day.month - 1]} {day.year}"


def period(text: str | None) -> str:
    """An SDMX period in words: “2019”, “September 2022”, “Q3 2022”; an em dash for None."""
    found = periods.PERIOD.match(text or "")
    if found is None:
        return text or "—"
    if found["quarter"]:
        return f"Q{found['quarter']} {found['year']}"
    return f"{MONTHS[int(found['month']) - 1]} {found['year']}" if found["month"] else found["year"]


def span(first: str | None, last: str | None) -> str:
    """Two SDMX periods: “from 2019 to 2022”."""
    return period(last) if first == last or not first else f"from {period(first)} to {period(last)}"


def word(code: str | None, family: str) -> str:
    """The English word of a code of one of the families of `french.WORDS`."""
    return gettext(french.word(code, family))


def typeset(text: str | None) -> str:
    """The text as it is: English wants no space before punctuation; empty for None."""
    return text or ""


def noun(title: str) -> str:
    """A title as it reads inside a sentence: “Large cities (over 100,000)” → “large cities”."""
    first = title if title[1:2].isupper() else title[:1].lower() + title[1:]
    return first.partition(" (")[0]
