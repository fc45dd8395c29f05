"""What changed in a table between two published editions, and the version that the change makes: major, minor, patch.

The rule is one function, `step`, over facts that are counted; nobody writes a version by hand.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

FIRST = "1.0.0"
EXAMPLES = 5  # rows named for each kind of change
MAJOR, MINOR, PATCH, SAME, NEW = "major", "minor", "patch", "none", "first"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A table as an edition holds it: its fields (name → type) in order, its key, its licence, its rows.

    `texts` is a fingerprint of all else that its descriptor says (titles, descriptions, sources).
    """

    fields: Mapping[str, str]
    key: Sequence[str]
    rows: Sequence[Row] = ()
    licence: str = ""
    texts: str = ""


@dataclass(frozen=True)
class Changes:
    """What an edition changes to the table of the one before: columns, key, licence, texts, and rows with examples."""

    columns_added: list[str] = field(default_factory=list)
    columns_removed: list[str] = field(default_factory=list)
    columns_retyped: list[str] = field(default_factory=list)
    columns_moved: bool = False
    key_changed: bool = False
    licence_changed: bool = False
    texts_changed: bool = False
    added: int = 0
    changed: int = 0
    removed: int = 0
    examples: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        return asdict(self)


def step(changes: Changes) -> str:
    """How much the version grows: what breaks a reader is major, what only adds is minor, what corrects is a patch."""
    broken = (
        *(changes.columns_removed, changes.columns_retyped, changes.columns_moved),
        *(changes.key_changed, changes.licence_changed, changes.removed),
    )
    if any(broken):
        return MAJOR
    if changes.columns_added or changes.added:
        return MINOR
    return PATCH if changes.changed or changes.texts_changed else SAME


def next_version(version: str, how: str) -> str:
    """The version after that step: 1.4.2 → 2.0.0, 1.5.0, 1.4.3 or 1.4.2."""
    major, minor, patch = map(int, version.split("."))
    grown = {MAJOR: (major + 1, 0, 0), MINOR: (major, minor + 1, 0), PATCH: (major, minor, patch + 1)}
    return ".".join(map(str, grown.get(how, (major, minor, patch))))


def compare(old: Table, new: Table) -> Changes:
    """What `new` changes to `old`. A column that is renamed is one removed and one added: nothing tells otherwise."""
    common = [name for name in old.fields if name in new.fields]
    retyped = [name for name in common if old.fields[name] != new.fields[name]]
    same_key = list(old.key) == list(new.key) and bool(old.key)
    rows = _by_key(old, new, common, retyped) if same_key else _whole(old, new, common, retyped)
    return Changes(
        columns_added=[name for name in new.fields if name not in old.fields],
        columns_removed=[name for name in old.fields if name not in new.fields],
        columns_retyped=retyped,
        columns_moved=common != [name for name in new.fields if name in old.fields],
        key_changed=list(old.key) != list(new.key),
        licence_changed=old.licence != new.licence,
        texts_changed=old.texts != new.texts,
        **rows,
    )


def _by_key(old: Table, new: Table, common: Sequence[str], retyped: Sequence[str]) -> dict[str, Any]:
    """Rows of one key are one row: it is changed where a column that both tables have differs."""
    key = list(new.key)
    before, after = _indexed(old, key, retyped), _indexed(new, key, retyped)
    added = [row for code, row in after.items() if code not in before]
    removed = [row for code, row in before.items() if code not in after]
    changed = []
    for code, row in after.items():
        was = before.get(code)
        different = was and [name for name in common if not _same(was[name], row[name], name in retyped)]
        if was and different:
            changed.append({**_only(row, key), "changes": {name: [was[name], row[name]] for name in different}})
    return _counted([_only(row, key) for row in added], changed, [_only(row, key) for row in removed])


def _whole(old: Table, new: Table, common: Sequence[str], retyped: Sequence[str]) -> dict[str, Any]:
    """Without a key that holds for both, rows are the same or not."""

    def held(rows: Iterable[Row]) -> Counter[tuple[Any, ...]]:
        return Counter(tuple(_text(row[name]) if name in retyped else row[name] for name in common) for row in rows)

    before, after = held(old.rows), held(new.rows)
    added = [dict(zip(common, row, strict=True)) for row in (after - before).elements()]
    return _counted(added, [], [dict(zip(common, row, strict=True)) for row in (before - after).elements()])


def _indexed(table: Table, key: Sequence[str], retyped: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    textual = [name in retyped for name in key]
    return {
        tuple(_text(row[name]) if text else row[name] for name, text in zip(key, textual, strict=True)): row
        for row in table.rows
    }


def _same(old: Any, new: Any, retyped: bool) -> bool:
    """A column of another type holds the same value when it is written the same."""
    return _text(old) == _text(new) if retyped else bool(old == new)


def _text(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else str(value)


def _only(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _counted(added: Sequence[Row], changed: Sequence[Row], removed: Sequence[Row]) -> dict[str, Any]:
    found = {"added": added, "changed": changed, "removed": removed}
    examples = {what: [dict(row) for row in rows[:EXAMPLES]] for what, rows in found.items() if rows}
    return {**{what: len(rows) for what, rows in found.items()}, "examples": examples}
