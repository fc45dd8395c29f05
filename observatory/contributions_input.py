"""What a visitor sends from the pages /contribuer: a bounded form, and the table in it, however it was given."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePath
from typing import Any

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from observatory.french import number
from observatory.headers import matched
from observatory.languages import kept

MOST_BYTES = 10_000_000
MOST_FIELDS = 5_000
MOST_GRID_ROWS = 60
FORM = b"multipart/form-data"
CELL = re.compile(r"cellule-([0-9]{1,6})-([0-9]{1,3})")
ALL, WITHOUT = "tout", "sans:"
NAMED, REMOVED = "colonne-", "retirer"
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".ods", ".zip")
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class Refused(Exception):
    """What was sent cannot be accepted; `status` is the HTTP status, the message is in French."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


@dataclass
class Form:
    """The fields of a form, and its file, if one was chosen."""

    fields: dict[str, str] = field(default_factory=dict)
    file_name: str = ""
    content: bytes = b""

    def get(self, name: str, longest: int = 300) -> str:
        """The text of a one-line field, trimmed and cut; empty when it was not sent."""
        return " ".join(self.fields.get(name, "").split())[:longest]


@dataclass(frozen=True)
class Given:
    """A table as it was given: the name shown to its author, its bytes, what was understood, what was just mended."""

    name: str
    content: bytes
    understood: tuple[str, ...] = ()
    changes: int = 0


async def read_form(headers: Mapping[str, str], receive: Receive) -> Form:
    """The form of a request, refused as soon as it is known to be too large (413), not a form (415) or broken (400)."""
    kind, options = parse_options_header(headers.get("content-type"))
    if kind != FORM:
        raise Refused(415, kept("Cette page n’accepte que ses propres formulaires."))
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise Refused(400, kept("L’envoi est incomplet ; recommencez."))
    if int(length) > MOST_BYTES:
        raise _too_large()
    form, ended = Form(), []
    reader = _reader(options.get(b"boundary"), form, lambda: ended.append(True))
    try:
        async for body in _bodies(receive):
            reader.write(body)
        reader.finalize()
    except (FormParserError, UnicodeDecodeError):
        ended.clear()
    finally:
        reader.close()
    if not ended:
        raise Refused(400, kept("L’envoi est incomplet ou abîmé ; recommencez."))
    return form


async def _bodies(receive: Receive) -> AsyncIterator[bytes]:
    """The parts of the body, as long as they are not too many."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, kept("L’envoi a été interrompu ; recommencez."))
        size += len(message.get("body", b""))
        if size > MOST_BYTES:
            raise _too_large()
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _too_large() -> Refused:
    megabytes = number(MOST_BYTES // 1_000_000)
    return Refused(
        413,
        kept("Le fichier dépasse {megabytes} Mo ; découpez-le, par période ou par territoire.").format(
            megabytes=megabytes
        ),
    )


def _reader(boundary: bytes | None, form: Form, ended: Callable[[], None]) -> FormParser:
    if not boundary:
        raise Refused(400, kept("L’envoi est incomplet ; recommencez."))

    parts = count(1)

    def on_field(entry: Field) -> None:
        if next(parts) > MOST_FIELDS:
            raise FormParserError("trop de champs")
        name = (entry.field_name or b"").decode("utf-8")
        form.fields.setdefault(name, (entry.value or b"").decode("utf-8").replace("\r\n", "\n"))

    def on_file(entry: File) -> None:
        if entry.file_name and not form.content:
            entry.file_object.seek(0)
            form.file_name, form.content = (
                shown_name(entry.file_name.decode("utf-8", "replace")),
                entry.file_object.read(),
            )

    # Bounded above, hence kept in memory: no part of a visitor's file is ever written by this parser.
    limits = {"MAX_BODY_SIZE": MOST_BYTES + 1, "MAX_MEMORY_FILE_SIZE": MOST_BYTES + 1}
    return FormParser(FORM.decode(), on_field, on_file, ended, boundary, config=limits)


def shown_name(text: str) -> str:
    """A file's name that is safe to write and to show: its last part, plain signs, one of the known endings."""
    path = PurePath(text.replace("\\", "/"))
    ending = path.suffix.lower() if path.suffix.lower() in ENDINGS else ".csv"
    stem = re.sub(r"[^\w-]+", "_", path.name.removesuffix(path.suffix)).strip("_-")[:60]
    return (stem or "fichier") + ending


def given_table(form: Form, names: Sequence[str], key: Sequence[str]) -> Given | None:
    """The table that the form holds: the one under repair, else a file, a paste or a grid; None when it is empty.

    `names` are the columns of the schema (Headings: their titles are known too), `key` those of its primary key.
    """
    if form.content:
        return Given(form.file_name, form.content)
    if table := form.fields.get("table", "").strip():
        # Whatever the file was, the table under repair is a CSV.
        name = shown_name(PurePath(form.get("nom")).stem + ".csv")
        text, changes = corrected(table + "\n", form.fields)
        return Given(name, text.encode(), changes=changes)
    if pasted := form.fields.get("collage", "").strip("\n"):
        return _pasted(pasted, names)
    rows = _grid(form.fields, {place for place, name in enumerate(names) if name in key})
    return Given("saisie.csv", as_csv(names, rows).encode()) if rows else None


