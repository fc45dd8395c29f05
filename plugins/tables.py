"""Give the pages of the database their words: `titles()`, `columns_in()`, and filters on addresses and cells."""

from functools import partial
from pathlib import Path

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from datasette.utils import path_with_replaced_args
from jinja2 import Environment

from observatory import languages, plotting
from observatory.titles import COLUMNS, Named, column_titles, labelled, page_of, relative, table_titles

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions to the environment of templates."""
    env.globals["titles"] = partial(titles, datasette)
    env.globals["columns_in"] = partial(columns_in, datasette)
    env.globals["page_of"] = page_of
    env.globals["chart_start"] = plotting.start
    env.globals["path_with"] = path_with_replaced_args
    env.filters["labelled"] = labelled
    env.filters["relative"] = relative
    env.filters["data_text"] = lambda text: languages.data(text) if text else ""


async def titles(datasette: Datasette) -> dict[str, Named]:
    """The title and description of every table and view that has them, by name."""
    found = await datasette.get_database(DATABASE).execute("select name, title, description from datasets")
    metadata = datasette.metadata("tables", database=DATABASE, fallback=False) or {}
    return table_titles(ROOT, metadata, list(found.rows))


async def columns_in(datasette: Datasette, table: str) -> dict[str, Named]:
    """The title and description of columns, by name: those of that table first."""
    found = await datasette.get_database(DATABASE).execute(COLUMNS, {"name": table})
    return column_titles(list(found.rows), datasette.plugin_config("columns") or {})
