"""Give templates `view()` (rows of a view), `paged()`, `canned()` (a query of metadata.yml), `whole()` (a page)."""

import re
from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import languages

DATABASE = "donnees"
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
ORDER = re.compile(r"[a-z0-9_]+( desc)?(, [a-z0-9_]+( desc)?)*\Z")


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add the functions to the environment, so that macros and error pages have them too."""
    env.globals["view"] = partial(view, datasette)
    env.globals["paged"] = partial(paged, datasette)
    env.globals["canned"] = partial(canned, datasette)
    env.globals["whole"] = whole


async def view(
    datasette: Datasette, name: str, /, order: str | None = None, limit: int = -1, offset: int = 0, **columns: Any
) -> list[Any]:
    """Rows of the view `name` whose columns have the given values (None: is null), in order and in the page's language.

    The names come from templates, the values from visitors: only values are bound. ValueError on another name.
    """
    if not all(NAME.match(n) for n in (name, *columns)) or (order and not ORDER.match(order)):
        raise ValueError(f"« {name} » cannot be read with {sorted(columns)} ordered by {order}")
    wheres = " and ".join(
        f'"{column}" is :{column}' if value is None else f'"{column}" = :{column}' for column, value in columns.items()
    )
    sql = f'select * from "{name}"' + (f" where {wheres}" if wheres else "") + (f" order by {order}" if order else "")
    found = await datasette.get_database(DATABASE).execute(f"{sql} limit {int(limit)} offset {int(offset)}", columns)
    return languages.rows(found.rows)


async def paged(datasette: Datasette, name: str, **columns: Any) -> int | None:
    """Size of the pages in which Datasette gives those rows as JSON, None when they all fit in one."""
    most = int(datasette.setting("max_returned_rows"))
    return most if await view(datasette, name, limit=1, offset=most, **columns) else None


async def canned(datasette: Datasette, name: str) -> Any:
    """The query of that name in metadata.yml (title, sql …), so that pages show exactly what is executed."""
    return await datasette.get_canned_query(DATABASE, name, None)


def whole(text: str | None, default: int = 1, most: int = 10_000) -> int | None:
    """The positive whole number that a visitor wrote, `default` when empty, None when it is not one."""
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 and 0 < int(text) <= most else None
