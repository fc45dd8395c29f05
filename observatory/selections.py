"""A table or a select as a Download: rows read while they are written, by a connection of their own.

Nothing is kept in memory but a few hundred rows. The work of the database is bounded in time, as is the size of a
cell; a query that anybody may write is bounded in cells and characters too, and read once before its file begins: it
is refused rather than cut.
"""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from observatory import downloads, streams
from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.mistakes import bounded
from observatory.outputs import Download
from observatory.problem_details import Refused

BATCH, STEPS = 500, 20_000  # rows fetched at once; instructions of SQLite between two looks at the clock
SECONDS, FREE_SECONDS, SURVEY_SECONDS = 60.0, 5.0, 2.0  # of work of the database: a table, anybody's query, a count
MOST_CELLS, MOST_CHARACTERS = 4_000_000, 400_000_000  # of anybody's query: twice all the observations
Connect = Callable[[], sqlite3.Connection]


def reader(path: str | Path, mutable: bool = False) -> Connect:
    """Opens that database for reading, with bounds on the size of a cell; `mutable` when it may change meanwhile."""
    how = "mode=ro" if mutable else "immutable=1"

    def connect() -> sqlite3.Connection:
        opened = sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, check_same_thread=False)
        bounded(opened)
        return opened

    return connect


@dataclass(frozen=True)
class Beside:
    """A column to add after another one: its name, and the SQL that gives its value from that of the other."""

    column: str
    name: str
    sql: str


@dataclass(frozen=True)
class Selection:
    """A select, its parameters, the table or view that it filters (None for a query), and its address.

    `free` says that anybody may have written it: it is then bounded in all ways.
    """

    connect: Connect
    sql: str
    params: Mapping[str, Any] | Sequence[Any] = ()
    table: str | None = None
    url: str = ""
    title: str = ""
    free: bool = False
    beside: Sequence[Beside] = ()

    def columns(self) -> list[str]:
        """The names of the columns; sqlite3.OperationalError when it cannot be read."""
        with closing(self.connect()) as connection:
            watched = _Watched(connection, FREE_SECONDS if self.free else SECONDS)
            names = [found[0] for found in watched.execute(self.sql, self.params).description]
        for one in self.beside:
            names.insert(names.index(one.column) + 1, one.name)
        return names

    def rows(self) -> Iterator[Sequence[Any]]:
        """The rows from the first; `Refused` when they are too many or take too long."""
        with closing(self.connect()) as connection:
            connection.row_factory = None  # plain tuples
            watched = _Watched(connection, FREE_SECONDS if self.free else SECONDS)
            cursor = watched.execute(self.sql, self.params)
            names = [found[0] for found in cursor.description or ()]
            found = self._few(watched.batches(cursor)) if self.free else watched.batches(cursor)
            for batch in found:
                yield from batch if not self.beside else self._widened(connection, names, batch)

    def _few(self, batches: Iterator[list[Any]]) -> Iterator[list[Any]]:
        cells = characters = 0
        for batch in batches:
            cells += len(batch) * len(batch[0])
            characters += sum(len(value) for row in batch for value in row if isinstance(value, str | bytes))
            if cells > MOST_CELLS or characters > MOST_CHARACTERS:
                raise Refused("too-much", detail=_too_much())
            yield batch

    def _widened(self, connection: sqlite3.Connection, names: list[str], rows: list[Any]) -> Iterator[Sequence[Any]]:
        """The rows with the columns beside; each value is looked up once a batch."""
        places = [(names.index(one.column), one.sql) for one in self.beside]
        known: dict[tuple[int, Any], Any] = {}
        for row in rows:
            wide = list(row)
            for place, sql in reversed(places):
                key = place, row[place]
                if key not in known:
                    known[key] = (connection.execute(sql, (row[place],)).fetchone() or (None,))[0]
                wide.insert(place + 1, known[key])
            yield wide


