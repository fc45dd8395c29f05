"""What Datasette was asked for, as a selection: the select of its page without the limit of the page."""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlencode

from observatory import languages, outputs, prebuilt, selections
from observatory.conditional import known
from observatory.downloads import headers, name_of, unfit
from observatory.fixed_files import CHUNK, File
from observatory.languages import gettext as _
from observatory.outputs import Download, as_csv
from observatory.problem_details import Refused
from observatory.selections import Beside, Selection, reader

BARE = ("csv", "tableur", "ndjson", "sdmx")  # rows alone: how many they are is told nowhere
PAGE = re.compile(r"\s+limit \d+(?:\s+offset \d+)?\s*\Z")
SHOWN = ("xlsx", "ods", "tableur")  # what people open: territories have their names there


ROOT = Path(__file__).resolve().parent.parent
EXPORTED = ROOT / "build"
# Parameters that change no row of a whole table.
HARMLESS = {"_size", "_stream", "_dl", "_nofacet", "_nocount"}


@dataclass(frozen=True)
class Source:
    """The database of an answer: its file, its hash when it does not change, what its queries need of a connection."""

    path: Path
    hash: str | None
    mutable: bool
    prepare: Callable[[sqlite3.Connection], object]
    exported: Path = EXPORTED

    @classmethod
    def of(cls, datasette: Any, name: str) -> "Source":
        """That of a database that Datasette serves; the folder of its export is a setting of the plugin `bulk`."""
        database = datasette.get_database(name)
        folder = (datasette.plugin_config("bulk") or {}).get("folder") or "build"
        prepare = partial(datasette._prepare_connection, database=name)
        return cls(Path(database.path), database.hash, database.is_mutable, prepare, ROOT / folder)

    def connect(self) -> sqlite3.Connection:
        """A connection of its own, for reading."""
        opened = reader(self.path, self.mutable)()
        self.prepare(opened)
        return opened

    def connect_fast(self) -> sqlite3.Connection:
        """The same where all texts are known to be UTF-8: those of our own tables."""
        opened = self.connect()
        opened.text_factory = str
        return opened


@dataclass(frozen=True)
class Page:
    """What Datasette answers (`data`) to an address and its query, and the word of the format."""

    word: str
    data: Mapping[str, Any]
    query: str
    url: str

    @property
    def given(self) -> list[tuple[str, str]]:
        """The parameters of the address."""
        return parse_qsl(self.query, keep_blank_values=True)


def whole(query: str) -> bytes:
    """The query of an address from its first page, without facets nor counts."""
    kept = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key != "_next"]
    # The size is left for Datasette to judge.
    size = () if "_size" in dict(kept) else (("_size", "1"),)
    return urlencode([*kept, ("_nofacet", "1"), ("_nocount", "1"), *size]).encode()


def answer(
    source: Source, page: Page, asking: Mapping[str, str]
) -> tuple[int, dict[str, str], Callable[[BinaryIO], None] | None]:
    """Status, headers and writer of the file of that page; no writer when the headers `asking` say it is known."""
    chosen, path = outputs.named(page.word), source.path
    built = _built(source, page)
    tag = built.tag if built else tag_of(source.hash, path, page.url)
    if known(tag, asking):
        return 304, {"ETag": tag}, None
    if page.data.get("error"):
        raise Refused("failed-query", detail=str(page.data["error"]))
    if built:
        told = {"ETag": tag, "Content-Type": built.type, "Content-Length": str(built.size), **prebuilt.headers(built)}
        return 200, {**told, "X-Prebuilt": built.name}, partial(copied, built.path)
    selection = of_answer(source, page)
    download = ready(page.word, selection)
    name = name_of(page.data, page.given, chosen.ENDING)
    write = chosen.write
    if page.word == "csv" and dict(page.given).get("_header") == "off":
        write = as_csv.rows_alone
    told = headers(download, name, tag, path.stat().st_mtime)
    return 200, {"Content-Type": chosen.TYPE, **told, **bounds(selection)}, partial(write, download)


