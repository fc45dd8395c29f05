"""Parquet: typed columns, what must be known of the rows in the metadata of the file."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from observatory.outputs import Download
from observatory.outputs.as_tableur import plain

TITLE = "Parquet"
FILE_TYPE = "PARQUET"
ENDING, TYPE, NEEDS = ".parquet", "application/vnd.apache.parquet", ()
BATCH, GROUP = 1_000, 50  # rows read at once, few enough for the cache of a processor; batches written together
TYPES = {"integer": pa.int64(), "year": pa.int64(), "number": pa.float64()}


def write(download: Download, target: BinaryIO) -> None:
    """The rows by groups of 50,000."""
    seen = _seen(download)
    kinds = [_type(types, download.kinds.get(name)) for types, name in zip(seen, download.columns, strict=True)]
    metadata = {"title": download.title, "about": json.dumps(dict(download.about), ensure_ascii=False)}
    schema = pa.schema(zip(download.columns, kinds, strict=True), metadata=metadata)
    # Only a column of texts that holds something else is written value by value.
    mixed = [pa.types.is_string(kind) and types != {str} for kind, types in zip(kinds, seen, strict=True)]
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        batches = (pa.record_batch(_arrays(batch, kinds, mixed), schema=schema) for batch in _batches(download))
        while group := list(islice(batches, GROUP)):
            writer.write_table(pa.Table.from_batches(group))


def _seen(download: Download) -> list[set[type]]:
    """The types of the values of each column, read once for that, since SQLite holds any column to none."""
    found: list[set[type]] = [set() for _ in download.columns]
    for batch in _batches(download):
        for seen, values in zip(found, zip(*batch, strict=True), strict=True):
            seen.update(map(type, values))
    return [seen - {type(None)} for seen in found]


def _type(seen: set[type], kind: str | None) -> pa.DataType:
    if seen == {int}:
        return pa.float64() if kind == "number" else pa.int64()
    if seen and seen <= {int, float}:
        return pa.float64()
    if not seen and kind in TYPES:
        return TYPES[kind]
    return pa.binary() if seen == {bytes} else pa.string()


def _batches(download: Download) -> Iterator[list[Sequence[Any]]]:
    rows = download.rows()
    while batch := list(islice(rows, BATCH)):
        yield batch


def _arrays(batch: list[Sequence[Any]], kinds: Sequence[pa.DataType], mixed: Sequence[bool]) -> list[pa.Array]:
    columns = zip(zip(*batch, strict=True), kinds, mixed, strict=True)
    return [pa.array(map(_text, values) if odd else values, kind) for values, kind, odd in columns]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else plain(value)