@dataclass
class _Watched:
    """A connection whose work is counted, in seconds; what its reader does meanwhile is not."""

    connection: sqlite3.Connection
    seconds: float
    spent: float = 0.0
    since: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.connection.set_progress_handler(self._late, STEPS)

    def _late(self) -> bool:
        return streams.unread() or self.spent + time.monotonic() - self.since > self.seconds

    def execute(self, sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self._counted(partial(self.connection.execute, sql, params))
        return cursor

    def batches(self, cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
        while batch := self._counted(partial(cursor.fetchmany, BATCH)):
            yield batch

    def _counted(self, work: Callable[[], Any]) -> Any:
        self.since = time.monotonic()
        try:
            return work()
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            raise Refused("too-much", detail=_too_long(self.seconds)) from error
        finally:
            self.spent += time.monotonic() - self.since


def download(selection: Selection, named: bool = False, counted: bool = True) -> Download:
    """The rows with all that must travel with them, in the language of the answer, for a writer of `outputs`.

    `named` adds the name of each territory beside its identifier, for people; `counted` says how many
    rows there are. `Refused` when a query of anybody's is
    too large, sqlite3.Error when it cannot be read.
    """
    columns = selection.columns()
    # The file of a dataset keeps its columns, so that it can be corrected and given back.
    named = named and not _of_a_dataset(selection)
    if named and columns.count("ref_area") == 1 and not {"name", downloads.NAME} & set(columns):
        sql = "select name from territories where ref_area = ?"
        selection = replace(selection, beside=(*selection.beside, Beside("ref_area", downloads.NAME, sql)))
        columns = selection.columns()
    added = any(one.name == downloads.NAME for one in selection.beside)
    count, told = _survey_free(selection, columns) if selection.free else _survey(selection, columns, counted)
    asked = downloads.Asked(
        columns=columns, rows=selection.rows, url=selection.url, table=selection.table, sql=selection.sql,
        title=selection.title, count=count, told=told, added=added,
    )  # fmt: skip
    with closing(selection.connect()) as connection:
        connection.row_factory = sqlite3.Row
        return downloads.described(connection, asked)


def _of_a_dataset(selection: Selection) -> bool:
    with closing(selection.connect()) as connection:
        return bool(connection.execute("select 1 from datasets where name = ?", [selection.table]).fetchone())


def _survey_free(selection: Selection, columns: Sequence[str]) -> tuple[int, Collection[str]]:
    """How many rows, and their datasets, by reading them all: what is too large is refused before it begins."""
    place = columns.index("dataset") if "dataset" in columns else None
    count, told = 0, set()
    for count, row in enumerate(selection.rows(), start=1):  # noqa: B007 (how many there were)
        if place is not None:
            told.add(row[place])
    return count, told


def _survey(selection: Selection, columns: Sequence[str], counted: bool) -> tuple[int | None, Collection[str]]:
    """The same by asking SQLite; a count that takes too long is left out, and all the datasets are then told."""

    def asked(select: str, told: str = "") -> list[Any] | None:
        with closing(selection.connect()) as connection:
            connection.row_factory = None
            try:
                watched = _Watched(connection, SURVEY_SECONDS)
                return list(watched.execute(f"select {select} from (\n{selection.sql}\n)", selection.params))
            except Refused:
                return list(connection.execute(told)) if told else None

    count = asked("count(*)") if counted else None
    datasets = asked("distinct dataset", "select name from datasets") if "dataset" in columns else ()
    return count[0][0] if count else None, {name for (name,) in datasets or ()}


def limits() -> str:
    """The bounds of anybody's query, in words."""
    words = spoken()
    return _("Une requête libre donne au plus {cells} cellules et {size} Mo de texte, en {seconds} secondes.").format(
        cells=words.number(MOST_CELLS),
        size=words.number(MOST_CHARACTERS // 1_000_000),
        seconds=words.number(FREE_SECONDS, 0),
    )


def _too_much() -> str:
    return f"{_('Ce résultat est trop grand pour un fichier.')} {limits()}"


def _too_long(seconds: float) -> str:
    return _("La base a travaillé plus de {seconds} secondes sans finir.").format(seconds=spoken().number(seconds, 0))
