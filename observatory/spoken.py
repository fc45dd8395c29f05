"""Numbers as the language of the page writes them, for what the library says itself."""

from observatory import english, french, languages


def number(value: float | None, decimals: int = 0) -> str:
    """12394.5 → « 12 395 » or “12,395”."""
    return str((english if languages.current() == "en" else french).number(value, decimals))


def compact(value: float | None, decimals: int = 2) -> str:
    """0.50 → « 0,5 » or “0.5”."""
    return str((english if languages.current() == "en" else french).compact(value, decimals))


def decimal(text: str) -> str:
    """Digits with the mark of the language: "0.25" → « 0,25 » or “0.25”."""
    return text if languages.current() == "en" else text.replace(".", ",")
