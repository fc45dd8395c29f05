"""What assistants read before they use the site, in the words of the site: the addresses are those of the plugin."""

from contextvars import copy_context
from pathlib import Path
from typing import Any

import datasette_llms_txt
from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Request

from observatory import llms, sitemap

DATABASE = "donnees"
ROOT = Path(__file__).resolve().parent.parent


async def index(datasette: Datasette, request: Request) -> str:
    """The text of /llms.txt."""
    return await read(datasette, request, llms.index)


async def database(datasette: Datasette, request: Request) -> str:
    """The text of /donnees.md; any other word with this ending has the page 404."""
    if request.url_vars["db"] != DATABASE:
        raise NotFound("")
    return await read(datasette, request, llms.tables)


async def table(datasette: Datasette, request: Request) -> str:
    """The text of /donnees/<table>.md."""
    if request.url_vars["db"] != DATABASE:
        raise NotFound("")
    return await read(datasette, request, llms.table, tilde_decode(request.url_vars["table"]))


async def read(datasette: Datasette, request: Request, page: Any, *words: str) -> str:
    """What a function of the library writes of the database, in the language of the address."""
    base = datasette.absolute_url(request, "/").rstrip("/")
    pages = sitemap.pages(Path(datasette.template_dir or "templates") / "pages")
    site = llms.Site(base, ROOT, datasette.metadata(), pages)
    run: Any = copy_context().run
    return str(await datasette.get_database(DATABASE).execute_fn(lambda db: run(page, db, site, *words)))


datasette_llms_txt.generate_index = index
datasette_llms_txt._database_body = database
datasette_llms_txt._table_body = table