def _pasted(text: str, names: Sequence[str]) -> Given | None:
    """Cells copied from a spreadsheet come with tabs; the line of names is added when it was not copied."""
    if not text.strip():
        return None
    if "\t" not in text:
        return Given("collage.csv", text.encode())
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    understood = [kept("Les cellules collées sont séparées par des tabulations, comme un tableur les copie.")]
    titled = 2 * matched(rows[0], names) > len(rows[0]) or {cell.strip() for cell in rows[0]} & set(names)
    if not titled and len(rows[0]) == len(names):
        rows.insert(0, list(names))
        understood.append(
            kept("La ligne des titres n’a pas été collée : les colonnes sont lues dans l’ordre du modèle.")
        )
    return Given("collage.csv", as_csv(rows[0], rows[1:]).encode(), tuple(understood))


def _grid(fields: Mapping[str, str], codes: set[int]) -> list[list[str]]:
    """The rows typed in the grid; those that hold nothing beside the codes that it proposed are left out."""
    typed: dict[int, dict[int, str]] = {}
    for name, value in fields.items():
        if (found := CELL.fullmatch(name)) and int(found[1]) < MOST_GRID_ROWS:
            typed.setdefault(int(found[1]), {})[int(found[2])] = value.strip()
    return [
        [row.get(column, "") for column in range(max(row) + 1)]
        for _, row in sorted(typed.items())
        if any(value for column, value in row.items() if column not in codes)
    ]


def corrected(table: str, fields: Mapping[str, str]) -> tuple[str, int]:
    """The table with what its author asked for in the report, and how many mendings were applied.

    Cells written by hand are the fields cellule-<row>-<column>, from 0. `appliquer` names certain mendings among those
    of the field `corrections`: ALL, the number of one, or their kind; or a column to leave out. `colonne-<name>` says
    which column of the table is that one, `retirer` which row goes.
    """
    header, *rows = list(csv.reader(io.StringIO(table, newline="")))
    renamed = _name_columns(header, fields)
    written = set()
    for name, text in fields.items():
        if (found := CELL.fullmatch(name)) and _holds(rows, row := int(found[1]), place := int(found[2])):
            if rows[row][place] != text:
                written.add((row, place))
            rows[row][place] = text
    wanted = fields.get("appliquer", "")
    if wanted.startswith(WITHOUT) and (name := wanted.removeprefix(WITHOUT)) in header:
        place = header.index(name)
        kept = [[cell for at, cell in enumerate(row) if at != place] for row in (header, *rows)]
        return as_csv(kept[0], kept[1:]), renamed + 1
    chosen = [(row, place, text) for row, place, text in _chosen(fields, wanted) if (row, place) not in written]
    for row, place, text in chosen:
        if _holds(rows, row, place):
            rows[row][place] = text
    dropped = {row for row, place, _ in chosen if place < 0}
    gone = fields.get(REMOVED, "")
    removed = {int(gone)} & set(range(len(rows))) if gone.isascii() and gone.isdigit() and len(gone) < 8 else set()
    kept_rows = [cells for row, cells in enumerate(rows) if row not in dropped | removed]
    return as_csv(header, kept_rows), renamed + len(chosen) + len(removed - dropped)


def _name_columns(header: list[str], fields: Mapping[str, str]) -> int:
    """Gives columns the names that their author chose for them, each once; how many were given."""
    count = 0
    for field_name, written in fields.items():
        name = field_name.removeprefix(NAMED)
        if name != field_name and name not in header and header.count(written) == 1:
            header[header.index(written)] = name
            count += 1
    return count


def _holds(rows: Sequence[Sequence[str]], row: int, place: int) -> bool:
    return 0 <= row < len(rows) and 0 <= place < len(rows[row])


def _chosen(fields: Mapping[str, str], wanted: str) -> list[tuple[int, int, str]]:
    """Row, column (-1: the whole row goes) and text of the mendings that were asked for."""
    if not wanted:
        return []
    try:
        known = [(int(row), int(place), str(kind), str(text)) for row, place, kind, text in _listed(fields)]
    except (ValueError, TypeError):
        raise Refused(400, kept("L’envoi est incomplet ou abîmé ; recommencez.")) from None
    return [
        (row, place, text)
        for number, (row, place, kind, text) in enumerate(known)
        if wanted in (ALL, str(number), kind)
    ]


def _listed(fields: Mapping[str, str]) -> list[Any]:
    listed = json.loads(fields.get("corrections") or "[]")
    return listed if isinstance(listed, list) else []


def as_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table as the repository writes them: commas, lines ended by \\n, quotes where they are needed."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue()
