"""The process that reads what strangers send: bounded in time and memory, cut from the network and from our files."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from observatory.confined import Crashed, TooExpensive, confined

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limites du système")
CONNECT_IN_C = """
import ctypes, struct
libc = ctypes.CDLL(None)
there = struct.pack("<HHI8x", 2, {port}, 0x0100007F)
assert libc.connect(libc.socket(2, 1, 0), there, 16) == 0, "coupé"
"""


def run(code: str, seconds: int = 20, megabytes: int = 200, folder: Path | None = None) -> Any:
    """Runs Python source as confined code: what a tricked parser would be made to do."""
    return confined("timeit:timeit", {"stmt": code, "number": 1}, seconds, megabytes, folder)


def trace(code: str, **limits: Any) -> str:
    """What the child complains of, once it crashed in French for who gave the file."""
    with pytest.raises(Crashed, match="^la vérification s'est arrêtée sur une erreur imprévue") as caught:
        run(code, **limits)
    return caught.value.trace


def test_the_answer_comes_back_whole_whatever_its_signs() -> None:
    given = {"é": 'Île-de-France ≠ 🎉 \ud800 \u202e \0 " \n', "nombre": 1.5, "liste": [None, True, [10**30]]}
    assert confined("builtins:dict", given, 20, 200) == given


def test_a_real_validation_fits_in_its_limits(root: Path) -> None:
    code = f"""
from pathlib import Path
from observatory.validation import validate
assert validate(Path({str(root)!r})) == []
"""
    assert run(code) > 0


@pytest.mark.parametrize("code", ["while True: pass", "import time; time.sleep(60)"], ids=["busy", "asleep"])
def test_an_endless_function_is_stopped_in_time_and_is_dead(tmp_path: Path, code: str) -> None:
    start = time.monotonic()
    with pytest.raises(TooExpensive, match="^la vérification a dépassé 1.seconde ; découpez le fichier"):
        run(f"import os\nopen('pid', 'w').write(str(os.getpid()))\n{code}", seconds=1, folder=tmp_path)
    assert time.monotonic() - start < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)


@pytest.mark.parametrize("code", ["[0] * 10**9", "x = []\nwhile True: x.append('a' * 10**6)"], ids=["once", "creeping"])
def test_too_much_memory_is_refused(code: str) -> None:
    with pytest.raises(TooExpensive, match="^la vérification a dépassé 150 Mo de mémoire ; découpez le fichier"):
        run(code, megabytes=150)


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.fork()",
        "import os\nos.system('true')",
        "import os\nos.execv('/bin/true', ['true'])",
        "import os\nos.posix_spawn('/bin/true', ['true'], {})",
        "import subprocess\nsubprocess.run(['true'])",
        "import multiprocessing as m\nm.Process(target=print).start()",
        "import socket\nsocket.create_connection(('127.0.0.1', 80))",
        "import socket\nsocket.socket().bind(('127.0.0.1', 0))",
        "import socket\nsocket.getaddrinfo('localhost', 80)",
        "import urllib.request as u\nu.urlopen('http://127.0.0.1/')",
    ],
)
def test_no_other_program_and_no_network(code: str) -> None:
    assert "est interdit ici" in trace(code)


def test_libraries_in_c_have_no_network_either(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "--net", "--map-root-user", "true"], check=False, capture_output=True).returncode:
        pytest.skip("le système ne permet pas d'isoler le réseau")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = socket.htons(server.getsockname()[1])
        script = tmp_path / "connect.py"
        script.write_text(CONNECT_IN_C.format(port=port), encoding="utf-8")
        assert subprocess.run([sys.executable, script], check=False).returncode == 0, "sans confinement, il répond"
        assert "coupé" in trace(CONNECT_IN_C.format(port=port))


@pytest.mark.parametrize(
    "code",
    [
        "open({path!r}, 'w')",
        "open({path!r}, 'r+')",
        "import os\nos.open({path!r}, os.O_CREAT)",
        "import os\nos.remove({path!r})",
        "import os\nos.rename({path!r}, 'ici')",
        "import os\nos.mkdir({path!r} + '.d')",
        "import os\nos.symlink({path!r}, 'lien')\nopen('lien', 'w')",
        "import sqlite3\nsqlite3.connect({path!r})",
        "open('../' * 20 + {path!r}, 'a')",
    ],
)
def test_nothing_is_written_elsewhere(tmp_path: Path, code: str) -> None:
    path = tmp_path / "precieux.csv"
    path.write_text("intact", encoding="utf-8")
    assert "interdit ici" in trace(code.format(path=str(path)))
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [("precieux.csv", "intact")]


def test_the_folder_given_is_written_and_a_database_is_read(tmp_path: Path) -> None:
    run("open('corrige.csv', 'w').write('a')", folder=tmp_path)
    assert (tmp_path / "corrige.csv").read_text(encoding="utf-8") == "a"
    run("import sqlite3\nsqlite3.connect('donnees.db').execute('create table t (x)')", folder=tmp_path)
    run(f"import sqlite3\nsqlite3.connect('file:{tmp_path}/donnees.db?mode=ro', uri=True).execute('select * from t')")


def test_the_folder_beside_the_one_given_is_not_it(tmp_path: Path) -> None:
    for name in ("ici", "ici-autre"):
        (tmp_path / name).mkdir()
    assert "interdit ici" in trace("open('../ici-autre/x', 'w')", folder=tmp_path / "ici")
    assert list((tmp_path / "ici-autre").iterdir()) == []


def test_a_file_without_end_is_cut() -> None:
    assert "File too large" in trace("with open('x', 'wb') as s:\n  while True: s.write(bytes(10**7))")


def test_an_answer_without_measure_is_refused() -> None:
    with pytest.raises(Crashed) as caught:
        confined("textwrap:indent", {"text": "a\n" * 600, "prefix": "x" * 100_000}, 20, 500)
    assert "réponse de 60" in caught.value.trace


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise ValueError('au fond')", "ValueError: au fond"),
        ("import os\nos.abort()", "-6"),
        ("import os\nos._exit(0)", "0"),
        ("import ctypes\nctypes.string_at(0)", "-11"),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_a_failure_speaks_french_and_keeps_its_trace_for_the_operator(code: str, told: str) -> None:
    assert told in trace(code)


def test_what_the_libraries_print_is_no_answer() -> None:
    assert run("print('{\"faux\": 1}')") > 0


def test_nothing_of_our_environment_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "s3cr3t")
    monkeypatch.setenv("HTTPS_PROXY", "http://example.org")
    seen = confined("builtins:dict", {}, 20, 200)
    assert seen == {}
    run("import os\nassert not {'SECRET', 'HTTPS_PROXY', 'PATH'} & set(os.environ)")


def test_nothing_runs_with_what_production_has_not() -> None:
    assert "ModuleNotFoundError: import of pandas halted" in trace("import pandas")
    told = subprocess.run([sys.executable, "-c", "import pandas"], check=False, capture_output=True, text=True).stderr
    assert "ImportError: pandas is a tool of the tests" in told


async def test_a_server_goes_on_while_several_threads_confine() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    clock = asyncio.create_task(tick())
    given = [{"n": n} for n in range(3)]
    answers = await asyncio.gather(*(asyncio.to_thread(confined, "builtins:dict", one, 20, 200) for one in given))
    clock.cancel()
    assert answers == given and ticks > 10
