"""Which of the two modules of formats, `french` or `english`, writes in the language of the page."""

from typing import Any

from observatory import english, french, languages


def spoken() -> Any:
    """The module whose functions write numbers, dates and counts as readers of the current language do."""
    return english if languages.current() == "en" else french
