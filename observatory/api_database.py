"""The database as the API reads it: a connection of its own, read only, that no question holds for long."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from observatory import streams
from observatory.problem_details import Refused

PAGE_SECONDS, FILE_SECONDS = 8.0, 900.0
STEPS = 20_000  # of SQLite's machine between two looks at the clock: about a millisecond


@contextmanager
def opened(path: str | Path, seconds: float = PAGE_SECONDS) -> Iterator[sqlite3.Connection]:
    """A connection whose rows have names; Refused when it is held longer than that."""
    db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    db.row_factory = sqlite3.Row
    end = time.monotonic() + seconds
    db.set_progress_handler(lambda: streams.unread() or time.monotonic() > end, STEPS)
    try:
        yield db
    except sqlite3.OperationalError as fault:
        if "interrupted" not in str(fault):
            raise
        raise Refused("timeout") from fault
    finally:
        db.close()


def state(path: str | Path) -> tuple[str, int]:
    """What the bytes of the database and the words of this code make together, and when they last changed (seconds)."""
    found = Path(path).stat()
    return f"{_digest(str(path), found.st_mtime_ns, found.st_size)}{_code()}", int(found.st_mtime)


@lru_cache(maxsize=4)
def _digest(path: str, changed: int, size: int) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


@lru_cache(maxsize=1)
def _code() -> str:
    home = Path(__file__).parent
    files = [*sorted(home.glob("api_*.py")), *sorted((home / "outputs").glob("*.py"))]
    words = home.parent / "locale" / "en" / "LC_MESSAGES" / "observatory.po"
    texts = (path.read_bytes() for path in (*files, words) if path.is_file())
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:8]
