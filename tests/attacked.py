"""Runs scripts/validate.py in forks of a warm process, and tells what each run cost and tried (see test_attacks).

A line of JSON in: {arguments, home, told}; a line out: {code, seconds, megabytes}. `told` is a folder that receives
stdout, stderr and audit: the network and the writings that the run attempted.
"""

import gc
import json
import os
import runpy
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

# What each run would import: the process is warm with it.
import observatory.fixing
import observatory.ods
import observatory.recognition
import observatory.reports
import observatory.screen_files
import observatory.submissions
import observatory.validation
import observatory.xlsx  # noqa: F401

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "validate.py"
PATIENCE = 60  # seconds of wall clock, after which a run that waits for ever is killed
ROOM = 4 << 30  # bytes of address space: a bomb must not take the machine with it
WATCHED = (
    "socket.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
)


def serve() -> None:
    """Answer each order until the input ends."""
    # The collector of a fork would write on, and so copy, all that it was given.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(run(order["arguments"], Path(order["home"]), Path(order["told"])))
        _, status, usage = os.wait4(pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        answer = {"code": os.waitstatus_to_exitcode(status), "seconds": seconds, "megabytes": usage.ru_maxrss / 1024}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def run(arguments: list[str], home: Path, told: Path) -> int:
    """What the script answers, from a home of its own, its outputs and its audit written in `told`."""
    import resource

    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(told / name, os.O_WRONLY | os.O_CREAT), number)
    audit = os.open(told / "audit", os.O_WRONLY | os.O_CREAT)
    os.environ.update(HOME=str(home), TMPDIR=str(home))
    os.chdir(home)
    sys.argv = [str(SCRIPT), *arguments]

    def note(event: str, details: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(details[1], str) and any(sign in details[1] for sign in "wax+")
        writes = writes and not str(details[0]).startswith(str(home))  # a temporary file; what stays of it is seen
        if writes or event.startswith(WATCHED):
            os.write(audit, f"{event} {details!r}\n".encode(errors="replace"))

    sys.addaudithook(note)
    try:
        runpy.run_path(str(SCRIPT), run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    serve()
