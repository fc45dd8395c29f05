"""The blocks of a review: what is said, before Markdown and HTML write it each in its own way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from observatory.french import count


@dataclass(frozen=True)
class Cell:
    """A text of the contribution, quoted as it is."""

    text: str


@dataclass(frozen=True)
class Strong:
    """An important text."""

    text: str


@dataclass(frozen=True)
class Link:
    """A link that the caller gave."""

    text: str
    url: str


Inline = str | Cell | Strong | Link
Text = Sequence[Inline]


@dataclass(frozen=True)
class Heading:
    """A title of level 2 to 4."""

    level: int
    text: Text


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: Text


@dataclass(frozen=True)
class Listing:
    """A list; `boxes` makes it a list of things to tick."""

    items: list[Text]
    boxes: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its title; the columns named in `numeric` hold numbers."""

    title: str
    header: Sequence[str]
    rows: list[Sequence[Text]]
    numeric: tuple[str, ...] = ()


Block = Heading | Paragraph | Listing | Table
Item = TypeVar("Item")


def bounded(items: Sequence[Item], limit: int, text: Callable[[Item], Text], noun: tuple[str, str]) -> list[Text]:
    """The first items as texts of a list, and a last one that counts the others."""
    return [*(text(item) for item in items[:limit]), *([[left]] if (left := rest(items, limit, noun)) else [])]


def rest(items: Sequence[object], limit: int, noun: tuple[str, str]) -> str:
    """« … et 12 autres lignes », or nothing when all fit."""
    left = len(items) - limit
    return f"… et {count(left, f'autre {noun[0]}', f'autres {noun[1]}')}." if left > 0 else ""


def table(block: Table, items: Sequence[object], limit: int, noun: tuple[str, str]) -> Iterator[Block]:
    """A table of the first items, when there are any, and a line that counts the others."""
    if block.rows:
        yield block
    if left := rest(items, limit, noun):
        yield Paragraph([left])
