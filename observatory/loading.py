"""From a contributed table to rows of the database: as contributed, and as observations."""

from collections.abc import Iterable, Iterator
from typing import Any

from observatory.aggregation import Observation
from observatory.languages import kept
from observatory.model import Dataset, Framework
from observatory.territories import Territories

REF_AREA_FIELD = {
    "name": "ref_area",
    "type": "string",
    "title": "Territoire",
    "description": kept("Identifiant du territoire de la ligne : niveau et code. Ajouté à la construction."),
    "example": "COM-68224",
}


def territory_field(dataset: Dataset) -> dict[str, Any] | None:
    """The field of the schema that says which territory a row is about, or None for a register without one."""
    return next((f for f in dataset.schema["fields"] if "territory" in f), None)


def table_schema(dataset: Dataset) -> dict[str, Any]:
    """Table Schema of the dataset's own table: as contributed, led by `ref_area` where the file has bare codes."""
    fields = list(dataset.schema["fields"])
    names = {f["name"] for f in fields}
    if "ref_area" not in names and territory_field(dataset):
        fields = [REF_AREA_FIELD, *fields]
    keys = list(dataset.schema.get("foreignKeys", ()))
    if "ref_area" in {f["name"] for f in fields}:
        keys.append({"fields": ["ref_area"], "reference": {"resource": "territories", "fields": ["ref_area"]}})
    if "indicator" in names:
        keys.append({"fields": ["indicator"], "reference": {"resource": "indicators", "fields": ["code"]}})
    indexes = [["ref_area"]] if any("ref_area" in k["fields"] for k in keys) else []
    return {**dataset.schema, "fields": fields, "foreignKeys": keys, "indexes": indexes}


def resolved(dataset: Dataset, rows: Iterable[dict[str, Any]], territories: Territories) -> Iterator[dict[str, Any]]:
    """The rows with `ref_area` filled from the bare code that the schema says stands for a territory."""
    field = territory_field(dataset)
    for row in rows:
        if field and field["territory"] != "ref_area" and row[field["name"]] is not None:
            row = {**row, "ref_area": territories.resolve(row[field["name"]], field["territory"])}
        yield row


def observations(dataset: Dataset, rows: Iterable[dict[str, Any]], framework: Framework) -> Iterator[Observation]:
    """The observations that the rows of a long or wide dataset publish, values still to be computed from counts."""
    if dataset.form == "long":
        yield from _long(dataset, rows, framework)
    elif dataset.form == "wide":
        yield from _wide(dataset, rows)


def _long(dataset: Dataset, rows: Iterable[dict[str, Any]], framework: Framework) -> Iterator[Observation]:
    counts = {i.code for i in framework.indicators if i.published == "numerator"}
    for row in rows:
        published = row["obs_value"]
        count = row["indicator"] in counts
        yield Observation(
            ref_area=row["ref_area"],
            indicator=row["indicator"],
            time_period=row["time_period"],
            value=None if count or published is None else float(published),
            status=row.get("obs_status") or ("O" if published is None else "A"),
            numerator=_number(published if count else row.get("numerator")),
            denominator=_number(row.get("denominator")),
            coverage=1.0,
            dataset=dataset.name,
            cog=str(dataset.descriptor["cog"]),
        )


def _wide(dataset: Dataset, rows: Iterable[dict[str, Any]]) -> Iterator[Observation]:
    roles: dict[str, dict[str, str]] = {}
    for field in dataset.schema["fields"]:
        for feed in field.get("feeds", ()):
            roles.setdefault(feed["indicator"], {})[feed["as"]] = field["name"]
    period = next((f["name"] for f in dataset.schema["fields"] if f.get("period")), None)
    for row in rows:
        for indicator, names in roles.items():
            cells = {role: _number(row[name]) for role, name in names.items()}
            empty = all(cell is None for cell in cells.values())
            yield Observation(
                ref_area=row["ref_area"],
                indicator=indicator,
                time_period=str(row[period] if period else dataset.descriptor["time_period"]),
                value=cells.get("value"),
                status="O" if empty else "A",
                numerator=cells.get("numerator"),
                denominator=cells.get("denominator"),
                coverage=1.0,
                dataset=dataset.name,
                cog=str(dataset.descriptor["cog"]),
            )


def _number(cell: Any) -> float | None:
    return None if cell is None else float(cell)
