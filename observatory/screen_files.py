"""The bytes of a CSV file, cut into columns by pyarrow, and what its bytes say of how it is written."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow

BLOCK = 4 << 20


class Pages:
    """Reads the file once in another thread: its hashes, its quotes, its line ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = self.quotes = self.feeds = self.returns = self.pairs = 0
        self.torn = False  # whether a block ends between CR and LF
        self.ended = False
        self._last = b""
        self._md5, self._sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self.path.open("rb", buffering=0) as stream:
                while page := stream.read(BLOCK):
                    self._read(page)
        except Exception as error:  # given to whoever waits
            self._error = error

    def _read(self, page: bytes) -> None:
        self._md5.update(page)
        self._sha256.update(page)
        self.size += len(page)
        self.quotes += page.count(b'"')
        self.feeds += page.count(b"\n")
        if b"\r" in page:
            self.returns += page.count(b"\r")
            self.pairs += page.count(b"\r\n")
        if self._last == b"\r" and page.startswith(b"\n"):
            self.pairs += 1
            self.torn = True
        self._last = page[-1:]

    def wait(self) -> None:
        """Returns once the whole file is read."""
        self._thread.join()
        if self._error:
            raise self._error

    @property
    def lines(self) -> int | None:
        """Number of physical lines; None when some end with a lone carriage return."""
        return None if self.returns != self.pairs else self.feeds + (self._last not in (b"\n", b""))

    def statistics(self) -> tuple[int, str, str]:
        """Size, MD5 and SHA-256, as Frictionless gives them."""
        return self.size, self._md5.hexdigest(), self._sha256.hexdigest()


class Ragged:
    """Rows that do not have as many cells as the header: their numbers and their text."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, str]] = []

    def __call__(self, row: Any) -> str:
        self.rows.append((row.number, row.text))
        return "skip"


def batches(path: Path, width: int, delimiter: str, ragged: Ragged) -> Iterator[Any]:
    """The rows below the header in columns of text, a block at a time; the next one is cut meanwhile."""
    names = [str(place) for place in range(width)]
    # Without threads of its own, pyarrow knows the numbers of the ragged rows.
    reader = arrow.open_csv(
        path,
        read_options=arrow.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names, skip_rows=1),
        parse_options=arrow.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=ragged
        ),
        convert_options=arrow.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )
    queue: Queue[Any] = Queue(maxsize=2)
    gone: list[bool] = []

    def cut() -> None:
        try:
            for batch in reader:
                if gone:
                    return
                queue.put(batch)
            queue.put(None)
        except Exception as error:  # raised where the batches are asked for
            queue.put(error)

    Thread(target=cut, daemon=True).start()
    try:
        while (batch := queue.get()) is not None:
            if isinstance(batch, Exception):
                raise batch
            yield batch
    finally:
        gone.append(True)
        while not queue.empty():
            queue.get_nowait()