def _built(source: Source, page: Page) -> File | None:
    """The file of the export that holds exactly what is asked: a whole table of the database that is served."""
    table = page.data.get("table")
    # A page shows the rowid of a table without a key; its file has not got it.
    paged = table and page.data.get("query") is not None and page.data["columns"][0] != "rowid"
    if not paged or not {key for key, _value in page.given} <= HARMLESS:
        return None
    return prebuilt.table(source.exported, str(table), page.word, source.hash)


def copied(path: Path, target: BinaryIO) -> None:
    """Write the bytes of a file in `target`."""
    with path.open("rb") as file:
        shutil.copyfileobj(file, target, CHUNK)


def of_answer(source: Source, page: Page) -> Selection:
    """The selection behind an answer of Datasette: of a table or view, of a query, or of one row."""
    data, url = page.data, page.url
    table, query = data.get("table"), data.get("query")
    if query is None:  # one row, that its key selects
        keys = data["primary_keys"] or ["rowid"]
        where = " and ".join(f"{_quoted(key)} = :p{n}" for n, key in enumerate(keys))
        values = {f"p{n}": value for n, value in enumerate(data["primary_key_values"])}
        sql = f"select {', '.join(map(_quoted, data['columns']))} from {_quoted(table or '')} where {where}"
        return Selection(source.connect_fast, sql, values, table, url)
    if table is None:
        sql = query["sql"].rstrip().rstrip(";")
        free = not data.get("query_name")
        return Selection(source.connect, sql, query["params"], url=url, title=data.get("title") or "", free=free)
    # A condition of anybody's makes a filter of anybody's.
    free = any(key == "_where" for key, _value in page.given)
    connect = source.connect if free else source.connect_fast
    selection = Selection(connect, PAGE.sub("", query["sql"]), query["params"], table, url, free=free)
    return _labelled(selection, page) if page.word == "csv" else selection


def _labelled(selection: Selection, page: Page) -> Selection:
    """The selection with the label of the foreign keys that _labels or _label ask for, as `<column>_label`."""
    asked = dict(page.given)
    every = asked.get("_labels", "").lower() in ("on", "true", "1")
    chosen = {value for key, value in page.given if key == "_label"}
    beside = [
        Beside(
            key["column"],
            f"{key['column']}_label",
            f"select {_quoted(label)} from {_quoted(key['other_table'])} where {_quoted(key['other_column'])} = ?",
        )
        for key, label in page.data.get("expandable_columns") or ()
        if label and key["column"] in page.data["columns"] and (every or key["column"] in chosen)
    ]
    return replace(selection, beside=beside)


def ready(word: str, selection: Selection) -> Download:
    """The rows for the format of that word; `Refused` when they lack the columns that it needs, or are too many."""
    chosen, columns = outputs.named(word), selection.columns()
    if not outputs.fits(chosen, columns):
        possible = [other for other in outputs.FORMATS if outputs.suits(other, columns)]
        raise Refused("unfit-columns", word, possible, unfit(chosen))
    download = selections.download(selection, named=word in SHOWN, counted=word not in BARE)
    if selection.free:
        download = replace(download, notes=[*download.notes, (_("Limites"), selections.limits())])
    return download


def tag_of(database: str | None, path: Path, address: str) -> str:
    """A tag that changes with the database, whose hash is given when it is known, and with what is asked of it."""
    state = path.stat()
    known = "\n".join((database or f"{state.st_mtime_ns} {state.st_size}", languages.current(), address))
    return f'W/"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'


def bounds(selection: Selection) -> dict[str, str]:
    """The header that tells the bounds of anybody's query; none for a table."""
    if not selection.free:
        return {}
    most = f"cells={selections.MOST_CELLS}, characters={selections.MOST_CHARACTERS}"
    return {"X-Limits": f"{most}, seconds={selections.FREE_SECONDS:g}"}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
