"""Registers of things (initiatives, labels, calls …): what their Table Schemas declare, and how their rows are linked.

A schema is that of such a register when it has the property `register`; its fields say by `relation` what they
name, and by `choices` what their values mean.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from observatory.model import Dataset
from observatory.yamlfiles import read_schema

SEPARATOR = "|"
TERRITORIES, DOMAINS, INDICATORS = "territories", "domains", "indicators"
# What a field may name beside the things of registers.
KNOWN = (TERRITORIES, DOMAINS, INDICATORS)
TABLES = ("registers", "relation_roles", "register_terms", "things", "relations")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Register:
    """A register as its Table Schema declares it."""

    name: str
    schema: Mapping[str, Any]

    @property
    def declared(self) -> Mapping[str, Any]:
        """Its property `register`: title of one thing, position, question, and the columns that hold what is common."""
        found: Mapping[str, Any] = self.schema["register"]
        return found

    @cached_property
    def relations(self) -> tuple[Mapping[str, Any], ...]:
        """The fields that name other things."""
        return tuple(field for field in self.schema["fields"] if "relation" in field)

    def column(self, what: str) -> str:
        """The column that holds `what` (summary, start, end, state); "" when it has none."""
        return str(self.declared.get(what, ""))


def of_schema(name: str, schema: Mapping[str, Any]) -> Register | None:
    """The register of that Table Schema, None when it declares none."""
    return Register(name, schema) if "register" in schema else None


def of_dataset(dataset: Dataset) -> Register | None:
    """The register that the dataset fills, None for a dataset of another kind."""
    return of_schema(dataset.name, dataset.schema) if dataset.form == "register" else None


def read_registers(root: Path) -> dict[str, Register]:
    """Every register that the schemas of the repository at `root` declare, by name, in the order of their position."""
    files = sorted((root / "schemas").glob("*.schema.json"))
    found = [one for path in files if (one := of_schema(path.name.partition(".")[0], read_schema(path)))]
    return {one.name: one for one in sorted(found, key=lambda one: one.declared["position"])}


def items(cell: object) -> list[str]:
    """What a cell of a relation names, each without the spaces around it."""
    return [text for part in str(cell or "").split(SEPARATOR) if (text := part.strip())]


def tables(filled: Sequence[tuple[Register, Sequence[Row]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of TABLES for registers and the rows of each, typed by their schema."""
    ordered = sorted(filled, key=lambda one: one[0].declared["position"])
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for register, rows in ordered:
        declared = register.declared
        found["registers"].append(
            {
                "register": register.name,
                "title": register.schema["title"],
                "thing_title": declared["one"],
                "description": register.schema["description"],
                "question": declared["question"],
                "position": declared["position"],
                "things": len(rows),
            }
        )
        found["relation_roles"] += _roles(register)
        found["register_terms"] += _terms(register)
        found["things"] += (_thing(register, row) for row in rows)
        found["relations"] += _relations(register, rows)
    return found


def _roles(register: Register) -> Iterator[dict[str, Any]]:
    for position, field in enumerate(register.relations, start=1):
        yield {
            "register": register.name,
            "role": field["name"],
            "title": field["title"],
            "inverse": field["inverse"],
            "target": None if "of" in field else field["relation"],
            "position": position,
        }


def _terms(register: Register) -> Iterator[dict[str, Any]]:
    for field in register.schema["fields"]:
        for position, choice in enumerate(field.get("choices", ()), start=1):
            yield {"register": register.name, "column": field["name"], **choice, "position": position}


def _thing(register: Register, row: Row) -> dict[str, Any]:
    start, end = row.get(register.column("start")), row.get(register.column("end"))
    return {
        "register": register.name,
        "id": row["id"],
        "title": row["titre"],
        "summary": row.get(register.column("summary")),
        "state": row.get(register.column("state")),
        "start_date": start,
        "end_date": end,
        "year": str(start or end or "")[:4] or None,
        "grade": row.get("preuve"),
        "source": row.get("source"),
        "source_url": row.get("source_url"),
    }


def _relations(register: Register, rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    for row in rows:
        for field in register.relations:
            # Another column may name the register of what each row is about.
            target = row[field["of"]] if "of" in field else field["relation"]
            for position, item in enumerate(items(row.get(field["name"])), start=1):
                yield {
                    "register": register.name,
                    "id": row["id"],
                    "role": field["name"],
                    "position": position,
                    "target": target,
                    "target_id": item,
                }
