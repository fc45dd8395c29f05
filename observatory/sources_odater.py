"""Cleans the organisations of OpenDataFrance's observatory (ODATER): SIREN, territories, numbers of datasets."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl

SHEET = "Copie Organisations"
HEADER = (
    "siren",
    "nom",
    "type",
    "ref_area",
    "region",
    "departement",
    "jeux_plateforme",
    "jeux_datagouv",
    "url_plateforme",
    "url_datagouv",
    "latitude",
    "longitude",
)
# types of the source that are territories known by their SIREN, with their level
BY_SIREN = {"COM": "COM", "CC": "EPCI", "CA": "EPCI", "CU": "EPCI", "MET": "EPCI", "EPT": "EPCI"}


def organisations(source: Path, territories: Mapping[str, str]) -> list[tuple[str, ...]]:
    """One row an organisation, as in HEADER; `territories` maps « level SIREN » to a ref_area.

    Raises ValueError on a SIREN whose check digit is wrong.
    """
    return [_organisation(row, territories) for row in _sheet(source) if row["nom"]]


def territories_by_siren(codelist: Path) -> dict[str, str]:
    """« level SIREN » → ref_area for each territory of codelists/territories.csv that has a SIREN.

    Among several vintages of one SIREN the last of the file wins, which is the latest.
    """
    with codelist.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["siren"]]
    rows.sort(key=lambda row: row["valid_from"])
    return {f"{row['level']} {row['siren']}": row["ref_area"] for row in rows}


def _sheet(source: Path) -> Iterator[dict[str, Any]]:
    book = openpyxl.load_workbook(source, read_only=True, data_only=True)
    rows = book[SHEET].iter_rows(values_only=True)
    header = next(rows)
    for row in rows:
        yield {name: cell for name, cell in zip(header, row, strict=False) if name}
    book.close()


def _organisation(row: Mapping[str, Any], territories: Mapping[str, str]) -> tuple[str, ...]:
    siren = clean_siren(row["siren"])
    region, departement = region_of(row["regcode"]), departement_of(row["depcode"])
    own = {"REG": region, "DEP": departement}.get(row["type"])
    if own is None:
        own = territories.get(f"{BY_SIREN.get(row['type'])} {siren}", "")
    counts = (_count(row["nb-ptf"]), _count(row["nb-datagouv"]))
    urls = (str(row["url-ptf"] or "").strip(), str(row["url-datagouv"] or "").strip())
    place = (str(row["lat"] or ""), str(row["long"] or ""))
    return (siren, row["nom"], row["type"], own, region, departement, *counts, *urls, *place)


def clean_siren(cell: object) -> str:
    """Nine digits, whatever the cell: text with an invisible mark, or a number; ValueError when Luhn's sum fails."""
    text = str(int(cell)) if isinstance(cell, float) else str(cell)
    siren = re.sub(r"[^0-9]", "", text)
    if len(siren) != 9 or not luhn(siren):
        raise ValueError(f"SIREN {cell!r}")
    return siren


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn's formula, used by SIREN)."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def region_of(cell: str) -> str:
    """« ARA-84 » gives « REG-84 »; Pacific collectivités, which are no région, give nothing."""
    found = re.fullmatch(r"[A-Z]+-([0-9]{2})", cell)
    return f"REG-{found[1]}" if found else ""


def departement_of(cell: object) -> str:
    """« 69 », 9.0 or « 2A » give « DEP-69 », « DEP-09 », « DEP-2A »; Pacific collectivités give nothing."""
    code = str(int(cell)) if isinstance(cell, float) else str(cell)
    return "" if code.startswith("98") else f"DEP-{code.zfill(2)}"


def _count(cell: float | None) -> str:
    return "" if cell is None else str(int(cell))
