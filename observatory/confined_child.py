"""What `confined` starts: sets its own limits, then calls the function and writes its answer."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from observatory.confined import FAULT, MEMORY

MEGABYTE = 1 << 20
RESERVED = 512 * MEGABYTE  # address space of the libraries, most of it never touched (350 measured)
FILE_BYTES = 300_000_000  # the largest file that the function may write
# Prefixes of audit events that no reading of a table needs.
REFUSED = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile",
    "os.kill", "pty.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.",
)  # fmt: skip
CHANGES = {
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "os.utime", "os.setxattr",
}  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(function: str, seconds: str, megabytes: str, result_bytes: str, folder: str) -> int:
    """Answers the function's value as JSON on the standard output; the code says how it went."""
    _bound(int(seconds), int(megabytes))
    _cut_network()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    sys.addaudithook(_guard(os.path.realpath(folder)))
    _lighten()
    try:
        module, _, name = function.partition(":")
        value = getattr(import_module(module), name)(**json.load(sys.stdin))
        written = json.dumps(value).encode()
    except MemoryError:
        return MEMORY
    if len(written) > int(result_bytes):
        print(f"réponse de {len(written)} octets", file=sys.stderr)  # noqa: T201 (read by the parent)
        return FAULT
    answer.write(written)
    answer.close()
    return 0


def _lighten() -> None:
    """Leave out what is not among our requirements, and that sqlite-utils imports where it is: a third of the start."""
    sys.modules["pandas"] = None  # type: ignore[assignment]


def _bound(seconds: int, megabytes: int) -> None:
    """The system's limits; where there are none, the parent's clock remains."""
    try:
        import resource
    except ImportError:
        return
    memory = megabytes * MEGABYTE
    limits = {
        "RLIMIT_CPU": seconds + 1,
        "RLIMIT_DATA": memory,
        "RLIMIT_AS": memory + RESERVED,
        "RLIMIT_FSIZE": FILE_BYTES,
        "RLIMIT_CORE": 0,
    }
    for name, limit in limits.items():
        # Neither above what the system already allows, nor where it knows no such limit.
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (limit, limit))


def _cut_network() -> None:
    """A network namespace without any interface, where the system lets a process have one; libraries in C obey it."""
    with suppress(Exception):
        import ctypes

        unshare = ctypes.CDLL(None).unshare
        network, user = 0x40000000, 0x10000000
        if unshare(network) != 0:
            unshare(network | user)


def _guard(folder: str) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that refuses the network, other programs, and any change outside the folder."""

    def inside(path: object) -> bool:
        if isinstance(path, int) or path == os.devnull:
            return True
        place = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        return place == folder or place.startswith(folder + os.sep)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(REFUSED):
            raise PermissionError(f"{event} est interdit ici")
        if event == "open" and _writes(*arguments[1:3]) and not inside(arguments[0]):
            raise PermissionError(f"écrire dans {arguments[0]!s} est interdit ici")
        if event in CHANGES and not all(inside(a) for a in arguments if isinstance(a, str | bytes | os.PathLike)):
            raise PermissionError(f"{event} est interdit ici")
        if event == "sqlite3.connect" and not (_reads_only(arguments[0]) or inside(arguments[0])):
            raise PermissionError("ouvrir cette base en écriture est interdit ici")

    return hook


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(sign in mode for sign in "wax+")
    return isinstance(flags, int) and bool(flags & WRITING)


def _reads_only(database: object) -> bool:
    text = os.fsdecode(database) if isinstance(database, bytes | os.PathLike) else str(database)
    return text == ":memory:" or (text.startswith("file:") and ("mode=ro" in text or "immutable=1" in text))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
