"""What changes between two states of a table: rows added, changed and removed, matched by key and not by line."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from observatory.french import count
from observatory.problems import shown
from observatory.reading import table_schema

Row = dict[str, Any]
Reader = Callable[[str, Any], Any]
EMPTY = "(vide)"


@dataclass(frozen=True)
class RowChange:
    """A row whose key stayed; `columns` are those whose value is another."""

    before: Row
    after: Row
    columns: tuple[str, ...]

    @property
    def text(self) -> str:
        """« obs_value : 36 → 37 », one part a column, as the two files write the cells."""
        return " ; ".join(
            f"{name} : {written(self.before.get(name))} → {written(self.after.get(name))}" for name in self.columns
        )


@dataclass(frozen=True)
class Difference:
    """Rows added, changed and removed, in the order of their files.

    `rewritten` counts the rows of the same value written otherwise (1.0 for 1), `unchanged` the others. Without
    `key` a row is known by all its cells, and none can be changed.
    """

    key: tuple[str, ...]
    added: list[Row] = field(default_factory=list)
    changed: list[RowChange] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    rewritten: int = 0
    unchanged: int = 0

    def __bool__(self) -> bool:
        """Whether a value differs."""
        return bool(self.added or self.changed or self.removed)

    @property
    def text(self) -> str:
        """« 2 lignes ajoutées, 1 ligne changée », or that no value changes."""
        parts = [
            _counted(rows, past)
            for rows, past in ((self.added, "ajoutée"), (self.changed, "changée"), (self.removed, "retirée"))
            if rows
        ]
        text = ", ".join(parts) or "aucune valeur ne change"
        again = f"{count(self.rewritten, 'ligne')} {_agreed('réécrite', self.rewritten)} sans changer de valeur"
        return f"{text} ; {again}" if self.rewritten else text

    def label(self, row: Row) -> str:
        """The key of a row as people read it: « DEP-01 · couverture-fibre · 2017-Q4 »."""
        return " · ".join(written(row.get(name)) for name in self.key or row)

    def details(self, row: Row) -> str:
        """The cells of a row that are not its key and are not empty: « obs_value : 36 »."""
        return " ; ".join(
            f"{name} : {written(cell)}" for name, cell in row.items() if name not in self.key and not blank(cell)
        )


def _counted(rows: Sequence[object], past: str) -> str:
    return f"{count(len(rows), 'ligne')} {_agreed(past, len(rows))}"


def _agreed(past: str, how_many: int) -> str:
    return past + "s" * (how_many > 1)


def blank(cell: Any) -> bool:
    """Whether a cell holds nothing; a missing column is an empty one."""
    return cell is None or cell == ""


def written(cell: Any) -> str:
    """A cell on one line, short enough for a table."""
    return EMPTY if blank(cell) else shown(cell)


def schema_key(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the columns of a Table Schema's primary key; none when it has no key."""
    key = schema.get("primaryKey") or ()
    return (key,) if isinstance(key, str) else tuple(key)


def reader(schema: Mapping[str, Any]) -> Reader:
    """Reads the text of a column as Frictionless does, so that 1 and 1.0 are one value; a faulty text stays itself."""
    fields = {entry.name: entry.create_cell_reader() for entry in table_schema(dict(schema)).fields}
    known: dict[tuple[str, str], Any] = {}

    def read(column: str, text: Any) -> Any:
        if column not in fields or not isinstance(text, str):
            return text
        if (column, text) not in known:
            known[column, text] = _typed(fields[column], text)
        return known[column, text]

    return read


def _typed(cell_reader: Any, text: str) -> Any:
    try:
        cell, notes = cell_reader(text)
    except ArithmeticError:  # a signalling NaN against a bound
        return text
    return text if notes else cell


def difference(
    before: Iterable[Row], after: Iterable[Row], key: Sequence[str], read: Reader | None = None
) -> Difference:
    """The difference of two tables whose rows are known by the columns `key`.

    `read(column, text)` gives the value of a written cell; without it two cells differ as soon as their texts do.
    A key that a file repeats matches its repetitions in order.
    """
    read = read or (lambda column, text: text)
    old, new = _by_key(before, key, read), _by_key(after, key, read)
    changed, rewritten, unchanged = [], 0, 0
    for name in (name for name in new if name in old):
        if old[name] == new[name]:
            unchanged += 1
        elif columns := _changed(old[name], new[name], read):
            changed.append(RowChange(old[name], new[name], columns))
        elif _texts(old[name]) != _texts(new[name]):
            rewritten += 1
        else:
            unchanged += 1
    added = [row for name, row in new.items() if name not in old]
    removed = [row for name, row in old.items() if name not in new]
    return Difference(tuple(key), added, changed, removed, rewritten, unchanged)


def _by_key(rows: Iterable[Row], key: Sequence[str], read: Reader) -> dict[tuple[Any, ...], Row]:
    seen: Counter[tuple[Any, ...]] = Counter()
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        name = tuple(_hashable(read(column, row.get(column))) for column in key or row)
        seen[name] += 1
        found[(*name, seen[name])] = row
    return found


def _hashable(value: Any) -> Hashable:
    if blank(value):
        return None
    return value if isinstance(value, Hashable) else repr(value)


def _changed(before: Row, after: Row, read: Reader) -> tuple[str, ...]:
    columns = dict.fromkeys((*before, *after))
    return tuple(
        name for name in columns if _value(read(name, before.get(name))) != _value(read(name, after.get(name)))
    )


def _value(cell: Any) -> Any:
    return None if blank(cell) else cell


def _texts(row: Row) -> dict[str, str]:
    return {name: str(cell) for name, cell in row.items() if not blank(cell)}


def merged(before: Iterable[Row], given: Iterable[Row], key: Sequence[str]) -> list[Row]:
    """The rows of `before` with those of `given` in place of the rows of the same key, the new ones added.

    The result is sorted by key when `before` is, else new rows come last. Every row has the columns of `before`, in
    its order, then those that only `given` has. Rows are texts, as a CSV holds them.
    """
    published, received = list(before), list(given)
    columns = list(dict.fromkeys(name for row in (*published[:1], *received) for name in row))
    name = _namer(key, columns)
    ordered = all(name(one) <= name(other) for one, other in zip(published, published[1:], strict=False))
    found = {name(row): row for row in published}
    found.update({name(row): {**found.get(name(row), {}), **row} for row in received})
    names = sorted(found) if ordered else list(found)
    return [{column: found[one].get(column, "") for column in columns} for one in names]


def _namer(key: Sequence[str], columns: Sequence[str]) -> Callable[[Row], tuple[str, ...]]:
    return lambda row: tuple(str(row.get(column) or "") for column in key or columns)
