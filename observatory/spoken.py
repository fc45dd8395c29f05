"""Numbers as the language of the page writes them, for what the library says itself."""

from collections.abc import Callable

from observatory.formats import spoken


def said(name: str) -> Callable[..., str]:
    """The function of that name of the page's language: number, quantity, period …"""
    found: Callable[..., str] = getattr(spoken(), name)
    return found


def number(value: float | None, decimals: int = 0) -> str:
    """12394.5 → « 12 395 » or “12,395”."""
    return said("number")(value, decimals)


def compact(value: float | None, decimals: int = 2) -> str:
    """0.50 → « 0,5 » or “0.5”."""
    return said("compact")(value, decimals)


def decimal(text: str) -> str:
    """Digits with the mark of the language: "0.25" → « 0,25 » or “0.25”."""
    return text.replace(".", spoken().DECIMAL)


def period(text: str) -> str:
    """2022-Q3 → « 3ᵉ trimestre 2022 »."""
    return said("period")(text)
