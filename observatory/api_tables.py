"""The rows of a list of the API: all of them in order, or those that follow a mark, read from SQL or computed."""

import base64
import binascii
import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from observatory.api_filters import Condition
from observatory.api_resources import Resource
from observatory.problem_details import Refused

Row = Sequence[Any]
MOST_COUNTED = 1_000_000
FETCHED = 2_000  # rows taken at once from SQLite
LONGEST_MARK = 1_000
LARGEST = 2**63  # SQLite holds whole numbers of 64 bits


class Table(Protocol):
    """Rows in the order of the key of their resource."""

    @property
    def resource(self) -> Resource:
        """What they are rows of."""

    def page(self, size: int, after: Sequence[Any] | None) -> list[Row]:
        """At most `size` rows, those that follow the values `after` of the key."""

    def all(self) -> Iterator[Row]:
        """Every row."""

    def count(self) -> int:
        """How many there are."""

    def datasets(self) -> list[str]:
        """The datasets that the rows come from, when a column says so."""


@dataclass(frozen=True)
class Selected:
    """Rows of the source of a resource that fulfil all the conditions."""

    db: sqlite3.Connection
    resource: Resource
    conditions: Sequence[Condition] = ()

    def page(self, size: int, after: Sequence[Any] | None) -> list[Row]:
        """The rows of a page, by the index of the key however far it is."""
        more = [(f"({self._key()}) > ({_marks(after)})", list(after))] if after is not None else []
        sql, values = self._select([*self.conditions, *more])
        return [tuple(row) for row in self.db.execute(f"{sql} limit ?", [*values, size])]

    def all(self) -> Iterator[Row]:
        """Every row, a few at a time."""
        cursor = self.db.cursor()
        cursor.row_factory = None
        cursor.execute(*self._select(self.conditions))
        while rows := cursor.fetchmany(FETCHED):
            yield from rows

    def count(self) -> int:
        """How many there are, MOST_COUNTED at most."""
        where, values = _where(self.conditions)
        sql = f'select count(*) from (select 1 from "{self.resource.source}" x{where} limit {MOST_COUNTED})'
        return int(self.db.execute(sql, values).fetchone()[0])

    def datasets(self) -> list[str]:
        """Those of the column `dataset`."""
        if "dataset" not in self.resource.columns:
            return []
        where, values = _where([*self.conditions, ("dataset is not null", [])])
        sql = f'select distinct dataset from "{self.resource.source}" x{where} order by 1'
        return [str(row[0]) for row in self.db.execute(sql, values)]

    def _select(self, conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
        where, values = _where(conditions)
        names = ", ".join(map(self._read, self.resource.columns))
        return f'select {names} from "{self.resource.source}" x{where} order by {self._key()}', values

    def _read(self, name: str) -> str:
        other = self.resource.reads.get(name)
        return f'{other} as "{name}"' if other else f'"{name}"'

    def _key(self) -> str:
        return ", ".join(f'"{name}"' for name in self.resource.key)


@dataclass(frozen=True)
class Computed:
    """Rows made for this answer, in an order of their own."""

    resource: Resource
    rows: Sequence[Row]

    def page(self, size: int, after: Sequence[Any] | None) -> list[Row]:
        """The rows after the one that has this key; Refused when there is none."""
        if after is None:
            return list(self.rows[:size])
        places = [list(self.resource.columns).index(name) for name in self.resource.key]
        for number, row in enumerate(self.rows, start=1):
            if [row[place] for place in places] == list(after):
                return list(self.rows[number : number + size])
        raise Refused("unknown-page", mark(self.resource, after))

    def all(self) -> Iterator[Row]:
        """Every row."""
        return iter(self.rows)

    def count(self) -> int:
        """How many there are."""
        return len(self.rows)

    def datasets(self) -> list[str]:
        """None: they are no rows of a dataset."""
        return []


def _where(conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    values = [value for _, held in conditions for value in held]
    return (" where " + " and ".join(sql for sql, _ in conditions) if conditions else ""), values


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def mark(resource: Resource, key: Sequence[Any]) -> str:
    """The value of `after` for the page that follows the row of this key."""
    text = json.dumps([resource.name, resource.rows_of, *key], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(resource: Resource, text: str) -> list[Any] | None:
    """The key that a mark holds, None for the empty one; Refused when it is not one of this resource."""
    if not text:
        return None
    try:
        padded = text[:LONGEST_MARK] + "=" * (-len(text) % 4)
        read = json.loads(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
    except (ValueError, UnicodeError, binascii.Error, RecursionError) as fault:
        raise Refused("unknown-page", text) from fault
    home, key = [resource.name, resource.rows_of], read[2:] if isinstance(read, list) else []
    fits = isinstance(read, list) and read[:2] == home and len(key) == len(resource.key)
    kinds = [resource.columns[name] for name in resource.key]
    if not fits or not all(map(_may_be, kinds, key)):
        raise Refused("unknown-page", text)
    return key


def _may_be(kind: str, value: Any) -> bool:
    """Whether SQLite can compare a value that anybody may have written with a column of that type."""
    if kind in ("integer", "number", "boolean"):
        whole, real = type(value) is int, type(value) is float and kind == "number"
        return (whole and -LARGEST <= value < LARGEST) or (real and math.isfinite(value))
    # JSON may escape half a character, which is no text of UTF-8.
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)
