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
ENDING, TYPE, NEEDS = ".parquet", "application/vnd.apache.parquet", ()
BATCH = 50_000
TYPES = {"integer": pa.int64(), "year": pa.int64(), "number": pa.float64()}


def write(download: Download, target: BinaryIO) -> None:
    """The rows by groups of 50,000."""
    fields = [pa.field(name, kind) for name, kind in zip(download.columns, _types(download), strict=True)]
    metadata = {"title": download.title, "about": json.dumps(dict(download.about), ensure_ascii=False)}
    schema = pa.schema(fields, metadata=metadata)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in _batches(download):
            columns = list(zip(*batch, strict=True))
            arrays = [_array(values, field.type) for values, field in zip(columns, fields, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _types(download: Download) -> list[pa.DataType]:
    """The type of each column: the one that all its values have, since SQLite holds any column to none."""
    found: list[set[type]] = [set() for _ in download.columns]
    for batch in _batches(download):
        for seen, values in zip(found, zip(*batch, strict=True), strict=True):
            seen.update(map(type, values))
    kinds = map(download.kinds.get, download.columns)
    return [_type(seen - {type(None)}, kind) for seen, kind in zip(found, kinds, strict=True)]


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


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        values = [value if value is None or isinstance(value, str) else plain(value) for value in values]
    return pa.array(values, kind)
