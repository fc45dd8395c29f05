"""Tokenises big tables in columns, by Arrow: the same rows as the strict reader, a hundred times less memory.

Arrow forgives what the strict reader reports (text after a closing quote, a quote never closed): `scanned` reads the
quotes first, and whatever it cannot vouch for raises Unsure, for the strict reader to take over.
Arrow is imported when first needed: small files do not pay for it.
"""

import codecs
import csv as rows_of_text
import io
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from observatory.columns import Encoded, flagged
from observatory.dictionaries import LONGEST, Unsure, pool, unified

BLOCK = 1 << 22  # bytes read at a time; a longer row is left to the strict reader
SLACK = 8  # \r in a row that no table has
ODD = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"
BREAK = re.compile(r"\r\n|\r|\n")
QUOTE, LF, CR = b'"\n\r'


@dataclass(frozen=True)
class Scan:
    """What the quotes of a text delimit: line breaks that end a record, and those that stand inside cells."""

    records: int
    inside: int


@dataclass
class Tokens:
    """The records of a text in columns, and apart those of another width: (place among all records, their text)."""

    columns: list[Encoded]
    ragged: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Placed:
    """Rows of a table and their physical lines; `odd` are the (line, cells) of the records that are none."""

    columns: list[Encoded]
    lines: "array[int]"
    odd: list[tuple[int, list[str]]]
    total: int


class TextStream(io.RawIOBase):
    """A text as a stream of UTF-8 bytes, never encoded whole."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer with the next characters, each of four bytes at most."""
        data = self._text[self._place : self._place + len(buffer) // 4].encode()
        self._place += len(buffer) // 4
        buffer[: len(data)] = data
        return len(data)


class WholeBreaks(io.RawIOBase):
    """A stream of which no block ends between \\r and \\n: Arrow drops the \\n there, even inside a cell."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, a few less than asked for."""
        data = self._stream.read(size - SLACK)
        for _ in range(SLACK):
            if not data.endswith(b"\r") or not (more := self._stream.read(1)):
                return data
            data += more
        raise Unsure


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream, some megabytes at a time."""
    while block := stream.read(BLOCK):
        yield block


def is_plain(stream: BinaryIO) -> bool:
    """Whether it is UTF-8 that begins as a heading does, without control characters: nothing for decoding to say."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = b""
    try:
        for block in blocks(stream):
            first = first or block[:1]
            if not (first.isalnum() or first == b'"') or len(block.translate(None, ODD)) < len(block):
                return False
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return bool(first)


def scanned(parts: Iterable[bytes], delimiter: str, most: int) -> Scan:
    """The line breaks that end records and those inside quotes; Unsure when a quote stands where none may.

    Stops after `most` records and a few more.
    """
    ends = np.array([QUOTE, LF, CR, ord(delimiter)], dtype=np.uint8)
    tail, quotes, outside, inside = b"\n\n", 0, 0, 0
    for part in chain(parts, [b"\n"]):
        data = np.frombuffer(tail + part, dtype=np.uint8)
        here, before, after = data[1:-1], data[:-2], data[2:]
        places = np.flatnonzero(here == QUOTE)
        closing = (np.arange(len(places)) + quotes) % 2 == 1
        if not np.isin(np.where(closing, after[places], before[places]), ends).all():
            raise Unsure
        breaks = np.flatnonzero((here == LF) | ((here == CR) & (after != LF)))
        within = int(((np.searchsorted(places, breaks) + quotes) % 2).sum()) if len(places) or quotes % 2 else 0
        inside, outside, quotes = inside + within, outside + len(breaks) - within, quotes + len(places)
        tail = data[-2:].tobytes()
        if outside > most:
            break
    if quotes % 2 and outside <= most:
        raise Unsure
    return Scan(outside, inside)


def tokenised(stream: BinaryIO, delimiter: str, width: int) -> Tokens:
    """The records after the header, in `width` columns; Unsure when Arrow does not read them all."""
    import pyarrow as pa
    from pyarrow import csv

    ragged: list[tuple[int, str]] = []

    def aside(row: Any) -> str:
        ragged.append((row.number - 2, row.text))
        return "skip"

    names = [str(place) for place in range(width)]
    try:
        reader = csv.open_csv(
            WholeBreaks(stream),
            read_options=csv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=names, skip_rows_after_names=1
            ),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=aside
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())), strings_can_be_null=False
            ),
            memory_pool=pool(),
        )
        chunks: list[list[Any]] = [[] for _ in names]
        for batch in reader:
            for chunk, column in zip(chunks, batch.columns, strict=True):
                chunk.append(column)
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeError) as error:
        raise Unsure from error
    if any(len(text) > LONGEST for _, text in ragged):
        raise Unsure
    return Tokens([unified(chunks.pop(0)) for _ in names], ragged)


def placed(tokens: Tokens, scan: Scan, header: list[str], delimiter: str) -> Placed:
    """The rows of the table with their physical lines, and apart the records that are none."""
    height, ragged = len(tokens.columns[0]), [place for place, _ in tokens.ragged]
    total = height + len(ragged)
    if total + 1 not in (scan.records, scan.records - 1):
        raise Unsure
    good = np.ones(total, dtype=np.bool_)
    good[ragged] = False
    spans = np.ones(total, dtype=np.int32)
    if scan.inside:
        for column in tokens.columns:
            counts = np.fromiter(map(breaks, column.values), dtype=np.int32, count=len(column.values))
            spans[good] += counts[column.codes]
        spans[ragged] += np.array([breaks(text) for _, text in tokens.ragged], dtype=np.int32)
    first = 2 + sum(map(breaks, header))
    lines = np.cumsum(np.concatenate([np.array([first], dtype=np.int32), spans[:-1]]), dtype=np.int32)[:total]
    odd = [(int(lines[place]), _cells(text, delimiter)) for place, text in tokens.ragged]
    lines = lines[good]
    none = _all(tokens.columns, [_is_blank] * len(header)) | _all(tokens.columns, [name.__eq__ for name in header])
    odd += [(int(lines[row]), [column[row] for column in tokens.columns]) for row in np.flatnonzero(none).tolist()]
    columns = [column.taken(~none) for column in tokens.columns] if none.any() else tokens.columns
    return Placed(columns, array("i", lines[~none].astype(np.intc).tobytes()), sorted(odd), total)


def _all(columns: Sequence[Encoded], tests: Sequence[Callable[[str], bool]]) -> NDArray[np.bool_]:
    """For each row, whether all its cells pass the test of their column."""
    mask = np.ones(len(columns[0]), dtype=np.bool_)
    for column, test in zip(columns, tests, strict=True):
        if mask.any():
            mask &= flagged(column, [code for code, text in enumerate(column.values) if test(text)])
    return mask


def _is_blank(text: str) -> bool:
    return not text.strip()


def _cells(text: str, delimiter: str) -> list[str]:
    """The cells of one record."""
    lines = io.StringIO(text, newline="")
    return next(rows_of_text.reader(lines, delimiter=delimiter, strict=True), [])


def breaks(text: str) -> int:
    """Number of line breaks in a text."""
    return len(BREAK.findall(text)) if "\n" in text or "\r" in text else 0
