"""Give templates `identified()` and `meant()`: the territories that a visitor wrote by code, or nearly by name."""

from functools import partial
from typing import Any

from datasette.app import Datasette
from datasette.hookspecs import hookimpl
from jinja2 import Environment

from observatory import search

DATABASE = "donnees"


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Add both functions to the environment, so that the page 404 has them too."""
    env.globals["identified"] = partial(identified, datasette)
    env.globals["meant"] = partial(meant, datasette, {})


async def identified(datasette: Datasette, text: str) -> list[Any]:
    """Territories whose identifier, official code or SIREN is `text`, missing zeros and lower case forgiven."""
    text = text[: search.LONGEST].strip()
    siren = [text] if len(text) == 9 and text.isdigit() else []
    return await _cards(datasette, search.identifiers(text), siren)


async def meant(datasette: Datasette, names: dict[str, str], text: str) -> list[Any]:
    """Current territories whose name is nearly `text`, nearest first; `names` keeps those of the site, read once."""
    if not names:
        sql = "select ref_area, name from territories where valid_to is null order by population desc"
        found = await datasette.get_database(DATABASE).execute(sql)
        names.update(search.keys((row["ref_area"], row["name"]) for row in found.rows))
    near = search.nearest(text, names)
    return sorted(await _cards(datasette, near, []), key=lambda row: near.index(row["ref_area"]))


async def _cards(datasette: Datasette, areas: list[str], sirens: list[str]) -> list[Any]:
    if not areas and not sirens:
        return []
    marks = [",".join("?" * len(values)) for values in (areas, sirens)]
    sql = (
        f"select * from territory_card where ref_area in ({marks[0]}) or siren in ({marks[1]})"
        " order by current desc, population desc limit 20"
    )
    return list((await datasette.get_database(DATABASE).execute(sql, [*areas, *sirens])).rows)
