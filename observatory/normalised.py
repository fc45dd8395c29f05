"""The wide table `normalised_values`: one row a territory, one column an indicator, so that SQL can weigh them anew."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlite_utils import Database

from observatory.model import Framework

TABLE = "normalised_values"
# Categories without any index have nothing to weigh: their rows (35,000 communes) would be empty but for two cells.
ROWS = """
select r.edition, r.ref_area, r.peer_group, r.indicator, r.score
from scores x
join recalculated_indicators r on r.edition = x.edition and r.ref_area = x.ref_area
where x.node = 'index' and x.peer_group in (select peer_group from scores where node = 'index' and score is not null)
order by r.edition, r.ref_area
"""


def column(code: str) -> str:
    """Name of an indicator's column, in this table and in queries: « couverture-fibre » is couverture_fibre."""
    return code.replace("-", "_")


def table_schema(keys: Mapping[str, Any], framework: Framework) -> dict[str, Any]:
    """The Table Schema `keys` of the first columns, completed by one column for each scored indicator."""
    fields = list(keys["fields"])
    for indicator in framework.scored:
        title = indicator.details.get("short_title", indicator.code)
        fields.append(
            {
                "name": column(indicator.code),
                "type": "number",
                "title": title,
                "description": f"« {title} » placé entre ses bornes, de 0 à 100, sans arrondi ; vide : sans valeur.",
                "example": "71.25",
            }
        )
    return {**keys, "fields": fields}


def rows(db: Database) -> Iterator[dict[str, Any]]:
    """Rows of the table, pivoted from the view that places each value between its goalposts."""
    row: dict[str, Any] = {}
    for edition, ref_area, peer_group, indicator, score in db.execute(ROWS):
        if (row.get("edition"), row.get("ref_area")) != (edition, ref_area):
            if row:
                yield row
            row = {"edition": edition, "ref_area": ref_area, "peer_group": peer_group}
        row[column(indicator)] = score
    if row:
        yield row
