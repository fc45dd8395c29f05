"""Formats in which rows leave the observatory: one module for each word of FORMATS, named as_<word>.

A module has TITLE (its name for a reader), FILE_TYPE (its word in the European list of file types), ENDING (how its
files end), TYPE (its media type), NEEDS (the columns without which it says nothing) and `write(download, target)`,
which takes the rows one after the other: a million of them need no more memory than a page.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, BinaryIO, Protocol, cast

from observatory.languages import data

FORMATS = ("csv", "tableur", "json", "ndjson", "xlsx", "ods", "parquet", "geojson", "sdmx", "sqlite")
Rows = Callable[[], Iterator[Sequence[Any]]]


@dataclass(frozen=True)
class Download:
    """Rows and all that must travel with them.

    `rows` gives them from the first each time it is called. `kinds` are the types of Table Schema of the columns that
    have one. `about` is said to machines, in the terms of Data Package (title, licenses, sources, modified, version,
    path); `notes` are the same pairs (what, text) for a reader. `heads` are the titles that a reader sees for the
    columns, `dictionary` tells them one by one (name, title, type, description). `units` are the units of indicators by
    code, `described_by` the paths of the site that describe the rows. Columns of the same name are told apart: see
    `distinct`.
    """

    title: str
    columns: Sequence[str]
    rows: Rows
    kinds: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[tuple[str, str]] = ()
    heads: Sequence[str] = ()
    dictionary: Sequence[Mapping[str, str]] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    described_by: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", distinct(self.columns))


class Format(Protocol):
    """What a module of this package offers."""

    TITLE: str
    FILE_TYPE: str
    ENDING: str
    TYPE: str
    NEEDS: tuple[frozenset[str], ...]

    def write(self, download: Download, target: BinaryIO) -> None:
        """Write the rows in `target`, which is left open."""


def named(word: str) -> Format:
    """The format of that word of FORMATS; KeyError for another."""
    if word not in FORMATS:
        raise KeyError(word)
    return cast(Format, import_module(f"observatory.outputs.as_{word}"))


def distinct(names: Sequence[str]) -> list[str]:
    """The names, those that came before numbered from 2: a query may write "a" twice, a table or an object may not.

    Letter case tells no columns apart, as in SQL.
    """
    given, taken, found = {name.lower() for name in names}, set[str](), []
    for name in names:
        told, number = name, 2
        while told.lower() in taken or (told != name and told.lower() in given):
            told, number = f"{name}_{number}", number + 1
        taken.add(told.lower())
        found.append(told)
    return found


def encoded(value: bytes) -> str:
    """Bytes where only texts can be: base 64, in every format."""
    return base64.b64encode(value).decode()


def fits(chosen: Format, columns: Sequence[str]) -> bool:
    """Whether rows of those columns can be written so: one of the sets of columns that it needs is there."""
    return not chosen.NEEDS or any(needed <= set(columns) for needed in chosen.NEEDS)


def suits(word: str, columns: Sequence[str]) -> bool:
    """Whether the format of that word does."""
    return fits(named(word), columns)


def title(word: str) -> str:
    """The name of a format in the current language; a word that is not one of ours, in capitals."""
    return data(named(word).TITLE) if word in FORMATS else word.upper()
