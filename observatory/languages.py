"""The language in which a page is being written: French, the source of every message, or English from its catalogue.

Messages are GNU gettext's: the French text is the key, `locale/en/LC_MESSAGES/observatory.po` holds the English one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

SOURCE = "fr"
LANGUAGES = {"fr": "Français", "en": "English"}
CATALOGUE = Path(__file__).resolve().parent.parent / "locale" / "en" / "LC_MESSAGES" / "observatory.po"
# Texts that come from our data files, apart from those of the pages: « Communes » the title is not « communes ».
DATA = "data"
# Columns whose values are proper names, codes or code: the same in every language.
UNTRANSLATED = {"name", "ref_area", "code", "sql", "svg", "search", "parent_name"}

NUMBER = re.compile(r"\d+")
NAME = re.compile(r"\{(\w+)\}")

_current: ContextVar[str] = ContextVar("language", default=SOURCE)


def current() -> str:
    """The code of the language of the answer being written, a key of LANGUAGES."""
    return _current.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in that language until the end of the block; KeyError when it is not one of LANGUAGES."""
    token = _current.set({code: code for code in LANGUAGES}[language])
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache(maxsize=1)
def catalogue(path: Path = CATALOGUE) -> Mapping[tuple[str | None, str], str | tuple[str, ...]]:
    """English by (context, French); a message with a plural has one text a form. Untranslated ones are left out."""
    with path.open("rb") as stream:
        found: Catalog = read_po(stream, locale="en")
    messages = {}
    for message in found:
        key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        said = tuple(message.string) if isinstance(message.string, (tuple, list)) else message.string
        if key and said and all(said):
            messages[message.context, key] = said
    return messages


def gettext(message: str) -> str:
    """The message in the current language; the French itself where it has no translation."""
    return pgettext(None, message)


def pgettext(context: str | None, message: str) -> str:
    """The same, of a message that has a context."""
    if _current.get() == SOURCE:
        return message
    said = catalogue().get((context, message), message)
    return said if isinstance(said, str) else said[0]


def ngettext(singular: str, plural: str, count: float) -> str:
    """The form that goes with `count`: in French the plural begins at 2, in English it is for all but 1."""
    if _current.get() == SOURCE:
        return singular if abs(count) < 2 else plural
    said = catalogue().get((None, singular))
    forms = said if isinstance(said, tuple) else (singular, plural)
    return forms[count != 1]


def kept(text: str) -> str:
    """The text itself, French: it goes into the database, and `data` translates it when it is read."""
    return text


def data(text: str) -> str:
    """A text of the database (title, definition, reason …) in the current language; itself where it has no translation.

    A sentence that was `kept` with names between braces is known again by what surrounds its numbers.
    """
    if _current.get() == SOURCE:
        return text
    said = catalogue().get((DATA, text))
    if isinstance(said, str):
        return said
    names, sentence = sentences().get(NUMBER.sub("{}", text), ((), text))
    return sentence.format(**dict(zip(names, NUMBER.findall(text), strict=True))) if names else text


@lru_cache(maxsize=1)
def sentences() -> Mapping[str, tuple[tuple[str, ...], str]]:
    """Names of the numbers and English sentence, by French sentence whose numbers are left out."""
    return {
        NAME.sub("{}", french): (tuple(NAME.findall(french)), str(said))
        for (context, french), said in catalogue().items()
        if context == DATA and NAME.search(french)
    }


class Translated:
    """A row of the database whose texts are given in the current language, read by position, column or attribute."""

    __slots__ = ("_row",)

    def __init__(self, row: Any) -> None:
        self._row = row

    def __getitem__(self, column: str | int) -> Any:
        value = self._row[column]
        return data(value) if isinstance(value, str) and column not in UNTRANSLATED else value

    def keys(self) -> list[str]:
        """The names of the columns."""
        return list(self._row.keys())


def rows(found: Sequence[Any]) -> list[Any]:
    """Rows of the database, as they are in French, their texts translated in another language."""
    return list(found) if _current.get() == SOURCE else [Translated(row) for row in found]
