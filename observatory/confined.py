"""Runs a function on hostile data in a process of its own: bounded time and memory, no network, no writing elsewhere.

The data are hostile, the code is ours: the audit hook of the child stops what a parser would be tricked into (an
address fetched, a file written, a program started), it does not hold code that would fight it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from observatory.formats import spoken
from observatory.languages import gettext as _
from observatory.languages import ngettext

RESULT_BYTES = 50_000_000
TRACE = 4_000  # characters of the child's complaint that are kept for the operator
MEMORY, FAULT = 3, 4  # exit codes of the child
# One thread and one heap: threads reserve address space that the limit would count as used.
SINGLE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}


class TooExpensive(Exception):
    """The function took more time or memory than it was given; the message says so in the language of the page."""


class Crashed(Exception):
    """The function failed; the message is in the language of the page, `trace` the child's own, for the operator."""

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace


def confined(
    function: str, payload: Mapping[str, Any], seconds: int, megabytes: int, folder: Path | None = None
) -> Any:
    """The JSON value of `module:function(**payload)`, called in a fresh process that may write in `folder` only.

    Without `folder`, it gets a temporary one that disappears. Give absolute paths: it runs in that folder. SQLite
    databases are opened by URI with mode=ro. TooExpensive past `seconds` of wall clock or `megabytes`
    of memory, Crashed when the function raises, dies or answers too much. Safe to call from any thread.
    """
    with tempfile.TemporaryDirectory(prefix="confine-") as private:
        home = Path(private if folder is None else folder).resolve()
        # The answer goes to a file and not to a pipe: its size is bounded by the child's own limit.
        with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as complaint:
            command = [sys.executable, "-I", "-B", "-X", "utf8", "-m", "observatory.confined_child"]
            limits = [function, str(seconds), str(megabytes), str(RESULT_BYTES), str(home)]
            child = subprocess.Popen(
                [*command, *limits],
                stdin=subprocess.PIPE,
                stdout=answer,
                stderr=complaint,
                cwd=home,
                env=_environment(home),
                start_new_session=True,
            )
            _wait(child, json.dumps(payload).encode(), seconds)
            return _result(child.returncode, answer, complaint, seconds, megabytes)


def _environment(home: Path) -> dict[str, str]:
    """Nothing of ours (no secret, no proxy), but what Windows needs to start a program."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    return {**kept, **SINGLE, "LANG": "C.UTF-8", "HOME": str(home), "TMPDIR": str(home), "TZ": "UTC"}


def _wait(child: subprocess.Popen[bytes], given: bytes, seconds: int) -> None:
    """Feeds the child and waits for it; whatever happens, nothing of its group outlives this call."""
    try:
        child.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise TooExpensive(_too_long(seconds)) from None
    finally:
        with contextlib.suppress(OSError):
            _kill(child)
        child.wait()


def _kill(child: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()


def _result(code: int, answer: IO[bytes], complaint: IO[bytes], seconds: int, megabytes: int) -> Any:
    answer.seek(0)
    if code == 0 and (written := answer.read()):
        return json.loads(written)
    if code == -getattr(signal, "SIGXCPU", 0):
        raise TooExpensive(_too_long(seconds))
    # Killed from outside: the system was short of memory before the limit was reached.
    if code in (MEMORY, -getattr(signal, "SIGKILL", 9)):
        raise TooExpensive(
            _(
                "la vérification a dépassé {megabytes} Mo de mémoire ; découpez le fichier, par période ou par "
                "territoire, et vérifiez que chaque partie ne contient que le tableau attendu."
            ).format(megabytes=spoken().number(megabytes))
        )
    complaint.seek(0)
    trace = complaint.read()[-TRACE:].decode("utf-8", "replace")
    raise Crashed(
        _(
            "la vérification s'est arrêtée sur une erreur imprévue, et le fichier n'a pas été jugé ; enregistrez-le à "
            "nouveau en CSV UTF-8 et réessayez, ou signalez-le à l'équipe de l'observatoire."
        ),
        trace or f"code de sortie {code}",
    )


def _too_long(seconds: int) -> str:
    return ngettext(
        "la vérification a dépassé {seconds}\u00a0seconde ; découpez le fichier, par période ou par territoire, et "
        "vérifiez que chaque partie ne contient que le tableau attendu.",
        "la vérification a dépassé {seconds}\u00a0secondes ; découpez le fichier, par période ou par territoire, et "
        "vérifiez que chaque partie ne contient que le tableau attendu.",
        seconds,
    ).format(seconds=spoken().number(seconds))
