"""Answer assistants at /-/mcp: nothing is kept between two questions, and each answer is bounded as pages are."""

from typing import Any

import datasette_mcp
from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results
from datasette.hookspecs import hookimpl
from datasette.plugins import pm
from datasette.utils import sqlite_timelimit, validate_sql_select
from datasette.utils.asgi import Request, Response
from mcp.server.mcpserver import MCPServer

from observatory import assistants, bodies


def started(datasette: Datasette) -> Any:
    """The server of the protocol for this site."""
    with assistants.silent():
        server = MCPServer("observatoire", instructions=assistants.INSTRUCTIONS, subscriptions=False)
    pm.hook.register_mcp_tools(datasette=datasette, mcp=server)
    options = {"streamable_http_path": "/", "json_response": True, "stateless_http": True, "host": "0.0.0.0"}
    app = server.streamable_http_app(**options)  # type: ignore[arg-type]
    return datasette_mcp._MCPState(server=server, app=app)


async def execute(database: Database, sql: str) -> Results:
    """The rows of a query of an assistant, see `observatory.assistants`."""

    def read(connection: Any) -> Results:
        with sqlite_timelimit(connection, database.ds.sql_time_limit_ms):
            return Results(*assistants.read(connection, sql, database.ds.max_returned_rows))

    with datasette_mcp._sql_errors_as_tool_errors():
        validate_sql_select(sql)
        try:
            return await database.execute_fn(read)
        except Exception as error:
            raise QueryInterrupted(error, sql, None) if error.args == ("interrupted",) else error from None


datasette_mcp._execute_read_only_sql = execute


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def register_routes(datasette: Datasette) -> list[tuple[str, object]]:
    """The address of the plugin, before its own."""
    if datasette not in datasette_mcp._states:
        datasette_mcp._states[datasette] = started(datasette)
    return [(rf"^{assistants.PATH}$", asked)]


async def asked(datasette: Datasette, request: Request, scope: Any, receive: Any, send: Any) -> Response | None:
    """Hand a question to the protocol, unless it cannot be one."""
    state = datasette_mcp._states[datasette]
    if refused := assistants.refusal(request.method, state.server.session_manager._task_group is not None):
        base = datasette.absolute_url(request, "/").rstrip("/")
        return Response(**bodies.problem(refused, base, request.path))
    await state.app({**scope, "path": "/", "raw_path": b"/"}, receive, send)
    return None
