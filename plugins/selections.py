"""Check what a file of /donnees is asked before Datasette, which leaves out what it does not understand."""

import asyncio
from typing import Any

from datasette.utils import tilde_decode
from datasette.utils.asgi import Request
from datasette.views.base import DataView

from observatory import selections_checked
from observatory.selections_asked import Source

given = DataView.get
# Datasette lists the tables in JSON; in any other format, a database without a query has no rows.
LISTED = ("json", "jsono")


async def get(view: DataView, request: Request) -> Any:
    """The answer of Datasette, when all that the address of a file asks is understood."""
    asked, name = request.url_vars, request.url_vars.get("database")
    if asked.get("format") and not asked.get("pks") and name in view.ds.databases:
        table, query = tilde_decode(asked.get("table") or ""), request.query_string
        canned = await view.ds.get_canned_query(name, table, request.actor) if table else None
        sql = canned["sql"] if canned else request.args.get("sql") or ""
        if table and not canned:
            searched = "fts_table" in view.ds.table_metadata(name, table)
            await asyncio.to_thread(selections_checked.check, Source.of(view.ds, name), table, query, searched)
        elif sql or asked["format"] not in LISTED:
            selections_checked.check_query(sql, query)
    return await given(view, request)


DataView.get = get
