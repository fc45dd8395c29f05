"""Assistants at /-/mcp, as the official client of the Model Context Protocol sees them; what is too long to be read."""

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette
from mcp.client.client import Client
from mcp.types import CallToolResult, TextContent
from repositories import ROOT

from observatory import assistants, bodies

ASKED = "select ref_area, name, population from territories order by ref_area limit 7"
HOSTILE = {
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n": "time limit",
    "select hex(zeroblob(100000000))": "too big",
    "delete from territories": "SELECT",
    "attach database '/etc/passwd' as p": "SELECT",
    "pragma table_info(territories)": "SELECT",
    "select load_extension('x')": "not authorized",
    "select * from lost": "no such table",
    "select 1; drop table territories": "one statement",
}
COPIES = "select hex(zeroblob(400000)) as x from territories"
MANY = "with recursive n(i) as (select 1 union all select i + 1 from n limit 9999) select i from n"
ASK = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPTED = {"Accept": "application/json, text/event-stream"}


async def asked(server: str, sql: str) -> CallToolResult:
    async with Client(f"{server}/-/mcp") as client:
        answer = await client.call_tool("execute_sql", {"database": "donnees", "sql": sql})
    assert isinstance(answer, CallToolResult)
    return answer


def said(answer: CallToolResult) -> str:
    assert isinstance(answer.content[0], TextContent)
    return answer.content[0].text


async def test_an_assistant_finds_its_tools_and_the_rows_of_the_database(server: str, site: Datasette) -> None:
    async with Client(f"{server}/-/mcp") as client:
        tools = {tool.name: tool.annotations for tool in (await client.list_tools()).tools}
        found: Any = (await client.call_tool("get_database_schema", {"database": "donnees"})).structured_content
    assert set(tools) == {"list_databases", "get_database_schema", "execute_sql"}
    assert all(notes is not None and notes.read_only_hint for notes in tools.values())
    assert 'CREATE TABLE "territories"' in found["schema"]
    rows: Any = (await asked(server, ASKED)).structured_content
    expected = [dict(row) for row in (await site.get_database("donnees").execute(ASKED)).rows]
    assert (rows["rows"], rows["truncated"], rows["columns"]) == (expected, False, list(expected[0]))


@pytest.mark.parametrize("sql", HOSTILE)
async def test_what_would_write_or_never_end_is_refused(server: str, sql: str) -> None:
    answer = await asked(server, sql)
    assert answer.is_error
    assert HOSTILE[sql].lower() in said(answer).lower()


async def test_an_answer_is_bounded_in_rows_and_in_bytes(server: str) -> None:
    many: Any = (await asked(server, MANY)).structured_content
    assert (many["truncated"], len(many["rows"])) == (True, 1000)  # max_returned_rows of the server of the tests
    heavy: Any = (await asked(server, COPIES)).structured_content
    assert (heavy["truncated"], len(heavy["rows"])) == (True, assistants.MOST_BYTES // 800_001)
    long_names: Any = (await asked(server, f'select 1 as "{"x" * 900_000}" from territories')).structured_content
    assert (long_names["truncated"], len(long_names["rows"])) == (True, 2)


def test_bytes_are_counted_before_rows_are_kept() -> None:
    db = sqlite3.connect(":memory:")
    rows, truncated, columns = assistants.read(db, "select 1 as a union all select 2", 1)
    assert (rows, truncated, columns[0][0]) == ([(1,)], True, "a")
    assert assistants.read(db, "select 1 as a union all select 2", 2)[:2] == ([(1,), (2,)], False)


async def test_who_does_not_send_a_question_is_told_how_to(server: str) -> None:
    async with httpx.AsyncClient(base_url=server) as client:
        page = await client.get("/-/mcp")
        long = await client.post("/-/mcp", content=b" " * (bodies.MOST_BYTES + 1))
        nothing = await client.post("/-/mcp", json={"jsonrpc": "2.0"}, headers=ACCEPTED)
        listed = await client.post("/-/mcp", json=ASK, headers=ACCEPTED)
    assert (page.status_code, page.headers["Allow"], page.json()["type"]) == (405, "POST", f"{server}/api#wrong-method")
    assert (long.status_code, long.json()["type"]) == (413, f"{server}/api#too-long")
    assert nothing.status_code == 400
    assert (listed.status_code, listed.headers["x-content-type-options"]) == (200, "nosniff")
    assert "mcp-session-id" not in listed.headers  # nothing is kept for a visitor who never comes back


async def test_without_a_server_that_has_started_the_answer_says_so(site: Datasette) -> None:
    answer = await site.client.post("/-/mcp", json=ASK, headers=ACCEPTED)
    assert (answer.status_code, answer.json()["type"]) == (503, "http://localhost/api#busy")


def test_the_address_of_nobody_is_printed(database: Path) -> None:
    # In a process of its own: the handlers of pytest would keep the server of the protocol from adding its own.
    code = (
        "import logging, sys; from pathlib import Path; from sites import portal; portal(Path(sys.argv[1])).app();"
        "print(logging.getLogger().handlers, logging.getLogger().level)"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", code, str(database)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=True)
    assert done.stdout.split("\n")[-2] == f"[] {logging.WARNING}"


@pytest.mark.parametrize("path", ["/donnees", "/donnees/territories", "/territoires", "/-/mcp"])
async def test_nothing_reads_more_than_a_question_is_long(site: Datasette, path: str) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b"x" * 100_000

    answer = await site.client.post(path, content=endless())
    assert (answer.status_code, answer.json()["title"]) == (413, "Envoi trop long")
    assert answer.headers["content-type"] == "application/problem+json"
